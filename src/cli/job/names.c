/* SPDX-License-Identifier: MIT
 * In a file of weights names stand one on a line.  Metadata is UTF-8, and a name may be any bytes:
 * a byte that would not be read back is written as \xHH. */
#include "config.h"
#include "src/cli/job/names.h"
#include "src/cli/complain.h"
#include "src/cli/job/open.h"
#include "src/base/base.h"
#include "src/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES "plait.classes"
#define FEATURES "plait.features"
#define MODEL "plait.model"
#define INPUT "plait.input"

static void put_name(FILE *out, const char *name)
{
	while (*name) {
		int length = plait__utf8_length(name);

		if (length == 0 || *name == '\\' || *name == '\n') {
			fprintf(out, "\\x%02x", (unsigned char)*name);
			length = 1;
		} else {
			fwrite(name, 1, (size_t)length, out);
		}
		name += length;
	}
}

/* The text of all names, which the caller frees; NULL with the message said. */
static char *write_names(int64_t count, const char *const *names)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (int64_t c = 0; out && c < count; c++) {
		if (c > 0)
			putc('\n', out);
		put_name(out, names[c]);
	}
	if (out && fclose(out) == 0)
		return text;
	cli_complain("no memory for names");
	free(text);
	return NULL;
}

/* Undoes put_name, in place. */
static void read_name(char *name)
{
	char *to = name;
	unsigned byte;

	while (*name) {
		if (sscanf(name, "\\x%2x", &byte) == 1 && strlen(name) >= 4) {
			*to++ = (char)byte;
			name += 4;
		} else {
			*to++ = *name++;
		}
	}
	*to = '\0';
}

/* Cuts text into its lines: an array of names, which point into text. */
static const char **read_names(char *text, int64_t *count_p)
{
	const char **names;
	int64_t count = 1;

	for (const char *p = text; *p; p++)
		count += *p == '\n';
	names = plait__calloc((size_t)count, sizeof *names, "names");
	for (int64_t c = 0; names && c < count; c++) {
		char *end = text + strcspn(text, "\n");

		*end = '\0';
		names[c] = text;
		text = end + 1;
	}
	for (int64_t c = 0; names && c < count; c++)
		read_name((char *)names[c]);
	*count_p = count;
	return names;
}

/* The data get the numbers of the weights for their classes; their features must be the same. */
static int match_weights(struct plait_dataset *data, const char *key, const char *known,
			 const struct cli_options *options)
{
	char *text = plait__strdup(known);
	int64_t count = 0;
	const char **names = text ? read_names(text, &count) : NULL;
	int status = PLAIT_ENOMEM;

	if (names && strcmp(key, CLASSES) == 0)
		status = plait_dataset_match_classes(data, count, names, options->init);
	else if (names)
		status = plait_dataset_match_features(data, count, names, options->init);
	free(names);
	free(text);
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

/* Whether two models have the same words, whatever blanks are between them. */
static bool same_words(const char *a, const char *b)
{
	static const char blanks[] = " \t\n\v\f\r";

	for (;;) {
		size_t length;

		a += strspn(a, blanks);
		b += strspn(b, blanks);
		length = strcspn(a, blanks);
		if (length != strcspn(b, blanks) || strncmp(a, b, length) != 0)
			return false;
		if (length == 0)
			return true;
		a += length;
		b += length;
	}
}

/* Weights fit other layers too where these have none, as tanh in the place of relu. */
static int settle_model(struct cli_job *job, const struct cli_options *options)
{
	const char *known = plait_trainer_metadata(job->trainer, MODEL);

	if (!options->init || !known || same_words(known, options->model))
		return CLI_DONE;
	return doubt(job, options,
		     "%s has weights of --model \"%.200s\", and other layers are asked for", known);
}

static int settle_weights(struct cli_job *job, const struct cli_options *options)
{
	const struct plait_dataset_info *info = plait_dataset_info(job->data);
	const char *known = plait_trainer_metadata(job->trainer, CLASSES);
	char first[64];

	if (!options->init || info->classes == 0)
		return CLI_DONE;
	if (known && info->class_names)
		return match_weights(job->data, CLASSES, known, options);
	if (known) {
		snprintf(first, sizeof first, "%.*s", (int)strcspn(known, "\n"), known);
		return doubt(
			job, options,
			"labels are numbers, and %s has names of classes, the first %s: label 0 "
			"is taken for the first",
			first);
	}
	if (info->class_names && plait_trainer_metadata(job->trainer, MODEL))
		return doubt(
			job, options,
			"%s was trained on numbers as labels, and classes have names here: the "
			"first, %s, is taken for label 0",
			info->class_names[0]);
	return CLI_DONE;
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
	const char *known = plait_trainer_metadata(job->trainer, FEATURES);
	int status = CLI_DONE;

	if (options->init && known && data->feature_names)
		status = match_weights(job->data, FEATURES, known, options);
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
	char *text = names ? write_names(count, names) : NULL;
	int status = 0;

	if (!names)
		return CLI_DONE;
	if (text)
		status = plait_trainer_set_metadata(job->trainer, key, text);
	free(text);
	return !text ? CLI_FAILED : status < 0 ? cli_failed(status) : CLI_DONE;
}

static int describe(struct cli_job *job, const struct cli_options *options, int ndim,
		    const int64_t *dim)
{
	const struct plait_dataset_info *info = plait_dataset_info(job->data);
	bool named = info->class_names && options->loss == CLI_CROSS_ENTROPY;
	char shape[128];
	int status = plait_trainer_set_metadata(job->trainer, MODEL, options->model);

	if (status == 0)
		status = plait_trainer_set_metadata(
			job->trainer, INPUT, plait_shape_text(ndim, dim, shape, sizeof shape));
	if (status < 0)
		return cli_failed(status);
	status = named ? describe_names(job, CLASSES, info->classes, info->class_names) : CLI_DONE;
	return status == CLI_DONE ? describe_names(job, FEATURES, info->dim[0], info->feature_names)
				  : status;
}

int cli_names_settle(struct cli_job *job, const struct cli_options *options)
{
	int status = settle_features(job, options);

	if (status == CLI_DONE)
		status = settle_model(job, options);
	if (status == CLI_DONE && options->loss == CLI_CROSS_ENTROPY)
		status = settle_weights(job, options);
	if (status == CLI_DONE && options->loss == CLI_CROSS_ENTROPY)
		status = settle_val(job);
	return status == CLI_DONE ? describe(job, options, job->ndim, job->dim) : status;
}
