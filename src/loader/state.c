/* SPDX-License-Identifier: MIT
 * Saving the state of a loader and restoring it in another one.  The order of samples is computed,
 * so the position is enough to go on.  The rest of a state tells whether it fits a loader. */
#include "config.h"
#include "src/loader/reader.h"
#include "src/base/file.h"
#include "src/base/number.h"
#include "src/base/replace.h"

#include <inttypes.h>
#include <string.h>

#define BYTES 64
#define WORDS (BYTES / 8)

_Static_assert(sizeof(struct plait_loader_state) == BYTES, "a state is a file format");

/* The first bytes of a file: "PLAITLS", then the version. */
#define NAME UINT64_C(0x00534c5449414c50)
#define STATE_VERSION 1
#define MAGIC (NAME | (uint64_t)STATE_VERSION << 56)

/* -- what must be the same ----------------------------------------------------------------- */

/* A hash of all options that decide what is in a batch. */
static uint64_t configuration_of(const struct plait__feed *feed)
{
	const struct plait_loader_options *o = &feed->options;
	size_t normalize = (size_t)o->normalize.channels * sizeof(float);
	uint64_t words[] = { (uint64_t)o->batch_size,
			     o->drop_last,
			     o->pad_last,
			     plait__sampler_hash(&feed->sampler),
			     (uint64_t)o->dtype,
			     plait__transform_hash(o->transform),
			     o->bad.policy,
			     o->load_once };
	struct plait__hash hash;

	plait__hash_start(&hash);
	plait__hash_add(&hash, words, sizeof words);
	plait__hash_add(&hash, o->normalize.mean, normalize);
	plait__hash_add(&hash, o->normalize.std, normalize);
	return plait__hash_end(&hash);
}

static int find_fingerprint(struct plait_loader *loader)
{
	int status = 0;

	if (!loader->fingerprinted)
		status = plait__dataset_fingerprint(loader->feed.dataset, &loader->fingerprint);
	loader->fingerprinted = status == 0;
	return status;
}

static uint64_t checksum(const struct plait_loader_state *state)
{
	uint64_t words[WORDS], sum = 0;

	memcpy(words, state, BYTES);
	for (int i = 0; i < WORDS - 1; i++)
		sum = plait__key(sum, words[i]);
	return sum;
}

/* Of a call that takes a state, and what it comes from or goes to. */
static int check_arguments(const char *caller, const struct plait_loader_state *state,
			   const void *other, const char *what)
{
	if (state && other)
		return 0;
	return plait__error(PLAIT_EINVAL, "%s: the %s is NULL", caller, other ? "state" : what);
}

static int check(const struct plait_loader_state *state, const char *where)
{
	if ((state->magic ^ NAME) << 8 != 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected the state of a loader, which begins with "
				    "PLAITLS, found something else",
				    where);
	if (state->magic != MAGIC)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected a loader's state of version %d, found one of "
				    "version %d",
				    where, STATE_VERSION, (int)(state->magic >> 56));
	if (state->checksum == checksum(state))
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: expected checksum %016" PRIx64 ", found %016" PRIx64
			    ": the loader's state is damaged",
			    where, checksum(state), state->checksum);
}

/* -- position ------------------------------------------------------------------------------- */

int plait_loader_state_save(struct plait_loader *loader, struct plait_loader_state *state)
{
	int64_t batches;
	bool ending;
	int status = check_arguments("plait_loader_state_save", state, loader, "loader");

	if (status == 0)
		status = find_fingerprint(loader);
	if (status < 0)
		return status;
	batches = loader->feed.batches;
	/* After an epoch's last batch comes PLAIT_END, and then the next epoch. */
	ending = loader->next > 0 && loader->next % batches == 0 && !loader->at_end;
	*state = (struct plait_loader_state){
		.magic = MAGIC,
		.seed = loader->feed.options.seed,
		.epoch = (uint64_t)(loader->next / batches - ending),
		.batch = ending ? (uint64_t)batches : (uint64_t)(loader->next % batches),
		.dataset = loader->fingerprint,
		.configuration = configuration_of(&loader->feed),
		.user = state->user,
	};
	PLAIT__ASSERT(loader->next >= 0 && state->batch <= (uint64_t)batches,
		      "a position is a batch of an epoch or its end");
	state->checksum = checksum(state);
	return 0;
}

/* Loaders that differ in what is checked here would make different batches.  The position is
 * checked too, although only a forged state can have a wrong one with a right checksum. */
static int check_fit(const struct plait_loader *loader, const struct plait_loader_state *state)
{
	const char *spec = loader->feed.dataset->info.spec;
	uint64_t batches = (uint64_t)loader->feed.batches;

	if (state->dataset != loader->fingerprint)
		return plait__error(PLAIT_EDATA,
				    "%s: not the data that the loader's state was saved with: "
				    "fingerprint %016" PRIx64 ", expected %016" PRIx64
				    " (samples, labels, names, sizes or bytes are others)",
				    spec, loader->fingerprint, state->dataset);
	if (state->configuration != configuration_of(&loader->feed))
		return plait__error(PLAIT_EINVAL,
				    "%s: the loader's state was saved with other options: batch "
				    "size, shuffling, sampler, drop_last, pad_last, dtype, "
				    "transform, normalisation and the policy for bad samples must "
				    "be what they were",
				    spec);
	if (state->batch > batches || state->epoch > INT64_MAX / 4 / batches)
		return plait__error(PLAIT_EFORMAT,
				    "%s: the loader's state says epoch %" PRIu64 ", batch %" PRIu64
				    ", where an epoch has %" PRIu64,
				    spec, state->epoch, state->batch, batches);
	return 0;
}

int plait_loader_state_restore(struct plait_loader *loader, const struct plait_loader_state *state)
{
	int status = check_arguments("plait_loader_state_restore", state, loader, "loader");

	if (status < 0)
		return status;
	if (loader->ring)
		return plait__error(PLAIT_ESTATE,
				    "plait_loader_state_restore: the loader has begun; a state is "
				    "for a new one, before plait_loader_next");
	status = check(state, "plait_loader_state_restore");
	if (status == 0)
		status = find_fingerprint(loader);
	if (status == 0)
		status = check_fit(loader, state);
	if (status < 0)
		return status;
	loader->feed.options.seed = state->seed;
	loader->next = (int64_t)(state->epoch * (uint64_t)loader->feed.batches + state->batch);
	loader->submitted = loader->next;
	loader->at_end = state->batch == 0;
	return 0;
}

/* -- files ----------------------------------------------------------------------------------- */

int plait_loader_state_write(const struct plait_loader_state *state, const char *path)
{
	uint64_t words[WORDS];
	unsigned char bytes[BYTES];
	struct plait__replace replace;
	int status = check_arguments("plait_loader_state_write", state, path, "path");

	if (status == 0)
		status = plait__replace_begin(&replace, path);
	if (status < 0)
		return status;
	memcpy(words, state, BYTES);
	for (int i = 0; i < WORDS; i++)
		plait__put_le(bytes + 8 * i, words[i], 8);
	return plait__replace_end(&replace, plait__replace_write(&replace, bytes, BYTES, 0));
}

int plait_loader_state_read(struct plait_loader_state *state, const char *path)
{
	struct plait_loader_state found;
	uint64_t words[WORDS];
	unsigned char bytes[BYTES];
	struct plait__file *file;
	int status = check_arguments("plait_loader_state_read", state, path, "path");

	if (status == 0)
		status = plait__file_open(&file, path, false);
	if (status < 0)
		return status;
	status = plait__file_read_all(file, bytes, BYTES, "a loader's state");
	if (status == 0)
		status = plait__file_expect_end(file);
	plait__file_close(file);
	if (status < 0)
		return status;
	for (int i = 0; i < WORDS; i++)
		words[i] = plait__le64(bytes + 8 * i);
	memcpy(&found, words, BYTES);
	status = check(&found, path);
	if (status == 0)
		*state = found;
	return status;
}
