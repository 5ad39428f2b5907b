/* SPDX-License-Identifier: MIT
 * normalize: y = x / 255 scale[c] + shift[c].  x: [N,C,...] bytes, y: the same shape in floats.
 *            With one channel, its scale and shift hold for the whole sample.
 *            No gradient: its input is the loader's.
 * It is no layer: it runs with the layer that is built next. */
#include "config.h"
#include "codelets/layer/normalize.h"
#include "codelets/shared/room.h"

#include <math.h>
#include <plait/ops.h>

enum {
	CHANNELS,
	SCALE,
	SHIFT = SCALE + PLAIT_MAX_CHANNELS,
	ATTRIBUTES = SHIFT + PLAIT_MAX_CHANNELS
};

static bool fits(struct plait_node *x, int channels, const float *scale, const float *shift)
{
	char text[128];

	if (!x)
		return false;
	if (x->dtype != PLAIT_U8)
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "normalize: its input is %s, must be uint8",
				 plait_dtype_name(x->dtype));
	else if (channels < 1 || channels > PLAIT_MAX_CHANNELS)
		plait_graph_fail(x->graph, PLAIT_EINVAL, "normalize: %d channels, must be 1 to %d",
				 channels, PLAIT_MAX_CHANNELS);
	else if (channels > 1 && x->dim[0] != channels)
		plait_graph_fail(x->graph, PLAIT_ESHAPE,
				 "normalize: %d channels for a sample of shape %s, must be 1 or "
				 "its first dimension",
				 channels, plait_shape_text(x->ndim, x->dim, text, sizeof text));
	else if (!scale || !shift)
		plait_graph_fail(x->graph, PLAIT_EINVAL, "normalize: the %s is NULL",
				 scale ? "shift" : "scale");
	for (int c = 0; x->graph->status == 0 && c < channels; c++)
		if (!isfinite(scale[c]) || !isfinite(shift[c]))
			plait_graph_fail(x->graph, PLAIT_EINVAL,
					 "normalize: scale and shift of channel %d are %g and %g, "
					 "must be finite",
					 c, (double)scale[c], (double)shift[c]);
	return x->graph->status == 0;
}

struct plait_node *plait_normalize(struct plait_node *x, int channels, const float *scale,
				   const float *shift)
{
	double attr[ATTRIBUTES] = { [CHANNELS] = channels };
	struct plait_node *y;

	if (!fits(x, channels, scale, shift))
		return NULL;
	for (int c = 0; c < channels; c++) {
		attr[SCALE + c] = (double)scale[c];
		attr[SHIFT + c] = (double)shift[c];
	}
	y = plait_node_like(x, &(struct plait_node_spec){ .op = &plait__op_normalize,
							  .phase = PLAIT_FORWARD,
							  .ninputs = 1,
							  .input = &x,
							  .nattr = ATTRIBUTES,
							  .attr = attr });
	if (y)
		y->layer = x->graph->layers;
	return y;
}

bool plait__normalize_is(const struct plait_node *node, int channels, const float *scale,
			 const float *shift)
{
	const double *attr = node->attr;
	int own, most;
	bool same;

	if (node->op != &plait__op_normalize)
		return false;
	own = (int)attr[CHANNELS];
	most = own > channels ? own : channels;
	same = own == channels || own == 1 || channels == 1;
	for (int c = 0; same && c < most; c++) {
		int a = own > 1 ? c : 0, b = channels > 1 ? c : 0;

		same = attr[SCALE + a] == (double)scale[b] && attr[SHIFT + a] == (double)shift[b];
	}
	return same;
}

struct plait__normalize_rule plait__normalize_rule_of(const struct plait_call *call)
{
	const double *attr = call->node->attr;
	struct plait__normalize_rule rule = { .channels = (int)attr[CHANNELS] };

	PLAIT__ASSERT(rule.channels >= 1 && rule.channels <= PLAIT_MAX_CHANNELS,
		      "a normalize has 1 to PLAIT_MAX_CHANNELS channels");
	rule.part = plait_node_elements(call->node) / rule.channels;
	PLAIT__ASSERT(rule.part * rule.channels == plait_node_elements(call->node),
		      "the channels of a sample are of one size");
	for (int c = 0; c < rule.channels; c++) {
		rule.scale[c] = (float)attr[SCALE + c];
		rule.shift[c] = (float)attr[SHIFT + c];
	}
	return rule;
}

PLAIT__CLONES static void forward(int64_t n, float scale, float shift, const uint8_t *restrict x,
				  float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = plait__normalize(x[i], scale, shift);
}

static void normalize_cpu(const struct plait_call *call)
{
	struct plait__normalize_rule rule = plait__normalize_rule_of(call);
	const uint8_t *x = plait__call_bytes(call, 0);
	float *y = plait__call_out(call);

	for (int64_t row = 0; row < call->rows; row++)
		for (int c = 0; c < rule.channels; c++, x += rule.part, y += rule.part)
			forward(rule.part, rule.scale[c], rule.shift[c], x, y);
}

static void normalize_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 6, 1, cost);
	cost->bytes += cost->flops / 6 * (double)plait_dtype_size(node->input[0]->dtype);
}

const struct plait_op plait__op_normalize = {
	.abi = PLAIT_OP_ABI,
	.name = "normalize",
	.cpu = normalize_cpu,
	.cuda = PLAIT__CUDA(plait__normalize_cuda),
	.cost = normalize_cost,
};
