/* SPDX-License-Identifier: MIT
 * Values and gradients of a step, by name: against the arithmetic of a small network, at every
 * granularity and number of shards, and without a change of bits. */
#include "config.h"
#include "tests/trainer/run.h"

#define FEATURES 6
#define HIDDEN 16
#define CLASSES 4
#define BATCH 30

static const char *const all[] = { "0.weight",      "0.bias",      "0.linear",      "0.weight.grad",
				   "1.relu",        "1.relu.grad", "2.linear",      "2.linear.grad",
				   "2.weight.grad", "2.bias.grad", "0.linear.grad", "0.bias.grad",
				   "2.weight",      NULL };

/* What a step of the network in double precision gives. */
struct reference {
	double h[BATCH][HIDDEN], y[BATCH][CLASSES], dy[BATCH][CLASSES], dh[BATCH][HIDDEN];
	double dw2[CLASSES][HIDDEN], db2[CLASSES], dw1[HIDDEN][FEATURES];
};

static void forward(struct reference *r, const float *w[4], const struct samples *s, int rows)
{
	for (int n = 0; n < rows; n++) {
		for (int j = 0; j < HIDDEN; j++) {
			double sum = (double)w[1][j];

			for (int k = 0; k < FEATURES; k++)
				sum += (double)s->x[n * FEATURES + k] * w[0][j * FEATURES + k];
			r->h[n][j] = sum > 0 ? sum : 0;
		}
		for (int c = 0; c < CLASSES; c++) {
			r->y[n][c] = (double)w[3][c];
			for (int j = 0; j < HIDDEN; j++)
				r->y[n][c] += r->h[n][j] * w[2][c * HIDDEN + j];
		}
	}
}

static void backward(struct reference *r, const float *w[4], const struct samples *s, int rows)
{
	for (int n = 0; n < rows; n++) {
		double total = 0;

		for (int c = 0; c < CLASSES; c++)
			total += exp(r->y[n][c]);
		for (int c = 0; c < CLASSES; c++) {
			r->dy[n][c] = (exp(r->y[n][c]) / total - (s->labels[n] == c)) / rows;
			r->db2[c] += r->dy[n][c];
			for (int j = 0; j < HIDDEN; j++)
				r->dw2[c][j] += r->dy[n][c] * r->h[n][j];
		}
		for (int j = 0; j < HIDDEN; j++) {
			for (int c = 0; c < CLASSES; c++)
				r->dh[n][j] += r->dy[n][c] * w[2][c * HIDDEN + j];
			for (int k = 0; k < FEATURES; k++)
				r->dw1[j][k] +=
					(r->h[n][j] > 0) * r->dh[n][j] * s->x[n * FEATURES + k];
		}
	}
}

/* The largest difference of a value from the reference. */
static double differs(struct plait_run *run, const char *name, const double *reference,
		      int64_t elements)
{
	struct plait_tensor t;
	double worst = 0;

	if (plait_run_value(run, name, &t) < 0 || plait_shape_elements(t.ndim, t.dim) != elements)
		return INFINITY;
	for (int64_t i = 0; i < elements; i++)
		worst = fmax(worst, fabs((double)((float *)t.data)[i] - reference[i]));
	return worst;
}

/* After the short last batch: rows of 10, the values of the step before which parameters are known.
 */
static void test_values(enum plait_granularity grain, const char *name, int shards)
{
	static struct reference r;
	struct job job = job_make(BATCH, plait_sgd(0), grain, shards);
	struct plait_run *run = open_run(
		&job, (struct plait_run_options){ .loader.batch_size = BATCH, .keep = all });
	struct plait_tensor t;
	const float *w[4];
	/* Sums of at most 30 products of numbers below 2, each rounded to 24 bits. */
	const double most = 60 * 0x1p-24;

	for (int i = 0; i < 4; i++) {
		plait_trainer_parameter(job.trainer, i, &t);
		w[i] = t.data;
	}
	memset(&r, 0, sizeof r);
	forward(&r, w, &job.s, BATCH);
	backward(&r, w, &job.s, BATCH);
	plait_run_step(run);
	ok(differs(run, "1.relu", &r.h[0][0], BATCH * HIDDEN) < most, "%s, %d shards: 1.relu", name,
	   shards);
	ok(differs(run, "2.linear", &r.y[0][0], BATCH * CLASSES) < most, "2.linear");
	ok(differs(run, "2.linear.grad", &r.dy[0][0], BATCH * CLASSES) < most, "2.linear.grad");
	ok(differs(run, "1.relu.grad", &r.dh[0][0], BATCH * HIDDEN) < most, "1.relu.grad");
	ok(differs(run, "2.weight.grad", &r.dw2[0][0], CLASSES * HIDDEN) < most, "2.weight.grad");
	ok(differs(run, "2.bias.grad", r.db2, CLASSES) < most, "2.bias.grad");
	ok(differs(run, "0.weight.grad", &r.dw1[0][0], HIDDEN * FEATURES) < most, "0.weight.grad");
	is_int(plait_run_value(run, "2.weight", &t), 0, "a parameter");
	ok(t.data == w[2] && t.ndim == 2, "is in the trainer's memory");
	is_int(plait_run_value(run, "0.linear", &t), 0, "the first layer");
	ok(t.ndim == 2 && t.dim[0] == BATCH && t.dim[1] == HIDDEN, "has a row for each sample");
	plait_run_close(run);
	job_free(&job);
}

static void test_bits(enum plait_granularity grain, const char *name, int shards)
{
	struct job plain = job_make(200, plait_adam(1e-2), grain, shards);
	struct job kept = job_make(200, plait_adam(1e-2), grain, shards);
	struct plait_run_options options = { .loader = { .batch_size = 32, .shuffle = true } };
	struct plait_run *run = open_run(&plain, options);
	struct plait_tensor t;

	step_on(run, 7);
	step_on(run, 7);
	plait_run_close(run);
	options.keep = all;
	run = open_run(&kept, options);
	step_on(run, 7);
	is_int(plait_run_value(run, "1.relu", &t), 0, "%s, %d shards: the short last batch", name,
	       shards);
	is_int(t.dim[0], 8, "has eight rows");
	step_on(run, 7);
	plait_run_close(run);
	ok(parameters_hash(plain.trainer) == parameters_hash(kept.trainer),
	   "keeping values changes no bit");
	job_free(&plain);
	job_free(&kept);
}

/* The input under another shape is no value that a step computes. */
static void test_view_of_input(void)
{
	static const char *const flat[] = { "0.flatten", NULL };
	struct samples s = samples_make(20, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, "flatten linear:4", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_run *run = NULL;

	refused(plait_run_open(&run, trainer, s.set, &(struct plait_run_options){ .keep = flat }),
		PLAIT_EINVAL, "another shape", "a view of the input");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

static void test_wrong(void)
{
	struct job job = job_make(200, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	const char *const none[] = { "0.linear", "7.tanh", NULL };
	const char *const input[] = { "input", NULL };
	struct plait_run_options options = { .keep = none };
	struct plait_run *run = NULL;
	struct plait_tensor t;

	refused(plait_run_open(&run, job.trainer, job.s.set, &options), PLAIT_EINVAL,
		"0.weight 0.bias 0.linear", "a name that no value has");
	options.keep = input;
	refused(plait_run_open(&run, job.trainer, job.s.set, &options), PLAIT_EINVAL, "input",
		"the input");
	test_view_of_input();
	options.keep = all;
	run = open_run(&job, options);
	refused(plait_run_value(run, "0.linear", &t), PLAIT_ESTATE, "no step", "before a step");
	plait_run_step(run);
	refused(plait_run_value(run, "7.tanh", &t), PLAIT_EINVAL, "7.tanh", "another name");
	refused(plait_run_value(run, NULL, &t), PLAIT_EINVAL, "name", "no name");
	refused(plait_run_value(run, "0.linear", NULL), PLAIT_EINVAL, "tensor", "no tensor");
	refused(plait_run_value(NULL, "0.linear", &t), PLAIT_EINVAL, "run", "no run");
	plait_run_close(run);
	options.keep = NULL;
	run = open_run(&job, options);
	plait_run_step(run);
	refused(plait_run_value(run, "0.linear", &t), PLAIT_EINVAL, "keep", "one that is not kept");
	plait_run_close(run);
	job_free(&job);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards++)
		for (int g = 0; g < grains_of(shards); g++) {
			test_values(grains[g], grain_name[g], shards);
			test_bits(grains[g], grain_name[g], shards);
		}
	test_wrong();
	plait_stop();
	return tap_done();
}
