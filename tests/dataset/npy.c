/* SPDX-License-Identifier: MIT
 * NPY files of every version, type and byte order, good and bad; one set by NumPy itself. */
#include "src/base/number.h"
#include "tests/dataset/dataset.h"

#include <plait/loader.h>

struct npy {
	unsigned char byte[2048];
	size_t size;
};

static void append(struct npy *f, const void *from, size_t size)
{
	memcpy(f->byte + f->size, from, size);
	f->size += size;
}

/* A file with this header text and data. */
static struct npy raw(int version, const char *text, const void *data, size_t size)
{
	struct npy f = { .size = 0 };
	size_t length = strlen(text);

	append(&f, "\x93NUMPY", 6);
	append(&f,
	       (unsigned char[]){ (unsigned char)version, 0, length & 255,
				  (unsigned char)(length >> 8), 0, 0 },
	       version == 1 ? 4 : 6);
	append(&f, text, length);
	append(&f, data, size);
	return f;
}

static struct npy make(const char *descr, const char *shape, const void *data, size_t size)
{
	char text[256];

	snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }   \n",
		 descr, shape);
	return raw(1, text, data, size);
}

static void put(const char *name, struct npy f)
{
	files_write(name, f.byte, f.size);
}

static const char *spec(void)
{
	return files_spec("npy:%s,%s", "x.npy", "y.npy");
}

static const float x_data[6] = { 1, 2, 3, 4, 5, 6 };
static const int64_t y_data[3] = { 2, 0, 1 };

static void put_good(void)
{
	put("x.npy", make("<f4", "(3, 2)", x_data, sizeof x_data));
	put("y.npy", make("<i8", "(3,)", y_data, sizeof y_data));
}

/* Columns one after another, as numpy writes an array in Fortran's order. */
static void test_fortran(void)
{
	static const float columns[] = { 1, 3, 5, 2, 4, 6 };
	static const unsigned char cube[] = { 0, 12, 6, 18, 3, 15, 9, 21 }; /* [2,2,2] */
	struct plait_dataset *set;
	float x[2], y[2];
	unsigned char bytes[4];

	put("x.npy", raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2)}", columns,
			 sizeof columns));
	put("y.npy", raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2)}", columns,
			 sizeof columns));
	set = open_or_bail(spec());
	for (int i = 0; i < 3; i++) {
		is_int(plait_dataset_read(set, i, 0, x, NULL, y), 0, "Fortran's order: sample %d",
		       i);
		ok(x[0] == 2 * i + 1 && x[1] == 2 * i + 2, "its values");
		ok(y[0] == 2 * i + 1 && y[1] == 2 * i + 2, "its targets");
	}
	plait_dataset_destroy(set);
	put("x.npy", raw(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2)}", cube,
			 sizeof cube));
	put("y.npy", make("|u1", "(2,)", "\0\1", 2));
	set = open_or_bail(spec());
	plait_dataset_read(set, 1, 0, bytes, NULL, NULL);
	ok(bytes[0] == 12 && bytes[1] == 15 && bytes[2] == 18 && bytes[3] == 21, "a cube of bytes");
	plait_dataset_destroy(set);
}

/* A note says whether numbers are divided by 255. */
static void test_scale(void)
{
	static const struct {
		const char *descr, *note;
	} cases[] = {
		{ "|u1", "x.npy: uint8 becomes 0 to 1, divided by 255" },
		{ "|i1", "x.npy: int8 is taken as it is (only uint8 is divided by 255)" },
		{ ">u2", "x.npy: uint16 is taken as it is (" },
		{ "<i4", "x.npy: int32 is taken as it is (" },
		{ "<i8", "x.npy: int64 is taken as it is (" },
		{ "<f4", "x.npy: float32 is taken as it is (" },
	};
	static const unsigned char data[16];

	put("y.npy", make("|u1", "(2,)", "\0\1", 2));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plait_dataset *set;

		put("x.npy",
		    make(cases[i].descr, "(2, 1)", data, 2 * (size_t)(cases[i].descr[2] - '0')));
		set = open_or_bail(spec());
		contains(plait_dataset_note(set, 0, NULL), cases[i].note, "%s: its scale is noted",
			 cases[i].descr);
		plait_dataset_destroy(set);
	}
}

/* What the shape of [2,4,5,3] and other bytes says, and what the option does. */
static void test_layout(void)
{
	static const struct {
		const char *descr, *shape, *option, *sample;
		bool noted;
	} cases[] = {
		{ "|u1", "(2, 4, 5, 3)", "", "[3,4,5]", true },
		{ "|u1", "(2, 4, 5, 3)", ",layout=hwc", "[3,4,5]", false },
		{ "|u1", "(2, 4, 5, 3)", ",layout=chw", "[4,5,3]", false },
		{ "|u1", "(2, 3, 4, 5)", "", "[3,4,5]", false },
		{ "|u1", "(2, 3, 20, 1)", "", "[3,20,1]", false },
		{ "|u1", "(2, 3, 20, 1)", ",layout=hwc", "[1,3,20]", false },
		{ "|u1", "(2, 6, 10, 1)", "", "[1,6,10]", true },
		{ "|u1", "(2, 15, 4)", "", "[15,4]", false },
		{ "|i1", "(2, 4, 5, 3)", "", "[4,5,3]", false },
		{ "|i1", "(2, 4, 5, 3)", ",layout=hwc", "[3,4,5]", false },
	};
	struct plait_transform *flip;
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim;
	unsigned char data[120], bytes[60];
	struct plait_dataset *set;
	char text[1200];

	for (int i = 0; i < 120; i++)
		data[i] = (unsigned char)i;
	put("y.npy", make("|u1", "(2,)", "\0\1", 2));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put("x.npy", make(cases[i].descr, cases[i].shape, data, sizeof data));
		snprintf(text, sizeof text, "%s%s", spec(), cases[i].option);
		set = open_or_bail(text);
		is_string(sample_shape(set), cases[i].sample, "layout %zu", i);
		/* The last note is that of test_scale. */
		is_int(plait_dataset_note(set, 1, NULL) != NULL, cases[i].noted, "is noted or not");
		plait_dataset_destroy(set);
	}
	put("x.npy", make("|u1", "(2, 4, 5, 3)", data, sizeof data));
	set = open_or_bail(spec());
	plait_dataset_read(set, 1, 0, bytes, NULL, NULL);
	ok(bytes[0] == 60 && bytes[1] == 63 && bytes[20] == 61 && bytes[5] == 75 &&
		   bytes[59] == 119,
	   "channels come first");
	contains(plait_dataset_note(set, 0, NULL),
		 "[4,5,3] is taken as height, width, channels (layout=chw says otherwise)",
		 "the note");
	plait_dataset_destroy(set);
	snprintf(text, sizeof text, "%s,layout=chw", spec());
	set = open_or_bail(text);
	if (plait_transform_parse(&flip, "flip") < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_sample_shape(set, flip, &ndim, dim), PLAIT_ESHAPE,
	       "a transform refuses what is no image");
	contains(plait_error_message(), "samples are [4,5,3]; transforms are for images",
		 "and names the shape");
	plait_transform_destroy(flip);
	plait_dataset_destroy(set);
	snprintf(text, sizeof text, "%s,layout=cwh", spec());
	refuses(text, PLAIT_EINVAL, "layout=cwh", "expected chw");
	put("x.npy", make("|u1", "(2, 60)", data, sizeof data));
	snprintf(text, sizeof text, "%s,layout=hwc", spec());
	refuses(text, PLAIT_EINVAL, files_path("x.npy"), "three dimensions, found [60]");
}

/* Floats that are all whole numbers from 0 on are labels, as in CSV. */
static void test_whole(void)
{
	static const struct {
		float y[3];
		int classes;
	} cases[] = { { { 0, 1, 0 }, 2 },
		      { { 0, 1, 0.5f }, 0 },
		      { { 0, -1, 0 }, 0 },
		      { { 0, 1, 3e9f }, 0 },
		      { { 2, -0.0f, 7 }, 8 } };

	put_good();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plait_dataset *set;

		put("y.npy", make("<f4", "(3,)", cases[i].y, 12));
		set = open_or_bail(spec());
		is_int(plait_dataset_info(set)->classes, cases[i].classes, "whole %zu: classes", i);
		is_int(plait_dataset_info(set)->targets, 1, "and targets");
		plait_dataset_destroy(set);
	}
}

static void test_labels(void)
{
	struct plait_dataset *set;
	float x[2], target;
	int32_t label;

	put_good();
	set = open_or_bail(spec());
	is_string(sample_shape(set), "[2]", "shape");
	is_int(plait_dataset_info(set)->classes, 3, "classes");
	is_int(plait_dataset_info(set)->targets, 1, "labels are numbers too");
	plait_dataset_read(set, 0, 0, x, &label, &target);
	ok(x[0] == 1 && x[1] == 2 && label == 2 && target == 2, "sample 0");
	plait_dataset_destroy(set);
	put("y.npy", make("<i8", "(3, 1)", y_data, sizeof y_data));
	is_int(try_dataset(spec()), 0, "labels [N,1]");
	put("y.npy", make("<f4", "(3, 2)", x_data, sizeof x_data));
	set = open_or_bail(spec());
	is_int(plait_dataset_info(set)->targets, 2, "targets [N,M]");
	is_int(plait_dataset_info(set)->classes, 0, "targets are no labels");
	plait_dataset_destroy(set);
	put("y.npy", make("<f4", "(3,)", x_data, 12));
	set = open_or_bail(spec());
	plait_dataset_read(set, 2, 0, x, &label, &target);
	ok(target == 3, "targets [N]");
	plait_dataset_destroy(set);
}

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

	put("y.npy", make("|u1", "(2,)", "\0\1", 2));
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
			put("x.npy", make(descr, "(2, 1)", data, 2 * (size_t)size));
			set = open_or_bail(spec());
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
	struct npy head = make("<f2", "(65536,)", "", 0);
	unsigned char label[65536] = { 0 };
	const struct plait__number type = { .kind = PLAIT__FLOAT, .bytes = 2 };
	struct plait_dataset *set;
	int wrong = 0;

	for (int i = 0; i < 65536; i++)
		half[i] = (i >> 10 & 31) == 31 ? 0 : (uint16_t)i;
	memcpy(file, head.byte, head.size);
	memcpy(file + head.size, half, sizeof half);
	files_write("x.npy", file, head.size + sizeof half);
	head = make("|u1", "(65536,)", "", 0);
	memcpy(file, head.byte, head.size);
	memcpy(file + head.size, label, sizeof label);
	files_write("y.npy", file, head.size + sizeof label);
	set = open_or_bail(spec());
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

static void test_headers(void)
{
	static const char *const good[] = {
		"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)}",
		"{\"shape\":(3L,2L,),\"fortran_order\":False,\"descr\":\"<f4\"}\n",
		" { 'fortran_order' : False , 'descr' : '=f4' , 'shape' : ( 3 , 2 ) , } \n",
	};
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "", "expected {, found the header's end" },
		{ "[]", "expected {, found []" },
		{ "{}", "found no 'descr'" },
		{ "{'descr': '<f4', 'shape': (3, 2)}", "found no 'fortran_order'" },
		{ "{'descr': '<f4', 'fortran_order': False}", "found no 'shape'" },
		{ "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)}",
		  "once each, found" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), 'x': 1}",
		  "once each" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)} x", "only spaces" },
		{ "{'descr': '<f4', 'fortran_order': False 'shape': (3, 2)}", "a comma or }" },
		{ "{'descr': '<f4', 'fortran_order': false, 'shape': (3, 2)}", "True or False" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (3 2)}", "a comma or )" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 2)}", "a dimension" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2", "a comma or )" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': [3, 2]}", "a shape such as" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "a first dimension" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1)}",
		  "at most 6" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2)}",
		  "at least one sample" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}",
		  "below 2^63" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000)}",
		  "4000000000000000000 bytes" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (9000000000, 9000000000)}",
		  "more than any file" },
		{ "{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}", "found '<c8'" },
		{ "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", "found '|O'" },
		{ "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}",
		  "one type such as" },
		{ "{'descr': '<f4<f4<f4<f4<f4<f4', 'fortran_order': False, 'shape': (3,)}",
		  "one type such as" },
		{ "{'descr': '<f4, 'fortran_order': False, 'shape': (3,)}", "a comma or }" },
		{ "{'descr': '<f4", "one type such as" },
	};

	put_good();
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		for (int version = 1; version <= 3; version++) {
			put("x.npy", raw(version, good[i], x_data, sizeof x_data));
			is_int(try_dataset(spec()), 0, "version %d: %.50s", version, good[i]);
		}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		put("x.npy", raw(2, bad[i].text, x_data, sizeof x_data));
		refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), bad[i].message);
	}
	put("x.npy", raw(4, good[0], x_data, sizeof x_data));
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "version 1.0, 2.0 or 3.0, found 4.0");
	put("x.npy", raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3,)}", x_data, 12));
	is_int(try_dataset(spec()), 0, "a vector has no order");
}

/* Numbers that nothing can be learned from, or that become so as float32. */
static void test_not_finite(void)
{
	static const double big[6] = { 1, 2, 3, 1e300, 5, 6 };
	float x[6] = { 1, 2, 3, 4, 5, NAN };

	put_good();
	put("x.npy", make("<f4", "(3, 2)", x, sizeof x));
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"),
		"sample 2: expected finite numbers, found nan");
	x[5] = -INFINITY;
	put("x.npy", make("<f4", "(3, 2)", x, sizeof x));
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 2: expected finite");
	put("x.npy", make("<f8", "(3, 2)", big, sizeof big));
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 1: expected finite");
	put("x.npy", raw(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }\n", big,
			 sizeof big));
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 0: expected finite");
	put("x.npy",
	    raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }\n", x, sizeof x));
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 2: expected finite");
	put("x.npy", make("<f2", "(3, 1)", "\0\0\0\x7c\0\0", 6));
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "sample 1: expected finite");
	put_good();
	put("y.npy", make("<f4", "(3, 2)", x, sizeof x));
	refuses(spec(), PLAIT_EFORMAT, files_path("y.npy"), "sample 2: expected finite");
	x[2] = NAN;
	put("y.npy", make("<f4", "(3,)", x, 12));
	refuses(spec(), PLAIT_EFORMAT, files_path("y.npy"), "sample 2: expected finite");
}

static void test_bad(void)
{
	struct npy f;

	put_good();
	put("x.npy", make("<f4", "(2, 2)", x_data, 16));
	refuses(spec(), PLAIT_EFORMAT, files_path("y.npy"), "expected 2 samples as in x, found 3");
	put_good();
	put("y.npy", make("<i8", "(3,)", (int64_t[]){ 1, 2, -1 }, 24));
	refuses(spec(), PLAIT_ELABEL, files_path("y.npy"),
		"label 2 is -1, must be 0 to 2147483646, as integers are labels (store targets as");
	put("y.npy", make("<u8", "(3,)", (uint64_t[]){ 1, UINT64_MAX, 0 }, 24));
	refuses(spec(), PLAIT_ELABEL, files_path("y.npy"), "label 1 is 9223372036854775807");
	put("y.npy", make("<i4", "(3,)", (int32_t[]){ 1, INT32_MAX, 0 }, 12));
	refuses(spec(), PLAIT_ELABEL, files_path("y.npy"), "label 1 is 2147483647");
	put("y.npy", make("<i4", "(3, 2)", x_data, sizeof x_data));
	refuses(spec(), PLAIT_EFORMAT, files_path("y.npy"), "[N] or [N,1], found shape [3,2]");
	put("y.npy", make("<f4", "(3, 1, 2)", x_data, sizeof x_data));
	refuses(spec(), PLAIT_EFORMAT, files_path("y.npy"), "[N] or [N,M], found shape [3,1,2]");
	put_good();
	f = make("<f4", "(3, 2)", x_data, sizeof x_data);
	f.size++;
	put("x.npy", f);
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"),
		"expected 24 bytes of data [3,2], found 25");
	put("x.npy", (struct npy){ .size = 0 });
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "offset 0");
	files_write("x.npy", "PK\3\4 some zip file", 18);
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"), "\\x93NUMPY");
	files_write("x.npy", "\x93NUMPY\2\0\xff\xff\xff\xff", 12);
	refuses(spec(), PLAIT_EFORMAT, files_path("x.npy"),
		"at most 65536 bytes, found 4294967295");
}

static void test_attacks(void)
{
	struct npy x = make("<f4", "(3, 2)", x_data, sizeof x_data),
		   y = make("<i8", "(3,)", y_data, sizeof y_data);
	char both[1024];

	snprintf(both, sizeof both, "%s", spec());
	put_good();
	is_int(files_truncate("x.npy", x.byte, x.size, true, try_dataset, both), 0,
	       "x of every length");
	is_int(files_truncate("y.npy", y.byte, y.size, true, try_dataset, both), 0,
	       "y of every length");
	is_int(files_mutate("x.npy", x.byte, x.size, 5000, try_dataset, both), 0,
	       "x changed 5000 times");
	is_int(files_mutate("y.npy", y.byte, y.size, 5000, try_dataset, both), 0,
	       "y changed 5000 times");
	files_write_gzip("x.npy", x.byte, x.size);
	is_int(try_dataset(both), 0, "x compressed");
}

static void test_numpy(void)
{
	char command[2048];
	struct plait_dataset *set;
	float x[6], target;
	int32_t label;

	snprintf(command, sizeof command,
		 "for p in python3 /usr/bin/python3; do $p -c \"import numpy as n; "
		 "n.save('%s', n.arange(24, dtype='>f8').reshape(4, 2, 3)); n.save('%s', "
		 "n.arange(4) %% 3)\" "
		 "2>/dev/null && exit 0; done; exit 1",
		 files_path("x.npy"), files_path("y.npy"));
	if (system(command) != 0) {
		tap_skip("no Python with NumPy");
		return;
	}
	set = open_or_bail(spec());
	is_string(sample_shape(set), "[2,3]", "NumPy's own file: shape");
	plait_dataset_read(set, 3, 0, x, &label, &target);
	ok(x[0] == 18 && x[5] == 23 && label == 0 && target == 0, "NumPy's own file: sample 3");
	plait_dataset_destroy(set);
}

int main(void)
{
	test_labels();
	test_fortran();
	test_scale();
	test_layout();
	test_whole();
	test_types();
	test_halves();
	test_headers();
	test_not_finite();
	test_bad();
	test_attacks();
	test_numpy();
	return tap_done();
}
