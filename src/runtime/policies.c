/* SPDX-License-Identifier: MIT
 * Policies by name.  StarPU looks for a name in the library of STARPU_SCHED_LIB itself, but of a
 * library or a name that is not there it only warns, and then runs another policy.  So the library
 * is loaded here, and StarPU is given the policy and not its name. */
#include "config.h"
#include "src/runtime/policies.h"
#include "src/runtime/policy.h"
#include "src/base/suggest.h"
#include <plait/runtime.h>

#include <ctype.h>
#include <dlfcn.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With tasks of a few microseconds the policy's own cost counts: a small job (10-50-2, batch 32)
 * takes 10.7 us a step under eager, 13.9 under prio and 16 under lws.  With networks of 0.7 and
 * 2 ms a step eager and prio are equally fast.  Priorities change little: there are only as many
 * loads ready before computing as there are slots. */
#define DEFAULT_POLICY "eager"

/* Shown in a message, at most. */
#define NAMES_MAX 127

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* -- built in -------------------------------------------------------------------------------- */

/* graph_test collects tasks until starpu_do_schedule() is called.  Training never calls it, as
 * steps are submitted while others run, so no task would ever start. */
static bool is_usable(const char *name)
{
	return name && strcmp(name, "graph_test") != 0;
}

static struct starpu_sched_policy *find_built_in(const char *name)
{
	struct starpu_sched_policy **policy = starpu_sched_get_predefined_policies();

	if (strcmp(name, PLAIT__POLICY) == 0)
		return &plait__policy;
	while (*policy &&
	       !(is_usable((*policy)->policy_name) && strcmp((*policy)->policy_name, name) == 0))
		policy++;
	return *policy;
}

/* -- the user's library ---------------------------------------------------------------------- */

/* All NULL: there is none. */
struct library {
	const char *path, *origin;
	/* StarPU's names for the functions of such a library; the second may be missing. */
	struct starpu_sched_policy *(*find)(const char *name);
	struct starpu_sched_policy **(*list)(void);
};

/* It is never closed: names of its policies are handed out as static strings. */
static int open_library(const char *given, struct library *library)
{
	const char *why, *path = given ? given : variable("STARPU_SCHED_LIB");
	void *handle;

	*library = (struct library){ 0 };
	if (!path)
		return 0;
	library->path = path;
	library->origin = given ? "" : "STARPU_SCHED_LIB: ";
	handle = plait__library_open(path, &why);
	if (!handle)
		return plait__error(PLAIT_EINVAL, "%spolicy library %s cannot be loaded: %s",
				    library->origin, path, why);
	*(void **)&library->find = dlsym(handle, "starpu_get_sched_lib_policy");
	*(void **)&library->list = dlsym(handle, "starpu_get_sched_lib_policies");
	if (!library->find)
		return plait__error(PLAIT_EINVAL,
				    "%s%s is no policy library: it has no function "
				    "starpu_get_sched_lib_policy(const char *name)",
				    library->origin, path);
	return 0;
}

/* Names are written into tables, lists with commas and files of CSV. */
static bool is_name(const char *name)
{
	if (!name || !*name)
		return false;
	while (isgraph((unsigned char)*name) && !strchr(",\"", *name))
		name++;
	return !*name;
}

/* StarPU calls these without a test, or asserts that they are there. */
static int check_policy(const struct library *library, const char *name,
			const struct starpu_sched_policy *policy)
{
	const char *missing = !policy->init_sched  ? "init_sched"
			      : !policy->push_task ? "push_task"
			      : !policy->pop_task  ? "pop_task"
						   : NULL;

	if (!policy->policy_name || strcmp(policy->policy_name, name) != 0)
		return plait__error(PLAIT_EINVAL,
				    "%s%s: asked for policy \"%s\", it gives one with the "
				    "policy_name \"%s\"",
				    library->origin, library->path, name,
				    policy->policy_name ? policy->policy_name : "");
	if (!is_name(name))
		return plait__error(PLAIT_EINVAL,
				    "%s%s: the name of policy \"%s\" has blanks, commas or quotes",
				    library->origin, library->path, name);
	if (missing)
		return plait__error(PLAIT_EINVAL, "%s%s: policy \"%s\" has no %s", library->origin,
				    library->path, name, missing);
	return 0;
}

/* -- names ----------------------------------------------------------------------------------- */

static void add_name(const char **names, int max, int *count, const char *name)
{
	if (names && *count < max)
		names[*count] = name;
	++*count;
}

static int list_names(const struct library *library, const char **names, int max)
{
	struct starpu_sched_policy **policy = starpu_sched_get_predefined_policies();
	int count = 0;

	add_name(names, max, &count, PLAIT__POLICY);
	for (; *policy; policy++)
		if (is_usable((*policy)->policy_name))
			add_name(names, max, &count, (*policy)->policy_name);
	for (policy = library->list ? library->list() : NULL; policy && *policy; policy++)
		if (is_name((*policy)->policy_name) && !find_built_in((*policy)->policy_name))
			add_name(names, max, &count, (*policy)->policy_name);
	return count;
}

int plait_library_policies(const char *path, const char **names, int max)
{
	struct library library;
	int status = open_library(path, &library);

	return status < 0 ? status : list_names(&library, names, max);
}

int plait_policies(const char **names, int max)
{
	struct library library;

	if (open_library(NULL, &library) < 0)
		library = (struct library){ 0 };
	return list_names(&library, names, max);
}

/* -- choice ---------------------------------------------------------------------------------- */

static int no_such_policy(const char *name, const char *origin, const struct library *library)
{
	const char *names[NAMES_MAX + 1] = { NULL };
	char suggestion[PLAIT__SUGGEST_SIZE], valid[900];

	list_names(library, names, NAMES_MAX);
	return plait__error(PLAIT_EINVAL, "%sno scheduling policy \"%.64s\"%s%s%s; valid: %s",
			    origin, name, library->path ? " in StarPU or " : "",
			    library->path ? library->path : "",
			    plait__suggest(suggestion, PLAIT__SUGGEST_COMMA, name, names),
			    plait__join(valid, sizeof valid, names, " "));
}

static int find(const char *name, const char *origin, const struct library *library,
		struct starpu_sched_policy **policy)
{
	struct starpu_sched_policy *built_in = find_built_in(name);
	struct starpu_sched_policy *own = library->find && *name ? library->find(name) : NULL;
	int status = 0;

	if (built_in && own && own->policy_name && strcmp(own->policy_name, name) == 0)
		return plait__error(PLAIT_EINVAL,
				    "%s%s has a policy \"%s\", and so has %s: give yours another "
				    "name",
				    library->origin, library->path, name,
				    built_in == &plait__policy ? "Plait" : "StarPU");
	if (strcmp(name, "graph_test") == 0)
		return plait__error(
			PLAIT_EINVAL,
			"%spolicy graph_test waits for starpu_do_schedule(), which training "
			"never calls: choose another",
			origin);
	if (!built_in && !own)
		return no_such_policy(name, origin, library);
	if (!built_in)
		status = check_policy(library, name, own);
	if (status == 0)
		*policy = built_in ? built_in : own;
	return status;
}

int plait__policy_choose(const char *wanted, const char *path, struct starpu_sched_policy **policy)
{
	const char *variable_name = variable("STARPU_SCHED");
	struct library library;
	int status = open_library(path, &library);

	if (status < 0)
		return status;
	if (wanted)
		return find(wanted, "", &library, policy);
	if (variable_name)
		return find(variable_name, "STARPU_SCHED: ", &library, policy);
	if (path)
		return plait__error(PLAIT_EINVAL,
				    "policy library %s was given, and no policy: say which", path);
	return find(DEFAULT_POLICY, "", &library, policy);
}

int plait_policy_find(const char *name, const char *path, const char **found)
{
	struct starpu_sched_policy *policy;
	struct library library;
	int status;

	if (!name || !found)
		return plait__error(PLAIT_EINVAL, "plait_policy_find: %s is NULL",
				    name ? "found" : "the name");
	status = open_library(path, &library);
	if (status == 0)
		status = find(name, "", &library, &policy);
	if (status == 0)
		*found = policy->policy_name;
	return status;
}
