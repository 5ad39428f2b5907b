/* SPDX-License-Identifier: MIT
 * Tar archives as WebDataset defines them: the members of a sample follow each other, and their
 * paths agree up to the first dot of the file name.  What follows that dot says what a member is:
 * an image (.jpg, .jpeg, .png) or its class (.cls, a decimal number).  Opening reads headers and
 * classes only; an image is read from the archive when its sample is fetched. */
#include "config.h"
#include "src/dataset/formats/tar_index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *path_of(const struct plait_dataset *dataset, int64_t index)
{
	const struct plait__archives *a = dataset->state;

	return a->member.item[index].text;
}

static int stored(const struct plait_dataset *dataset, int64_t index, struct plait__buffer *memory,
		  struct plait__stored *stored)
{
	const struct plait__archives *a = dataset->state;
	const struct plait__tar_image *image = &a->image[index];
	const struct plait__tar *tar = &a->tar[image->archive];
	int64_t size;
	int fd = tar->fd, status = 0;

	*stored = (struct plait__stored){ .path = path_of(dataset, index),
					  .label = dataset->labels[index],
					  .offset = image->offset };
	PLAIT__ASSERT(image->offset >= 0 && image->size <= tar->size - image->offset,
		      "an image lies in its archive");
	if (tar->bytes) {
		stored->bytes = tar->bytes + image->offset;
		stored->size = (size_t)image->size;
		return plait__stored_check_bytes(stored->path, image->size);
	}
	if (fd < 0)
		status = plait__stored_open(tar->path, &fd, &size);
	if (status < 0)
		return status;
	status = plait__stored_fetch(fd, image->size, memory, stored);
	if (fd != tar->fd)
		close(fd);
	return status;
}

static void digest(const struct plait_dataset *dataset, struct plait__hash *hash)
{
	const struct plait__archives *a = dataset->state;

	for (int64_t i = 0; i < dataset->info.samples; i++) {
		const struct plait__tar_image *image = &a->image[i];
		const char *name = a->member.item[i].text + strlen(a->tar[image->archive].path) + 1;

		plait__hash_add(hash, name, strlen(name) + 1);
		plait__hash_add(hash, &image->offset, sizeof image->offset);
		plait__hash_add(hash, &image->size, sizeof image->size);
	}
}

static void destroy(struct plait_dataset *dataset)
{
	struct plait__archives *a = dataset->state;

	for (int i = 0; a && i < a->count; i++) {
		if (a->tar[i].fd >= 0)
			close(a->tar[i].fd);
		free(a->tar[i].bytes);
	}
	if (a) {
		free(a->list);
		free(a->tar);
		free(a->image);
		plait__texts_free(&a->member);
	}
	free(a);
	free((void *)dataset->labels);
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

/* Archives that may stay open, so that reading a sample is one call: a quarter of the files
 * that the process may have. */
static int open_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur / 4 < 1024
		       ? (int)(limit.rlim_cur / 4)
		       : 1024;
}

static int read_archives(struct plait_dataset *dataset, struct plait__archives *a)
{
	int64_t memory = memory_limit();
	int open = open_limit(), status = 0;

	for (int i = 0; status == 0 && i < a->count; i++) {
		struct plait__tar *tar = &a->tar[i];

		status = plait__stored_open(tar->path, &tar->fd, &tar->size);
		if (status == 0)
			status = plait__tar_unpack(tar, memory);
		if (status == 0)
			status = plait__tar_index(dataset, i);
		if (tar->bytes)
			memory -= tar->size;
		PLAIT__ASSERT(memory >= 0, "archives take no more memory than they may");
		if (tar->fd >= 0 && (tar->bytes || i >= open)) {
			close(tar->fd);
			tar->fd = -1;
		}
	}
	return status;
}

/* Cuts the list at its commas. */
static int split(struct plait__archives *a, const char *rest)
{
	char *path;

	a->list = plait__strdup(rest);
	if (!a->list)
		return PLAIT_ENOMEM;
	a->count = 1;
	for (path = a->list; *path; path++)
		a->count += *path == ',';
	a->tar = plait__calloc((size_t)a->count, sizeof *a->tar, rest);
	if (!a->tar) {
		a->count = 0;
		return PLAIT_ENOMEM;
	}
	path = a->list;
	for (int i = 0; i < a->count; i++) {
		a->tar[i] = (struct plait__tar){ .path = path, .fd = -1 };
		path += strcspn(path, ",");
		if (path == a->tar[i].path)
			return plait__error(PLAIT_EINVAL,
					    "expected tar:FILE[,FILE...], found \"%s\"", rest);
		*path++ = '\0';
	}
	return 0;
}

int plait__dataset_open_tar(struct plait_dataset *dataset, const char *rest)
{
	struct plait_dataset_info *info = &dataset->info;
	struct plait__archives *a = plait__calloc(1, sizeof *a, "tar archives");
	int status;

	dataset->state = a;
	dataset->destroy = destroy;
	dataset->fetch = stored;
	dataset->path = path_of;
	dataset->digest = digest;
	status = a ? split(a, rest) : PLAIT_ENOMEM;
	if (status == 0)
		status = read_archives(dataset, a);
	if (status < 0)
		return status;
	if (info->samples == 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected images (.jpg, .jpeg, .png), each with a .cls, "
				    "found none in %d archives",
				    a->tar[0].path, a->count);
	plait__texts_point(&a->member);
	status = plait__dataset_check_labels(info->spec, info->samples, dataset->labels,
					     &info->classes);
	return status < 0 ? status : plait__dataset_look(dataset);
}
