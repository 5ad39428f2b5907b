/* SPDX-License-Identifier: MIT
 * Data sets that need no file: specifications, arrays in memory, callbacks, the synthetic
 * problem; and the check of a normalisation. */
#include "tests/dataset/dataset.h"

#include <plait/transform.h>

#include <unistd.h>

static void test_specifications(void)
{
	static const char *const formats[] = { "fashion-mnist", "idx", "npy", "csv", "synthetic" };

	for (int i = 0; i < 5; i++)
		refuses("parquet:x", PLAIT_EINVAL, "parquet", formats[i]);
	refuses("synthetik:1,1,2", PLAIT_EINVAL, "synthetik", "did you mean synthetic?");
	refuses("", PLAIT_EINVAL, "\"\"", "formats are");
	refuses("idx", PLAIT_EINVAL, "idx:IMAGES[,LABELS]", "\"\"");
	refuses("idx:a,b,c", PLAIT_EINVAL, "idx:IMAGES[,LABELS]", "a,b,c");
	refuses("npy:a,b,c", PLAIT_EINVAL, "npy:X.npy[,Y.npy]", "a,b,c");
	refuses("npy:,a", PLAIT_EINVAL, "npy:X.npy[,Y.npy]", "\",a\"");
	refuses("csv:", PLAIT_EINVAL, "csv:FILE", "no file");
	refuses("csv:a.csv,labels=3", PLAIT_EINVAL, "label=COL", "labels=3");
	refuses("csv:a.csv,label=", PLAIT_EINVAL, "label=COL", "label=");
	refuses("fashion-mnist:val", PLAIT_EINVAL, "train or test", "val");
	refuses("synthetic:", PLAIT_EINVAL, "SAMPLES,FEATURES,CLASSES", "\"\"");
	refuses("synthetic:10,10", PLAIT_EINVAL, "SAMPLES,FEATURES,CLASSES", "10,10");
	refuses("synthetic:10,10,2,", PLAIT_EINVAL, "SAMPLES,FEATURES,CLASSES", "10,10,2,");
	refuses("synthetic:0,10,2", PLAIT_EINVAL, "SAMPLES,FEATURES,CLASSES", "0,10,2");
	refuses("synthetic:-5,10,2", PLAIT_EINVAL, "SAMPLES,FEATURES,CLASSES", "-5,10,2");
	refuses("synthetic:10,10,1", PLAIT_EINVAL, "SAMPLES,FEATURES,CLASSES", "10,10,1");
	refuses("synthetic:99999999999999999999,1,2", PLAIT_EINVAL, "SAMPLES",
		"99999999999999999999");
	refuses("synthetic:1000000000000000,1000,2", PLAIT_ENOMEM, "1000000000000000,1000,2",
		"4000000000000000000");
	refuses("synthetic:1000000000000000000,1000,2", PLAIT_ENOMEM, "1000,2",
		"more than any machine has");
	is_int(plait_dataset_open(NULL, "synthetic:1,1,2"), PLAIT_EINVAL,
	       "refuses a NULL result pointer");
	plait_dataset_destroy(NULL);
}

/* Classifies the second half of the samples by the nearest mean of a class in the first half.  That
 * rule is linear, so if it makes no error, a linear network can make none.  50 classes in 3
 * dimensions are close to each other, so their means need many samples. */
static int count_errors(const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	int64_t features = info->dim[0], half = info->samples / 2;
	double *mean = calloc((size_t)(info->classes * features), sizeof *mean);
	int *seen = calloc((size_t)info->classes, sizeof *seen);
	float *x = malloc((size_t)features * sizeof *x);
	int errors = 0;

	for (int64_t i = 0; i < info->samples; i++) {
		double least = INFINITY;
		int32_t label, nearest = -1;

		plait_dataset_read(dataset, i, 0, x, &label, NULL);
		if (i < half)
			seen[label]++;
		for (int64_t f = 0; i < half && f < features; f++) /* a running mean */
			mean[label * features + f] +=
				(x[f] - mean[label * features + f]) / seen[label];
		for (int32_t c = 0; i >= half && c < info->classes; c++) {
			double distance = 0;

			for (int64_t f = 0; f < features; f++)
				distance += pow(x[f] - mean[c * features + f], 2);
			if (distance < least) {
				least = distance;
				nearest = c;
			}
		}
		errors += i >= half && nearest != label;
	}
	free(mean);
	free(seen);
	free(x);
	return errors;
}

static void test_synthetic(void)
{
	struct plait_dataset *set = open_or_bail("synthetic:1000,10,2"),
			     *more = open_or_bail("synthetic:2000,10,2");
	const struct plait_dataset_info *info = plait_dataset_info(set);
	float x[10], y[10];
	int32_t a, b;
	int differ = 0;

	is_int(info->samples, 1000, "synthetic: samples");
	is_string(sample_shape(set), "[10]", "synthetic: features");
	is_int(info->classes, 2, "synthetic: classes");
	is_int(info->targets, 0, "synthetic: no targets");
	is_string(info->spec, "synthetic:1000,10,2", "synthetic: spec is kept");
	for (int i = 0; i < 1000; i++) {
		plait_dataset_read(set, i, 0, x, &a, NULL);
		plait_dataset_read(more, i, 99, y, &b, NULL);
		differ += a != b || memcmp(x, y, sizeof x) != 0;
	}
	is_int(differ, 0, "synthetic: a sample depends on neither the count nor the key");
	plait_dataset_read(set, 0, 0, x, &a, NULL);
	plait_dataset_read(set, 2, 0, y, &b, NULL);
	ok(a == 0 && b == 0 && memcmp(x, y, sizeof x) != 0,
	   "synthetic: samples of one class differ");
	plait_dataset_destroy(set);
	plait_dataset_destroy(more);
	static const char *const specs[] = { "synthetic:2000,10,2", "synthetic:2000,784,10",
					     "synthetic:2000,1,7", "synthetic:40000,3,50",
					     "synthetic:2000,2,2" };
	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		set = open_or_bail(specs[i]);
		is_int(count_errors(set), 0, "%s is separable", specs[i]);
		plait_dataset_destroy(set);
	}
}

static void test_memory(void)
{
	float x[6] = { 1, 2, 3, 4, 5, 6 }, got[2], targets[6] = { 9, 8, 7, 6, 5, 4 }, target[2];
	int32_t labels[3] = { 0, 4, 2 }, label = -1;
	struct plait_tensor tx = { .dtype = PLAIT_F32, .ndim = 2, .dim = { 3, 2 }, .data = x };
	struct plait_tensor ty = { .dtype = PLAIT_I32, .ndim = 1, .dim = { 3 }, .data = labels };
	struct plait_tensor tt = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { 3, 2 }, .data = targets
	};
	struct plait_dataset *set = NULL;

	is_int(plait_dataset_from_memory(&set, &tx, &ty, 0), 0, "memory: labels");
	is_int(plait_dataset_info(set)->classes, 5, "memory: classes are the largest label + 1");
	is_string(sample_shape(set), "[2]", "memory: shape");
	x[2] = 30; /* read, not copied */
	is_int(plait_dataset_read(set, 1, 0, got, &label, NULL), 0, "memory: read");
	ok(got[0] == 30 && got[1] == 4 && label == 4, "memory: sample 1");
	is_int(plait_dataset_read(set, 1, 0, got, NULL, NULL), 0,
	       "memory: the label may be unwanted");
	is_int(plait_dataset_read(set, 3, 0, got, &label, NULL), PLAIT_EINVAL,
	       "memory: no sample 3");
	contains(plait_error_message(), "3", "memory: the message has the index");
	is_int(plait_dataset_read(set, -1, 0, got, &label, NULL), PLAIT_EINVAL,
	       "memory: no sample -1");
	plait_dataset_destroy(set);

	is_int(plait_dataset_from_memory(&set, &tx, &tt, 0), 0, "memory: targets");
	is_int(plait_dataset_info(set)->targets, 2, "memory: two targets");
	is_int(plait_dataset_info(set)->classes, 0, "memory: no classes");
	plait_dataset_read(set, 2, 0, got, NULL, target);
	ok(target[0] == 5 && target[1] == 4, "memory: the target of sample 2");
	plait_dataset_destroy(set);

	is_int(plait_dataset_from_memory(
		       &set,
		       &(struct plait_tensor){
			       .dtype = PLAIT_F32, .ndim = 1, .dim = { 6 }, .data = x },
		       NULL, 0),
	       0, "memory: neither labels nor targets");
	is_string(sample_shape(set), "[1]", "memory: a number is a vector of one");
	plait_dataset_destroy(set);

	set = NULL;
	is_int(plait_dataset_from_memory(&set, &tx, &ty, 4), PLAIT_ELABEL,
	       "memory: label 4 of 4 classes");
	contains(plait_error_message(), "label 1 is 4", "memory: the message has index and label");
	labels[2] = -1;
	is_int(plait_dataset_from_memory(&set, &tx, &ty, 0), PLAIT_ELABEL, "memory: label -1");
	is_int(plait_dataset_from_memory(&set, &tx, &tt, 2), PLAIT_EINVAL,
	       "memory: classes of targets");
	ty.dim[0] = 2;
	is_int(plait_dataset_from_memory(&set, &tx, &ty, 0), PLAIT_ESHAPE,
	       "memory: 2 labels for 3 samples");
	ty.dtype = PLAIT_U8;
	is_int(plait_dataset_from_memory(&set, &tx, &ty, 0), PLAIT_EINVAL,
	       "memory: labels of bytes");
	tx.dim[0] = 0;
	is_int(plait_dataset_from_memory(&set, &tx, NULL, 0), PLAIT_ESHAPE, "memory: no samples");
	tx.dim[0] = INT64_MAX;
	is_int(plait_dataset_from_memory(&set, &tx, NULL, 0), PLAIT_ESHAPE,
	       "memory: too many samples");
	tx.dtype = PLAIT_I32;
	is_int(plait_dataset_from_memory(&set, &tx, NULL, 0), PLAIT_EINVAL,
	       "memory: integer samples");
	is_int(plait_dataset_from_memory(&set, NULL, NULL, 0), PLAIT_EINVAL, "memory: no x");
	ok(!set, "memory: nothing half-built");
}

/* Checks that both pointers can be written, and fails for sample *user. */
static int read_one(void *user, int64_t index, uint64_t key, void *x, int32_t *label, float *target)
{
	*(float *)x = (float)index + 0.5f;
	*label = (int32_t)(key % 3);
	target[0] = 1;
	target[99] = 2;
	return index == *(int64_t *)user ? 42 : 0;
}

static void test_callback(void)
{
	int64_t bad = 5;
	char name[] = "two";
	const char *names[] = { "zero", "one", name };
	struct plait_dataset_info info = { .samples = 10,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 1 },
					   .classes = 3,
					   .class_names = names,
					   .targets = 100 };
	struct plait_dataset *set = NULL;
	float x, target[100];
	int32_t label;

	is_int(plait_dataset_from_callback(&set, &info, read_one, &bad), 0, "callback");
	memset(name, 'x', 3);
	names[0] = NULL;
	is_string(plait_dataset_info(set)->class_names[2], "two",
		  "callback: class names are copied");
	is_string(plait_dataset_info(set)->spec, "callback", "callback: a name for messages");
	is_int(plait_dataset_read(set, 4, 7, &x, &label, target), 0, "callback: read");
	ok(x == 4.5f && label == 1 && target[99] == 2, "callback: what it wrote");
	is_int(plait_dataset_read(set, 4, 7, &x, NULL, NULL), 0, "callback: it never sees NULL");
	is_int(plait_dataset_read(set, 5, 7, &x, &label, target), PLAIT_EDATA, "callback: failure");
	contains(plait_error_message(), "sample 5", "callback: the message has the index");
	contains(plait_error_message(), "42", "callback: and what was returned");
	plait_dataset_destroy(set);

	set = NULL;
	is_int(plait_dataset_from_callback(&set, &info, NULL, NULL), PLAIT_EINVAL,
	       "callback: no function");
	is_int(plait_dataset_from_callback(&set, &info, read_one, NULL), PLAIT_EINVAL,
	       "callback: a NULL name");
	info.class_names = NULL;
	info.ndim = 7;
	is_int(plait_dataset_from_callback(&set, &info, read_one, NULL), PLAIT_ESHAPE,
	       "callback: 7 dimensions");
	info.ndim = 1;
	info.dim[0] = 0;
	is_int(plait_dataset_from_callback(&set, &info, read_one, NULL), PLAIT_ESHAPE,
	       "callback: no elements");
	info.dim[0] = 1;
	info.dtype = PLAIT_I32;
	is_int(plait_dataset_from_callback(&set, &info, read_one, NULL), PLAIT_EINVAL,
	       "callback: dtype");
	info.dtype = PLAIT_U8;
	info.samples = 0;
	is_int(plait_dataset_from_callback(&set, &info, read_one, NULL), PLAIT_EINVAL,
	       "callback: no samples");
	info.samples = 1;
	info.targets = INT64_MAX;
	is_int(plait_dataset_from_callback(&set, &info, read_one, NULL), PLAIT_EINVAL,
	       "callback: more targets than memory can have");
	ok(!set, "callback: nothing half-built");
}

static void test_normalize(void)
{
	struct plait_normalize n = { .channels = 3, .mean = { 0, 0, 0 }, .std = { 1, 1, 1 } };
	int64_t rgb[] = { 3, 8, 8 }, grey[] = { 1, 8, 8 };

	is_int(plait_normalize_check(&n, 3, rgb), 0, "normalize: three channels");
	is_int(plait_normalize_check(&n, 3, grey), PLAIT_ESHAPE,
	       "normalize: three channels, one is there");
	contains(plait_error_message(), "[1,8,8]", "normalize: the message has the shape");
	n.std[2] = 0;
	is_int(plait_normalize_check(&n, 3, rgb), PLAIT_EINVAL, "normalize: std 0");
	contains(plait_error_message(), "channel 2", "normalize: the message has the channel");
	n.std[2] = NAN;
	is_int(plait_normalize_check(&n, 3, rgb), PLAIT_EINVAL, "normalize: std NaN");
	n.channels = 2; /* the values of other channels are not checked */
	rgb[0] = 2;
	is_int(plait_normalize_check(&n, 3, rgb), 0, "normalize: two channels");
	n.mean[0] = INFINITY;
	is_int(plait_normalize_check(&n, 3, rgb), PLAIT_EINVAL, "normalize: mean infinite");
	is_int(plait_normalize_check(&(struct plait_normalize){ .channels = 1, .std = { 2 } }, 3,
				     rgb),
	       0, "normalize: one channel fits all");
	is_int(plait_normalize_check(&(struct plait_normalize){ .channels = 0 }, 3, rgb), 0,
	       "normalize: none");
	is_int(plait_normalize_check(&(struct plait_normalize){ .channels = 17 }, 3, rgb),
	       PLAIT_EINVAL, "normalize: 17 channels");
	is_int(plait_normalize_check(&(struct plait_normalize){ .channels = -1 }, 3, rgb),
	       PLAIT_EINVAL, "normalize: -1 channels");
}

int main(void)
{
	test_specifications();
	test_synthetic();
	test_memory();
	test_callback();
	test_normalize();
	return tap_done();
}
