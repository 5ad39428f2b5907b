/* SPDX-License-Identifier: MIT
 * A sample is the members of a tar archive that follow each other and whose paths agree up to the
 * first dot of the file name.  Only headers and classes are read here. */
#include "config.h"
#include "src/dataset/formats/tar_index.h"
#include "src/dataset/notes.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What is known of a sample while its members are read. */
struct tar_sample {
	char key[PLAIT__TAR_NAME];  /* the path up to the first dot of the file name */
	char name[PLAIT__TAR_NAME]; /* of the image; "": none yet */
	struct plait__tar_image image;
	int64_t label; /* -1: none yet */
};

static int make_room(struct plait_dataset *dataset, struct plait__archives *a)
{
	const char *spec = dataset->info.spec;
	int64_t needed = dataset->info.samples + 1;
	int status = plait__dataset_grow(&a->image, &a->image_room, needed, sizeof *a->image, spec);

	return status < 0 ? status
			  : plait__dataset_grow(&dataset->labels, &a->label_room, needed,
						sizeof *dataset->labels, spec);
}

/* Adds the sample whose members were all read.  Members that are neither an image nor a class
 * make no sample. */
static int finish(struct plait_dataset *dataset, struct tar_sample *sample)
{
	struct plait__archives *a = dataset->state;
	const char *path = a->tar[sample->image.archive].path;
	char text[2 * PLAIT__TAR_NAME];
	int status;

	if (!*sample->name && sample->label < 0)
		return 0;
	if (!*sample->name || sample->label < 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: sample %s has %s: expected %s.jpg (.jpeg, .png) beside "
				    "%s.cls",
				    path, sample->key,
				    *sample->name ? "no class" : "a class but no image",
				    sample->key, sample->key);
	status = make_room(dataset, a);
	if (status < 0)
		return status;
	snprintf(text, sizeof text, "%s:%s", path, sample->name);
	status = plait__texts_add(&a->member, text, dataset->info.spec);
	if (status < 0)
		return status;
	PLAIT__ASSERT(sample->label <= PLAIT__MAX_LABEL, "a label that was read is in its range");
	PLAIT__ASSERT(a->member.count == dataset->info.samples + 1, "every sample has a name");
	a->image[dataset->info.samples] = sample->image;
	((int32_t *)dataset->labels)[dataset->info.samples++] = (int32_t)sample->label;
	sample->label = -1;
	*sample->name = '\0';
	return 0;
}

/* Reads a class: a decimal number, which white space may follow. */
static int read_class(const struct plait__tar_walk *walk, struct tar_sample *sample)
{
	char text[32] = { 0 }, *end;
	size_t size = walk->size < 31 ? (size_t)walk->size : 31;
	int status = plait__tar_pread(walk->tar, walk->offset, text, size);

	if (status < 0)
		return status;
	sample->label = strtol(text, &end, 10);
	end += strspn(end, " \t\r\n");
	if (!isdigit((unsigned char)*text) || *end || (size_t)(end - text) != size ||
	    walk->size > 31)
		return plait__error(PLAIT_EFORMAT,
				    "%s:%s: offset %" PRId64
				    ": expected a class as a decimal number, found \"%.*s\"",
				    walk->tar->path, walk->name, walk->offset,
				    (int)strcspn(text, "\r\n"), text);
	if (sample->label > PLAIT__MAX_LABEL)
		return plait__error(
			PLAIT_ELABEL, "%s:%s: offset %" PRId64 ": label is %s, must be 0 to %d",
			walk->tar->path, walk->name, walk->offset, text, PLAIT__MAX_LABEL);
	return 0;
}

static int twice(const struct plait__tar_walk *walk, const struct tar_sample *sample,
		 const char *what)
{
	return plait__error(PLAIT_EFORMAT, "%s: offset %" PRId64 ": sample %s has a second %s, %s",
			    walk->tar->path, walk->offset, sample->key, what, walk->name);
}

static int leave_out(struct plait_dataset *dataset, const struct plait__tar_walk *walk,
		     const char *one, const char *many)
{
	char text[2 * PLAIT__TAR_NAME];

	snprintf(text, sizeof text, "%s:%s", walk->tar->path, walk->name);
	return plait__dataset_leave_out(dataset, one, many, text);
}

/* Counts a member that is neither an image nor a class, or whose key is not clear: in "1.5.png" the
 * first dot ends the key, by the rule of WebDataset. */
static int leave_kind(struct plait_dataset *dataset, const struct plait__tar_walk *walk,
		      const char *kind)
{
	const char *last = strrchr(kind, '.');

	if (last && (plait__is_image_name(last) || strcasecmp(last, ".cls") == 0))
		return leave_out(dataset, walk, "image or class with a dot in its name",
				 "images or classes with a dot in their names");
	if (!*kind)
		return leave_out(dataset, walk, "member without an ending",
				 "members without an ending");
	return leave_out(dataset, walk, last ? last : kind - 1, last ? last : kind - 1);
}

static int take_member(struct plait_dataset *dataset, const struct plait__tar_walk *walk,
		       struct tar_sample *sample)
{
	const char *slash = strrchr(walk->name, '/');
	const char *base = slash ? slash + 1 : walk->name, *dot = strchr(base, '.');
	size_t length = dot ? (size_t)(dot - walk->name) : strlen(walk->name);
	const char *kind = dot ? dot + 1 : "";
	int status = 0;

	if (walk->special)
		return leave_out(dataset, walk, "link or device", "links or devices");
	if (dot == base)
		return leave_out(dataset, walk, "hidden member", "hidden members");
	if (strlen(sample->key) != length || memcmp(sample->key, walk->name, length) != 0) {
		status = finish(dataset, sample);
		if (status < 0)
			return status;
		PLAIT__ASSERT(length < sizeof sample->key, "a key is part of a name");
		memcpy(sample->key, walk->name, length);
		sample->key[length] = '\0';
	}
	if (strcasecmp(kind, "cls") == 0)
		return sample->label < 0 ? read_class(walk, sample) : twice(walk, sample, "class");
	if (strchr(kind, '.') || !dot || !plait__is_image_name(dot))
		return leave_kind(dataset, walk, kind);
	if (*sample->name)
		return twice(walk, sample, "image");
	strcpy(sample->name, walk->name);
	sample->image.offset = walk->offset;
	sample->image.size = walk->size;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* PLAIT_EFORMAT if an image from sample `from` on has the name of another: tar -r appends a newer
 * file, and the older one would remain a sample. */
static int check_once(const struct plait_dataset *dataset, int64_t from)
{
	const struct plait__archives *a = dataset->state;
	int64_t count = dataset->info.samples - from, i;
	const char **name;

	if (count < 2)
		return 0;
	name = plait__data_allocate(NULL, count, sizeof *name, dataset->info.spec);
	if (!name)
		return PLAIT_ENOMEM;
	for (i = 0; i < count; i++)
		name[i] = a->member.pool + a->member.item[from + i].offset;
	qsort(name, (size_t)count, sizeof *name, compare_names);
	for (i = 1; i < count && strcmp(name[i - 1], name[i]) != 0; i++)
		;
	if (i < count)
		plait__error(PLAIT_EFORMAT,
			     "%s: expected a member once, found it twice (tar -r appends a second "
			     "one)",
			     name[i]);
	free(name);
	return i < count ? PLAIT_EFORMAT : 0;
}

/* Ends an archive that another follows in the same file: names may recur there. */
static int end_part(struct plait_dataset *dataset, struct tar_sample *sample, int64_t *from)
{
	int status = 0;

	if (*sample->name && sample->label >= 0)
		status = finish(dataset, sample);
	if (status == 0)
		status = check_once(dataset, *from);
	*from = dataset->info.samples;
	return status;
}

static int add_all(struct plait_dataset *dataset, struct plait__tar_walk *walk,
		   struct tar_sample *sample)
{
	int64_t from = dataset->info.samples;
	int status, parts = 0;

	while ((status = plait__tar_next(walk)) == 0) {
		if (walk->parts != parts)
			status = end_part(dataset, sample, &from);
		parts = walk->parts;
		if (status == 0)
			status = take_member(dataset, walk, sample);
		if (status < 0)
			return status;
	}
	if (status == PLAIT_END && walk->endless)
		status = plait__dataset_note(dataset, PLAIT_NOTE_LOSS,
					     "%s has no zeros at its end: it may be truncated",
					     walk->tar->path);
	if (status >= 0)
		status = finish(dataset, sample);
	return status < 0 ? status : check_once(dataset, from);
}

int plait__tar_index(struct plait_dataset *dataset, int archive)
{
	const struct plait__archives *a = dataset->state;
	struct plait__tar_walk *walk = plait__calloc(1, sizeof *walk, "a tar archive");
	struct tar_sample *sample = plait__calloc(1, sizeof *sample, "a tar archive");
	int status = PLAIT_ENOMEM;

	if (walk && sample) {
		walk->tar = &a->tar[archive];
		sample->label = -1;
		sample->image.archive = archive;
		status = add_all(dataset, walk, sample);
	}
	free(walk);
	free(sample);
	return status;
}
