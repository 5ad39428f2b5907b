/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/job/names.h"
#include "src/cli/complain.h"
#include "src/cli/job/loss.h"
#include "src/cli/job/open.h"
#include "src/cli/job/words.h"
#include "src/cli/options/table.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The data get the numbers of the weights for their classes; their features must be the same. */
static int match_weights(struct plait_dataset *data, const char *key, const char *known,
			 const struct cli_options *options)
{
	struct plait__names names;
	int status = plait__names_read(&names, known);

	if (status == 0 && strcmp(key, PLAIT__KEY_CLASSES) == 0)
		status = plait_dataset_match_classes(data, names.count, names.name, options->init);
	else if (status == 0)
		status = plait_dataset_match_features(data, names.count, names.name, options->init);
	plait__names_free(&names);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

/* Says a doubt and keeps it for the log, after those that are there. */
static int doubt(struct cli_job *job, const struct cli_options *options, const char *format,
		 const char *name)
{
	size_t used = strlen(job->doubt);
	char *text = job->doubt + used;

	if (used > 0)
		text += snprintf(text, sizeof job->doubt - used, "; ");
	if (text >= job->doubt + sizeof job->doubt)
		text = job->doubt + sizeof job->doubt - 1;
	snprintf(text, (size_t)(job->doubt + sizeof job->doubt - text), format, options->init,
		 name);
	return cli_doubt(options->data, text, options);
}

/* Weights fit other layers too where these have none, as tanh in the place of relu. */
static int settle_model(struct cli_job *job, const struct cli_options *options)
{
	const char *known = plait_trainer_metadata(job->trainer, PLAIT__KEY_MODEL);

	if (!options->init || !known || cli_words_same(known, job->words))
		return CLI_DONE;
	return doubt(job, options,
		     "%s has weights of --model \"%.200s\", and other layers are asked for", known);
}

/* The data have names of classes and the weights have none.  Of weights from elsewhere it is not
 * known what they were trained on. */
static int doubt_numbers(struct cli_job *job, const struct cli_options *options)
{
	if (!plait_trainer_metadata(job->trainer, PLAIT__KEY_MODEL))
		return CLI_DONE;
	return doubt(job, options,
		     "%s was trained on numbers as labels, and classes have names here: the first, "
		     "%s, is taken for label 0",
		     plait_dataset_info(job->data)->class_names[0]);
}

static int settle_weights(struct cli_job *job, const struct cli_options *options)
{
	const struct plait_dataset_info *info = plait_dataset_info(job->data);
	const char *known = plait_trainer_metadata(job->trainer, PLAIT__KEY_CLASSES);
	char first[64];

	if (!options->init || info->classes == 0)
		return CLI_DONE;
	if (known && info->class_names)
		return match_weights(job->data, PLAIT__KEY_CLASSES, known, options);
	if (known) {
		snprintf(first, sizeof first, "%.*s", (int)strcspn(known, "\n"), known);
		return doubt(
			job, options,
			"labels are numbers, and %s has names of classes, the first %s: label 0 "
			"is taken for the first",
			first);
	}
	return info->class_names ? doubt_numbers(job, options) : CLI_DONE;
}

static int settle_val(struct cli_job *job)
{
	const struct plait_dataset_info *data = plait_dataset_info(job->data);
	const struct plait_dataset_info *val = plait_dataset_info(job->val);
	int status;

	if (!val || data->classes == 0 || val->classes == 0)
		return CLI_DONE;
	if (!data->class_names != !val->class_names) {
		const struct plait_dataset_info *named = data->class_names ? data : val;

		cli_complain("--val %s: labels are %s, those of %s are %s (the first name is %s): "
			     "both must have the same names of classes",
			     val->spec, named == val ? "names" : "numbers", data->spec,
			     named == data ? "names" : "numbers", named->class_names[0]);
		return CLI_FAILED;
	}
	if (!data->class_names)
		return CLI_DONE;
	status =
		plait_dataset_match_classes(job->val, data->classes, data->class_names, data->spec);
	if (status < 0)
		cli_complain("--val %s", plait_error_message());
	return status < 0 ? CLI_FAILED : CLI_DONE;
}

/* Data whose features have no names are not compared. */
static int settle_features(struct cli_job *job, const struct cli_options *options)
{
	const struct plait_dataset_info *data = plait_dataset_info(job->data);
	const char *known = plait_trainer_metadata(job->trainer, PLAIT__KEY_FEATURES);
	int status = CLI_DONE;

	if (options->init && known && data->feature_names)
		status = match_weights(job->data, PLAIT__KEY_FEATURES, known, options);
	if (status != CLI_DONE || !job->val || !data->feature_names)
		return status;
	if (plait_dataset_match_features(job->val, data->dim[0], data->feature_names, data->spec) ==
	    0)
		return CLI_DONE;
	cli_complain("--val %s", plait_error_message());
	return CLI_FAILED;
}

/* Writes names into the metadata; those of none leave what is there. */
static int describe_names(struct cli_job *job, const char *key, int64_t count,
			  const char *const *names)
{
	char *text = names ? plait__names_write(count, names) : NULL;
	int status = PLAIT_ENOMEM;

	if (!names)
		return CLI_DONE;
	if (text)
		status = plait_trainer_set_metadata(job->trainer, key, text);
	free(text);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

static int describe(struct cli_job *job, const struct cli_options *options, int ndim,
		    const int64_t *dim)
{
	const struct plait_dataset_info *info = plait_dataset_info(job->data);
	bool named = info->class_names && cli_loss_has_labels(options);
	/* No output stands for the last class where its label is ignored. */
	int64_t outputs = plait_node_elements(job->output);
	int64_t classes = info->classes < outputs ? info->classes : outputs;
	char shape[128];
	int status = plait_trainer_set_metadata(job->trainer, PLAIT__KEY_MODEL, job->words);

	if (status == 0)
		status = plait_trainer_set_metadata(
			job->trainer, PLAIT__KEY_INPUT,
			plait_shape_text(ndim, dim, shape, sizeof shape));
	if (status == 0)
		status = plait_trainer_set_metadata(job->trainer, PLAIT__KEY_LOSS,
						    cli_loss_names[options->loss]);
	if (status < 0)
		return cli_failed(status);
	status = named ? describe_names(job, PLAIT__KEY_CLASSES, classes, info->class_names)
		       : CLI_DONE;
	return status == CLI_DONE
		       ? describe_names(job, PLAIT__KEY_FEATURES, info->dim[0], info->feature_names)
		       : status;
}

int cli_names_settle(struct cli_job *job, const struct cli_options *options)
{
	int status = settle_features(job, options);

	if (status == CLI_DONE)
		status = settle_model(job, options);
	if (status != CLI_DONE || job->command == CLI_PREDICT)
		return status;
	if (cli_loss_has_labels(options))
		status = settle_weights(job, options);
	if (status == CLI_DONE && cli_loss_has_labels(options))
		status = settle_val(job);
	return status == CLI_DONE ? describe(job, options, job->ndim, job->dim) : status;
}

/* The names in the metadata of weights. */
static int names_of_weights(const char *known, const struct cli_options *options, int64_t classes,
			    struct plait__names *names)
{
	int status = plait__names_read(names, known);

	if (status < 0)
		return cli_failed(status);
	if (names->count <= classes)
		return CLI_DONE;
	cli_complain("%s names %" PRId64 " classes, and the network has %" PRId64 " output%s",
		     options->init, names->count, classes, classes == 1 ? "" : "s");
	return CLI_FAILED;
}

int cli_names_of_classes(struct cli_job *job, const struct cli_options *options, int64_t classes,
			 struct plait__names *names)
{
	const char *known = plait_trainer_metadata(job->trainer, PLAIT__KEY_CLASSES);
	const struct plait_dataset_info *info = plait_dataset_info(job->data);

	*names = (struct plait__names){ 0 };
	if (known)
		return names_of_weights(known, options, classes, names);
	if (!info->class_names || info->classes != classes)
		return CLI_DONE;
	names->name = plait__calloc((size_t)classes, sizeof *names->name, "names");
	if (!names->name)
		return cli_failed(PLAIT_ENOMEM);
	for (; names->count < classes; names->count++)
		names->name[names->count] = info->class_names[names->count];
	return doubt_numbers(job, options);
}
