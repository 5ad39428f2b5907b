/* SPDX-License-Identifier: MIT
 * Memory of devices is mapped twice: at the front, where its pointers point, nothing can be read or
 * written, so that host code which follows one crashes; at the back, where kernels and copies
 * work, is what it holds. No address is used again, a page that nobody can touch follows each
 * allocation, and fresh memory is all ones: NaN. */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <cuda_runtime_api.h>
#include <map>
#include <mutex>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t SPAN = (size_t)1 << 38, PAGE = 4096, ALIGN = 256;

struct block {
	size_t size, taken, pages; /* asked for, counted, mapped without the guard page */
	uintptr_t map;             /* front address of the first page */
	bool live;
};

struct device {
	char *front = NULL, *back = NULL;
	size_t next = 0, used = 0;
	std::map<uintptr_t, block> blocks; /* by device pointer */
};

static std::mutex lock;
static device *const devices = new device[VGPU_MOST_DEVICES]; /* outlives destructors */
static struct sigaction segv_before;

/* -- whose is an address ------------------------------------------------------------------- */

static bool inside(const void *p, const char *span)
{
	return span && (const char *)p >= span && (const char *)p < span + SPAN;
}

static device *owner(const void *p, int *index)
{
	for (int i = 0; i < vgpu_devices(); i++)
		if (inside(p, devices[i].front)) {
			*index = i;
			return &devices[i];
		}
	return NULL;
}

/* The allocation that begins at or before p, or NULL. */
static const block *find(device *d, const void *p, uintptr_t *begin)
{
	auto at = d->blocks.upper_bound((uintptr_t)p);

	if (at == d->blocks.begin())
		return NULL;
	--at;
	*begin = at->first;
	return &at->second;
}

char *vgpu_behind(const void *p, size_t n, const char *what, int *index)
{
	std::lock_guard<std::mutex> hold(lock);
	device *d = owner(p, index);
	uintptr_t begin = 0;
	const block *b;

	if (!d)
		return NULL;
	b = find(d, p, &begin);
	if (!b || !b->live || (uintptr_t)p + n > begin + b->size)
		vgpu_die("%s: %zu bytes at %p are not in a live allocation (%s: %zu bytes at %#lx)",
			 what, n, p,
			 !b        ? "none"
			 : b->live ? "overrun"
				   : "freed",
			 b ? b->size : 0, (unsigned long)begin);
	return d->back + ((const char *)p - d->front);
}

/* -- host code that touches it --------------------------------------------------------------- */

static void on_segv(int sig, siginfo_t *info, void *context)
{
	char text[160];
	int n = 0;

	for (int i = 0; i < vgpu_devices(); i++) {
		if (inside(info->si_addr, devices[i].front))
			n = snprintf(text, sizeof text,
				     "virtual GPU: host code touched memory of device %d: %p\n", i,
				     info->si_addr);
		if (inside(info->si_addr, devices[i].back))
			n = snprintf(text, sizeof text,
				     "virtual GPU: a kernel or a copy went beyond its memory\n");
	}
	if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
		n = 0;
	sigaction(sig, &segv_before, NULL);
	if (segv_before.sa_flags & SA_SIGINFO && segv_before.sa_sigaction)
		segv_before.sa_sigaction(sig, info, context);
}

static char *reserve(void)
{
	void *p = mmap(NULL, SPAN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		vgpu_die("no address space");
	return (char *)p;
}

static void prepare(device &d)
{
	static bool handles;

	if (d.front)
		return;
	d.front = reserve();
	d.back = reserve();
	if (!handles) {
		struct sigaction action = {};

		handles = true;
		action.sa_sigaction = on_segv;
		action.sa_flags = SA_SIGINFO;
		sigaction(SIGSEGV, &action, &segv_before);
	}
}

/* A write beyond the size that was asked for, and not as far as the guard page. */
static void check_tail(const device &d, uintptr_t begin, const block &b)
{
	const unsigned char *p = (const unsigned char *)d.back + (begin - (uintptr_t)d.front);

	for (size_t i = b.size; i < b.taken; i++)
		if (p[i] != 0xff)
			vgpu_die("byte %zu of an allocation of %zu at %#lx was written", i, b.size,
				 (unsigned long)begin);
}

__attribute__((destructor)) static void check_tails(void)
{
	for (int i = 0; i < vgpu_devices(); i++)
		for (const auto &entry : devices[i].blocks)
			if (entry.second.live)
				check_tail(devices[i], entry.first, entry.second);
}

/* -- allocation ----------------------------------------------------------------------------------
 */

static void count_bytes(int index)
{
	vgpu_counts[index].bytes = (long)devices[index].used;
	if (vgpu_counts[index].peak < vgpu_counts[index].bytes)
		vgpu_counts[index].peak = vgpu_counts[index].bytes;
}

extern "C" cudaError_t cudaMalloc(void **p, size_t size)
{
	static long calls, fails = vgpu_option("VGPU_FAIL", 0);
	int refused = vgpu_ask_unsafe("cudaMalloc");
	std::lock_guard<std::mutex> hold(lock);
	device &d = devices[vgpu_current];
	block b = { size, size ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN, 0, 0, true };

	prepare(d);
	*p = NULL;
	if (refused)
		return (cudaError_t)refused;
	if (++calls == fails || d.used + b.taken + vgpu_taken_bytes() > vgpu_memory_bytes()) {
		vgpu_fail(cudaErrorMemoryAllocation);
		return cudaErrorMemoryAllocation;
	}
	b.pages = (b.taken + PAGE - 1) / PAGE;
	b.map = (uintptr_t)d.front + d.next;
	if (d.next + (b.pages + 1) * PAGE > SPAN)
		vgpu_die("the address space of device %d is used up", vgpu_current);
	if (mprotect(d.back + d.next, b.pages * PAGE, PROT_READ | PROT_WRITE) != 0)
		vgpu_die("the host has no memory for %zu bytes", size);
	memset(d.back + d.next, 0xff, b.pages * PAGE);
	d.next += (b.pages + 1) * PAGE;
	d.used += b.taken;
	*p = (void *)(b.map + b.pages * PAGE - b.taken); /* near the guard page */
	d.blocks[(uintptr_t)*p] = b;
	VGPU_COUNT(vgpu_current, mallocs, 1);
	count_bytes(vgpu_current);
	return cudaSuccess;
}

/* Waits for all that the device does, as CUDA's does. */
extern "C" cudaError_t cudaFree(void *p)
{
	int index = 0, refused = vgpu_ask_unsafe("cudaFree");

	if (!p || refused)
		return (cudaError_t)refused;
	{
		std::lock_guard<std::mutex> hold(lock);

		if (!owner(p, &index))
			vgpu_die("cudaFree: %p is no device pointer", p);
	}
	vgpu_drain_device(index);
	std::lock_guard<std::mutex> hold(lock);
	device &d = devices[index];
	auto at = d.blocks.find((uintptr_t)p);

	if (at == d.blocks.end() || !at->second.live)
		vgpu_die("cudaFree: %p is not allocated, or was freed", p);
	check_tail(d, at->first, at->second);
	at->second.live = false;
	d.used -= at->second.taken;
	mmap(d.back + (at->second.map - (uintptr_t)d.front), at->second.pages * PAGE, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	VGPU_COUNT(index, frees, 1);
	count_bytes(index);
	return cudaSuccess;
}

extern "C" cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total)
{
	std::lock_guard<std::mutex> hold(lock);

	*total = vgpu_memory_bytes();
	*free_bytes = *total - devices[vgpu_current].used - vgpu_taken_bytes();
	return cudaSuccess;
}

extern "C" cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *a, const void *p)
{
	int index = 0;

	memset(a, 0, sizeof *a);
	a->type = vgpu_is_pinned(p, 1) ? cudaMemoryTypeHost : cudaMemoryTypeUnregistered;
	a->hostPointer = (void *)p;
	std::lock_guard<std::mutex> hold(lock);
	if (owner(p, &index)) {
		a->type = cudaMemoryTypeDevice;
		a->device = index;
		a->devicePointer = (void *)p;
		a->hostPointer = NULL;
	}
	return cudaSuccess;
}
