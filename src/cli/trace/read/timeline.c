/* SPDX-License-Identifier: MIT
 * Reading a folder as a whole, names and workers, memory. */
#include "config.h"
#include "src/cli/trace/read/timeline.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"
#include "src/base/grow.h"
#include "src/base/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const cli_phase_names[CLI_PHASES] = {
#define PLAIT__PHASE(constant, name, colour) name,
#include "src/base/phases.def"
#undef PLAIT__PHASE
};

const char *const cli_phase_colours[CLI_PHASES] = {
#define PLAIT__PHASE(constant, name, colour) "#" #colour,
#include "src/base/phases.def"
#undef PLAIT__PHASE
};

/* Names of tasks are a word, most with a layer or a stage behind it: bwd/2.linear, step/stage1. */
enum cli_phase cli_phase_of(const char *task_name)
{
	static const struct {
		const char *word;
		enum cli_phase phase;
	} words[] = {
		{ "fwd", CLI_PHASE_FORWARD }, { "loss", CLI_PHASE_LOSS },
		{ "bwd", CLI_PHASE_BACKWARD }, { "upd", CLI_PHASE_UPDATE },
		{ "sum", CLI_PHASE_UPDATE },	{ "clip", CLI_PHASE_UPDATE },
		{ "step", CLI_PHASE_STEP },	{ "metrics", CLI_PHASE_METRICS },
	}, begins[] = { { "load", CLI_PHASE_LOAD },
			{ "_starpu_", CLI_PHASE_OWN },
			{ "starpu_", CLI_PHASE_OWN },
			{ "execute_on_all_wrapper", CLI_PHASE_OWN } };
	size_t length = strcspn(task_name, "/");

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == length &&
		    strncmp(task_name, words[i].word, length) == 0)
			return words[i].phase;
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (strncmp(task_name, begins[i].word, strlen(begins[i].word)) == 0)
			return begins[i].phase;
	return CLI_PHASE_OTHER;
}

/* -- memory ---------------------------------------------------------------------------------- */

int cli_trace_no_memory(void)
{
	cli_complain("trace: there is no memory for all of it");
	return CLI_FAILED;
}

bool cli_trace_grow(void *array_p, int64_t count, size_t *capacity, size_t size)
{
	if (plait__grow(array_p, capacity, (size_t)count + 1, size, "a trace") == 0)
		return true;
	cli_trace_no_memory();
	return false;
}

static int64_t slot_of(const struct cli_trace_hash *hash, int64_t key)
{
	int64_t slot = (int64_t)(((uint64_t)key * 0x9e3779b97f4a7c15u) >> 20) & (hash->size - 1);

	PLAIT__ASSERT(hash->count < hash->size && (hash->size & (hash->size - 1)) == 0,
		      "the search for a key ends at an empty slot");
	while (hash->value[slot] >= 0 && hash->key[slot] != key)
		slot = (slot + 1) & (hash->size - 1);
	return slot;
}

int64_t cli_trace_hash_get(const struct cli_trace_hash *hash, int64_t key)
{
	return hash->size ? hash->value[slot_of(hash, key)] : -1;
}

static bool enlarge(struct cli_trace_hash *hash)
{
	int64_t size = hash->size ? 4 * hash->size : 256;
	struct cli_trace_hash larger = { .key = malloc((size_t)size * sizeof *larger.key),
					 .value = malloc((size_t)size * sizeof *larger.value),
					 .count = hash->count,
					 .size = size };

	if (!larger.key || !larger.value) {
		cli_trace_hash_free(&larger);
		cli_trace_no_memory();
		return false;
	}
	for (int64_t i = 0; i < size; i++)
		larger.value[i] = -1;
	for (int64_t i = 0; i < hash->size; i++)
		if (hash->value[i] >= 0) {
			int64_t slot = slot_of(&larger, hash->key[i]);

			larger.key[slot] = hash->key[i];
			larger.value[slot] = hash->value[i];
		}
	cli_trace_hash_free(hash);
	*hash = larger;
	return true;
}

bool cli_trace_hash_put(struct cli_trace_hash *hash, int64_t key, int64_t value)
{
	int64_t slot;

	PLAIT__ASSERT(value >= 0, "no value is the one that an empty slot has");
	if (2 * hash->count >= hash->size && !enlarge(hash))
		return false;
	slot = slot_of(hash, key);
	hash->count += hash->value[slot] < 0;
	hash->key[slot] = key;
	hash->value[slot] = value;
	return true;
}

void cli_trace_hash_free(struct cli_trace_hash *hash)
{
	free(hash->key);
	free(hash->value);
	*hash = (struct cli_trace_hash){ 0 };
}

void cli_timeline_free(struct cli_timeline *tl)
{
	for (int64_t i = 0; i < tl->names; i++)
		free(tl->name[i].text);
	json_decref(tl->run);
	cli_trace_hash_free(&tl->by_name);
	cli_trace_hash_free(&tl->by_job);
	free(tl->name);
	free(tl->task);
	free(tl->dep);
	free(tl->worker);
	free(tl->state);
	free(tl->transfer);
	free(tl->order);
	*tl = (struct cli_timeline){ 0 };
}

/* -- names and workers ------------------------------------------------------------------------- */

int cli_trace_name(struct cli_timeline *tl, const char *text)
{
	struct plait__hash hash;
	int64_t key, at;
	char *copy;

	plait__hash_start(&hash);
	plait__hash_add(&hash, text, strlen(text));
	key = (int64_t)plait__hash_end(&hash);
	/* Another name with this hash takes the next key. */
	while ((at = cli_trace_hash_get(&tl->by_name, key)) >= 0) {
		if (strcmp(tl->name[at].text, text) == 0)
			return (int)at;
		key = (int64_t)((uint64_t)key + 1);
	}
	if (!cli_trace_grow(&tl->name, tl->names, &tl->name_room, sizeof *tl->name))
		return -1;
	copy = strdup(text);
	if (!copy || !cli_trace_hash_put(&tl->by_name, key, tl->names)) {
		free(copy);
		return -1;
	}
	tl->name[tl->names] = (struct cli_trace_name){ copy, cli_phase_of(text) };
	return (int)tl->names++;
}

/* The index of the worker, or the index at which it would be inserted. */
static int64_t place_of(const struct cli_timeline *tl, int64_t id)
{
	int64_t low = 0, high = tl->workers;

	while (low < high) {
		int64_t middle = (low + high) / 2;

		if (tl->worker[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int cli_trace_worker(const struct cli_timeline *tl, int64_t id)
{
	int64_t at = place_of(tl, id);

	return at < tl->workers && tl->worker[at].id == id ? (int)at : -1;
}

int cli_trace_add_worker(struct cli_timeline *tl, int64_t id)
{
	int64_t at = place_of(tl, id);
	struct cli_trace_worker *worker;

	if (at < tl->workers && tl->worker[at].id == id)
		return (int)at;
	if (!cli_trace_grow(&tl->worker, tl->workers, &tl->worker_room, sizeof *tl->worker))
		return -1;
	worker = tl->worker + at;
	PLAIT__ASSERT((at == 0 || worker[-1].id < id) && (at == tl->workers || worker->id > id),
		      "workers are sorted by their number");
	memmove(worker + 1, worker, (size_t)(tl->workers++ - at) * sizeof *worker);
	*worker = (struct cli_trace_worker){ .id = id, .node = -1, .recorded = -1, .kind = "cpu" };
	snprintf(worker->name, sizeof worker->name, "worker %" PRId64, id);
	return (int)at;
}
