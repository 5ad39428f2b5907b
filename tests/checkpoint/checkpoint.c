/* SPDX-License-Identifier: MIT
 * Safetensors out and in: round trips, every dtype, every way to be wrong; what was written
 * is also read by a parser that shares nothing with ours (Python's json), if there is one. */
#include "tests/files.h"
#include "tests/tap.h"

#include <plait/checkpoint.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "w.safetensors"

struct file {
	char byte[4096];
	size_t size;
};

/* Header length, header, data. */
static struct file make(const char *header, const void *data, size_t size)
{
	struct file f = { .size = 0 };
	uint64_t length = strlen(header);

	memcpy(f.byte, &length, 8);
	memcpy(f.byte + 8, header, length);
	memcpy(f.byte + 8 + length, data, size);
	f.size = 8 + length + size;
	return f;
}

static void put(const struct file *f)
{
	files_write(NAME, f->byte, f->size);
}

static int try_checkpoint(const void *user)
{
	struct plait_checkpoint *c = NULL;
	int status = plait_checkpoint_open(&c, files_path(user));
	volatile float sum = 0;

	if (status < 0) {
		if (c)
			tap_bail_out("a failed open gave a checkpoint");
		return status;
	}
	for (int i = 0; i < plait_checkpoint_count(c); i++) {
		const struct plait_tensor *t = plait_checkpoint_tensor(c, i);
		int64_t n = plait_shape_elements(t->ndim, t->dim);

		if (plait_checkpoint_find(c, t->name) != t || n < 0)
			tap_bail_out("tensor %d is not found by its name", i);
		for (int64_t k = 0; t->data && k < n; k++)
			sum = sum + ((float *)t->data)[k];
	}
	plait_checkpoint_destroy(c);
	return 0;
}

static void refuses(const char *header, size_t data, const char *message)
{
	char zeros[64] = { 0 };
	struct file f = make(header, zeros, data);
	int status;

	put(&f);
	status = try_checkpoint(NAME);
	ok(status == PLAIT_EFORMAT && strstr(plait_error_message(), files_path(NAME)) &&
		   strstr(plait_error_message(), message),
	   "refuses: %s", message);
	if (status != PLAIT_EFORMAT || !strstr(plait_error_message(), message))
		printf("# %s: status %d: %s\n", header, status, plait_error_message());
}

static float data[] = { 1, -2.5f, 3e-38f, 4, 1e-42f, 6, 7 };
static const char odd_name[] = "a \"quoted\" \\ name\n\x01 \xc3\xa9 \xf0\x9f\x98\x80";
static struct plait_tensor tensors[] = {
	{ "0.weight", PLAIT_F32, 2, { 2, 3 }, data },
	{ "0.bias", PLAIT_F32, 1, { 3 }, data + 3 },
	{ odd_name, PLAIT_F32, 0, { 0 }, data + 1 },
	{ "empty", PLAIT_F32, 2, { 0, 5 }, NULL },
	{ "six", PLAIT_F32, 6, { 1, 1, 1, 1, 1, 7 }, data },
};
#define TENSORS 5

static void test_round_trip(void)
{
	struct plait_checkpoint *c = NULL;
	uint64_t length;
	size_t size;
	char *bytes;

	is_int(plait_checkpoint_save(files_path(NAME), TENSORS, tensors), 0, "save");
	bytes = files_read(NAME, &size);
	memcpy(&length, bytes, 8);
	ok(length % 8 == 0, "the data begin at a multiple of 8");
	is_int(size, 8 + length + 17 * sizeof(float), "the file is exactly as large as it must be");
	free(bytes);
	is_int(plait_checkpoint_open(&c, files_path(NAME)), 0, "open");
	is_int(plait_checkpoint_count(c), TENSORS, "count");
	for (int i = 0; i < TENSORS; i++) {
		const struct plait_tensor *t = plait_checkpoint_tensor(c, i);
		size_t n = (size_t)plait_shape_elements(tensors[i].ndim, tensors[i].dim) *
			   sizeof(float);

		ok(strcmp(t->name, tensors[i].name) == 0 && t->ndim == tensors[i].ndim &&
			   memcmp(t->dim, tensors[i].dim, (size_t)t->ndim * sizeof *t->dim) == 0 &&
			   t->dtype == PLAIT_F32 && t->data &&
			   (n == 0 || memcmp(t->data, tensors[i].data, n) == 0),
		   "tensor %d comes back in its place, bit for bit", i);
		ok(plait_checkpoint_find(c, tensors[i].name) == t, "tensor %d by its name", i);
	}
	ok(!plait_checkpoint_find(c, "none") && !plait_checkpoint_tensor(c, TENSORS) &&
		   !plait_checkpoint_tensor(c, -1),
	   "what is not there is NULL");
	plait_checkpoint_destroy(c);
	plait_checkpoint_destroy(NULL);
	is_int(plait_checkpoint_save(files_path(NAME), 0, NULL), 0, "save nothing");
	is_int(try_checkpoint(NAME), 0, "open nothing");
}

static void test_dtypes(void)
{
	static const unsigned char bytes[] = {
		1,    2,    3,                            /* U8: what follows is not aligned */
		0,    0,    0x20, 0x40, 0, 0, 0x80, 0xbf, /* F32: 2.5, -1 */
		0,    0,    0,    0,    0, 0, 4,    0x40, /* F64: 2.5 */
		0,    0x41, 0,    0xbc,                   /* F16: 2.5, -1 */
		0x20, 0x40, 0x80, 0xbf,                   /* BF16: 2.5, -1 */
		7,    0,    0,    0,                      /* I32 */
		0x21, 0x43, 0x65,                         /* F6_E2M3: four of 6 bits */
	};
	static const char header[] =
		"{\"u\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
		"\"f\":{\"shape\":[2],\"data_offsets\":[3,11],\"dtype\":\"F32\"},"
		"\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[11,19]},"
		"\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[19,23]},"
		"\"__metadata__\":{\"a\":\"b\",\"c\":\"\\ud83d\\ude00\"},"
		"\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[23,27]},"
		"\"s\":{\"dtype\":\"F6_E2M3\",\"shape\":[2,2],\"data_offsets\":[31,34]},"
		"\"\\u0069\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[27,31]}} \n\t";
	static const char *const floats[] = { "f", "d", "h", "b" };
	struct file f = make(header, bytes, sizeof bytes);
	struct plait_checkpoint *c = NULL;

	put(&f);
	if (plait_checkpoint_open(&c, files_path(NAME)) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_checkpoint_count(c), 7, "seven tensors, metadata is none");
	for (int i = 0; i < 4; i++) {
		const struct plait_tensor *t = plait_checkpoint_find(c, floats[i]);
		const float *value = t->data;

		ok(t->dtype == PLAIT_F32 && value[0] == 2.5f && (t->ndim == 0 || value[1] == -1),
		   "%s becomes float32", floats[i]);
	}
	ok(plait_checkpoint_find(c, "u")->dtype == PLAIT_U8 && !plait_checkpoint_find(c, "u")->data,
	   "U8 is listed");
	ok(plait_checkpoint_find(c, "i")->dtype == PLAIT_I32 &&
		   !plait_checkpoint_find(c, "i")->data,
	   "I32 is listed, by its unescaped name");
	ok(plait_checkpoint_find(c, "s")->dim[1] == 2 && !plait_checkpoint_find(c, "s")->data,
	   "F6_E2M3 is listed");
	plait_checkpoint_destroy(c);
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
	struct file f = make("{\"a\":" T("[0,8]") "}", data, 8);
	static const uint64_t lengths[] = { 0, 1, 1000, 100000001, (uint64_t)1 << 63, UINT64_MAX };

	for (int i = 0; i < 6; i++) {
		memcpy(f.byte, &lengths[i], 8);
		put(&f);
		ok(try_checkpoint(NAME) == PLAIT_EFORMAT &&
			   strstr(plait_error_message(), "expected a header length"),
		   "header length %llu", (unsigned long long)lengths[i]);
	}
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
	struct file f = make(header, data, 12);

	put(&f);
	is_int(try_checkpoint(NAME), 0, "a good file");
	is_int(files_truncate(NAME, f.byte, f.size, true, try_checkpoint, NAME), 0,
	       "a file of every length");
	is_int(files_mutate(NAME, f.byte, f.size, 20000, try_checkpoint, NAME), 0,
	       "a file changed 20,000 times");
}

static void refuses_save(struct plait_tensor a, const char *name, const char *message)
{
	struct plait_tensor two[2] = { a, { name, PLAIT_F32, 1, { 1 }, data } };

	is_int(plait_checkpoint_save(files_path("bad"), 2, two), PLAIT_EINVAL, "save refuses: %s",
	       message);
	contains(plait_error_message(), message, "and says so");
	ok(access(files_path("bad"), F_OK) != 0, "and makes no file");
}

static void test_bad_saves(void)
{
	struct plait_tensor good = { "a", PLAIT_F32, 1, { 1 }, data }, t = good;

	refuses_save(good, "a", "\"a\" twice");
	refuses_save(good, NULL, "(null)");
	refuses_save(good, "", "no name");
	refuses_save(good, "__metadata__", "__metadata__");
	refuses_save(good, "\xff", "not UTF-8");
	t.dtype = PLAIT_I32;
	refuses_save(t, "b", "int32");
	t = good;
	t.data = NULL;
	refuses_save(t, "b", "[1]");
	t.ndim = 7;
	refuses_save(t, "b", "7 dimensions");
	t = good;
	t.dim[0] = -1;
	refuses_save(t, "b", "[-1]");
	is_int(plait_checkpoint_save(NULL, 0, NULL), PLAIT_EINVAL, "save refuses no path");
	is_int(plait_checkpoint_save(files_path("bad"), -1, NULL), PLAIT_EINVAL,
	       "save refuses -1 tensors");
	is_int(plait_checkpoint_save("/nonexistent/f", 1, &good), PLAIT_EIO, "save into no folder");
	contains(plait_error_message(), "/nonexistent/f", "the message names it");
	is_int(plait_checkpoint_save(files_path(""), 1, &good), PLAIT_EIO, "save over a folder");
	is_int(plait_checkpoint_save("/dev/null", 1, &good), PLAIT_EIO, "save over a device");
	struct stat st;
	ok(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode), "the device is still one");
}

/* A disk that is full half-way: the old file stays, and nothing beside it. */
static void test_full_disk(void)
{
	struct rlimit before, limit;
	char command[1100];
	float big[1024] = { 0 };
	struct plait_tensor t = { "big", PLAIT_F32, 1, { 1024 }, big };

	is_int(plait_checkpoint_save(files_path(NAME), TENSORS, tensors), 0, "an old file");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &limit);
	is_int(plait_checkpoint_save(files_path(NAME), 1, &t), PLAIT_EIO, "save fails half-way");
	setrlimit(RLIMIT_FSIZE, &before);
	contains(plait_error_message(), files_path(NAME), "the message names it");
	is_int(try_checkpoint(NAME), 0, "the old file is still good");
	snprintf(command, sizeof command, "ls %s | grep -q tmp", files_path(""));
	ok(system(command) != 0, "nothing is left beside it");
	is_int(plait_checkpoint_save(files_path(NAME), 1, &t), 0, "save over an old file");
	is_int(try_checkpoint(NAME), 0, "it is the new one now");
}

static void test_python(void)
{
	static const char script[] =
		"import json, struct, sys\n"
		"f = open(sys.argv[1], 'rb').read()\n"
		"n, = struct.unpack('<Q', f[:8])\n"
		"h = json.loads(f[8:8 + n].decode('utf-8'))\n"
		"assert f[8:9] == b'{' and n % 8 == 0\n"
		"assert h.pop('__metadata__') == {'format': 'pt'}\n"
		"assert list(h) == ['0.weight', '0.bias', 'a \"quoted\" \\\\ name\\n\\x01 \\xe9 "
		"\\U0001f600', 'empty', 'six']\n"
		"assert [t['shape'] for t in h.values()] == [[2, 3], [3], [], [0, 5], [1, 1, 1, 1, "
		"1, 7]]\n"
		"assert all(t['dtype'] == 'F32' for t in h.values())\n"
		"b, e = h['0.bias']['data_offsets']\n"
		"assert struct.unpack('<3f', f[8 + n:][b:e])[::2] == (4.0, 6.0)\n"
		"assert h['six']['data_offsets'][1] == len(f) - 8 - n\n";
	char command[2300];

	if (system("command -v python3 >/dev/null") != 0) {
		tap_skip("no python3");
		return;
	}
	is_int(plait_checkpoint_save(files_path(NAME), TENSORS, tensors), 0, "save for Python");
	files_write("check.py", script, sizeof script - 1);
	snprintf(command, sizeof command, "python3 %s %s", files_path("check.py"),
		 files_path(NAME));
	is_int(system(command), 0, "Python's json and struct read the same");
}

int main(void)
{
	test_round_trip();
	test_dtypes();
	test_bad_headers();
	test_bad_files();
	test_attacks();
	test_bad_saves();
	test_full_disk();
	test_python();
	return tap_done();
}
