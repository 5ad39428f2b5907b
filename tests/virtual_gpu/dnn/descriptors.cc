/* SPDX-License-Identifier: MIT
 * cuDNN's handles and descriptors. What is destroyed, or was never made, is told. */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/dnn/dnn.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <limits.h>
#include <mutex>
#include <set>

static std::mutex lock;
/* Outlives destructors. */
static std::set<const void *> *const things = new std::set<const void *>;

template <typename thing>
static cudnnStatus_t create(thing **to)
{
	std::lock_guard<std::mutex> hold(lock);

	*to = new thing();
	things->insert(*to);
	return CUDNN_STATUS_SUCCESS;
}

template <typename thing>
static cudnnStatus_t destroy(thing *one, const char *what)
{
	vgpu_dnn_exists(one, what);
	std::lock_guard<std::mutex> hold(lock);

	things->erase(one);
	delete one;
	return CUDNN_STATUS_SUCCESS;
}

void vgpu_dnn_exists(const void *descriptor, const char *what)
{
	std::lock_guard<std::mutex> hold(lock);

	if (!things->count(descriptor))
		vgpu_die("%s: %p does not exist, or not any more", what, descriptor);
}

const struct cudnnContext *vgpu_dnn(cudnnHandle_t handle, const char *what)
{
	vgpu_dnn_exists(handle, what);
	return handle;
}

/* -- handles --------------------------------------------------------------------------------- */

extern "C" size_t cudnnGetVersion(void)
{
	return 90000;
}

/* NVIDIA's takes memory of the device, which no capture allows. */
extern "C" cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
	if (vgpu_ask_unsafe("cudnnCreate"))
		return CUDNN_STATUS_EXECUTION_FAILED;
	create(handle);
	(*handle)->device = vgpu_current;
	return CUDNN_STATUS_SUCCESS;
}

extern "C" cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
	if (vgpu_dnn(handle, "cudnnDestroy")->device != vgpu_current)
		vgpu_die("cudnnDestroy: handle of device %d, current %d", handle->device,
			 vgpu_current);
	return destroy(handle, "cudnnDestroy");
}

extern "C" cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)
{
	vgpu_dnn_exists(handle, "cudnnSetStream");
	if (vgpu_stream_device(stream) != handle->device)
		return CUDNN_STATUS_BAD_PARAM;
	handle->stream = stream;
	return CUDNN_STATUS_SUCCESS;
}

/* -- descriptors ----------------------------------------------------------------------------- */

static cudnnStatus_t set(struct vgpu_images *to, cudnnTensorFormat_t format, cudnnDataType_t type,
			 int n, int c, int h, int w)
{
	if (format != CUDNN_TENSOR_NHWC || type != CUDNN_DATA_FLOAT)
		vgpu_die("cuDNN: formats but NHWC and types but float are not played");
	if (n < 1 || c < 1 || h < 1 || w < 1)
		return CUDNN_STATUS_BAD_PARAM;
	*to = { n, c, h, w };
	return (double)n * c * h * w > INT_MAX ? CUDNN_STATUS_NOT_SUPPORTED : CUDNN_STATUS_SUCCESS;
}

extern "C" cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t *tensor)
{
	return create(tensor);
}

extern "C" cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t tensor,
						    cudnnTensorFormat_t format,
						    cudnnDataType_t type, int n, int c, int h,
						    int w)
{
	vgpu_dnn_exists(tensor, "cudnnSetTensor4dDescriptor");
	return set(&tensor->s, format, type, n, c, h, w);
}

extern "C" cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t tensor)
{
	return destroy(tensor, "cudnnDestroyTensorDescriptor");
}

extern "C" cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t *filter)
{
	return create(filter);
}

extern "C" cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t filter,
						    cudnnDataType_t type,
						    cudnnTensorFormat_t format, int k, int c, int h,
						    int w)
{
	vgpu_dnn_exists(filter, "cudnnSetFilter4dDescriptor");
	return set(&filter->s, format, type, k, c, h, w);
}

extern "C" cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t filter)
{
	return destroy(filter, "cudnnDestroyFilterDescriptor");
}

extern "C" cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t *convolution)
{
	create(convolution);
	(*convolution)->groups = 1;
	return CUDNN_STATUS_SUCCESS;
}

extern "C" cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t convolution,
							 int pad_h, int pad_w, int u, int v,
							 int dilation_h, int dilation_w,
							 cudnnConvolutionMode_t mode,
							 cudnnDataType_t compute)
{
	struct cudnnConvolutionStruct *c = convolution;

	vgpu_dnn_exists(c, "cudnnSetConvolution2dDescriptor");
	if (mode != CUDNN_CROSS_CORRELATION || compute != CUDNN_DATA_FLOAT)
		vgpu_die("cuDNN: modes but cross-correlation in float are not played");
	if (pad_h < 0 || pad_w < 0 || u < 1 || v < 1 || dilation_h < 1 || dilation_w < 1)
		return CUDNN_STATUS_BAD_PARAM;
	*c = { { pad_h, pad_w }, { u, v }, { dilation_h, dilation_w }, c->groups, c->math, true };
	return CUDNN_STATUS_SUCCESS;
}

extern "C" cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t convolution,
						       int groups)
{
	vgpu_dnn_exists(convolution, "cudnnSetConvolutionGroupCount");
	convolution->groups = groups;
	return groups < 1 ? CUDNN_STATUS_BAD_PARAM : CUDNN_STATUS_SUCCESS;
}

extern "C" cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t convolution,
						     cudnnMathType_t math)
{
	vgpu_dnn_exists(convolution, "cudnnSetConvolutionMathType");
	if (math != CUDNN_DEFAULT_MATH && math != CUDNN_FMA_MATH)
		vgpu_die("cuDNN: math type %d is not played", (int)math);
	convolution->math = math;
	return CUDNN_STATUS_SUCCESS;
}

extern "C" cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t convolution)
{
	return destroy(convolution, "cudnnDestroyConvolutionDescriptor");
}
