/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/job/loss.h"
#include "src/cli/complain.h"
#include "src/cli/options/table.h"

#include <inttypes.h>
#include <stdlib.h>

bool cli_loss_has_labels(const struct cli_options *options)
{
	return options->loss == CLI_CROSS_ENTROPY || options->loss == CLI_NLL;
}

int cli_loss_check_data(const struct plait_dataset_info *info, const struct cli_options *options)
{
	const char *loss = cli_loss_names[options->loss];

	if (cli_loss_has_labels(options) && info->classes == 0) {
		cli_complain("--loss %s needs class labels; %s has %s", loss, info->spec,
			     info->targets > 0
				     ? "targets, not all whole numbers from 0 to 2147483646 "
				       "(larger ones are too large for labels): take --loss mse"
				     : "none");
		return CLI_FAILED;
	}
	if (!cli_loss_has_labels(options) && info->targets == 0) {
		cli_complain("--loss %s needs targets (floating-point numbers); %s has %s", loss,
			     info->spec,
			     info->classes > 0 ? "class labels: take --loss cross-entropy"
					       : "none");
		return CLI_FAILED;
	}
	return CLI_DONE;
}

/* Of labels that are not ignored the library knows more. */
static bool lacks_outputs(const struct plait_dataset_info *info, const struct cli_options *options,
			  int64_t outputs)
{
	bool ignores_last =
		options->ignore_label_given && options->ignore_label == info->classes - 1;

	return outputs < info->classes && !ignores_last;
}

int cli_loss_check_outputs(const struct plait_dataset_info *info, const struct cli_options *options,
			   const struct plait_node *output)
{
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim = plait_node_shape(output, dim);
	int64_t outputs = plait_shape_elements(ndim, dim);

	if (cli_loss_has_labels(options) && lacks_outputs(info, options, outputs)) {
		cli_complain("--model: the network has %" PRId64 " output%s, %s has %" PRId64
			     " classes (the largest label is %" PRId64
			     "): end it with linear:%" PRId64,
			     outputs, outputs == 1 ? "" : "s", info->spec, info->classes,
			     info->classes - 1, info->classes);
		return CLI_FAILED;
	}
	if (!cli_loss_has_labels(options) && outputs != info->targets) {
		cli_complain("--model: the network has %" PRId64 " output%s, %s has %" PRId64
			     " target%s a sample: end it with linear:%" PRId64,
			     outputs, outputs == 1 ? "" : "s", info->spec, info->targets,
			     info->targets == 1 ? "" : "s", info->targets);
		return CLI_FAILED;
	}
	return CLI_DONE;
}

/* The weights of so many classes that the command line lists; NULL, having said so, if they are not
 * as many. */
static float *read_class_weights(const char *list, int64_t classes)
{
	float *weights = calloc((size_t)classes, sizeof *weights);
	const char *text = list;
	int64_t count = cli_read_reals(&text, INT32_MAX, NULL);

	if (!weights) {
		cli_failed(PLAIT_ENOMEM);
		return NULL;
	}
	if (count == classes) {
		cli_read_reals(&list, classes, weights);
		return weights;
	}
	cli_complain("--class-weights has %" PRId64 " number%s, and the network %" PRId64
		     " output%s: each is to have one",
		     count, count == 1 ? "" : "s", classes, classes == 1 ? "" : "s");
	free(weights);
	return NULL;
}

static int add_cross_entropy(struct plait_node *x, struct plait_node *weights,
			     const struct cli_options *options)
{
	struct plait_cross_entropy_options loss = {
		.label_smoothing = (float)options->label_smoothing,
		.focal_gamma = (float)options->focal_gamma,
		.classes = plait_node_elements(x),
		.ignores = options->ignore_label_given,
		.ignore_index = (int32_t)options->ignore_label,
		.weights = weights,
	};
	float *class_weights = NULL;

	if (options->class_weights) {
		class_weights = read_class_weights(options->class_weights, loss.classes);
		if (!class_weights)
			return CLI_FAILED;
	}
	loss.class_weights = class_weights;
	plait_cross_entropy_with(x, plait_labels(plait_node_graph(x)), &loss);
	free(class_weights);
	return CLI_DONE;
}

int cli_loss_add(struct plait_node *x, const struct plait_dataset_info *info,
		 struct plait_node *weights, const struct cli_options *options)
{
	struct plait_node *t = NULL;
	float delta = (float)options->huber_delta;

	if (options->loss == CLI_CROSS_ENTROPY)
		return add_cross_entropy(x, weights, options);
	t = cli_loss_has_labels(options) ? plait_labels(plait_node_graph(x))
					 : plait_targets(plait_node_graph(x), info->targets);
	switch ((enum cli_loss)options->loss) {
	case CLI_NLL:
		weights ? plait_nll_weighted(x, t, weights) : plait_nll(x, t);
		break;
	case CLI_L1:
		weights ? plait_l1_weighted(x, t, weights) : plait_l1(x, t);
		break;
	case CLI_HUBER:
		weights ? plait_huber_weighted(x, t, weights, delta) : plait_huber(x, t, delta);
		break;
	case CLI_BCE:
		weights ? plait_bce_with_logits_weighted(x, t, weights)
			: plait_bce_with_logits(x, t);
		break;
	default:
		weights ? plait_mse_weighted(x, t, weights) : plait_mse(x, t);
	}
	return CLI_DONE;
}
