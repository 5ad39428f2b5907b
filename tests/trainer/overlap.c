/* SPDX-License-Identifier: MIT
 * What may overlap changes no bit, and what may not does not: the order of tasks is read from a
 * recording.  A run of so many steps is the beginning of a longer one. */
#include "config.h"
#include "tests/nets.h"

#include <sys/stat.h>
#include <unistd.h>

enum { SAMPLES = 90, BATCH = 8, PER_EPOCH = 12, EPOCHS = 2 };

struct result {
	int status;
	uint64_t hash;
	struct losses losses;
};

static void fit(const struct samples *s, enum plait_granularity grain, int shards,
		struct plait_fit_options options, struct result *result)
{
	struct plait_graph *net = dropping_net(6, 3, 0.1f);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-2), grain, shards);

	memset(result, 0, sizeof *result);
	options.loader.batch_size = BATCH;
	options.loader.shuffle = true;
	options.log_every = 1;
	options.on_event = losses_take;
	options.user = &result->losses;
	result->status = plait_fit(trainer, s->set, &options);
	result->hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* -- the same bits ------------------------------------------------------------------------- */

static void test_bits(const struct samples *s)
{
	static struct result full, other;

	for (int shards = 1; shards <= 2; shards++)
		for (int g = 0; g < grains_of(shards); g++)
			for (int o = PLAIT_OVERLAP_FULL; o <= PLAIT_OVERLAP_OFF; o++) {
				struct result *r =
					o == PLAIT_OVERLAP_FULL && g == 0 ? &full : &other;

				fit(s, grains[g], shards,
				    (struct plait_fit_options){ .epochs = EPOCHS,
								.validation = s->set,
								.loader.chunk = 1 + g,
								.overlap = (enum plait_overlap)o },
				    r);
				ok(r->status == 0 && r->hash == full.hash &&
					   losses_equal(&r->losses, &full.losses),
				   "overlap %s, granularity %s, %d shards: the same bits",
				   plait_overlap_name((enum plait_overlap)o),
				   plait_granularity_name(grains[g]), shards);
			}
}

/* -- what comes after what ------------------------------------------------------------------- */

/* When a phase of a step began and ended; load, forward, loss, backward, update. */
enum { PHASES = 5, STEPS = 10 };
struct span {
	double begin, end;
};

static int phase_of(const char *name)
{
	static const char *const prefix[PHASES] = { "load", "fwd", "loss", "bwd", "upd" };

	for (int p = 0; p < PHASES; p++)
		if (strncmp(name, prefix[p], strlen(prefix[p])) == 0)
			return p;
	return -1;
}

/* Reads tasks.rec: only what ran somewhere has times. */
static int read_spans(const char *path, struct span span[STEPS][PHASES])
{
	FILE *file = fopen(path, "r");
	char line[4096], name[64] = "";
	double begin = 0, end = 0;
	int tasks = 0, step;

	for (int i = 0; i < STEPS * PHASES; i++)
		span[i / PHASES][i % PHASES] = (struct span){ HUGE_VAL, 0 };
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "Name: %63s", name) == 1)
			begin = end = 0;
		sscanf(line, "StartTime: %lf", &begin);
		sscanf(line, "EndTime: %lf", &end);
		if (sscanf(line, "Iteration: %d", &step) == 1 && end > 0 && phase_of(name) >= 0) {
			struct span *s = &span[step][phase_of(name)];

			s->begin = fmin(s->begin, begin);
			s->end = fmax(s->end, end);
			tasks++;
		}
	}
	if (file)
		fclose(file);
	return tasks;
}

static void record(const struct samples *s, enum plait_overlap overlap,
		   struct span span[STEPS][PHASES])
{
	struct result result;

	mkdir("overlap.tmp", 0777);
	setenv("PLAIT_RECORD", "overlap.tmp", 1);
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	/* Two chunks a batch, so loads have tasks that run nowhere too. */
	fit(s, PLAIT_GRANULARITY_OP, 2,
	    (struct plait_fit_options){
		    .steps = STEPS, .loader.chunk = BATCH / 2, .overlap = overlap },
	    &result);
	plait_stop();
	unsetenv("PLAIT_RECORD");
	ok(result.status == 0 && read_spans("overlap.tmp/tasks.rec", span) > STEPS * PHASES,
	   "a run with overlap %s is recorded", plait_overlap_name(overlap));
}

static void test_order(const struct samples *s, enum plait_overlap overlap)
{
	struct span span[STEPS][PHASES];
	int first = overlap == PLAIT_OVERLAP_OFF ? 0 : 1, early = 0, loads_late = 0;

	record(s, overlap, span);
	for (int i = 0; i < STEPS; i++) {
		for (int p = first + 1; p < PHASES; p++)
			early += span[i][p].begin < span[i][p - 1].end;
		early += i > 0 && span[i][first].begin < span[i - 1][PHASES - 1].end;
		loads_late += span[i][1].begin < span[i][0].end;
	}
	is_int(early, 0, "overlap %s: no phase begins before the one before it is over",
	       plait_overlap_name(overlap));
	is_int(loads_late, 0, "and no forward before its load");
}

static void remove_recording(void)
{
	unlink("overlap.tmp/tasks.rec");
	unlink("overlap.tmp/trace.rec");
	unlink("overlap.tmp/workers.rec");
	rmdir("overlap.tmp");
}

/* -- so many steps ----------------------------------------------------------------------------- */

static void test_steps(const struct samples *s, int64_t steps, int epochs)
{
	static struct result whole, part;
	double done[4 * PER_EPOCH] = { 0 };
	int64_t expected = epochs > 0 && epochs * PER_EPOCH < steps ? epochs * PER_EPOCH : steps;
	int wrong = 0, early = 0;

	fit(s, PLAIT_GRANULARITY_LAYER, 1, (struct plait_fit_options){ .epochs = 4 }, &whole);
	fit(s, PLAIT_GRANULARITY_LAYER, 1,
	    (struct plait_fit_options){ .steps = steps, .epochs = epochs, .step_seconds = done },
	    &part);
	is_int(part.losses.count, expected, "%lld steps, %d epochs: %lld steps", (long long)steps,
	       epochs, (long long)expected);
	for (int64_t i = 0; i < expected; i++) {
		wrong += memcmp(&part.losses.loss[i], &whole.losses.loss[i], sizeof(float)) != 0;
		early += !(done[i] > 0) || (i > 0 && done[i] < done[i - 1]);
	}
	is_int(wrong, 0, "losses are those of a longer run");
	is_int(early, 0, "no step is done before the one before it");
	ok(done[expected] == 0, "what was not done has no time");
}

/* The last epoch is told though it is cut short, and validated only if it is not. */
struct epochs {
	int told, validated;
	int64_t steps, of;
};

static int count_epochs(void *user, const struct plait_event *event)
{
	struct epochs *e = user;

	if (event->kind != PLAIT_EVENT_EPOCH)
		return 0;
	e->told++;
	e->validated += event->validation != NULL;
	e->steps = event->train->steps;
	e->of = event->epoch_steps;
	return 0;
}

static void test_cut(const struct samples *s, int64_t steps, int told, int validated, int64_t last)
{
	struct plait_graph *net = net_make(6, "linear:3", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.01), PLAIT_GRANULARITY_STEP, 0);
	struct epochs epochs = { 0 };
	struct plait_fit_options options = { .steps = steps,
					     .loader.batch_size = BATCH,
					     .validation = s->set,
					     .on_event = count_epochs,
					     .user = &epochs };

	is_int(plait_fit(trainer, s->set, &options), 0, "%lld steps with validation",
	       (long long)steps);
	is_int(epochs.told, told, "%d epochs are told", told);
	is_int(epochs.validated, validated, "%d of them are validated", validated);
	is_int(epochs.steps, last, "the last has %lld steps", (long long)last);
	is_int(epochs.of, last, "and says so");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void test_refused(const struct samples *s)
{
	static struct result r;
	double done[1];

	fit(s, PLAIT_GRANULARITY_STEP, 1, (struct plait_fit_options){ .steps = -1 }, &r);
	refused(r.status, PLAIT_EINVAL, "-1 steps", "a negative number of steps");
	fit(s, PLAIT_GRANULARITY_STEP, 1, (struct plait_fit_options){ .step_seconds = done }, &r);
	refused(r.status, PLAIT_EINVAL, "step_seconds", "times of steps without their number");
	fit(s, PLAIT_GRANULARITY_STEP, 1,
	    (struct plait_fit_options){ .overlap = (enum plait_overlap)3 }, &r);
	refused(r.status, PLAIT_EINVAL, "overlap 3", "an overlap that is none");
	fit(s, PLAIT_GRANULARITY_STEP, 1, (struct plait_fit_options){ .loader.load_delay = -1 },
	    &r);
	refused(r.status, PLAIT_EINVAL, "load_delay", "a negative delay");
}

int main(void)
{
	struct samples s = samples_make(SAMPLES, 6, 3, 0, 1);

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_bits(&s);
	test_steps(&s, 5, 0);
	test_steps(&s, PER_EPOCH, 0);
	test_steps(&s, PER_EPOCH + 7, 0);
	test_steps(&s, 3 * PER_EPOCH - 1, 2);
	test_cut(&s, 5, 1, 0, 5);
	test_cut(&s, PER_EPOCH, 1, 1, PER_EPOCH);
	test_cut(&s, PER_EPOCH + 1, 2, 1, 1);
	test_refused(&s);
	plait_stop();
	test_order(&s, PLAIT_OVERLAP_OFF);
	test_order(&s, PLAIT_OVERLAP_LOAD);
	remove_recording();
	samples_free(&s);
	return tap_done();
}
