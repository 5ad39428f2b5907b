/* SPDX-License-Identifier: MIT
 * The nodes of layernorm and groupnorm, and what they cost. */
#include "config.h"
#include "codelets/norm/sample.h"
#include "codelets/arguments.h"
#include "codelets/shared/room.h"

#include <math.h>
#include <plait/ops.h>

#define EPS 1e-5 /* PyTorch's */

/* Channels of x and elements of it that make a sample. */
static int64_t channels_of(const double *attr, const struct plait_node *x)
{
	int64_t channels = 1;

	if (attr[PLAIT__NORM_DIMS] == 0)
		return x->dim[0];
	for (int i = x->ndim - (int)attr[PLAIT__NORM_DIMS]; i < x->ndim; i++)
		channels *= x->dim[i];
	return channels;
}

static int64_t sample_of(const double *attr, const struct plait_node *x)
{
	return attr[PLAIT__NORM_DIMS] == 0 ? plait_node_elements(x) : channels_of(attr, x);
}

static int64_t groups_of(const double *attr)
{
	return attr[PLAIT__NORM_DIMS] == 0 ? (int64_t)attr[PLAIT__NORM_GROUPS] : 1;
}

struct plait__sample_norm plait__sample_norm_of(const struct plait_call *call,
						const struct plait_node *x)
{
	const double *attr = call->node->attr;
	int64_t channels = channels_of(attr, x), sample = sample_of(attr, x);
	struct plait__sample_norm s = { .samples = plait__call_elements(call, x) / sample,
					.pixels = sample / channels,
					.channels = channels,
					.groups = groups_of(attr),
					.eps = (float)attr[PLAIT__NORM_EPS] };

	PLAIT__ASSERT(s.groups >= 1 && channels % s.groups == 0,
		      "groups have as many channels each");
	s.width = channels / s.groups;
	return s;
}

/* -- building ---------------------------------------------------------------------------------- */

/* No gradient is taken by it: the one by x has what goes through it. */
static struct plait_node *build_stats(struct plait_node *x, const struct plait_op *op,
				      const double *attr)
{
	int64_t dim[2] = { plait_node_elements(x) / sample_of(attr, x) * groups_of(attr), 2 };
	struct plait_node *stats = plait_node_append(
		x->graph, &(struct plait_node_spec){ .op = op,
						     .phase = PLAIT_FORWARD,
						     .batched = x->batched,
						     .ndim = 2,
						     .dim = dim,
						     .ninputs = 1,
						     .input = &x,
						     .nattr = PLAIT__NORM_ATTRIBUTES,
						     .attr = attr });

	if (!stats)
		return NULL;
	stats->layer = x->graph->layers;
	stats->needs_gradient = false;
	return stats;
}

struct plait_node *plait__sample_norm(struct plait_node *x, const struct plait_op *op,
				      const struct plait_op *stats, int ndim, const int64_t *dim,
				      const double *attr, const struct plait_norm_options *options)
{
	double eps = options && options->eps != 0 ? options->eps : EPS;
	double own[PLAIT__NORM_ATTRIBUTES] = { eps, attr[PLAIT__NORM_DIMS],
					       attr[PLAIT__NORM_GROUPS] };
	bool affine = !options || !options->no_affine;
	struct plait_node *input[4] = { x };

	if (!((float)eps > 0) || !isfinite((float)eps))
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"%s: eps is %g, must be a float above 0", op->name, eps);
	input[1] = build_stats(x, stats, own);
	if (affine) {
		input[2] = plait__parameter_of(x->graph, "weight", ndim, dim, 1);
		input[3] = plait_parameter(x->graph, "bias", ndim, dim, 0);
	}
	return plait_node_layer(
		plait_node_like(x, &(struct plait_node_spec){ .op = op,
							      .phase = PLAIT_FORWARD,
							      .ninputs = affine ? 4 : 2,
							      .input = input,
							      .nattr = PLAIT__NORM_ATTRIBUTES,
							      .attr = own }));
}

bool plait__sample_norm_read(struct plait_node *x, const char *word, const char *text,
			     const struct plait__argument *own, struct plait_norm_options *options,
			     const char *example)
{
	int64_t affine = 1;
	const struct plait__argument argument[] = {
		*own,
		{ .name = "eps", .number = &options->eps },
		{ .name = "affine", .integer = &affine },
	};

	options->eps = EPS;
	if (!plait__arguments_read(x, word, text, argument, sizeof argument / sizeof *argument,
				   example))
		return false;
	options->no_affine = affine == 0;
	if (options->eps == 0) /* in the options that is a field left out */
		plait_graph_fail(x->graph, PLAIT_EINVAL, "model: \"%s:%.60s\": eps must be above 0",
				 word, text);
	return options->eps > 0;
}

/* -- costs ------------------------------------------------------------------------------------- */

void plait__sample_stats_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 4, 1, cost);
}

void plait__sample_norm_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 4, 2, cost);
}
