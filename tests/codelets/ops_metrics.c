/* SPDX-License-Identifier: MIT
 * Rows of the table: metrics, with and without weights. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of sample i, where there are weights. */
static double weight_of(const struct reference_call *call, int64_t i)
{
	return call->y->ninputs > 2 ? call->in[2][i] : 1;
}

/* -- mae ------------------------------------------------------------------------------------- */

static struct plait_node *targets_of(struct plait_node *x)
{
	return plait_targets(x->graph, plait_node_elements(x));
}

struct plait_node *build_mae(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_metric_word(x, targets_of(x), NULL, "mae");
}

struct plait_node *build_mae_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_metric_word(x, targets_of(x), plait_weights(x->graph), "mae");
}

/* A difference is rounded to a float; all else is in double. */
void mae(const struct reference_call *call, double *out, double *bound)
{
	int64_t n = plait_node_elements(call->y->input[0]);

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < n * call->rows; i++) {
		double w = weight_of(call, i / n);

		if (w == 0)
			continue;
		out[0] += w * (double)fabsf((float)call->in[0][i] - (float)call->in[1][i]) /
			  (double)(n * call->batch);
	}
	/* At most so many additions, each off by 2^-53 of a sum of positive terms. */
	bound[0] = out[0] * (double)(n * call->rows + 3) * (0x1p-53 / UNIT);
}

/* -- topk ------------------------------------------------------------------------------------ */

/* Half of the classes, so that some labels are among them and some are not. */
static struct plait_node *topk_of(struct plait_node *x, struct plait_node *weights)
{
	char word[PLAIT_METRIC_NAME];

	snprintf(word, sizeof word, "topk:%lld", (long long)(plait_node_columns(x) + 1) / 2);
	return plait_metric_word(x, plait_labels(x->graph), weights, word);
}

struct plait_node *build_topk(struct plait_node *x, int64_t m)
{
	(void)m;
	return topk_of(x, NULL);
}

struct plait_node *build_topk_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return topk_of(x, plait_weights(x->graph));
}

/* Which of a row's elements is the first of the largest that are left; those gone are taken out. */
static int64_t take_largest(int64_t c, const double *row, bool *gone)
{
	int64_t best = -1;

	for (int64_t j = 0; j < c; j++)
		if (!gone[j] &&
		    (best < 0 || (!isnan(row[best]) && (isnan(row[j]) || row[j] > row[best]))))
			best = j;
	gone[best] = true;
	return best;
}

/* The k largest of a row, one after another; shares are exact but for sums in double. */
void topk(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y->input[0]), k = (c + 1) / 2;

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < call->rows; i++) {
		bool *gone = calloc((size_t)c, sizeof *gone);

		for (int64_t taken = 0; taken < k; taken++)
			if (take_largest(c, call->in[0] + i * c, gone) == (int64_t)call->in[1][i])
				out[0] += weight_of(call, i) / (double)call->batch;
		free(gone);
	}
	bound[0] = out[0] * (double)(call->rows + 3) * (0x1p-53 / UNIT);
}

/* -- gather ------------------------------------------------------------------------------------ */

/* Without weights each sample has a label. */
struct plait_node *build_gather(struct plait_node *x, int64_t m)
{
	return plait__gather(3, (struct plait_node *[]){ x, plait_labels(x->graph),
							 plait_targets(x->graph, m) });
}

/* A label stands there as its bits, which of a small number are those of a tiny float. */
void gather(const struct reference_call *call, double *out, double *bound)
{
	int64_t n = plait_node_elements(call->y->input[0]);
	int64_t m = plait_node_elements(call->y->input[2]), width = n + 1 + m;

	for (int64_t i = 0; i < call->rows; i++, out += width, bound += width) {
		int32_t label = (int32_t)call->in[1][i];
		float bits;

		memcpy(&bits, &label, sizeof bits);
		for (int64_t j = 0; j < n; j++)
			out[j] = call->in[0][i * n + j];
		out[n] = (double)bits;
		for (int64_t j = 0; j < m; j++)
			out[n + 1 + j] = call->in[2][i * m + j];
		memset(bound, 0, (size_t)width * sizeof *bound);
	}
}
