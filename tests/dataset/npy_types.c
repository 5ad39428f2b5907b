/* SPDX-License-Identifier: MIT
 * NPY files of every type and byte order: the numbers that they become. */
#include "src/base/number.h"
#include "tests/dataset/npy.h"

/* 1 and -2 (200 where there is no sign) in every type, little-endian. */
static void test_types(void)
{
	static const struct {
		const char *type;
		int bytes;
		double second;
		unsigned char little[16];
	} types[] = {
		{ "f2", 2, -2, { 0, 0x3c, 0, 0xc0 } },
		{ "f4", 4, -2, { 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0 } },
		{ "f8", 8, -2, { 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0 } },
		{ "u1", 1, 200, { 1, 200 } },
		{ "u2", 2, 200, { 1, 0, 200 } },
		{ "u4", 4, 200, { 1, 0, 0, 0, 200 } },
		{ "u8", 8, 200, { 1, 0, 0, 0, 0, 0, 0, 0, 200 } },
		{ "i1", 1, -2, { 1, 0xfe } },
		{ "i2", 2, -2, { 1, 0, 0xfe, 0xff } },
		{ "i4", 4, -2, { 1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff } },
		{ "i8",
		  8,
		  -2,
		  { 1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
		{ "b1", 1, 1, { 1, 7 } },
	};

	npy_put("y.npy", npy_make("|u1", "(2,)", "\0\1", 2));
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		for (int big = 0; big < 2; big++) {
			unsigned char data[16];
			char descr[8];
			float a = 0, b = 0;
			int size = types[i].bytes;
			struct plait_dataset *set;

			for (int k = 0; k < 2 * size; k++)
				data[k] =
					types[i].little[big ? k / size * size + size - 1 - k % size
							    : k];
			snprintf(descr, sizeof descr, "%c%s",
				 big         ? '>'
				 : size == 1 ? '|'
					     : '<',
				 types[i].type);
			npy_put("x.npy", npy_make(descr, "(2, 1)", data, 2 * (size_t)size));
			set = open_or_bail(npy_spec());
			if (plait_dataset_info(set)->dtype == PLAIT_U8) {
				unsigned char byte[2];

				plait_dataset_read(set, 0, 0, &byte[0], NULL, NULL);
				plait_dataset_read(set, 1, 0, &byte[1], NULL, NULL);
				a = byte[0];
				b = byte[1];
				is_string(types[i].type, "u1", "only u1 stays bytes");
			} else {
				plait_dataset_read(set, 0, 0, &a, NULL, NULL);
				plait_dataset_read(set, 1, 0, &b, NULL, NULL);
			}
			ok(a == 1 && b == (float)types[i].second, "%s: 1 and %g", descr,
			   types[i].second);
			plait_dataset_destroy(set);
		}
	}
}

/* Halves by the definition: sign, 2^(exponent - 15), 1 + fraction / 1024; smaller ones
 * without the 1. */
static void test_halves(void)
{
	static uint16_t half[65536];
	static unsigned char file[65536 * 2 + 256];
	struct npy head = npy_make("<f2", "(65536,)", "", 0);
	unsigned char label[65536] = { 0 };
	const struct plait__number type = { .kind = PLAIT__FLOAT, .bytes = 2 };
	struct plait_dataset *set;
	int wrong = 0;

	for (int i = 0; i < 65536; i++)
		half[i] = (i >> 10 & 31) == 31 ? 0 : (uint16_t)i;
	memcpy(file, head.byte, head.size);
	memcpy(file + head.size, half, sizeof half);
	files_write("x.npy", file, head.size + sizeof half);
	head = npy_make("|u1", "(65536,)", "", 0);
	memcpy(file, head.byte, head.size);
	memcpy(file + head.size, label, sizeof label);
	files_write("y.npy", file, head.size + sizeof label);
	set = open_or_bail(npy_spec());
	for (int i = 0; i < 65536; i++) {
		int exponent = i >> 10 & 31, fraction = i & 1023;
		double value =
			exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
		float got;

		plait_dataset_read(set, i, 0, &got, NULL, NULL);
		half[i] = (uint16_t)i;
		if (exponent == 31) /* which the data set would refuse */
			plait__number_to_float(type, &half[i], 1, &got);
		if (exponent == 31)
			wrong += fraction ? !isnan(got) : !isinf(got) || (got < 0) != (i >> 15);
		else
			wrong += got != (float)(i >> 15 ? -value : value) ||
				 !!signbit(got) != i >> 15;
	}
	is_int(wrong, 0, "all 65536 halves");
	plait_dataset_destroy(set);
}

/* Numbers that nothing can be learned from, or that become so as float32. */
static void test_not_finite(void)
{
	static const double big[6] = { 1, 2, 3, 1e300, 5, 6 };
	float x[6] = { 1, 2, 3, 4, 5, NAN };

	npy_put_good();
	npy_put("x.npy", npy_make("<f4", "(3, 2)", x, sizeof x));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"),
		"sample 2: expected finite numbers, found nan");
	x[5] = -INFINITY;
	npy_put("x.npy", npy_make("<f4", "(3, 2)", x, sizeof x));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 2: expected finite");
	npy_put("x.npy", npy_make("<f8", "(3, 2)", big, sizeof big));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 1: expected finite");
	npy_put("x.npy", npy_raw(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }\n",
				 big, sizeof big));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 0: expected finite");
	npy_put("x.npy", npy_raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }\n",
				 x, sizeof x));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 2: expected finite");
	npy_put("x.npy", npy_make("<f2", "(3, 1)", "\0\0\0\x7c\0\0", 6));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 1: expected finite");
	npy_put_good();
	npy_put("y.npy", npy_make("<f4", "(3, 2)", x, sizeof x));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("y.npy"), "sample 2: expected finite");
	x[2] = NAN;
	npy_put("y.npy", npy_make("<f4", "(3,)", x, 12));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("y.npy"), "sample 2: expected finite");
}

int main(void)
{
	test_types();
	test_halves();
	test_not_finite();
	return tap_done();
}
