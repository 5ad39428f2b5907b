/* SPDX-License-Identifier: MIT
 * What a record of an op must have, and what an op from outside sees of calls. */
#include "config.h"
#include "src/graph/op.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_NAME 32

/* It is part of names of tasks and layers, of performance models, and may be a word of a model. */
static bool is_name(const char *name)
{
	size_t length = 0;

	if (!name || !isalpha((unsigned char)*name))
		return false;
	while (isalnum((unsigned char)name[length]) || name[length] == '_')
		length++;
	return name[length] == '\0' && length <= LONGEST_NAME;
}

bool plait__op_valid(const struct plait_op *op, bool builds, char text[PLAIT__OP_FAULT_SIZE])
{
	const char *name = op->name ? op->name : "";
	int length = 0;

	if (op->abi != PLAIT_OP_ABI)
		length = snprintf(
			text, PLAIT__OP_FAULT_SIZE,
			"op \"%.32s\": its abi is %u, and PLAIT_OP_ABI is %d here: compile "
			"it with the headers of this version",
			name, op->abi, PLAIT_OP_ABI);
	else if (!is_name(op->name))
		length =
			snprintf(text, PLAIT__OP_FAULT_SIZE,
				 "op \"%.32s\": its name must be a letter and then letters, digits "
				 "and _, %d at most",
				 name, LONGEST_NAME);
	else if (!op->cpu && !op->view && op != &plait__op_source && !builds)
		length = snprintf(text, PLAIT__OP_FAULT_SIZE,
				  "op \"%.32s\": it has no kernel for CPUs (cpu is NULL)", name);
	PLAIT__ASSERT(length < PLAIT__OP_FAULT_SIZE, "a fault of an op fits in its text");
	return length == 0;
}

int64_t plait_call_elements(const struct plait_call *call, const struct plait_node *node)
{
	return call && node ? plait__call_elements(call, node) : 0;
}

int64_t plait_call_rows(const struct plait_call *call, const struct plait_node *node)
{
	return call && node ? plait__call_elements(call, node) / plait_node_columns(node) : 0;
}

const float *plait_call_floats(const struct plait_call *call, int i)
{
	return call && plait_node_input(call->node, i) ? plait__call_floats(call, i) : NULL;
}

const int32_t *plait_call_labels(const struct plait_call *call, int i)
{
	return call && plait_node_input(call->node, i) ? plait__call_labels(call, i) : NULL;
}

float *plait_call_out(const struct plait_call *call)
{
	return call && call->node ? plait__call_out(call) : NULL;
}
