/* SPDX-License-Identifier: MIT
 * A folder for each class, as for torchvision's ImageFolder: the classes are the names of the
 * folders, sorted.  Images have ImageFolder's order too, so that sample i is the same image there.
 * A class without images keeps its number, so that the folders train and test of a data set have
 * the same labels.  Hidden files and folders are left out. */
#include "config.h"
#include "src/dataset/stored.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The state of the data set. */
struct index {
	struct plait__texts files;
	size_t root; /* length of the data set's folder, with which each path begins */
};

/* The walk over all folders. */
struct folder {
	struct plait__texts files;
	char path[PATH_MAX]; /* of the folder that is being read */
};

/* A folder that is being read, or contains one that is.  A link may lead back to one of them. */
struct inside {
	const struct inside *outer;
	dev_t device;
	ino_t inode;
};

/* Returns DT_DIR or DT_REG for a folder, a file or a link to one of them.  A link that leads
 * nowhere is taken for a file, so that reading it gives a message. */
static int type_of(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	if (fstatat(dirfd(dir), entry->d_name, &st, 0) < 0 || S_ISREG(st.st_mode))
		return DT_REG;
	return S_ISDIR(st.st_mode) ? DT_DIR : DT_UNKNOWN;
}

/* Appends a name to the path.  Returns the length that the path had, or 0 with the message kept. */
static size_t enter(struct folder *folder, const char *name)
{
	size_t length = strlen(folder->path);

	if (length + strlen(name) + 2 > sizeof folder->path) {
		plait__error(PLAIT_EIO, "%s/%s: the path is too long", folder->path, name);
		return 0;
	}
	snprintf(folder->path + length, sizeof folder->path - length, "/%s", name);
	return length;
}

static int cannot_read(const char *path)
{
	return plait__error(PLAIT_EIO, "%s: cannot read the folder: %s", path, strerror(errno));
}

/* Adds all images below folder->path. */
static int walk(struct folder *folder, const char *spec, const struct inside *outer)
{
	DIR *dir = opendir(folder->path);
	struct inside here = { .outer = outer };
	struct dirent *entry;
	struct stat st;
	int status = dir && fstat(dirfd(dir), &st) == 0 ? 0 : cannot_read(folder->path);
	bool again = false;

	if (status == 0) {
		here.device = st.st_dev;
		here.inode = st.st_ino;
	}
	for (; status == 0 && outer; outer = outer->outer)
		again |= outer->device == here.device && outer->inode == here.inode;
	while (status == 0 && !again && (errno = 0, entry = readdir(dir))) {
		int type = *entry->d_name == '.' ? DT_UNKNOWN : type_of(dir, entry);
		size_t length;

		if (type != DT_DIR && (type != DT_REG || !plait__is_image_name(entry->d_name)))
			continue;
		length = enter(folder, entry->d_name);
		if (length == 0)
			status = PLAIT_EIO;
		else if (type == DT_DIR)
			status = walk(folder, spec, &here);
		else
			status = plait__texts_add(&folder->files, folder->path, spec);
		if (length > 0)
			folder->path[length] = '\0';
	}
	if (status == 0 && !again && errno)
		status = cannot_read(folder->path);
	if (dir)
		closedir(dir);
	return status;
}

static int list_classes(const char *path, const char *spec, struct plait__texts *classes)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int status = dir ? 0 : cannot_read(path);

	while (status == 0 && (errno = 0, entry = readdir(dir)))
		if (*entry->d_name != '.' && type_of(dir, entry) == DT_DIR)
			status = plait__texts_add(classes, entry->d_name, spec);
	if (status == 0 && errno)
		status = cannot_read(path);
	if (dir)
		closedir(dir);
	if (status == 0 && classes->count == 0)
		status = plait__error(PLAIT_EFORMAT,
				      "%s: expected a folder for each class, found none", path);
	return status;
}

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
					  .label = dataset->labels[index] };
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
static int walk_classes(struct folder *folder, const struct plait__texts *classes, int64_t *first,
			const char *spec)
{
	int status = 0;

	for (int64_t c = 0; status == 0 && c < classes->count; c++) {
		size_t length = enter(folder, classes->item[c].text);

		if (length == 0)
			return PLAIT_EIO;
		first[c] = folder->files.count;
		status = walk(folder, spec, NULL);
		folder->path[length] = '\0';
	}
	first[classes->count] = folder->files.count;
	if (status == 0 && folder->files.count == 0)
		status = plait__error(PLAIT_EFORMAT,
				      "%s: expected images (.jpg, .jpeg, .png) in the folders of "
				      "its %lld classes, found none",
				      folder->path, (long long)classes->count);
	return status;
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

static int read_folder(struct plait_dataset *dataset, struct folder *folder,
		       struct plait__texts *classes)
{
	const char *spec = dataset->info.spec;
	int64_t *first;
	int status = list_classes(folder->path, spec, classes);

	if (status < 0)
		return status;
	plait__texts_point(classes);
	qsort(classes->item, (size_t)classes->count, sizeof *classes->item, compare_texts);
	first = plait__data_allocate(NULL, classes->count + 1, sizeof *first, spec);
	if (!first)
		return PLAIT_ENOMEM;
	status = walk_classes(folder, classes, first, spec);
	if (status == 0)
		status = make_index(dataset, &folder->files, classes, first);
	free(first);
	return status;
}

int plait__dataset_open_images(struct plait_dataset *dataset, const char *rest)
{
	struct folder *folder;
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
		status = read_folder(dataset, folder, &classes);
	}
	if (folder && own)
		*own = (struct index){ .files = folder->files, .root = length };
	free(folder);
	plait__texts_free(&classes);
	return status < 0 ? status : plait__dataset_look(dataset);
}
