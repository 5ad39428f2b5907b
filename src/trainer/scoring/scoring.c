/* SPDX-License-Identifier: MIT
 * From results of steps to scores.  Steps are done in the order of the samples, and so are they
 * added. */
#include "config.h"
#include "src/base/grow.h"
#include "src/base/text.h"
#include "src/runtime/memory_limit.h"
#include "src/trainer/scoring/scoring.h"

#include <stdlib.h>

/* -- opening ----------------------------------------------------------------------------------- */

/* The kernel would promise it, and end the process later. */
static int check_memory(const struct plait_scores *scores, int64_t samples)
{
	double needed = (double)samples * (double)scores->columns * sizeof(double);
	double available = needed > 0 ? (double)plait__memory_available("") : 0;
	char all[32], left[32];

	if (needed <= available)
		return 0;
	return plait__error(PLAIT_ENOMEM,
			    "scores: the probabilities of all samples need %s of memory, this "
			    "machine has %s left: leave auroc out",
			    plait__bytes_text(needed, all), plait__bytes_text(available, left));
}

int plait__scoring_open(struct plait__scoring *s, struct plait_scores *to,
			const struct plait_graph *graph, const struct plait_dataset *dataset,
			bool by_epoch)
{
	struct plait_scores_options settled;
	int status;

	*s = (struct plait__scoring){ 0 };
	if (!to)
		return 0;
	status = plait__scored_options(graph, &settled);
	if (status == 0)
		status = plait__scores_settle(to, &settled);
	if (status == 0 && to->options.worst > 0)
		status = plait__sample_loss_open(&s->loss, graph);
	if (status < 0)
		return status;
	s->to = to;
	s->now = by_epoch ? NULL : to;
	s->graph = graph;
	s->samples = plait_dataset_info(dataset)->samples;
	status = check_memory(to, s->samples);
	if (status < 0)
		return status;
	s->output = plait__scored_offset(graph, graph->output);
	s->answer = plait__scored_offset(graph, graph->class_loss ? graph->labels : graph->targets);
	s->weight = plait__scored_offset(graph, graph->weights);
	return by_epoch ? 0 : plait__scores_reserve(to, s->samples);
}

void plait__scoring_close(struct plait__scoring *s)
{
	for (size_t i = 0; i < s->epochs; i++)
		plait_scores_destroy(s->epoch[i].scores);
	free(s->epoch);
	plait__sample_loss_close(&s->loss);
}

/* Scores for the next epoch: some that were given back, or new ones. */
static int begin_epoch(struct plait__scoring *s)
{
	struct plait__scored_epoch *epoch = NULL;

	for (size_t i = 0; i < s->epochs && !epoch; i++)
		if (!s->epoch[i].taken)
			epoch = &s->epoch[i];
	if (!epoch) {
		if (plait__grow(&s->epoch, &s->room, s->epochs + 1, sizeof *s->epoch, "scores") < 0)
			return PLAIT_ENOMEM;
		epoch = &s->epoch[s->epochs];
		*epoch = (struct plait__scored_epoch){ .scores = plait__scores_like(s->to) };
		if (!epoch->scores)
			return PLAIT_ENOMEM;
		s->epochs++;
	}
	plait_scores_reset(epoch->scores);
	s->now = epoch->scores;
	epoch->taken = true;
	return plait__scores_reserve(s->now, s->samples);
}

/* -- adding ---------------------------------------------------------------------------------- */

static void add_row(struct plait__scoring *s, int64_t sample, const float *row)
{
	double loss;
	struct plait_scores_rows one = { .rows = 1,
					 .first = sample,
					 .outputs = row + s->output,
					 .weights = s->weight < 0 ? NULL : row + s->weight };

	if (s->graph->class_loss)
		one.labels = (const int32_t *)(const void *)(row + s->answer);
	else
		one.targets = row + s->answer;
	if (s->loss.graph) {
		loss = plait__sample_loss(&s->loss, row);
		one.losses = &loss;
	}
	plait__scores_add_row(s->now, &one, 0);
}

int plait__scoring_add(struct plait__scoring *s, const struct plait__step *step)
{
	const struct plait__plan *plan = step->binding->plan;
	int64_t width = plait_node_elements(s->graph->scored);
	int64_t sample = step->batch * plan->options.batch_size;
	int status = s->now ? 0 : begin_epoch(s);

	PLAIT__ASSERT(plan->options.scores && plan->results == plan->options.split.shards,
		      "each shard leaves what is scored");
	for (int r = 0; r < plan->results; r++) {
		int64_t rows = plait__shard_rows(&plan->options.split, step->rows, r);
		const float *row = (const float *)(const void *)(plait__step_result(step, r) +
								 plan->scored_offset);

		for (int64_t i = 0; i < rows && status == 0; i++, row += width)
			add_row(s, sample++, row);
	}
	return status;
}

/* -- epochs ---------------------------------------------------------------------------------- */

struct plait_scores *plait__scoring_take(struct plait__scoring *s)
{
	struct plait_scores *scores = s->now;

	s->now = NULL;
	return scores;
}

int plait__scoring_waiting(const struct plait__scoring *s)
{
	int waiting = 0;

	for (size_t i = 0; i < s->epochs; i++)
		waiting += s->epoch[i].taken && s->epoch[i].scores != s->now;
	return waiting;
}

void plait__scoring_give(struct plait__scoring *s, struct plait_scores *scores)
{
	plait__scores_swap(s->to, scores);
	for (size_t i = 0; i < s->epochs; i++)
		if (s->epoch[i].scores == scores)
			s->epoch[i].taken = false;
}
