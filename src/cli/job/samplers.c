/* SPDX-License-Identifier: MIT
 * For balanced classes every sample gets a weight, one over the size of its class.  So each class
 * is drawn as often as any other. */
#include "config.h"
#include "src/cli/job/samplers.h"
#include "src/cli/complain.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <stdlib.h>

static int set_subset(struct cli_sampler *s, const int64_t range[2],
		      const struct plait_dataset_info *info)
{
	int64_t size = range[1] - range[0];

	PLAIT__ASSERT(range[0] >= 0 && size > 0, "an option's range has samples");
	if (range[1] > info->samples) {
		cli_complain("--subset %" PRId64 ":%" PRId64 ": %s has %" PRId64 " samples",
			     range[0], range[1], info->spec, info->samples);
		return CLI_USAGE;
	}
	s->subset = plait__calloc((size_t)size, sizeof *s->subset, "a subset");
	if (!s->subset)
		return cli_failed(PLAIT_ENOMEM);
	for (int64_t i = 0; i < size; i++)
		s->subset[i] = range[0] + i;
	s->sampler.subset = s->subset;
	s->sampler.subset_size = size;
	return CLI_DONE;
}

static int check_labels(const struct plait_dataset *data)
{
	const struct plait_dataset_info *info = plait_dataset_info(data);

	if (plait_dataset_labels(data))
		return CLI_DONE;
	cli_complain("--sampler balanced needs class labels; %s has %s", info->spec,
		     info->classes > 0 ? "some that are known only as samples are read" : "none");
	return CLI_FAILED;
}

struct labelled {
	int32_t label;
	int64_t position;
};

static int compare_labels(const void *a, const void *b)
{
	const struct labelled *p = a, *q = b;

	return (p->label > q->label) - (p->label < q->label);
}

/* Samples are sorted by class, since a count for each class may be more than the memory: the
 * largest label may be two thousand million. */
static int set_balanced(struct cli_sampler *s, const struct plait_dataset *data)
{
	const int32_t *labels = plait_dataset_labels(data);
	int64_t size = s->subset ? s->sampler.subset_size : plait_dataset_info(data)->samples;
	struct labelled *sorted;
	int status = check_labels(data);

	if (status != CLI_DONE)
		return status;
	sorted = plait__calloc((size_t)size, sizeof *sorted, "labels");
	s->weights = plait__calloc((size_t)size, sizeof *s->weights, "weights");
	if (!sorted || !s->weights) {
		free(sorted);
		return cli_failed(PLAIT_ENOMEM);
	}
	for (int64_t i = 0; i < size; i++)
		sorted[i] = (struct labelled){ labels[s->subset ? s->subset[i] : i], i };
	qsort(sorted, (size_t)size, sizeof *sorted, compare_labels);
	for (int64_t i = 0, end; i < size; i = end) {
		for (end = i; end < size && sorted[end].label == sorted[i].label; end++)
			;
		for (int64_t k = i; k < end; k++)
			s->weights[sorted[k].position] = 1.0 / (double)(end - i);
	}
	free(sorted);
	s->sampler.weights = s->weights;
	return CLI_DONE;
}

int cli_sampler_make(struct cli_sampler *sampler, const struct cli_options *options,
		     const struct plait_dataset *data)
{
	int status = CLI_DONE;

	*sampler = (struct cli_sampler){ .sampler = { .rank = (int)options->rank[0],
						      .world = (int)options->rank[1] } };
	if (options->subset[1] > 0)
		status = set_subset(sampler, options->subset, plait_dataset_info(data));
	if (status == CLI_DONE && options->sampler == CLI_BALANCED)
		status = set_balanced(sampler, data);
	return status;
}

void cli_sampler_free(struct cli_sampler *sampler)
{
	free(sampler->subset);
	free(sampler->weights);
}
