/* SPDX-License-Identifier: MIT
 * NPY files: labels and targets, the order of axes, the scale of numbers; one set by NumPy itself.
 */
#include "tests/dataset/npy.h"

#include <plait/loader.h>

static void test_labels(void)
{
	struct plait_dataset *set;
	float x[2], target;
	int32_t label;

	npy_put_good();
	set = open_or_bail(npy_spec());
	is_string(sample_shape(set), "[2]", "shape");
	is_int(plait_dataset_info(set)->classes, 3, "classes");
	is_int(plait_dataset_info(set)->targets, 1, "labels are numbers too");
	plait_dataset_read(set, 0, 0, x, &label, &target);
	ok(x[0] == 1 && x[1] == 2 && label == 2 && target == 2, "sample 0");
	plait_dataset_destroy(set);
	npy_put("y.npy", npy_make("<i8", "(3, 1)", npy_y, sizeof npy_y));
	is_int(try_dataset(npy_spec()), 0, "labels [N,1]");
	npy_put("y.npy", npy_make("<f4", "(3, 2)", npy_x, sizeof npy_x));
	set = open_or_bail(npy_spec());
	is_int(plait_dataset_info(set)->targets, 2, "targets [N,M]");
	is_int(plait_dataset_info(set)->classes, 0, "targets are no labels");
	plait_dataset_destroy(set);
	npy_put("y.npy", npy_make("<f4", "(3,)", npy_x, 12));
	set = open_or_bail(npy_spec());
	plait_dataset_read(set, 2, 0, x, &label, &target);
	ok(target == 3, "targets [N]");
	plait_dataset_destroy(set);
}

/* Columns one after another, as numpy writes an array in Fortran's order. */
static void test_fortran(void)
{
	static const float columns[] = { 1, 3, 5, 2, 4, 6 };
	static const unsigned char cube[] = { 0, 12, 6, 18, 3, 15, 9, 21 }; /* [2,2,2] */
	struct plait_dataset *set;
	float x[2], y[2];
	unsigned char bytes[4];

	npy_put("x.npy", npy_raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2)}",
				 columns, sizeof columns));
	npy_put("y.npy", npy_raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2)}",
				 columns, sizeof columns));
	set = open_or_bail(npy_spec());
	for (int i = 0; i < 3; i++) {
		is_int(plait_dataset_read(set, i, 0, x, NULL, y), 0, "Fortran's order: sample %d",
		       i);
		ok(x[0] == 2 * i + 1 && x[1] == 2 * i + 2, "its values");
		ok(y[0] == 2 * i + 1 && y[1] == 2 * i + 2, "its targets");
	}
	plait_dataset_destroy(set);
	npy_put("x.npy", npy_raw(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2)}",
				 cube, sizeof cube));
	npy_put("y.npy", npy_make("|u1", "(2,)", "\0\1", 2));
	set = open_or_bail(npy_spec());
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

	npy_put("y.npy", npy_make("|u1", "(2,)", "\0\1", 2));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plait_dataset *set;

		npy_put("x.npy", npy_make(cases[i].descr, "(2, 1)", data,
					  2 * (size_t)(cases[i].descr[2] - '0')));
		set = open_or_bail(npy_spec());
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
	npy_put("y.npy", npy_make("|u1", "(2,)", "\0\1", 2));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		npy_put("x.npy", npy_make(cases[i].descr, cases[i].shape, data, sizeof data));
		snprintf(text, sizeof text, "%s%s", npy_spec(), cases[i].option);
		set = open_or_bail(text);
		is_string(sample_shape(set), cases[i].sample, "layout %zu", i);
		/* The last note is that of test_scale. */
		is_int(plait_dataset_note(set, 1, NULL) != NULL, cases[i].noted, "is noted or not");
		plait_dataset_destroy(set);
	}
	npy_put("x.npy", npy_make("|u1", "(2, 4, 5, 3)", data, sizeof data));
	set = open_or_bail(npy_spec());
	plait_dataset_read(set, 1, 0, bytes, NULL, NULL);
	ok(bytes[0] == 60 && bytes[1] == 63 && bytes[20] == 61 && bytes[5] == 75 &&
		   bytes[59] == 119,
	   "channels come first");
	contains(plait_dataset_note(set, 0, NULL),
		 "[4,5,3] is taken as height, width, channels (layout=chw says otherwise)",
		 "the note");
	plait_dataset_destroy(set);
	snprintf(text, sizeof text, "%s,layout=chw", npy_spec());
	set = open_or_bail(text);
	if (plait_transform_parse(&flip, "flip") < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_sample_shape(set, flip, &ndim, dim), PLAIT_ESHAPE,
	       "a transform refuses what is no image");
	contains(plait_error_message(), "samples are [4,5,3]; transforms are for images",
		 "and names the shape");
	plait_transform_destroy(flip);
	plait_dataset_destroy(set);
	snprintf(text, sizeof text, "%s,layout=cwh", npy_spec());
	refuses(text, PLAIT_EINVAL, "layout=cwh", "expected chw");
	npy_put("x.npy", npy_make("|u1", "(2, 60)", data, sizeof data));
	snprintf(text, sizeof text, "%s,layout=hwc", npy_spec());
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

	npy_put_good();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plait_dataset *set;

		npy_put("y.npy", npy_make("<f4", "(3,)", cases[i].y, 12));
		set = open_or_bail(npy_spec());
		is_int(plait_dataset_info(set)->classes, cases[i].classes, "whole %zu: classes", i);
		is_int(plait_dataset_info(set)->targets, 1, "and targets");
		plait_dataset_destroy(set);
	}
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
	set = open_or_bail(npy_spec());
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
	test_numpy();
	return tap_done();
}
