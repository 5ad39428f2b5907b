/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/dataset/formats/images_walk.h"
#include "src/base/grow.h"
#include "src/dataset/notes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Whether an entry is left out for its name: a hidden one, or the folder that a zip file made by
 * macOS has beside its own. */
static bool is_hidden(const char *name)
{
	return *name == '.' || strcmp(name, "__MACOSX") == 0;
}

static bool is_link(DIR *dir, const char *name)
{
	struct stat st;

	return fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* Appends a name to the path.  Returns the length that the path had, or 0 with the message kept. */
static size_t enter(struct plait__folder *folder, const char *name)
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

static int leave_out(struct plait__folder *folder, const char *name, const char *one,
		     const char *many)
{
	char path[PATH_MAX + 256];

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	return plait__dataset_leave_out(folder->dataset, one, many, path);
}

/* Counts an entry that is no image and no folder. */
static int leave_entry(struct plait__folder *folder, const char *name, int type)
{
	const char *dot = strrchr(name, '.');

	if (is_hidden(name))
		return leave_out(folder, name, "hidden file or folder", "hidden files or folders");
	if (type != DT_REG)
		return leave_out(folder, name, "pipe or device", "pipes or devices");
	if (!dot)
		return leave_out(folder, name, "file without an ending", "files without an ending");
	return leave_out(folder, name, dot, dot);
}

/* Returns 1 if a folder is new, 0 if it was met before. */
static int meet(struct plait__folder *folder, const struct stat *st)
{
	int status;

	for (size_t i = 0; i < folder->seen_count; i++)
		if (folder->seen[i].device == st->st_dev && folder->seen[i].inode == st->st_ino)
			return 0;
	status = plait__grow(&folder->seen, &folder->seen_room, folder->seen_count + 1,
			     sizeof *folder->seen, "an index of images");
	if (status < 0)
		return status;
	folder->seen[folder->seen_count++] = (struct plait__folder_id){ st->st_dev, st->st_ino };
	return 1;
}

/* Whether folder->path, a link, leads to a place within the data set: it is read there. */
static bool leads_inside(const struct plait__folder *folder)
{
	char *target = realpath(folder->path, NULL);
	size_t length = strlen(folder->root);
	bool inside = target && strncmp(target, folder->root, length) == 0 &&
		      (target[length] == '/' || target[length] == '\0');

	free(target);
	return inside;
}

static int walk(struct plait__folder *folder);

/* Reads a folder within one, whose path is folder->path. */
static int walk_inner(struct plait__folder *folder, bool link)
{
	struct stat st;
	int status;

	if (stat(folder->path, &st) < 0)
		return cannot_read(folder->path);
	status = link && leads_inside(folder) ? 0 : meet(folder, &st);
	if (status != 0)
		return status < 0 ? status : walk(folder);
	return plait__dataset_leave_out(folder->dataset, "link to a folder that is read elsewhere",
					"links to folders that are read elsewhere", folder->path);
}

static int take(struct plait__folder *folder, DIR *dir, const struct dirent *entry)
{
	int type = type_of(dir, entry), status;
	const char *name = entry->d_name;
	size_t length;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (is_hidden(name) || (type != DT_DIR && (type != DT_REG || !plait__is_image_name(name))))
		return leave_entry(folder, name, type);
	length = enter(folder, name);
	if (length == 0)
		return PLAIT_EIO;
	if (type == DT_DIR)
		status = walk_inner(folder, is_link(dir, name));
	else
		status = plait__texts_add(&folder->files, folder->path, folder->dataset->info.spec);
	folder->path[length] = '\0';
	return status;
}

/* Adds all images below folder->path. */
static int walk(struct plait__folder *folder)
{
	DIR *dir = opendir(folder->path);
	struct dirent *entry;
	int status = dir ? 0 : cannot_read(folder->path);

	while (status == 0 && (errno = 0, entry = readdir(dir)))
		status = take(folder, dir, entry);
	if (status == 0 && errno)
		status = cannot_read(folder->path);
	if (dir)
		closedir(dir);
	return status;
}

/* Takes what lies beside the folders of classes, where there are such. */
static int take_beside(struct plait__folder *folder, DIR *dir, bool classes)
{
	struct dirent *entry;
	int status = 0;

	rewinddir(dir);
	while (status == 0 && (errno = 0, entry = readdir(dir))) {
		int type = type_of(dir, entry);

		if (!classes)
			status = take(folder, dir, entry);
		else if (type == DT_REG && !is_hidden(entry->d_name) &&
			 plait__is_image_name(entry->d_name))
			status = leave_out(folder, entry->d_name, "image in no class's folder",
					   "images in no class's folder");
		else if (type != DT_DIR ||
			 (is_hidden(entry->d_name) && strcmp(entry->d_name, ".") != 0 &&
			  strcmp(entry->d_name, "..") != 0))
			status = leave_entry(folder, entry->d_name, type);
	}
	return status;
}

int plait__folder_classes(struct plait__folder *folder, struct plait__texts *classes)
{
	const char *spec = folder->dataset->info.spec;
	DIR *dir = opendir(folder->path);
	struct dirent *entry;
	int status = dir ? 0 : cannot_read(folder->path);

	if (status == 0 && !realpath(folder->path, folder->root))
		status = cannot_read(folder->path);
	while (status == 0 && (errno = 0, entry = readdir(dir)))
		if (!is_hidden(entry->d_name) && type_of(dir, entry) == DT_DIR)
			status = plait__texts_add(classes, entry->d_name, spec);
	if (status == 0 && errno)
		status = cannot_read(folder->path);
	if (status == 0)
		status = take_beside(folder, dir, classes->count > 0);
	if (dir)
		closedir(dir);
	return status;
}

int plait__folder_note(struct plait__folder *folder, const char *name)
{
	size_t length = enter(folder, name);
	struct stat st;
	int status;

	if (length == 0)
		return PLAIT_EIO;
	status = stat(folder->path, &st) < 0 ? cannot_read(folder->path) : meet(folder, &st);
	folder->path[length] = '\0';
	return status < 0 ? status : 0;
}

int plait__folder_walk(struct plait__folder *folder, const char *name)
{
	int64_t before = folder->files.count;
	size_t length = enter(folder, name);
	int status;

	if (length == 0)
		return PLAIT_EIO;
	status = walk(folder);
	if (status == 0 && folder->files.count == before)
		status = plait__dataset_leave_out(folder->dataset, "class without images",
						  "classes without images", folder->path);
	folder->path[length] = '\0';
	return status;
}
