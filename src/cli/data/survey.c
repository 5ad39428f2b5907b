/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/data/survey.h"
#include "src/loader/bad_samples.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many values are looked at, at most.  They are enough for all of CIFAR-10, and for some
 * hundreds of large photographs, which take about a second. */
#define MOST_VALUES ((int64_t)1 << 28)
#define LEAST_SAMPLES 100

/* Sums of a channel.  Bytes are counted by value, which is exact and quick. */
struct channel_sums {
	int64_t bytes[256];
	double count, sum, squares; /* of floats */
};

static void add_bytes(const struct cli_view *view, int64_t c, struct channel_sums *sums)
{
	for (int64_t y = 0; y < view->height; y++) {
		const uint8_t *row = view->bytes + (size_t)c * view->plane + (size_t)y * view->row;

		for (int64_t x = 0; x < view->width; x++)
			sums->bytes[row[(size_t)x * view->column]]++;
	}
}

static void add_floats(const struct cli_view *view, int64_t c, struct channel_sums *sums)
{
	for (int64_t y = 0; y < view->height; y++)
		for (int64_t x = 0; x < view->width; x++) {
			double value = (double)cli_view_at(view, c, y, x);

			sums->count++;
			sums->sum += value;
			sums->squares += value * value;
		}
}

static void add_view(struct cli_survey *survey, const struct cli_view *view,
		     struct channel_sums *sums)
{
	for (int c = 0; c < survey->channels; c++) {
		if (view->bytes)
			add_bytes(view, c, &sums[c]);
		else
			add_floats(view, c, &sums[c]);
	}
	if (survey->looked == 0 || view->height < survey->min_height)
		survey->min_height = view->height;
	if (survey->looked == 0 || view->width < survey->min_width)
		survey->min_width = view->width;
	survey->max_height = view->height > survey->max_height ? view->height : survey->max_height;
	survey->max_width = view->width > survey->max_width ? view->width : survey->max_width;
	survey->looked++;
}

static void conclude(struct cli_survey *survey, struct channel_sums *sums)
{
	for (int c = 0; c < survey->channels; c++) {
		struct channel_sums *s = &sums[c];
		double variance;

		for (int value = 0; value < 256; value++) {
			double count = (double)s->bytes[value], unit = value / 255.0;

			s->count += count;
			s->sum += count * unit;
			s->squares += count * unit * unit;
		}
		PLAIT__ASSERT(s->count > 0, "a channel has values");
		survey->mean[c] = s->sum / s->count;
		variance = s->squares / s->count - survey->mean[c] * survey->mean[c];
		survey->deviation[c] = sqrt(fmax(0, variance));
	}
}

static int64_t samples_to_look_at(const struct plait_dataset_info *info)
{
	int64_t elements = plait_shape_elements(info->ndim, info->dim);
	int64_t looks = MOST_VALUES / (elements > 0 ? elements : 1);

	if (looks < LEAST_SAMPLES)
		looks = LEAST_SAMPLES;
	return looks < info->samples ? looks : info->samples;
}

/* Notes a sample that could not be read.  Returns 0 if the survey can go on without it. */
static int note(const struct plait_dataset *dataset, int64_t index, int status,
		struct plait_bad_samples *bad)
{
	struct plait_bad_sample sample = { .spec = plait_dataset_info(dataset)->spec,
					   .index = index,
					   .path = cli_view_path(dataset, index),
					   .message = plait_error_message() };
	int64_t count;

	if (!cli_view_is_bad(status))
		return status;
	return plait__bad_samples_add(bad, &sample, &count);
}

static int compare_labels(const void *a, const void *b)
{
	int32_t p = *(const int32_t *)a, q = *(const int32_t *)b;

	return (p > q) - (p < q);
}

/* Counts the samples of each class by sorting a copy of the labels: the largest label may be two
 * thousand million, and most classes empty. */
static int count_classes(struct cli_survey *survey, int32_t *labels, int64_t count)
{
	int64_t different = 0;

	qsort(labels, (size_t)count, sizeof *labels, compare_labels);
	for (int64_t i = 0; i < count; i++)
		different += i == 0 || labels[i] != labels[i - 1];
	survey->class = plait__calloc((size_t)different + 1, sizeof *survey->class, "counts");
	if (!survey->class)
		return PLAIT_ENOMEM;
	for (int64_t i = 0; i < count; i++) {
		if (i == 0 || labels[i] != labels[i - 1])
			survey->class[survey->classes++].label = labels[i];
		survey->class[survey->classes - 1].count++;
	}
	return 0;
}

/* Looks at some samples, evenly spread, and keeps their labels unless those of all are known. */
static int look_at(const struct plait_dataset *dataset, struct cli_survey *survey, int64_t looks,
		   int32_t *labels, int64_t *count, struct channel_sums *sums)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	struct cli_view_memory memory = { 0 };
	struct cli_view view;
	int status = 0;

	for (int64_t i = 0; i < looks && status == 0; i++) {
		/* As i * samples / looks, without a product that could overflow. */
		int64_t sample = (int64_t)((double)i * (double)info->samples / (double)looks);

		status = cli_view_read(dataset, sample, &memory, &view);
		if (status < 0) {
			status = note(dataset, sample, status, survey->bad);
			continue;
		}
		add_view(survey, &view, sums);
		if (!plait_dataset_labels(dataset) && view.label >= 0 && view.label < info->classes)
			labels[(*count)++] = view.label;
	}
	cli_view_free(&memory);
	if (status == 0 && survey->looked == 0)
		status = plait__error(PLAIT_EDATA, "%s: none of %" PRId64 " samples can be read",
				      info->spec, looks);
	return status;
}

int cli_survey_make(const struct plait_dataset *dataset, struct cli_survey *survey)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	const int32_t *known = plait_dataset_labels(dataset);
	int64_t looks = samples_to_look_at(info), count = known ? info->samples : 0;
	struct channel_sums *sums = plait__calloc(PLAIT_MAX_CHANNELS, sizeof *sums, "sums");
	int32_t *labels = plait__calloc((size_t)info->samples, sizeof *labels, "labels");
	int status;

	*survey = (struct cli_survey){ .counted = known || looks == info->samples };
	survey->channels = info->ndim != 3                      ? 1
			   : info->dim[0] <= PLAIT_MAX_CHANNELS ? (int)info->dim[0]
								: 0;
	status = plait_bad_samples_create(&survey->bad);
	status = sums && labels ? status : PLAIT_ENOMEM;
	if (status == 0 && known)
		memcpy(labels, known, (size_t)count * sizeof *labels);
	if (status == 0)
		status = look_at(dataset, survey, looks, labels, &count, sums);
	if (status == 0)
		conclude(survey, sums);
	if (status == 0 && info->classes > 0)
		status = count_classes(survey, labels, count);
	free(labels);
	free(sums);
	return status;
}

void cli_survey_free(struct cli_survey *survey)
{
	plait_bad_samples_destroy(survey->bad);
	free(survey->class);
}
