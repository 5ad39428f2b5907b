/* SPDX-License-Identifier: MIT
 * cuDNN's convolutions: one algorithm in each direction, which wants a workspace and spoils it.
 * Unless VGPU_DNN asks for them there are none: Plait then does without, as on most machines. */
#include "tests/virtual_gpu/blas/product.h"
#include "tests/virtual_gpu/dnn/dnn.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <string.h>
#include <vector>

enum { NONE, PLAYED, REFUSED_WHEN_CALLED, LARGE }; /* VGPU_DNN */
enum { X, W, Y, TENSORS };

struct convolution {
	const char *what;
	int result;                    /* X, W or Y */
	struct vgpu_images s[TENSORS]; /* sizes */
	struct cudnnConvolutionStruct how;
	const float *at[TENSORS];
	char *workspace;
	size_t bytes; /* of it */
};

static cudnnStatus_t check(const struct convolution &c)
{
	const struct vgpu_images &x = c.s[X], &w = c.s[W], &y = c.s[Y];
	int64_t size[2] = { x.h, x.w }, kernel[2] = { w.h, w.w }, out[2] = { y.h, y.w };

	if (!c.how.set || x.n == 0 || w.n == 0 || y.n == 0)
		return CUDNN_STATUS_BAD_PARAM;
	for (int i = 0; i < 2; i++) {
		int64_t reach = c.how.dilation[i] * (kernel[i] - 1) + 1;

		if (out[i] != (size[i] + 2 * c.how.padding[i] - reach) / c.how.stride[i] + 1)
			return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
	}
	if (x.n != y.n || x.c != w.c * c.how.groups || y.c != w.n || w.n % c.how.groups != 0)
		return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
	return CUDNN_STATUS_SUCCESS;
}

static size_t workspace_of(const struct convolution &c)
{
	if (vgpu_option("VGPU_DNN", NONE) == LARGE)
		return (size_t)1 << 30;
	return c.result == W ? c.s[W].elements() * sizeof(float) : 1000;
}

/* -- what is computed -------------------------------------------------------------------------- */

/* Calls term(element of x, of w, of y) for each product. */
template <typename function>
static void visit(const struct convolution &c, function term)
{
	const struct vgpu_images &x = c.s[X], &w = c.s[W], &y = c.s[Y];
	int64_t each = w.n / c.how.groups; /* outputs of a group */

	for (int64_t i = 0; i < y.n * y.h * y.w; i++)
		for (int64_t tap = 0; tap < w.h * w.w; tap++) {
			int64_t h = i / y.w % y.h * c.how.stride[0] - c.how.padding[0] +
				    tap / w.w * c.how.dilation[0];
			int64_t v = i % y.w * c.how.stride[1] - c.how.padding[1] +
				    tap % w.w * c.how.dilation[1];
			int64_t pixel = (i / y.w / y.h * x.h + h) * x.w + v;

			if (h < 0 || h >= x.h || v < 0 || v >= x.w)
				continue;
			for (int64_t k = 0; k < w.n; k++)
				for (int64_t e = 0; e < w.c; e++)
					term(pixel * x.c + k / each * w.c + e,
					     (k * w.h * w.w + tap) * w.c + e, i * y.c + k);
		}
}

static std::vector<float> factor(const struct convolution &c, int tensor)
{
	size_t n = tensor == c.result ? 0 : c.s[tensor].elements();
	std::vector<float> f(c.at[tensor], c.at[tensor] + n);

	if (c.how.math == CUDNN_DEFAULT_MATH)
		for (float &v : f)
			v = vgpu_rounded(v, 13);
	return f;
}

static void run(const struct convolution &c)
{
	std::vector<float> x = factor(c, X), w = factor(c, W), y = factor(c, Y);
	std::vector<double> sum(c.s[c.result].elements(), 0);
	float *to = (float *)c.at[c.result];

	memset(c.workspace, 0xff, c.bytes);
	visit(c, [&](int64_t i, int64_t j, int64_t k) {
		if (c.result == Y)
			sum[(size_t)k] += (double)x[(size_t)i] * w[(size_t)j];
		else if (c.result == X)
			sum[(size_t)i] += (double)y[(size_t)k] * w[(size_t)j];
		else
			sum[(size_t)j] += (double)x[(size_t)i] * y[(size_t)k];
	});
	for (size_t i = 0; i < sum.size(); i++)
		to[i] = (float)sum[i];
}

/* -- calls ------------------------------------------------------------------------------------- */

static struct convolution described(const char *what, int result, cudnnTensorDescriptor_t x,
				    cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t how,
				    cudnnTensorDescriptor_t y)
{
	const void *const things[] = { x, w, how, y };

	for (const void *thing : things)
		vgpu_dnn_exists(thing, what);
	return { what, result, { x->s, w->s, y->s }, *how, {}, NULL, 0 };
}

static cudnnStatus_t ask(cudnnHandle_t handle, const struct convolution &c, size_t *bytes)
{
	cudnnStatus_t status = check(c);

	vgpu_dnn(handle, c.what);
	if (status == CUDNN_STATUS_SUCCESS)
		*bytes = workspace_of(c);
	return status == CUDNN_STATUS_SUCCESS && vgpu_option("VGPU_DNN", NONE) == NONE
		       ? CUDNN_STATUS_NOT_SUPPORTED
		       : status;
}

/* Addresses of the device become the host's. */
static void resolve(struct convolution *c, int device)
{
	for (int i = 0; i < TENSORS; i++) {
		size_t n = c->s[i].elements();
		uintptr_t from = (uintptr_t)c->at[i], result = (uintptr_t)c->at[c->result];

		if (from % 16 != 0)
			vgpu_die("%s: a tensor at %#lx, of which NVIDIA's kernels may not load "
				 "16 bytes at once",
				 c->what, (unsigned long)from);
		if (i != c->result && result < from + n * sizeof(float) &&
		    from < result + c->s[c->result].elements() * sizeof(float))
			vgpu_die("%s: the result overlaps what is read", c->what);
	}
	for (int i = 0; i < TENSORS; i++)
		c->at[i] = vgpu_operand(c->at[i], c->s[i].elements(), c->what, device);
	c->workspace = (char *)vgpu_operand((float *)c->workspace,
					    (c->bytes + sizeof(float) - 1) / sizeof(float), c->what,
					    device);
}

static cudnnStatus_t compute(cudnnHandle_t handle, struct convolution c, const void *alpha,
			     const void *beta, void *workspace, size_t bytes)
{
	const struct cudnnContext *h = vgpu_dnn(handle, c.what);
	cudnnStatus_t status = check(c);
	int device = vgpu_stream_device(h->stream);

	if (h->device != device || device != vgpu_current)
		vgpu_die("%s: handle of device %d, stream of device %d, current %d", c.what,
			 h->device, device, vgpu_current);
	if (*(const float *)alpha != 1 || *(const float *)beta != 0)
		vgpu_die("%s: factors of what is computed, and of what was there, are not played",
			 c.what);
	if (status == CUDNN_STATUS_SUCCESS && vgpu_option("VGPU_DNN", NONE) != PLAYED)
		status = CUDNN_STATUS_NOT_SUPPORTED;
	if (status == CUDNN_STATUS_SUCCESS && bytes < workspace_of(c))
		status = CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT;
	if (status != CUDNN_STATUS_SUCCESS)
		return status;
	c.workspace = (char *)workspace;
	c.bytes = workspace_of(c);
	return vgpu_put(h->stream, c.what, &vgpu_counts::gemms,
			[=] {
				struct convolution now = c;

				resolve(&now, device);
				return [=] { run(now); };
			})
		       ? CUDNN_STATUS_EXECUTION_FAILED
		       : CUDNN_STATUS_SUCCESS;
}

extern "C" cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
	cudnnHandle_t handle, const cudnnTensorDescriptor_t x, const cudnnFilterDescriptor_t w,
	const cudnnConvolutionDescriptor_t how, const cudnnTensorDescriptor_t y,
	cudnnConvolutionFwdAlgo_t, size_t *bytes)
{
	return ask(handle, described(__func__, Y, x, w, how, y), bytes);
}

extern "C" cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
	cudnnHandle_t handle, const cudnnFilterDescriptor_t w, const cudnnTensorDescriptor_t dy,
	const cudnnConvolutionDescriptor_t how, const cudnnTensorDescriptor_t dx,
	cudnnConvolutionBwdDataAlgo_t, size_t *bytes)
{
	return ask(handle, described(__func__, X, dx, w, how, dy), bytes);
}

extern "C" cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
	cudnnHandle_t handle, const cudnnTensorDescriptor_t x, const cudnnTensorDescriptor_t dy,
	const cudnnConvolutionDescriptor_t how, const cudnnFilterDescriptor_t dw,
	cudnnConvolutionBwdFilterAlgo_t, size_t *bytes)
{
	return ask(handle, described(__func__, W, x, dw, how, dy), bytes);
}

extern "C" cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void *alpha,
						 const cudnnTensorDescriptor_t xs, const void *x,
						 const cudnnFilterDescriptor_t ws, const void *w,
						 const cudnnConvolutionDescriptor_t how,
						 cudnnConvolutionFwdAlgo_t, void *workspace,
						 size_t bytes, const void *beta,
						 const cudnnTensorDescriptor_t ys, void *y)
{
	struct convolution c = described(__func__, Y, xs, ws, how, ys);

	c.at[X] = (const float *)x;
	c.at[W] = (const float *)w;
	c.at[Y] = (const float *)y;
	return compute(handle, c, alpha, beta, workspace, bytes);
}

extern "C" cudnnStatus_t cudnnConvolutionBackwardData(
	cudnnHandle_t handle, const void *alpha, const cudnnFilterDescriptor_t ws, const void *w,
	const cudnnTensorDescriptor_t dys, const void *dy, const cudnnConvolutionDescriptor_t how,
	cudnnConvolutionBwdDataAlgo_t, void *workspace, size_t bytes, const void *beta,
	const cudnnTensorDescriptor_t dxs, void *dx)
{
	struct convolution c = described(__func__, X, dxs, ws, how, dys);

	c.at[X] = (const float *)dx;
	c.at[W] = (const float *)w;
	c.at[Y] = (const float *)dy;
	return compute(handle, c, alpha, beta, workspace, bytes);
}

extern "C" cudnnStatus_t cudnnConvolutionBackwardFilter(
	cudnnHandle_t handle, const void *alpha, const cudnnTensorDescriptor_t xs, const void *x,
	const cudnnTensorDescriptor_t dys, const void *dy, const cudnnConvolutionDescriptor_t how,
	cudnnConvolutionBwdFilterAlgo_t, void *workspace, size_t bytes, const void *beta,
	const cudnnFilterDescriptor_t dws, void *dw)
{
	struct convolution c = described(__func__, W, xs, dws, how, dys);

	c.at[X] = (const float *)x;
	c.at[W] = (const float *)dw;
	c.at[Y] = (const float *)dy;
	return compute(handle, c, alpha, beta, workspace, bytes);
}
