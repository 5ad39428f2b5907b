/* SPDX-License-Identifier: MIT
 * NPY files of every version, good and bad, cut off and changed. */
#include "tests/dataset/npy.h"

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

	npy_put_good();
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		for (int version = 1; version <= 3; version++) {
			npy_put("x.npy", npy_raw(version, good[i], npy_x, sizeof npy_x));
			is_int(try_dataset(npy_spec()), 0, "version %d: %.50s", version, good[i]);
		}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		npy_put("x.npy", npy_raw(2, bad[i].text, npy_x, sizeof npy_x));
		refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), bad[i].message);
	}
	npy_put("x.npy", npy_raw(4, good[0], npy_x, sizeof npy_x));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"),
		"version 1.0, 2.0 or 3.0, found 4.0");
	npy_put("x.npy",
		npy_raw(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (3,)}", npy_x, 12));
	is_int(try_dataset(npy_spec()), 0, "a vector has no order");
}

static void test_bad(void)
{
	struct npy f;

	npy_put_good();
	npy_put("x.npy", npy_make("<f4", "(2, 2)", npy_x, 16));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("y.npy"),
		"expected 2 samples as in x, found 3");
	npy_put_good();
	npy_put("y.npy", npy_make("<i8", "(3,)", (int64_t[]){ 1, 2, -1 }, 24));
	refuses(npy_spec(), PLAIT_ELABEL, files_path("y.npy"),
		"label 2 is -1, must be 0 to 2147483646, as integers are labels (store targets as");
	npy_put("y.npy", npy_make("<u8", "(3,)", (uint64_t[]){ 1, UINT64_MAX, 0 }, 24));
	refuses(npy_spec(), PLAIT_ELABEL, files_path("y.npy"), "label 1 is 9223372036854775807");
	npy_put("y.npy", npy_make("<i4", "(3,)", (int32_t[]){ 1, INT32_MAX, 0 }, 12));
	refuses(npy_spec(), PLAIT_ELABEL, files_path("y.npy"), "label 1 is 2147483647");
	npy_put("y.npy", npy_make("<i4", "(3, 2)", npy_x, sizeof npy_x));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("y.npy"), "[N] or [N,1], found shape [3,2]");
	npy_put("y.npy", npy_make("<f4", "(3, 1, 2)", npy_x, sizeof npy_x));
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("y.npy"),
		"[N] or [N,M], found shape [3,1,2]");
	npy_put_good();
	f = npy_make("<f4", "(3, 2)", npy_x, sizeof npy_x);
	f.size++;
	npy_put("x.npy", f);
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"),
		"expected 24 bytes of data [3,2], found 25");
	npy_put("x.npy", (struct npy){ .size = 0 });
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), "offset 0");
	files_write("x.npy", "PK\3\4 some zip file", 18);
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"), "\\x93NUMPY");
	files_write("x.npy", "\x93NUMPY\2\0\xff\xff\xff\xff", 12);
	refuses(npy_spec(), PLAIT_EFORMAT, files_path("x.npy"),
		"at most 65536 bytes, found 4294967295");
}

static void test_attacks(void)
{
	struct npy x = npy_make("<f4", "(3, 2)", npy_x, sizeof npy_x),
		   y = npy_make("<i8", "(3,)", npy_y, sizeof npy_y);
	char both[1024];

	snprintf(both, sizeof both, "%s", npy_spec());
	npy_put_good();
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

int main(void)
{
	test_headers();
	test_bad();
	test_attacks();
	return tap_done();
}
