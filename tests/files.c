/* SPDX-License-Identifier: MIT */
#include "tests/files.h"
#include "src/base/random.h"
#include "tests/tap.h"

#include <plait/base.h>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

static char folder[256];

static void remove_folder(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlink(files_path(entry->d_name)); /* refuses . and .. */
	if (dir)
		closedir(dir);
	rmdir(folder);
}

static char *next_text(void)
{
	static char text[8][1024];
	static unsigned i;

	return text[i++ % 8];
}

const char *files_path(const char *name)
{
	char *path = next_text();

	if (!*folder) {
		const char *parent = getenv("TMPDIR");

		snprintf(folder, sizeof folder, "%s/plait-test-XXXXXX", parent ? parent : "/tmp");
		if (!mkdtemp(folder))
			tap_bail_out("cannot create %s", folder);
		atexit(remove_folder);
	}
	snprintf(path, 1024, "%s/%s", folder, name);
	return path;
}

const char *files_spec(const char *format, const char *first, const char *second)
{
	const char *a = files_path(first), *b = files_path(second), *from = format;
	char *spec = next_text(), *to = spec;

	for (; *from; from++) {
		if (from[0] == '%' && from[1] == 's') {
			to += snprintf(to, (size_t)(spec + 1024 - to), "%s", a);
			a = b;
			from++;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return spec;
}

void files_write(const char *name, const void *bytes, size_t size)
{
	FILE *out;

	unlink(files_path(name)); /* ext4 flushes a file that is emptied and written again */
	out = fopen(files_path(name), "wb");
	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) != 0)
		tap_bail_out("cannot write %s", files_path(name));
}

void files_write_gzip(const char *name, const void *bytes, size_t size)
{
	gzFile out = gzopen(files_path(name), "wb");

	if (!out || gzwrite(out, bytes, (unsigned)size) != (int)size || gzclose(out) != Z_OK)
		tap_bail_out("cannot write %s", files_path(name));
}

void *files_read(const char *name, size_t *size_p)
{
	FILE *in = fopen(files_path(name), "rb");
	char *bytes = malloc(1 << 20);

	*size_p = in && bytes ? fread(bytes, 1, 1 << 20, in) : 0;
	if (*size_p == 0 || *size_p == 1 << 20)
		tap_bail_out("cannot read %s whole", files_path(name));
	fclose(in);
	return bytes;
}

/* Did an attempt fail as it should?  Says how not, a few times. */
static bool is_fault(const char *name, int status, const char *how)
{
	static int told;
	bool named = strstr(plait_error_message(), files_path(name)) != NULL;

	if (status == 0 || (named && (status == PLAIT_EFORMAT || status == PLAIT_ELABEL)))
		return false;
	if (told++ < 10)
		printf("# %s, %s: %s: %s\n", name, how, plait_status_text(status),
		       plait_error_message());
	return true;
}

int files_truncate(const char *name, const void *bytes, size_t size, bool must_fail,
		   files_attempt_fn attempt, const void *user)
{
	int faults = 0;

	for (size_t length = 0; length < size; length++) {
		char how[64];
		int status;

		files_write(name, bytes, length);
		status = attempt(user);
		snprintf(how, sizeof how, "%zu of %zu bytes", length, size);
		faults += is_fault(name, status, how);
		if (must_fail && status == 0) {
			printf("# %s, %s: was accepted\n", name, how);
			faults++;
		}
	}
	files_write(name, bytes, size);
	return faults;
}

/* Damages copy (room bytes, size of them used); returns the new size. */
static size_t damage(unsigned char *copy, size_t size, uint64_t key)
{
	static const unsigned char extremes[] = { 0x00, 0xff, 0x7f, 0x80, '0', '9', '"', ',' };
	int changes = 1 + (int)(plait__random(key, 0) % 4);

	for (int i = 0; i < changes; i++) {
		uint64_t draw = plait__random(key, 1 + (uint64_t)i);
		size_t at = (size_t)(draw >> 16) % size;

		/* Headers are in front; half of the changes should meet one. */
		at = draw >> 8 & 1 ? at % 128 % size : at;
		switch (draw & 7) {
		case 0:
			memmove(copy + at + 1, copy + at, size++ - at);
			break;
		case 1:
			memmove(copy + at, copy + at + 1, --size - at);
			size += size == 0;
			break;
		case 2:
		case 3:
			copy[at] = extremes[draw >> 4 & 7];
			break;
		case 4:
		case 5:
			copy[at] ^= (unsigned char)(1 << (draw >> 4 & 7));
			break;
		default:
			copy[at] = (unsigned char)(draw >> 56);
		}
	}
	return size;
}

static struct rlimit before;

void files_hold_memory(void)
{
	getrlimit(RLIMIT_AS, &before);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* they reserve terabytes */
	FILE *in = fopen("/proc/self/statm", "r");
	unsigned long pages;

	if (in && fscanf(in, "%lu", &pages) == 1) {
		struct rlimit limit = before;

		limit.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)64 << 20);
		setrlimit(RLIMIT_AS, &limit);
	}
	if (in)
		fclose(in);
#endif
}

void files_release_memory(void)
{
	setrlimit(RLIMIT_AS, &before);
}

int files_mutate(const char *name, const void *bytes, size_t size, int runs,
		 files_attempt_fn attempt, const void *user)
{
	unsigned char *copy = malloc(size + 8);
	int faults = 0;

	if (!copy)
		tap_bail_out("no memory");
	files_hold_memory();
	for (int run = 0; run < runs; run++) {
		char how[32];

		memcpy(copy, bytes, size);
		files_write(name, copy, damage(copy, size, plait__key(20240229, (uint64_t)run)));
		snprintf(how, sizeof how, "mutation %d", run);
		faults += is_fault(name, attempt(user), how);
	}
	files_release_memory();
	files_write(name, bytes, size);
	free(copy);
	return faults;
}
