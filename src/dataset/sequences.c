/* SPDX-License-Identifier: MIT
 * Samples of different lengths, which follow each other in one array. */
#include "config.h"
#include "src/dataset/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* dataset->state. */
struct sequences {
	const char *x;
	size_t row_bytes;
	int64_t first[]; /* [samples + 1]: row of x */
};

static int read_sequence(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			 float *target)
{
	const struct plait_dataset *dataset = user;
	const struct sequences *s = dataset->state;
	size_t targets = (size_t)dataset->info.targets;

	(void)key;
	PLAIT__ASSERT(s->first[index] < s->first[index + 1],
		      "a sequence ends where the next begins");
	memcpy(x, s->x + (size_t)s->first[index] * s->row_bytes,
	       (size_t)(s->first[index + 1] - s->first[index]) * s->row_bytes);
	if (dataset->labels)
		*label = dataset->labels[index];
	if (dataset->targets)
		memcpy(target, dataset->targets + (size_t)index * targets,
		       targets * sizeof *target);
	return 0;
}

static void digest(const struct plait_dataset *dataset, struct plait__hash *hash)
{
	const struct sequences *s = dataset->state;

	plait__hash_add(hash, s->x, (size_t)s->first[dataset->info.samples] * s->row_bytes);
}

static void destroy(struct plait_dataset *dataset)
{
	free(dataset->state);
}

static int check(const struct plait_tensor *x, const struct plait_tensor *lengths)
{
	char shape[128];

	if (!lengths || !lengths->data || lengths->dtype != PLAIT_I32)
		return plait__error(PLAIT_EINVAL,
				    "plait_dataset_from_sequences: lengths must be int32, with "
				    "data");
	if (lengths->ndim != 1 || lengths->dim[0] < 1)
		return plait__error(
			PLAIT_ESHAPE, "plait_dataset_from_sequences: lengths is %s, must be [N]",
			lengths->ndim >= 0 && lengths->ndim <= PLAIT_MAX_DIMS
				? plait_shape_text(lengths->ndim, lengths->dim, shape, sizeof shape)
				: "of too many dimensions");
	if (x->ndim < 1 || x->ndim > PLAIT_MAX_DIMS - 1)
		return plait__error(PLAIT_ESHAPE,
				    "plait_dataset_from_sequences: x has %d dimensions, must have "
				    "1 to %d",
				    x->ndim, PLAIT_MAX_DIMS - 1);
	return 0;
}

/* Finds where each sample begins, and the length of the longest. */
static int add_up(const struct plait_tensor *x, const struct plait_tensor *lengths,
		  struct sequences *s, int64_t *longest)
{
	const int32_t *length = lengths->data;

	*longest = 1;
	for (int64_t i = 0; i < lengths->dim[0]; i++) {
		if (length[i] < 1)
			return plait__error(PLAIT_EINVAL,
					    "plait_dataset_from_sequences: the length of sample "
					    "%" PRId64 " is %" PRId32 ", must be at least 1",
					    i, length[i]);
		s->first[i + 1] = s->first[i] + length[i];
		*longest = length[i] > *longest ? length[i] : *longest;
	}
	if (s->first[lengths->dim[0]] == x->dim[0])
		return 0;
	return plait__error(PLAIT_ESHAPE,
			    "plait_dataset_from_sequences: the lengths add up to %" PRId64
			    ", x has %" PRId64 " rows",
			    s->first[lengths->dim[0]], x->dim[0]);
}

/* A data set that reads from s and owns it. */
static int make(struct plait_dataset **dataset_p, const struct plait_tensor *x,
		const struct plait_tensor *lengths, const struct plait_tensor *y, int64_t classes,
		struct sequences *s, int64_t longest)
{
	struct plait_dataset_info info = { .spec = "sequences",
					   .samples = lengths->dim[0],
					   .dtype = x->dtype,
					   .ndim = x->ndim,
					   .dim = { longest },
					   .lengths = lengths->data };
	struct plait_dataset *dataset;
	int status;

	memcpy(info.dim + 1, x->dim + 1, (size_t)(x->ndim - 1) * sizeof *info.dim);
	status = plait_dataset_from_callback(&dataset, &info, read_sequence, NULL);
	if (status < 0) {
		free(s);
		return status;
	}
	s->x = x->data;
	s->row_bytes = plait__dataset_sample_bytes(dataset) / (size_t)longest;
	PLAIT__ASSERT(s->row_bytes > 0, "a row has bytes");
	dataset->user = dataset;
	dataset->state = s;
	dataset->destroy = destroy;
	dataset->digest = digest;
	status = plait__dataset_take_y(dataset, y, classes);
	if (status < 0)
		plait_dataset_destroy(dataset);
	else
		*dataset_p = dataset;
	return status;
}

int plait_dataset_from_sequences(struct plait_dataset **dataset_p, const struct plait_tensor *x,
				 const struct plait_tensor *lengths, const struct plait_tensor *y,
				 int64_t classes)
{
	struct sequences *s;
	int64_t longest;
	int status = plait__dataset_check_x(x);

	if (status == 0)
		status = check(x, lengths);
	if (status == 0 && !dataset_p)
		status = plait__error(PLAIT_EINVAL,
				      "plait_dataset_from_sequences: dataset_p is NULL");
	if (status < 0)
		return status;
	s = plait__calloc(1, sizeof *s + ((size_t)lengths->dim[0] + 1) * sizeof *s->first,
			  "sequences");
	if (!s)
		return PLAIT_ENOMEM;
	status = add_up(x, lengths, s, &longest);
	if (status == 0)
		return make(dataset_p, x, lengths, y, classes, s, longest);
	free(s);
	return status;
}
