/* SPDX-License-Identifier: MIT
 * Bytes of an archive, from its file or from memory. */
#include "config.h"
#include "src/dataset/formats/tar_walk.h"
#include "src/dataset/stored.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

int plait__tar_pread(const struct plait__tar *tar, int64_t offset, void *to, size_t size)
{
	int fd = tar->fd, status;
	int64_t now;

	PLAIT__ASSERT(offset >= 0 && size <= INT64_MAX, "a place in an archive is not negative");
	if (tar->bytes) {
		if (offset > tar->size || (int64_t)size > tar->size - offset)
			return plait__error(PLAIT_EFORMAT,
					    "%s: offset %" PRId64
					    ": expected %zu more bytes, found the end of the file",
					    tar->path, offset, size);
		memcpy(to, tar->bytes + offset, size);
		return 0;
	}
	if (fd >= 0)
		return plait__stored_pread(fd, tar->path, offset, to, size);
	status = plait__stored_open(tar->path, &fd, &now);
	if (status < 0)
		return status;
	status = plait__stored_pread(fd, tar->path, offset, to, size);
	close(fd);
	return status;
}
