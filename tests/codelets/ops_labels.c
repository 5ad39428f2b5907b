/* SPDX-License-Identifier: MIT
 * Rows of the table: the cross entropy with options, and what it makes of these. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTHING 0.125f /* exact in float, as 1 - SMOOTHING is */
#define GAMMA 2.0f
#define IGNORED 2 /* a label */

/* Of class j; some are 0. */
static float class_weight(int64_t j)
{
	return j % 5 == 3 ? 0.0f : 0.25f + 0.5f * (float)(j % 4);
}

static struct plait_node *build_with(struct plait_node *x,
				     struct plait_cross_entropy_options options, bool by_class)
{
	int64_t classes = plait_node_elements(x);
	float *weights = malloc((size_t)classes * sizeof *weights);
	struct plait_node *y;

	for (int64_t j = 0; j < classes; j++)
		weights[j] = class_weight(j);
	options.class_weights = by_class ? weights : NULL;
	options.classes = classes;
	options.ignore_index = IGNORED;
	y = plait_cross_entropy_with(x, plait_labels(x->graph), &options);
	memset(weights, 0xff, (size_t)classes * sizeof *weights); /* they are copied */
	free(weights);
	return y;
}

struct plait_node *build_cross_entropy_smooth(struct plait_node *x, int64_t m)
{
	(void)m;
	return build_with(x, (struct plait_cross_entropy_options){ .label_smoothing = SMOOTHING },
			  false);
}

struct plait_node *build_cross_entropy_smooth_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return build_with(
		x,
		(struct plait_cross_entropy_options){ .label_smoothing = SMOOTHING,
						      .ignores = true,
						      .weights = plait_weights(x->graph) },
		true);
}

/* A term of the graph's loss. */
struct plait_node *build_cross_entropy_smooth_term(struct plait_node *x, int64_t m)
{
	plait_loss(plait_sum(x));
	(void)m;
	return build_with(x, (struct plait_cross_entropy_options){ .label_smoothing = SMOOTHING },
			  true);
}

struct plait_node *build_focal(struct plait_node *x, int64_t m)
{
	(void)m;
	return build_with(x, (struct plait_cross_entropy_options){ .focal_gamma = GAMMA }, false);
}

struct plait_node *build_focal_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return build_with(
		x,
		(struct plait_cross_entropy_options){
			.focal_gamma = GAMMA, .ignores = true, .weights = plait_weights(x->graph) },
		true);
}

/* A term of the graph's loss. */
struct plait_node *build_focal_term(struct plait_node *x, int64_t m)
{
	plait_loss(plait_sum(x));
	return build_focal(x, m);
}

struct plait_node *build_cross_entropy_classes(struct plait_node *x, int64_t m)
{
	(void)m;
	return build_with(x,
			  (struct plait_cross_entropy_options){
				  .ignores = true, .weights = plait_weights(x->graph) },
			  true);
}

/* The first node of an op that a cross entropy is made of. */
static struct plait_node *find(struct plait_node *y, const struct plait_op *op)
{
	int i = 0;

	while (i < y->graph->nodes && y->graph->node[i]->op != op)
		i++;
	return i < y->graph->nodes ? y->graph->node[i] : y;
}

struct plait_node *build_constant(struct plait_node *x, int64_t m)
{
	return find(build_cross_entropy_classes(x, m), &plait__op_constant);
}

struct plait_node *build_label_scale(struct plait_node *x, int64_t m)
{
	return find(build_cross_entropy_classes(x, m), &plait__op_label_scale);
}

struct plait_node *build_label_weight(struct plait_node *x, int64_t m)
{
	return find(build_cross_entropy_classes(x, m), &plait__op_label_weight);
}

/* A label is ignored, and nothing else is asked for. */
static struct plait_node *ignores(struct plait_node *x)
{
	return build_with(x, (struct plait_cross_entropy_options){ .ignores = true }, false);
}

struct plait_node *build_label_scale_ignores(struct plait_node *x, int64_t m)
{
	(void)m;
	return find(ignores(x), &plait__op_label_scale);
}

struct plait_node *build_label_weight_ignores(struct plait_node *x, int64_t m)
{
	(void)m;
	return find(ignores(x), &plait__op_label_weight);
}

/* -- references ------------------------------------------------------------------------------ */

void constant(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t j = 0; j < plait_node_elements(call->y); j++) {
		out[j] = (double)class_weight(j);
		bound[j] = 0;
	}
}

/* What a sample's label counts. The inputs are labels and, where there are any, the graph's weights
 * and those of classes. */
static double counts(const struct reference_call *call, int64_t i)
{
	bool all = call->y->graph->weights != NULL;
	int64_t label = (int64_t)call->in[0][i];

	if (label == IGNORED)
		return 0;
	return !all ? 1 : call->in[1][i] * (label < 0 ? 1 : call->in[2][label]);
}

void label_scale(const struct reference_call *call, double *out, double *bound)
{
	bool weighted = call->y->graph->weights != NULL;
	double all = 0, counted = 0;

	for (int64_t i = 0; i < call->batch; i++) {
		all += weighted ? call->in[1][i] : 1;
		counted += counts(call, i);
	}
	out[0] = counted == 0 ? 0 : all / counted;
	/* Sums of positive numbers in double, of which each takes part in batch additions. */
	bound[0] = out[0] * 2 * (double)call->batch * (0x1p-53 / UNIT);
}

void label_weight(const struct reference_call *call, double *out, double *bound)
{
	double scale = *call->in[call->y->ninputs - 1];

	for (int64_t i = 0; i < call->rows; i++) {
		out[i] = scale * counts(call, i);
		bound[i] = out[i]; /* the first product is rounded, too */
	}
}

/* x - max of a class, a float: what is too far below is infinitely far. */
static double below(double x, double max)
{
	return isinf((float)(x - max)) ? (double)(float)(x - max) : x - max;
}

/* The sum over all classes of what is wanted times -log p. The inputs behind the labels are the
 * weights of samples and those of classes, or none. */
void cross_entropy_smooth(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y->input[0]);
	const double *by_class = call->y->ninputs > 3 ? call->in[3] : NULL;
	double each = (double)SMOOTHING / (double)c;

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < call->rows; i++) {
		const double *row = call->in[0] + i * c;
		double w = call->y->ninputs > 2 ? call->in[2][i] : 1, max = row_max(c, row);
		double log_sum = log(exp_sum(c, row, max)), loss = 0, off = 0;

		if (w == 0)
			continue;
		for (int64_t j = 0; j < c; j++) {
			double wanted =
				(each +
				 (j == (int64_t)call->in[1][i] ? 1 - (double)SMOOTHING : 0)) *
				(by_class ? by_class[j] : 1);

			loss += wanted * (log_sum - below(row[j], max));
			/* The logarithm as without smoothing, and once more the sums of c weights
			 * and of c differences. */
			off += wanted * (2 * (double)c + 12) * (1 + fabs(log_sum)) +
			       wanted * ((double)c + 6) * fabs(below(row[j], max));
		}
		out[0] += w * loss / (double)call->batch;
		bound[0] += fabs(w) * off / (double)call->batch;
	}
}

/* The bound of the cross entropy, of which (1 - p)^2 is at most the whole; that factor is off by
 * twice what p is, an exponential of a logarithm that is as much off. */
void focal(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y->input[0]);

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < call->rows; i++) {
		const double *row = call->in[0] + i * c;
		double w = call->y->ninputs > 2 ? call->in[2][i] : 1, max = row_max(c, row), off;
		double label, loss;

		if (w == 0)
			continue;
		label = below(row[(int64_t)call->in[1][i]], max);
		loss = log(exp_sum(c, row, max)) - label;
		off = (double)c + 6 + 2 * fabs(label);
		out[0] += w * pow(-expm1(-loss), (double)GAMMA) * loss / (double)call->batch;
		bound[0] += fabs(w) * off * (1 + 2 * (isinf(loss) ? 0 : loss) * exp(-loss)) /
			    (double)call->batch;
	}
}
