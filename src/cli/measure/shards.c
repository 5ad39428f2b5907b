/* SPDX-License-Identifier: MIT
 * --shards auto: the number with which a step is fastest, by short runs of several in turn. */
#include "config.h"
#include "src/cli/measure/shards.h"
#include "src/cli/measure/measure.h"
#include "src/cli/options/grain.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/cli/median.h"
#include "src/cli/output.h"

#include <inttypes.h>
#include <unistd.h>

static void print_choice(const struct cli_shard_turns *turns, int best)
{
	const struct cli_candidate *first = &turns->candidate[0], *taken = &turns->candidate[best];
	double times[CLI_MOST_TURNS];

	if (best == 0) {
		fputs(", as more are not faster by more than noise", stdout);
	} else {
		for (int t = 0; t < turns->turns; t++)
			times[t] = first->step_us[t] / taken->step_us[t];
		printf(", %.2f times as fast as %" PRId64, cli_median(times, turns->turns),
		       first->shards);
	}
	for (int i = 0; i < turns->candidates; i++)
		printf("%s%" PRId64 ": %.4g us", i > 0 ? ", " : "; a step of ",
		       turns->candidate[i].shards,
		       cli_median(turns->candidate[i].step_us, turns->turns));
}

/* Takes one of the candidates, and says it. */
static void choose(struct cli_options *options, const struct cli_shard_turns *turns)
{
	static const char *const why[] = {
		[CLI_SHARDS_WORKER] = "there is no worker for more",
		[CLI_SHARDS_GPU] = "a GPU computes a batch as a whole",
		[CLI_SHARDS_BATCH] = "a batch has no samples for more",
		[CLI_SHARDS_PLAN] = "more are slower by the costs of the plan",
		[CLI_SHARDS_SLOW] = "steps are too slow to be measured: give the number",
		[CLI_SHARDS_TASK] = "a task of several steps has no more",
		[CLI_SHARDS_POOL] = "the members of a pool compute beside each other",
	};
	int best = cli_fastest(turns);

	options->shards.size =
		(struct cli_list){ .count = 1, .value = { turns->candidate[best].shards } };
	if (options->quiet)
		return;
	printf("Shards: %" PRId64, turns->candidate[best].shards);
	if (turns->why == CLI_SHARDS_OPEN)
		print_choice(turns, best);
	else
		printf(", as %s", why[turns->why]);
	putchar('\n');
}

static int measure(const struct cli_options *options, struct cli_shard_turns *turns)
{
	struct cli_options run = *options;
	struct cli_child child = { .work = cli_shard_turns_run,
				   .user = &run,
				   .result_size = sizeof *turns,
				   .output = cli_output_scratch() };
	struct cli_child_result result;

	if (child.output < 0)
		return CLI_FAILED;
	run.save = run.log = NULL;
	run.print_plan = false;
	if (!options->quiet)
		cli_output_progress("train: measuring shards");
	result = cli_child_run(&child, turns);
	cli_output_progress(NULL);
	close(child.output);
	if (result.end == CLI_CHILD_INTERRUPTED)
		return cli_stopped_early();
	if (result.end != CLI_CHILD_DONE)
		cli_complain("%s", result.why);
	return result.end == CLI_CHILD_DONE ? CLI_DONE : result.status;
}

int cli_choose_shards(struct cli_options *options, int members)
{
	struct cli_shard_turns turns = { .candidates = 1 };
	int status = CLI_DONE;

	if (!options->shards.automatic)
		return CLI_DONE;
	turns.candidate[0].shards = options->replicas;
	if (cli_grain_granularity(options->grain) == PLAIT_GRANULARITY_RUN)
		turns.why = CLI_SHARDS_TASK;
	else if (members > 1)
		turns.why = CLI_SHARDS_POOL;
	else
		status = measure(options, &turns);
	if (status == CLI_DONE)
		choose(options, &turns);
	return status;
}
