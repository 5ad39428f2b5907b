/* SPDX-License-Identifier: MIT
 * What data sets of stored images share: reading a part of a file, finding out the size of the
 * images, and making samples for plait_dataset_read. */
#include "config.h"
#include "src/dataset/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Twice the bytes of PLAIT__MAX_PIXELS pixels of 64 bits: no image that can be decoded has more. */
#define LARGEST_FILE ((int64_t)1 << 30)

/* How many images opening looks at.  Each look reads a file, which takes long on a slow disk. */
#define LOOKS 64

int plait__stored_open(const char *path, int *fd_p, int64_t *size_p)
{
	struct stat st;
	/* Without O_NONBLOCK, opening a pipe waits until another process opens it for writing. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), status;

	if (fd < 0)
		return plait__error(PLAIT_EIO, "%s: cannot open: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0)
		status = plait__error(PLAIT_EIO, "%s: cannot open: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		status = plait__error(PLAIT_EIO, "%s: expected a file, found %s", path,
				      S_ISDIR(st.st_mode) ? "a folder" : "a pipe or a device");
	else
		status = 0;
	if (status < 0) {
		close(fd);
		return status;
	}
	*fd_p = fd;
	*size_p = st.st_size;
	return 0;
}

int plait__stored_pread(int fd, const char *path, int64_t offset, void *to, size_t size)
{
	size_t done = 0;

	PLAIT__ASSERT(offset >= 0 && size <= (uint64_t)(INT64_MAX - offset),
		      "what is read ends at an offset that a file can have");
	while (done < size) {
		ssize_t got = pread(fd, (char *)to + done, size - done, offset + (int64_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return plait__error(PLAIT_EIO, "%s: offset %" PRId64 ": cannot read: %s",
					    path, offset + (int64_t)done, strerror(errno));
		if (got == 0)
			return plait__error(PLAIT_EFORMAT,
					    "%s: offset %" PRId64
					    ": expected %zu more bytes, found the end of the file",
					    path, offset + (int64_t)done, size - done);
		done += (size_t)got;
	}
	return 0;
}

int plait__stored_check_bytes(const char *path, int64_t size)
{
	if (size <= LARGEST_FILE)
		return 0;
	return plait__error(PLAIT_EFORMAT, "%s: %" PRId64 " bytes, an image has at most %" PRId64,
			    path, size, LARGEST_FILE);
}

int plait__stored_fetch(int fd, int64_t size, struct plait__buffer *memory,
			struct plait__stored *stored)
{
	unsigned char *bytes;
	int status = plait__stored_check_bytes(stored->path, size);

	PLAIT__ASSERT(stored->path && size >= 0, "a record has a path and a size");
	if (status < 0)
		return status;
	bytes = plait__buffer_reserve(memory, (size_t)size);
	if (!bytes)
		return plait__error(PLAIT_ENOMEM, "%s: %s", stored->path, plait_error_message());
	status = plait__stored_pread(fd, stored->path, stored->offset, bytes, (size_t)size);
	if (status < 0)
		return status;
	stored->kind = PLAIT__STORED_ENCODED;
	stored->bytes = bytes;
	stored->size = (size_t)size;
	return 0;
}

/* An image that was looked at. */
struct looked {
	int64_t index;
	int width, height;
	int same; /* how many have its size */
};

static int look(const struct plait_dataset *dataset, int64_t index, struct plait__buffer *memory,
		struct looked *image)
{
	struct plait__stored stored;
	int channels;
	int status = dataset->fetch(dataset, index, memory, &stored);

	image->index = index;
	if (status < 0)
		return status;
	status = plait__image_size(stored.bytes, stored.size, &image->width, &image->height,
				   &channels);
	if (status < 0)
		return plait__error(status, "%s: %s", stored.path, plait_error_message());
	if (dataset->upright && plait__image_orientation(stored.bytes, stored.size) >= 5) {
		int height = image->width;

		image->width = image->height;
		image->height = height;
	}
	return 0;
}

/* Sets the size of the data set to that of most images. */
static void set_size(struct plait_dataset *dataset, struct looked *image, int count)
{
	struct plait_dataset_info *info = &dataset->info;
	const struct looked *typical = image, *other = NULL;

	for (int i = 0; i < count; i++)
		for (int k = 0; k < count; k++)
			image[i].same += image[i].width == image[k].width &&
					 image[i].height == image[k].height;
	for (int i = 0; i < count; i++)
		if (2 * image[i].same > count) {
			typical = &image[i];
			break;
		}
	for (int i = 0; i < count && !other; i++)
		if (image[i].width != typical->width || image[i].height != typical->height)
			other = &image[i];
	info->dtype = PLAIT_U8;
	info->ndim = 3;
	info->dim[0] = 3;
	info->dim[1] = typical->height;
	info->dim[2] = typical->width;
	dataset->typical = typical->index;
	dataset->varying = 2 * typical->same <= count;
	PLAIT__ASSERT(!dataset->varying || other, "images that vary in size have two sizes");
	if (!dataset->varying)
		return;
	dataset->other = other->index;
	dataset->other_height = other->height;
	dataset->other_width = other->width;
}

int plait__dataset_look(struct plait_dataset *dataset)
{
	struct plait_dataset_info *info = &dataset->info;
	struct plait__buffer memory = { 0 };
	int64_t looks = info->samples < LOOKS ? info->samples : LOOKS;
	struct looked image[LOOKS] = { 0 };
	int status = 0, count = 0;

	for (int64_t i = 0; i < looks; i++) {
		/* looks is small and samples fit in memory: the product does not overflow. */
		int result = look(dataset, i * info->samples / looks, &memory, &image[count]);

		/* The loader decides what becomes of a bad sample. */
		status = result < 0 ? result : status;
		count += result == 0;
	}
	plait__buffer_free(&memory);
	if (count == 0)
		return plait__error(status,
				    "%s: none of %" PRId64
				    " images that were looked at can be read; the last: %s",
				    info->spec, looks, plait_error_message());
	set_size(dataset, image, count);
	return 0;
}

int plait__dataset_wrong_size(const struct plait_dataset *dataset, int height, int width)
{
	const int64_t *dim = dataset->info.dim;
	const char *path = plait__dataset_path(dataset, dataset->typical);

	return plait__error(PLAIT_ESHAPE,
			    "%d x %d pixels (height x width), where %s has %" PRId64 " x %" PRId64
			    ": a transform such as resize:HxW makes them equal",
			    height, width, path ? path : dataset->info.spec, dim[1], dim[2]);
}

/* Copies interleaved pixels to planes. */
static void separate(const struct plait__image *image, uint8_t *planes)
{
	size_t plane = (size_t)image->width * (size_t)image->height;

	PLAIT__ASSERT(!image->planar, "pixels that are to be separated are interleaved");
	for (int c = 0; c < image->channels; c++) {
		uint8_t *to = planes + (size_t)c * plane;

		for (int y = 0; y < image->height; y++) {
			const uint8_t *from = image->pixels + (size_t)y * image->stride + c;

			for (int x = 0; x < image->width; x++)
				*to++ = from[x * image->channels];
		}
	}
}

static int decode(const struct plait_dataset *dataset, int64_t index,
		  const struct plait__stored *stored, struct plait__buffer *memory,
		  struct plait__buffer *turned, void *x)
{
	const struct plait_dataset_info *info = &dataset->info;
	struct plait__image image;
	int status = plait__dataset_decode(dataset, stored, memory, turned, &image);

	if (status < 0)
		return plait__error(status, "%s: %s", stored->path, plait_error_message());
	if (image.height != info->dim[1] || image.width != info->dim[2])
		return plait__error(plait__dataset_wrong_size(dataset, image.height, image.width),
				    "%s: sample %" PRId64 ": %s", stored->path, index,
				    plait_error_message());
	separate(&image, x);
	return 0;
}

int plait__dataset_read_stored(const struct plait_dataset *dataset, int64_t index, void *x,
			       int32_t *label)
{
	struct plait__buffer bytes = { 0 }, pixels = { 0 }, turned = { 0 };
	struct plait__stored stored;
	int status = dataset->fetch(dataset, index, &bytes, &stored);

	PLAIT__ASSERT(status < 0 || stored.kind != PLAIT__STORED_PLANES ||
			      stored.size == plait__dataset_sample_bytes(dataset),
		      "stored planes have the bytes of a sample");
	if (status == 0 && stored.kind == PLAIT__STORED_PLANES)
		memcpy(x, stored.bytes, plait__dataset_sample_bytes(dataset));
	else if (status == 0)
		status = decode(dataset, index, &stored, &pixels, &turned, x);
	if (status == 0 && label && dataset->info.classes > 0)
		*label = plait__dataset_label(dataset, index, &stored);
	plait__buffer_free(&bytes);
	plait__buffer_free(&pixels);
	plait__buffer_free(&turned);
	return status;
}

int plait__dataset_decode(const struct plait_dataset *dataset, const struct plait__stored *stored,
			  struct plait__buffer *memory, struct plait__buffer *turned,
			  struct plait__image *image)
{
	int status = plait__image_decode(stored->bytes, stored->size, (int)dataset->info.dim[0],
					 memory, image);

	if (status < 0 || !dataset->upright)
		return status;
	return plait__image_turn(image, plait__image_orientation(stored->bytes, stored->size),
				 turned);
}

int plait_dataset_apply_exif(struct plait_dataset *dataset)
{
	struct plait__buffer memory = { 0 };
	struct plait__stored stored = { .kind = PLAIT__STORED_ENCODED };
	int status;

	if (!dataset)
		return plait__error(PLAIT_EINVAL, "plait_dataset_apply_exif: the data set is NULL");
	if (dataset->fetch) /* a bad sample is no matter */
		dataset->fetch(dataset, dataset->typical, &memory, &stored);
	plait__buffer_free(&memory);
	if (!dataset->fetch || stored.kind != PLAIT__STORED_ENCODED)
		return plait__error(PLAIT_EINVAL,
				    "%s: has no JPEG or PNG files, whose EXIF could be applied",
				    dataset->info.spec);
	dataset->upright = true;
	status = plait__dataset_look(dataset);
	dataset->upright = status == 0;
	return status;
}
