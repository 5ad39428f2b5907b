/* SPDX-License-Identifier: MIT
 * Restoring a state: from every point a loader goes on as if it had never stopped, with whatever
 * workers and slots; and a state that does not fit is refused. */
#include "config.h"
#include "src/loader/reader.h"
#include "tests/files.h"
#include "tests/nets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAMPLES 50
#define EPOCHS 3
#define CALLS (EPOCHS * (7 + 1)) /* batches of 8, and PLAIT_END */

/* Sample i is i, then noise from its key, as transforms have. */
static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	float *value = x;

	(void)user;
	value[0] = (float)index;
	for (uint64_t i = 1; i < 5; i++)
		value[i] = plait__uniform(plait__random(key, i));
	*label = (int32_t)(index % 3);
	target[0] = 2 * (float)index;
	return 0;
}

static struct plait_dataset *open_source(void)
{
	struct plait_dataset_info info = { .spec = "numbers",
					   .samples = SAMPLES,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 5 },
					   .classes = 3,
					   .targets = 1 };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_sample, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static struct plait_loader_options usual(void)
{
	return (struct plait_loader_options){ .batch_size = 8, .shuffle = true, .seed = 11 };
}

/* What one call of plait_loader_next gave: all there is of a batch, or that the epoch ended. */
static uint64_t call(struct plait_loader *loader)
{
	struct plait_batch batch;
	struct plait__hash hash;
	int status = plait_loader_next(loader, &batch);
	size_t rows = (size_t)batch.samples;

	if (status < 0)
		tap_bail_out("%s", plait_error_message());
	if (status == PLAIT_END)
		return 1;
	plait__hash_start(&hash);
	plait__hash_add(&hash, &batch.epoch, sizeof batch.epoch);
	plait__hash_add(&hash, &batch.index, sizeof batch.index);
	plait__hash_add(&hash, batch.x, rows * 5 * sizeof *batch.x);
	plait__hash_add(&hash, batch.labels, rows * sizeof *batch.labels);
	plait__hash_add(&hash, batch.targets, rows * sizeof *batch.targets);
	plait_loader_release(loader);
	return plait__hash_end(&hash);
}

static struct plait_loader_state save(struct plait_loader *loader)
{
	struct plait_loader_state state = { .user = 5 };

	if (plait_loader_state_save(loader, &state) < 0)
		tap_bail_out("%s", plait_error_message());
	return state;
}

static void restore(struct plait_loader *loader, const struct plait_loader_state *state)
{
	if (plait_loader_state_restore(loader, state) < 0)
		tap_bail_out("%s", plait_error_message());
}

/* -- going on ---------------------------------------------------------------------------- */

struct run {
	uint64_t got[CALLS];
	struct plait_loader_state before[CALLS]; /* the state before each call */
};

static void run_whole(struct run *run)
{
	struct plait_dataset *set = open_source();
	struct plait_loader *loader = loader_open(set, usual());

	for (int i = 0; i < CALLS; i++) {
		run->before[i] = save(loader);
		run->got[i] = call(loader);
	}
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* Goes on from each point to the end of the epoch after it. */
static void test_points(const struct run *whole, const char *policy)
{
	static const struct {
		int workers, prefetch;
		int64_t chunk;
	} how[] = { { 1, 2, 3 }, { 2, 6, 1 }, { 4, 3, 8 }, { 0, 0, 0 } };
	struct plait_dataset *set = open_source();
	int wrong = 0, moved = 0;

	if (plait_start(&(struct plait_start_options){ .policy = policy }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < CALLS; i++) {
		struct plait_loader_options options = usual();
		struct plait_loader *loader;
		struct plait_loader_state again;

		options.seed = 99; /* the seed of the state replaces it */
		options.workers = how[i % 4].workers;
		options.prefetch = how[i % 4].prefetch;
		options.chunk = how[i % 4].chunk;
		loader = loader_open(set, options);
		restore(loader, &whole->before[i]);
		again = save(loader);
		moved += memcmp(&again, &whole->before[i], sizeof again) != 0;
		for (int k = i; k < CALLS && k < i + 16; k++)
			wrong += call(loader) != whole->got[k];
		plait_loader_destroy(loader);
	}
	is_int(wrong, 0, "%s: from each of %d points the run goes on as it would have", policy,
	       CALLS);
	is_int(moved, 0, "%s: a restored loader has the state it was given", policy);
	plait_dataset_destroy(set);
	plait_stop();
}

/* A new loader for each call: stop, go on, stop. */
static void test_hops(const struct run *whole)
{
	struct plait_loader_state state = whole->before[0];
	struct plait_dataset *set = open_source();
	int wrong = 0;

	for (int i = 0; i < CALLS; i++) {
		struct plait_loader *loader = loader_open(set, usual());

		restore(loader, &state);
		wrong += call(loader) != whole->got[i];
		state = save(loader);
		plait_loader_destroy(loader);
	}
	is_int(wrong, 0, "stopped after every call, three epochs are the same");
	is_int(state.epoch, EPOCHS, "and so is the place where they end");
	is_int(state.batch, 0, "which is the beginning of the next");
	plait_dataset_destroy(set);
}

static void test_held(const struct run *whole)
{
	struct plait_dataset *set = open_source();
	struct plait_loader *loader = loader_open(set, usual());
	struct plait_loader_state state;
	struct plait_batch batch;
	int wrong = 0, early = 0;

	for (int i = 0; i < CALLS; i++) {
		int status = plait_loader_next(loader, &batch);

		/* The first batch of an epoch, too, comes after the end of the one before. */
		state = save(loader);
		wrong += status == 0 && memcmp(&state, &whole->before[i], sizeof state) != 0;
		if (i == 1)
			refused(plait_loader_state_restore(loader, &state), PLAIT_ESTATE,
				"has begun", "restoring in the middle");
		plait_loader_release(loader);
		state = save(loader);
		early += i + 1 < CALLS && memcmp(&state, &whole->before[i + 1], sizeof state) != 0;
	}
	is_int(wrong, 0, "a batch that is out is not consumed, wherever in an epoch");
	is_int(early, 0, "it is when it is released");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* -- what does not fit --------------------------------------------------------------------- */

static void refuses(struct plait_dataset *set, struct plait_loader_options options,
		    const struct plait_loader_state *state, int status, const char *part,
		    const char *what)
{
	struct plait_loader *loader = loader_open(set, options);
	struct plait_loader_state before = save(loader), after;

	refused(plait_loader_state_restore(loader, state), status, part, what);
	after = save(loader);
	ok(memcmp(&before, &after, sizeof before) == 0, "%s: nothing has changed", what);
	plait_loader_destroy(loader);
}

static void test_damage(const struct plait_loader_state *good)
{
	struct plait_dataset *set = open_source();
	struct plait_loader *loader = loader_open(set, usual());
	struct plait_loader_state state;
	int accepted = 0;

	for (size_t bit = 0; bit < 8 * sizeof state; bit++) {
		state = *good;
		((unsigned char *)&state)[bit / 8] ^= (unsigned char)(1 << bit % 8);
		accepted += plait_loader_state_restore(loader, &state) != PLAIT_EFORMAT;
	}
	is_int(accepted, 0, "a state with any of its 512 bits turned is refused");
	plait_loader_destroy(loader);
	state = (struct plait_loader_state){ 0 };
	refuses(set, usual(), &state, PLAIT_EFORMAT, "PLAITLS", "zeros");
	state = *good;
	state.magic += UINT64_C(1) << 56;
	refuses(set, usual(), &state, PLAIT_EFORMAT, "version 2", "another version");
	state = *good;
	state.user++;
	refuses(set, usual(), &state, PLAIT_EFORMAT, "damaged", "another user word");
	plait_dataset_destroy(set);
}

static void test_options(const struct plait_loader_state *good)
{
	struct plait_dataset *set = open_source();
	struct plait_loader_options o;

	o = usual();
	o.batch_size = 9;
	refuses(set, o, good, PLAIT_EINVAL, "batch size", "another batch size");
	o = usual();
	o.drop_last = true;
	refuses(set, o, good, PLAIT_EINVAL, "drop_last", "drop_last");
	o = usual();
	o.shuffle = false;
	refuses(set, o, good, PLAIT_EINVAL, "shuffling", "no shuffling");
	o = usual();
	o.sampler = (struct plait_sampler){ .rank = 1, .world = 3 };
	refuses(set, o, good, PLAIT_EINVAL, "sampler", "another sampler");
	o = usual();
	o.normalize = (struct plait_normalize){ .channels = 1, .mean = { 0 }, .std = { 1 } };
	refuses(set, o, good, PLAIT_EINVAL, "normalisation", "a normalisation");
	plait_dataset_destroy(set);
}

/* Transforms: of the same words in other letters the hash is the same. */
static void test_transforms(void)
{
	static const char *const words[] = { "flip", "flip:0.5", "flip:0.25", "crop:3", NULL };
	uint8_t bytes[10 * 16] = { 0 };
	struct plait_tensor x = {
		.dtype = PLAIT_U8, .ndim = 3, .dim = { 10, 4, 4 }, .data = bytes
	};
	struct plait_dataset *set = NULL;
	uint64_t hash[5];

	if (plait_dataset_from_memory(&set, &x, NULL, 0) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 5; i++) {
		struct plait_transform *transform = NULL;
		struct plait_loader *loader;

		if (words[i] && plait_transform_parse(&transform, words[i]) < 0)
			tap_bail_out("%s", plait_error_message());
		loader = loader_open(set, (struct plait_loader_options){ .transform = transform });
		hash[i] = save(loader).configuration;
		plait_loader_destroy(loader);
		plait_transform_destroy(transform);
	}
	ok(hash[0] == hash[1], "flip and flip:0.5 are one configuration");
	ok(hash[0] != hash[2] && hash[0] != hash[3] && hash[0] != hash[4] && hash[2] != hash[3],
	   "other steps are others");
	plait_dataset_destroy(set);
}

/* A forged state can have a right checksum.  It must do no harm. */
static void test_forged(const struct plait_loader_state *good)
{
	struct plait_dataset *set = open_source();
	struct plait_loader_state state = *good;
	struct plait_loader *loader = loader_open(set, usual());
	uint64_t words[8];

	for (int i = 0; i < 2; i++) {
		state.epoch = i ? UINT64_MAX / 8 : 0;
		state.batch = i ? 0 : 8;
		memcpy(words, &state, sizeof words);
		state.checksum = 0;
		for (int k = 0; k < 7; k++)
			state.checksum = plait__key(state.checksum, words[k]);
		refused(plait_loader_state_restore(loader, &state), PLAIT_EFORMAT,
			"where an epoch has 7", i ? "a forged epoch" : "a forged batch");
	}
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* -- files ----------------------------------------------------------------------------------- */

static int read_back(const void *user)
{
	struct plait_loader_state state;

	(void)user;
	return plait_loader_state_read(&state, files_path("state"));
}

static void test_files(const struct plait_loader_state *good)
{
	static const unsigned char begin[8] = "PLAITLS\1";
	struct plait_loader_state state = { 0 };
	unsigned char *bytes, old[100];
	struct stat st;
	size_t size;
	int fd;

	is_int(plait_loader_state_write(good, files_path("state")), 0, "a state is written");
	is_int(plait_loader_state_read(&state, files_path("state")), 0, "and read");
	ok(memcmp(&state, good, sizeof state) == 0, "it is the same");
	bytes = files_read("state", &size);
	is_int(size, 64, "the file has 64 bytes");
	ok(memcmp(bytes, begin, 8) == 0, "the first are PLAITLS and the version");
	ok(bytes[8] == 11 && bytes[9] == 0 && bytes[15] == 0, "the seed is little-endian");
	is_int(files_truncate("state", bytes, size, true, read_back, NULL), 0,
	       "shorter ones are refused");
	is_int(files_mutate("state", bytes, size, 2000, read_back, NULL), 0, "so are damaged ones");

	/* A file that is replaced can still be read by who has opened it. */
	fd = open(files_path("state"), O_RDONLY);
	state.epoch++;
	is_int(plait_loader_state_write(&state, files_path("state")), 0, "written again");
	ok(fstat(fd, &st) == 0 && st.st_nlink == 0 && read(fd, old, sizeof old) == 64 &&
		   memcmp(old, bytes, 64) == 0,
	   "a new file took the old one's place");
	close(fd);
	free(bytes);
	refused(plait_loader_state_read(&state, files_path("state")), PLAIT_EFORMAT, "checksum",
		"one that was written after a change");
	files_write("long", memset(old, 0, sizeof old), 65);
	refused(plait_loader_state_read(&state, files_path("long")), PLAIT_EFORMAT, "long",
		"a longer file");
	files_write("foreign", "#!/bin/sh\n# A program, sixty-four bytes of it, and not a state.\n",
		    64);
	refused(plait_loader_state_read(&state, files_path("foreign")), PLAIT_EFORMAT, "PLAITLS",
		"another kind of file");
	refused(plait_loader_state_read(&state, files_path("none")), PLAIT_EIO, "none", "no file");
	refused(plait_loader_state_write(&state, "/dev/null"), PLAIT_EIO, "/dev/null", "a device");
	refused(plait_loader_state_write(&state, files_path("no/state")), PLAIT_EIO, "no/state",
		"a folder that is not there");
}

int main(void)
{
	static const char *const policies[] = { "eager", "lws", "dmdas" };
	static struct run whole;
	int distinct = 1;

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	run_whole(&whole);
	for (int i = 0; i < CALLS; i++) {
		distinct &= (whole.got[i] == 1) == (i % 8 == 7);
		for (int k = 0; k < i; k++)
			distinct &= whole.got[i] != whole.got[k] || whole.got[i] == 1;
	}
	ok(distinct, "no two batches of three epochs are the same");
	is_int(whole.before[3].user, 5, "the program's own word is kept");
	test_hops(&whole);
	test_held(&whole);
	test_damage(&whole.before[3]);
	test_options(&whole.before[3]);
	test_transforms();
	test_forged(&whole.before[3]);
	test_files(&whole.before[3]);
	plait_stop();
	for (int i = 0; i < 3; i++)
		test_points(&whole, policies[i]);
	return tap_done();
}
