/* SPDX-License-Identifier: MIT
 * Safetensors that are wrong: every fault in a header is refused with its place, and damaged files
 * do no harm. */
#include "tests/checkpoint/file.h"

static float data[] = { 1, -2.5f, 3e-38f, 4, 1e-42f, 6, 7 };

static void refuses(const char *header, size_t data, const char *message)
{
	char zeros[64] = { 0 };
	struct checkpoint_file f = checkpoint_make(header, zeros, data);
	int status;

	checkpoint_put(&f);
	status = try_checkpoint(NAME);
	ok(status == PLAIT_EFORMAT && strstr(plait_error_message(), files_path(NAME)) &&
		   strstr(plait_error_message(), message),
	   "refuses: %s", message);
	if (status != PLAIT_EFORMAT || !strstr(plait_error_message(), message))
		printf("# %s: status %d: %s\n", header, status, plait_error_message());
}

#define T(offsets) "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" offsets "}"

static void test_bad_headers(void)
{
	refuses("{\"a\":" T("[0,8]") "}", 7,
		"expected 8 bytes of data as the header says, found 7");
	refuses("{\"a\":" T("[0,8]") "}", 9,
		"expected 8 bytes of data as the header says, found 9");
	refuses("{\"a\":" T("[0,4]") "}", 8,
		"expected data_offsets as far apart as [2] of F32 needs, found [0,4]");
	refuses("{\"a\":" T("[8,0]") "}", 8, "found [8,0]");
	refuses("{\"a\":" T("[8,16]") "}", 16, "to begin at 0, where others end, found 8");
	refuses("{\"a\":" T("[0,8]") ",\"b\":" T("[4,12]") "}", 12,
		"to begin at 8, where others end, found 4");
	refuses("{\"a\":" T("[0,8]") ",\"b\":" T("[9,17]") "}", 17, "found 9");
	refuses("{\"a\":" T("[0,8]") ",\"a\":" T("[8,16]") "}", 16,
		"each name once, found \"a\" twice");
	refuses("{\"a\":" T("[0,8]") ",\"\\u0061\":" T("[8,16]") "}", 16,
		"each name once, found \"a\" twice");
	refuses("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "found \"k\" twice");
	refuses("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "one __metadata__");
	refuses("{\"__metadata__\":{\"k\":1}}", 0, "a metadata string");
	refuses("{\"__metadata__\":[]}", 0, "the metadata's {");
	refuses("{\"a\":" T("[0,8]") "},", 8, "only spaces");
	refuses("{\"a\":" T("[0,8]") ",}", 8, "a tensor's name");
	refuses(" {\"a\":" T("[0,8]") "}", 8, "offset 8: expected {");
	refuses("[]", 0, "offset 8: expected {, found []");
	refuses("{\"a\":" T("[0,8.0]") "}", 8, "expected ]");
	refuses("{\"a\":" T("[0,08]") "}", 8, "where the data end");
	refuses("{\"a\":" T("[-0,8]") "}", 8, "where the data begin");
	refuses("{\"a\":" T("[0,99999999999999999999]") "}", 8, "a number below 2^63");
	refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8,
		"expected a data_offsets, found none");
	refuses("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8, "expected a shape");
	refuses("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "expected a dtype");
	refuses("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
		"}",
		8, "found \"dtype\"");
	refuses("{\"a\":{\"dtype\":\"float\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
		"found \"float\"");
	refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,2],\"data_offsets\":[0,8]}}", 8,
		"at most 6");
	refuses("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1,
		"as far apart as [3] of F4");
	refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1099511627776,1099511627776],\"data_"
		"offsets\":[0,0]}}",
		0, "[1099511627776,1099511627776] of F32");
	refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1152921504606846976],\"data_offsets\":[0,0]}"
		"}",
		0, "of F32 needs");
	refuses("{\"a\":{\"dtype\":\"F32\",\"shape\":[1000000000000000000],\"data_offsets\":[0,"
		"4000000000000000000]}}",
		0, "of F32 needs");
	refuses("{\"a\":" T("[0,8]"), 8, "a comma or }");
	refuses("{\"a", 0, "a closing quote, found the end");
	refuses("{\"a\n\":" T("[0,8]") "}", 8, "a closing quote");
	refuses("{\"a\\x\":" T("[0,8]") "}", 8, "an escape");
	refuses("{\"a\\u00g0\":" T("[0,8]") "}", 8, "a hexadecimal digit");
	refuses("{\"a\\u0000\":" T("[0,8]") "}", 8, "a character");
	refuses("{\"a\\ud800\":" T("[0,8]") "}", 8, "second half of a surrogate pair");
	refuses("{\"a\\ud800\\u0041\":" T("[0,8]") "}", 8, "second half of a surrogate pair");
	refuses("{\"a\\udc00\":" T("[0,8]") "}", 8, "a character");
	refuses("{\"a\xff\":" T("[0,8]") "}", 8, "UTF-8");
	refuses("{\"a\xc0\x80\":" T("[0,8]") "}", 8, "UTF-8");
	refuses("{\"a\xed\xa0\x80\":" T("[0,8]") "}", 8, "UTF-8");
}

static void test_bad_files(void)
{
	struct checkpoint_file f = checkpoint_make("{\"a\":" T("[0,8]") "}", data, 8);
	static const uint64_t lengths[] = { 0, 1, 1000, 100000001, (uint64_t)1 << 63, UINT64_MAX };

	for (int i = 0; i < 6; i++) {
		memcpy(f.byte, &lengths[i], 8);
		checkpoint_put(&f);
		ok(try_checkpoint(NAME) == PLAIT_EFORMAT &&
			   strstr(plait_error_message(), "expected a header length"),
		   "header length %llu", (unsigned long long)lengths[i]);
		contains(plait_error_message(), "no safetensors file",
			 "which says what that means");
	}
	f.size = 5;
	checkpoint_put(&f);
	is_int(try_checkpoint(NAME), PLAIT_EFORMAT, "five bytes");
	contains(plait_error_message(), "no safetensors file", "are none");
	is_int(plait_checkpoint_open(NULL, NULL), PLAIT_EINVAL, "NULL");
	is_int(try_checkpoint("none"), PLAIT_EIO, "no such file");
	contains(plait_error_message(), files_path("none"), "the message names it");
	is_int(try_checkpoint(""), PLAIT_EIO, "a folder");
	contains(plait_error_message(), "a folder", "the message says so");
}

static void test_attacks(void)
{
	static const char header[] =
		"{\"__metadata__\":{\"format\":\"pt\"},\"0.w\":{\"dtype\":\"F32\",\"shape\":[2,1],"
		"\"data_offsets\":[0,8]},\"0.b\":{\"dtype\":\"F16\",\"shape\":[2],"
		"\"data_offsets\":[8,12]}}   ";
	struct checkpoint_file f = checkpoint_make(header, data, 12);

	checkpoint_put(&f);
	is_int(try_checkpoint(NAME), 0, "a good file");
	is_int(files_truncate(NAME, f.byte, f.size, true, try_checkpoint, NAME), 0,
	       "a file of every length");
	is_int(files_mutate(NAME, f.byte, f.size, 20000, try_checkpoint, NAME), 0,
	       "a file changed 20,000 times");
}

int main(void)
{
	test_bad_headers();
	test_bad_files();
	test_attacks();
	return tap_done();
}
