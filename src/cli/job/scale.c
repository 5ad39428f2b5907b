/* SPDX-License-Identifier: MIT
 * Bytes are divided by 255 and floats are taken as they are.  So the same pixels, saved in one file
 * as bytes and in the other as int64 or float32, are two inputs of a network: 0 to 1, 0 to 255. */
#include "config.h"
#include "src/cli/job/scale.h"
#include "src/cli/complain.h"
#include "src/cli/job/open.h"
#include "src/base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SCALE "plait.scale"

/* Samples that are looked at, evenly spread. */
#define LOOKS 64

enum scale {
	UNKNOWN,
	BYTES,
	UNIT,   /* floats from 0 to 1, as bytes become */
	BEYOND, /* floats, some of them less than 0 or more than 1 */
};

/* As the metadata of weights has it. */
static const char *const word[] = { "", "uint8", "float32 from 0 to 1", "float32" };

struct range {
	enum scale scale;
	float least, greatest;
};

static void widen(struct range *range, const float *x, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		range->least = x[i] < range->least ? x[i] : range->least;
		range->greatest = x[i] > range->greatest ? x[i] : range->greatest;
	}
	if (range->least < 0 || range->greatest > 1)
		range->scale = BEYOND;
}

/* A sample that cannot be read is left to the loader. */
static int look(const struct plait_dataset *dataset, struct range *range)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	int64_t count = plait_shape_elements(info->ndim, info->dim);
	int64_t looks = info->samples < LOOKS ? info->samples : LOOKS;
	float *x;

	*range = (struct range){ .scale = info->dtype == PLAIT_U8 ? BYTES : UNIT };
	if (range->scale == BYTES)
		return CLI_DONE;
	x = plait__data_allocate(NULL, count, sizeof *x, info->spec);
	if (!x)
		return cli_failed(PLAIT_ENOMEM);
	for (int64_t i = 0; i < looks; i++)
		if (plait_dataset_read(dataset, info->samples / looks * i, 0, x, NULL, NULL) == 0)
			widen(range, x, count);
	free(x);
	return CLI_DONE;
}

static bool differ(enum scale a, enum scale b)
{
	return (a == BYTES && b == BEYOND) || (a == BEYOND && b == BYTES);
}

/* whose: who has samples of the other scale.  text: for the log. */
static int doubt(const char *spec, const struct range *range, const char *whose,
		 const struct cli_options *options, char text[CLI_DOUBT])
{
	if (range->scale == BYTES)
		snprintf(
			text, CLI_DOUBT,
			"samples are uint8, divided by 255, and those of %s are taken as they are, "
			"beyond 0 to 1: both must have one scale",
			whose);
	else
		snprintf(text, CLI_DOUBT,
			 "samples are taken as they are, from %g to %g, and those of %s are uint8, "
			 "divided by 255: both must have one scale",
			 (double)range->least, (double)range->greatest, whose);
	return cli_doubt(spec, text, options);
}

static enum scale scale_of_weights(const struct cli_job *job)
{
	const char *known = plait_trainer_metadata(job->trainer, SCALE);
	size_t i = sizeof word / sizeof *word;

	while (known && --i > 0 && strcmp(word[i], known) != 0)
		;
	return known ? (enum scale)i : UNKNOWN;
}

int cli_scale_settle(struct cli_job *job, const struct cli_options *options)
{
	struct range data, val;
	int status = look(job->data, &data);

	if (status == CLI_DONE && job->val)
		status = look(job->val, &val);
	if (status == CLI_DONE && options->init && differ(data.scale, scale_of_weights(job)))
		status = doubt(options->data, &data, options->init, options, job->doubt_scale);
	if (status == CLI_DONE && job->val && differ(data.scale, val.scale))
		status = doubt(options->val, &val, options->data, options, job->doubt_val);
	if (status != CLI_DONE)
		return status;
	status = plait_trainer_set_metadata(job->trainer, SCALE, word[data.scale]);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}
