/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a signal handler has to remove: see plait__replace_abandon. */
#define MOST_PENDING 16
static struct {
	char *_Atomic path;
	pid_t owner;
} pending[MOST_PENDING];

void plait__replace_abandon(void)
{
	for (int i = 0; i < MOST_PENDING; i++) {
		const char *path = pending[i].path;

		/* A forked process has its parent's list, and not its parent's files. */
		if (path && pending[i].owner == getpid())
			unlink(path);
	}
}

/* Where all places are taken, the file is one that the next run removes. */
void plait__replace_remember(char *path)
{
	for (int i = 0; i < MOST_PENDING; i++) {
		char *none = NULL;

		if (!atomic_compare_exchange_strong(&pending[i].path, &none, path))
			continue;
		pending[i].owner = getpid();
		return;
	}
}

void plait__replace_forget(char *path)
{
	for (int i = 0; i < MOST_PENDING; i++) {
		char *expected = path;

		if (atomic_compare_exchange_strong(&pending[i].path, &expected, NULL))
			return;
	}
}

bool plait__process_is_gone(const char *text, const char **end_p)
{
	char *end;
	long pid = strtol(text, &end, 10);

	*end_p = end;
	return *text >= '1' && *text <= '9' && pid > 0 && pid <= INT_MAX &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

/* Whether name is that of a temporary file which a process made that is no more. */
static bool is_left_over(const char *name, const char *base)
{
	size_t length = strlen(base);
	const char *end;

	return strncmp(name, base, length) == 0 && strncmp(name + length, ".tmp-", 5) == 0 &&
	       plait__process_is_gone(name + length + 5, &end) && *end == '-' && end[1] &&
	       strspn(end + 1, "0123456789") == strlen(end + 1);
}

/* Removes the temporary files of target that processes have left which were killed.  On another
 * machine, or in another container, a process may live that has no number here: so a file that is
 * still locked stays. */
static void remove_left_over(const char *target)
{
	const char *slash = strrchr(target, '/');
	char *folder = slash ? strndup(target, (size_t)(slash - target) + 1) : strdup(".");
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd;

		if (!is_left_over(entry->d_name, slash ? slash + 1 : target))
			continue;
		fd = openat(dirfd(dir), entry->d_name,
			    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	free(folder);
}

char *plait__replace_target(const char *path)
{
	char *target = plait__strdup(path), link[PATH_MAX];

	/* As many links as Linux follows. */
	for (int i = 0; target && i < 40; i++) {
		ssize_t length = readlink(target, link, sizeof link - 1);
		const char *slash = strrchr(target, '/');
		char *next;

		if (length < 0)
			return target;
		link[length] = '\0';
		next = plait__format("%.*s%s",
				     slash && *link != '/' ? (int)(slash - target) + 1 : 0, target,
				     link);
		free(target);
		target = next;
	}
	if (target)
		plait__error(PLAIT_EIO, "%s: %s", path, strerror(ELOOP));
	free(target);
	return NULL;
}

/* Makes the new file, with mode and owner of the old one if there is one. */
static int make(struct plait__replace *r, const struct stat *old)
{
	size_t size = strlen(r->target) + 48;

	r->temporary = plait__calloc(1, size, "a path");
	if (!r->temporary)
		return PLAIT_ENOMEM;
	/* One that another thread writes, or a crashed process of the same number left, is not ours
	 * to overwrite. */
	for (int i = 0; i < 1000; i++) {
		snprintf(r->temporary, size, "%s.tmp-%ld-%d", r->target, (long)getpid(), i);
		r->fd = open(r->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			     old ? old->st_mode & 0600 : 0666);
		if (r->fd >= 0 || errno != EEXIST)
			break;
	}
	if (r->fd < 0)
		return plait__error(PLAIT_EIO, "%s: cannot create %s: %s", r->path, r->temporary,
				    strerror(errno));
	plait__replace_remember(r->temporary);
	flock(r->fd, LOCK_EX | LOCK_NB);
	/* Only root can give a file away, and not every file system has owners and modes. */
	if (old && fchown(r->fd, old->st_uid, old->st_gid) < 0 && errno != EPERM)
		errno = 0;
	if (old && fchmod(r->fd, old->st_mode & 07777) < 0)
		errno = 0;
	return 0;
}

int plait__replace_begin(struct plait__replace *r, const char *path)
{
	struct stat old;
	bool exists = stat(path, &old) == 0;
	int status;

	*r = (struct plait__replace){ .path = path, .fd = -1 };
	/* rename() would put a file in the place of /dev/null. */
	if (exists && !S_ISREG(old.st_mode))
		return plait__error(PLAIT_EIO, "%s: expected a file to replace, found %s", path,
				    S_ISDIR(old.st_mode) ? "a folder" : "a pipe or a device");
	/* The folder's rights would allow it, but someone has protected the file. */
	if (exists && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return plait__error(PLAIT_EIO, "%s: cannot be replaced: %s", path, strerror(errno));
	r->target = plait__replace_target(path);
	if (!r->target)
		return PLAIT_EIO;
	remove_left_over(r->target);
	status = make(r, exists ? &old : NULL);
	if (status < 0) {
		free(r->temporary);
		free(r->target);
	}
	return status;
}

int plait__replace_write(const struct plait__replace *r, const void *bytes, size_t size, int64_t at)
{
	const char *p = bytes;

	PLAIT__ASSERT(r->fd >= 0, "what is written to has begun");
	while (size > 0) {
		ssize_t n = pwrite(r->fd, p, size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return plait__error(PLAIT_EIO, "%s: cannot write: %s", r->path,
					    strerror(errno));
		p += n;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

/* A name comes to stay only when its folder is on the disk too.  Not every file system can
 * promise that, and the file is whole in any case, so failing is no error. */
static void sync_folder(char *path)
{
	char *slash = strrchr(path, '/');
	int fd;

	if (slash)
		slash[slash == path] = '\0';
	fd = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int plait__replace_end(struct plait__replace *r, int status)
{
	PLAIT__ASSERT(r->fd >= 0 && r->temporary, "what ends has begun, and has not ended");
	if (status == 0 && fsync(r->fd) < 0)
		status = plait__error(PLAIT_EIO, "%s: cannot synchronise: %s", r->path,
				      strerror(errno));
	if (close(r->fd) < 0 && status == 0)
		status = plait__error(PLAIT_EIO, "%s: cannot close: %s", r->path, strerror(errno));
	if (status == 0 && rename(r->temporary, r->target) < 0)
		status = plait__error(PLAIT_EIO, "%s: cannot rename %s: %s", r->path, r->temporary,
				      strerror(errno));
	if (status < 0)
		unlink(r->temporary);
	plait__replace_forget(r->temporary);
	if (status == 0)
		sync_folder(r->temporary);
	free(r->temporary);
	free(r->target);
	r->temporary = r->target = NULL;
	r->fd = -1;
	return status;
}
