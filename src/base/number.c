/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/number.h"
#include "src/base/assert.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static uint64_t load_bits(struct plait__number type, const unsigned char *from)
{
	uint64_t bits = 0;

	for (int i = 0; i < type.bytes; i++)
		bits |= (uint64_t)from[type.big_endian ? type.bytes - 1 - i : i] << (8 * i);
	return bits;
}

static int64_t extend_sign(uint64_t bits, int bytes)
{
	int unused = 64 - 8 * bytes;

	return (int64_t)(bits << unused) >> unused;
}

static float from_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

/* IEEE half: 1 sign, 5 exponent, 10 fraction bits.  Every half is a float. */
static float from_half(uint32_t bits)
{
	uint32_t sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023;

	if (exponent == 0)
		return (sign ? -0x1p-24f : 0x1p-24f) * (float)fraction;
	if (exponent == 31)
		return from_bits(sign | 0x7f800000 | fraction << 13);
	return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static float to_float(struct plait__number type, uint64_t bits)
{
	double wide;

	switch (type.kind) {
	case PLAIT__UNSIGNED:
		return (float)bits;
	case PLAIT__SIGNED:
		return (float)extend_sign(bits, type.bytes);
	case PLAIT__BOOL:
		return bits != 0;
	case PLAIT__BFLOAT:
		return from_bits((uint32_t)bits << 16);
	case PLAIT__FLOAT:
		break;
	}
	if (type.bytes == 2)
		return from_half((uint32_t)bits);
	if (type.bytes == 4)
		return from_bits((uint32_t)bits);
	memcpy(&wide, &bits, sizeof wide);
	return (float)wide;
}

bool plait__number_is_native_float(struct plait__number type)
{
	const uint16_t one = 1;
	bool little = *(const unsigned char *)&one == 1;

	return type.kind == PLAIT__FLOAT && type.bytes == 4 && type.big_endian == !little;
}

void plait__number_to_float(struct plait__number type, const void *from, int64_t count, float *to)
{
	const unsigned char *p = from;

	PLAIT__ASSERT(type.bytes == 1 || type.bytes == 2 || type.bytes == 4 || type.bytes == 8,
		      "a number has 1, 2, 4 or 8 bytes");
	PLAIT__ASSERT(from != to || type.bytes == (int)sizeof *to,
		      "only numbers as wide as a float are converted where they are");
	if (plait__number_is_native_float(type)) {
		if (from != to && count > 0)
			memcpy(to, from, (size_t)count * sizeof *to);
		return;
	}
	for (int64_t i = 0; i < count; i++, p += type.bytes)
		to[i] = to_float(type, load_bits(type, p));
}

int64_t plait__number_to_integer(struct plait__number type, const void *from)
{
	uint64_t bits = load_bits(type, from);

	PLAIT__ASSERT(plait__number_is_integer(type), "a whole number is of an integer type");
	if (type.kind == PLAIT__SIGNED)
		return extend_sign(bits, type.bytes);
	if (type.kind == PLAIT__BOOL)
		return bits != 0;
	return bits > INT64_MAX ? INT64_MAX : (int64_t)bits;
}

static enum plait__text_kind classify(const char *text, double *value)
{
	const char *word = text + (*text == '-' || *text == '+');
	char *end;

	if (strcasecmp(word, "nan") == 0 || strcasecmp(word, "inf") == 0 ||
	    strcasecmp(word, "infinity") == 0)
		return PLAIT__TEXT_NOT_FINITE;
	if (*text == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
		return PLAIT__TEXT_OTHER; /* strtod would take hexadecimal and leading spaces */
	*value = strtod(text, &end);
	if (end == text || *end)
		return PLAIT__TEXT_OTHER;
	return fabs(*value) <= FLT_MAX ? PLAIT__TEXT_NUMBER : PLAIT__TEXT_NOT_FINITE;
}

/* strtod is most of the time that reading numbers takes.  With at most 15 digits, the
 * digits and the power of ten are doubles, so one division gives strtod's result. */
enum plait__text_kind plait__number_parse(const char *text, double *value)
{
	static const double power[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
					1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	const char *p = text + (*text == '-');
	int64_t digits = 0;
	int count = 0, point = -1;

	for (; count <= 15 && ((*p >= '0' && *p <= '9') || (*p == '.' && point < 0)); p++) {
		if (*p == '.') {
			point = count;
			continue;
		}
		digits = 10 * digits + (*p - '0');
		count++;
	}
	if (*p != '\0' || count == 0 || count > 15)
		return classify(text, value);
	*value = (double)digits / power[point < 0 ? 0 : count - point];
	if (*text == '-')
		*value = -*value;
	return PLAIT__TEXT_NUMBER;
}

bool plait__number_fits_float(const char *start, const char *end, double value)
{
	if ((float)value != 0)
		return isfinite((float)value);
	for (; start < end && *start != 'e' && *start != 'E'; start++)
		if (*start >= '1' && *start <= '9')
			return false;
	return true;
}
