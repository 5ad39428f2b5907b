/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/checkpoint/saved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *plait__saved_loss(const struct plait_checkpoint *file)
{
	const char *known = plait_checkpoint_metadata(file, PLAIT__KEY_LOSS);

	if (!known && plait_checkpoint_metadata(file, PLAIT__KEY_CLASSES))
		return "cross-entropy";
	return known;
}

enum plait__outputs plait__saved_outputs(const char *loss)
{
	static const struct {
		const char *loss;
		enum plait__outputs outputs;
	} known[] = {
		{ "cross-entropy", PLAIT__OUTPUTS_SCORES }, { "nll", PLAIT__OUTPUTS_SCORES },
		{ "bce", PLAIT__OUTPUTS_LOGITS },           { "mse", PLAIT__OUTPUTS_NUMBERS },
		{ "l1", PLAIT__OUTPUTS_NUMBERS },           { "huber", PLAIT__OUTPUTS_NUMBERS }
	};

	for (size_t i = 0; loss && i < sizeof known / sizeof *known; i++)
		if (strcmp(loss, known[i].loss) == 0)
			return known[i].outputs;
	return PLAIT__OUTPUTS_UNKNOWN;
}

int plait__saved_input(const struct plait_checkpoint *file, int64_t dim[PLAIT_MAX_DIMS])
{
	const char *text = plait_checkpoint_metadata(file, PLAIT__KEY_INPUT);
	int ndim = 0;

	if (!text || *text != '[')
		return 0;
	do {
		char *end;

		errno = 0;
		if (ndim == PLAIT_MAX_DIMS || text[1] < '0' || text[1] > '9')
			return 0;
		dim[ndim++] = strtoll(text + 1, &end, 10);
		if (errno != 0)
			return 0;
		text = end;
	} while (*text == ',');
	return strcmp(text, "]") == 0 ? ndim : 0;
}
