/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/dnnl/normalization.h"
#include "codelets/norm/batchnorm.h"

/* Of an output. */
static int64_t weights_of(const struct plait__convolution *c)
{
	return c->channels / c->groups * c->kernel[0] * c->kernel[1];
}

static int64_t pixels_of(const struct plait__convolution *c)
{
	return plait__convolution_size(c, 0) * plait__convolution_size(c, 1);
}

/* Scaling takes as long as a pass over so many pixels as there are weights.  With twice as many
 * weights as pixels it takes as long for one sample as changing y, and less for a chunk of several;
 * with nine times as many it takes as long for the chunk. */
bool plait__normalization_scales_weights(const struct plait__convolution *c)
{
	return weights_of(c) <= 2 * pixels_of(c);
}

PLAIT__CLONES static void scale_all(const struct plait__normalization *n, int64_t outputs,
				    int64_t each, const float *restrict w, const float *restrict b,
				    float *restrict scaled, float *restrict bias)
{
	for (int64_t o = 0; o < outputs; o++) {
		const float *from = w + o * each;
		float *to = scaled + o * each;
		float scale = plait__batchnorm_scale(n->weight[o], n->var[o], n->eps);

		for (int64_t i = 0; i < each; i++)
			to[i] = from[i] * scale;
		bias[o] = plait__batchnorm_y(b ? b[o] : 0.0f, n->mean[o], scale, n->shift[o]);
	}
}

PLAIT__CLONES static void apply(const struct plait__normalization *n, int64_t rows, int64_t m,
				float *restrict scale, float *restrict y)
{
	const float *mean = n->mean, *shift = n->shift;

	for (int64_t j = 0; j < m; j++)
		scale[j] = plait__batchnorm_scale(n->weight[j], n->var[j], n->eps);
	for (int64_t i = 0; i < rows * m; i += m)
		for (int64_t j = 0; j < m; j++)
			y[i + j] = plait__batchnorm_y(y[i + j], mean[j], scale[j], shift[j]);
}

/* The choice among clones is exported where they are not static. */
void plait__normalization_scale(const struct plait__normalization *n,
				const struct plait__convolution *c, const float *w, const float *b,
				float *scaled, float *bias)
{
	scale_all(n, c->outputs, weights_of(c), w, b, scaled, bias);
}

void plait__normalization_apply(const struct plait__normalization *n,
				const struct plait__convolution *c, float *scale, float *y)
{
	apply(n, c->rows * pixels_of(c), c->outputs, scale, y);
}
