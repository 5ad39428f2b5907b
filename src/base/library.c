/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/base.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void *plait__library_open(const char *path, const char **why)
{
	char here[4096];
	void *handle;

	/* dlopen looks for a name without a slash among the system's libraries only. */
	snprintf(here, sizeof here, "./%s", path);
	handle = dlopen(!strchr(path, '/') && access(here, F_OK) == 0 ? here : path,
			RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		*why = dlerror();
	return handle;
}
