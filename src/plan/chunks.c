/* SPDX-License-Identifier: MIT
 * Samples in chunks.  A layer's value for a whole batch is larger than a core's cache.  So on CPUs
 * calls that follow each other go through a few samples at a time: what one writes is still in the
 * cache when the next reads it, and a value that nothing else reads takes memory for a chunk only.
 *
 * A sum over samples, and what a library computes for as many samples as it likes, may have other
 * bits for other chunks.  So these have chunks of one size everywhere, which their shapes decide.
 */
#include "config.h"
#include "src/plan/layout.h"

/* Of one image of a chunk; what reads it and what it makes are in the cache beside it. */
#define CHUNK_BYTES ((size_t)384 * 1024)

static bool is_image(const struct plait_node *node)
{
	return node->batched && node->ndim == 3;
}

/* Samples that fit; 0: the whole part, where there are no images, or the weights would take more
 * time than chunks save. */
static int64_t natural_rows(const struct plait_node *node)
{
	size_t image = 0, weights = 0, bytes;
	int64_t rows = 1;

	for (int i = -1; i < node->ninputs; i++) {
		const struct plait_node *value = i < 0 ? node : node->input[i];

		bytes = plait__node_bytes(value, 1);
		if (is_image(value))
			image = bytes > image ? bytes : image;
		else
			weights += bytes;
	}
	if (image == 0 || weights > CHUNK_BYTES)
		return 0;
	while (2 * (size_t)rows * image <= CHUNK_BYTES)
		rows *= 2;
	return rows;
}

int64_t plait__chunk_rows(const struct plait_node *node)
{
	return node->op->chunks == PLAIT_CHUNKS_FIXED ? natural_rows(node) : 0;
}

/* Whether node can be the next of a run whose chunks have so many rows, 0 if that is open. */
static bool joins(const struct plait__layout *p, const struct plait_node *node, int run,
		  int64_t rows)
{
	int64_t natural = node->op->chunks == PLAIT_CHUNKS_WHOLE ? 0 : natural_rows(node);

	if (natural == 0 || (rows > 0 && (node->op->chunks == PLAIT_CHUNKS_FIXED ? natural != rows
										 : natural < rows)))
		return false;
	/* What the run sums is there when it is over. */
	for (int i = 0; i < node->ninputs; i++) {
		const struct plait_node *read =
			plait__resolve(node->input[i], p->plan->options.mode);

		if (!read->batched && p->run[read->id] == run)
			return false;
	}
	return true;
}

/* Gives the nodes of a section their runs, from number `run` on; returns the next number. */
static int find_runs(struct plait__layout *p, int section, int run)
{
	const struct plait__section *s = &p->cut->section[section];
	const struct plait_node *last = NULL;
	int64_t rows = 0;

	for (int i = s->first; i < s->end; i++) {
		const struct plait_node *node = p->graph->node[i];

		if (p->cut->of[i] != section)
			continue;
		if (last && joins(p, node, run, rows) && joins(p, last, -1, 0)) {
			p->run[i] = run;
		} else {
			p->run[i] = ++run;
			rows = 0;
		}
		if (node->op->chunks == PLAIT_CHUNKS_FIXED)
			rows = natural_rows(node);
		p->chunk[run] = rows;
		last = node;
	}
	return run + 1;
}

/* Of so many samples of the value, memory is needed at once: of a chunk, if it is made and read in
 * one run only. */
static void find_locals(struct plait__layout *p)
{
	for (int i = 0; i < p->graph->nodes; i++) {
		const struct plait_node *node = p->graph->node[i];

		p->local[i] = p->run[i] >= 0 && p->chunk[p->run[i]] > 0 && node->batched &&
			      !p->crosses[i] && !p->plan->options.whole_values;
	}
	for (int i = 0; i < p->graph->nodes; i++)
		for (int j = 0; p->run[i] >= 0 && j < p->graph->node[i]->ninputs; j++) {
			int read =
				plait__resolve(p->graph->node[i]->input[j], p->plan->options.mode)
					->id;

			p->local[read] &= p->run[read] == p->run[i];
		}
}

void plait__layout_find_runs(struct plait__layout *p)
{
	int run = 0;

	for (int i = 0; i < p->graph->nodes; i++)
		p->run[i] = -1;
	for (int s = 0; s < p->cut->sections; s++)
		run = find_runs(p, s, run);
	find_locals(p);
}

void *plait__call_scratch(const struct plait__segment *segment, char *scratch)
{
	return segment->cpu_scratch > 0 ? scratch + plait__align(segment->scratch_bytes) : NULL;
}

void plait__plan_run(const struct plait__planned_call *planned, struct plait_call *call,
		     const void **in, char *const *base, char *scratch, int64_t first_row)
{
	int64_t rows = call->rows, first = call->first, done = 0;
	int64_t chunk = planned->chunk > 0 ? planned->chunk : rows;

	PLAIT__ASSERT(planned->run > 0, "a run begins with its first call");
	do {
		call->rows = rows - done < chunk ? rows - done : chunk;
		call->before = done;
		call->first = first + done;
		for (int i = 0; i < planned->run; i++) {
			plait__call_set(call, in, &planned[i], base, scratch, first_row, done);
			planned[i].op->cpu(call);
		}
		done += call->rows;
	} while (done < rows);
	call->rows = rows;
	call->before = 0;
	call->first = first;
}
