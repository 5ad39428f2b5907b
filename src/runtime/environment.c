/* SPDX-License-Identifier: MIT
 * StarPU takes the policy and the folder of its performance models from environment variables,
 * even where a parameter says something else.  The variables are set while StarPU starts and then
 * restored, so that the next start finds what the user has set. */
#include "config.h"
#include "src/runtime/runtime.h"
#include "src/runtime/environment.h"
#include "src/runtime/files/bus_file.h"

#include <errno.h>
#include <fcntl.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* StarPU cuts the names of its folders at 256 bytes, so a longer base cannot be used. */
#define BASE_MAX 180

/* What was changed, in order. */
static struct {
	const char *name;
	char *old; /* NULL: it was not set */
} changed[10];
static int changes;

/* value NULL removes the variable. */
static int change(const char *name, const char *value)
{
	const char *now = getenv(name);
	char *old = NULL;

	PLAIT__ASSERT((size_t)changes < sizeof changed / sizeof *changed,
		      "every change of a variable is written down");
	if (now && !(old = plait__strdup(now)))
		return PLAIT_ENOMEM;
	changed[changes].name = name;
	changed[changes++].old = old;
	if ((value ? setenv(name, value, 1) : unsetenv(name)) != 0)
		return plait__error(PLAIT_ENOMEM, "%s: cannot be set: %s", name, strerror(errno));
	return 0;
}

void plait__env_leave(void)
{
	while (changes > 0) {
		const char *name = changed[--changes].name;
		char *old = changed[changes].old;

		if (old)
			setenv(name, old, 1);
		else
			unsetenv(name);
		free(old);
	}
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

/* -- the folder of performance models ------------------------------------------------ */

/* Writes the folder of StarPU's files to path: STARPU_HOME if set, else one in the user's cache,
 * which is made.  Alone, StarPU would write into the home folder.  Returns false if the user has
 * neither, or the path is too long. */
static bool find_base(char path[BASE_MAX + 1])
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	bool own = cache && *cache == '/'; /* others are invalid, by its specification */
	char made[BASE_MAX + 1];
	int length;

	if (is_set("STARPU_HOME")) {
		length = snprintf(path, BASE_MAX + 1, "%s", getenv("STARPU_HOME"));
		return length <= BASE_MAX;
	}
	path[0] = '\0';
	if (!own && !is_set("HOME"))
		return false;
	length = snprintf(path, BASE_MAX + 1, "%s%s/plait/starpu", own ? cache : home,
			  own ? "" : "/.cache");
	for (int i = 0; length <= BASE_MAX && i < length; i++)
		if (i > (own ? 0 : (int)strlen(home)) && path[i] == '/') {
			snprintf(made, sizeof made, "%.*s", i, path);
			mkdir(made, 0700);
		}
	return length <= BASE_MAX;
}

/* Whether a file with a byte in it can be made in folder.  For root, access() says yes on a full
 * disk too. */
static bool holds_files(const char *folder)
{
	char path[4096 + 16];
	bool done;
	int fd;

	snprintf(path, sizeof path, "%s/plait-XXXXXX", folder);
	fd = mkstemp(path);
	if (fd < 0)
		return false;
	done = write(fd, "\n", 1) == 1;
	done = close(fd) == 0 && done;
	return unlink(path) == 0 && done;
}

/* Where no file can be made, StarPU aborts or waits for ever. */
static int check_swap(void)
{
	const char *folder = getenv("STARPU_DISK_SWAP");

	if (!folder)
		return 0;
	mkdir(folder, 0700); /* as StarPU does */
	if (*folder && holds_files(folder))
		return 0;
	return plait__error(PLAIT_EINVAL, "STARPU_DISK_SWAP: \"%.200s\" is no folder to write in",
			    folder);
}

/* Makes the folders that StarPU makes, as StarPU aborts if it cannot make one. */
static bool is_base_writable(const char *base)
{
	static const char *const parts[] = { "", "/.starpu", "/.starpu/sampling",
					     "/.starpu/sampling/bus",
					     "/.starpu/sampling/codelets" };
	char path[BASE_MAX + 40];

	if (strlen(base) > BASE_MAX)
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf(path, sizeof path, "%s%s", base, parts[i]);
		if (mkdir(path, 0700) != 0 && errno != EEXIST && i > 0)
			return false;
		if (i >= 3 && !holds_files(path))
			return false;
	}
	return true;
}

/* Makes a folder that only this user can write, and keeps it for later runs.  In /tmp another user
 * may have made it first, so its owner and its mode are checked. */
static bool make_private(char *path, size_t size)
{
	struct stat st;

	snprintf(path, size, "%s/plait-%ld", is_set("TMPDIR") ? getenv("TMPDIR") : "/tmp",
		 (long)geteuid());
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return false;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 022) && is_base_writable(path);
}

static int choose_folder(void)
{
	const char *models = getenv("STARPU_PERF_MODEL_DIR");
	char base[BASE_MAX + 1], path[4096];
	bool found = find_base(base);
	int status;

	if (models && (strlen(models) > BASE_MAX || (mkdir(models, 0700) != 0 && errno != EEXIST) ||
		       !holds_files(models)))
		return plait__error(PLAIT_EINVAL,
				    "STARPU_PERF_MODEL_DIR: no files can be written in %s", models);
	if (found && is_base_writable(base))
		snprintf(path, sizeof path, "%s", base);
	else if (!make_private(path, sizeof path))
		return plait__error(
			PLAIT_ERUNTIME,
			"no folder for StarPU's performance models: neither %s nor %s can be "
			"written; set STARPU_HOME to one that can",
			*base ? base : "~/.cache", path);
	status = plait__bus_files_admit(path);
	if (status == 0)
		status = change("STARPU_HOME", path);
	return status == 0 ? change("XDG_CACHE_HOME", NULL) : status;
}

/* -- devices --------------------------------------------------------------------------- */

/* Whether the kernel has a driver that CUDA could use: NVIDIA's, WSL's, Tegra's. */
static bool may_have_gpu(void)
{
	static const char *const nodes[] = { "/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-gpu",
					     "/dev/nvgpu" };

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		if (access(nodes[i], F_OK) == 0)
			return true;
	return false;
}

/* StarPU measures the bandwidth of all devices, and so opens all. One is used unless the user asks
 * for more, or for others. */
static int hide_devices(int wanted)
{
	const char *count = getenv("STARPU_NCUDA");

	if (wanted < 0 || wanted > 1 || (count && *count && strcmp(count, "1") != 0) ||
	    is_set("STARPU_WORKERS_CUDAID") || getenv("CUDA_VISIBLE_DEVICES"))
		return 0;
	return change("CUDA_VISIBLE_DEVICES", "0");
}

int plait__env_enter(int cuda_workers)
{
	const char *limit = getenv("STARPU_LIMIT_MAX_SUBMITTED_TASKS");
	int status;

	PLAIT__ASSERT(changes == 0, "variables are changed once before they are restored");
	/* Tasks are submitted from callbacks.  A callback that waits for other tasks waits for
	 * ever. */
	if (limit && *limit)
		return plait__error(PLAIT_EINVAL,
				    "STARPU_LIMIT_MAX_SUBMITTED_TASKS is set (%s): training would "
				    "hang; unset it",
				    limit);
	/* Batches are written to one copy of a slot, parameters to one of theirs. */
	if (is_set("STARPU_USE_NUMA") && strcmp(getenv("STARPU_USE_NUMA"), "0") != 0)
		return plait__error(
			PLAIT_EINVAL,
			"STARPU_USE_NUMA is set (%s): StarPU would keep copies of batches "
			"and parameters that Plait does not write; unset it",
			getenv("STARPU_USE_NUMA"));
	status = plait__env_check();
	if (status == 0)
		status = check_swap();
	if (status == 0)
		status = choose_folder();
	/* StarPU is given the policy itself, and would obey a name before that. */
	if (status == 0)
		status = change("STARPU_SCHED", NULL);
	if (status == 0)
		status = change("STARPU_SCHED_LIB", NULL);
	if (status == 0 && !getenv("STARPU_SILENT"))
		status = change("STARPU_SILENT", "1");
	if (status == 0)
		status = hide_devices(cuda_workers);
	/* Without a GPU the places of devices are not needed.  hwloc's search of the PCI bus and
	 * its plugins for OpenCL and X take 10 of the 20 ms of starpu_init, and they leak memory.
	 */
	if (status == 0 && !may_have_gpu()) {
		if (!getenv("HWLOC_COMPONENTS"))
			status = change("HWLOC_COMPONENTS", "-pci,-linuxio");
		if (status == 0 && !getenv("HWLOC_PLUGINS_PATH"))
			status = change("HWLOC_PLUGINS_PATH", "/nonexistent");
	}
	if (status < 0)
		plait__env_leave();
	return status;
}
