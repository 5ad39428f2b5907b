/* SPDX-License-Identifier: MIT
 * plait__plan_validate: every plan of every network passes, of random ones too, and a plan that is
 * broken on purpose does not. */
#include "config.h"
#include "src/base/random.h"
#include "src/plan/validate.h"
#include "tests/plan/plans.h"

static int checked, failed;

static void check_valid(const struct subject *subject, const struct plait__plan *plan,
			const char *name)
{
	(void)subject;
	checked++;
	if (plait__plan_validate(plan) == 0)
		return;
	failed++;
	printf("# %s: %s\n", name, plait_error_message());
}

/* -- random networks --------------------------------------------------------------------- */

/* Layers whose inputs are any of those before, with sums where the shapes are equal. */
static struct plait_graph *random_net(uint64_t seed)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *made[12], *x;
	int layers = 3 + (int)(plait__random(seed, 0) % 9);

	made[0] = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 });
	for (int i = 1; i <= layers; i++) {
		uint64_t draw = plait__random(seed, (uint64_t)i);

		x = made[draw % (uint64_t)i];
		switch (draw >> 32 & 3) {
		case 0:
			made[i] = plait_linear(x, 6);
			break;
		case 1:
			made[i] = plait_relu(x);
			break;
		case 2:
			made[i] = plait_add(x, made[(draw >> 8) % (uint64_t)i]);
			break;
		default:
			made[i] = plait_gelu(plait_linear(x, 6));
		}
	}
	plait_cross_entropy(plait_linear(made[layers], 3), plait_labels(net));
	return net;
}

static void test_random(void)
{
	struct samples data = samples_make(PLANS_SAMPLES, 6, 3, 0, 1);
	struct plait_loader_options options = { .batch_size = PLANS_BATCH };

	checked = failed = 0;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct subject s = { .name = "random", .net = random_net(seed) };

		s.trainer = trainer_make(s.net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
		if (plait__feed_init(&s.loader, data.set, &options, PLAIT__LABELS, 1) < 0)
			tap_bail_out("%s", plait_error_message());
		for (int mode = PLAIT__TRAIN; mode <= PLAIT__PREDICT; mode++)
			for (int grain = PLAIT_GRANULARITY_OP; grain <= PLAIT_GRANULARITY_STEP;
			     grain++)
				for (int shards = 1; shards <= 5; shards++) {
					struct plait__plan *plan = subject_plan(
						&s, (enum plait__mode)mode,
						(enum plait_granularity)grain,
						(struct plait__split){ .shards = shards }, 1);

					check_valid(&s, plan, "a random network");
					plait__plan_destroy(plan);
				}
		plait_trainer_destroy(s.trainer);
		plait_graph_destroy(s.net);
		plait__feed_fini(&s.loader);
	}
	ok(checked == 30 * 3 * 4 * 5 && failed == 0, "%d plans of random networks are valid",
	   checked);
	samples_free(&data);
}

/* -- broken plans ------------------------------------------------------------------------ */

static void swap_calls(struct plait__plan *plan)
{
	struct plait__segment *segment = &plan->segment[0];
	struct plait__planned_call call = plan->call[segment->first_call];

	plan->call[segment->first_call] = plan->call[segment->first_call + segment->calls - 1];
	plan->call[segment->first_call + segment->calls - 1] = call;
}

static void use_twice(struct plait__plan *plan)
{
	plan->use[1].arena = plan->use[0].arena;
}

static void only_read(struct plait__plan *plan)
{
	for (int i = 0; i < plan->segment[0].uses; i++)
		plan->use[plan->segment[0].first_use + i].access = PLAIT__READ;
}

static void misalign(struct plait__plan *plan)
{
	plan->call[0].out.offset += 4;
}

static void leave_arena(struct plait__plan *plan)
{
	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == PLAIT__VALUES)
			plan->arena[i].bytes = 0;
}

static void overlap_store(struct plait__plan *plan)
{
	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == PLAIT__PARAMETERS)
			plan->arena[i].offset = 0;
}

static void miscount(struct plait__plan *plan)
{
	plan->sinks++;
}

static void drop_first_segment(struct plait__plan *plan)
{
	plan->segment++;
	plan->segments--;
}

static void test_broken(const struct subject *s)
{
	static const struct {
		void (*break_it)(struct plait__plan *plan);
		const char *message, *name;
	} broken[] = {
		{ swap_calls, "before", "calls in the wrong order" },
		{ use_twice, "twice", "an arena used twice" },
		{ only_read, "only reads", "a write to what is read" },
		{ misalign, "aligned", "an operand that is not aligned" },
		{ leave_arena, "behind its arena", "an operand outside its arena" },
		{ overlap_store, "overlap", "parameters that overlap" },
		{ miscount, "counts", "a wrong count of sinks" },
		{ drop_first_segment, "follow", "a segment that is missing" },
	};

	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		/* Layers: more than one call a segment, and values that cross segments. */
		struct plait__plan *plan = subject_plan(s, PLAIT__TRAIN, PLAIT_GRANULARITY_LAYER,
							(struct plait__split){ .shards = 1 }, 1);
		struct plait__segment *first = plan->segment;

		broken[i].break_it(plan);
		refused(plait__plan_validate(plan), PLAIT_ESTATE, broken[i].message,
			broken[i].name);
		plan->segment = first;
		plait__plan_destroy(plan);
	}
}

int main(void)
{
	struct subject s;

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for_all_plans(check_valid);
	ok(checked > 0 && failed == 0, "%d plans are valid", checked);
	test_random();
	s = subject_make(1);
	test_broken(&s);
	subject_free(&s);
	plait_stop();
	return tap_done();
}
