/* SPDX-License-Identifier: MIT
 * The builders of cross_entropy: of what nodes its options are made. Weights of classes and an
 * ignored label are weights of samples that label_weight computes; with smoothed labels, the loss
 * itself reads the former. */
#include "config.h"
#include "codelets/shared/room.h"

#include <inttypes.h>
#include <math.h>
#include <plait/ops.h>

static bool class_weights_fit(struct plait_node *x,
			      const struct plait_cross_entropy_options *options)
{
	if (!options->class_weights)
		return true;
	if (options->classes != x->dim[0]) {
		plait_graph_fail(x->graph, PLAIT_ESHAPE,
				 "cross_entropy: %" PRId64 " weights of classes, and its input is "
				 "[%" PRId64 "]: the numbers must be the same",
				 options->classes, x->dim[0]);
		return false;
	}
	for (int64_t j = 0; j < options->classes; j++)
		if (!(options->class_weights[j] >= 0.0f && options->class_weights[j] < INFINITY)) {
			plait_graph_fail(x->graph, PLAIT_EINVAL,
					 "cross_entropy: the weight of class %" PRId64
					 " is %g, must "
					 "be finite and not negative",
					 j, (double)options->class_weights[j]);
			return false;
		}
	return true;
}

static bool options_fit(struct plait_node *x, const struct plait_cross_entropy_options *options)
{
	if (!(options->label_smoothing >= 0.0f && options->label_smoothing <= 1.0f)) {
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "cross_entropy: label_smoothing is %g, must be 0 to 1",
				 (double)options->label_smoothing);
		return false;
	}
	if (!(options->focal_gamma >= 0.0f && options->focal_gamma < INFINITY) ||
	    (options->focal_gamma > 0.0f && options->label_smoothing > 0.0f)) {
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "cross_entropy: focal_gamma is %g, must be finite and not "
				 "negative, and 0 where labels are smoothed",
				 (double)options->focal_gamma);
		return false;
	}
	return class_weights_fit(x, options);
}

struct plait_node *plait_cross_entropy_with(struct plait_node *x, struct plait_node *labels,
					    const struct plait_cross_entropy_options *options)
{
	static const struct plait_cross_entropy_options none;
	const struct plait_cross_entropy_options *o = options ? options : &none;
	struct plait_node *input[4] = { x, labels }, *weights = o->weights, *classes = NULL;
	struct plait_node_spec spec = { .op = &plait__op_cross_entropy,
					.ninputs = 2,
					.input = input };
	const double attr[] = { (double)o->label_smoothing, (double)o->focal_gamma };

	if (!plait__op_labelled(spec.op, x, labels) ||
	    (weights && !plait__op_weighted(spec.op, weights)) || !options_fit(x, o))
		return NULL;
	if (o->class_weights) {
		classes = plait__constant(x->graph, o->classes, o->class_weights);
		if (!classes)
			return NULL;
	}
	if (classes || o->ignores) {
		weights = plait__label_weight(labels, weights, classes, attr[0] == 0.0,
					      o->ignores ? &o->ignore_index : NULL);
		if (!weights)
			return NULL;
	}
	if (weights)
		input[spec.ninputs++] = weights;
	spec.nattr = attr[1] > 0.0 ? 2 : attr[0] > 0.0 ? 1 : 0;
	spec.attr = attr;
	if (attr[0] > 0.0 && classes)
		input[spec.ninputs++] = classes;
	return plait__op_append_loss(&spec);
}

struct plait_node *plait_cross_entropy(struct plait_node *x, struct plait_node *labels)
{
	return plait_cross_entropy_with(x, labels, NULL);
}

struct plait_node *plait_cross_entropy_weighted(struct plait_node *x, struct plait_node *labels,
						struct plait_node *weights)
{
	const struct plait_cross_entropy_options options = { .weights = weights };

	return weights ? plait_cross_entropy_with(x, labels, &options) : NULL;
}
