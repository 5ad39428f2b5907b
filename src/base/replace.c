/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int plait__replace_begin(struct plait__replace *r, const char *path)
{
	size_t size = strlen(path) + 48;
	struct stat st;
	int status;

	*r = (struct plait__replace){ .path = path, .fd = -1 };
	/* rename() would put a file in the place of /dev/null. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return plait__error(PLAIT_EIO, "%s: expected a file to replace, found %s", path,
				    S_ISDIR(st.st_mode) ? "a folder" : "a pipe or a device");
	r->temporary = plait__calloc(1, size, "a path");
	if (!r->temporary)
		return PLAIT_ENOMEM;
	/* One that a crashed process of the same number left is not ours to overwrite. */
	for (int i = 0; i < 1000; i++) {
		snprintf(r->temporary, size, "%s.tmp-%ld-%d", path, (long)getpid(), i);
		r->fd = open(r->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (r->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	status = plait__error(PLAIT_EIO, "%s: cannot create %s: %s", path, r->temporary,
			      strerror(errno));
	free(r->temporary);
	r->temporary = NULL;
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
	if (status == 0 && rename(r->temporary, r->path) < 0)
		status = plait__error(PLAIT_EIO, "%s: cannot rename %s: %s", r->path, r->temporary,
				      strerror(errno));
	if (status < 0)
		unlink(r->temporary);
	else
		sync_folder(r->temporary);
	free(r->temporary);
	r->temporary = NULL;
	r->fd = -1;
	return status;
}
