/* SPDX-License-Identifier: MIT
 * WebDataset shards: a sample is the neighbouring members of a tar archive whose paths agree
 * up to the first dot of the file name; the rest says what a member is.  Here that is an
 * image (.jpg, .jpeg, .png) and its class (.cls, a decimal number).  Opening reads headers
 * and classes only; images are read where they lie. */
#include "config.h"
#include "src/dataset/formats/tar_walk.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

struct place {
	int64_t offset, size;
	int32_t shard;
};

struct shards {
	char *list; /* the specification, cut into paths */
	struct plait__tar *tar;
	int count;
	struct place *place;        /* [samples] */
	struct plait__texts member; /* [samples] "path:name", for messages */
	int64_t room;
};

/* The sample that the walk is in. */
struct sample {
	char key[PLAIT__TAR_NAME];
	char image[PLAIT__TAR_NAME]; /* "" : none yet */
	struct place place;
	int64_t label; /* -1: none yet */
};

static const char *path_of(const struct plait_dataset *dataset, int64_t index)
{
	const struct shards *s = dataset->state;

	return s->member.item[index].text;
}

static int stored(const struct plait_dataset *dataset, int64_t index, struct plait__buffer *memory,
		  struct plait__stored *stored)
{
	const struct shards *s = dataset->state;
	const struct place *place = &s->place[index];
	const struct plait__tar *tar = &s->tar[place->shard];
	int64_t size;
	int fd = tar->fd, status = 0;

	*stored = (struct plait__stored){ .path = path_of(dataset, index),
					  .label = dataset->labels[index],
					  .offset = place->offset };
	PLAIT__ASSERT(place->offset >= 0 && place->size <= tar->size - place->offset,
		      "an image lies in its archive");
	if (tar->bytes) {
		stored->bytes = tar->bytes + place->offset;
		stored->size = (size_t)place->size;
		return plait__stored_check_bytes(stored->path, place->size);
	}
	if (fd < 0)
		status = plait__stored_open(tar->path, &fd, &size);
	if (status < 0)
		return status;
	status = plait__stored_fetch(fd, place->size, memory, stored);
	if (fd != tar->fd)
		close(fd);
	return status;
}

static void digest(const struct plait_dataset *dataset, struct plait__hash *hash)
{
	const struct shards *s = dataset->state;

	for (int64_t i = 0; i < dataset->info.samples; i++) {
		const struct place *place = &s->place[i];
		const char *name = s->member.item[i].text + strlen(s->tar[place->shard].path) + 1;

		plait__hash_add(hash, name, strlen(name) + 1);
		plait__hash_add(hash, &place->offset, sizeof place->offset);
		plait__hash_add(hash, &place->size, sizeof place->size);
	}
}

static void destroy(struct plait_dataset *dataset)
{
	struct shards *s = dataset->state;

	for (int i = 0; s && i < s->count; i++) {
		if (s->tar[i].fd >= 0)
			close(s->tar[i].fd);
		free(s->tar[i].bytes);
	}
	if (s) {
		free(s->list);
		free(s->tar);
		free(s->place);
		plait__texts_free(&s->member);
	}
	free(s);
	free((void *)dataset->labels);
}

static int make_room(struct plait_dataset *dataset, struct shards *s)
{
	int64_t room = s->room ? 2 * s->room : 256;
	void *place, *labels;

	if (dataset->info.samples < s->room)
		return 0;
	place = plait__data_allocate(s->place, room, sizeof *s->place, dataset->info.spec);
	s->place = place ? place : s->place;
	labels = plait__data_allocate((void *)dataset->labels, room, sizeof *dataset->labels,
				      dataset->info.spec);
	dataset->labels = labels ? labels : dataset->labels;
	if (!place || !labels)
		return PLAIT_ENOMEM;
	s->room = room;
	return 0;
}

/* Adds the sample that ends here, if it is one: members that are neither image nor class
 * are nothing to us. */
static int finish(struct plait_dataset *dataset, struct sample *sample)
{
	struct shards *s = dataset->state;
	const char *path = s->tar[sample->place.shard].path;
	char text[2 * PLAIT__TAR_NAME];
	int status;

	if (!*sample->image && sample->label < 0)
		return 0;
	if (!*sample->image || sample->label < 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: sample %s has %s: expected %s.jpg (.jpeg, .png) beside "
				    "%s.cls",
				    path, sample->key,
				    *sample->image ? "no class" : "a class but no image",
				    sample->key, sample->key);
	status = make_room(dataset, s);
	if (status < 0)
		return status;
	snprintf(text, sizeof text, "%s:%s", path, sample->image);
	status = plait__texts_add(&s->member, text, dataset->info.spec);
	if (status < 0)
		return status;
	PLAIT__ASSERT(sample->label <= PLAIT__MAX_LABEL, "a label that was read is in its range");
	PLAIT__ASSERT(s->member.count == dataset->info.samples + 1, "every sample has a name");
	s->place[dataset->info.samples] = sample->place;
	((int32_t *)dataset->labels)[dataset->info.samples++] = (int32_t)sample->label;
	sample->label = -1;
	*sample->image = '\0';
	return 0;
}

/* A decimal number and white space. */
static int read_class(const struct plait__tar_walk *walk, struct sample *sample)
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

static int twice(const struct plait__tar_walk *walk, const struct sample *sample, const char *what)
{
	return plait__error(PLAIT_EFORMAT, "%s: offset %" PRId64 ": sample %s has a second %s, %s",
			    walk->tar->path, walk->offset, sample->key, what, walk->name);
}

static int take_member(struct plait_dataset *dataset, const struct plait__tar_walk *walk,
		       struct sample *sample)
{
	const char *slash = strrchr(walk->name, '/');
	const char *base = slash ? slash + 1 : walk->name, *dot = strchr(base, '.');
	size_t length = dot ? (size_t)(dot - walk->name) : strlen(walk->name);
	const char *kind = dot ? dot + 1 : "";
	int status = 0;

	if (dot == base) /* a hidden file */
		return 0;
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
		return 0;
	if (*sample->image)
		return twice(walk, sample, "image");
	strcpy(sample->image, walk->name);
	sample->place.offset = walk->offset;
	sample->place.size = walk->size;
	return 0;
}

static int index_shard(struct plait_dataset *dataset, int shard, struct plait__tar_walk *walk,
		       struct sample *sample)
{
	struct shards *s = dataset->state;
	int status;

	walk->tar = &s->tar[shard];
	walk->at = 0;
	*sample->key = *sample->image = '\0';
	sample->label = -1;
	sample->place.shard = shard;
	while ((status = plait__tar_next(walk)) == 0) {
		status = take_member(dataset, walk, sample);
		if (status < 0)
			return status;
	}
	return status < 0 ? status : finish(dataset, sample);
}

/* Memory that all decompressed archives may take: a quarter of the machine's. */
static int64_t memory_limit(void)
{
	int64_t bytes;

	return __builtin_mul_overflow((int64_t)sysconf(_SC_PHYS_PAGES),
				      (int64_t)sysconf(_SC_PAGESIZE), &bytes)
		       ? INT64_MAX
		       : bytes / 4;
}

/* Shards that may stay open, so that reading a sample is one call: a quarter of the files
 * that the process may have. */
static int open_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur / 4 < 1024
		       ? (int)(limit.rlim_cur / 4)
		       : 1024;
}

static int read_shards(struct plait_dataset *dataset, struct shards *s)
{
	struct plait__tar_walk *walk = plait__calloc(1, sizeof *walk, "a tar archive");
	struct sample *sample = plait__calloc(1, sizeof *sample, "a tar archive");
	int64_t memory = memory_limit();
	int open = open_limit(), status = walk && sample ? 0 : PLAIT_ENOMEM;

	for (int i = 0; status == 0 && i < s->count; i++) {
		struct plait__tar *tar = &s->tar[i];

		status = plait__stored_open(tar->path, &tar->fd, &tar->size);
		if (status == 0)
			status = plait__tar_unpack(tar, memory);
		if (status == 0)
			status = index_shard(dataset, i, walk, sample);
		if (tar->bytes)
			memory -= tar->size;
		PLAIT__ASSERT(memory >= 0, "archives take no more memory than they may");
		if (tar->fd >= 0 && (tar->bytes || i >= open)) {
			close(tar->fd);
			tar->fd = -1;
		}
	}
	free(walk);
	free(sample);
	return status;
}

/* Cuts the list at its commas. */
static int split(struct shards *s, const char *rest)
{
	char *path;

	s->list = plait__strdup(rest);
	if (!s->list)
		return PLAIT_ENOMEM;
	s->count = 1;
	for (path = s->list; *path; path++)
		s->count += *path == ',';
	s->tar = plait__calloc((size_t)s->count, sizeof *s->tar, rest);
	if (!s->tar) {
		s->count = 0;
		return PLAIT_ENOMEM;
	}
	path = s->list;
	for (int i = 0; i < s->count; i++) {
		s->tar[i] = (struct plait__tar){ .path = path, .fd = -1 };
		path += strcspn(path, ",");
		if (path == s->tar[i].path)
			return plait__error(PLAIT_EINVAL,
					    "expected tar:FILE[,FILE...], found \"%s\"", rest);
		*path++ = '\0';
	}
	return 0;
}

int plait__dataset_open_tar(struct plait_dataset *dataset, const char *rest)
{
	struct plait_dataset_info *info = &dataset->info;
	struct shards *s = plait__calloc(1, sizeof *s, "tar archives");
	int status;

	dataset->state = s;
	dataset->destroy = destroy;
	dataset->fetch = stored;
	dataset->path = path_of;
	dataset->digest = digest;
	status = s ? split(s, rest) : PLAIT_ENOMEM;
	if (status == 0)
		status = read_shards(dataset, s);
	if (status < 0)
		return status;
	if (info->samples == 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected images (.jpg, .jpeg, .png), each with a .cls, "
				    "found none in %d archives",
				    s->tar[0].path, s->count);
	plait__texts_point(&s->member);
	status = plait__dataset_check_labels(info->spec, info->samples, dataset->labels,
					     &info->classes);
	return status < 0 ? status : plait__dataset_look(dataset);
}
