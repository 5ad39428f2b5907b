/* SPDX-License-Identifier: MIT
 * Numbers as files hold them, of any width and byte order, and as text. */
#ifndef PLAIT__NUMBER_H
#define PLAIT__NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum plait__number_kind {
	PLAIT__UNSIGNED = 1,
	PLAIT__SIGNED,
	PLAIT__FLOAT,  /* IEEE 754, 2, 4 or 8 bytes */
	PLAIT__BFLOAT, /* the upper half of a float */
	PLAIT__BOOL,   /* 0 or not */
};

struct plait__number {
	enum plait__number_kind kind;
	int bytes; /* 1, 2, 4 or 8 */
	bool big_endian;
};

static inline bool plait__number_is_integer(struct plait__number type)
{
	return type.kind != PLAIT__FLOAT && type.kind != PLAIT__BFLOAT;
}

/* Bytes that need no conversion to be an array of float on this machine? */
bool plait__number_is_native_float(struct plait__number type);

/* Converts count numbers, rounding to the nearest float.  to may be from if both are of
 * the same size. */
void plait__number_to_float(struct plait__number type, const void *from, int64_t count, float *to);

/* The number at from, of an integer type; beyond int64 it is INT64_MAX. */
int64_t plait__number_to_integer(struct plait__number type, const void *from);

/* Little-endian numbers in a file that has been read. */
static inline uint32_t plait__le32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t plait__le64(const unsigned char *p)
{
	return plait__le32(p) | (uint64_t)plait__le32(p + 4) << 32;
}

static inline void plait__put_le(unsigned char *p, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (unsigned char)(value >> 8 * i);
}

enum plait__text_kind {
	PLAIT__TEXT_NUMBER = 1,
	PLAIT__TEXT_NOT_FINITE, /* nan, inf, or a number too large for a float */
	PLAIT__TEXT_OTHER,
};

/* What a text is; *value is set for a number.  Decimal only, the point is a point: the
 * caller has LC_NUMERIC "C". */
enum plait__text_kind plait__number_parse(const char *text, double *value);

/* Whether a float can have the value that was read from the decimal number from start to end: it is
 * finite, and not 0 unless the number is. */
bool plait__number_fits_float(const char *start, const char *end, double value);

/* What fits, for messages. */
#define PLAIT__NUMBER_FITS "0 or from 1e-45 to 3e38"

#endif
