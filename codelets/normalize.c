/* SPDX-License-Identifier: MIT
 * normalize: y = x / 255 scale[c] + shift[c].  x: [N,C,...] bytes, y: the same in floats; one
 * pair may hold for all of a sample.
 *            No gradient: bytes are what the loader delivers.
 * It is no layer, but runs with the one built next. */
#include "config.h"
#include "codelets/cuda/cuda.h"
#include "codelets/formula.h"
#include "codelets/room.h"

#include <math.h>
#include <plait/ops.h>

enum { CHANNELS, SCALE, SHIFT = SCALE + PLAIT_MAX_CHANNELS }; /* attr */

static bool fits(struct plait_node *x, int channels, const float *scale, const float *shift)
{
	char text[128];

	if (!x)
		return false;
	if (x->dtype != PLAIT_U8)
		plait__graph_fail(x->graph, PLAIT_EINVAL,
				  "normalize: its input is %s, must be uint8",
				  plait_dtype_name(x->dtype));
	else if (channels < 1 || channels > PLAIT_MAX_CHANNELS)
		plait__graph_fail(x->graph, PLAIT_EINVAL, "normalize: %d channels, must be 1 to %d",
				  channels, PLAIT_MAX_CHANNELS);
	else if (channels > 1 && x->dim[0] != channels)
		plait__graph_fail(x->graph, PLAIT_ESHAPE,
				  "normalize: %d channels for a sample of shape %s, must be 1 or "
				  "its first dimension",
				  channels, plait_shape_text(x->ndim, x->dim, text, sizeof text));
	for (int c = 0; x->graph->status == 0 && c < channels; c++)
		if (!isfinite(scale[c]) || !isfinite(shift[c]))
			plait__graph_fail(x->graph, PLAIT_EINVAL,
					  "normalize: scale and shift of channel %d are %g and %g, "
					  "must be finite",
					  c, (double)scale[c], (double)shift[c]);
	return x->graph->status == 0;
}

struct plait_node *plait_normalize(struct plait_node *x, int channels, const float *scale,
				   const float *shift)
{
	struct plait_node *y;

	if (!fits(x, channels, scale, shift))
		return NULL;
	y = plait__node_like(x, &plait__op_normalize, PLAIT__FORWARD, 1, &x);
	if (!y)
		return NULL;
	y->layer = x->graph->layers;
	y->attr[CHANNELS] = channels;
	for (int c = 0; c < channels; c++) {
		y->attr[SCALE + c] = (double)scale[c];
		y->attr[SHIFT + c] = (double)shift[c];
	}
	return y;
}

bool plait__normalize_is(const struct plait_node *node, int channels, const float *scale,
			 const float *shift)
{
	const double *attr = node->attr;
	int own = (int)attr[CHANNELS], most = own > channels ? own : channels;
	bool same = own == channels || own == 1 || channels == 1;

	for (int c = 0; same && c < most; c++) {
		int a = own > 1 ? c : 0, b = channels > 1 ? c : 0;

		same = attr[SCALE + a] == (double)scale[b] && attr[SHIFT + a] == (double)shift[b];
	}
	return same;
}

static struct plait__normalize_rule rule_of(const struct plait__call *call)
{
	const double *attr = call->node->attr;
	struct plait__normalize_rule rule = { .channels = (int)attr[CHANNELS] };

	rule.part = plait__node_elements(call->node) / rule.channels;
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

static void normalize_cpu(const struct plait__call *call)
{
	struct plait__normalize_rule rule = rule_of(call);
	const uint8_t *x = call->in[0];
	float *y = call->out;

	for (int64_t row = 0; row < call->rows; row++)
		for (int c = 0; c < rule.channels; c++, x += rule.part, y += rule.part)
			forward(rule.part, rule.scale[c], rule.shift[c], x, y);
}

static int normalize_cuda(const struct plait__call *call)
{
	struct plait__normalize_rule rule = rule_of(call);

	return plait__normalize_cuda(call->rows, &rule, call->in[0], call->out, call->stream);
}

static void normalize_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 6, 1.25, cost);
}

const struct plait__op plait__op_normalize = {
	.name = "normalize",
	.cpu = normalize_cpu,
	.cuda = PLAIT__CUDA(normalize_cuda),
	.cost = normalize_cost,
};
