/* SPDX-License-Identifier: MIT
 * Safetensors out. */
#include "config.h"
#include "src/checkpoint/checkpoint.h"
#include "src/base/file.h"
#include "src/checkpoint/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_tensor(const char *path, const struct plait_tensor *tensor)
{
	char shape[128];
	int64_t bytes;

	if (!tensor->name || !*tensor->name || strcmp(tensor->name, "__metadata__") == 0)
		return plait__error(PLAIT_EINVAL, "%s: a tensor is called \"%s\", which is no name",
				    path, tensor->name ? tensor->name : "(null)");
	for (const char *p = tensor->name; *p; p += plait__utf8_length(p))
		if (plait__utf8_length(p) == 0)
			return plait__error(PLAIT_EINVAL,
					    "%s: tensor \"%s\": the name is not UTF-8", path,
					    tensor->name);
	if (tensor->dtype != PLAIT_F32)
		return plait__error(PLAIT_EINVAL, "%s: tensor \"%s\" is %s, must be float32", path,
				    tensor->name, plait_dtype_name(tensor->dtype));
	if (tensor->ndim < 0 || tensor->ndim > PLAIT_MAX_DIMS)
		return plait__error(PLAIT_EINVAL,
				    "%s: tensor \"%s\" has %d dimensions, must have 0 to %d", path,
				    tensor->name, tensor->ndim, PLAIT_MAX_DIMS);
	bytes = plait_shape_elements(tensor->ndim, tensor->dim);
	if (bytes < 0 || bytes > INT64_MAX / (int64_t)sizeof(float) || (bytes > 0 && !tensor->data))
		return plait__error(
			PLAIT_EINVAL, "%s: tensor \"%s\" of shape %s has no data, or too many",
			path, tensor->name,
			plait_shape_text(tensor->ndim, tensor->dim, shape, sizeof shape));
	return 0;
}

static int check_tensors(const char *path, int count, const struct plait_tensor *tensors)
{
	const char **name = plait__data_allocate(NULL, count, sizeof *name, path);
	int status = name ? 0 : PLAIT_ENOMEM;

	for (int i = 0; status == 0 && i < count; i++) {
		name[i] = tensors[i].name;
		status = check_tensor(path, &tensors[i]);
	}
	if (status == 0)
		status = plait__names_twice(path, count, name, PLAIT_EINVAL);
	free(name);
	return status;
}

static size_t tensor_bytes(const struct plait_tensor *tensor)
{
	return (size_t)plait_shape_elements(tensor->ndim, tensor->dim) * sizeof(float);
}

/* The header with its length before it, padded so that the data begin at a multiple of 8. */
static int make_header(const char *path, int count, const struct plait_tensor *tensors,
		       char **header_p, size_t *size_p)
{
	FILE *out = open_memstream(header_p, size_p);
	size_t begin = 0;
	bool failed;

	if (!out)
		return plait__error(PLAIT_ENOMEM, "%s: no memory for a header", path);
	/* Programs of the PyTorch world ask whose tensors these are. */
	fprintf(out, "%8s{\"__metadata__\":{\"format\":\"pt\"}", "");
	for (int i = 0; i < count; i++) {
		char shape[PLAIT_MAX_DIMS * 21 + 2];
		size_t end = begin + tensor_bytes(&tensors[i]);

		PLAIT__ASSERT(end >= begin, "where the data of a tensor end does not overflow");
		putc(',', out);
		plait__json_print(out, tensors[i].name);
		plait_shape_text(tensors[i].ndim, tensors[i].dim, shape, sizeof shape);
		fprintf(out, ":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}", shape,
			begin, end);
		begin = end;
	}
	putc('}', out);
	fflush(out);
	for (size_t size = *size_p; size % 8 != 0; size++)
		putc(' ', out);
	failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(*header_p);
		return plait__error(PLAIT_ENOMEM, "%s: no memory for a header", path);
	}
	PLAIT__ASSERT(*size_p > 8 && *size_p % 8 == 0, "the data begin at a multiple of 8");
	for (int i = 0; i < 8; i++)
		(*header_p)[i] = (char)((*size_p - 8) >> (8 * i) & 255);
	return 0;
}

static int write_all(int fd, const char *path, const void *data, size_t bytes)
{
	const char *p = data;

	while (bytes > 0) {
		ssize_t n = write(fd, p, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return plait__error(PLAIT_EIO, "%s: cannot write: %s", path,
					    strerror(errno));
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* Opens a new file beside path, which is to replace it; *temporary_p is its name, a new
 * string. */
static int create_beside(const char *path, char **temporary_p, int *fd_p)
{
	size_t size = strlen(path) + 48;
	char *temporary;
	struct stat st;
	int status;

	/* rename() would put a file in the place of /dev/null. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return plait__error(PLAIT_EIO, "%s: expected a file to replace, found %s", path,
				    S_ISDIR(st.st_mode) ? "a folder" : "a pipe or a device");
	temporary = plait__calloc(1, size, "a path");
	if (!temporary)
		return PLAIT_ENOMEM;
	/* One that a crashed process of the same number left is not ours to overwrite. */
	for (int i = 0; i < 1000; i++) {
		snprintf(temporary, size, "%s.tmp-%ld-%d", path, (long)getpid(), i);
		*fd_p = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (*fd_p >= 0) {
			*temporary_p = temporary;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	status = plait__error(PLAIT_EIO, "%s: cannot create %s: %s", path, temporary,
			      strerror(errno));
	free(temporary);
	return status;
}

static int write_file(int fd, const char *path, const char *header, size_t header_bytes, int count,
		      const struct plait_tensor *tensors)
{
	int status = write_all(fd, path, header, header_bytes);

	for (int i = 0; status == 0 && i < count; i++)
		status = write_all(fd, path, tensors[i].data, tensor_bytes(&tensors[i]));
	if (status == 0 && fsync(fd) < 0)
		status = plait__error(PLAIT_EIO, "%s: cannot synchronise: %s", path,
				      strerror(errno));
	if (close(fd) < 0 && status == 0)
		status = plait__error(PLAIT_EIO, "%s: cannot close: %s", path, strerror(errno));
	return status;
}

static int replace(const char *path, const char *header, size_t header_bytes, int count,
		   const struct plait_tensor *tensors)
{
	char *temporary = NULL;
	int fd = -1, status = create_beside(path, &temporary, &fd);

	if (status < 0)
		return status;
	status = write_file(fd, path, header, header_bytes, count, tensors);
	if (status == 0 && rename(temporary, path) < 0)
		status = plait__error(PLAIT_EIO, "%s: cannot rename %s: %s", path, temporary,
				      strerror(errno));
	if (status < 0)
		unlink(temporary);
	free(temporary);
	return status;
}

int plait_checkpoint_check_path(const char *path)
{
	char *temporary = NULL;
	int fd = -1, status;

	if (!path || !*path)
		return plait__error(PLAIT_EINVAL, "plait_checkpoint_check_path: the path is %s",
				    path ? "empty" : "NULL");
	status = create_beside(path, &temporary, &fd);
	if (status < 0)
		return status;
	close(fd);
	unlink(temporary);
	free(temporary);
	return 0;
}

int plait_checkpoint_save(const char *path, int count, const struct plait_tensor *tensors)
{
	char *header = NULL;
	size_t header_bytes = 0;
	int status;

	if (!path || !*path || count < 0 || (count > 0 && !tensors))
		return plait__error(PLAIT_EINVAL,
				    "plait_checkpoint_save: path or tensors is NULL, or %d tensors",
				    count);
	status = check_tensors(path, count, tensors);
	if (status == 0)
		status = make_header(path, count, tensors, &header, &header_bytes);
	if (status < 0)
		return status;
	status = replace(path, header, header_bytes, count, tensors);
	free(header);
	return status;
}
