/* SPDX-License-Identifier: MIT
 * Rows of tests/api_null.c for what needs no StarPU: tensors, data sets, transforms, checkpoints,
 * metrics and names. */
#include "config.h"
#include "tests/api_null.h"
#include "tests/files.h"

#include <math.h>
#include <string.h>

/* -- base.h, tensor.h, plan.h, optimizer.h -------------------------------------------------- */

static void base_rows(void)
{
	SAYS("unknown status", plait_status_text(-1000));
	SAYS(API_NO_MESSAGE, plait_error_message());
	SAYS(PACKAGE_VERSION, plait_version());
	SAYS("?", plait_granularity_name((enum plait_granularity) - 1));
	SAYS("?", plait_pipeline_schedule_name((enum plait_pipeline_schedule)99));
	SAYS("?", plait_overlap_name((enum plait_overlap)99));
	GIVES(PLAIT_SGD, plait_sgd(-1).kind);
	GIVES(PLAIT_ADAM, plait_adam(-1).kind);
	GIVES(PLAIT_ADAMW, plait_adamw(-1).kind);
	GIVES(PLAIT_RMSPROP, plait_rmsprop(-1).kind);
	GIVES(PLAIT_ADAGRAD, plait_adagrad(-1).kind);
	GIVES(PLAIT_NADAM, plait_nadam(-1).kind);
	GIVES(PLAIT_LAMB, plait_lamb(-1).kind);
	GIVES(PLAIT_LION, plait_lion(-1).kind);
	GIVES(PLAIT_MUON, plait_muon(-1).kind);
}

/* -- schedule.h ----------------------------------------------------------------------------- */

static double no_factor(int64_t step, void *user)
{
	(void)user;
	return (double)step;
}

static void schedule_rows(void)
{
	const struct plait_schedule_run none = { 0 };
	struct plait_schedule_run run = { .lr = 1, .epoch_steps = 1, .total_steps = 1 };
	struct plait_schedule s = { .kind = PLAIT_SCHEDULE_PLATEAU };
	const int64_t epoch = 3;
	int words;

	GIVES(-1, plait_step_lr(-1, 0.1).step_size);
	GIVES(0, plait_multistep_lr(NULL, 99, 0.1).milestones);
	GIVES(-1, plait_multistep_lr(&epoch, -1, 0.1).milestones);
	GIVES(-1, plait_exponential_lr(-1).gamma);
	GIVES(-1, plait_linear_lr(-1, 1).start_factor);
	GIVES(-1, plait_cosine_annealing_lr(-1).eta_min);
	GIVES(-1, plait_cosine_annealing_warm_restarts(-1, 1, 0).t_0);
	GIVES(-1, plait_one_cycle_lr(-1).max_lr);
	GIVES(-1, plait_reduce_lr_on_plateau(0.1, -1).patience);
	GIVES(PLAIT_SCHEDULE_LAMBDA, plait_lambda_lr(NULL, &run).kind);
	GIVES(PLAIT_SCHEDULE_LAMBDA, plait_lambda_lr(no_factor, NULL).kind);
	REFUSES(PLAIT_EINVAL, plait_schedule_parse(NULL, "cosine"));
	REFUSES(PLAIT_EINVAL, plait_schedule_parse(&s, NULL));
	api_holds(s.kind == PLAIT_SCHEDULE_PLATEAU, "a schedule that is refused changes nothing");
	words = plait_schedule_words(NULL, 0);
	GIVES(words, plait_schedule_words(NULL, 99));
	GIVES(words, plait_schedule_words((const char *[]){ "" }, -1));
	REFUSES(PLAIT_EINVAL, plait_schedule_check(NULL));
	s.factor = 2;
	REFUSES(PLAIT_EINVAL, plait_schedule_check(&s));
	s.factor = 0.5;
	GIVES_NAN(plait_schedule_lr(NULL, &run, 0));
	GIVES_NAN(plait_schedule_lr(&s, NULL, 0));
	GIVES_NAN(plait_schedule_lr(&s, &none, 0));
	GIVES_NAN(plait_schedule_lr(&s, &run, -1));
	GIVES(1, plait_schedule_lr(&s, &run, INT64_MAX));
	GIVES_NAN(plait_schedule_momentum(NULL, &run, 0, 1));
	GIVES_NAN(plait_schedule_momentum(&s, NULL, 0, 1));
	GIVES_NAN(plait_schedule_momentum(&s, &run, -1, 1));
	GIVES(3, plait_schedule_momentum(&s, &run, INT64_MAX, 3));
	REFUSES(PLAIT_EINVAL, plait_schedule_epoch(NULL, &run, 1));
	REFUSES(PLAIT_EINVAL, plait_schedule_epoch(&s, NULL, 1));
	GIVES(0, plait_schedule_epoch(&s, &run, NAN));
}

static void tensor_rows(void)
{
	const int64_t dim[] = { 2, 3 }, negative[] = { 2, -3 }, large[] = { INT64_MAX, 2 };
	char text[32] = "as it was";

	GIVES(0, plait_dtype_size((enum plait_dtype)0));
	GIVES(0, plait_dtype_size((enum plait_dtype)99));
	SAYS("?", plait_dtype_name((enum plait_dtype) - 1));
	SAYS("?", plait_precision_name((enum plait_precision) - 1));
	/* It always says the same. */
	GIVES(plait_cpu_has_bf16(), plait_cpu_has_bf16());
	GIVES(1, plait_shape_elements(0, NULL));
	GIVES(-1, plait_shape_elements(2, NULL));
	GIVES(-1, plait_shape_elements(-1, dim));
	GIVES(-1, plait_shape_elements(2, negative));
	GIVES(-1, plait_shape_elements(2, large));
	SAYS("as it was", plait_shape_text(2, dim, text, 0));
	GIVES_NULL(plait_shape_text(2, dim, NULL, sizeof text));
	GIVES_NULL(plait_shape_text(2, dim, NULL, 0));
	SAYS("?", plait_shape_text(2, NULL, text, sizeof text));
	SAYS("?", plait_shape_text(-1, dim, text, sizeof text));
	SAYS("[]", plait_shape_text(0, NULL, text, sizeof text));
	SAYS("", plait_shape_text(2, dim, text, 1));
}

/* -- dataset.h ------------------------------------------------------------------------------ */

static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	(void)user;
	(void)key;
	memset(x, (int)index, sizeof(float));
	*label = 1;
	*target = 2;
	return 0;
}

/* Data of six rows. */
static float numbers[6] = { 1, 2, 3, 4, 5, 6 };
static int32_t classes[6] = { 0, 1, 0, 1, 0, 1 }, three[3] = { 1, 2, 3 };
static const struct plait_tensor
	x = { .dtype = PLAIT_F32, .ndim = 2, .dim = { 6, 1 }, .data = numbers },
	empty = { .dtype = PLAIT_F32, .ndim = 2, .dim = { 6, 1 } },
	negative = { .dtype = PLAIT_F32, .ndim = -1, .data = numbers },
	y = { .dtype = PLAIT_I32, .ndim = 1, .dim = { 6 }, .data = classes },
	lengths = { .dtype = PLAIT_I32, .ndim = 1, .dim = { 3 }, .data = three };
static const struct plait_dataset_info description = {
	.samples = 3, .dtype = PLAIT_F32, .ndim = 1, .dim = { 1 }, .classes = 2, .targets = 1
};

static void open_rows(void)
{
	struct plait_dataset *set = NULL;
	struct plait_dataset_info info = description;

	REFUSES(PLAIT_EINVAL, plait_dataset_open(NULL, "synthetic:10,2,2"));
	REFUSES(PLAIT_EINVAL, plait_dataset_open(&set, NULL));
	REFUSES(PLAIT_EINVAL, plait_dataset_open(&set, ""));
	REFUSES(PLAIT_EINVAL, plait_dataset_open(&set, "synthetic:-10,2,2"));

	REFUSES(PLAIT_EINVAL, plait_dataset_from_memory(NULL, &x, &y, 2));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_memory(&set, NULL, &y, 2));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_memory(&set, &x, NULL, 2));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_memory(&set, &empty, &y, 2));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_memory(&set, &x, &empty, 0));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_memory(&set, &x, &y, -1));
	REFUSES(PLAIT_ELABEL, plait_dataset_from_memory(&set, &x, &y, 1));
	REFUSES(PLAIT_ESHAPE, plait_dataset_from_memory(&set, &negative, &y, 2));
	REFUSES(PLAIT_ESHAPE, plait_dataset_from_memory(&set, &x, &negative, 0));

	REFUSES(PLAIT_EINVAL, plait_dataset_from_sequences(NULL, &x, &lengths, &lengths, 4));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_sequences(&set, NULL, &lengths, &lengths, 4));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_sequences(&set, &x, NULL, &lengths, 4));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_sequences(&set, &x, &lengths, NULL, 4));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_sequences(&set, &x, &empty, NULL, 0));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_sequences(&set, &x, &lengths, &lengths, -1));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_sequences(&set, &x, &y, NULL, 0));

	REFUSES(PLAIT_EINVAL, plait_dataset_from_callback(NULL, &info, read_sample, &info));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_callback(&set, NULL, read_sample, &info));
	REFUSES(PLAIT_EINVAL, plait_dataset_from_callback(&set, &info, NULL, &info));
	info.samples = -3;
	REFUSES(PLAIT_EINVAL, plait_dataset_from_callback(&set, &info, read_sample, NULL));
	info = description;
	info.ndim = -1;
	REFUSES(PLAIT_ESHAPE, plait_dataset_from_callback(&set, &info, read_sample, NULL));
	info = description;
	info.classes = -2;
	REFUSES(PLAIT_EINVAL, plait_dataset_from_callback(&set, &info, read_sample, NULL));
	info = description;
	info.class_names = (const char *const[]){ "one", NULL };
	REFUSES(PLAIT_EINVAL, plait_dataset_from_callback(&set, &info, read_sample, NULL));
	info = description;
	info.lengths = (const int32_t[]){ 1, -1, 1 };
	REFUSES(PLAIT_EINVAL, plait_dataset_from_callback(&set, &info, read_sample, NULL));
	api_holds(set == NULL, "nothing is set where something is refused");
}

/* Of each kind of data set. */
static void read_rows(struct plait_dataset *set)
{
	float sample[4], target[1];
	int32_t label;

	REFUSES(PLAIT_EINVAL, plait_dataset_read(NULL, 0, 0, sample, &label, target));
	REFUSES(PLAIT_EINVAL, plait_dataset_read(set, 0, 0, NULL, &label, target));
	GIVES(0, plait_dataset_read(set, 0, 0, sample, NULL, target));
	GIVES(0, plait_dataset_read(set, 0, 0, sample, &label, NULL));
	GIVES(0, plait_dataset_read(set, 0, 0, sample, NULL, NULL));
	REFUSES(PLAIT_EINVAL, plait_dataset_read(set, -1, 0, sample, &label, target));
	REFUSES(PLAIT_EINVAL, plait_dataset_read(set, 6, 0, sample, &label, target));
	plait_dataset_destroy(set);
}

static void dataset_rows(void)
{
	const char *const names[] = { "one" };
	enum plait_note kind;
	struct plait_dataset *set = NULL;

	open_rows();
	api_made(plait_dataset_from_memory(&set, &x, &y, 2));
	read_rows(set);
	api_made(plait_dataset_from_memory(&set, &x, &x, 0));
	read_rows(set);
	api_made(plait_dataset_from_sequences(&set, &x, &lengths, NULL, 0));
	read_rows(set);
	GIVES(0, plait_dataset_from_callback(&set, &description, read_sample, NULL));
	read_rows(set);
	api_made(plait_dataset_from_memory(&set, &x, &y, 2));
	GIVES_NULL(plait_dataset_info(NULL));
	GIVES_NULL(plait_dataset_labels(NULL));
	REFUSES(PLAIT_EINVAL, plait_dataset_apply_exif(NULL));
	REFUSES(PLAIT_EINVAL, plait_dataset_apply_exif(set));
	GIVES_NULL(plait_dataset_note(NULL, 0, &kind));
	GIVES_NULL(plait_dataset_note(set, 0, NULL));
	GIVES_NULL(plait_dataset_note(set, -1, NULL));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_classes(NULL, 1, names, "x"));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_classes(set, 1, NULL, "x"));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_classes(set, 1, names, NULL));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_classes(set, -1, names, "x"));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_features(NULL, 1, names, "x"));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_features(set, 1, NULL, "x"));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_features(set, 1, names, NULL));
	REFUSES(PLAIT_EINVAL, plait_dataset_match_features(set, -1, names, "x"));
	IGNORES(plait_dataset_destroy(NULL));
	plait_dataset_destroy(set);
}

/* -- transform.h ---------------------------------------------------------------------------- */

static void do_nothing(void *user, uint64_t key, int height, int width, int channels,
		       uint8_t *pixels)
{
	(void)user;
	(void)key;
	(void)height;
	(void)width;
	(void)channels;
	(void)pixels;
}

static void normalize_rows(void)
{
	struct plait_normalize three_channels = { .channels = 3, .std = { 1, 1, 1 } };
	struct plait_normalize none = { .channels = -1 }, many = { .channels = 17 };
	struct plait_transform *transform = NULL;
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
	const int64_t dim[3] = { 3, 4, 4 };

	GIVES(0, plait_normalize_check(NULL, 3, dim));
	REFUSES(PLAIT_EINVAL, plait_normalize_check(&three_channels, 3, NULL));
	REFUSES(PLAIT_ESHAPE, plait_normalize_check(&three_channels, -1, dim));
	REFUSES(PLAIT_EINVAL, plait_normalize_check(&none, 3, dim));
	REFUSES(PLAIT_EINVAL, plait_normalize_check(&many, 3, dim));

	api_made(plait_transform_parse(&transform, "flip"));
	GIVES(3, plait_transform_affine(NULL, &three_channels, scale, shift));
	GIVES(1, plait_transform_affine(transform, NULL, scale, shift));
	REFUSES(PLAIT_EINVAL, plait_transform_affine(transform, &three_channels, NULL, shift));
	REFUSES(PLAIT_EINVAL, plait_transform_affine(transform, &three_channels, scale, NULL));
	REFUSES(PLAIT_EINVAL, plait_transform_affine(transform, &none, scale, shift));
	REFUSES(PLAIT_EINVAL, plait_transform_affine(transform, &many, scale, shift));
	plait_transform_destroy(transform);
}

static void transform_rows(void)
{
	struct plait_transform *transform = NULL;
	const int64_t dim[3] = { 3, 4, 4 }, negative_height[3] = { 3, -4, 4 };
	int64_t result[3];
	int user = 0;

	REFUSES(PLAIT_EINVAL, plait_transform_parse(NULL, "flip"));
	REFUSES(PLAIT_EINVAL, plait_transform_parse(&transform, NULL));
	REFUSES(PLAIT_EINVAL, plait_transform_parse(&transform, "resize:-1"));
	api_holds(transform == NULL, "nothing is set where something is refused");
	api_made(plait_transform_parse(&transform, "resize:2x2"));
	REFUSES(PLAIT_EINVAL, plait_transform_append(NULL, do_nothing, &user));
	REFUSES(PLAIT_EINVAL, plait_transform_append(transform, NULL, &user));
	GIVES(0, plait_transform_append(transform, do_nothing, NULL));
	GIVES(0, plait_transform_shape(NULL, dim, false, result));
	REFUSES(PLAIT_ESHAPE, plait_transform_shape(NULL, dim, true, result));
	REFUSES(PLAIT_EINVAL, plait_transform_shape(transform, NULL, false, result));
	REFUSES(PLAIT_EINVAL, plait_transform_shape(transform, dim, false, NULL));
	REFUSES(PLAIT_ESHAPE, plait_transform_shape(transform, negative_height, false, result));
	GIVES(false, plait_transform_is_random(NULL));
	GIVES(plait_transform_words((const char *[]){ "" }, -1), plait_transform_words(NULL, 99));
	IGNORES(plait_transform_destroy(NULL));
	plait_transform_destroy(transform);
}

/* -- checkpoint.h --------------------------------------------------------------------------- */

static void save_rows(const char *path)
{
	struct plait_tensor good = { "w", PLAIT_F32, 1, { 6 }, numbers }, bad = good;
	struct plait_metadata text = { .key = "k", .value = "v" };

	REFUSES(PLAIT_EINVAL, plait_checkpoint_save(NULL, 1, &good));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save("", 1, &good));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save(path, 1, NULL));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save(path, -1, &good));
	bad.name = NULL;
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save(path, 1, &bad));
	bad = good;
	bad.data = NULL;
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save(path, 1, &bad));
	bad = good;
	bad.ndim = -1;
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save(path, 1, &bad));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save_with(NULL, 1, &good, 1, &text));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save_with(path, 1, NULL, 1, &text));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save_with(path, 1, &good, 1, NULL));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save_with(path, 1, &good, -1, &text));
	text.value = NULL;
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save_with(path, 1, &good, 1, &text));
	text = (struct plait_metadata){ .key = NULL, .value = "x" };
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save_with(path, 1, &good, 1, &text));
	text = (struct plait_metadata){ .key = "format", .value = "x" };
	REFUSES(PLAIT_EINVAL, plait_checkpoint_save_with(path, 1, &good, 1, &text));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_check_path(NULL));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_check_path(""));
	api_made(plait_checkpoint_save(path, 1, &good));
}

static void checkpoint_rows(void)
{
	const char *path = files_path("null.safetensors");
	struct plait_checkpoint *checkpoint = NULL;

	save_rows(path);
	REFUSES(PLAIT_EINVAL, plait_checkpoint_open(NULL, path));
	REFUSES(PLAIT_EINVAL, plait_checkpoint_open(&checkpoint, NULL));
	REFUSES(PLAIT_EIO, plait_checkpoint_open(&checkpoint, ""));
	api_holds(checkpoint == NULL, "nothing is set where something is refused");
	api_made(plait_checkpoint_open(&checkpoint, path));
	GIVES(0, plait_checkpoint_count(NULL));
	GIVES_NULL(plait_checkpoint_tensor(NULL, 0));
	GIVES_NULL(plait_checkpoint_tensor(checkpoint, -1));
	GIVES_NULL(plait_checkpoint_tensor(checkpoint, 1));
	GIVES_NULL(plait_checkpoint_find(NULL, "w"));
	GIVES_NULL(plait_checkpoint_find(checkpoint, NULL));
	GIVES_NULL(plait_checkpoint_metadata(NULL, "k"));
	GIVES_NULL(plait_checkpoint_metadata(checkpoint, NULL));
	GIVES_NULL(plait_checkpoint_metadata(checkpoint, "none"));
	GIVES_NULL(plait_checkpoint_metadata_at(NULL, 0));
	GIVES_NULL(plait_checkpoint_metadata_at(checkpoint, -1));
	GIVES_NULL(plait_checkpoint_metadata_at(checkpoint, 1));
	IGNORES(plait_checkpoint_destroy(NULL));
	plait_checkpoint_destroy(checkpoint);
}

/* -- metrics.h ------------------------------------------------------------------------------ */

static void metrics_rows(void)
{
	GIVES_NAN(plait_metrics_loss(NULL));
	GIVES_NAN(plait_metrics_accuracy(NULL));
	GIVES_NAN(plait_metrics_grad_norm(NULL));
	GIVES_NAN(plait_metrics_value(NULL, "name"));
	GIVES_NAN(plait_metrics_value(&(struct plait_metrics){ .samples = 1 }, NULL));
	GIVES_NULL(plait_metrics_name(NULL, 0));
	GIVES_NULL(plait_metrics_name(&(struct plait_metrics){ .metrics = 1 }, -1));
	GIVES(0, plait_metrics_samples_per_second(NULL));
	GIVES(0, plait_metrics_load_wait_percent(NULL));
}

void api_data_rows(void)
{
	base_rows();
	schedule_rows();
	tensor_rows();
	dataset_rows();
	normalize_rows();
	transform_rows();
	checkpoint_rows();
	metrics_rows();
}
