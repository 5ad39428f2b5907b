/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/layer/dropout.h"
}

/* A sample has pieces of at most so many elements, and a piece so many threads that each takes up
 * to EACH: finding the sample and its key costs as much as several elements. */
#define EACH 8
#define PIECE (EACH * PLAIT_THREADS)

/* A piece has 2^lanes threads. */
static __global__ void forward(int64_t rows, int64_t n, int64_t pieces, int lanes,
			       struct plait__dropout_rule rule, const int32_t *words,
			       const float *x, float *y)
{
	PLAIT_FOR (int64_t, thread, (rows * pieces) << lanes) {
		int64_t piece = thread >> lanes, lane = thread - (piece << lanes);
		int64_t row = pieces > 1 ? piece / pieces : piece;
		int64_t begin = (piece - row * pieces) * PIECE;
		int64_t end = n - begin < PIECE ? n : begin + PIECE;
		uint64_t key = plait__dropout_key(&rule, words, row);

		for (int64_t i = begin + lane; i < end; i += 1 << lanes)
			y[row * n + i] =
				plait__dropout(x[row * n + i], key, i, rule.least, rule.scale);
	}
}

int plait__dropout_cuda(const struct plait_call *call)
{
	int64_t n = plait_node_elements(call->node), pieces = (n + PIECE - 1) / PIECE;
	int lanes = 0;

	while (1 << lanes < PLAIT_THREADS && EACH << lanes < n)
		lanes++;
	if (call->rows > 0)
		PLAIT_LAUNCH(forward, plait__blocks((call->rows * pieces) << lanes), PLAIT_THREADS,
			     call->stream, call->rows, n, pieces, lanes,
			     plait__dropout_rule_of(call), plait__call_labels(call, 1),
			     plait__call_floats(call, 0), plait__call_out(call));
	return cudaGetLastError();
}
