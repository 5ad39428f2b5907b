/* SPDX-License-Identifier: MIT
 * clip: y = [min(1, X / (|g| + 1e-6)), V, whether the step is an outlier, |g|, loss], from the
 * norms of all gradients, of which |g| is the norm; X: the largest norm, V: the largest value.
 *       Without X the first is 1, without V the second infinite.  y: [PLAIT__CLIP_FIGURES].
 * As torch.nn.utils.clip_grad_norm_ and clip_grad_value_ have it, but that the updates multiply.
 *
 * outliers: the running values from which a clip node tells an outlier: mean and variance of loss
 *       and |g| are m += a (x - m), v = (1 - a) (v + a (x - m)^2), with the x and m before, and a =
 *       max(1 / steps, 0.03): Finch, "Incremental calculation of weighted mean and variance", 2009.
 *       An outlier is above m + Z sqrt v after 25 steps, or is not finite.  Threshold, weight and
 *       warm-up are those of Kumar et al., "ZClip", 2025 (arXiv 2504.02507), which clips by that
 *       where this leaves out, as SkipStepOptimizer of OLMo-core does by loss and norm. */
#include "config.h"
#include "codelets/clip/clip.h"
#include "codelets/shared/room.h"

struct plait_node *plait__clip(int ninputs, struct plait_node *const *input, double max_norm,
			       double max_value, double deviations)
{
	const double attr[PLAIT__CLIP_ATTRIBUTES] = { [PLAIT__CLIP_MAX_NORM] = max_norm,
						      [PLAIT__CLIP_MAX_VALUE] = max_value,
						      [PLAIT__CLIP_DEVIATIONS] = deviations };
	struct plait_node *node =
		plait__op_whole(&(struct plait_node_spec){ .op = &plait__op_clip,
							   .phase = PLAIT_CLIP,
							   .ndim = 1,
							   .dim = &(int64_t){ PLAIT__CLIP_FIGURES },
							   .ninputs = ninputs,
							   .input = input,
							   .nattr = PLAIT__CLIP_ATTRIBUTES,
							   .attr = attr });

	if (node)
		node->layer = -1; /* it is of all */
	return node;
}

struct plait_node *plait__outlier_state(struct plait_graph *graph)
{
	return plait__state_numbers(graph, PLAIT__OUTLIER_STATE);
}

struct plait_node *plait__outliers(struct plait_node *state, struct plait_node *clip)
{
	if (!clip)
		return NULL;
	return plait__op_whole(
		&(struct plait_node_spec){ .op = &plait__op_outliers,
					   .phase = PLAIT_CLIP,
					   .ndim = 1,
					   .dim = &(int64_t){ PLAIT__OUTLIER_STATE },
					   .ninputs = 2,
					   .input = (struct plait_node *[]){ state, clip } });
}

static void clip_cpu(const struct plait_call *call)
{
	double squares = 0.0;

	for (int i = 0; i < plait__clip_norms(call->node); i++) {
		double norm = (double)*plait__call_floats(call, i);

		squares += norm * norm;
	}
	plait__clip_figures(plait__clip_rule_of(call->node), squares, plait__clip_extra(call, 0),
			    plait__clip_extra(call, 1), plait__call_out(call));
}

static void outliers_cpu(const struct plait_call *call)
{
	plait__outliers_update(plait__clip_rule_of(call->node->input[1]),
			       plait__call_floats(call, 1), plait__call_updated(call, 0));
}

const struct plait_op plait__op_clip = {
	.abi = PLAIT_OP_ABI,
	.name = "clip",
	.cpu = clip_cpu,
	.cuda = PLAIT__CUDA(plait__clip_cuda),
};

const struct plait_op plait__op_outliers = {
	.abi = PLAIT_OP_ABI,
	.name = "outliers",
	.updates = 1u << 0,
	.cpu = outliers_cpu,
	.cuda = PLAIT__CUDA(plait__outliers_cuda),
};
