/* SPDX-License-Identifier: MIT
 * What cuDNN's handles and descriptors hold. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_DNN_H
#define PLAIT_TESTS_VIRTUAL_GPU_DNN_H

#include <cudnn.h>
#include <stdint.h>

struct cudnnContext {
	int device;
	cudaStream_t stream;
};

/* [n,h,w,c], of which the last varies fastest; 0: not set. */
struct vgpu_images {
	int64_t n, c, h, w;

	size_t elements(void) const
	{
		return (size_t)(n * c * h * w);
	}
};

struct cudnnTensorStruct {
	struct vgpu_images s;
};

/* n: outputs, c: channels of a group. */
struct cudnnFilterStruct {
	struct vgpu_images s;
};

struct cudnnConvolutionStruct {
	int64_t padding[2], stride[2], dilation[2], groups;
	cudnnMathType_t math;
	bool set;
};

/* These die by what's name if there is no such thing. */
const struct cudnnContext *vgpu_dnn(cudnnHandle_t handle, const char *what);
void vgpu_dnn_exists(const void *descriptor, const char *what);

#endif
