/* SPDX-License-Identifier: MIT
 * A folder for each class, as for torchvision's ImageFolder: the classes are the names of the
 * folders, sorted.  Images have ImageFolder's order too, so that sample i is the same image there.
 * A class without images keeps its number, so that the folders train and test of a data set have
 * the same labels.  Hidden files and folders are left out, and what else is no image; all that is
 * counted.  A folder of images without any folder in it, or one image, is a data set without
 * classes, for those who predict. */
#include "config.h"
#include "src/dataset/formats/images_walk.h"
#include "src/dataset/notes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The state of the data set. */
struct index {
	struct plait__texts files;
	size_t root; /* length of the data set's folder, with which each path begins */
};

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Paths are sorted by folder, then by name. */
static int compare_paths(const void *a, const void *b)
{
	const char *p = *(const char *const *)a, *q = *(const char *const *)b;
	size_t m = (size_t)(strrchr(p, '/') - p), n = (size_t)(strrchr(q, '/') - q);
	int order = memcmp(p, q, m < n ? m : n);

	if (order == 0 && m != n)
		order = m < n ? -1 : 1;
	return order ? order : strcmp(p + m, q + n);
}

static const char *path_of(const struct plait_dataset *dataset, int64_t index)
{
	const struct index *own = dataset->state;

	PLAIT__ASSERT(own->files.pointed && index >= 0 && index < own->files.count,
		      "the path of a sample is one of the index");
	return own->files.item[index].text;
}

static int stored(const struct plait_dataset *dataset, int64_t index, struct plait__buffer *memory,
		  struct plait__stored *stored)
{
	int64_t size;
	int fd, status;

	*stored = (struct plait__stored){ .path = path_of(dataset, index),
					  .label = dataset->labels ? dataset->labels[index] : 0 };
	status = plait__stored_open(stored->path, &fd, &size);
	if (status < 0)
		return status;
	status = plait__stored_fetch(fd, size, memory, stored);
	close(fd);
	return status;
}

/* Names and sizes: the size of a file that was written again most often differs, and no file is
 * read. */
static void digest(const struct plait_dataset *dataset, struct plait__hash *hash)
{
	const struct index *own = dataset->state;

	for (int64_t i = 0; i < dataset->info.samples; i++) {
		const char *path = own->files.item[i].text, *name = path + own->root;
		struct stat st;
		int64_t size = stat(path, &st) == 0 ? st.st_size : -1;

		plait__hash_add(hash, name, strlen(name) + 1);
		plait__hash_add(hash, &size, sizeof size);
	}
}

static void destroy(struct plait_dataset *dataset)
{
	struct index *own = dataset->state;

	if (own)
		plait__texts_free(&own->files);
	free(own);
	free((void *)dataset->labels);
}

/* Finds the files of all classes; first[c] is the index of the first file of class c. */
static int walk_classes(struct plait__folder *folder, const struct plait__texts *classes,
			int64_t *first)
{
	int status = 0;

	for (int64_t c = 0; status == 0 && c < classes->count; c++)
		status = plait__folder_note(folder, classes->item[c].text);
	for (int64_t c = 0; status == 0 && c < classes->count; c++) {
		first[c] = folder->files.count;
		status = plait__folder_walk(folder, classes->item[c].text);
	}
	first[classes->count] = folder->files.count;
	if (status == 0 && folder->files.count == 0)
		status = plait__error(PLAIT_EFORMAT,
				      "%s: expected images (.jpg, .jpeg, .png) in the folders of "
				      "its %lld classes, found none",
				      folder->path, (long long)classes->count);
	return status;
}

/* Images without classes. */
static int make_flat(struct plait_dataset *dataset, struct plait__folder *folder)
{
	struct plait__texts *files = &folder->files;

	if (files->count == 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected a folder for each class, or images (.jpg, .jpeg, "
				    ".png), found none",
				    folder->path);
	plait__texts_point(files);
	qsort(files->item, (size_t)files->count, sizeof *files->item, compare_paths);
	dataset->info.samples = files->count;
	return plait__dataset_note(dataset, PLAIT_NOTE_CHOICE,
				   "%s has no folders of classes: images without labels",
				   folder->path);
}

static int make_index(struct plait_dataset *dataset, struct plait__texts *files,
		      const struct plait__texts *classes, const int64_t *first)
{
	int32_t *labels =
		plait__data_allocate(NULL, files->count, sizeof *labels, dataset->info.spec);
	const char **name =
		plait__data_allocate(NULL, classes->count, sizeof *name, dataset->info.spec);
	int status = labels && name ? 0 : PLAIT_ENOMEM;

	PLAIT__ASSERT(first[0] == 0 && first[classes->count] == files->count,
		      "every image is in a class");
	dataset->labels = labels;
	plait__texts_point(files);
	for (int64_t c = 0; status == 0 && c < classes->count; c++) {
		name[c] = classes->item[c].text;
		qsort(files->item + first[c], (size_t)(first[c + 1] - first[c]),
		      sizeof *files->item, compare_paths);
		for (int64_t i = first[c]; i < first[c + 1]; i++)
			labels[i] = (int32_t)c;
	}
	dataset->info.samples = files->count;
	dataset->info.classes = classes->count;
	if (status == 0)
		status = plait__dataset_set_names(dataset, classes->count, name);
	free(name);
	return status;
}

static int read_folder(struct plait_dataset *dataset, struct plait__folder *folder,
		       struct plait__texts *classes)
{
	const char *spec = dataset->info.spec;
	int64_t *first;
	struct stat st;
	int status;

	if (stat(folder->path, &st) == 0 && S_ISREG(st.st_mode))
		status = plait__texts_add(&folder->files, folder->path, spec);
	else
		status = plait__folder_classes(folder, classes);
	if (status < 0)
		return status;
	if (classes->count == 0)
		return make_flat(dataset, folder);
	plait__texts_point(classes);
	qsort(classes->item, (size_t)classes->count, sizeof *classes->item, compare_texts);
	first = plait__data_allocate(NULL, classes->count + 1, sizeof *first, spec);
	if (!first)
		return PLAIT_ENOMEM;
	status = walk_classes(folder, classes, first);
	if (status == 0)
		status = make_index(dataset, &folder->files, classes, first);
	free(first);
	return status;
}

int plait__dataset_open_images(struct plait_dataset *dataset, const char *rest)
{
	struct plait__folder *folder;
	struct plait__texts classes = { 0 };
	struct index *own;
	size_t length = strlen(rest);
	int status;

	while (length > 1 && rest[length - 1] == '/')
		length--;
	if (length == 0 || length >= sizeof folder->path)
		return plait__error(PLAIT_EINVAL,
				    "expected images:DIR, a folder with a folder for each class, "
				    "found \"%s\"",
				    rest);
	folder = plait__calloc(1, sizeof *folder, "an index of images");
	own = plait__calloc(1, sizeof *own, "an index of images");
	dataset->state = own;
	dataset->destroy = destroy;
	dataset->fetch = stored;
	dataset->path = path_of;
	dataset->digest = digest;
	status = folder && own ? 0 : PLAIT_ENOMEM;
	if (status == 0) {
		memcpy(folder->path, rest, length);
		folder->dataset = dataset;
		status = read_folder(dataset, folder, &classes);
	}
	if (folder)
		free(folder->seen);
	if (folder && own)
		*own = (struct index){ .files = folder->files, .root = length };
	free(folder);
	plait__texts_free(&classes);
	return status < 0 ? status : plait__dataset_look(dataset);
}
