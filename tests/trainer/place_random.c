/* SPDX-License-Identifier: MIT
 * Random networks, placed at random and cut at random, have the bits of shards: of those that are
 * placed nowhere, or where CPUs and GPUs compute both, of those that are placed alike.
 *   place_random [CASES [SEED]]     more of them, from another seed on */
#include "config.h"
#include "tests/trainer/split.h"

enum { FEATURES = 6, CLASSES = 4, LAYERS = 9, ON_CPUS = 60, ON_GPUS = 12 };

/* What a case is, drawn from its seed. */
struct draw {
	uint64_t seed, next;
	const char *const *device; /* that may be drawn */
	int devices;
};

static int draw(struct draw *d, int n)
{
	return (int)(plait__random(d->seed, d->next++) % (uint64_t)n);
}

/* Samples that a batch needs if no part is to be empty. */
static int least(const struct split *c)
{
	int sum = 0;

	for (int i = 0; i < c->shards; i++)
		sum += c->size[i] > 0 ? c->size[i] : 1;
	return sum * c->microbatches * c->accumulate;
}

static struct split draw_split(struct draw *d)
{
	struct split c = { .shards = 1 + draw(d, 3),
			   .microbatches = 1 + draw(d, 8),
			   .accumulate = draw(d, 4) ? 1 : 2,
			   .schedule = (enum plait_pipeline_schedule)draw(d, 2) };
	bool sized = draw(d, 3) == 0;

	c.replicas = draw(d, 4) ? 1 : c.shards;
	for (int i = 0; i < c.shards && sized; i++)
		c.size[i] = 1 + draw(d, 3);
	while (least(&c) > BATCH && c.microbatches > 1)
		c.microbatches--;
	while (least(&c) > BATCH)
		c.size[draw(d, c.shards)] = 1;
	return c;
}

/* -- networks ---------------------------------------------------------------------------- */

/* Places a node, as often as not where the one before it is, and writes that down. */
static void place(struct draw *d, struct plait_node *x, bool placed, int *device, char *text)
{
	if (draw(d, 2))
		*device = draw(d, d->devices);
	if (draw(d, 4) == 0)
		return;
	if (placed)
		plait_place(x, d->device[*device]);
	snprintf(text + strlen(text), 12, " %s", d->device[*device]);
}

static struct plait_node *activate(struct plait_node *x, int which)
{
	return which == 0   ? plait_relu(x)
	       : which == 1 ? plait_tanh(x)
	       : which == 2 ? plait_sigmoid(x)
			    : plait_gelu(x);
}

/* A chain of layers, some of which add what an earlier one has made; a loss of one or more terms.
 * text: 200 bytes, for what is drawn. */
static struct plait_graph *draw_net(struct draw *d, bool placed, char *text)
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = FEATURES, width[2] = { 8, 5 };
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features), *earlier[2] = { 0 }, *y;
	int layers = 2 + draw(d, LAYERS - 2), device = 0;

	*text = '\0';
	for (int i = 0; i < layers; i++) {
		int w = draw(d, 2), kind = i == 0 ? 0 : draw(d, 4);

		/* What has an activation of its own is placed by that. */
		if (kind < 2)
			x = kind ? plait_linear_no_bias(x, width[w]) : plait_linear(x, width[w]);
		else if (kind == 2)
			x = activate(x, draw(d, 4));
		else
			x = activate(plait_linear(x, width[w]), draw(d, 4));
		place(d, x, placed, &device, text);
		if (kind != 2 && earlier[w] && draw(d, 2))
			x = plait_add(x, earlier[w]);
		if (kind != 2 && draw(d, 2))
			earlier[w] = x;
	}
	y = plait_linear(x, CLASSES);
	place(d, y, placed, &device, text);
	x = plait_cross_entropy(y, plait_labels(net));
	if (earlier[0] && draw(d, 3) == 0)
		plait_loss(plait_add(x, plait_scale(plait_mean(earlier[0]), 0.1f)));
	if (plait_graph_status(net) < 0)
		tap_bail_out("seed %d: %s", (int)d->seed, plait_error_message());
	return net;
}

/* -- one case ---------------------------------------------------------------------------- */

/* The same parts, all beside each other. */
static struct split flatten(const struct split *c)
{
	struct split flat = { .shards = c->shards * c->microbatches * c->accumulate };

	for (int i = 0; c->size[0] && i < flat.shards; i++)
		flat.size[i] = c->size[i % c->shards];
	return flat;
}

static void train(const struct samples *s, struct plait_graph *net, const struct split *c,
		  enum plait_granularity grain, struct trained *r)
{
	trained_run(s, net, split_trainer(net, c, grain), split_batch(c), r);
}

static void test_case(const struct samples *s, struct draw d, bool mixed)
{
	static struct trained expected, found;
	char text[200];
	struct draw again;
	struct split c = draw_split(&d), flat = flatten(&c);
	int g = draw(&d, grains_of(2));

	again = d;
	train(s, draw_net(&again, mixed, text), &flat, PLAIT_GRANULARITY_LAYER, &expected);
	train(s, draw_net(&d, true, text), &c, grains[g], &found);
	ok(trained_equal(&expected, &found),
	   "seed %d, %s: %d shards%s, %d microbatches, %d batches, %d replicas, %s, %s, on%s",
	   (int)d.seed, plait_policy(), c.shards, c.size[0] ? " of different sizes" : "",
	   c.microbatches, c.accumulate, c.replicas, grain_name[g],
	   plait_pipeline_schedule_name(c.schedule), text);
}

/* Without a GPU all are on CPUs; else a third each on CPUs, on GPUs and on both. */
static void test_devices(const struct samples *s, int seed)
{
	static const char *const cpus[] = { "cpu0", "cpu1", "cpu", "any" };
	static const char *const gpus[] = { "cuda0", "cuda", "any", "cuda1" };
	static const char *const both[] = { "cpu0", "cpu1", "cuda0", "any", "cuda1" };
	bool two = plait_cuda_workers() > 1;

	if (plait_cuda_workers() == 0)
		test_case(s, (struct draw){ (uint64_t)seed, 0, cpus, 4 }, false);
	else if (seed % 3 == 0)
		test_case(s, (struct draw){ (uint64_t)seed, 0, cpus, 3 }, true);
	else if (seed % 3 == 1)
		test_case(s, (struct draw){ (uint64_t)seed, 0, gpus, 3 + two }, false);
	else
		test_case(s, (struct draw){ (uint64_t)seed, 0, both, 4 + two }, true);
}

int main(int argc, char **argv)
{
	static const char *const policies[] = { "eager", "plait", "lws", "dmdas" };
	struct samples s = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);
	int seed = argc > 2 ? atoi(argv[2]) : 1, done = 0, cases = 1;

	for (int p = 0; done < cases; p = (p + 1) % 4) {
		if (plait_start(&(struct plait_start_options){ .policy = policies[p],
							       .cpu_workers = 2 + p % 2 }) < 0)
			tap_bail_out("%s", plait_error_message());
		cases = argc > 1 ? atoi(argv[1]) : plait_cuda_workers() > 0 ? ON_GPUS : ON_CPUS;
		for (int i = 0; i < (cases + 3) / 4 && done < cases; i++, done++)
			test_devices(&s, seed++);
		plait_stop();
	}
	samples_free(&s);
	return tap_done();
}
