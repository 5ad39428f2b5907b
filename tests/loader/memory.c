/* SPDX-License-Identifier: MIT
 * The memory limit of loaders: how many slots it allows, who can have a cache, and what training
 * and validation make of one limit. */
#include "tests/loader/cached.h"

/* -- limits ------------------------------------------------------------------------------ */

static void loader_refused(struct plait_dataset *set, struct plait_loader_options options,
			   int status, const char *part, const char *what)
{
	struct plait_loader *loader = NULL;

	refused(plait_loader_create(&loader, set, &options), status, part, what);
	ok(!loader, "%s: no loader", what);
}

static void test_limits(void)
{
	struct samples s = samples_make(100, 64, 2, 0, 1);
	struct plait_loader_options options = { .batch_size = 16 };
	struct plait_loader *loader = loader_open(s.set, options);
	struct plait_loader_memory memory;
	int64_t slot;
	int most;

	plait_loader_memory(loader, &memory);
	slot = memory.slot_bytes;
	most = memory.slots;
	ok(memory.limit > 0 && most > 2 && memory.cache == PLAIT_CACHE_NONE,
	   "a limit without asking");
	plait_loader_destroy(loader);
	for (int slots = 2; slots <= 2 * most + 2; slots++) {
		options.memory_limit = slots * slot + slot / 2;
		loader = loader_open(s.set, options);
		plait_loader_memory(loader, &memory);
		is_int(memory.slots,
		       slots < 4          ? 2
		       : slots > 2 * most ? most
					  : slots / 2,
		       "half of the room for %d slots, but two", slots);
		is_int(memory.limit, options.memory_limit, "the limit that was given");
		plait_loader_destroy(loader);
	}
	options.memory_limit = 2 * slot - 1;
	loader_refused(s.set, options, PLAIT_ENOMEM, "2 batches of 16 samples", "not even two");
	options.memory_limit = 3 * slot;
	options.prefetch = 4;
	loader_refused(s.set, options, PLAIT_ENOMEM, "4 batches of 16 samples",
		       "four are too many");
	contains(plait_error_message(), "lower the batch size or prefetch, or raise the limit",
		 "what to do");
	options.prefetch = 3;
	plait_loader_destroy(loader_open(s.set, options));
	options.memory_limit = -1;
	loader_refused(s.set, options, PLAIT_EINVAL, "memory limit -1", "a negative limit");
	options.memory_limit = 0;
	options.cache = PLAIT_CACHE_RAW;
	loader_refused(s.set, options, PLAIT_EINVAL, "in memory already", "arrays");
	options.cache = (enum plait_cache)7;
	loader_refused(s.set, options, PLAIT_EINVAL, "cache 7", "no such cache");
	samples_free(&s);
}

static int read_nothing(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			float *target)
{
	(void)user, (void)index, (void)key, (void)label, (void)target;
	*(float *)x = 0;
	return 0;
}

static void test_callback(void)
{
	struct plait_dataset_info info = {
		.spec = "function", .samples = 10, .dtype = PLAIT_F32, .ndim = 1, .dim = { 1 }
	};
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_nothing, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	loader_refused(set, (struct plait_loader_options){ .cache = PLAIT_CACHE_DECODED },
		       PLAIT_EINVAL, "function: a cache is for stored images", "a function");
	plait_dataset_destroy(set);
}

/* -- training ----------------------------------------------------------------------------- */

struct watch {
	struct plait_loader_memory memory;
	bool stop, delete;
	int epochs;
};

static int watch(void *user, const struct plait_event *event)
{
	struct watch *w = user;

	if (event->kind == PLAIT_EVENT_BEGIN) {
		w->memory = *event->memory;
		return w->stop;
	}
	w->epochs += event->kind == PLAIT_EVENT_EPOCH;
	if (event->kind == PLAIT_EVENT_EPOCH && w->delete)
		delete_images();
	return 0;
}

struct fit {
	struct plait_dataset *train, *validation;
	struct plait_transform *transform, *fixed;
	int prefetch;
};

/* Trains for three epochs; without shuffling, so that no load of the second asks for a sample
 * that is not there yet.  Returns the parameters' hash, or 0 if fit fails. */
static uint64_t fit(const struct fit *f, enum plait_cache cache, int64_t limit, struct watch *w,
		    int *status_p)
{
	struct plait_graph *net = net_make(3 * 12 * 12, "linear:8 relu linear:2", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-3), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.batch_size = BATCH,
					     .loader.prefetch = f->prefetch,
					     .loader.transform = f->transform,
					     .fixed_transform = f->fixed,
					     .validation = f->validation,
					     .loader.cache = cache,
					     .loader.memory_limit = limit,
					     .on_event = watch,
					     .user = w };
	uint64_t hash;

	*status_p = plait_fit(trainer, f->train, &options);
	hash = *status_p == 0 ? parameters_hash(trainer) : 0;
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

static void test_fit(void)
{
	struct fit f = { .transform = make_transform(), .prefetch = 4 };
	struct watch w = { 0 };
	uint64_t plain, hash;
	int64_t slots;
	int status;

	if (plait_transform_parse(&f.fixed, "resize:12x12") < 0)
		tap_bail_out("%s", plait_error_message());
	f.train = open_images("fit");
	f.validation = open_or_bail(tree_spec("images"));
	plain = fit(&f, PLAIT_CACHE_NONE, 0, &w, &status);
	is_int(status, 0, "training without a cache");
	slots = w.memory.slots * w.memory.slot_bytes;
	ok(w.memory.slots == 4 && w.memory.limit > 0, "the loader's memory is told");
	w = (struct watch){ .stop = true };
	fit(&f, PLAIT_CACHE_NONE, 0, &w, &status);
	ok(status == 0 && w.epochs == 0, "a handler may stop before the first step");
	w = (struct watch){ 0 };
	hash = fit(&f, PLAIT_CACHE_RAW, 2 * slots + 20000, &w, &status);
	ok(status == 0 && hash == plain, "the same parameters with a small cache");
	ok(w.memory.cache_limit > 0 && slots + w.memory.cache_limit <= w.memory.limit - slots,
	   "validation's slots are taken off");
	w = (struct watch){ .delete = true };
	hash = fit(&f, PLAIT_CACHE_DECODED, 64 << 20, &w, &status);
	ok(status == 0 && hash == plain, "the same, the files deleted after the first epoch");
	is_int(w.epochs, EPOCHS, "of three");
	fit(&f, PLAIT_CACHE_NONE, slots + slots / 4, &w, &status);
	is_int(status, PLAIT_ENOMEM, "a limit for the slots of training alone");
	contains(plait_error_message(), "4 batches of 8 samples", "is told by validation");
	for (int i = 0; i < SAMPLES; i++)
		put_image(i);
	f.prefetch = 0;
	w.delete = false;
	fit(&f, PLAIT_CACHE_NONE, slots, &w, &status);
	is_int(status, 0, "is enough for two each");
	is_int(w.memory.slots, 2, "as they are when nobody asks for more");
	plait_dataset_destroy(f.validation);
	plait_dataset_destroy(f.train);
	plait_transform_destroy(f.transform);
	plait_transform_destroy(f.fixed);
}

/* Validation data in memory and a cache for training's images go together. */
static void test_mixed(void)
{
	struct samples s = samples_make(20, 3 * 12 * 12, 2, 0, 1);
	struct fit f = { .transform = make_transform() };
	struct watch w = { 0 };
	int status;

	f.train = open_images("mixed");
	f.validation = s.set;
	fit(&f, PLAIT_CACHE_DECODED, 0, &w, &status);
	is_int(status, 0, "images with a cache, validation from memory");
	f.train = (plait_dataset_destroy(f.train), s.set);
	f.transform = (plait_transform_destroy(f.transform), NULL);
	fit(&f, PLAIT_CACHE_DECODED, 0, &w, &status);
	is_int(status, PLAIT_EINVAL, "no cache for training from memory");
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_limits();
	test_callback();
	if (pictures_have_png() || pictures_have_jpeg()) {
		test_fit();
		test_mixed();
	} else {
		tap_skip("built without libpng and libjpeg-turbo");
	}
	plait_stop();
	return tap_done();
}
