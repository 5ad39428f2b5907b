/* SPDX-License-Identifier: MIT
 * Samples of different lengths: in memory, from a function, and what is refused. */
#include "config.h"
#include "tests/nets.h"

#define SAMPLES 5
#define WIDTH 2

static const int32_t lengths[SAMPLES] = { 3, 1, 4, 1, 5 };
static float rows[14 * WIDTH];
static int32_t labels[SAMPLES] = { 0, 1, 1, 0, 1 };

static struct plait_tensor x_tensor(int64_t count)
{
	return (struct plait_tensor){
		.dtype = PLAIT_F32, .ndim = 2, .dim = { count, WIDTH }, .data = rows
	};
}

static struct plait_tensor length_tensor(const int32_t *length, int64_t count)
{
	return (struct plait_tensor){
		.dtype = PLAIT_I32, .ndim = 1, .dim = { count }, .data = (void *)length
	};
}

static struct plait_tensor label_tensor(int64_t count)
{
	return (struct plait_tensor){
		.dtype = PLAIT_I32, .ndim = 1, .dim = { count }, .data = labels
	};
}

static struct plait_dataset *open_sequences(void)
{
	struct plait_tensor x = x_tensor(14), l = length_tensor(lengths, SAMPLES);
	struct plait_tensor y = label_tensor(SAMPLES);
	struct plait_dataset *set;

	for (int i = 0; i < 14 * WIDTH; i++)
		rows[i] = (float)(i + 1);
	if (plait_dataset_from_sequences(&set, &x, &l, &y, 0) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static void test_read(void)
{
	struct plait_dataset *set = open_sequences();
	const struct plait_dataset_info *info = plait_dataset_info(set);
	int wrong = 0;
	float next = 1;

	is_int(info->samples, SAMPLES, "five samples");
	is_int(info->ndim, 2, "of two dimensions");
	is_int(info->dim[0], 5, "the first as long as the longest");
	is_int(info->dim[1], WIDTH, "the second that of the rows");
	is_int(info->classes, 2, "two classes");
	ok(info->lengths && memcmp(info->lengths, lengths, sizeof lengths) == 0 &&
		   info->lengths != lengths,
	   "their lengths, a copy");
	for (int i = 0; i < SAMPLES; i++) {
		float x[5 * WIDTH];
		int32_t label = -1;

		memset(x, 255, sizeof x);
		wrong += plait_dataset_read(set, i, 0, x, &label, NULL) != 0 || label != labels[i];
		for (int k = 0; k < 5 * WIDTH; k++)
			wrong += x[k] != (k < lengths[i] * WIDTH ? next++ : 0);
	}
	is_int(wrong, 0, "each sample is its rows, and zeros up to the longest");
	plait_dataset_destroy(set);
}

static void refuse(const struct plait_tensor *x, const struct plait_tensor *l,
		   const struct plait_tensor *y, int status, const char *words)
{
	struct plait_dataset *set = NULL;

	is_int(plait_dataset_from_sequences(&set, x, l, y, 0), status, "refused: %s", words);
	contains(plait_error_message(), words, "and the message says why");
	ok(set == NULL, "nothing is made");
}

static void test_refused(void)
{
	static const int32_t none[SAMPLES] = { 3, 0, 5, 1, 5 };
	struct plait_tensor x = x_tensor(14), l = length_tensor(lengths, SAMPLES);
	struct plait_tensor short_x = x_tensor(13), zero = length_tensor(none, SAMPLES);
	struct plait_tensor y = label_tensor(4), floats = l, flat = l;

	floats.dtype = PLAIT_F32;
	flat.ndim = 2;
	flat.dim[1] = 1;
	refuse(&short_x, &l, NULL, PLAIT_ESHAPE, "add up to 14, x has 13");
	refuse(&x, &zero, NULL, PLAIT_EINVAL, "sample 1 is 0");
	refuse(&x, &l, &y, PLAIT_ESHAPE, "y is [4], must be [5]");
	refuse(&x, &floats, NULL, PLAIT_EINVAL, "must be int32");
	refuse(&x, &flat, NULL, PLAIT_ESHAPE, "must be [N]");
	refuse(&x, NULL, NULL, PLAIT_EINVAL, "must be int32");
	refuse(NULL, &l, NULL, PLAIT_EINVAL, "x or its data is NULL");
}

static int read_part(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		     float *target)
{
	(void)user;
	(void)key;
	(void)label;
	(void)target;
	for (int i = 0; i < lengths[index]; i++)
		((float *)x)[i] = (float)index;
	return 0;
}

static void test_callback(void)
{
	static const int32_t long_one[SAMPLES] = { 3, 1, 4, 6, 5 };
	struct plait_dataset_info info = {
		.samples = SAMPLES, .dtype = PLAIT_F32, .ndim = 1, .dim = { 5 }, .lengths = lengths
	};
	struct plait_dataset *set = NULL;
	float x[5] = { 9, 9, 9, 9, 9 };

	is_int(plait_dataset_from_callback(&set, &info, read_part, NULL), 0, "from a function");
	is_int(plait_dataset_read(set, 2, 0, x, NULL, NULL), 0, "that writes four of five values");
	ok(x[0] == 2 && x[3] == 2 && x[4] == 0, "the fifth is zero");
	plait_dataset_destroy(set);
	info.lengths = long_one;
	is_int(plait_dataset_from_callback(&set, &info, read_part, NULL), PLAIT_EINVAL,
	       "a length beyond the longest is refused");
	contains(plait_error_message(), "sample 3 is 6, must be 1 to 5", "by its index");
}

int main(void)
{
	test_read();
	test_refused();
	test_callback();
	return tap_done();
}
