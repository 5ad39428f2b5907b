/* SPDX-License-Identifier: MIT
 * Normalization within each sample: what layernorm and groupnorm share.
 * A sample is a matrix [pixels,channels].  Its channels are in groups of equally many, and each
 * group has a mean and a deviation over all pixels.  To layernorm each row of x is a sample, of one
 * pixel and one group.
 *   stats: mean and 1 / sqrt(variance + eps), for each group of each sample.
 *   y = z weight + bias, z = (x - mean) / sqrt(variance + eps); weight and bias of the channel.
 * The statistics are a node because the gradients read them too: forward and backward of 128 rows
 * of 512 take 45 us so, and 9 us more where backward computes them again. */
#ifndef PLAIT__SAMPLE_H
#define PLAIT__SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

struct plait_call;
struct plait_cost;
struct plait_node;
struct plait_norm_options;
struct plait_op;
struct plait__argument;

/* Attributes of all nodes: eps, and layernorm's number of dimensions or groupnorm's of groups; the
 * other one of these is 0. */
enum { PLAIT__NORM_EPS, PLAIT__NORM_DIMS, PLAIT__NORM_GROUPS, PLAIT__NORM_ATTRIBUTES };

struct plait__sample_norm {
	int64_t samples, pixels, channels, groups;
	int64_t width; /* channels of a group */
	float eps;
};

/* The sizes of a call; x: what is normalized, or its gradient. */
struct plait__sample_norm plait__sample_norm_of(const struct plait_call *call,
						const struct plait_node *x);

/* -- building ---------------------------------------------------------------------------------- */

/* The layer y = op(x, stats, weight, bias), with all its inputs.  ndim, dim: of its parameters;
 * attr: the node's, but for eps, which the options have.  NULL with an error of the graph. */
struct plait_node *plait__sample_norm(struct plait_node *x, const struct plait_op *op,
				      const struct plait_op *stats, int ndim, const int64_t *dim,
				      const double *attr, const struct plait_norm_options *options);

/* Reads a word's arguments: one that is its own, eps and affine; false with an error of the graph.
 */
bool plait__sample_norm_read(struct plait_node *x, const char *word, const char *text,
			     const struct plait__argument *own, struct plait_norm_options *options,
			     const char *example);

/* -- costs and kernels ------------------------------------------------------------------------- */

void plait__sample_stats_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost);
void plait__sample_norm_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost);

/* Inputs: x; and x, stats, weight and bias, or neither of the last. */
void plait__sample_stats_cpu(const struct plait_call *call);
void plait__sample_norm_cpu(const struct plait_call *call);
int plait__sample_stats_cuda(const struct plait_call *call);
int plait__sample_norm_cuda(const struct plait_call *call);

#endif
