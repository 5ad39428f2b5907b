/* SPDX-License-Identifier: MIT
 * What the calls of CUDA ask before they do what a capture forbids.  Each returns 0 or CUDA's
 * error, which is also the thread's last one; then captures that are in the way are invalid. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_CAPTURE_H
#define PLAIT_TESTS_VIRTUAL_GPU_CAPTURE_H

#include "tests/virtual_gpu/virtual_gpu.h"

#include <vector>

struct vgpu_piece {
	const char *what;
	std::function<vgpu_job()> make;
};

/* Which capture of the stream is in progress, from 1, or 0. */
long vgpu_capture_of(void *stream);
bool vgpu_is_capture(long capture);
/* If the stream is captured: takes the piece, and *error is what came of that. */
bool vgpu_record(void *stream, const struct vgpu_piece &piece, int *error);

/* What CUDA calls potentially unsafe: calls that may wait for, or change, the whole device. */
int vgpu_ask_unsafe(const char *what);
/* Waiting for a stream or looking at it; for all of a device; what uses stream 0. */
int vgpu_ask_stream(void *stream, const char *what);
int vgpu_ask_device(int device, const char *what);
int vgpu_ask_legacy(int device, const char *what);
/* Waiting for an event of that capture, and a stream's wait for one of outside it. */
int vgpu_ask_event(long capture, const char *what);
int vgpu_ask_isolation(void *stream, const char *what);

#endif
