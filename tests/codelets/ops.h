/* SPDX-License-Identifier: MIT
 * The test of all ops, its parts: a table of ops with naive references (ops_table.c,
 * ops_activations.c, ops_images.c, ops_pools.c, ops_norm.c, ops_layernorm.c, ops_losses.c,
 * ops_labels.c, ops_terms.c, ops_metrics.c, ops_random.c), a backend that runs kernels (ops_cpu.c
 * or ops_cuda.c), the running of one node (ops_run.c), what is checked of a row (ops_check.c), the
 * updates (ops_update.c, ops_update_rules.c), what clips their gradients (ops_clip.c), weighted
 * losses (ops_weights.c), sums that several blocks share (ops_parts.c), convolutions of many pixels
 * (ops_conv.c), and the whole of it (ops.c). tests/plugin/ops.c has a table of its own, of ops from
 * a plug-in. */
#ifndef PLAIT_TESTS_OPS_H
#define PLAIT_TESTS_OPS_H

#include "codelets/ops.h"

#include <plait/ops.h>

#define MOST_INPUTS 192 /* of an op: the norms that a clip node reads */
#define SEED 11         /* of each call */

/* 2^-24: the largest relative error of one rounding to float, the unit of all bounds. */
#define UNIT 0x1p-24

/* -- the table -------------------------------------------------------------------------- */

/* What a reference reads: inputs in double, whatever their dtype. */
struct reference_call {
	const struct plait_node *y;
	int64_t rows, batch;
	const double *in[MOST_INPUTS];
};

/* Samples, shape of one, outputs of a linear. */
struct size {
	int64_t rows;
	int ndim;
	int64_t dim[3];
	int64_t m;
};

/* Where a formula bends, and the derivative that its gradient has there. */
struct bend {
	int x;
	double slope;
};

struct op_row {
	const char *op;
	/* Builds the op on x; m is a second size, for ops that have one. */
	struct plait_node *(*build)(struct plait_node *x, int64_t m);
	/* Naive loops: out, and by how many UNITs each number may be off. */
	void (*reference)(const struct reference_call *call, double *out, double *bound);
	/* UNITs of the largest gradient, or of the largest dy, by which any may be off; where
	 * by_row is set, as many more as a sum may have terms. */
	double gradient_units;
	bool by_row; /* gradients are sums over rows or columns */
	bool scalar; /* one number comes out, of all samples */
	bool term;   /* of a loss, not the graph's loss: its gradient reads dy */
	bool flat;   /* takes inputs of one dimension only */
	bool no_gradient;
	bool bytes;       /* x is uint8 */
	bool no_extremes; /* float overflows where the reference's double does not */
	bool nan_spreads; /* a NaN in x is one in dx */
	bool shares;      /* targets are from 0 to 1 */
	bool chooses;     /* among equal inputs one has the gradient, which no slope shows */
	bool evaluates;   /* in evaluation, not in training */
	/* Those of its own, of ops that take images only; NULL: those of ops_check.c.  m is then
	 * what the row's builder says. */
	const struct size *sizes;
	const int *sizes_count;
	int bends;
	struct bend bend[2];
};

extern const struct op_row op_table[];
extern const int op_rows;

#define LEAKY_SLOPE 0.2f

/* ops_activations.c: builders and references of activations. */
struct plait_node *build_relu(struct plait_node *x, int64_t m);
struct plait_node *build_gelu(struct plait_node *x, int64_t m);
struct plait_node *build_tanh(struct plait_node *x, int64_t m);
struct plait_node *build_sigmoid(struct plait_node *x, int64_t m);
struct plait_node *build_leaky_relu(struct plait_node *x, int64_t m);
struct plait_node *build_silu(struct plait_node *x, int64_t m);
struct plait_node *build_hardswish(struct plait_node *x, int64_t m);
struct plait_node *build_softmax(struct plait_node *x, int64_t m);
struct plait_node *build_log_softmax(struct plait_node *x, int64_t m);
void relu(const struct reference_call *call, double *out, double *bound);
void gelu(const struct reference_call *call, double *out, double *bound);
void hyperbolic(const struct reference_call *call, double *out, double *bound);
void sigmoid(const struct reference_call *call, double *out, double *bound);
void leaky_relu(const struct reference_call *call, double *out, double *bound);
void silu(const struct reference_call *call, double *out, double *bound);
void hardswish(const struct reference_call *call, double *out, double *bound);
void softmax(const struct reference_call *call, double *out, double *bound);
void log_softmax(const struct reference_call *call, double *out, double *bound);

/* ops_losses.c, ops_labels.c, ops_terms.c, ops_metrics.c: builders and references of the rows that
 * end in one number, and of what losses are made of.  Weighted: by the graph's weights. */
struct plait_node *build_cross_entropy(struct plait_node *x, int64_t m);
struct plait_node *build_cross_entropy_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_nll(struct plait_node *x, int64_t m);
struct plait_node *build_nll_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_mse(struct plait_node *x, int64_t m);
struct plait_node *build_mse_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_cross_entropy_term(struct plait_node *x, int64_t m);
struct plait_node *build_nll_term(struct plait_node *x, int64_t m);
struct plait_node *build_mse_term(struct plait_node *x, int64_t m);
struct plait_node *build_mse_weighted_term(struct plait_node *x, int64_t m);
struct plait_node *build_focal(struct plait_node *x, int64_t m);
struct plait_node *build_focal_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_focal_term(struct plait_node *x, int64_t m);
struct plait_node *build_cross_entropy_smooth(struct plait_node *x, int64_t m);
struct plait_node *build_cross_entropy_smooth_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_cross_entropy_smooth_term(struct plait_node *x, int64_t m);
struct plait_node *build_cross_entropy_classes(struct plait_node *x, int64_t m);
struct plait_node *build_constant(struct plait_node *x, int64_t m);
struct plait_node *build_label_scale(struct plait_node *x, int64_t m);
struct plait_node *build_label_scale_ignores(struct plait_node *x, int64_t m);
struct plait_node *build_label_weight(struct plait_node *x, int64_t m);
struct plait_node *build_label_weight_ignores(struct plait_node *x, int64_t m);
struct plait_node *build_l1(struct plait_node *x, int64_t m);
struct plait_node *build_l1_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_huber(struct plait_node *x, int64_t m);
struct plait_node *build_huber_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_huber_weighted_term(struct plait_node *x, int64_t m);
struct plait_node *build_bce(struct plait_node *x, int64_t m);
struct plait_node *build_bce_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_sub(struct plait_node *x, int64_t m);
struct plait_node *build_mul(struct plait_node *x, int64_t m);
struct plait_node *build_square(struct plait_node *x, int64_t m);
struct plait_node *build_mean(struct plait_node *x, int64_t m);
struct plait_node *build_sum(struct plait_node *x, int64_t m);
struct plait_node *build_loss(struct plait_node *x, int64_t m);
struct plait_node *build_accuracy(struct plait_node *x, int64_t m);
struct plait_node *build_gather(struct plait_node *x, int64_t m);
struct plait_node *build_topk(struct plait_node *x, int64_t m);
struct plait_node *build_topk_weighted(struct plait_node *x, int64_t m);
struct plait_node *build_mae(struct plait_node *x, int64_t m);
struct plait_node *build_mae_weighted(struct plait_node *x, int64_t m);

/* ops_random.c: what draws random numbers. */
struct plait_node *build_dropout(struct plait_node *x, int64_t m);
struct plait_node *build_dropout_none(struct plait_node *x, int64_t m);
struct plait_node *build_dropout_all(struct plait_node *x, int64_t m);
void dropout(const struct reference_call *call, double *out, double *bound);

void cross_entropy(const struct reference_call *call, double *out, double *bound);
void nll(const struct reference_call *call, double *out, double *bound);
void mse(const struct reference_call *call, double *out, double *bound);
void focal(const struct reference_call *call, double *out, double *bound);
void cross_entropy_smooth(const struct reference_call *call, double *out, double *bound);
void constant(const struct reference_call *call, double *out, double *bound);
void label_scale(const struct reference_call *call, double *out, double *bound);
void label_weight(const struct reference_call *call, double *out, double *bound);
void l1(const struct reference_call *call, double *out, double *bound);
void huber(const struct reference_call *call, double *out, double *bound);
void bce(const struct reference_call *call, double *out, double *bound);
void sub(const struct reference_call *call, double *out, double *bound);
void mul(const struct reference_call *call, double *out, double *bound);
void mean(const struct reference_call *call, double *out, double *bound);
void sum(const struct reference_call *call, double *out, double *bound);
void loss(const struct reference_call *call, double *out, double *bound);
void accuracy(const struct reference_call *call, double *out, double *bound);
void topk(const struct reference_call *call, double *out, double *bound);
void gather(const struct reference_call *call, double *out, double *bound);
void mae(const struct reference_call *call, double *out, double *bound);

/* Of a row of x: the largest, and the sum of exp(x - max). */
double row_max(int64_t c, const double *x);
double exp_sum(int64_t c, const double *x, double max);

/* -- running ---------------------------------------------------------------------------- */

struct backend {
	const char *name;
	const char *(*start)(void); /* NULL, or why it cannot run here */
	void *(*upload)(const void *data, size_t bytes);
	void (*download)(void *to, const void *from, size_t bytes);
	void (*release)(void *memory);
	/* NULL, or what failed. */
	const char *(*run)(struct plait_call *call);
	/* Whether the last run has set the flag that stops updates. NULL: kernels have none. */
	bool (*halts)(void);
};

extern const struct backend backend; /* each program links one */

/* Values of a graph's nodes, by id. */
struct bench {
	struct plait_graph *graph;
	int64_t rows, batch;
	bool evaluates;
	struct plait_scalars scalars;
	struct {
		void *host; /* of the node's dtype */
		double *exact;
		void *device;
	} value[3 * MOST_INPUTS];
};

int64_t bench_elements(const struct bench *b, const struct plait_node *node);

/* Gives a source its value: n numbers, copied, rounded to the node's dtype. */
void bench_set(struct bench *b, const struct plait_node *node, const double *numbers);

/* Runs a node whose inputs have values; its own is then in value[id].host.  Returns false,
 * having said why, if the kernel failed, wrote outside, left something unwritten, or changed
 * an input that it does not own. */
bool bench_run(struct bench *b, const struct plait_node *node);

/* The same for a node that a reference is to read: its numbers are exact too. */
bool bench_compute(struct bench *b, const struct plait_node *node);

void bench_destroy(struct bench *b);

/* Which ops have run so far. */
bool bench_has_run(const struct plait_op *op);

/* Compares n numbers with what is expected, bound[i] or (if NULL) all_bound UNITs each; NaN
 * equals NaN only.  Says the first that is off; returns how many are. */
int64_t compare(const char *what, int64_t n, const float *got, const double *expected,
		const double *bound, double all_bound);

/* Pseudo-random numbers in [-2,2], floats, none nearer to 0 than 0.01 (relu bends there). */
double some_number(uint64_t *state);

/* -- checks ------------------------------------------------------------------------------- */

/* How input element i is filled; labels follow state too. */
typedef double (*fill_fn)(uint64_t *state, int64_t i);

/* Builds the row's op on an input of this size that wants a gradient, gives all sources
 * values, and runs it: the result is in b->value[y->id].  NULL if the kernel misbehaved. */
struct plait_node *case_run(struct bench *b, const struct op_row *row, const struct size *size,
			    fill_fn fill, uint64_t seed);

/* "softmax of 3 x [17]" */
const char *case_name(const struct op_row *row, const struct size *size);

/* What a reference reads, from the values of b. */
struct reference_call case_reference(const struct bench *b, const struct plait_node *y);

/* Whether the op computes what the naive loop does. */
bool forward_is_right(const struct op_row *row, const struct size *size, fill_fn fill,
		      uint64_t seed);

/* ops_check.c: of how many sizes a row's op is wrong, forward, in its gradients, and in those of
 * large inputs; of how many sets of extreme numbers; whether a NaN in x is one in dx.  The tests of
 * these are in ops_rows.h. */
void count_wrong_sizes(const struct op_row *row, int wrong[3]);
int count_wrong_extremes(const struct op_row *row);
bool row_spreads_nan(const struct op_row *row);

/* dy of y's shape, some numbers; NULL for the graph's loss, whose gradient is 1 (ops_gradient.c).
 */
struct plait_node *make_dy(struct bench *b, const struct plait_node *y);

/* ops_gradient.c: the gradients of one case against finite differences; a NaN in the first
 * element of x against one in dx's. */
bool gradient_is_right(const struct op_row *row, const struct size *size, fill_fn fill);
bool gradient_spreads_nan(const struct op_row *row, const struct size *size);

/* ops_gradient.c: the gradient where the formula bends, and finite differences say nothing. */
bool gradient_is_bent(const struct op_row *row, const struct bend *bend);

/* ops_weights.c: loss i with weights, all 1 and some 0; nll of log_softmax is cross_entropy, but
 * for rounding, and so are their gradients. */
extern const int weighted_losses;
const char *weighted_name(int i);
bool weights_of_one_change_nothing(int i);
bool weight_zero_is_nothing(int i);
bool nll_is_cross_entropy(void);

/* ops_parts.c, of rows whose op ends in one number: as the naive loop on large sizes; the same bits
 * whatever block comes last; a loss that is not finite halts updates wherever it is (true where
 * kernels have no such flag, or the op is no loss). The gradient of a bias: as a sum in double, the
 * same bits whatever block comes last. */
bool parts_are_right(const struct op_row *row);
bool order_changes_nothing(const struct op_row *row);
bool halts_anywhere(const struct op_row *row);
bool columns_are_right(void);
bool order_changes_no_column(void);

/* ops_conv.c, of kernels for CUDA: convolutions of many pixels compute what those for CPUs do;
 * their bits are the same whatever block comes last. */
bool convs_are_as_on_cpu(void);
bool order_changes_no_conv(void);

/* ops_clip.c: norms of gradients, what is made of them, and running values by which outliers are
 * found, as the naive loops. */
bool grad_norms_are_right(void);
bool clip_is_right(void);
bool outliers_are_right(void);

/* ops_update.c: optimizer i does some steps as the naive loop, with gradients that are clipped,
 * too, and leaves out a step; its momentum decays to 0. */
extern const int update_rules;
const char *update_name(int i);
bool update_is_right(int i);
bool update_is_clipped(int i);
bool update_decays(int i);

#endif
