/* SPDX-License-Identifier: MIT
 * What is refused before a run: calls without StarPU, graphs and options of a trainer. */
#include "config.h"
#include "src/graph/graph.h"
#include "tests/nets.h"

#define WORDS "linear:8 relu linear:4"

/* -- without StarPU ------------------------------------------------------------------ */

static void test_not_started(void)
{
	struct samples s = samples_make(20, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer = NULL;
	struct plait_loader *loader = NULL;

	refused(plait_trainer_create(&trainer, net, NULL), PLAIT_ESTATE, "plait_start",
		"a trainer before plait_start");
	refused(plait_loader_create(&loader, s.set, NULL), PLAIT_ESTATE, "plait_start",
		"a loader before plait_start");
	ok(!trainer && !loader, "nothing is handed out");
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	refused(plait_start(NULL), PLAIT_ESTATE, "already", "a second plait_start");
	is_int(plait_trainer_create(&trainer, net, NULL), 0, "the same trainer after plait_start");
	plait_stop();
	refused(plait_fit(trainer, s.set, NULL), PLAIT_ESTATE, "plait_start",
		"fit after plait_stop");
	plait_stop(); /* once more does nothing */
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* -- the trainer's options ----------------------------------------------------------- */

static void create_refused(struct plait_graph *net, struct plait_trainer_options options,
			   int status, const char *part, const char *what)
{
	struct plait_trainer *trainer = NULL;

	refused(plait_trainer_create(&trainer, net, &options), status, part, what);
	ok(!trainer, "%s: no trainer", what);
}

static void test_options(struct plait_graph *net)
{
	struct plait_trainer_options o = { 0 };

#define REFUSED(part, what, ...) \
	do { \
		o = (struct plait_trainer_options){ __VA_ARGS__ }; \
		create_refused(net, o, PLAIT_EINVAL, part, what); \
	} while (0)
	REFUSED("-1 shards", "shards below 0", .shards = -1);
	REFUSED("1025 shards", "too many shards", .shards = 1025);
	REFUSED("granularity 9", "no such granularity", .granularity = (enum plait_granularity)9);
	REFUSED("0 steps per task", "no number of steps", .granularity = PLAIT_GRANULARITY_RUN);
	REFUSED("-1 steps per task", "a negative number of steps",
		.granularity = PLAIT_GRANULARITY_RUN, .steps_per_task = -1);
	REFUSED("1 steps per task", "steps of a task that has one step",
		.granularity = PLAIT_GRANULARITY_STEP, .steps_per_task = 1);
	REFUSED("2 shards", "shards of several steps", .granularity = PLAIT_GRANULARITY_RUN,
		.steps_per_task = 4, .shards = 2);
	REFUSED("kind 10", "no such optimizer",
		.optimizer = { .kind = (enum plait_optimizer_kind)10 });
	REFUSED("kind -1", "a negative optimizer",
		.optimizer = { .kind = (enum plait_optimizer_kind) - 1 });
	REFUSED("lr is -1", "a negative learning rate",
		.optimizer = { .kind = PLAIT_SGD, .lr = -1 });
	REFUSED("lr is nan", "a learning rate that is no number",
		.optimizer = { .kind = PLAIT_SGD, .lr = NAN });
	REFUSED("nesterov", "nesterov without momentum",
		.optimizer = { .kind = PLAIT_SGD, .lr = 1, .nesterov = true });
	REFUSED("weight_decay is inf", "infinite weight decay",
		.optimizer = { .kind = PLAIT_SGD, .lr = 1, .weight_decay = INFINITY });
	REFUSED("beta1 is 1", "beta1 of 1",
		.optimizer = { .kind = PLAIT_ADAM, .lr = 1, .beta1 = 1, .beta2 = 0.9 });
	REFUSED("beta2 is -0.1", "beta2 below 0",
		.optimizer = { .kind = PLAIT_ADAMW, .lr = 1, .beta2 = -0.1 });
	REFUSED("eps is nan", "eps that is no number",
		.optimizer = { .kind = PLAIT_ADAM, .lr = 1, .eps = NAN });
	REFUSED("alpha is 1, must be in [0,1)", "alpha of 1",
		.optimizer = { .kind = PLAIT_RMSPROP, .alpha = 1 });
	REFUSED("momentum is -1", "a negative momentum of RMSprop",
		.optimizer = { .kind = PLAIT_RMSPROP, .momentum = -1 });
	REFUSED("momentum is 1, must be in [0,1)", "Muon's momentum of 1",
		.optimizer = { .kind = PLAIT_MUON, .momentum = 1 });
	REFUSED("lr_decay is -1", "a rate that grows",
		.optimizer = { .kind = PLAIT_ADAGRAD, .lr_decay = -1 });
	REFUSED("initial_accumulator_value is -1", "a negative sum of squares",
		.optimizer = { .kind = PLAIT_ADAGRAD, .initial_accumulator_value = -1 });
	REFUSED("momentum_decay is inf", "an infinite decay of the momentum",
		.optimizer = { .kind = PLAIT_NADAM, .momentum_decay = INFINITY });
	REFUSED("beta2 is 1", "Lion's beta2 of 1", .optimizer = { .kind = PLAIT_LION, .beta2 = 1 });
	REFUSED("eps is -1", "LAMB's negative eps", .optimizer = { .kind = PLAIT_LAMB, .eps = -1 });
	REFUSED("eps is 0, must be finite and above 0", "Muon's eps of 0",
		.optimizer = { .kind = PLAIT_MUON, .exact = true });
	REFUSED("ns_steps is 100, must be 1 to 99", "100 steps of Muon",
		.optimizer = { .kind = PLAIT_MUON, .ns_steps = 100 });
	REFUSED("adjust_lr_fn 3", "no such adjustment",
		.optimizer = { .kind = PLAIT_MUON, .adjust_lr_fn = (enum plait_adjust_lr)3 });
	REFUSED("adam_lr_ratio is nan", "a ratio that is no number",
		.optimizer = { .kind = PLAIT_MUON, .adam_lr_ratio = NAN });
#undef REFUSED
}

static void test_create(void)
{
	struct plait_graph *net = net_make(6, WORDS, false), *bare = plait_graph_create();
	struct plait_node *x = plait_input(bare, PLAIT_F32, 1, (int64_t[]){ 4 });
	struct plait_trainer_options none = { 0 };
	struct plait_trainer *trainer = NULL, *second = NULL;
	int nodes;

	create_refused(NULL, none, PLAIT_EINVAL, "NULL", "no graph");
	test_options(net);
	is_int(plait_trainer_create(&trainer, net, NULL), 0,
	       "after all that the graph gets its trainer");
	refused(plait_trainer_create(&second, net, NULL), PLAIT_ESTATE, "trainer already",
		"a second one");
	plait_trainer_destroy(trainer);
	is_int(plait_trainer_create(&trainer, net, NULL), 0,
	       "when that is gone, the graph can have another");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	create_refused(bare, none, PLAIT_EINVAL, "no loss", "a graph without a loss");
	plait_cross_entropy(x, plait_labels(bare));
	nodes = bare->nodes;
	create_refused(bare, none, PLAIT_EINVAL, "no parameters", "a graph without parameters");
	ok(bare->nodes == nodes && !bare->accuracy && plait_graph_status(bare) == 0,
	   "which is left as it was");
	plait_model(x, "relu banana");
	create_refused(bare, none, PLAIT_EINVAL, "banana", "a graph with a failed builder");
	plait_graph_destroy(bare);
	plait_trainer_destroy(NULL);
}

int main(void)
{
	test_not_started();
	test_create();
	plait_stop();
	return tap_done();
}
