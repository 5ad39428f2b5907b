/* SPDX-License-Identifier: MIT
 * Backend: the CPU kernels. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <stdlib.h>
#include <string.h>

static const char *start(void)
{
	return NULL;
}

static void *upload(const void *data, size_t bytes)
{
	void *memory = malloc(bytes);

	if (bytes > 0)
		memcpy(memory, data, bytes);
	return memory;
}

static void download(void *to, const void *from, size_t bytes)
{
	if (bytes > 0)
		memcpy(to, from, bytes);
}

static const char *run(struct plait_call *call)
{
	if (!call->node->op->cpu)
		return "there is no CPU kernel";
	call->node->op->cpu(call);
	return NULL;
}

const struct backend backend = { "cpu", start, upload, download, free, run, NULL };
