/* SPDX-License-Identifier: MIT
 * Lists of bad samples. */
#ifndef PLAIT_TESTS_BAD_H
#define PLAIT_TESTS_BAD_H

#include "tests/nets.h"

static inline struct plait_bad_samples *list_make(void)
{
	struct plait_bad_samples *list = NULL;

	if (plait_bad_samples_create(&list) < 0)
		tap_bail_out("%s", plait_error_message());
	return list;
}

/* Lists all bad samples as "spec:index", with "*times" if times is set. */
static inline const char *list_text(struct plait_bad_samples *list, bool times)
{
	static char text[1024];
	size_t used = 0;
	struct plait_bad_sample bad;

	text[0] = '\0';
	for (int64_t i = 0; plait_bad_samples_get(list, i, &bad) == 0 && used < 900; i++) {
		used += (size_t)snprintf(text + used, sizeof text - used, "%s:%lld", bad.spec,
					 (long long)bad.index);
		if (times)
			used += (size_t)snprintf(text + used, sizeof text - used, "*%lld",
						 (long long)bad.times);
		used += (size_t)snprintf(text + used, sizeof text - used, " ");
	}
	return text;
}

#endif
