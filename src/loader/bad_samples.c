/* SPDX-License-Identifier: MIT
 * The list of bad samples.  It is sorted, so that it does not depend on which thread found a sample
 * first.  Bad samples are few: inserting one moves those behind it. */
#include "config.h"
#include "src/loader/bad_samples.h"
#include "src/base/grow.h"

#include <inttypes.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plait_bad_samples {
	starpu_pthread_mutex_t mutex;     /* protects all below */
	struct plait_bad_sample **sample; /* [count], sorted by spec and index */
	int64_t count;
	size_t room; /* samples for which there is memory */
};

bool plait__bad_status(int status)
{
	return status == PLAIT_EIO || status == PLAIT_EFORMAT || status == PLAIT_EDATA ||
	       status == PLAIT_ELABEL || status == PLAIT_ESHAPE;
}

int plait_bad_samples_create(struct plait_bad_samples **list_p)
{
	struct plait_bad_samples *list;

	if (!list_p)
		return plait__error(PLAIT_EINVAL, "plait_bad_samples_create: list_p is NULL");
	list = plait__calloc(1, sizeof *list, "a list of bad samples");
	if (!list)
		return PLAIT_ENOMEM;
	starpu_pthread_mutex_init(&list->mutex, NULL);
	*list_p = list;
	return 0;
}

int64_t plait_bad_samples_count(struct plait_bad_samples *list)
{
	int64_t count;

	if (!list)
		return 0;
	starpu_pthread_mutex_lock(&list->mutex);
	count = list->count;
	starpu_pthread_mutex_unlock(&list->mutex);
	return count;
}

int plait_bad_samples_get(struct plait_bad_samples *list, int64_t i,
			  struct plait_bad_sample *sample)
{
	int64_t count;

	if (!list || !sample)
		return plait__error(PLAIT_EINVAL, "plait_bad_samples_get: the %s is NULL",
				    list ? "sample" : "list");
	starpu_pthread_mutex_lock(&list->mutex);
	count = list->count;
	if (i >= 0 && i < count)
		*sample = *list->sample[i];
	starpu_pthread_mutex_unlock(&list->mutex);
	if (i >= 0 && i < count)
		return 0;
	return plait__error(PLAIT_EINVAL, "bad sample %" PRId64 ", there are %" PRId64, i, count);
}

void plait_bad_samples_destroy(struct plait_bad_samples *list)
{
	if (!list)
		return;
	for (int64_t i = 0; i < list->count; i++)
		free(list->sample[i]);
	free(list->sample);
	starpu_pthread_mutex_destroy(&list->mutex);
	free(list);
}

/* -- noting -------------------------------------------------------------------------------- */

/* Returns the text after a prefix, or all of it if it has another beginning. */
static const char *skip(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : text;
}

/* The message without sample, file and offset at its beginning, which have fields of their own. */
static const char *words_of(const struct plait_bad_sample *sample)
{
	const char *words = sample->message;
	char prefix[1024]; /* longer than any message */

	snprintf(prefix, sizeof prefix, "%s: sample %" PRId64 ": ", sample->spec, sample->index);
	words = skip(words, prefix);
	if (!sample->path)
		return words;
	snprintf(prefix, sizeof prefix, "%s at byte %" PRId64 ": ", sample->path, sample->offset);
	words = skip(words, prefix);
	snprintf(prefix, sizeof prefix, "%s: ", sample->path);
	return skip(words, prefix);
}

static char *append(char **at, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memcpy(*at, text, size);

	*at += size;
	return copy;
}

/* Copies a bad sample and its strings to one piece of memory. */
static struct plait_bad_sample *copy(const struct plait_bad_sample *sample)
{
	const char *words = words_of(sample);
	size_t path = sample->path ? strlen(sample->path) + 1 : 0;
	size_t size = sizeof *sample + strlen(sample->spec) + 1 + path + strlen(words) + 1;
	struct plait_bad_sample *entry = plait__calloc(1, size, "a bad sample");
	char *at = (char *)(entry + 1);

	if (!entry)
		return NULL;
	*entry = (struct plait_bad_sample){ .index = sample->index, .offset = sample->offset };
	entry->spec = append(&at, sample->spec);
	entry->path = sample->path ? append(&at, sample->path) : NULL;
	entry->message = append(&at, words);
	return entry;
}

/* The order of the list: negative if a comes before b, 0 if they are the same sample. */
static int compare(const struct plait_bad_sample *a, const struct plait_bad_sample *b)
{
	int order = strcmp(a->spec, b->spec);

	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* Finds where a sample is in the list, or where it must be inserted. */
static int64_t find(const struct plait_bad_samples *list, const struct plait_bad_sample *sample,
		    bool *found)
{
	int64_t low = 0, high = list->count;

	*found = false;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		int order = compare(list->sample[middle], sample);

		*found |= order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int insert(struct plait_bad_samples *list, int64_t at, const struct plait_bad_sample *sample)
{
	struct plait_bad_sample *entry = copy(sample);
	int status;

	if (!entry)
		return PLAIT_ENOMEM;
	status = plait__grow(&list->sample, &list->room, (size_t)list->count + 1,
			     sizeof *list->sample, "a list of bad samples");
	if (status < 0) {
		free(entry);
		return status;
	}
	memmove(list->sample + at + 1, list->sample + at,
		(size_t)(list->count - at) * sizeof *list->sample);
	list->sample[at] = entry;
	list->count++;
	PLAIT__ASSERT((at == 0 || compare(list->sample[at - 1], entry) < 0) &&
			      (at + 1 == list->count || compare(entry, list->sample[at + 1]) < 0),
		      "the list is sorted, each sample in it once");
	return 0;
}

int plait__bad_samples_add(struct plait_bad_samples *list, const struct plait_bad_sample *sample,
			   int64_t *count_p)
{
	int64_t at;
	bool found;
	int status = 0;

	starpu_pthread_mutex_lock(&list->mutex);
	at = find(list, sample, &found);
	if (!found)
		status = insert(list, at, sample);
	if (status == 0)
		list->sample[at]->times++;
	*count_p = list->count;
	starpu_pthread_mutex_unlock(&list->mutex);
	return status;
}
