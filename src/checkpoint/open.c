/* SPDX-License-Identifier: MIT
 * Safetensors in: 8 bytes of header length (little-endian), the header, the data, which the
 * tensors fill without gap or overlap.  All of that is checked: files come from anywhere. */
#include "config.h"
#include "src/checkpoint/checkpoint.h"
#include "src/base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The reference implementation's limit. */
#define LONGEST_HEADER 100000000

/* Data is used in place if it is float32 and aligned. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors are little-endian");

/* Adds what the message means where not even a header is found, as in a text or an archive. */
static int no_header(int status)
{
	char why[600];

	if (status != PLAIT_EFORMAT)
		return status;
	snprintf(why, sizeof why, "%s", plait_error_message());
	return plait__error(status, "%s: this is no safetensors file, or a damaged one", why);
}

static int read_header(struct plait_checkpoint *c, struct plait__file *file)
{
	unsigned char bytes[8];
	uint64_t length = 0;
	int64_t most;
	int status = plait__file_read_all(file, bytes, sizeof bytes, "header length");

	if (status < 0)
		return no_header(status);
	for (int i = 7; i >= 0; i--)
		length = length << 8 | bytes[i];
	most = plait__file_most(file);
	if (length < 2 || length > LONGEST_HEADER || (int64_t)length > most)
		return no_header(plait__error(
			PLAIT_EFORMAT,
			"%s: offset 0: expected a header length from 2 to %" PRId64
			", found %" PRIu64,
			c->path, most < LONGEST_HEADER ? most : LONGEST_HEADER, length));
	c->header = plait__data_allocate(NULL, (int64_t)length + 1, 1, c->path);
	if (!c->header)
		return PLAIT_ENOMEM;
	c->header[length] = '\0';
	status = plait__file_read_all(file, c->header, length, "a header");
	if (status < 0)
		return status;
	status = plait__checkpoint_parse(c, length);
	return *c->header == '{' ? status : no_header(status);
}

static int check_size(const struct plait_checkpoint *c, int i)
{
	const struct plait_tensor *tensor = &c->tensor[i];
	const struct plait__entry *entry = &c->entry[i];
	int64_t bits = plait_shape_elements(tensor->ndim, tensor->dim);
	char shape[128];

	if (bits < 0 || __builtin_mul_overflow(bits, entry->dtype->bits, &bits) || bits % 8 != 0)
		bits = -8;
	if (entry->begin <= entry->end && bits / 8 == entry->end - entry->begin)
		return 0;
	plait_shape_text(tensor->ndim, tensor->dim, shape, sizeof shape);
	return plait__error(PLAIT_EFORMAT,
			    "%s: tensor \"%s\": expected data_offsets as far apart as %s of %s "
			    "needs, found [%" PRId64 ",%" PRId64 "]",
			    c->path, tensor->name, shape, entry->dtype->name, entry->begin,
			    entry->end);
}

static int compare_entries(const void *a, const void *b)
{
	const struct plait__entry *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* The tensors' data, one after another, must be all data there are. */
static int check_cover(const struct plait_checkpoint *c)
{
	struct plait__entry *sorted = plait__data_allocate(NULL, c->count, sizeof *sorted, c->path);
	int64_t end = 0;
	int status = 0;

	if (!sorted)
		return PLAIT_ENOMEM;
	if (c->count > 0)
		memcpy(sorted, c->entry, (size_t)c->count * sizeof *sorted);
	qsort(sorted, (size_t)c->count, sizeof *sorted, compare_entries);
	for (int i = 0; status == 0 && i < c->count; i++) {
		if (sorted[i].begin != end)
			status = plait__error(
				PLAIT_EFORMAT,
				"%s: expected the data of a tensor to begin at %" PRId64
				", where others end, found %" PRId64,
				c->path, end, sorted[i].begin);
		end = sorted[i].end;
	}
	free(sorted);
	if (status == 0 && end != c->data_bytes)
		status = plait__error(PLAIT_EFORMAT,
				      "%s: expected %" PRId64
				      " bytes of data as the header says, found %" PRId64,
				      c->path, end, c->data_bytes);
	return status;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(const struct plait_tensor *const *)a)->name,
		      (*(const struct plait_tensor *const *)b)->name);
}

/* For plait_checkpoint_find. */
static int sort_names(struct plait_checkpoint *c)
{
	c->by_name = plait__data_allocate(NULL, c->count, sizeof *c->by_name, c->path);
	if (!c->by_name)
		return PLAIT_ENOMEM;
	for (int i = 0; i < c->count; i++)
		c->by_name[i] = &c->tensor[i];
	qsort(c->by_name, (size_t)c->count, sizeof *c->by_name, compare_names);
	return 0;
}

static int check_tensors(const struct plait_checkpoint *c)
{
	const char **name = plait__data_allocate(NULL, c->count, sizeof *name, c->path);
	int status = name ? 0 : PLAIT_ENOMEM;

	for (int i = 0; status == 0 && i < c->count; i++) {
		name[i] = c->tensor[i].name;
		status = check_size(c, i);
	}
	if (status == 0)
		status = plait__names_twice(c->path, c->count, name, PLAIT_EFORMAT);
	free(name);
	return status < 0 ? status : check_cover(c);
}

/* Values of a dtype that Plait reads as it is, where they lie or a copy that is aligned. */
static int take_as_is(struct plait_checkpoint *c, int i, const char *from)
{
	struct plait_tensor *tensor = &c->tensor[i];
	size_t size = plait_dtype_size(tensor->dtype);
	int64_t count = plait_shape_elements(tensor->ndim, tensor->dim);

	tensor->data = (void *)(uintptr_t)from;
	if ((uintptr_t)from % size == 0)
		return 0;
	tensor->data = c->converted[i] = plait__data_allocate(NULL, count, size, c->path);
	if (!tensor->data)
		return PLAIT_ENOMEM;
	memcpy(tensor->data, from, (size_t)count * size);
	return 0;
}

/* Points a tensor to its values, those of floats as float32. */
static int take_values(struct plait_checkpoint *c, int i)
{
	struct plait_tensor *tensor = &c->tensor[i];
	const struct plait__stored_dtype *dtype = c->entry[i].dtype;
	const char *from = c->data + c->entry[i].begin;
	int64_t count = plait_shape_elements(tensor->ndim, tensor->dim);

	PLAIT__ASSERT(c->entry[i].begin <= c->entry[i].end && c->entry[i].end <= c->data_bytes,
		      "the data of a checked tensor lie in the file's");
	tensor->dtype = dtype->dtype;
	if (tensor->dtype != PLAIT_F32 && tensor->dtype != PLAIT_I64)
		return 0;
	PLAIT__ASSERT(!c->converted[i], "a tensor is converted once");
	if (tensor->dtype == PLAIT_I64 || plait__number_is_native_float(dtype->number))
		return take_as_is(c, i, from);
	tensor->data = c->converted[i] = plait__data_allocate(NULL, count, sizeof(float), c->path);
	if (!tensor->data)
		return PLAIT_ENOMEM;
	plait__number_to_float(dtype->number, from, count, tensor->data);
	return 0;
}

static int read_checkpoint(struct plait_checkpoint *c, struct plait__file *file)
{
	int status = read_header(c, file);

	if (status < 0)
		return status;
	c->data_bytes = plait__file_most(file);
	status = check_tensors(c);
	if (status == 0)
		status = sort_names(c);
	if (status < 0)
		return status;
	c->data = plait__data_allocate(NULL, c->data_bytes, 1, c->path);
	c->converted = plait__calloc((size_t)c->count, sizeof *c->converted, c->path);
	if (!c->data || !c->converted)
		return PLAIT_ENOMEM;
	status = plait__file_read_all(file, c->data, (size_t)c->data_bytes, "data");
	if (status == 0)
		status = plait__file_expect_end(file);
	for (int i = 0; status == 0 && i < c->count; i++)
		status = take_values(c, i);
	return status;
}

int plait_checkpoint_open(struct plait_checkpoint **checkpoint_p, const char *path)
{
	struct plait_checkpoint *c;
	struct plait__file *file = NULL;
	int status = PLAIT_ENOMEM;

	if (!checkpoint_p || !path)
		return plait__error(PLAIT_EINVAL,
				    "plait_checkpoint_open: checkpoint_p or path is NULL");
	c = plait__calloc(1, sizeof *c, path);
	if (!c)
		return status;
	c->path = plait__strdup(path);
	if (c->path)
		status = plait__file_open(&file, path, false);
	if (status == 0)
		status = read_checkpoint(c, file);
	plait__file_close(file);
	if (status < 0) {
		plait_checkpoint_destroy(c);
		return status;
	}
	*checkpoint_p = c;
	return 0;
}

void plait_checkpoint_destroy(struct plait_checkpoint *checkpoint)
{
	if (!checkpoint)
		return;
	for (int i = 0; checkpoint->converted && i < checkpoint->count; i++)
		free(checkpoint->converted[i]);
	free(checkpoint->converted);
	free(checkpoint->metadata);
	free(checkpoint->by_name);
	free(checkpoint->entry);
	free(checkpoint->tensor);
	free(checkpoint->data);
	free(checkpoint->header);
	free(checkpoint->path);
	free(checkpoint);
}

int plait_checkpoint_count(const struct plait_checkpoint *checkpoint)
{
	return checkpoint ? checkpoint->count : 0;
}

const struct plait_tensor *plait_checkpoint_tensor(const struct plait_checkpoint *checkpoint, int i)
{
	return i >= 0 && i < plait_checkpoint_count(checkpoint) ? &checkpoint->tensor[i] : NULL;
}

const struct plait_tensor *plait_checkpoint_find(const struct plait_checkpoint *checkpoint,
						 const char *name)
{
	const struct plait_tensor key = { .name = name }, *wanted = &key, **found = NULL;

	if (name && plait_checkpoint_count(checkpoint) > 0)
		found = bsearch(&wanted, checkpoint->by_name, (size_t)checkpoint->count,
				sizeof *checkpoint->by_name, compare_names);
	return found ? *found : NULL;
}

const char *plait_checkpoint_metadata(const struct plait_checkpoint *checkpoint, const char *key)
{
	for (int i = 0; checkpoint && key && i < checkpoint->texts; i++)
		if (strcmp(checkpoint->metadata[i].key, key) == 0)
			return checkpoint->metadata[i].value;
	return NULL;
}

const struct plait_metadata *plait_checkpoint_metadata_at(const struct plait_checkpoint *checkpoint,
							  int i)
{
	return checkpoint && i >= 0 && i < checkpoint->texts ? &checkpoint->metadata[i] : NULL;
}
