/* SPDX-License-Identifier: MIT
 * Shared objects with ops.  None is closed: graphs may hold nodes of its ops. */
#include "config.h"
#include "src/base/base.h"
#include "src/base/grow.h"

#include <dlfcn.h>
#include <plait/op.h>
#include <pthread.h>
#include <stdio.h>

/* Those whose function was called and did not fail; under the mutex. */
static void **loaded;
static size_t loaded_count, loaded_room;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static bool is_loaded(const void *library)
{
	for (size_t i = 0; i < loaded_count; i++)
		if (loaded[i] == library)
			return true;
	return false;
}

/* Calls the plug-in's function; the message of a failure is its own. */
static int call(int (*plugin)(void), const char *path)
{
	char message[1024];
	int status;

	snprintf(message, sizeof message, "%s", plait_error_message());
	/* In place of the last failure's, for a function that fails and says nothing. */
	plait__error(PLAIT_EINVAL, "it gives no message");
	status = plugin();
	if (status == 0) {
		plait__error(PLAIT_EINVAL, "%s", message);
		return 0;
	}
	snprintf(message, sizeof message, "%s", plait_error_message());
	return plait__error(status < 0 ? status : PLAIT_EINVAL,
			    "plug-in %s: its plait_plugin() returned %d: %s", path, status,
			    message);
}

static int load(const char *path)
{
	const char *why;
	int (*plugin)(void) = NULL;
	void *library = plait__library_open(path, &why);
	int status;

	if (!library)
		return plait__error(PLAIT_EINVAL, "plug-in %s cannot be loaded: %s", path, why);
	if (is_loaded(library)) {
		dlclose(library); /* it was counted twice */
		return 0;
	}
	*(void **)&plugin = dlsym(library, "plait_plugin");
	if (!plugin) {
		dlclose(library);
		return plait__error(PLAIT_EINVAL,
				    "%s is no plug-in: it has no function int plait_plugin(void)",
				    path);
	}
	if (plait__grow(&loaded, &loaded_room, loaded_count + 1, sizeof *loaded,
			"the list of plug-ins") < 0)
		return PLAIT_ENOMEM;
	status = call(plugin, path);
	if (status == 0)
		loaded[loaded_count++] = library;
	return status;
}

int plait_plugin_load(const char *path)
{
	int status;

	if (!path || !*path)
		return plait__error(PLAIT_EINVAL, "plait_plugin_load: the path is %s",
				    path ? "empty" : "NULL");
	pthread_mutex_lock(&mutex);
	status = load(path);
	pthread_mutex_unlock(&mutex);
	return status;
}
