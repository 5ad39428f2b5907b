/* SPDX-License-Identifier: MIT
 * muon: m = momentum m + (1 - momentum) g; x = m, or with Nesterov momentum m + (1 - momentum) g;
 *       X = x / max(|x|, eps); ns_steps times X = a X + (b A + c A^2) X with A = X X^T;
 *       w = (1 - lr decay) w - lr f X.  w, g, m: one shape, as a matrix [rows, columns], where all
 *       dimensions but the first are columns.  w and m are changed.  f is sqrt(max(1, rows /
 *       columns)) or 0.2 sqrt(max(rows, columns)).
 * As torch.optim.Muon has it; Jordan et al., kellerjordan.github.io/posts/muon, 2024; the second f
 * is that of Liu et al., "Muon is scalable for LLM training", 2025 (arXiv 2502.16982).
 *
 * Of a matrix with more rows than columns A is X^T X and stands on the right: the same X, from
 * smaller products. a X is in the product, by a on the diagonal. */
#include "config.h"
#include "codelets/optimizer/adam.h"
#include "codelets/optimizer/muon.h"
#include "codelets/shared/gemm.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"
#include "codelets/clip/update.h"

#include <math.h>

enum { NESTEROV, ADJUST_LR_FN, NS_STEPS }; /* attr */
/* Scalars.  They come behind those of adam, which updates what is no matrix. */
enum { LR = PLAIT__ADAM_SCALARS, MOMENTUM, WEIGHT_DECAY, EPS };

static struct plait_optimizer adamw_of(const struct plait_optimizer *o)
{
	struct plait_optimizer adamw = *o;

	adamw.kind = PLAIT_ADAMW;
	adamw.lr *= o->adam_lr_ratio;
	return adamw;
}

void plait__muon_scalars(const struct plait_optimizer *o, int64_t t, struct plait_scalars *scalars)
{
	struct plait_optimizer adamw = adamw_of(o);

	plait__adam_scalars(&adamw, t, scalars);
	scalars->value[LR] = o->lr;
	scalars->value[MOMENTUM] = o->momentum;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
	scalars->value[EPS] = o->eps;
}

/* What norms have is no matrix, whatever its shape: it begins as a constant. */
static bool is_matrix(const struct plait_node *parameter)
{
	return parameter->ndim >= 2 && parameter->init != PLAIT__INIT_CONSTANT;
}

struct plait_node *plait__muon(const struct plait_optimizer *o, struct plait_node *parameter,
			       struct plait_node *gradient)
{
	const double attr[] = {
		[NESTEROV] = o->nesterov, [ADJUST_LR_FN] = o->adjust_lr_fn, [NS_STEPS] = o->ns_steps
	};
	struct plait_optimizer adamw = adamw_of(o);

	if (!parameter)
		return NULL;
	if (!is_matrix(parameter))
		return plait__adam(&adamw, parameter, gradient);
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_muon,
		.ninputs = 3,
		.input = (struct plait_node *[]){ parameter, gradient, plait__state(parameter) },
		.nattr = sizeof attr / sizeof *attr,
		.attr = attr,
	});
}

struct plait__muon_shape plait__muon_shape_of(const struct plait_node *node)
{
	const struct plait_node *w = node->input[0];
	int64_t n = plait_node_elements(w), rows = w->dim[0], columns = n / rows;
	int64_t small = rows < columns ? rows : columns;
	size_t piece = plait__align((size_t)n * sizeof(float)) / sizeof(float);
	size_t square = plait__align((size_t)(small * small) * sizeof(float)) / sizeof(float);

	return (struct plait__muon_shape){ .rows = rows,
					   .columns = columns,
					   .small = small,
					   .large = n / small,
					   .y = piece,
					   .a = 2 * piece,
					   .b = 2 * piece + square,
					   .floats = 2 * piece + 2 * square };
}

int plait__muon_steps(const struct plait_node *node)
{
	return (int)node->attr[NS_STEPS];
}

static size_t muon_scratch(const struct plait_node *node, int64_t rows)
{
	(void)rows;
	return plait__muon_shape_of(node).floats * sizeof(float);
}

/* By what the learning rate is multiplied. */
static double adjustment(const struct plait_node *node)
{
	struct plait__muon_shape shape = plait__muon_shape_of(node);
	double ratio = (double)shape.rows / (double)shape.columns;

	if (node->attr[ADJUST_LR_FN] == PLAIT_ADJUST_MATCH_RMS_ADAMW)
		return 0.2 * sqrt((double)shape.large);
	return sqrt(ratio > 1.0 ? ratio : 1.0);
}

struct plait__muon_rule plait__muon_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	return (struct plait__muon_rule){
		.rest = (float)(1.0 - now[MOMENTUM]),
		.shrink = (float)(1.0 - now[LR] * now[WEIGHT_DECAY]),
		.step = (float)(now[LR] * adjustment(call->node)),
		.eps = now[EPS],
		.nesterov = call->node->attr[NESTEROV] != 0.0,
	};
}

/* X of the first step. */
PLAIT__CLONES static void begin(int64_t n, struct plait__muon_rule rule, const float *restrict g,
				const float *clip, float *restrict m, float *restrict x)
{
	float piece[PLAIT__BLOCK], scale;
	double squares = 0.0;

	for (int64_t first = 0; first < n; first += PLAIT__BLOCK) {
		int64_t end = n - first < PLAIT__BLOCK ? n : first + PLAIT__BLOCK;
		const float *clipped = plait__clipped_piece(clip, end - first, g + first, piece);

		for (int64_t i = first; i < end; i++)
			x[i] = plait__muon_momentum(rule, clipped[i - first], &m[i]);
		squares += plait__square_sum(end - first, x + first);
	}
	scale = plait__muon_scale(rule, squares);
	for (int64_t i = 0; i < n; i++)
		x[i] *= scale;
}

/* square becomes a 1 + b A + c A^2. */
PLAIT__CLONES static void polynomial(int64_t n, const float *restrict a, float *restrict square)
{
	for (int64_t i = 0; i < n * n; i++)
		square[i] = PLAIT__MUON_B * a[i] + PLAIT__MUON_C * square[i];
	for (int64_t i = 0; i < n; i++)
		square[i * n + i] += PLAIT__MUON_A;
}

/* A step from x to y. */
static void iterate(enum plait_precision precision, const struct plait__muon_shape *s,
		    const float *x, float *y, float *a, float *b)
{
	bool tall = s->rows > s->columns;

	plait__gemm(precision, tall ? 'T' : 'N', tall ? 'N' : 'T', s->small, s->small, s->large, x,
		    x, NULL, a);
	plait__gemm(precision, 'N', 'N', s->small, s->small, s->small, a, a, NULL, b);
	polynomial(s->small, a, b);
	plait__gemm(precision, 'N', 'N', s->rows, s->columns, s->small, tall ? x : b, tall ? b : x,
		    NULL, y);
}

PLAIT__CLONES static void end(int64_t n, struct plait__muon_rule rule, float *restrict w,
			      const float *restrict x)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__muon_step(rule, w[i], x[i]);
}

static void muon_cpu(const struct plait_call *call)
{
	struct plait__muon_shape shape = plait__muon_shape_of(call->node);
	struct plait__muon_rule rule = plait__muon_rule_of(call);
	int64_t n = shape.rows * shape.columns;
	float *x = call->scratch, *y = x + shape.y, *a = x + shape.a, *b = x + shape.b;

	if (plait__update_skipped(call))
		return;
	begin(n, rule, plait__call_floats(call, 1), plait__update_clip(call),
	      plait__call_updated(call, 2), x);
	for (int i = 0; i < plait__muon_steps(call->node); i++) {
		float *last = x;

		iterate(call->precision, &shape, x, y, a, b);
		x = y;
		y = last;
	}
	end(n, rule, plait__call_updated(call, 0), x);
}

static void muon_warm_up(const struct plait_node *node, int64_t rows,
			 enum plait_precision precision)
{
	struct plait__muon_shape s = plait__muon_shape_of(node);
	bool tall = s.rows > s.columns;

	(void)rows;
	plait__gemm_warm_up(precision, tall ? 'T' : 'N', tall ? 'N' : 'T', s.small, s.small,
			    s.large);
	plait__gemm_warm_up(precision, 'N', 'N', s.small, s.small, s.small);
	plait__gemm_warm_up(precision, 'N', 'N', s.rows, s.columns, s.small);
}

static void muon_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	struct plait__muon_shape s = plait__muon_shape_of(node);
	double small = (double)s.small, large = (double)s.large, steps = plait__muon_steps(node);

	plait_op_cost(node->input[0], rows, 12, 10 + 3 * steps, cost);
	cost->flops += steps * (4 * small * small * large + 2 * small * small * small);
	cost->bytes += steps * 6 * small * small * (double)sizeof(float);
}

const struct plait_op plait__op_muon = {
	.abi = PLAIT_OP_ABI,
	.name = "muon",
	.updates = 1u << 0 | 1u << 2,
	.warm_up = muon_warm_up,
	.cpu = muon_cpu,
	.cuda = PLAIT__CUDA(plait__muon_cuda),
	.cuda_scratch = muon_scratch,
	.cpu_scratch = muon_scratch,
	.cost = muon_cost,
};
