/* SPDX-License-Identifier: MIT
 * NPY files as the tests of their reader make them. */
#ifndef PLAIT_TESTS_DATASET_NPY_H
#define PLAIT_TESTS_DATASET_NPY_H

#include "tests/dataset/dataset.h"

struct npy {
	unsigned char byte[2048];
	size_t size;
};

static inline void npy_append(struct npy *f, const void *from, size_t size)
{
	memcpy(f->byte + f->size, from, size);
	f->size += size;
}

/* A file with this header text and data. */
static inline struct npy npy_raw(int version, const char *text, const void *data, size_t size)
{
	struct npy f = { .size = 0 };
	size_t length = strlen(text);

	npy_append(&f, "\x93NUMPY", 6);
	npy_append(&f,
		   (unsigned char[]){ (unsigned char)version, 0, length & 255,
				      (unsigned char)(length >> 8), 0, 0 },
		   version == 1 ? 4 : 6);
	npy_append(&f, text, length);
	npy_append(&f, data, size);
	return f;
}

static inline struct npy npy_make(const char *descr, const char *shape, const void *data,
				  size_t size)
{
	char text[256];

	snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }   \n",
		 descr, shape);
	return npy_raw(1, text, data, size);
}

static inline void npy_put(const char *name, struct npy f)
{
	files_write(name, f.byte, f.size);
}

static inline const char *npy_spec(void)
{
	return files_spec("npy:%s,%s", "x.npy", "y.npy");
}

static const float npy_x[6] = { 1, 2, 3, 4, 5, 6 };
static const int64_t npy_y[3] = { 2, 0, 1 };

static inline void npy_put_good(void)
{
	npy_put("x.npy", npy_make("<f4", "(3, 2)", npy_x, sizeof npy_x));
	npy_put("y.npy", npy_make("<i8", "(3,)", npy_y, sizeof npy_y));
}

#endif
