/* SPDX-License-Identifier: MIT
 * Validation mostly needs the steps of the training's transform that are not random. */
#include "config.h"
#include "src/cli/job/transforms.h"
#include "src/cli/complain.h"
#include "src/base/base.h"

#include <stdlib.h>
#include <string.h>

int cli_transform_parse(struct plait_transform **transform_p, const char *option, const char *words)
{
	int status = words ? plait_transform_parse(transform_p, words) : 0;

	if (status == 0)
		return CLI_DONE;
	cli_complain("%s \"%s\": %s", option, words, plait_error_message());
	return status == PLAIT_EINVAL ? CLI_USAGE : CLI_FAILED;
}

/* Appends to `fixed` each word that is not random; the words are known to be right. */
static int keep_fixed(char *words, char *fixed)
{
	char *rest = NULL;

	for (char *word = strtok_r(words, " \t\r\n", &rest); word;
	     word = strtok_r(NULL, " \t\r\n", &rest)) {
		struct plait_transform *one;
		int status = plait_transform_parse(&one, word);

		if (status < 0)
			return status;
		if (!plait_transform_is_random(one))
			strcat(strcat(fixed, *fixed ? " " : ""), word);
		PLAIT__ASSERT(strlen(fixed) <= (size_t)(word - words) + strlen(word),
			      "words that are kept take no more room than before");
		plait_transform_destroy(one);
	}
	return 0;
}

/* Validation samples must have the shape of training samples, which the network expects. */
static int check_shape(const struct plait_transform *fixed, const char *words,
		       const struct plait_transform *training, const struct plait_dataset *data,
		       const struct plait_dataset *val)
{
	int64_t dim[PLAIT_MAX_DIMS], val_dim[PLAIT_MAX_DIMS];
	char text[128], val_text[128];
	int ndim, val_ndim;
	int status = plait_sample_shape(data, training, &ndim, dim);

	if (status < 0)
		return cli_failed(status);
	status = plait_sample_shape(val, fixed, &val_ndim, val_dim);
	if (status < 0) {
		cli_complain("--val-transform is needed: \"%s\", what is not random of "
			     "--transform, is not enough: %s",
			     words, plait_error_message());
		return CLI_FAILED;
	}
	if (ndim == val_ndim && memcmp(dim, val_dim, (size_t)ndim * sizeof *dim) == 0)
		return CLI_DONE;
	cli_complain("--val-transform is needed: samples are %s after --transform, and %s after "
		     "\"%s\", what is not random of it",
		     plait_shape_text(ndim, dim, text, sizeof text),
		     plait_shape_text(val_ndim, val_dim, val_text, sizeof val_text), words);
	return CLI_FAILED;
}

int cli_transform_fixed(struct plait_transform **transform_p, const struct cli_options *options,
			const struct plait_transform *training, const struct plait_dataset *data,
			const struct plait_dataset *val)
{
	char *words, *fixed;
	int status;

	if (options->val_transform || !options->transform)
		return cli_transform_parse(transform_p, "--val-transform", options->val_transform);
	words = plait__strdup(options->transform);
	fixed = plait__calloc(strlen(options->transform) + 1, 1, "a transform");
	status = words && fixed ? keep_fixed(words, fixed) : PLAIT_ENOMEM;
	/* A transform without words is needed too: it makes [1,H,W] of [H,W], as in training. */
	if (status == 0)
		status = plait_transform_parse(transform_p, fixed);
	status = status < 0 ? cli_failed(status)
			    : check_shape(*transform_p, fixed, training, data, val);
	free(words);
	free(fixed);
	return status;
}
