/* SPDX-License-Identifier: MIT
 * CUDA for the host's compilers: what the kernels of codelets/ use of it, and, where there is
 * no CUDA toolkit, what tests/virtual_gpu plays. A launch goes to a stream of the virtual GPU. */
#ifndef PLAIT_TESTS_CUDA_RUNTIME_H
#define PLAIT_TESTS_CUDA_RUNTIME_H

#include "cuda_runtime_api.h"

#ifdef __cplusplus
#include <functional>
#include <math.h>
#include <tuple>

struct dim3 {
	unsigned x, y, z;
	dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z)
	{
	}
};
extern dim3 gridDim, blockDim, blockIdx, threadIdx;

#define __global__
#define __launch_bounds__(threads)
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static /* one block at a time has it */

/* -- launches -------------------------------------------------------------------------------- */

/* Where a kernel's pointer leads; dies if it is none of the device. */
void *vgpu_kernel_pointer(const char *kernel, const void *pointer, int device);
int vgpu_stream_device(void *stream);

/* make() checks pointers and gives what is called once for each thread of each block, when the
 * stream comes to it. */
void vgpu_submit(const char *kernel, dim3 grid, dim3 block, void *stream,
		 std::function<std::function<void()>()> make);

template <typename type>
struct vgpu_argument {
	static type of(const char *, type value, int)
	{
		return value;
	}
};

template <typename type>
struct vgpu_argument<type *> {
	static type *of(const char *kernel, type *value, int device)
	{
		return (type *)vgpu_kernel_pointer(kernel, (const void *)value, device);
	}
};

/* Arguments are taken now, as CUDA does. */
template <typename... type, typename... given>
void vgpu_launch(const char *name, dim3 grid, dim3 block, void *stream, void (*kernel)(type...),
		 given... value)
{
	std::tuple<type...> arguments((type)value...);
	int device = vgpu_stream_device(stream);

	vgpu_submit(name, grid, block, stream, [=]() -> std::function<void()> {
		auto led = std::apply(
			[=](type... a) {
				return std::tuple<type...>(
					vgpu_argument<type>::of(name, a, device)...);
			},
			arguments);

		return [=] { std::apply(kernel, led); };
	});
}

/* -- what the threads of a block say to each other ----------------------------------------------
 */

void vgpu_barrier(const char *file, int line);
unsigned vgpu_lane(void);
/* Gives value to the lanes of mask and gets that of lane source. */
uint64_t vgpu_shuffle(unsigned mask, uint64_t value, unsigned source, const char *file, int line);

template <typename type>
type vgpu_shuffle_as(unsigned mask, type value, unsigned source, const char *file, int line)
{
	static_assert(sizeof(type) == 4 || sizeof(type) == 8, "CUDA shuffles 4 or 8 bytes");
	uint64_t bits = 0;

	__builtin_memcpy(&bits, &value, sizeof value);
	bits = vgpu_shuffle(mask, bits, source, file, line);
	__builtin_memcpy(&value, &bits, sizeof value);
	return value;
}

#define __syncthreads() vgpu_barrier(__FILE__, __LINE__)
#define __shfl_sync(mask, value, lane) \
	vgpu_shuffle_as(mask, value, (unsigned)(lane), __FILE__, __LINE__)
#define __shfl_xor_sync(mask, value, lanes) \
	vgpu_shuffle_as(mask, value, vgpu_lane() ^ (unsigned)(lanes), __FILE__, __LINE__)

/* -- what blocks say to each other: one thread of a device runs at a time -------------------------
 */

static inline void __threadfence(void)
{
}

static inline unsigned atomicInc(unsigned *at, unsigned most)
{
	unsigned before = *at;

	*at = before >= most ? 0 : before + 1;
	return before;
}

#endif
#endif
