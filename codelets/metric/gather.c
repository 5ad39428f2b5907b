/* SPDX-License-Identifier: MIT
 * gather: y = the bits of the inputs, sample by sample, behind each other: what a step leaves of
 * each sample for scores. x_i: [N,...], float32 or int32, y: [N,M] float32, M the elements of all
 * x_i of a sample. No gradient. */
#include "config.h"
#include "codelets/shared/room.h"

#include <string.h>

struct plait_node *plait__gather(int n, struct plait_node *const *x)
{
	int64_t width = 0;

	for (int i = 0; i < n; i++) {
		PLAIT__ASSERT(x[i]->batched && !x[i]->channels_last &&
				      plait_dtype_size(x[i]->dtype) == sizeof(float),
			      "what is gathered is of each sample, and as large as a float");
		width += plait_node_elements(x[i]);
	}
	return plait_node_append(x[0]->graph, &(struct plait_node_spec){ .op = &plait__op_gather,
									 .phase = PLAIT_LOSS,
									 .batched = true,
									 .ndim = 1,
									 .dim = &width,
									 .ninputs = n,
									 .input = x });
}

int64_t plait__gather_offset(const struct plait_node *y, int i)
{
	int64_t offset = 0;

	for (int before = 0; before < i; before++)
		offset += plait_node_elements(y->input[before]);
	return offset;
}

/* memcpy takes bits that no float has as they are. */
static void gather_cpu(const struct plait_call *call)
{
	size_t all = (size_t)call->node->dim[0] * sizeof(float);
	char *y = call->out;

	for (int i = 0; i < call->node->ninputs; i++) {
		size_t width = (size_t)plait_node_elements(call->node->input[i]) * sizeof(float);
		const char *x = call->in[i];

		for (int64_t row = 0; row < call->rows; row++)
			memcpy(y + (size_t)row * all, x + (size_t)row * width, width);
		y += width;
	}
}

const struct plait_op plait__op_gather = {
	.abi = PLAIT_OP_ABI,
	.name = "gather",
	.cpu = gather_cpu,
	.cuda = PLAIT__CUDA(plait__gather_cuda),
};
