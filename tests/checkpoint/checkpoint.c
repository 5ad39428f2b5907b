/* SPDX-License-Identifier: MIT
 * Safetensors out and in: round trips, every dtype, what cannot be saved.  What was written is also
 * read by Python's json, if there is a Python. */
#include "tests/checkpoint/file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static float data[] = { 1, -2.5f, 3e-38f, 4, 1e-42f, 6, 7 };
static int64_t counts[] = { INT64_MIN + 1, 77 };
static const char odd_name[] = "a \"quoted\" \\ name\n\x01 \xc3\xa9 \xf0\x9f\x98\x80";
static struct plait_tensor tensors[] = {
	{ "0.weight", PLAIT_F32, 2, { 2, 3 }, data },
	{ "0.bias", PLAIT_F32, 1, { 3 }, data + 3 },
	{ odd_name, PLAIT_F32, 0, { 0 }, data + 1 },
	{ "empty", PLAIT_F32, 2, { 0, 5 }, NULL },
	{ "count", PLAIT_I64, 0, { 0 }, counts },
	{ "six", PLAIT_F32, 6, { 1, 1, 1, 1, 1, 7 }, data },
	{ "counts", PLAIT_I64, 1, { 1 }, counts + 1 },
};
#define TENSORS 7

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
	is_int(size, 8 + length + 17 * sizeof(float) + 2 * sizeof(int64_t),
	       "the file is exactly as large as it must be");
	free(bytes);
	is_int(plait_checkpoint_open(&c, files_path(NAME)), 0, "open");
	is_int(plait_checkpoint_count(c), TENSORS, "count");
	for (int i = 0; i < TENSORS; i++) {
		const struct plait_tensor *t = plait_checkpoint_tensor(c, i);
		size_t n = (size_t)plait_shape_elements(tensors[i].ndim, tensors[i].dim) *
			   plait_dtype_size(tensors[i].dtype);

		ok(strcmp(t->name, tensors[i].name) == 0 && t->ndim == tensors[i].ndim &&
			   memcmp(t->dim, tensors[i].dim, (size_t)t->ndim * sizeof *t->dim) == 0 &&
			   t->dtype == tensors[i].dtype && t->data &&
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
		1,    2,    3, /* U8: what follows is not aligned */
		0,    0,    0x20, 0x40, 0,    0,    0x80, 0xbf, /* F32: 2.5, -1 */
		0,    0,    0,    0,    0,    0,    4,    0x40, /* F64: 2.5 */
		0,    0x41, 0,    0xbc,                         /* F16: 2.5, -1 */
		0x20, 0x40, 0x80, 0xbf,                         /* BF16: 2.5, -1 */
		7,    0,    0,    0,                            /* I32 */
		0x21, 0x43, 0x65,                               /* F6_E2M3: four of 6 bits */
		0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* I64: -2, 2^40 */
		0,    0,    0,    0,    0,    1,    0,    0,
	};
	static const char header[] =
		"{\"u\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
		"\"f\":{\"shape\":[2],\"data_offsets\":[3,11],\"dtype\":\"F32\"},"
		"\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[11,19]},"
		"\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[19,23]},"
		"\"__metadata__\":{\"a\":\"b\",\"c\":\"\\ud83d\\ude00\"},"
		"\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[23,27]},"
		"\"s\":{\"dtype\":\"F6_E2M3\",\"shape\":[2,2],\"data_offsets\":[31,34]},"
		"\"l\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[34,50]},"
		"\"\\u0069\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[27,31]}} \n\t";
	static const char *const floats[] = { "f", "d", "h", "b" };
	struct checkpoint_file f = checkpoint_make(header, bytes, sizeof bytes);
	struct plait_checkpoint *c = NULL;

	checkpoint_put(&f);
	if (plait_checkpoint_open(&c, files_path(NAME)) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_checkpoint_count(c), 8, "eight tensors, metadata is none");
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
	const struct plait_tensor *l = plait_checkpoint_find(c, "l");
	const int64_t *whole = l->data;
	ok(l->dtype == PLAIT_I64 && (uintptr_t)whole % sizeof *whole == 0 && whole[0] == -2 &&
		   whole[1] == INT64_C(1) << 40,
	   "I64 is int64, aligned");
	ok(plait_checkpoint_find(c, "s")->dim[1] == 2 && !plait_checkpoint_find(c, "s")->data,
	   "F6_E2M3 is listed");
	plait_checkpoint_destroy(c);
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

/* Texts about a file come back, whatever characters they have. */
static void test_metadata(void)
{
	static const struct plait_metadata texts[] = { { "plait.classes", "cat\n\"dog\"\\" },
						       { "", "\xe2\x82\xac\t\x01" },
						       { "k", "" } },
					   bad = { "k", "\xff" },
					   twice[] = { { "k", "1" }, { "k", "2" } };
	struct plait_checkpoint *file = NULL;

	is_int(plait_checkpoint_save_with(files_path(NAME), TENSORS, tensors, 3, texts), 0,
	       "save with metadata");
	if (plait_checkpoint_open(&file, files_path(NAME)) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 3; i++) {
		is_string(plait_checkpoint_metadata(file, texts[i].key), texts[i].value,
			  "text %d comes back", i);
		is_string(plait_checkpoint_metadata_at(file, i + 1)->key, texts[i].key,
			  "and its key");
	}
	is_string(plait_checkpoint_metadata(file, "format"), "pt", "beside the format");
	is_int(plait_checkpoint_count(file), TENSORS, "and the tensors");
	plait_checkpoint_destroy(file);
	is_int(plait_checkpoint_save_with(files_path(NAME), TENSORS, tensors, 1, &bad),
	       PLAIT_EINVAL, "a value that is no UTF-8");
	is_int(plait_checkpoint_save_with(files_path(NAME), TENSORS, tensors, 2, twice),
	       PLAIT_EINVAL, "a key twice");
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
		"\\U0001f600', 'empty', 'count', "
		"'six', 'counts']\n"
		"assert [t['shape'] for t in h.values()] == [[2, 3], [3], [], [0, 5], [], [1, 1, "
		"1, 1, 1, 7], [1]]\n"
		"assert [t['dtype'] for t in h.values()] == 4 * ['F32'] + ['I64', 'F32', 'I64']\n"
		"assert h['count']['data_offsets'][0] % 8 == h['counts']['data_offsets'][0] % 8 == "
		"0\n"
		"b, e = h['counts']['data_offsets']\n"
		"assert struct.unpack('<q', f[8 + n:][b:e]) == (77,)\n"
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
	test_bad_saves();
	test_full_disk();
	test_metadata();
	test_python();
	return tap_done();
}
