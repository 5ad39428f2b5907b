/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/trainer/diagnose.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay {
	const struct plait__store *store;
	const struct plait__step *step;
	const struct plait__feed *feed;
	unsigned char *slot;
	struct plait__load_worker *worker;
	bool lent;       /* the program made the batch */
	void **value;    /* by node */
	const void **in; /* of the node that is computed again */
};

/* Position of the first value that is not finite, or n. */
static int64_t first_bad(const float *value, int64_t n)
{
	int64_t i = 0;

	while (i < n && isfinite(value[i]))
		i++;
	return i;
}

static int64_t elements(const struct replay *r, const struct plait_node *node)
{
	return plait_node_elements(node) * (node->batched ? r->step->rows : 1);
}

static void *source_value(const struct replay *r, const struct plait_node *node)
{
	return plait__comes_with_batch(node) ? r->slot + plait__slot_offset(&r->feed->layout, node)
					     : plait__store_memory(r->store, node);
}

static int found(const struct replay *r, const struct plait_node *node, const char *what)
{
	char where[96] = "";

	if (!r->lent)
		snprintf(where, sizeof where, " (epoch %" PRId64 ", batch %" PRId64 ")",
			 r->step->epoch + 1, r->step->batch + 1);
	return plait__error(
		PLAIT_ENAN, "the loss is not finite in step %" PRId64 "%s: first seen in %s %s%s",
		r->step->count + 1, where, what, node->name[0] ? node->name : node->op->name,
		r->step->count > 0 ? "; a lower learning rate often helps" : "");
}

/* The data set is at fault, not the training.  Which sample made the row is known once it is made
 * again: it may be a bad one's substitute. */
static int found_in_sample(const struct replay *r, const struct plait_node *node, int64_t row)
{
	const char *what = node->source == PLAIT__SOURCE_INPUT ? "an input" : "a target";
	int status = 0;

	if (r->lent)
		return plait__error(PLAIT_ENAN,
				    "the loss is not finite in step %" PRId64 ": sample %" PRId64
				    " of its batch has %s that is not finite",
				    r->step->count + 1, row, what);
	status = plait__feed_fill(r->feed, r->step->epoch, r->step->batch, row, 1, r->slot,
				  r->worker);
	if (status < 0)
		return status;
	return plait__error(PLAIT_ENAN,
			    "the loss is not finite in step %" PRId64 " (epoch %" PRId64
			    ", batch %" PRId64 "): sample %" PRId64
			    " of %s has %s that is not finite",
			    r->step->count + 1, r->step->epoch + 1, r->step->batch + 1,
			    r->worker->sample, r->feed->dataset->info.spec, what);
}

static int visit_source(struct replay *r, const struct plait_node *node)
{
	int64_t n = elements(r, node), bad;

	r->value[node->id] = source_value(r, node);
	bad = node->dtype == PLAIT_F32 ? first_bad(r->value[node->id], n) : n;
	if (bad == n)
		return 0;
	return node->batched ? found_in_sample(r, node, bad / plait_node_elements(node))
			     : found(r, node, plait__is_parameter(node) ? "parameter" : "buffer");
}

static int visit(struct replay *r, const struct plait_node *node)
{
	struct plait_call call = { .node = node,
				   .rows = r->step->rows,
				   .batch = r->step->rows,
				   .training = true,
				   .seed = r->store->seed,
				   .precision = r->step->binding->plan->options.precision };

	if (node->source == PLAIT__SOURCE_STATE || node->phase > PLAIT_LOSS || node->stands_in)
		return 0;
	if (node->phase == PLAIT_SOURCE)
		return visit_source(r, node);
	if (node->op->view) {
		r->value[node->id] = r->value[node->input[0]->id];
		return 0;
	}
	r->value[node->id] = plait__calloc((size_t)elements(r, node), plait_dtype_size(node->dtype),
					   node->op->name);
	if (!r->value[node->id])
		return PLAIT_ENOMEM;
	for (int i = 0; i < node->ninputs; i++)
		r->in[i] = r->value[node->input[i]->id];
	call.in = r->in;
	call.out = r->value[node->id];
	node->op->cpu(&call);
	return first_bad(call.out, elements(r, node)) == elements(r, node)
		       ? 0
		       : found(r, node, "the output of");
}

static int get_batch(struct replay *r, const unsigned char *slot)
{
	int status = 0;

	if (slot) {
		memcpy(r->slot, slot, r->feed->layout.bytes);
		return 0;
	}
	status = plait__feed_fill(r->feed, r->step->epoch, r->step->batch, 0, r->step->rows,
				  r->slot, r->worker);
	if (status < 0)
		return status;
	plait__feed_weigh(r->feed, r->step->batch, r->slot);
	plait__feed_key(r->feed, r->step->epoch, r->step->batch, r->slot);
	return 0;
}

int plait__diagnose(const struct plait__store *store, const struct plait__step *step,
		    const unsigned char *slot)
{
	const struct plait_graph *graph = store->graph;
	struct plait__load_worker worker = { .discards =
						     true, /* its bad samples were noted before */
					     .cache = step->binding->load_memory.cache };
	struct replay r = {
		.store = store, .step = step, .feed = &step->binding->feed, .worker = &worker
	};
	int status;

	r.slot = plait__calloc(1, r.feed->layout.bytes, "a batch");
	r.value = plait__calloc((size_t)graph->nodes, sizeof *r.value, "values");
	r.in = plait__calloc((size_t)step->binding->plan->most_inputs, sizeof *r.in, "inputs");
	status = r.slot && r.value && r.in ? 0 : PLAIT_ENOMEM;
	r.lent = slot != NULL;
	if (status == 0)
		status = get_batch(&r, slot);
	for (int i = 0; i < graph->nodes && status == 0; i++)
		status = visit(&r, graph->node[i]);
	for (int i = 0; i < graph->nodes && r.value; i++) {
		const struct plait_node *node = graph->node[i];

		if (node->phase != PLAIT_SOURCE && !node->op->view)
			free(r.value[i]);
	}
	free(r.value);
	free(r.in);
	free(r.slot);
	plait__load_worker_free(&worker);
	if (status == 0)
		status = plait__error(PLAIT_ENAN,
				      "the loss is not finite in step %" PRId64
				      ", but its repetition on the host is: the device differs",
				      step->count + 1);
	return status;
}
