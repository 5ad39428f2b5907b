/* SPDX-License-Identifier: MIT
 * The order of steps where validation goes beside training: every batch once, each epoch's
 * validation within the training of the next one, spread evenly, bursts whole. */
#include "config.h"
#include "src/executor/window.h"
#include "tests/tap.h"

#include <stdlib.h>

struct faults {
	int order, bursts, outside, uneven;
};

/* Steps of a run of so many steps, 0: whole epochs. */
static int64_t total(int64_t train, int64_t validation, int64_t epochs, int64_t limit)
{
	int64_t whole = limit > 0 && limit < epochs * train ? limit / train : epochs;

	return whole * (train + validation) + (whole < epochs ? limit % train : 0);
}

static void describe(struct plait__binding *binding, int64_t batches, int steps)
{
	binding->steps = steps;
	binding->feed.batches = batches;
	binding->feed.options.batch_size = 1;
	binding->feed.sampler.positions = batches;
}

/* Goes through a run; next: the batches that follow, by binding. */
static struct faults walk(struct plait__executor *ex, int64_t steps)
{
	struct plait__binding *train = ex->binding[0], *validation = ex->binding[1];
	int64_t next[2] = { 0 }, all = train->feed.batches, evals = validation->feed.batches;
	struct plait__step step, before = { 0 };
	struct faults faults = { 0 };

	for (int64_t i = 0; i < steps; i++) {
		int which;
		int64_t of;

		plait__window_position(ex, &step, i);
		which = step.binding == validation;
		of = step.binding->feed.batches;
		faults.order += step.number != i || step.count != next[which]++ ||
				step.epoch != step.count / of || step.batch != step.count % of;
		/* A burst is left when it is whole, or at the end of an epoch. */
		faults.bursts += i > 0 && before.binding != step.binding &&
				 (before.batch + 1) % before.binding->steps != 0 &&
				 before.batch + 1 != before.binding->feed.batches;
		/* Of epoch e it is validated when e is over, and before e + 1 is. */
		if (which)
			faults.outside += (step.epoch + 1) * all > next[0] ||
					  (step.epoch + 2) * all <= next[0];
		/* Within an epoch that is not cut both advance at one pace, to a burst of each and
		 * what the last burst of each is short of. */
		if (which && next[0] > all && (step.epoch + 2) * all <= ex->loop.steps)
			faults.uneven += llabs((next[0] % all) * evals - step.batch * all) >
					 2 * (all * validation->steps + evals * train->steps);
		before = step;
	}
	return faults;
}

static void test_order(int64_t train, int train_steps, int64_t validation, int validation_steps,
		       int64_t limit)
{
	static struct plait__executor ex;
	static struct plait__binding binding[2];
	int64_t epochs = 4, steps = total(train, validation, epochs, limit);
	struct faults faults;

	describe(&binding[0], train, train_steps);
	describe(&binding[1], validation, validation_steps);
	for (int i = 0; i < 2; i++)
		ex.binding[i] = &binding[i];
	ex.per_epoch = train + validation;
	ex.loop = (struct plait__loop){ .binding = ex.binding,
					.bindings = 2,
					.overlaps = true,
					.epochs = epochs,
					.steps = limit ? limit : epochs * train };
	faults = walk(&ex, steps);
	ok(!faults.order && !faults.bursts && !faults.outside && !faults.uneven,
	   "%d steps in bursts of %d, %d of validation in bursts of %d, %d in all: %d out of "
	   "order, %d bursts cut, %d outside of their epoch, %d unevenly spread",
	   (int)train, train_steps, (int)validation, validation_steps, (int)limit, faults.order,
	   faults.bursts, faults.outside, faults.uneven);
}

/* One order by hand: five steps, two of validation, three epochs, of which the last has three
 * steps.  Capitals are training. */
static void test_example(void)
{
	static struct plait__executor ex;
	static struct plait__binding binding[2];
	static const char expected[] = "ABCDE"
				       "aABbCDE"
				       "aAbBC";
	char got[sizeof expected] = "";

	describe(&binding[0], 5, 1);
	describe(&binding[1], 2, 1);
	for (int i = 0; i < 2; i++)
		ex.binding[i] = &binding[i];
	ex.per_epoch = 7;
	ex.loop = (struct plait__loop){
		.binding = ex.binding, .bindings = 2, .overlaps = true, .epochs = 3, .steps = 13
	};
	for (int i = 0; expected[i]; i++) {
		struct plait__step step;

		plait__window_position(&ex, &step, i);
		got[i] = (char)((step.binding == &binding[0] ? 'A' : 'a') + step.batch);
	}
	is_string(got, expected, "an example by hand");
}

int main(void)
{
	static const int64_t length[] = { 1, 2, 3, 5, 12, 100 };

	for (size_t t = 0; t < sizeof length / sizeof *length; t++)
		for (size_t v = 0; v < sizeof length / sizeof *length; v++)
			for (int s = 1; s <= 7; s += 3) {
				test_order(length[t], s, length[v], 8 - s, 0);
				test_order(length[t], s, length[v], s, 2 * length[t] + 1);
				test_order(length[t], s, length[v], s, (length[t] + 1) / 2);
			}
	test_example();
	return tap_done();
}
