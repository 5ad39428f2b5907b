/* SPDX-License-Identifier: MIT
 * Data without labels, which are for prediction: arrays without a file of labels, tables in which
 * no column is the label. */
#include "tests/dataset/dataset.h"

#include <plait.h>

/* Opens a specification and checks its samples: their count, shape and sum. */
static struct plait_dataset *check(const char *spec, int64_t samples, const char *shape, float sum)
{
	struct plait_dataset *set = open_or_bail(spec);
	const struct plait_dataset_info *info = plait_dataset_info(set);
	float found = 0;

	for (int64_t i = 0; i < info->samples; i++) {
		unsigned char bytes[16];
		float x[16], target = -7;
		int32_t label = -7;
		bool whole = info->dtype == PLAIT_U8;

		is_int(plait_dataset_read(set, i, 0, whole ? (void *)bytes : x, &label, &target), 0,
		       "%s: sample %d", strrchr(spec, '/'), (int)i);
		ok(label == -7 && target == -7, "has neither a label nor a target");
		for (int64_t k = 0; k < plait_shape_elements(info->ndim, info->dim); k++)
			found += whole ? (float)bytes[k] : x[k];
	}
	ok(info->samples == samples && found == sum, "%s: its samples", strrchr(spec, '/'));
	is_string(sample_shape(set), shape, "and their shape");
	ok(info->classes == 0 && info->targets == 0 && !info->class_names &&
		   !plait_dataset_labels(set),
	   "and nothing else");
	return set;
}

static void test_arrays(void)
{
	static const char x[] = "\x93NUMPY\1\0\x3e\0{'descr': '|u1', 'fortran_order': False, "
				"'shape': (2,1,2,1), }\1\2\3\4";
	static const char images[] = "\0\0\x08\3\0\0\0\2\0\0\0\2\0\0\0\1\5\6\7\x8";

	files_write("x.npy", x, sizeof x - 1);
	plait_dataset_destroy(check(files_spec("npy:%s", "x.npy", ""), 2, "[1,2,1]", 10));
	plait_dataset_destroy(
		check(files_spec("npy:%s,layout=hwc", "x.npy", ""), 2, "[1,1,2]", 10));
	files_write("x.idx", images, sizeof images - 1);
	plait_dataset_destroy(check(files_spec("idx:%s", "x.idx", ""), 2, "[1,2,1]", 26));
	files_write_gzip("x.idx", images, sizeof images - 1);
	plait_dataset_destroy(check(files_spec("idx:%s", "x.idx", ""), 2, "[1,2,1]", 26));
	refuses(files_spec("npy:%s,", "x.npy", ""), PLAIT_EINVAL, "npy:X.npy[,Y.npy]", "one file");
	refuses(files_spec("idx:%s,", "x.idx", ""), PLAIT_EINVAL, "idx:IMAGES[,LABELS]",
		"one file");
	refuses("npy:,layout=hwc", PLAIT_EINVAL, "npy:X.npy[,Y.npy]", "\",layout=hwc\"");
}

static const char *table(const char *text, const char *options)
{
	static char spec[1200];

	files_write("t.csv", text, strlen(text));
	snprintf(spec, sizeof spec, "csv:%s%s", files_path("t.csv"), options);
	return spec;
}

static void test_tables(void)
{
	struct plait_dataset *set = check(table("a,b\n1,2\n3,4\n", ",label=none"), 2, "[2]", 10);

	is_string(plait_dataset_info(set)->feature_names[1], "b", "the last column is a feature");
	plait_dataset_destroy(set);
	plait_dataset_destroy(check(table("1,2\n3,4\n", ",label=none"), 2, "[2]", 10));
	plait_dataset_destroy(check(table("1,2\n3,4\n", ",header=yes,label=none"), 1, "[2]", 7));
	plait_dataset_destroy(check(table("a\n1\n3\n", ",label=none"), 2, "[1]", 4));
	plait_dataset_destroy(check(table("1\n3\n", ",label=none"), 2, "[1]", 4));
	/* Two whole numbers are a sample, as they are beside a label. */
	plait_dataset_destroy(check(table("0,1\n3,4\n", ",label=none"), 2, "[2]", 8));
	/* A name that would be the label's if there were one. */
	plait_dataset_destroy(check(table("target,b\n1,2\n", ",label=none"), 1, "[2]", 3));
	set = check(table(",a,b\n0,5,6\n1,7,8\n", ",label=none"), 2, "[2]", 26);
	is_string(plait_dataset_info(set)->feature_names[0], "a",
		  "a column of numbers is no feature");
	plait_dataset_destroy(set);
	/* With two columns, one that numbers the rows leaves a feature. */
	set = check(table(",a\n0,5\n1,7\n", ",label=none"), 2, "[1]", 12);
	plait_dataset_destroy(set);
}

static void test_bad_tables(void)
{
	static const struct {
		const char *text, *options, *message;
		int status;
	} cases[] = {
		{ "1,2\n3,x\n", ",label=none", "line 2, column 2: expected a finite number",
		  PLAIT_EFORMAT },
		{ "1,2\n3\n", ",label=none", "line 2: expected 2 columns, found 1", PLAIT_EFORMAT },
		{ "1,5;2\n2,5;3\n", ",label=none", "line 1, column 2", PLAIT_EFORMAT },
		{ "1990,1991,1992\n1,2,3\n", ",label=none",
		  "line 1 may be a header or a sample: header=yes or header=no", PLAIT_EFORMAT },
		{ "", ",label=none", "an empty file", PLAIT_EFORMAT },
		{ "a,b\n", ",label=none", "only a header", PLAIT_EFORMAT },
		{ "1\n2\n", "", "at least 2 columns, found one (label=none is for data without",
		  PLAIT_EFORMAT },
		{ "a,b\n1,2\n", ",label=y", "label=none is for data without labels", PLAIT_EINVAL },
		{ "1,2\n", ",label=none,label=none", "once", PLAIT_EINVAL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refuses(table(cases[i].text, cases[i].options), cases[i].status, "",
			cases[i].message);
}

/* Samples as the loader delivers them; a loss says what it lacks. */
static void test_use(void)
{
	struct plait_dataset *set = open_or_bail(table("1,2\n3,4\n5,6\n", ",label=none"));
	struct plait_graph *net = plait_graph_create();
	struct plait_trainer *trainer = NULL;
	struct plait_fit_options options = { .loader.batch_size = 2, .quiet = true };
	float out[3];

	plait_cross_entropy(
		plait_model(plait_input(net, PLAIT_F32, 1, (int64_t[]){ 2 }), "linear:2"),
		plait_labels(net));
	if (plait_start(NULL) < 0 || plait_trainer_create(&trainer, net, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_fit(trainer, set, &options), PLAIT_EINVAL, "training refuses them");
	contains(plait_error_message(), "no class labels, and the loss needs them", "and says why");
	is_int(plait_predict(trainer, set, &options, (float[6]){ 0 }), 0, "prediction takes them");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	net = plait_graph_create();
	plait_mse(plait_linear(plait_input(net, PLAIT_F32, 1, (int64_t[]){ 2 }), 1),
		  plait_targets(net, 1));
	if (plait_trainer_create(&trainer, net, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_fit(trainer, set, &options), PLAIT_EINVAL, "so does training on targets");
	contains(plait_error_message(), "no target vectors, and the loss needs them",
		 "and says why");
	is_int(plait_predict(trainer, set, &options, out), 0, "prediction takes them");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(set);
	plait_stop();
}

int main(void)
{
	test_arrays();
	test_tables();
	test_bad_tables();
	test_use();
	return tap_done();
}
