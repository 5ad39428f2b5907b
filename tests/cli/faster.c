/* SPDX-License-Identifier: MIT
 * When --shards auto takes a number for faster, by times that are worked out here: a gain in nearly
 * all turns, and no noise. */
#include "config.h"
#include "src/cli/measure/shards.h"
#include "tests/tap.h"

#define SEVEN(a) \
	{ \
		a, a, a, a, a, a, a \
	}

/* One candidate's times for each turn beside those of another, which takes 100 in each. */
static const struct {
	const char *what;
	int turns;
	double us[CLI_MOST_TURNS];
	bool faster;
} cases[] = {
	{ "as fast", 7, SEVEN(100), false },
	{ "a hundredth faster, always", 7, SEVEN(99), false },
	{ "a twentieth faster, always", 7, SEVEN(95), true },
	{ "a twentieth slower, always", 7, SEVEN(105), false },
	{ "one turn of seven lost", 7, { 50, 50, 500, 50, 50, 50, 50 }, true },
	{ "two turns of seven lost", 7, { 50, 50, 500, 50, 50, 500, 50 }, false },
	{ "one turn won by far", 7, { 1, 100, 100, 100, 100, 100, 100 }, false },
	{ "all of three", 3, { 50, 90, 95 }, true },
	{ "one turn of three lost", 3, { 50, 101, 50 }, false },
	{ "one turn of six lost", 6, { 50, 101, 50, 50, 50, 50 }, false },
	{ "faster by noise as often as slower", 7, { 80, 125, 80, 125, 80, 125, 80 }, false },
};

static void test_faster(void)
{
	static const double hundred[] = SEVEN(100);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is_int(cli_faster(cases[i].us, hundred, cases[i].turns), cases[i].faster, "%s",
		       cases[i].what);
}

/* 1, 2 and 4 shards of which each takes the same in each of so many turns. */
static struct cli_shard_turns make(int turns, double one, double two, double four)
{
	struct cli_shard_turns t = { .candidates = 3, .turns = turns };
	const double us[] = { one, two, four };

	for (int i = 0; i < 3; i++) {
		t.candidate[i].shards = 1 << i;
		for (int turn = 0; turn < CLI_MOST_TURNS; turn++)
			t.candidate[i].step_us[turn] = us[i];
	}
	return t;
}

static void test_fastest(void)
{
	struct cli_shard_turns t = make(7, 100, 60, 35);

	is_int(cli_fastest(&t), 2, "four shards beat two, which beat one");
	t = make(7, 100, 60, 59.5);
	is_int(cli_fastest(&t), 1, "four shards are not faster than two");
	t = make(7, 100, 120, 60);
	is_int(cli_fastest(&t), 2, "four shards beat one, and two do not");
	t = make(7, 100, 99, 98);
	is_int(cli_fastest(&t), 0, "what is no gain leaves one");
	t = make(0, 100, 50, 25);
	is_int(cli_fastest(&t), 0, "without a turn the first is taken");
}

static void test_clear(void)
{
	struct cli_shard_turns t = make(5, 100, 60, 150);

	ok(cli_clear(&t), "one faster, one slower: both clearly");
	t = make(5, 100, 60, 95);
	ok(!cli_clear(&t), "a twentieth is not clear");
	t = make(5, 100, 60, 150);
	t.candidate[1].step_us[4] = 120;
	ok(!cli_clear(&t), "what was slower once is not clear");
}

int main(void)
{
	test_faster();
	test_fastest();
	test_clear();
	return tap_done();
}
