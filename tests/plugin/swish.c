/* SPDX-License-Identifier: MIT
 * A plug-in with two layers and two metrics, made of public headers alone.
 *   swish:BETA: y = x sigmoid(BETA x).  x, y: one shape.
 *               dx = dy (s + BETA x s (1 - s)), where s = sigmoid(BETA x).
 *   gain:       y = g x.  x, y: [N,...,K], g: [K], a parameter.
 *               dx = g dy, dg = the sum of x dy over all rows.
 *   score:      1/batch sum over samples of w y[label].  y: [N,C], labels: [N], w: [N] or 1.
 *   square:     mean of all y y: other ops compute it. */
#include "swish.h"

#include <plait/ops.h>
#include <stdlib.h>

/* Kernels for CUDA, where they are compiled in. */
#ifdef SWISH_CUDA
#define CUDA(f) (f)
#else
#define CUDA(f) NULL
#endif

/* -- swish ---------------------------------------------------------------------------------- */

static void swish_cpu(const struct plait_call *call)
{
	float beta = (float)plait_node_attribute(call->node, 0), *y = plait_call_out(call);
	const float *x = plait_call_floats(call, 0);

	for (int64_t i = 0; i < plait_call_elements(call, call->node); i++)
		y[i] = swish(beta, x[i]);
}

static void swish_bwd_cpu(const struct plait_call *call)
{
	float beta = (float)plait_node_attribute(call->node, 0), *dx = plait_call_out(call);
	const float *x = plait_call_floats(call, 0), *dy = plait_call_floats(call, 1);

	for (int64_t i = 0; i < plait_call_elements(call, call->node); i++)
		dx[i] = swish_bwd(beta, x[i], dy[i]);
}

static void swish_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 20, 2, cost);
}

static const struct plait_op op_swish_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "swish_bwd",
	.activation = true,
	.cpu = swish_bwd_cpu,
	.cuda = CUDA(swish_bwd_cuda),
	.cost = swish_cost,
};

static void swish_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = plait_node_input(y, 0);

	dx[0] = plait_op_gradient(y, x, &op_swish_bwd, 2, (struct plait_node *[]){ x, dy });
}

static struct plait_node *swish_word(struct plait_node *x, const char *arguments);

static const struct plait_op op_swish = {
	.abi = PLAIT_OP_ABI,
	.name = "swish",
	.activation = true,
	.gradient = swish_gradient,
	.word = swish_word,
	.cpu = swish_cpu,
	.cuda = CUDA(swish_cuda),
	.cost = swish_cost,
};

static struct plait_node *swish_word(struct plait_node *x, const char *arguments)
{
	char *end;
	double beta = strtod(arguments, &end);

	if (end == arguments || *end != '\0' || !isfinite(beta))
		return plait_graph_fail(
			plait_node_graph(x), PLAIT_EINVAL,
			"model: \"swish:%s\": swish takes a factor, as in swish:1.5", arguments);
	if (!plait_op_accepts(&op_swish, x))
		return NULL;
	return plait_node_layer(
		plait_node_like(x, &(struct plait_node_spec){ .op = &op_swish,
							      .phase = PLAIT_FORWARD,
							      .ninputs = 1,
							      .input = &x,
							      .nattr = 1,
							      .attr = &beta }));
}

/* -- gain ----------------------------------------------------------------------------------- */

/* y = g x, and dx = g dy: from g, and x or dy. */
static void gain_cpu(const struct plait_call *call)
{
	const float *x = plait_call_floats(call, 0), *g = plait_call_floats(call, 1);
	int64_t k = plait_node_columns(call->node);
	float *y = plait_call_out(call);

	for (int64_t i = 0; i < plait_call_rows(call, call->node); i++)
		for (int64_t j = 0; j < k; j++)
			y[i * k + j] = g[j] * x[i * k + j];
}

/* A part of a batch may have no rows: its sum is 0. */
static void gain_bwd_cpu(const struct plait_call *call)
{
	const float *x = plait_call_floats(call, 0), *dy = plait_call_floats(call, 1);
	int64_t k = plait_node_columns(call->node);
	int64_t rows = plait_call_rows(call, plait_node_input(call->node, 0));
	float *dg = plait_call_out(call);

	for (int64_t j = 0; j < k; j++)
		dg[j] = 0;
	for (int64_t i = 0; i < rows; i++)
		for (int64_t j = 0; j < k; j++)
			dg[j] += x[i * k + j] * dy[i * k + j];
}

static void gain_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 1, 2, cost);
}

static void gain_bwd_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(plait_node_input(node, 0), rows, 2, 2, cost);
}

static const struct plait_op op_gain_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "gain_bwd",
	.cpu = gain_bwd_cpu,
	.cuda = CUDA(gain_bwd_cuda),
	.cost = gain_bwd_cost,
};

static void gain_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx);
static struct plait_node *gain_word(struct plait_node *x, const char *arguments);

static const struct plait_op op_gain = {
	.abi = PLAIT_OP_ABI,
	.name = "gain",
	.gradient = gain_gradient,
	.word = gain_word,
	.cpu = gain_cpu,
	.cuda = CUDA(gain_cuda),
	.cost = gain_cost,
};

static void gain_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = plait_node_input(y, 0), *g = plait_node_input(y, 1);

	if (plait_node_needs_gradient(x))
		dx[0] = plait_op_gradient(y, x, &op_gain, 2, (struct plait_node *[]){ dy, g });
	dx[1] = plait_op_gradient(y, g, &op_gain_bwd, 2, (struct plait_node *[]){ x, dy });
}

static struct plait_node *gain_word(struct plait_node *x, const char *arguments)
{
	struct plait_node *input[2] = { x };
	int64_t columns = plait_node_columns(x);

	if (!plait_op_no_arguments(x, "gain", arguments) || !plait_op_accepts(&op_gain, x))
		return NULL;
	input[1] = plait_parameter(plait_node_graph(x), "weight", 1, &columns, 1);
	return plait_node_layer(plait_node_like(
		x, &(struct plait_node_spec){
			   .op = &op_gain, .phase = PLAIT_FORWARD, .ninputs = 2, .input = input }));
}

/* -- score and square ------------------------------------------------------------------------ */

/* A sample of weight 0 has no label. */
static void score_cpu(const struct plait_call *call)
{
	const float *y = plait_call_floats(call, 0), *weights = plait_call_floats(call, 2);
	const int32_t *labels = plait_call_labels(call, 1);
	int64_t c = plait_node_columns(plait_node_input(call->node, 0));
	double sum = 0;

	for (int64_t i = 0; i < call->rows; i++)
		sum += score(y + i * c, c, labels[i], weights ? weights[i] : 1);
	*plait_call_out(call) = (float)(sum / (double)call->batch);
}

static struct plait_node *score_metric(struct plait_node *y, struct plait_node *answers,
				       struct plait_node *weights, const char *arguments);

static const struct plait_op op_score = {
	.abi = PLAIT_OP_ABI,
	.name = "score",
	.metric = score_metric,
	.cpu = score_cpu,
	.cuda = CUDA(score_cuda),
};

static struct plait_node *score_metric(struct plait_node *y, struct plait_node *answers,
				       struct plait_node *weights, const char *arguments)
{
	if (!plait_op_no_arguments(y, "score", arguments) || !plait_op_accepts(&op_score, y))
		return NULL;
	if (plait_node_dtype(answers) != PLAIT_I32)
		return plait_graph_fail(plait_node_graph(y), PLAIT_EINVAL,
					"score: it needs class labels");
	return plait_node_append(plait_node_graph(y),
				 &(struct plait_node_spec){
					 .op = &op_score,
					 .phase = PLAIT_LOSS,
					 .ninputs = weights ? 3 : 2,
					 .input = (struct plait_node *[]){ y, answers, weights } });
}

static struct plait_node *square_metric(struct plait_node *y, struct plait_node *answers,
					struct plait_node *weights, const char *arguments)
{
	(void)answers;
	(void)weights;
	(void)arguments;
	return plait_mean(plait_mul(y, y));
}

static const struct plait_op op_square = { .abi = PLAIT_OP_ABI,
					   .name = "square",
					   .metric = square_metric };

PLAIT_API int plait_plugin(void);

int plait_plugin(void)
{
	const struct plait_op *const ops[] = { &op_swish, &op_gain, &op_score, &op_square };
	int status = 0;

	for (int i = 0; i < 4 && status == 0; i++)
		status = plait_op_register(ops[i]);
	return status;
}
