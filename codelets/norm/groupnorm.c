/* SPDX-License-Identifier: MIT
 * groupnorm: the channels of each group are normalized together, as by torch.nn.GroupNorm.
 *            y = z weight + bias: sample.h.  x, y: [N,C] or images [N,C,H,W], channels_last;
 *            weight, bias: [C].
 *            The gradients: groupnorm_bwd.c. */
#include "config.h"
#include "codelets/norm/sample.h"
#include "codelets/arguments.h"
#include "codelets/shared/room.h"

#include <inttypes.h>
#include <plait/ops.h>

struct plait_node *plait_groupnorm(struct plait_node *x, int64_t groups,
				   const struct plait_norm_options *options)
{
	char text[128];

	if (!plait_op_accepts(&plait__op_groupnorm, x))
		return NULL;
	if ((x->ndim != 1 && x->ndim != 3) || !x->batched)
		return plait_graph_fail(x->graph, PLAIT_ESHAPE,
					"groupnorm: its input is %s, must be [C] or [C,H,W]",
					plait_shape_text(x->ndim, x->dim, text, sizeof text));
	if (groups < 1 || x->dim[0] % groups != 0)
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"groupnorm: %" PRId64 " channels in %" PRId64
					" groups: each group must have as many",
					x->dim[0], groups);
	return plait__sample_norm(
		x, &plait__op_groupnorm, &plait__op_groupnorm_stats, 1, x->dim,
		(double[PLAIT__NORM_ATTRIBUTES]){ [PLAIT__NORM_GROUPS] = (double)groups }, options);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	struct plait_norm_options options;
	int64_t groups;

	if (!plait__sample_norm_read(
		    x, "groupnorm", arguments,
		    &(struct plait__argument){
			    .name = "groups", .required = true, .integer = &groups, .least = 1 },
		    &options, "groupnorm:8,eps=1e-5"))
		return NULL;
	return plait_groupnorm(plait__image(x), groups, &options);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = y->input[0], *stats = y->input[1], *sums;
	bool affine = y->ninputs == 4;

	sums = plait_node_append(y->graph, &(struct plait_node_spec){
						   .op = &plait__op_groupnorm_bwd_sums,
						   .phase = PLAIT_BACKWARD,
						   .batched = y->batched,
						   .ndim = 2,
						   .dim = (int64_t[]){ 2, y->dim[0] },
						   .ninputs = 3,
						   .input = (struct plait_node *[]){ dy, x, stats },
						   .nattr = y->nattr,
						   .attr = y->attr });
	if (!sums)
		return;
	sums->layer = y->layer;
	if (x->needs_gradient)
		dx[0] = plait_op_gradient(
			y, x, &plait__op_groupnorm_bwd_dx, affine ? 5 : 4,
			(struct plait_node *[]){ dy, x, stats, sums, affine ? y->input[2] : NULL });
	if (!affine)
		return;
	dx[2] = plait_op_gradient(y, y->input[2], &plait__op_groupnorm_bwd_dw, 1, &sums);
	dx[3] = plait_op_gradient(y, y->input[3], &plait__op_groupnorm_bwd_db, 1, &sums);
}

const struct plait_op plait__op_groupnorm_stats = {
	.abi = PLAIT_OP_ABI,
	.name = "groupnorm_stats",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = plait__sample_stats_cpu,
	.cuda = PLAIT__CUDA(plait__sample_stats_cuda),
	.cost = plait__sample_stats_cost,
};

const struct plait_op plait__op_groupnorm = {
	.abi = PLAIT_OP_ABI,
	.name = "groupnorm",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.word = word,
	.cpu = plait__sample_norm_cpu,
	.cuda = PLAIT__CUDA(plait__sample_norm_cuda),
	.cost = plait__sample_norm_cost,
};
