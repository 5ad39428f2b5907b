/* SPDX-License-Identifier: MIT
 * What a thread keeps until it ends: memory for the time of a kernel, and oneDNN's objects, so that
 * a call takes no lock and allocates nothing. */
#ifndef PLAIT__DNNL_THREAD_H
#define PLAIT__DNNL_THREAD_H

#include <dnnl.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the process where status is a failure: memory is out, or oneDNN does not know what is asked
 * of it, and a kernel cannot say so. */
void plait__dnnl_must(dnnl_status_t status, const char *what);

/* The calling thread's memory, of at least so many bytes, aligned to PLAIT__ALIGN; NULL: there is
 * none.  There is one: the next call may move it, and what is in it is lost then.  So a kernel
 * asks once for all that it needs, and calls no other that asks meanwhile. */
void *plait__thread_memory(size_t bytes);

/* The engine of this process, and the calling thread's stream. */
dnnl_engine_t plait__dnnl_engine(void);
dnnl_stream_t plait__dnnl_stream(void);

/* Things of a kind that a thread keeps by a key of so many int64_t. */
struct plait__dnnl_kind {
	int keys;
	void *(*create)(const int64_t *key); /* never NULL */
	void (*destroy)(void *thing);
};

/* The calling thread's thing of this key, made on first use. */
void *plait__dnnl_kept(const struct plait__dnnl_kind *kind, const int64_t *key);

#endif
