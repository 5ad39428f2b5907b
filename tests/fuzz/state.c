/* SPDX-License-Identifier: MIT
 * The state of a loader: what is read is written back the same, and where a loader says it is
 * after going somewhere is where it was sent. */
#include "src/loader/reader.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* As the reader does it, so that what lies behind the checksum is reached. */
static void sign(struct plait_loader_state *state)
{
	uint64_t words[8], sum = 0;

	memcpy(words, state, sizeof words);
	for (int i = 0; i < 7; i++)
		sum = plait__key(sum, words[i]);
	state->checksum = sum;
}

static void go(const struct plait_loader_state *wanted)
{
	struct plait_loader loader = { .feed.batches = 7, .fingerprinted = true };
	struct plait_dataset dataset = { .info.spec = "fuzz" };
	struct plait_loader_state state = { .user = wanted->user }, after = state;

	loader.feed.dataset = &dataset;
	if (plait_loader_state_save(&loader, &state) != 0)
		abort();
	state.seed = wanted->seed;
	state.epoch = wanted->epoch;
	state.batch = wanted->batch;
	sign(&state);
	if (plait_loader_state_restore(&loader, &state) != 0)
		return;
	if (plait_loader_state_save(&loader, &after) != 0 ||
	    memcmp(&state, &after, sizeof state) != 0 || state.batch > 7 || loader.next < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct plait_loader_state state, words;

	if (size >= sizeof words) {
		memcpy(&words, bytes, sizeof words);
		go(&words);
	}
	if (plait_loader_state_read(&state, fuzz_file(0, bytes, size)) != 0)
		return 0;
	words = state;
	sign(&words);
	if (size != sizeof state || memcmp(&state, &words, sizeof state) != 0)
		abort();
	return 0;
}
