/* SPDX-License-Identifier: MIT
 * Rows of the table: dropout.  The reference draws the numbers anew, as src/base/random.h has them.
 */
#include "config.h"
#include "src/base/random.h"
#include "tests/codelets/ops.h"

/* The second of its graph, so that its number is not 0. */
static struct plait_node *build(struct plait_node *x, float p)
{
	plait_dropout(x, 0.5f);
	return plait_dropout(x, p);
}

struct plait_node *build_dropout(struct plait_node *x, int64_t m)
{
	(void)m;
	return build(x, 0.3f);
}

struct plait_node *build_dropout_none(struct plait_node *x, int64_t m)
{
	(void)m;
	return build(x, 0);
}

struct plait_node *build_dropout_all(struct plait_node *x, int64_t m)
{
	(void)m;
	return build(x, 1);
}

/* Words of the batch's key; the call's samples are the last of its batch (bench_run). */
void dropout(const struct reference_call *call, double *out, double *bound)
{
	int64_t n = plait_node_elements(call->y), first = call->batch - call->rows;
	double p = plait_node_attribute(call->y, 0);
	double scale = p < 1 ? (double)(float)(1 / (1 - p)) : 0;
	uint64_t words = (uint64_t)(uint32_t)(int32_t)call->in[1][1] << 32 |
			 (uint32_t)(int32_t)call->in[1][0];
	uint64_t batch = plait__key(plait__key(SEED, 1), words);

	for (int64_t i = 0; i < n * call->rows; i++) {
		uint64_t sample = plait__random(batch, (uint64_t)(first + i / n));
		uint32_t random = plait__random_32(sample, (uint32_t)(i % n));
		bool kept = p < 1 && random >= (uint32_t)(p * 0x1p32);

		out[i] = call->in[0][i] * (kept ? scale : 0);
		bound[i] = 0;
	}
}
