/* SPDX-License-Identifier: MIT
 * Probabilities in double, of outputs that are none. */
#include "config.h"
#include "src/scores/scores.h"

#include <math.h>

void plait__scores_softmax(int64_t n, const float *x, double *p)
{
	double most = (double)x[0], sum = 0;

	for (int64_t j = 1; j < n; j++)
		most = (double)x[j] > most ? (double)x[j] : most;
	for (int64_t j = 0; j < n; j++)
		sum += p[j] = exp((double)x[j] - most);
	for (int64_t j = 0; j < n; j++)
		p[j] /= sum;
}

/* Of each sign so that nothing overflows. */
void plait__scores_sigmoid(int64_t n, const float *x, double *p)
{
	for (int64_t j = 0; j < n; j++) {
		double e = exp(-fabs((double)x[j]));

		p[j] = (x[j] < 0.0f ? e : 1) / (1 + e);
	}
}

void plait__scores_copy(int64_t n, const float *x, double *p)
{
	for (int64_t j = 0; j < n; j++)
		p[j] = (double)x[j];
}

void plait__scores_fill_row(struct plait_scores *s, const float *x)
{
	if (s->options.probabilities)
		plait__scores_copy(s->options.outputs, x, s->row);
	else if (s->options.kind == PLAIT_SCORES_CLASSES)
		plait__scores_softmax(s->options.outputs, x, s->row);
	else
		plait__scores_sigmoid(s->options.outputs, x, s->row);
}
