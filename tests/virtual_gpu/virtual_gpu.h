/* SPDX-License-Identifier: MIT
 * A CUDA device that the host plays, for tests on machines without a GPU.  A program that links
 * these files and the kernels of codelets/, compiled by g++, takes their cuda*, cublas* and cudnn*
 * functions instead of those of NVIDIA's libraries; so does the StarPU in it, unmodified.
 *
 * What it proves: that each access is to memory of the right device (host code that touches device
 * memory crashes, a kernel or a copy that leaves its allocation ends the program with a message, at
 * the latest when that is freed; a run of Plait's is one allocation, so that this tells of kernels
 * in the table of ops),
 * that nothing is used before its stream has made it or after it was freed (streams are threads,
 * fresh memory is NaN, no address is used twice), that transfers, events and launches are legal,
 * how many there are, and what kernels compute.
 *
 * cuBLASLt is played as far as blas/lt_descriptors.cc has it: products of float in columns, with a
 * bias, relu or the bias's gradient. It is strict: an algorithm is good for the product and the
 * alignments that it was found for, D is apart from what is read, and no dimension is 0.
 *
 * cuDNN is played as far as include/cudnn.h has it: convolutions of float, images and weights NHWC.
 * It wants all tensors aligned to 16 bytes.
 *
 * Captures take down one stream: work of it, not run, whose pointers are checked again at each
 * launch of the graph.  What CUDA forbids meanwhile fails as there and makes the capture invalid
 * (VGPU_TRACE tells what did). What is legal and not played ends the program: a second stream in a
 * capture, a graph in a graph, a copy of pageable memory. Launches of a graph come one after
 * another, each as one piece of work of its stream; a graph can be destroyed while it runs.
 *
 * What it does not prove: time; races between the blocks of a kernel or within a warp (the kernels
 * of all devices run one at a time, threads take turns); missing fences; what nvcc makes of a
 * kernel; the order of the sums of cuBLAS and cuDNN (here they are sums of doubles), which
 * algorithms they have and for what, whether they round to TF32 and bfloat16 at all, and to the
 * nearest as here (tensor cores may cut off); lazy loading, ECC errors, nvidia-smi.
 *
 * Environment: VGPU_DEVICES=N      how many devices (1)
 *                                  CUDA_VISIBLE_DEVICES may hide some
 *              VGPU_MEMORY=MB      memory of each (1024)
 *              VGPU_TAKEN=MB       what another process has of it (0)
 *              VGPU_PEERS=0        devices cannot copy to each other
 *              VGPU_FAIL=N         the Nth cudaMalloc fails, as in fragmented memory
 *              VGPU_LT=0           cuBLASLt finds no algorithm, so that what replaces it is tried
 *              VGPU_DNN=1          cuDNN has convolutions; 2: it refuses them when they are called;
 *                                  3: they want a workspace of 1 GiB (0: it has none)
 *              VGPU_CAPTURE=N      captures break at their Nth piece of work; 0: none begins
 *              VGPU_LAG=US         each piece of work starts up to so many microseconds late (0)
 *              VGPU_ORDER=WORD     how the blocks of a kernel follow each other: reverse, from the
 *                                  last to the first; shuffle, in an order of each launch's own. It
 *                                  is looked up at each launch
 *              VGPU_POLL=US        what asking for an event that has not come takes (20)
 *              VGPU_PAGEABLE=1     an asynchronous copy of pageable memory ends the program
 *              VGPU_STATS=FILE     counts are appended to FILE at the end; - is stderr
 *              VGPU_TRACE=1        each piece of work is told on stderr
 *              VGPU_SHORT=1        asks tests to do less of what takes minutes here; `run` sets it
 *
 * This header needs none of CUDA's: some files see NVIDIA's headers (where there are any), others
 * those of include/. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_H
#define PLAIT_TESTS_VIRTUAL_GPU_H

#include <functional>
#include <stddef.h>
#include <stdint.h>

#define VGPU_MOST_DEVICES 16

/* -- options.cc ------------------------------------------------------------------------------- */

long vgpu_option(const char *name, long otherwise);
int vgpu_devices(void);
size_t vgpu_memory_bytes(void);
size_t vgpu_taken_bytes(void);

/* Says what is wrong and aborts: for what would be undefined on a GPU. */
[[noreturn]] void vgpu_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What the thread's next cudaGetLastError says, by CUDA's numbers. */
void vgpu_fail(int error);

/* -- memory.cc: addresses that only devices can use ------------------------------------------- */

/* The host's address of n bytes at a device pointer, or NULL if it is no device's; *device is
 * whose it is. Outside a live allocation: dies, naming what. */
char *vgpu_behind(const void *pointer, size_t n, const char *what, int *device);
bool vgpu_is_pinned(const void *pointer, size_t n);

/* -- stream.cc: a stream is a cudaStream_t
 * --------------------------------------------------------- */

extern thread_local int vgpu_current; /* device */

/* Runs work in the order of the stream. what must live for ever. */
void vgpu_enqueue(void *stream, const char *what, std::function<void()> work);
int vgpu_stream_device(void *stream);
bool vgpu_stream_blocks(void *stream); /* stream 0 waits for it */
void vgpu_drain(void *stream);
void vgpu_drain_device(int device);

/* -- counts.cc
 * ---------------------------------------------------------------------------------------- */

struct vgpu_counts {
	long kernels, gemms, memsets; /* launches, but for those in graphs */
	long captures, graphs;        /* captures that ended well, launches of graphs */
	long in_graphs;               /* pieces of work that these had */
	long in_default;              /* kernels in stream 0, where all others wait for them */
	long h2d, d2h, d2d, pageable; /* copies, and how many of them are of pageable memory */
	long h2d_bytes, d2h_bytes, d2d_bytes;
	long beside; /* copies to the device, asked for while kernels were under way elsewhere */
	long among;  /* copies in a stream of kernels: they wait for each other */
	long events, queries, syncs, mallocs, frees;
	long bytes, peak; /* allocated: now, and at most */
};
extern struct vgpu_counts vgpu_counts[VGPU_MOST_DEVICES];
#define VGPU_COUNT(device, field, n) \
	__atomic_fetch_add(&vgpu_counts[device].field, (n), __ATOMIC_RELAXED)

/* -- work on memory -------------------------------------------------------------------------------
 */

typedef std::function<void()> vgpu_job;

/* Does work with pointers in the order of the stream: make() dies if they are wrong and gives what
 * runs.  It is called now; and where the stream is captured, again at each launch of the graph. If
 * it is not captured the work counts as counted, unless that is NULL. Returns 0 or CUDA's error. */
int vgpu_put(void *stream, const char *what, long vgpu_counts::*counted,
	     std::function<vgpu_job()> make);

/* vgpu_enqueue for what computes.  had_kernels: whether there was such work in the stream;
 * computes: whether some of the device's has not ended. */
void vgpu_compute(void *stream, const char *what, vgpu_job job);
bool vgpu_had_kernels(void *stream);
bool vgpu_computes(int device);

#endif
