/* SPDX-License-Identifier: MIT
 * HOST.config has a line for each number of devices: CPUs, NUMA nodes, CUDA, OpenCL and others;
 * HOST.affinity one for each GPU: its number, and NUMA nodes by how near they are.  StarPU reads
 * HOST.bandwidth and HOST.latency without assertions, and measures again where they are damaged.
 * A process that was killed, or a full disk, leaves a part of a file. */
#include "config.h"
#include "src/runtime/files/bus_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of HOST.config, in the order in which StarPU reads them; further ones may be missing. */
enum { CPUS, NUMA_NODES, CUDA_DEVICES, OPENCL_DEVICES, COUNTS };

/* More than any machine has; a count beyond it is damage. */
#define MOST 65536

struct bus_file {
	FILE *file;
	char *text; /* the present line, with its end */
	size_t size;
	int64_t line;
	const char *wrong; /* NULL: nothing so far */
};

/* StarPU locks a file that it writes. */
static bool open_file(struct bus_file *f, const char *path)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	*f = (struct bus_file){ .file = fopen(path, "re") };
	if (!f->file) {
		f->wrong = errno == ENOENT ? NULL : "it cannot be opened";
		return false;
	}
	while (fcntl(fileno(f->file), F_SETLKW, &lock) != 0 && errno == EINTR)
		;
	return true;
}

static void close_file(struct bus_file *f)
{
	fclose(f->file);
	free(f->text);
}

/* Goes to the next line, of any kind.  False at the end of the file, which may be a fault. */
static bool next_line(struct bus_file *f)
{
	ssize_t length = getline(&f->text, &f->size, f->file);

	if (length <= 0)
		return false;
	f->line++;
	if (f->text[length - 1] != '\n')
		f->wrong = "it is cut off";
	return !f->wrong;
}

/* Goes to the next line with numbers. */
static bool next_numbers(struct bus_file *f)
{
	while (next_line(f))
		if (*f->text != '#' && *f->text != '\n')
			return true;
	if (!f->wrong)
		f->wrong = "it ends too early";
	return false;
}

static int64_t take(struct bus_file *f, char **at)
{
	char *end;
	long value = strtol(*at, &end, 10);

	if (end == *at || value < 0 || value > MOST)
		f->wrong = "a whole number is missing or wrong";
	*at = end;
	return f->wrong ? 0 : value;
}

static void check_config(struct bus_file *f, int64_t count[COUNTS])
{
	for (int i = 0; i < COUNTS && next_numbers(f); i++) {
		char *at = f->text;

		count[i] = take(f, &at);
	}
}

static void check_affinity(struct bus_file *f, const int64_t count[COUNTS])
{
	int64_t gpus = count[CUDA_DEVICES] + count[OPENCL_DEVICES];

	if (!next_line(f) || strncmp(f->text, "# GPU", 5) != 0)
		f->wrong = f->wrong ? f->wrong : "it has no head";
	for (int64_t gpu = 0; gpu < gpus && !f->wrong && next_numbers(f); gpu++) {
		char *at = f->text;
		int64_t number = take(f, &at);

		if (number != (gpu < count[CUDA_DEVICES] ? gpu : gpu - count[CUDA_DEVICES]))
			f->wrong = "a GPU is missing";
		for (int64_t node = 0; node < count[NUMA_NODES] && !f->wrong; node++)
			take(f, &at);
	}
}

static int set_aside(const char *path, const struct bus_file *f)
{
	char aside[PATH_MAX + 16];

	snprintf(aside, sizeof aside, "%s.damaged", path);
	if (rename(path, aside) != 0)
		return plait__error(
			PLAIT_EIO,
			"%s: line %" PRId64
			": damaged file of StarPU's about the machine, %s; it cannot be "
			"set aside (%s): remove it",
			path, f->line, f->wrong, strerror(errno));
	fprintf(stderr,
		"plait: %s: line %" PRId64
		": damaged file of StarPU's about the machine, %s; set aside as %s, and measured "
		"anew\n",
		path, f->line, f->wrong, aside);
	return 0;
}

/* What StarPU calls this machine, and its files. */
static void host_name(char name[256])
{
	const char *given = getenv("STARPU_HOSTNAME");

	if (given && *given)
		snprintf(name, 256, "%s", given);
	else if (gethostname(name, 256) != 0)
		*name = '\0';
	name[255] = '\0';
	if (!given)
		name[strcspn(name, ".")] = '\0';
}

int plait__bus_files_admit(const char *home)
{
	const char *models = getenv("STARPU_PERF_MODEL_DIR");
	char path[PATH_MAX], host[256];
	int64_t count[COUNTS] = { 0 };
	struct bus_file f;
	int status = 0;

	host_name(host);
	for (int affinity = 0; affinity < 2 && status == 0; affinity++) {
		snprintf(path, sizeof path, "%s%s/bus/%s.%s", models ? models : home,
			 models ? "" : "/.starpu/sampling", host, affinity ? "affinity" : "config");
		if (open_file(&f, path)) {
			if (affinity)
				check_affinity(&f, count);
			else
				check_config(&f, count);
			close_file(&f);
		}
		/* Without a config StarPU writes the other files anew, too. */
		if (!affinity && (f.wrong || f.line == 0))
			affinity = 1;
		if (f.wrong)
			status = set_aside(path, &f);
	}
	return status;
}
