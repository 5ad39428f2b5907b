/* SPDX-License-Identifier: MIT
 * Descriptions of oneDNN's memory, which are pointers since its version 3, and memory of them. */
#ifndef PLAIT__DNNL_DESCRIPTION_H
#define PLAIT__DNNL_DESCRIPTION_H

#include "codelets/dnnl/thread.h"

/* owned: one that is made here, and forgotten by whoever made it; description: what oneDNN reads.
 */
typedef dnnl_memory_desc_t owned;
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t description;
static inline description of(const owned *d)
{
	return *d;
}
static inline void forget(owned *d)
{
	dnnl_memory_desc_destroy(*d);
}
#else
typedef const dnnl_memory_desc_t *description;
static inline description of(const owned *d)
{
	return d;
}
static inline void forget(owned *d)
{
	(void)d;
}
#endif

/* Where the memory of a call is. */
static inline void set(dnnl_memory_t memory, const void *to)
{
	plait__dnnl_must(dnnl_memory_set_data_handle(memory, (void *)(uintptr_t)to), "memory");
}

#endif
