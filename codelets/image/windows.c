/* SPDX-License-Identifier: MIT
 * The sizes of a pooling: how it is built, and what a call finds in its node. */
#include "config.h"
#include "codelets/image/windows.h"
#include "codelets/shared/room.h"

#include <inttypes.h>

enum { KERNEL, STRIDE = 2, PADDING = 4, DILATION = 6, COUNTS_PADDING = 8, ATTRIBUTES };

struct plait__windows plait__windows_of_node(const struct plait_node *node,
					     const struct plait_node *x, const struct plait_node *y,
					     int64_t rows)
{
	struct plait__windows w = { .rows = rows,
				    .channels = x->dim[0],
				    .counts_padding = node->attr[COUNTS_PADDING] != 0 };

	PLAIT__ASSERT(node->nattr == ATTRIBUTES && x->ndim == 3 && y->ndim == 3 &&
			      x->dim[0] == y->dim[0],
		      "a pooling is of images, and keeps their channels");
	for (int i = 0; i < 2; i++) {
		w.in[i] = x->dim[1 + i];
		w.out[i] = y->dim[1 + i];
		w.kernel[i] = (int64_t)node->attr[KERNEL + i];
		w.stride[i] = (int64_t)node->attr[STRIDE + i];
		w.padding[i] = (int64_t)node->attr[PADDING + i];
		w.dilation[i] = (int64_t)node->attr[DILATION + i];
	}
	return w;
}

/* -- building --------------------------------------------------------------------------------- */

/* Outputs along one axis, as PyTorch has them: a window that would begin in the padding behind the
 * image is left out. */
static int64_t outputs(const struct plait__windows *w, int axis, bool ceil_mode)
{
	int64_t reach = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
	int64_t room = w->in[axis] + 2 * w->padding[axis] - reach;
	int64_t count;

	if (ceil_mode)
		room += w->stride[axis] - 1;
	if (room < 0)
		return 0;
	count = room / w->stride[axis] + 1;
	if (ceil_mode && (count - 1) * w->stride[axis] >= w->in[axis] + w->padding[axis])
		count--;
	return count;
}

/* Whether each window has a pixel of the image: with dilation it may step over all of them. */
static bool has_pixels(const struct plait__windows *w, int axis)
{
	for (int64_t at = 0; at < w->out[axis]; at++)
		if (plait__window(w, axis, at).count < 1)
			return false;
	return w->out[axis] > 0;
}

static void settle(const struct plait_op *op, struct plait_node *x, struct plait__windows *w,
		   int axis, bool ceil_mode)
{
	char text[128];

	w->in[axis] = x->dim[1 + axis];
	w->stride[axis] = w->stride[axis] ? w->stride[axis] : w->kernel[axis];
	w->dilation[axis] = w->dilation[axis] ? w->dilation[axis] : 1;
	if (w->kernel[axis] < 1 || w->stride[axis] < 1 || w->dilation[axis] < 1 ||
	    w->kernel[axis] > INT32_MAX || w->stride[axis] > INT32_MAX ||
	    w->dilation[axis] > INT32_MAX) {
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "%s: kernel %" PRId64 ", stride %" PRId64 ", dilation %" PRId64
				 ": must be at least 1",
				 op->name, w->kernel[axis], w->stride[axis], w->dilation[axis]);
		return;
	}
	if (w->padding[axis] < 0 || w->padding[axis] > w->kernel[axis] / 2) {
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "%s: padding %" PRId64
				 ", must be 0 to half of the kernel, %" PRId64,
				 op->name, w->padding[axis], w->kernel[axis]);
		return;
	}
	w->out[axis] = outputs(w, axis, ceil_mode);
	if (!has_pixels(w, axis))
		plait_graph_fail(x->graph, PLAIT_ESHAPE,
				 "%s: its kernel does not fit in an input of %s with its padding",
				 op->name, plait_shape_text(x->ndim, x->dim, text, sizeof text));
}

struct plait_node *plait__windows_build(const struct plait_op *op, struct plait_node *x,
					struct plait__windows *w, bool ceil_mode)
{
	double attr[ATTRIBUTES];

	if (!plait__op_accepts_image(op, x))
		return NULL;
	for (int i = 0; i < 2; i++) {
		settle(op, x, w, i, ceil_mode);
		attr[KERNEL + i] = (double)w->kernel[i];
		attr[STRIDE + i] = (double)w->stride[i];
		attr[PADDING + i] = (double)w->padding[i];
		attr[DILATION + i] = (double)w->dilation[i];
	}
	attr[COUNTS_PADDING] = w->counts_padding;
	if (x->graph->status < 0)
		return NULL;
	return plait_node_layer(plait_node_append(
		x->graph,
		&(struct plait_node_spec){ .op = op,
					   .phase = PLAIT_FORWARD,
					   .batched = true,
					   .ndim = 3,
					   .dim = (int64_t[]){ x->dim[0], w->out[0], w->out[1] },
					   .ninputs = 1,
					   .input = &x,
					   .nattr = ATTRIBUTES,
					   .attr = attr }));
}

/* -- calls ------------------------------------------------------------------------------------ */

void plait__windows_forward(const struct plait_call *call, plait__windows_fn *tiles,
			    plait__windows_fn *any)
{
	const struct plait_node *y = call->node, *x = y->input[0];
	struct plait__windows w = plait__windows_of_node(y, x, y, call->rows);
	int64_t from = plait_node_elements(x), to = plait_node_elements(y);
	plait__windows_fn *sample = plait__windows_are_tiles(&w) ? tiles : any;

	for (int64_t i = 0; i < w.rows; i++)
		sample(&w, plait__call_floats(call, 0) + i * from, plait__call_out(call) + i * to);
}

/* -- costs ------------------------------------------------------------------------------------ */

static double window_pixels(const struct plait_node *node)
{
	return node->attr[KERNEL] * node->attr[KERNEL + 1];
}

void plait__windows_cost(const struct plait_node *y, int64_t rows, struct plait_cost *cost)
{
	struct plait_cost reads;

	plait_op_cost(y->input[0], rows, 0, 1, &reads);
	plait_op_cost(y, rows, window_pixels(y), 1, cost);
	cost->bytes += reads.bytes;
}

void plait__windows_bwd_cost(const struct plait_node *dx, int64_t rows, struct plait_cost *cost)
{
	struct plait_cost writes;

	plait_op_cost(dx, rows, 0, dx->ninputs, &writes);
	plait_op_cost(dx->input[0], rows, 2 * window_pixels(dx), 1, cost);
	cost->bytes += writes.bytes;
}
