/* SPDX-License-Identifier: MIT
 * The program of examples/13_pool.c beside PyTorch: four copies of a linear layer, trained at once,
 * then forward and backward over all samples.  Losses, parameters, outputs and gradients of each
 * copy are compared with reference/pool.txt, which bench/peers/pool.py wrote from the same initial
 * parameters and data. */
#include "config.h"
#include "tests/nets.h"

enum { COPIES = 4, SAMPLES = 100, WIDTH = 10, ROWS = WIDTH + 1, ANSWERED = 4 };
enum { TRAINED, FORWARD, BACKWARD, PASSES };

/* Relative to the largest of a copy's values.  A sum of float32 in another order differs by about
 * 1e-7, and 100 updates of 0.01 times such a sum do not add up to more: 3e-7 is the worst seen. The
 * rest is for other processors.  A rate of 0.0101 is off by 5e-3. */
#define TOLERANCE 2e-6

/* What a copy is at the end; rows of a tensor are a weight's, the last one is the bias. */
struct copy {
	float initial[ROWS][WIDTH], weight[ROWS][WIDTH], gradient[ROWS][WIDTH];
	float output[ANSWERED][WIDTH];
	double loss[PASSES];
};

struct result {
	struct copy copy[COPIES];
	double average[PASSES];
};

/* -- PyTorch's ----------------------------------------------------------------------------- */

/* Reads count numbers, and nothing after them. */
static void numbers(char *text, double *v, int count)
{
	char *end = text;

	for (int i = 0; i < count; i++) {
		v[i] = strtod(text, &end);
		if (end == text)
			tap_bail_out("reference/pool.txt: a number is missing: %s", text);
		text = end;
	}
	if (*end != '\n')
		tap_bail_out("reference/pool.txt: more than %d numbers: %s", count, end);
}

static float *row_of(struct copy *copy, const char *name, int row)
{
	const int rows = strcmp(name, "output") == 0 ? ANSWERED : ROWS;

	if (row < 0 || row >= rows)
		tap_bail_out("reference/pool.txt: row %d of %s", row, name);
	return strcmp(name, "initial") == 0    ? copy->initial[row]
	       : strcmp(name, "weight") == 0   ? copy->weight[row]
	       : strcmp(name, "gradient") == 0 ? copy->gradient[row]
					       : copy->output[row];
}

static void read_line(char *line, struct result *r)
{
	char name[16];
	double v[WIDTH];
	int copy, row, used = 0;

	if (sscanf(line, "average%n", &used) == 0 && used > 0) {
		numbers(line + used, r->average, PASSES);
	} else if (sscanf(line, "loss %d%n", &copy, &used) == 1 && copy < COPIES) {
		numbers(line + used, r->copy[copy].loss, PASSES);
	} else if (sscanf(line, "%15s %d %d%n", name, &copy, &row, &used) == 3 && copy < COPIES) {
		numbers(line + used, v, WIDTH);
		for (int i = 0; i < WIDTH; i++)
			row_of(&r->copy[copy], name, row)[i] = (float)v[i];
	} else if (line[0] != '#') {
		tap_bail_out("reference/pool.txt: a line that is none: %s", line);
	}
}

static void read_reference(struct result *r)
{
	const char *source = getenv("SRC");
	char line[1024];
	FILE *file;
	int lines = 0;

	snprintf(line, sizeof line, "%s/tests/reference/pool.txt", source ? source : ".");
	file = fopen(line, "r");
	if (!file)
		tap_bail_out("%s cannot be read", line);
	for (; fgets(line, sizeof line, file); lines++)
		read_line(line, r);
	fclose(file);
	is_int(lines, 2 + COPIES * (1 + 3 * ROWS + ANSWERED), "reference/pool.txt is whole");
}

/* -- Plait's ------------------------------------------------------------------------------- */

static float x[SAMPLES * WIDTH], y[SAMPLES * WIDTH];

/* As in the example. */
static float uniform(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (float)(state >> 40) * 0x1p-24f;
}

static struct plait_dataset *samples(void)
{
	struct plait_tensor inputs = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES, WIDTH }, .data = x
	};
	struct plait_tensor targets = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES, WIDTH }, .data = y
	};
	struct plait_dataset *set = NULL;

	for (int i = 0; i < SAMPLES * WIDTH; i++) {
		x[i] = uniform();
		y[i] = uniform();
	}
	if (plait_dataset_from_memory(&set, &inputs, &targets, 0) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

typedef int (*tensor_fn)(struct plait_trainer *trainer, int index, struct plait_tensor *tensor);

/* Weight and bias, or their gradients. */
static void take(struct plait_trainer *trainer, tensor_fn tensor_of, float rows[ROWS][WIDTH])
{
	struct plait_tensor weight, bias;

	if (tensor_of(trainer, 0, &weight) < 0 || tensor_of(trainer, 1, &bias) < 0)
		tap_bail_out("%s", plait_error_message());
	memcpy(rows[0], weight.data, WIDTH * sizeof rows[0]);
	memcpy(rows[WIDTH], bias.data, sizeof rows[0]);
}

static void keep_losses(struct result *r, int pass, const double losses[COPIES])
{
	for (int c = 0; c < COPIES; c++) {
		r->copy[c].loss[pass] = losses[c];
		r->average[pass] += losses[c] / COPIES;
	}
}

static void run(struct plait_trainer *const *trainer, struct plait_dataset *set, const char *how,
		struct result *r)
{
	const struct plait_fit_options training = { .epochs = 10,
						    .loader.batch_size = 10,
						    .quiet = true };
	static float outputs[COPIES][SAMPLES][WIDTH];
	float *where[COPIES];
	double losses[COPIES];

	for (int c = 0; c < COPIES; c++) {
		where[c] = outputs[c][0];
		take(trainer[c], plait_trainer_parameter, r->copy[c].initial);
	}
	is_int(plait_pool_fit(trainer, COPIES, set, &training, losses), 0, "%s: trains", how);
	keep_losses(r, TRAINED, losses);
	is_int(plait_pool_forward(trainer, COPIES, set, NULL, where, losses), 0, "%s: forward",
	       how);
	keep_losses(r, FORWARD, losses);
	is_int(plait_pool_backward(trainer, COPIES, set, NULL, losses), 0, "%s: backward", how);
	keep_losses(r, BACKWARD, losses);
	for (int c = 0; c < COPIES; c++) {
		take(trainer[c], plait_trainer_parameter, r->copy[c].weight);
		take(trainer[c], plait_trainer_gradient, r->copy[c].gradient);
		memcpy(r->copy[c].output, outputs[c], sizeof r->copy[c].output);
	}
}

/* -- comparing ----------------------------------------------------------------------------- */

/* The largest difference, by the largest expected value; a NaN is one. */
static double off(const float *got, const float *expected, int n)
{
	double difference = 0, largest = 0;

	for (int i = 0; i < n; i++) {
		double d = fabs((double)got[i] - (double)expected[i]);

		difference = d > difference || isnan(d) ? d : difference;
		largest = fmax(largest, fabs((double)expected[i]));
	}
	return difference / largest;
}

static void near(double off_by, const char *how, int c, const char *what)
{
	is_near(off_by, 0, TOLERANCE, "%s, copy %d: %s, off by %.1e", how, c + 1, what, off_by);
}

static void compare_copy(const struct copy *got, const struct copy *expected, const char *how,
			 int c)
{
	static const char *const pass[PASSES] = { "loss, trained", "loss, forward",
						  "loss, backward" };

	ok(memcmp(got->initial, expected->initial, sizeof got->initial) == 0,
	   "%s, copy %d: begins with the same parameters", how, c + 1);
	for (int p = 0; p < PASSES; p++)
		near(got->loss[p] / expected->loss[p] - 1, how, c, pass[p]);
	near(off(got->weight[0], expected->weight[0], ROWS * WIDTH), how, c,
	     "parameters after training");
	near(off(got->gradient[0], expected->gradient[0], ROWS * WIDTH), how, c, "gradients");
	near(off(got->output[0], expected->output[0], ANSWERED * WIDTH), how, c, "outputs");
}

static void test(const struct result *expected, struct plait_dataset *set, const char *how,
		 enum plait_granularity granularity, int shards)
{
	struct plait_graph *net[COPIES];
	struct plait_trainer *trainer[COPIES];
	struct result got = { 0 };

	for (int c = 0; c < COPIES; c++) {
		net[c] = net_make(WIDTH, "linear:10", true);
		if (plait_trainer_create(
			    &trainer[c], net[c],
			    &(struct plait_trainer_options){ .optimizer = plait_sgd(0.01),
							     .seed = (uint64_t)c,
							     .granularity = granularity,
							     .shards = shards }) < 0)
			tap_bail_out("%s", plait_error_message());
	}
	run(trainer, set, how, &got);
	for (int c = 0; c < COPIES; c++)
		compare_copy(&got.copy[c], &expected->copy[c], how, c);
	for (int p = 0; p < PASSES; p++)
		is_near(got.average[p] / expected->average[p], 1, TOLERANCE,
			"%s: average loss %.6f", how, got.average[p]);
	for (int c = 0; c < COPIES; c++) {
		plait_trainer_destroy(trainer[c]);
		plait_graph_destroy(net[c]);
	}
}

int main(void)
{
	static struct result expected;
	struct plait_dataset *set = samples();

	read_reference(&expected);
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test(&expected, set, "as the example", PLAIT_GRANULARITY_AUTO, 0);
	test(&expected, set, "one task an op, two shards", PLAIT_GRANULARITY_OP, 2);
	plait_stop();
	plait_dataset_destroy(set);
	return tap_done();
}
