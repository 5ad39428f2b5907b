/* SPDX-License-Identifier: MIT
 * Convolutions by cuDNN compute what products of columns do, with the same bits in every run and
 * wherever their samples stand, captured as a CUDA graph too. Compiled twice, as ops_cuda.c is: for
 * a GPU, and with VIRTUAL for the one that the host plays, where cuDNN does what VGPU_DNN says.
 *
 *   cudnn_cuda time     what each takes, instead */
#include "config.h"
#include "codelets/image/conv.h"
#include "tests/codelets/ops.h"
#include "tests/tap.h"

#include <cuda_runtime_api.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_READ = 3, DIRECTIONS = 3 };

struct shape {
	int64_t rows, dim[3], outputs, kernel[2];
	struct plait_conv2d_options options;
};

static const struct shape shapes[] = {
	{ 4, { 8, 9, 8 }, 12, { 3, 3 }, { .padding = { 1, 1 } } },
	{ 3, { 3, 16, 16 }, 8, { 5, 5 }, { .padding = { 2, 2 } } },
	{ 5, { 16, 8, 10 }, 8, { 3, 3 }, { .padding = { 1, 1 }, .stride = { 2, 2 } } },
	{ 4, { 16, 8, 8 }, 8, { 1, 1 }, { .stride = { 2, 2 }, .no_bias = true } },
	{ 2, { 8, 6, 8 }, 12, { 3, 3 }, { .padding = { 1, 1 }, .groups = 2 } },
	{ 2, { 8, 8, 8 }, 12, { 1, 1 }, { .groups = 4 } },
	{ 2, { 4, 12, 10 }, 8, { 3, 2 }, { .padding = { 2, 1 }, .dilation = { 2, 1 } } },
	/* Rows and columns of x that no window has. */
	{ 2, { 4, 11, 11 }, 4, { 2, 1 }, { .stride = { 3, 2 }, .no_bias = true } },
	{ 4, { 32, 14, 14 }, 64, { 3, 3 }, { .padding = { 1, 1 }, .no_bias = true } },
#ifndef VIRTUAL
	{ 64, { 3, 224, 224 }, 64, { 7, 7 }, { .padding = { 3, 3 }, .stride = { 2, 2 } } },
	{ 64, { 64, 56, 56 }, 64, { 3, 3 }, { .padding = { 1, 1 } } },
	{ 64, { 256, 14, 14 }, 512, { 3, 3 }, { .padding = { 1, 1 }, .stride = { 2, 2 } } },
#endif
};
#define SHAPES (int)(sizeof shapes / sizeof *shapes)

/* -- a call ------------------------------------------------------------------------------------ */

/* A conv, or one of its gradients, with what it reads. */
struct job {
	const struct plait_node *node;
	enum plait__direction direction;
	int64_t rows;
	float *in[MOST_READ];
};

static int64_t elements(const struct job *job, const struct plait_node *node)
{
	return plait_node_elements(node) * (node->batched ? job->rows : 1);
}

static struct plait__convolution sizes_of(const struct job *job, int64_t rows)
{
	const struct plait_node *n = job->node;

	return plait__conv_sizes(n,
				 job->direction == PLAIT__FORWARD   ? n->input[0]
				 : job->direction == PLAIT__BY_DATA ? n
								    : n->input[1],
				 job->direction == PLAIT__FORWARD ? n : n->input[0], rows);
}

/* Of the call that runs: an op's cuda is told of nothing else. */
static const struct job *now;
static int refusal;

static int by_cudnn(const struct plait_call *call)
{
	struct plait__convolution c = sizes_of(now, call->rows);

	return plait__conv_by_cudnn(call, &c, now->direction, &refusal);
}

static int by_columns(const struct plait_call *call)
{
	struct plait__convolution c = sizes_of(now, call->rows);

	return plait__conv_by_columns(call, &c, now->direction);
}

/* As src/executor/graphs.c does it. */
static int captured(const struct plait_call *call)
{
	cudaStream_t stream = (cudaStream_t)call->stream;
	cudaGraph_t graph = NULL;
	cudaGraphExec_t exec = NULL;
	int status = cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), ended;

	if (status != 0)
		return status;
	status = by_cudnn(call);
	ended = cudaStreamEndCapture(stream, &graph);
	if (status == 0)
		status = ended;
	if (status == 0)
		status = cudaGraphInstantiateWithFlags(&exec, graph, 0);
	if (status == 0)
		status = cudaGraphLaunch(exec, stream);
	if (status == 0)
		status = cudaStreamSynchronize(stream);
	if (exec)
		cudaGraphExecDestroy(exec);
	if (graph)
		cudaGraphDestroy(graph);
	return status;
}

/* Memory of the device for a node's value, behind so many samples of its; NULL: NaN.  *base is to
 * be released. */
static void *place(const struct job *job, const struct plait_node *node, const float *value,
		   int64_t skipped, void **base)
{
	int64_t before = node->batched ? skipped * plait_node_elements(node) : 0;
	size_t bytes = (size_t)elements(job, node) * sizeof *value;
	size_t skip = (size_t)before * sizeof *value;
	char *host = malloc(skip + bytes);

	memset(host, 0xff, skip + bytes);
	if (value)
		memcpy(host + skip, value, bytes);
	*base = backend.upload(host, skip + bytes);
	free(host);
	return (char *)*base + skip;
}

/* What `compute` makes of a job whose samples stand behind so many others; NULL, having said why,
 * if it fails. */
static float *run(const struct job *job, enum plait_precision precision, int64_t skipped,
		  int (*compute)(const struct plait_call *call))
{
	const struct plait_node *node = job->node;
	void *base[MOST_READ + 1] = { NULL };
	const void *in[MOST_READ];
	struct plait_op op = *node->op;
	struct plait_node same = *node;
	struct plait_call call = { .node = &same,
				   .in = in,
				   .rows = job->rows,
				   .batch = job->rows,
				   .precision = precision };
	float *result = malloc((size_t)elements(job, node) * sizeof *result);
	const char *error;

	now = job;
	op.cuda = compute;
	same.op = &op;
	for (int i = 0; i < node->ninputs; i++)
		in[i] = place(job, node->input[i], job->in[i], skipped, &base[i]);
	call.out = place(job, node, NULL, skipped, &base[MOST_READ]);
	error = backend.run(&call);
	if (error)
		printf("# %s: %s\n", node->op->name, error);
	backend.download(result, call.out, (size_t)elements(job, node) * sizeof *result);
	for (int i = 0; i <= MOST_READ; i++)
		if (base[i])
			backend.release(base[i]);
	if (!error)
		return result;
	free(result);
	return NULL;
}

/* -- jobs -------------------------------------------------------------------------------------- */

/* Integers from -2 to 2: sums of their products are exact in any order, and with TF32 too. */
static double some_integer(uint64_t *state)
{
	return (double)((int64_t)(some_number(state) * 1.25 + 2.5) - 2);
}

static void fill(struct job *job, double (*number)(uint64_t *state))
{
	for (int i = 0; i < job->node->ninputs; i++) {
		int64_t n = elements(job, job->node->input[i]);
		uint64_t state = (uint64_t)i + 3;

		free(job->in[i]);
		job->in[i] = malloc((size_t)n * sizeof *job->in[i]);
		for (int64_t j = 0; j < n; j++)
			job->in[i][j] = (float)number(&state);
	}
}

static struct plait_graph *build(const struct shape *s, struct job job[DIRECTIONS])
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 3, s->dim), *y, *dy;
	struct plait_node *dx[MOST_INPUTS] = { NULL };
	struct plait_node_spec spec = {
		.op = &plait__op_source, .phase = PLAIT_SOURCE, .batched = true, .ndim = 3
	};

	x->needs_gradient = true;
	y = plait_conv2d(x, s->outputs, s->kernel[0], s->kernel[1], &s->options);
	spec.dim = y->dim;
	dy = plait_node_append(graph, &spec);
	dy->channels_last = y->channels_last;
	y->op->gradient(y, dy, dx);
	job[0] = (struct job){ y, PLAIT__FORWARD, s->rows, { NULL } };
	job[1] = (struct job){ dx[0], PLAIT__BY_DATA, s->rows, { NULL } };
	job[2] = (struct job){ dx[1], PLAIT__BY_WEIGHTS, s->rows, { NULL } };
	return graph;
}

static void destroy(struct plait_graph *graph, struct job job[DIRECTIONS])
{
	for (int d = 0; d < DIRECTIONS; d++)
		for (int i = 0; i < MOST_READ; i++)
			free(job[d].in[i]);
	plait_graph_destroy(graph);
}

static const char *name_of(const struct shape *s)
{
	static char name[160];
	char dim[64];

	snprintf(name, sizeof name, "%lld x %s to %lld by %lldx%lld", (long long)s->rows,
		 plait_shape_text(3, s->dim, dim, sizeof dim), (long long)s->outputs,
		 (long long)s->kernel[0], (long long)s->kernel[1]);
	return name;
}

/* -- values ------------------------------------------------------------------------------------ */

/* How far two results may be apart. A sum of k terms rounds k times, each time by a UNIT of what is
 * there, which is no more than the largest result, about: these are independent, so they add up as
 * sqrt k does; twice, and twice more to spare. TF32 rounds both factors of a term, which are at
 * most 2, by 2^-11 of them: 2^-8 a term, in both results. */
static double tolerance(const struct job *job, enum plait_precision precision, const float *value)
{
	struct plait__convolution c = sizes_of(job, job->rows);
	double taps = (double)(c.kernel[0] * c.kernel[1]), most = 0;
	double k = job->direction == PLAIT__FORWARD   ? taps * (double)(c.channels / c.groups)
		   : job->direction == PLAIT__BY_DATA ? taps * (double)(c.outputs / c.groups)
						      : (double)(c.rows * plait__conv_pixels(&c));

	for (int64_t i = 0; i < elements(job, job->node); i++)
		most = fmax(most, fabs((double)value[i]));
	return sqrt(k) * (4 * UNIT * most + (precision == PLAIT_PRECISION_TF32 ? 2 * 0x1p-8 : 0));
}

static bool near(const struct job *job, const float *got, const float *expected, double most)
{
	for (int64_t i = 0; i < elements(job, job->node); i++)
		if (!(fabs((double)got[i] - (double)expected[i]) <= most)) {
			printf("# %s: element %lld is %.9g, by columns %.9g +- %.3g\n",
			       job->node->op->name, (long long)i, (double)got[i],
			       (double)expected[i], most);
			return false;
		}
	return true;
}

static int taken, refused;

/* Whether cuDNN computes a job as columns do, exactly or nearly. */
static bool as_by_columns(const struct job *job, enum plait_precision precision, bool exactly)
{
	float *got = run(job, precision, 0, by_cudnn), *expected;
	bool right = got != NULL;

	if (right && refusal) {
		printf("# %s, %s: cuDNN refuses it with status %d\n", job->node->op->name,
		       precision == PLAIT_PRECISION_TF32 ? "tf32" : "fp32", refusal);
		refused++;
	} else if (right) {
		expected = run(job, precision, 0, by_columns);
		right = expected &&
			near(job, got, expected, exactly ? 0 : tolerance(job, precision, expected));
		free(expected);
		taken++;
	}
	free(got);
	return right;
}

static bool same_bits(const struct job *job, const float *first, int64_t skipped,
		      int (*compute)(const struct plait_call *call))
{
	float *again = run(job, PLAIT_PRECISION_FP32, skipped, compute);
	bool same = again &&
		    memcmp(again, first, (size_t)elements(job, job->node) * sizeof *first) == 0;

	free(again);
	return same;
}

static void check_shape(const struct shape *s)
{
	static const enum plait_precision precision[] = { PLAIT_PRECISION_FP32,
							  PLAIT_PRECISION_TF32 };
	struct job job[DIRECTIONS];
	struct plait_graph *graph = build(s, job);
	bool exact = true, close = true, again = true, elsewhere = true, graphs = true;

	for (int d = 0; d < DIRECTIONS; d++) {
		float *first;

		for (int p = 0; p < 2; p++) {
			fill(&job[d], some_integer);
			exact &= as_by_columns(&job[d], precision[p], true);
			fill(&job[d], some_number);
			close &= as_by_columns(&job[d], precision[p], false);
		}
		first = run(&job[d], PLAIT_PRECISION_FP32, 0, by_cudnn);
		if (first && !refusal) {
			again &= same_bits(&job[d], first, 0, by_cudnn);
			elsewhere &= same_bits(&job[d], first, 1, by_cudnn);
			graphs &= same_bits(&job[d], first, 0, captured);
		}
		free(first);
	}
	destroy(graph, job);
	ok(exact, "%s: sums of integers are those of columns", name_of(s));
	ok(close, "%s: and others but for rounding", name_of(s));
	ok(again && elsewhere, "%s: the same bits again, and behind another sample", name_of(s));
	ok(graphs, "%s: and in a CUDA graph", name_of(s));
}

/* -- what cuDNN does not compute --------------------------------------------------------------- */

static void check_not_asked(const char *why, const struct shape *s, enum plait_precision precision)
{
	struct job job[DIRECTIONS];
	struct plait_graph *graph = build(s, job);
	bool none = true;

	for (int d = 0; d < DIRECTIONS; d++) {
		fill(&job[d], some_integer);
		free(run(&job[d], precision, 0, by_cudnn));
		none &= refusal == PLAIT__NOT_ASKED;
	}
	destroy(graph, job);
	ok(none, "not asked: %s", why);
}

static void check_all_not_asked(void)
{
	check_not_asked("bf16", &shapes[0], PLAIT_PRECISION_BF16);
	check_not_asked("samples of 75 floats",
			&(struct shape){ 2, { 3, 5, 5 }, 4, { 3, 3 }, { .groups = 1 } },
			PLAIT_PRECISION_FP32);
	check_not_asked("results of 9",
			&(struct shape){ 2, { 4, 5, 5 }, 1, { 3, 3 }, { .no_bias = true } },
			PLAIT_PRECISION_FP32);
	check_not_asked("depthwise",
			&(struct shape){ 2, { 4, 6, 6 }, 4, { 3, 3 }, { .groups = 4 } },
			PLAIT_PRECISION_FP32);
	check_not_asked("a kernel of one pixel",
			&(struct shape){ 2, { 4, 6, 6 }, 8, { 1, 1 }, { .groups = 1 } },
			PLAIT_PRECISION_FP32);
}

#ifdef VIRTUAL
/* A cuDNN that refuses leaves the op's result to columns, the second time too. */
static void check_refusal(const char *how, const char *what)
{
	struct job job[DIRECTIONS];
	struct plait_graph *graph = build(&shapes[0], job);
	bool right = true;

	plait__conv_cudnn_close();
	setenv("VGPU_DNN", how, 1);
	for (int d = 0; d < DIRECTIONS; d++) {
		float *expected;

		fill(&job[d], some_number);
		expected = run(&job[d], PLAIT_PRECISION_FP32, 0, by_columns);
		right &= expected && same_bits(&job[d], expected, 0, job[d].node->op->cuda) &&
			 same_bits(&job[d], expected, 0, job[d].node->op->cuda);
		free(run(&job[d], PLAIT_PRECISION_FP32, 0, by_cudnn));
		right &= refusal > 0;
		free(expected);
	}
	destroy(graph, job);
	ok(right, "%s: columns are made", what);
	plait__conv_cudnn_close();
	setenv("VGPU_DNN", "1", 1);
}
#endif

/* -- figures ----------------------------------------------------------------------------------- */

#define TIMES 20

static int (*timed)(const struct plait_call *call);
static double microseconds; /* of a call, and all that it launches */

static double clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int many(const struct plait_call *call)
{
	int status = timed(call);
	double begin;

	if (status == 0)
		status = cudaStreamSynchronize((cudaStream_t)call->stream);
	begin = clock_now();
	for (int i = 0; i < TIMES && status == 0; i++)
		status = timed(call);
	if (status == 0)
		status = cudaStreamSynchronize((cudaStream_t)call->stream);
	microseconds = (clock_now() - begin) / TIMES;
	return status;
}

static void show_times(const struct job *job, enum plait_precision precision)
{
	double by[2];

	for (int i = 0; i < 2; i++) {
		timed = i == 0 ? by_columns : by_cudnn;
		refusal = 0;
		free(run(job, precision, 0, many));
		by[i] = microseconds;
	}
	printf("  %-12s %s %12.1f us by columns", job->node->op->name,
	       precision == PLAIT_PRECISION_TF32 ? "tf32" : "fp32", by[0]);
	if (refusal)
		printf(", cuDNN refuses with status %d\n", refusal);
	else
		printf(" %12.1f us by cuDNN\n", by[1]);
}

static int show_all_times(void)
{
	for (int i = 0; i < SHAPES; i++) {
		struct job job[DIRECTIONS];
		struct plait_graph *graph = build(&shapes[i], job);

		printf("%s\n", name_of(&shapes[i]));
		for (int d = 0; d < DIRECTIONS; d++) {
			fill(&job[d], some_number);
			show_times(&job[d], PLAIT_PRECISION_FP32);
			show_times(&job[d], PLAIT_PRECISION_TF32);
		}
		destroy(graph, job);
	}
	return 0;
}

/* Whether it is compiled in: then it may want memory. */
static bool has_cudnn(void)
{
	struct job job[DIRECTIONS];
	struct plait_graph *graph = build(&shapes[0], job);
	struct plait__convolution c = sizes_of(&job[0], shapes[0].rows);

	destroy(graph, job);
	return plait__conv_cudnn_scratch(&c, PLAIT__FORWARD) > 0;
}

int main(int argc, char **argv)
{
	const char *reason;

#ifdef VIRTUAL
	setenv("VGPU_DNN", "1", 1);
#endif
	reason = backend.start();
	if (reason)
		tap_skip_all("%s", reason);
	if (argc > 1 && strcmp(argv[1], "time") == 0)
		return show_all_times();
	if (!has_cudnn()) {
		ok(true, "built without cuDNN # SKIP");
		return tap_done();
	}
	for (int i = 0; i < SHAPES; i++)
		check_shape(&shapes[i]);
	printf("# cuDNN computed %d of %d\n", taken, taken + refused);
	ok(taken > 0, "cuDNN computes some of them");
	check_all_not_asked();
#ifdef VIRTUAL
	is_int(refused, 0, "and refuses none");
	check_refusal("0", "no algorithm");
	check_refusal("2", "none when it is called");
	check_refusal("3", "one that wants too much memory");
#endif
	plait__conv_cudnn_close();
	return tap_done();
}
