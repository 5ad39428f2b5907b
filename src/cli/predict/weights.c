/* SPDX-License-Identifier: MIT
 * What a file of weights says of the network that they belong to. */
#include "config.h"
#include "src/cli/predict/predict.h"
#include "src/cli/complain.h"
#include "src/cli/job/open.h"
#include "src/cli/options/table.h"
#include "src/base/base.h"

#include <string.h>

/* The loss that the weights were trained with, or -1: the file does not say it. */
static int loss_of(const struct plait_checkpoint *file)
{
	const char *known = plait__saved_loss(file);

	for (int i = 0; known && cli_loss_names[i]; i++)
		if (strcmp(cli_loss_names[i], known) == 0)
			return i;
	return -1;
}

static int take_loss(struct cli_options *options, const struct plait_checkpoint *file)
{
	int known = loss_of(file);
	char text[CLI_DOUBT];

	if (known < 0 && !options->loss_given) {
		cli_complain("predict: %s does not say what its outputs are: take --loss "
			     "cross-entropy for scores of classes, --loss mse for numbers",
			     options->init);
		return CLI_USAGE;
	}
	if (!options->loss_given)
		options->loss = known;
	if (known < 0 || known == options->loss)
		return CLI_DONE;
	snprintf(text, sizeof text, "%s has weights of --loss %s, and --loss %s is asked for",
		 options->init, cli_loss_names[known], cli_loss_names[options->loss]);
	return cli_doubt(options->data, text, options);
}

static int take_model(struct cli_options *options, const struct plait_checkpoint *file,
		      char **model_p)
{
	const char *known = plait_checkpoint_metadata(file, PLAIT__KEY_MODEL);

	if (options->model)
		return CLI_DONE;
	/* An "@" would name a file, and is no word. */
	if (!known || *known == '@') {
		cli_complain("predict: needs --model WORDS, as %s does not say its layers",
			     options->init);
		return CLI_USAGE;
	}
	options->model = *model_p = plait__strdup(known);
	if (!*model_p)
		return cli_failed(PLAIT_ENOMEM);
	if (!options->quiet)
		cli_complain("--model \"%s\", as %s says", known, options->init);
	return CLI_DONE;
}

/* How many numbers a sample has. */
static void take_features(struct cli_options *options, const struct plait_checkpoint *file)
{
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim = plait__saved_input(file, dim);

	options->features = ndim > 0 ? plait_shape_elements(ndim, dim) : 0;
}

int cli_predict_weights(struct cli_options *options, char **model_p)
{
	struct plait_checkpoint *file;
	int status = plait_checkpoint_open(&file, options->init);

	*model_p = NULL;
	if (status < 0)
		return cli_failed(status);
	status = take_loss(options, file);
	if (status == CLI_DONE)
		status = take_model(options, file, model_p);
	take_features(options, file);
	plait_checkpoint_destroy(file);
	return status;
}
