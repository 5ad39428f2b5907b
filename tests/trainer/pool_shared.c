/* SPDX-License-Identifier: MIT
 * Members of a pool that train on the same batches have them loaded once: a data set counts how
 * often each sample is fetched.  It stays so when some end early, fail or are slow. */
#include "config.h"
#include "tests/trainer/pool.h"

#include <unistd.h>

#define WORDS "linear:16 relu dropout:0.2 linear:4"

enum { SAMPLES = 120, BATCH = 10, MEMBERS = 5, EPOCHS = 3 };

/* Samples in memory, fetched by a function that counts.  At one it hangs until it is let go. */
struct source {
	struct samples samples;
	struct plait_dataset *set;
	int fetched[SAMPLES]; /* atomic */
	int64_t hangs_at;     /* -1: nowhere */
	int pipe[2];
};

static int fetch(void *user, int64_t index, uint64_t key, void *x, int32_t *label, float *target)
{
	struct source *source = user;
	const struct samples *s = &source->samples;
	char byte;

	(void)key;
	(void)target;
	memcpy(x, s->x + index * POOL_FEATURES, POOL_FEATURES * sizeof *s->x);
	*label = s->labels[index];
	if (index == source->hangs_at && read(source->pipe[0], &byte, 1) != 1)
		tap_bail_out("the pipe cannot be read");
	__atomic_add_fetch(&source->fetched[index], 1, __ATOMIC_RELAXED);
	return 0;
}

static void source_open(struct source *source, uint64_t seed)
{
	struct plait_dataset_info info = { .spec = "counted",
					   .samples = SAMPLES,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { POOL_FEATURES },
					   .classes = POOL_CLASSES };

	source->samples = samples_make(SAMPLES, POOL_FEATURES, POOL_CLASSES, 0, seed);
	source->hangs_at = -1;
	if (plait_dataset_from_callback(&source->set, &info, fetch, source) < 0 ||
	    pipe(source->pipe) != 0)
		tap_bail_out("%s", plait_error_message());
}

static void source_close(struct source *source)
{
	plait_dataset_destroy(source->set);
	samples_free(&source->samples);
	close(source->pipe[0]);
	close(source->pipe[1]);
}

static void forget(struct source *source)
{
	memset(source->fetched, 0, sizeof source->fetched);
}

/* How many samples were fetched so often. */
static int count(const struct source *source, int times)
{
	int n = 0;

	for (int i = 0; i < SAMPLES; i++)
		n += source->fetched[i] == times;
	return n;
}

static void fetched(const struct source *source, int times, const char *what)
{
	is_int(count(source, times), SAMPLES, "%s: each sample is fetched %d times", what, times);
}

struct work {
	struct source train, validation;
	struct kind kind;
	struct alone alone;
	struct entry entry[MEMBERS];
	struct plait_pool_member member[MEMBERS];
};

static void make(struct work *work)
{
	for (int m = 0; m < MEMBERS; m++) {
		entry_make(&work->entry[m], &work->kind);
		work->member[m] = entry_member(&work->entry[m], work->train.set);
	}
	forget(&work->train);
	forget(&work->validation);
}

static void unmake(struct work *work)
{
	for (int m = 0; m < MEMBERS; m++)
		entry_free(&work->entry[m]);
}

/* Members that are not `other` are what they are alone. */
static void check(const struct work *work, int other, const char *what)
{
	int same = 0;

	for (int m = 0; m < MEMBERS; m++)
		same += m != other && work->member[m].status == 0 &&
			as_alone(&work->entry[m], &work->alone);
	is_int(same, MEMBERS - (other >= 0), "%s: the bits are those without the others", what);
}

static void test_shared(struct work *work)
{
	make(work);
	is_int(plait_pool_run(work->member, MEMBERS), 0, "members are trained on the same batches");
	check(work, -1, "shared");
	fetched(&work->train, EPOCHS, "shared");
	is_int(work->member[4].metrics.load.batches, SAMPLES / BATCH,
	       "each member counts the batches that it has read");
	unmake(work);
}

/* Validation is shared by those that share the training, as well. */
static void test_validation(struct work *work)
{
	make(work);
	for (int m = 0; m < MEMBERS - 1; m++)
		work->entry[m].options.validation = work->validation.set;
	is_int(plait_pool_run(work->member, MEMBERS), 0, "all but one are validated");
	fetched(&work->train, EPOCHS, "training");
	fetched(&work->validation, EPOCHS, "validation");
	is_int(work->entry[0].losses.validation.samples, SAMPLES, "on all samples");
	unmake(work);

	/* What is one's training and another's validation is in no order that both have. */
	make(work);
	work->entry[0].options.validation = work->validation.set;
	work->member[1].dataset = work->validation.set;
	work->entry[1].options.validation = work->train.set;
	is_int(plait_pool_run(work->member, 2), 0, "two train on what the other validates on");
	fetched(&work->train, 2 * EPOCHS, "crosswise");
	unmake(work);
}

/* -- not shared -------------------------------------------------------------------------- */

struct change {
	const char *what;
	void (*make)(struct plait_loader_options *loader);
};

static void other_seed(struct plait_loader_options *loader)
{
	loader->seed = 99;
}

static void other_order(struct plait_loader_options *loader)
{
	loader->shuffle = false;
}

static void other_batch(struct plait_loader_options *loader)
{
	loader->batch_size = 20;
}

static void other_mean(struct plait_loader_options *loader)
{
	loader->normalize = (struct plait_normalize){ .channels = 1, .mean = { 1 }, .std = { 2 } };
}

static void other_slots(struct plait_loader_options *loader)
{
	loader->prefetch = 5;
}

static void test_different(struct work *work)
{
	static const struct change change[] = { { "another seed", other_seed },
						{ "another order", other_order },
						{ "another batch size", other_batch },
						{ "another normalisation", other_mean },
						{ "another prefetch", other_slots } };

	for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
		make(work);
		change[i].make(&work->entry[2].options.loader);
		is_int(plait_pool_run(work->member, MEMBERS), 0, "one has %s", change[i].what);
		check(work, 2, change[i].what);
		fetched(&work->train, 2 * EPOCHS, change[i].what);
		unmake(work);
	}
}

/* -- members that leave ------------------------------------------------------------------ */

static int refuse(void *user, const struct plait_submitted *step)
{
	(void)user;
	return step->step == 5 ? -1 : 0;
}

/* other: which one differs.  The first one owns the slots, so it is tried too. */
static void test_leaving(struct work *work, int other)
{
	make(work);
	work->entry[other].options.epochs = 1;
	is_int(plait_pool_run(work->member, MEMBERS), 0, "member %d has one epoch", other + 1);
	check(work, other, "fewer epochs");
	fetched(&work->train, EPOCHS, "fewer epochs");
	unmake(work);

	make(work);
	work->entry[other].options.steps = 4;
	is_int(plait_pool_run(work->member, MEMBERS), 0, "member %d has four steps", other + 1);
	is_int(work->entry[other].losses.count, 4, "four were told");
	check(work, other, "a few steps");
	fetched(&work->train, EPOCHS, "a few steps");
	unmake(work);

	make(work);
	entry_free(&work->entry[other]);
	work->kind.optimizer = plait_sgd(1e30);
	entry_make(&work->entry[other], &work->kind);
	work->kind.optimizer = plait_adam(1e-2);
	work->member[other] = entry_member(&work->entry[other], work->train.set);
	is_int(plait_pool_run(work->member, MEMBERS), PLAIT_ENAN, "member %d diverges", other + 1);
	check(work, other, "a loss that is not finite");
	is_int(count(&work->train, EPOCHS), SAMPLES - BATCH,
	       "a loss that is not finite: each sample is fetched once an epoch");
	is_int(count(&work->train, EPOCHS + 1), BATCH, "those of that step once more, to tell why");
	unmake(work);

	make(work);
	for (int m = 0; m < MEMBERS; m++)
		work->entry[m].options.on_submit = refuse;
	for (int m = 0; m < MEMBERS; m++)
		if (m != other)
			work->entry[m].options.on_submit = NULL;
	is_int(plait_pool_run(work->member, MEMBERS), PLAIT_ERUNTIME,
	       "on_submit of member %d ends it", other + 1);
	check(work, other, "a submission that fails");
	fetched(&work->train, EPOCHS, "a submission that fails");
	unmake(work);
}

/* -- waiting ----------------------------------------------------------------------------- */

struct stalled {
	struct source *source;
	int told, member;
};

static int stall_event(void *user, const struct plait_event *event)
{
	struct stalled *stalled = user;

	if (event->kind != PLAIT_EVENT_STALL)
		return 0;
	stalled->member = event->member;
	if (stalled->told++ == 0 && write(stalled->source->pipe[1], "xxx", EPOCHS) != EPOCHS)
		tap_bail_out("the pipe cannot be written");
	return 0;
}

static void test_stall(struct work *work)
{
	struct stalled stalled = { .source = &work->train };

	make(work);
	work->train.hangs_at = 66;
	work->entry[3].options.on_event = stall_event;
	work->entry[3].options.user = &stalled;
	work->entry[3].options.loader.timeout = 0.05;
	is_int(plait_pool_run(work->member, MEMBERS), 0, "a read hangs for a while");
	is_int(stalled.member, 4, "the member with a timeout is told");
	check(work, 3, "a stall");
	fetched(&work->train, EPOCHS, "a stall");
	work->train.hangs_at = -1;
	unmake(work);
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	source_open(&work->train, 1);
	source_open(&work->validation, 2);
	work->kind = (struct kind){
		.words = WORDS,
		.optimizer = plait_adam(1e-2),
		.shards = 1,
		.seed = 7,
		.options = { .epochs = EPOCHS,
			     .loader = { .batch_size = BATCH,
					 .shuffle = true,
					 .chunk = 4 /* nothing is fetched to measure */ } },
	};
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	train_alone(&work->alone, &work->kind, work->train.set);
	test_shared(work);
	test_validation(work);
	test_different(work);
	test_leaving(work, 2);
	test_leaving(work, 0);
	test_stall(work);
	plait_stop();
	source_close(&work->train);
	source_close(&work->validation);
	free(work);
	return tap_done();
}
