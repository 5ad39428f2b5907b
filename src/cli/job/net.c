/* SPDX-License-Identifier: MIT
 * From the words of --model to a graph that fits the data and the command. */
#include "config.h"
#include "src/cli/job/net.h"
#include "src/cli/complain.h"
#include "src/cli/job/advice.h"
#include "src/cli/job/loss.h"
#include "src/cli/job/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The graph's weights where some samples may not count, else NULL. */
static struct plait_node *weights_of(struct plait_graph *net, const struct cli_options *options)
{
	bool weighted = options->pad_last || options->bad_samples == PLAIT_BAD_MASK;

	return weighted ? plait_weights(net) : NULL;
}

/* What is wrong with a word stays in the graph. */
static int add_metrics(struct plait_graph *net, struct plait_node *x, int64_t targets,
		       const struct cli_options *options)
{
	struct plait_node *answers, *weights;
	struct cli_score_list list;
	int status = cli_score_list_read(&list, options);
	char *rest = list.of_graph, *word;

	answers = cli_loss_has_labels(options) ? plait_labels(net) : plait_targets(net, targets);
	weights = weights_of(net, options);
	while (status == CLI_DONE && (word = strsep(&rest, ","))) {
		if (cli_metric_is_known(word))
			plait_metric_word(x, answers, weights, word);
		else
			status = CLI_USAGE;
	}
	cli_score_list_free(&list);
	return status;
}

/* The input of the first layer: floats as they are loaded, or floats that the network makes of
 * bytes. */
static int make_input(struct plait_graph *net, const struct cli_options *options,
		      const struct plait_transform *transform, int ndim, const int64_t *dim,
		      struct plait_node **x)
{
	enum plait_dtype dtype = (enum plait_dtype)(options->slots + 1);
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
	int channels;

	*x = plait_input(net, dtype, ndim, dim);
	if (dtype != PLAIT_U8)
		return CLI_DONE;
	channels = plait_transform_affine(transform, &options->normalize, scale, shift);
	if (channels < 0)
		return cli_failed(channels);
	*x = plait_normalize(*x, channels, scale, shift);
	return CLI_DONE;
}

/* What is predicted: the network's output, or probabilities made of it. A softmax makes those of
 * classes from log-probabilities, too. */
static int add_prediction(struct cli_job *job, struct plait_node *x,
			  const struct cli_options *options)
{
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim = plait_node_shape(x, dim);
	char shape[128];

	if (cli_loss_has_labels(options) && ndim != 1) {
		cli_complain("--model: the network's output is %s, must be [C], a score for each "
			     "class: end it with linear:C, or take --loss mse for plain outputs",
			     plait_shape_text(ndim, dim, shape, sizeof shape));
		return CLI_FAILED;
	}
	if (cli_loss_has_labels(options) && !cli_words_end_in(x, "softmax"))
		x = plait_softmax(x);
	if (options->loss == CLI_BCE && !cli_words_end_in(x, "sigmoid"))
		x = plait_sigmoid(x);
	job->output = plait_output(x);
	return CLI_DONE;
}

static int add_training(struct cli_job *job, struct plait_node *x,
			const struct cli_options *options)
{
	const struct plait_dataset_info *info = plait_dataset_info(job->data);
	int status = cli_loss_check_outputs(info, options, x);

	if (status != CLI_DONE)
		return status;
	cli_advise(options, info, x);
	status = cli_loss_add(x, info, weights_of(job->net, options), options);
	if (status != CLI_DONE)
		return status;
	job->output = x;
	return add_metrics(job->net, x, info->targets, options);
}

/* How many outputs the data want; 0: they do not say it. */
static int64_t outputs_of(const struct cli_job *job, const struct cli_options *options)
{
	const struct plait_dataset_info *info = plait_dataset_info(job->data);

	return cli_loss_has_labels(options) ? info->classes : info->targets;
}

int cli_net_build(struct cli_job *job, const struct plait_transform *transform,
		  const struct cli_options *options)
{
	bool predicts = job->command == CLI_PREDICT;
	struct plait_node *x;
	int status = CLI_DONE, shape;

	if (!predicts)
		status = cli_loss_check_data(plait_dataset_info(job->data), options);
	if (status != CLI_DONE)
		return status;
	shape = plait_sample_shape(job->data, transform, &job->ndim, job->dim);
	if (shape < 0)
		return cli_failed(shape);
	job->net = plait_graph_create();
	if (!job->net)
		return cli_failed(PLAIT_ENOMEM);
	status = make_input(job->net, options, transform, job->ndim, job->dim, &x);
	if (status != CLI_DONE)
		return status;
	status = cli_words_build(&x, options->model, outputs_of(job, options), &job->words);
	if (status == CLI_DONE)
		status = predicts ? add_prediction(job, x, options) : add_training(job, x, options);
	if (status != CLI_DONE)
		return status;
	status = options->place ? plait_place_words(job->net, options->place)
				: plait_graph_status(job->net);
	if (status < 0)
		return cli_failed(status);
	return cli_scores_make(&job->scores, job->command, options,
			       plait_dataset_info(job->data)->classes);
}
