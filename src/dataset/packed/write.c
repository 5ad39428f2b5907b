/* SPDX-License-Identifier: MIT
 * Writing a packed file.  The number of samples decides where each part begins, so that all parts
 * grow at once, each through a buffer of its own, and memory does not grow with the data. */
#include "config.h"
#include "src/dataset/packed/packed.h"
#include "src/base/crc32c.h"
#include "src/dataset/stored.h"
#include "src/base/replace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream {
	int64_t at;   /* offset in the file of the buffer's first byte */
	size_t used;  /* bytes of the buffer that are to be written */
	uint32_t crc; /* of all bytes so far */
	unsigned char bytes[1 << 16];
};

struct writer {
	const struct plait_dataset *dataset;
	struct plait__replace file;
	struct plait__packed_header header;
	struct stream stream[PLAIT__PACKED_DATA + 1];
	struct plait__buffer memory; /* for a stored image */
	void *x;                     /* for a sample that is made by the data set */
	float *target;               /* of that sample */
	struct plait__packed_result *result;
};

/* A sample that is to be written, in the data set's memory or in the writer's. */
struct new_record {
	const void *bytes;
	size_t size;
	int32_t label;
	const float *target;
};

static int flush(const struct writer *w, struct stream *s)
{
	size_t used = s->used;

	PLAIT__ASSERT(used <= sizeof s->bytes, "what waits to be written lies in the buffer");
	s->used = 0;
	s->at += (int64_t)used;
	return plait__replace_write(&w->file, s->bytes, used, s->at - (int64_t)used);
}

static int put(struct writer *w, enum plait__packed_part part, const void *bytes, size_t size)
{
	struct stream *s = &w->stream[part];
	int status = 0;

	if (part != PLAIT__PACKED_DATA)
		s->crc = plait__crc32c(s->crc, bytes, size);
	if (size > sizeof s->bytes - s->used)
		status = flush(w, s);
	if (status < 0)
		return status;
	if (size > sizeof s->bytes) {
		s->at += (int64_t)size;
		return plait__replace_write(&w->file, bytes, size, s->at - (int64_t)size);
	}
	memcpy(s->bytes + s->used, bytes, size);
	s->used += size;
	return 0;
}

/* -- samples --------------------------------------------------------------------------------- */

/* Compares the size in the header of an image with that of the others.  An image whose header
 * cannot be read is counted as doubtful. */
static void judge(struct writer *w, const struct plait__stored *record)
{
	struct plait__packed_result *result = w->result;
	const int64_t *dim = w->header.info.dim;
	int width, height, channels;

	if (plait__image_size(record->bytes, record->size, &width, &height, &channels) == 0)
		w->header.varying |= height != dim[1] || width != dim[2];
	else if (result->doubtful++ == 0)
		snprintf(result->doubt, sizeof result->doubt, "%s: %s", record->path,
			 plait_error_message());
}

static int image(struct writer *w, int64_t index, struct new_record *sample)
{
	struct plait__stored record;
	int status = w->dataset->fetch(w->dataset, index, &w->memory, &record);

	if (status < 0)
		return status;
	if (record.kind != PLAIT__STORED_ENCODED || record.size < 1 || record.size > UINT32_MAX)
		return plait__error(PLAIT_EFORMAT,
				    "%s: sample %" PRId64 ": expected an image of 1 byte to 4 GiB, "
				    "found %s%zu bytes",
				    record.path, index,
				    record.kind != PLAIT__STORED_ENCODED ? "raw pixels, " : "",
				    record.size);
	judge(w, &record);
	*sample = (struct new_record){ record.bytes, record.size, record.label, NULL };
	return 0;
}

static int array(struct writer *w, int64_t index, struct new_record *sample)
{
	const struct plait_dataset *dataset = w->dataset;
	size_t size = (size_t)w->header.sample_bytes, targets = (size_t)dataset->info.targets;
	int status = 0;

	*sample = (struct new_record){ w->x, size, 0, w->target };
	if (dataset->x) {
		status = plait__dataset_bring(dataset, index, &(struct plait__stored){ 0 });
		sample->bytes = (const char *)dataset->x + (size_t)index * size;
		sample->label = dataset->labels ? dataset->labels[index] : 0;
	} else if (dataset->fetch) {
		status = plait__dataset_read_stored(dataset, index, w->x, &sample->label);
	} else {
		status = plait_dataset_read(dataset, index, 0, w->x, &sample->label, w->target);
	}
	if (dataset->targets)
		sample->target = dataset->targets + (size_t)index * targets;
	return status;
}

static int add(struct writer *w, int64_t index)
{
	const struct plait_dataset_info *info = &w->header.info;
	unsigned char entry[PLAIT__PACKED_ENTRY];
	struct new_record sample;
	int status = w->header.kind == PLAIT__PACKED_IMAGES ? image(w, index, &sample)
							    : array(w, index, &sample);

	if (status < 0)
		return status;
	if (info->classes && (sample.label < 0 || sample.label >= info->classes))
		return plait__error(PLAIT_ELABEL,
				    "%s: label %" PRId64 " is %" PRId32 ", must be 0 to %" PRId64,
				    w->dataset->info.spec, index, sample.label, info->classes - 1);
	plait__put_le(
		entry,
		(uint64_t)w->stream[PLAIT__PACKED_DATA].at + w->stream[PLAIT__PACKED_DATA].used, 8);
	plait__put_le(entry + 8, sample.size, 4);
	plait__put_le(entry + 12, plait__crc32c(0, sample.bytes, sample.size), 4);
	status = put(w, PLAIT__PACKED_INDEX, entry, sizeof entry);
	if (status == 0 && info->classes)
		status = put(w, PLAIT__PACKED_LABELS, &sample.label, sizeof sample.label);
	if (status == 0 && info->targets)
		status = put(w, PLAIT__PACKED_TARGETS, sample.target,
			     (size_t)info->targets * sizeof *sample.target);
	return status < 0 ? status : put(w, PLAIT__PACKED_DATA, sample.bytes, sample.size);
}

/* -- the file -------------------------------------------------------------------------------- */

/* Images are written as they are stored, unless raw is set. */
static int choose_kind(struct writer *w, bool raw)
{
	const struct plait_dataset *dataset = w->dataset;
	struct plait__stored record;
	int status;

	w->header.kind = PLAIT__PACKED_ARRAYS;
	if (dataset->fetch && !raw) {
		status = dataset->fetch(dataset, 0, &w->memory, &record);
		if (status < 0)
			return status;
		if (record.kind == PLAIT__STORED_ENCODED)
			w->header.kind = PLAIT__PACKED_IMAGES;
	}
	if (dataset->fetch && !dataset->targets && dataset->info.targets > 0)
		return plait__error(PLAIT_EINVAL, "%s: images with targets cannot be packed",
				    dataset->info.spec);
	if (w->header.kind == PLAIT__PACKED_ARRAYS && dataset->varying)
		return plait__error(PLAIT_ESHAPE,
				    "%s: images differ in size, so they cannot be packed decoded; "
				    "as they are, they can",
				    dataset->info.spec);
	return 0;
}

/* Makes the header with its texts; the checksums and the size of the file are not known yet. */
static int make_header(struct writer *w, bool raw, unsigned char **header_p)
{
	const struct plait_dataset_info *info = &w->dataset->info;
	struct plait__packed_header *h = &w->header;
	const char *version = plait_version();
	size_t names = plait__packed_names(info->class_names, info->classes, NULL);
	size_t features = plait__packed_names(info->feature_names, info->dim[0], NULL);
	size_t made = strlen(version) + strlen(info->spec) + 32;
	unsigned char *p;
	int status;

	if (names > INT32_MAX / 2 || features > INT32_MAX / 2 || made > INT32_MAX / 2)
		return plait__error(PLAIT_EINVAL, "%s: names of classes or features are too long",
				    info->spec);
	p = plait__calloc(1, PLAIT__PACKED_FIXED + names + features + made + 4, "a header");
	if (!p)
		return PLAIT_ENOMEM;
	*header_p = p;
	p += PLAIT__PACKED_FIXED;
	p += plait__packed_names(info->class_names, info->classes, (char *)p);
	p += plait__packed_names(info->feature_names, info->dim[0], (char *)p);
	made = 1 + (size_t)snprintf((char *)p, made, "plait %s pack --data %s%s", version,
				    info->spec, raw ? " --raw" : "");
	PLAIT__ASSERT(made <= strlen(version) + strlen(info->spec) + 32,
		      "the text on how the file was made has room");
	h->names_bytes = (uint32_t)names;
	h->features_bytes = (uint32_t)features;
	h->made_bytes = (uint32_t)made;
	h->info = *info;
	for (int i = info->ndim; i < PLAIT_MAX_DIMS; i++)
		h->info.dim[i] = 0;
	h->file_bytes = PLAIT__PACKED_LARGEST; /* not known yet */
	status = plait__packed_layout(w->file.path, h);
	for (int i = 0; i <= PLAIT__PACKED_DATA; i++)
		w->stream[i].at = h->section[i].offset;
	return status;
}

static int write_header(struct writer *w, unsigned char *header)
{
	struct plait__packed_header *h = &w->header;
	unsigned char *end = header + h->header_bytes - 4;

	h->file_bytes = w->stream[PLAIT__PACKED_DATA].at;
	for (int i = 0; i < PLAIT__PACKED_DATA; i++) {
		PLAIT__ASSERT(w->stream[i].at == h->section[i].offset + h->section[i].bytes,
			      "every part fills the place that the samples' number gave it");
		h->crc[i] = w->stream[i].crc;
	}
	plait__packed_format(h, header);
	plait__put_le(end, plait__crc32c(0, header, (size_t)h->header_bytes - 4), 4);
	return plait__replace_write(&w->file, header, (size_t)h->header_bytes, 0);
}

static int write_all(struct writer *w, const struct plait__packed_options *options)
{
	const struct plait_dataset_info *info = &w->dataset->info;
	unsigned char *header = NULL;
	int status = choose_kind(w, options->raw);

	if (status == 0)
		status = make_header(w, options->raw, &header);
	if (status == 0 && w->header.sample_bytes) {
		w->x = plait__data_allocate(NULL, w->header.sample_bytes, 1, info->spec);
		w->target =
			plait__data_allocate(NULL, info->targets, sizeof *w->target, info->spec);
		status = w->x && w->target ? 0 : PLAIT_ENOMEM;
	}
	for (int64_t i = 0; status == 0 && i < info->samples; i++) {
		status = add(w, i);
		if (status == 0 && options->progress &&
		    options->progress(options->user, i + 1, info->samples) != 0)
			status = plait__error(PLAIT_EINTERRUPTED,
					      "%s: interrupted at sample %" PRId64
					      ", nothing was written",
					      w->file.path, i + 1);
	}
	for (int i = 0; status == 0 && i <= PLAIT__PACKED_DATA; i++)
		status = flush(w, &w->stream[i]);
	if (status == 0)
		status = write_header(w, header);
	free(header);
	return status;
}

int plait__packed_write(const char *path, const struct plait_dataset *dataset,
			const struct plait__packed_options *options,
			struct plait__packed_result *result)
{
	struct writer *w = plait__calloc(1, sizeof *w, "buffers to write through");
	int status;

	if (!w)
		return PLAIT_ENOMEM;
	*result = (struct plait__packed_result){ 0 };
	w->dataset = dataset;
	w->result = result;
	status = plait__replace_begin(&w->file, path);
	if (status == 0)
		status = plait__replace_end(&w->file, write_all(w, options));
	result->kind = w->header.kind;
	result->varying = w->header.varying;
	result->bytes = w->header.file_bytes;
	plait__buffer_free(&w->memory);
	free(w->x);
	free(w->target);
	free(w);
	return status;
}
