/* SPDX-License-Identifier: MIT
 * CIFAR-10 (Krizhevsky, 2009) in its binary version: files of records, a byte of label and
 * 32 x 32 pixels as three planes.  Files are read whole: 150 MB to train, 30 MB to test. */
#include "config.h"
#include "src/dataset/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "cifar10:DIR[:train|:test]"
#define PIXELS (3 * 32 * 32)
#define RECORD (1 + PIXELS)
#define CLASSES 10

static const char *const usual_names[CLASSES] = {
	"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"
};

static const char *const train_files[] = { "data_batch_1.bin", "data_batch_2.bin",
					   "data_batch_3.bin", "data_batch_4.bin",
					   "data_batch_5.bin", NULL };
static const char *const test_files[] = { "test_batch.bin", NULL };

/* Returns the path of a file as a new string.  The archive of CIFAR-10 has its files in a folder,
 * and `folder` may be that one or the one that contains it. */
static char *find(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + sizeof "/cifar-10-batches-bin/";
	char *path = plait__calloc(1, size, "a path");

	if (!path)
		return NULL;
	snprintf(path, size, "%s/cifar-10-batches-bin/%s", folder, name);
	if (access(path, F_OK) != 0)
		snprintf(path, size, "%s/%s", folder, name);
	return path;
}

static int read_records(struct plait_dataset *dataset, struct plait__file *file, int64_t count)
{
	struct plait_dataset_info *info = &dataset->info;
	uint8_t *x = (uint8_t *)dataset->x + info->samples * PIXELS;
	int32_t *labels = (int32_t *)dataset->labels + info->samples;
	int status = 0;

	for (int64_t i = 0; status == 0 && i < count; i++) {
		int64_t offset = plait__file_offset(file);
		unsigned char label = 0;

		status = plait__file_read_all(file, &label, 1, "a label");
		if (status == 0 && label >= CLASSES)
			status =
				plait__error(PLAIT_ELABEL,
					     "%s: offset %" PRId64 ": label is %d, must be 0 to %d",
					     plait__file_path(file), offset, label, CLASSES - 1);
		if (status == 0)
			status = plait__file_read_all(file, x + i * PIXELS, PIXELS, "an image");
		labels[i] = label;
	}
	if (status == 0)
		info->samples += count;
	return status;
}

static int read_batch(struct plait_dataset *dataset, const char *path)
{
	const struct plait_dataset_info *info = &dataset->info;
	struct plait__file *file;
	int64_t size, count;
	int status = plait__file_open(&file, path, false);
	void *x, *labels;

	if (status < 0)
		return status;
	size = plait__file_most(file);
	count = size / RECORD;
	if (size == 0 || size % RECORD != 0) {
		status = plait__error(PLAIT_EFORMAT,
				      "%s: expected records of %d bytes, found %" PRId64
				      " bytes in all",
				      path, RECORD, size);
	} else {
		x = plait__data_allocate((void *)dataset->x, info->samples + count, PIXELS, path);
		dataset->x = x ? x : dataset->x;
		labels = plait__data_allocate((void *)dataset->labels, info->samples + count,
					      sizeof *dataset->labels, path);
		dataset->labels = labels ? labels : dataset->labels;
		status = x && labels ? read_records(dataset, file, count) : PLAIT_ENOMEM;
	}
	plait__file_close(file);
	return status;
}

/* Reads the names of the classes, one in a line. */
static int read_names(struct plait_dataset *dataset, const char *path)
{
	char text[1024], *line = text;
	const char *name[CLASSES];
	struct plait__file *file;
	size_t size = 0;
	int count = 0, status = plait__file_open(&file, path, false);

	if (status < 0)
		return status;
	status = plait__file_read(file, text, sizeof text - 1, &size);
	plait__file_close(file);
	text[size] = '\0';
	while (status == 0 && *line && count <= CLASSES) {
		char *end = line + strcspn(line, "\r\n");
		bool last = !*end;

		*end = '\0';
		if (*line && count < CLASSES)
			name[count] = line;
		count += *line != '\0';
		line = last ? end : end + 1;
	}
	if (status == 0 && count != CLASSES)
		status = plait__error(PLAIT_EFORMAT, "%s: expected %d names, found %s%d", path,
				      CLASSES, count > CLASSES ? "more than " : "",
				      count > CLASSES ? CLASSES : count);
	return status < 0 ? status : plait__dataset_set_names(dataset, CLASSES, name);
}

static int read_folder(struct plait_dataset *dataset, const char *folder, const char *const *files)
{
	int status = 0;
	char *path;

	for (; status == 0 && *files; files++) {
		path = find(folder, *files);
		status = path ? read_batch(dataset, path) : PLAIT_ENOMEM;
		free(path);
	}
	if (status < 0)
		return status;
	path = find(folder, "batches.meta.txt");
	if (!path)
		return PLAIT_ENOMEM;
	status = access(path, F_OK) == 0 ? read_names(dataset, path)
					 : plait__dataset_set_names(dataset, CLASSES, usual_names);
	free(path);
	return status;
}

int plait__dataset_open_cifar10(struct plait_dataset *dataset, const char *rest)
{
	struct plait_dataset_info *info = &dataset->info;
	const char *colon = strrchr(rest, ':');
	bool test = colon && strcmp(colon, ":test") == 0;
	bool part = test || (colon && strcmp(colon, ":train") == 0);
	char *folder;
	int status;

	if (!*rest || (part && colon == rest))
		return plait__error(PLAIT_EINVAL, "expected " USAGE ", found \"cifar10:%s\"", rest);
	folder = plait__strdup(rest);
	if (!folder)
		return PLAIT_ENOMEM;
	if (part)
		folder[colon - rest] = '\0';
	dataset->destroy = plait__dataset_free_arrays;
	info->dtype = PLAIT_U8;
	info->ndim = 3;
	memcpy(info->dim, (int64_t[]){ 3, 32, 32 }, 3 * sizeof *info->dim);
	info->classes = CLASSES;
	status = read_folder(dataset, folder, test ? test_files : train_files);
	free(folder);
	return status;
}
