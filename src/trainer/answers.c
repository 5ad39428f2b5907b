/* SPDX-License-Identifier: MIT
 * Whether a network's losses and metrics find in the batches what they compare with. */
#include "config.h"
#include "codelets/ops.h"
#include "src/trainer/trainer.h"

#include <inttypes.h>

/* What reads the class labels, of a loss or a metric; NULL: nothing does. */
static const struct plait_node *reader_of_labels(const struct plait_graph *net)
{
	for (int i = 0; i < net->nodes; i++)
		for (int j = 0; j < net->node[i]->ninputs; j++)
			if (net->node[i]->input[j]->source == PLAIT__SOURCE_LABELS)
				return net->node[i];
	return NULL;
}

/* The number of classes, up to the largest label that the loss does not ignore. */
static int64_t counted_classes(const struct plait_graph *net, const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	const int32_t *labels = plait_dataset_labels(dataset);
	int64_t classes = 0;
	int32_t ignored;

	if (!plait__ignores(net->class_loss, &ignored) || ignored != info->classes - 1)
		return info->classes;
	if (!labels)
		return info->classes - 1;
	for (int64_t i = 0; i < info->samples; i++)
		if (labels[i] != ignored && labels[i] >= classes)
			classes = (int64_t)labels[i] + 1;
	return classes;
}

int plait__trainer_check_answers(const struct plait_graph *net, const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	const struct plait_node *reader = info->classes == 0 ? reader_of_labels(net) : NULL;
	int64_t classes = counted_classes(net, dataset);

	if (reader)
		return plait__error(PLAIT_EINVAL, "%s: no class labels, and %s needs them",
				    info->spec, net->accuracy ? "the loss" : reader->op->name);
	if (net->accuracy && classes > plait_node_elements(net->accuracy->input[0]))
		return plait__error(PLAIT_ELABEL,
				    "%s: labels are 0 to %" PRId64 ", the network has %" PRId64
				    " outputs: it needs at least %" PRId64,
				    info->spec, classes - 1,
				    plait_node_elements(net->accuracy->input[0]), classes);
	if (net->targets && info->targets == 0)
		return plait__error(PLAIT_EINVAL, "%s: no target vectors, and the loss needs them",
				    info->spec);
	if (net->targets && info->targets != plait_node_elements(net->targets))
		return plait__error(PLAIT_ESHAPE,
				    "%s: targets have %" PRId64 " values, the graph wants %" PRId64,
				    info->spec, info->targets, plait_node_elements(net->targets));
	return 0;
}

int plait__trainer_check_weights(const struct plait_graph *net,
				 const struct plait_loader_options *loader, bool training)
{
	bool masks = loader->bad.policy == PLAIT_BAD_MASK;
	const struct plait_node *term = plait__graph_unweighted(net, training);
	const char *why = masks ? "PLAIT_BAD_MASK turns bad samples into"
				: "pad_last fills up the last batch with";

	if ((!loader->pad_last && !masks) || !term)
		return 0;
	if (term->phase == PLAIT_FORWARD)
		return plait__error(
			PLAIT_EINVAL,
			"%s samples that do not count, and %s counts all: they would be "
			"in what the layer learns of a batch",
			why, term->op->name);
	if (term->op->loss)
		return plait__error(PLAIT_EINVAL,
				    "%s samples that do not count, and %s counts all: build it by "
				    "plait_%s_weighted with plait_weights()",
				    why, term->op->name, term->op->name);
	return plait__error(PLAIT_EINVAL,
			    "%s samples that do not count, and %s counts all: a loss or metric "
			    "needs an op with plait_weights() there",
			    why, term->op->name);
}
