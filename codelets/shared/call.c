/* SPDX-License-Identifier: MIT
 * What every kernel relies on in a call. The plan and the executor promise it. */
#include "config.h"
#include "codelets/ops.h"

/* Whether memory can hold elements of this dtype; shards begin at any row, so no more alignment
 * than that of one element is promised. */
static bool is_aligned(const void *memory, enum plait_dtype dtype)
{
	return (uintptr_t)memory % plait_dtype_size(dtype) == 0;
}

static void check_input(const struct plait_call *call, int i)
{
	const struct plait_node *input = call->node->input[i];

	PLAIT__ASSERT(input->graph == call->node->graph, "a node's inputs are of its graph");
	PLAIT__ASSERT(input->id < call->node->id, "a node's inputs come before it");
	PLAIT__ASSERT(call->in[i] || plait__call_elements(call, input) == 0,
		      "an input that has elements has memory");
	PLAIT__ASSERT(is_aligned(call->in[i], input->dtype), "an input is aligned to its elements");
	PLAIT__ASSERT(!(call->node->op->updates >> i & 1) || !input->batched,
		      "an op updates only parameters and state");
}

/* Conversions differ on purpose. */
static void check_layout(const struct plait_call *call)
{
	const struct plait_node *node = call->node;

	if (node->op == &plait__op_channels_last || node->op == &plait__op_contiguous)
		return;
	PLAIT__ASSERT(node->channels_last == plait__layout_output(node),
		      "a value lies as its op says");
	for (int i = 0; i < node->ninputs; i++)
		PLAIT__ASSERT(!node->input[i]->channels_last ||
				      (node->op->layout == PLAIT_CHANNELS_LAST ||
				       node->op->layout == PLAIT_PRESERVE),
			      "an op reads no layout that it does not know");
}

static void check_output(const struct plait_call *call)
{
	const struct plait_node *node = call->node;

	if (node->op->updates) {
		PLAIT__ASSERT(node->phase >= PLAIT_CLIP,
			      "an op that updates runs behind gradients");
		PLAIT__ASSERT(!call->out, "an op that updates its inputs has no output");
		PLAIT__ASSERT(call->scalars, "an update has the scalars of its step");
		return;
	}
	PLAIT__ASSERT(call->out || plait__call_elements(call, node) == 0,
		      "an output that has elements has memory");
	PLAIT__ASSERT(is_aligned(call->out, node->dtype), "an output is aligned to its elements");
	PLAIT__ASSERT(node->ninputs == 0 ||
			      node->dtype == plait__op_dtype(node->op, node->input[0]->dtype),
		      "a node's dtype follows from its op");
}

void plait__call_check(const struct plait_call *call, const struct plait_op *op)
{
	PLAIT__ASSERT(!op->view, "a view has no kernel to call");
	PLAIT__ASSERT(!op->training_only || call->training,
		      "what only training computes is called in training only");
	PLAIT__ASSERT(!call->node->stands_in || !call->training,
		      "a stand-in is not called in training");
	PLAIT__ASSERT(call->rows >= 0, "a part of a batch has no negative size");
	PLAIT__ASSERT(call->first >= 0 && call->first + call->rows <= call->batch,
		      "a part of a batch lies in the batch");
	PLAIT__ASSERT(op == call->node->op || (op == &plait__op_add && call->node->partial),
		      "a call runs its node's op, or adds the parts of its node's value");
	for (int i = 0; op == call->node->op && i < call->node->ninputs; i++)
		check_input(call, i);
	check_output(call);
	if (op == call->node->op)
		check_layout(call);
}
