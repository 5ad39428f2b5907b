/* SPDX-License-Identifier: MIT
 * Tar archives for tests, built byte by byte. */
#ifndef PLAIT_TESTS_TAR_H
#define PLAIT_TESTS_TAR_H

#include "tests/dataset/dataset.h"
#include "tests/pictures.h"

#define BLOCK 512

/* The kinds of pictures_small; images are of the first that this build reads. */
static const char *const suffix[] = { "png", "jpg" };

static inline int tar_kind(void)
{
	return pictures_have_png() ? 0 : 1;
}

struct tar {
	unsigned char byte[1 << 16];
	size_t size;
};

static inline void tar_checksum(unsigned char *header)
{
	unsigned sum = 0;

	memset(header + 148, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
}

/* Appends a member of a type; returns its header. */
static inline unsigned char *tar_add(struct tar *tar, const char *name, char type, const void *data,
				     size_t size)
{
	unsigned char *header = tar->byte + tar->size;

	memset(header, 0, BLOCK);
	memcpy(header, name, strlen(name));
	memcpy(header + 100, "0000644", 7);
	snprintf((char *)header + 124, 12, "%011zo", size);
	header[156] = (unsigned char)type;
	memcpy(header + 257, "ustar\00000", 8);
	tar_checksum(header);
	memset(header + BLOCK, 0, (size + BLOCK - 1) / BLOCK * BLOCK);
	if (size)
		memcpy(header + BLOCK, data, size);
	tar->size += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
	return header;
}

static inline void tar_add_text(struct tar *tar, const char *name, const char *text)
{
	tar_add(tar, name, '0', text, strlen(text));
}

static inline void tar_add_image(struct tar *tar, const char *stem, int i)
{
	struct picture p = pictures_small(tar_kind(), 5, 4, i);
	char name[128];

	snprintf(name, sizeof name, "%s.%s", stem, suffix[tar_kind()]);
	tar_add(tar, name, '0', p.bytes, p.size);
	free(p.bytes);
}

static inline void tar_end(struct tar *tar)
{
	memset(tar->byte + tar->size, 0, 2 * BLOCK);
	tar->size += 2 * BLOCK;
}

static inline void tar_put(const char *name, const struct tar *tar)
{
	files_write(name, tar->byte, tar->size);
}

/* The path of a.tar and its specification, for good: files_path's texts do not stay. */
static inline const char *tar_path(void)
{
	static char text[1024];

	return *text ? text : strcpy(text, files_path("a.tar"));
}

static inline const char *tar_spec(void)
{
	static char text[1024] = "tar:";

	return text[4] ? text : strcat(text, tar_path());
}

static inline void tar_make_pets(struct tar *tar)
{
	tar->size = 0;
	tar_add(tar, "pets/", '5', NULL, 0);
	tar_add_text(tar, "README.md", "nothing for us");
	tar_add_text(tar, "./pets/cat.cls", "3\n");
	tar_add_text(tar, "._hidden.png", "what some systems leave behind");
	tar_add_image(tar, "./pets/cat", 1);
	tar_add_text(tar, "./pets/cat.json", "{}");
	tar_add_text(tar, "./pets/cat.seg.png", "another image of the same sample");
	tar_add_image(tar, "pets/dog", 2);
	tar_add_text(tar, "pets/dog.cls", "0");
	tar_end(tar);
}

#endif
