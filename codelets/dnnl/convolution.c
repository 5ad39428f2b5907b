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
	int64_t direction, bias, bf16;
};

/* Whether tensors of bfloat16 are worth packing.  With AMX, oneDNN 2.6 takes a third to a fifth of
 * the time of floats for most convolutions, and half for their weights' gradients; but for these
 * gradients of kernels of one pixel and of few channels, and wherever there are groups, it takes up
 * to twice that time.
 *
 * It also has errors where a stride is above 1: in gradients of weights for images of one or two
 * columns, and in results for kernels of 1x5, 1x3 and 2x2 in some padding (of 30,000 random
 * convolutions about 200 were wrong; of their gradients by x, and with stride 1, none). */
static bool gains_by_bf16(const struct plait__convolution *c, enum plait__direction direction)
{
	bool strides = c->stride[0] > 1 || c->stride[1] > 1;

	if (c->groups > 1 || direction == PLAIT__BY_DATA)
		return c->groups == 1;
	return !strides && (direction == PLAIT__FORWARD ||
			    (c->kernel[0] * c->kernel[1] > 1 && c->channels >= 16));
}

static void *create(const int64_t *words)
{
	const struct key *key = (const struct key *)words;

	enum plait__direction direction = (enum plait__direction)key->direction;
	struct plait__kernel *k = NULL;

	if (key->bf16 && gains_by_bf16(&key->sizes, direction))
		k = plait__kernel_create(&key->sizes, direction, key->bias, true);
	return k ? k : plait__kernel_create(&key->sizes, direction, key->bias, false);
}

static void destroy(void *kernel)
{
	plait__kernel_destroy(kernel);
}

static const struct plait__dnnl_kind kind = { sizeof(struct key) / sizeof(int64_t), create,
					      destroy };

/* Of floats where the CPU, or oneDNN for these sizes, cannot multiply what is rounded as it is. */
static struct plait__kernel *find_kernel(const struct plait__convolution *c,
					 enum plait__direction direction, bool bias,
					 enum plait_precision precision)
{
	struct key key = { *c, direction, bias,
			   precision == PLAIT_PRECISION_BF16 && plait_cpu_has_bf16() };

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

/* The thread's memory for a call: weights in another format, what the primitive needs besides, a
 * gradient that is to be added to another or scaled weights, a bias or scales of a normalization,
 * and rounded tensors, one behind the other. */
struct memory {
	char *weights, *scratch;
	float *own_w, *own_b;
	void *rounded[TENSORS]; /* NULL: it is not rounded */
};

/* oneDNN 2.6 writes beyond its scratch where a kernel of one pixel has a stride and channels are no
 * multiple of 16: pixels that the stride takes are copied there, in a row each, whose last vector
 * is written whole.  So many bytes more are its own. */
static size_t beyond_scratch(const struct plait__convolution *c)
{
	bool pixel = c->kernel[0] == 1 && c->kernel[1] == 1;
	bool strides = c->stride[0] > 1 || c->stride[1] > 1;
	size_t pixels = (size_t)(plait__convolution_size(c, 0) * plait__convolution_size(c, 1));

	return pixel && strides ? pixels * 16 * sizeof(float) : 0;
}

static struct memory memory_for(const struct plait__kernel *k, const struct work *w)
{
	size_t scratch = k->scratch_bytes ? k->scratch_bytes + beyond_scratch(w->c) : 0;
	size_t bytes = k->w_bytes + plait__align(scratch), own_w = bytes, own_b, at[TENSORS];
	size_t rounded = k->bf16 ? sizeof(uint16_t) : sizeof(float);
	struct memory memory = { 0 };

	if (w->adds || scales_weights(w))
		bytes += plait__align(elements(w->c, W) * sizeof(float));
	own_b = bytes;
	if (w->normalization)
		bytes += plait__align((size_t)w->c->outputs * sizeof(float));
	for (int i = 0; i < TENSORS; i++) {
		at[i] = bytes;
		if (is_rounded(w, i))
			bytes += plait__align(elements(w->c, i) * rounded);
	}
	if (bytes == 0)
		return memory;
	memory.weights = plait__thread_memory(bytes);
	plait__dnnl_must(memory.weights ? dnnl_success : dnnl_out_of_memory, "a thread's memory");
	memory.scratch = memory.weights + k->w_bytes;
	memory.own_w = (float *)(void *)(memory.weights + own_w);
	memory.own_b = (float *)(void *)(memory.weights + own_b);
	for (int i = 0; i < TENSORS; i++)
		if (is_rounded(w, i))
			memory.rounded[i] = memory.weights + at[i];
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

/* Scales and rounds what is read, and leaves in tensor where all of it is. */
static void prepare(const struct plait__kernel *k, const struct work *w,
		    const struct memory *memory, const void *tensor[TENSORS])
{
	const float *from[TENSORS] = { w->tensor[X], w->tensor[W], w->tensor[Y] };

	if (scales_weights(w)) {
		plait__normalization_scale(w->normalization, w->c, w->tensor[W], w->b,
					   memory->own_w, memory->own_b);
		from[W] = memory->own_w;
	}
	for (int i = 0; i < TENSORS; i++) {
		int64_t n = (int64_t)elements(w->c, i);

		tensor[i] = memory->rounded[i] ? memory->rounded[i] : from[i];
		if (memory->rounded[i] && k->bf16)
			plait__bf16_pack(n, from[i], memory->rounded[i]);
		else if (memory->rounded[i])
			plait__bf16_round(n, from[i], memory->rounded[i]);
	}
	if (w->adds)
		tensor[W] = memory->own_w;
}

static void execute(const struct work *w)
{
	static const int name[][3] = {
		[PLAIT__FORWARD] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
		[PLAIT__BY_DATA] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
		[PLAIT__BY_WEIGHTS] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
	};
	bool scales = scales_weights(w);
	struct plait__kernel *k =
		find_kernel(w->c, w->direction, w->b != NULL || scales, w->precision);
	struct memory memory = memory_for(k, w);
	dnnl_exec_arg_t arg[5] = { { name[w->direction][0], k->x },
				   { name[w->direction][1], k->w },
				   { name[w->direction][2], k->y } };
	const void *tensor[TENSORS];
	int args = 3;

	prepare(k, w, &memory, tensor);
	set(k->x, tensor[X]);
	set(k->y, tensor[Y]);
	set(k->plain_w, tensor[W]);
	set(k->w, k->reorder ? memory.weights : tensor[W]);
	if (k->b) {
		set(k->b, scales ? memory.own_b : w->b);
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
		add(elements(w->c, W), memory.own_w, (float *)(uintptr_t)w->tensor[W]);
	if (w->normalization && !scales)
		plait__normalization_apply(w->normalization, w->c, memory.own_b,
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

void plait__convolution_warm_up(enum plait_precision precision, const struct plait__convolution *c,
				enum plait__direction direction, bool bias)
{
	if (c->rows > 0)
		find_kernel(c, direction, bias, precision);
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
