/* SPDX-License-Identifier: MIT
 * A primitive of oneDNN belongs to sizes. Each thread keeps those that it has used, with the memory
 * objects that they take, so a call only sets pointers: no lock and no allocation. The code that
 * oneDNN generates is shared by all threads.
 *
 * Images are channels_last throughout. Beside the blocked formats that oneDNN 2.6 would choose, on
 * an EPYC with AVX2 and one thread: within a tenth for most of 18 layers of small networks, up to
 * half faster for 1 and 3 channels, odd numbers of them and depthwise, and a quarter slower for 64
 * channels of 32x32 pixels. Plain nchw takes two to four times as long.
 *
 * Weights have a blocked format in each of the three directions, and are reordered within the call.
 * That is 0.3 % of it at most for up to 64 channels and batches of 64, 3 % for 512 channels of 4x4
 * pixels in a batch of 32, and an eighth for one sample. */
#include "config.h"
#include "codelets/dnnl/description.h"
#include "codelets/dnnl/kernel.h"
#include "codelets/dnnl/normalization.h"
#include "codelets/shared/bf16.h"
#include "src/base/base.h"

#include <string.h>

struct key {
	struct plait__convolution sizes;
	int64_t direction, bias;
};

static void *create(const int64_t *words)
{
	const struct key *key = (const struct key *)words;

	return plait__kernel_create(&key->sizes, (enum plait__direction)key->direction, key->bias);
}

static void destroy(void *kernel)
{
	plait__kernel_destroy(kernel);
}

static const struct plait__dnnl_kind kind = { sizeof(struct key) / sizeof(int64_t), create,
					      destroy };

static struct plait__kernel *find_kernel(const struct plait__convolution *c,
					 enum plait__direction direction, bool bias)
{
	struct key key = { *c, direction, bias };

	return plait__dnnl_kept(&kind, (const int64_t *)&key);
}

/* Elements of x, of the weights or their gradient, and of y. */
enum { X, W, Y, TENSORS };
static size_t elements(const struct plait__convolution *c, int tensor)
{
	int64_t n = tensor == W
			    ? c->outputs * (c->channels / c->groups) * c->kernel[0] * c->kernel[1]
		    : tensor == X ? c->rows * c->channels * c->height * c->width
				  : c->rows * c->outputs * plait__convolution_size(c, 0) *
					    plait__convolution_size(c, 1);

	return (size_t)n;
}

/* What a call computes.  Of its tensors one is the result, which `direction` says. */
struct work {
	const struct plait__convolution *c;
	enum plait__direction direction;
	enum plait_precision precision;
	bool adds; /* to a gradient by weights */
	const float *tensor[TENSORS], *b;
	const struct plait__normalization *normalization; /* of y; NULL: none */
};

static const int result_of[] = {
	[PLAIT__FORWARD] = Y, [PLAIT__BY_DATA] = X, [PLAIT__BY_WEIGHTS] = W
};

static bool is_rounded(const struct work *w, int tensor)
{
	return w->precision == PLAIT_PRECISION_BF16 && tensor != result_of[w->direction];
}

static bool scales_weights(const struct work *w)
{
	return w->normalization && plait__normalization_scales_weights(w->c);
}

static bool is_copied(const struct work *w, int tensor)
{
	return is_rounded(w, tensor) || (tensor == W && scales_weights(w));
}

/* The thread's memory for a call: weights in another format, what the primitive needs besides, a
 * gradient that is to be added to another, a bias or scales of its own, and tensors that are
 * rounded or scaled, one behind the other. */
struct memory {
	char *weights, *scratch;
	float *part, *outputs, *copy[TENSORS]; /* copy NULL: it is read where it is */
};

static struct memory memory_for(const struct plait__kernel *k, const struct work *w)
{
	size_t bytes = k->w_bytes + plait__align(k->scratch_bytes), part = bytes, own, at[TENSORS];
	struct memory memory = { 0 };

	if (w->adds)
		bytes += plait__align(elements(w->c, W) * sizeof(float));
	own = bytes;
	if (w->normalization)
		bytes += plait__align((size_t)w->c->outputs * sizeof(float));
	for (int i = 0; i < TENSORS; i++) {
		at[i] = bytes;
		if (is_copied(w, i))
			bytes += plait__align(elements(w->c, i) * sizeof(float));
	}
	if (bytes == 0)
		return memory;
	memory.weights = plait__thread_memory(bytes);
	plait__dnnl_must(memory.weights ? dnnl_success : dnnl_out_of_memory, "a thread's memory");
	memory.scratch = memory.weights + k->w_bytes;
	memory.part = (float *)(void *)(memory.weights + part);
	memory.outputs = (float *)(void *)(memory.weights + own);
	for (int i = 0; i < TENSORS; i++)
		if (is_copied(w, i))
			memory.copy[i] = (float *)(void *)(memory.weights + at[i]);
	return memory;
}

static void reorder(const struct plait__kernel *k)
{
	bool from = k->direction == PLAIT__BY_WEIGHTS;
	dnnl_exec_arg_t arg[] = { { DNNL_ARG_FROM, from ? k->w : k->plain_w },
				  { DNNL_ARG_TO, from ? k->plain_w : k->w } };

	plait__dnnl_must(dnnl_primitive_execute(k->reorder, plait__dnnl_stream(), 2, arg),
			 "a reorder");
}

PLAIT__CLONES static void add(size_t n, const float *restrict x, float *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] += x[i];
}

/* Rounds and scales what is read, and leaves in tensor where all of it is. */
static void copy_tensors(const struct work *w, const struct memory *memory,
			 const float *tensor[TENSORS])
{
	for (int i = 0; i < TENSORS; i++) {
		tensor[i] = memory->copy[i] ? memory->copy[i] : w->tensor[i];
		if (i == W && scales_weights(w))
			plait__normalization_scale(w->normalization, w->c, is_rounded(w, W),
						   w->tensor[W], w->b, memory->copy[W],
						   memory->outputs);
		else if (memory->copy[i])
			plait__bf16_round((int64_t)elements(w->c, i), w->tensor[i],
					  memory->copy[i]);
	}
	if (w->adds)
		tensor[W] = memory->part;
}

static void execute(const struct work *w)
{
	static const int name[][3] = {
		[PLAIT__FORWARD] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
		[PLAIT__BY_DATA] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
		[PLAIT__BY_WEIGHTS] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
	};
	bool scales = scales_weights(w);
	struct plait__kernel *k = find_kernel(w->c, w->direction, w->b != NULL || scales);
	struct memory memory = memory_for(k, w);
	dnnl_exec_arg_t arg[5] = { { name[w->direction][0], k->x },
				   { name[w->direction][1], k->w },
				   { name[w->direction][2], k->y } };
	const float *tensor[TENSORS];
	int args = 3;

	copy_tensors(w, &memory, tensor);
	set(k->x, tensor[X]);
	set(k->y, tensor[Y]);
	set(k->plain_w, tensor[W]);
	set(k->w, k->reorder ? (const void *)memory.weights : tensor[W]);
	if (k->b) {
		set(k->b, scales ? memory.outputs : w->b);
		arg[args++] = (dnnl_exec_arg_t){ DNNL_ARG_BIAS, k->b };
	}
	if (k->scratch) {
		set(k->scratch, memory.scratch);
		arg[args++] = (dnnl_exec_arg_t){ DNNL_ARG_SCRATCHPAD, k->scratch };
	}
	if (k->reorder && w->direction != PLAIT__BY_WEIGHTS)
		reorder(k);
	plait__dnnl_must(dnnl_primitive_execute(k->primitive, plait__dnnl_stream(), args, arg),
			 "a convolution");
	if (k->reorder && w->direction == PLAIT__BY_WEIGHTS)
		reorder(k);
	if (w->adds)
		add(elements(w->c, W), memory.part, (float *)(uintptr_t)w->tensor[W]);
	if (w->normalization && !scales)
		plait__normalization_apply(w->normalization, w->c, memory.outputs,
					   (float *)(uintptr_t)w->tensor[Y]);
}

int64_t plait__convolution_size(const struct plait__convolution *c, int axis)
{
	int64_t size = axis == 0 ? c->height : c->width;
	int64_t reach = c->dilation[axis] * (c->kernel[axis] - 1) + 1;

	return size + 2 * c->padding[axis] < reach
		       ? 0
		       : (size + 2 * c->padding[axis] - reach) / c->stride[axis] + 1;
}

void plait__convolution_warm_up(const struct plait__convolution *c, enum plait__direction direction,
				bool bias)
{
	if (c->rows > 0)
		find_kernel(c, direction, bias);
}

void plait__convolution_forward(enum plait_precision precision, const struct plait__convolution *c,
				const float *x, const float *w, const float *b, float *y)
{
	if (c->rows > 0)
		execute(&(struct work){
			c, PLAIT__FORWARD, precision, false, { x, w, y }, b, NULL });
}

void plait__convolution_normalized(enum plait_precision precision,
				   const struct plait__convolution *c, const float *x,
				   const float *w, const float *b,
				   const struct plait__normalization *n, float *y)
{
	if (c->rows > 0)
		execute(&(struct work){ c, PLAIT__FORWARD, precision, false, { x, w, y }, b, n });
}

void plait__convolution_by_data(enum plait_precision precision, const struct plait__convolution *c,
				const float *dy, const float *w, float *dx)
{
	if (c->rows > 0)
		execute(&(struct work){
			c, PLAIT__BY_DATA, precision, false, { dx, w, dy }, NULL, NULL });
}

void plait__convolution_by_weights(enum plait_precision precision,
				   const struct plait__convolution *c, const float *x,
				   const float *dy, bool adds, float *dw)
{
	if (c->rows > 0)
		execute(&(struct work){
			c, PLAIT__BY_WEIGHTS, precision, adds, { x, dw, dy }, NULL, NULL });
	else if (!adds)
		memset(dw, 0, elements(c, W) * sizeof *dw);
}
