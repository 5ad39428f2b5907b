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
	const struct plait_op *op = call->node->op;
	size_t bytes = op->cpu_scratch ? op->cpu_scratch(call->node, call->rows) : 0;

	if (!op->cpu)
		return "there is no CPU kernel";
	/* Memory for the call alone, all NaN, of which no byte too many is there. */
	if (bytes > 0)
		call->scratch = memset(malloc(bytes), 0xff, bytes);
	op->cpu(call);
	free(call->scratch);
	return NULL;
}

const struct backend backend = { "cpu", start, upload, download, free, run, NULL };
