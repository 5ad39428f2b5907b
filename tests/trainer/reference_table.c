/* SPDX-License-Identifier: MIT
 * The trainings that reference/make.py describes in PyTorch, in Plait. */
#include "config.h"
#include "tests/trainer/reference_table.h"

#include <math.h>
#include <string.h>

/* -- the formulas ------------------------------------------------------------------------ */

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static float unit(uint64_t key, int64_t i)
{
	return (float)(mix((key << 32) + (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u) >> 48) / 65536;
}

static float signed_unit(uint64_t key, int64_t i)
{
	return 2 * unit(key, i) - 1;
}

static uint64_t key_of(const struct reference *run)
{
	return 64 * (uint64_t)run->key;
}

/* Inputs of a unit of a linear or a convolution. */
static int64_t fan_in(const struct plait_tensor *t)
{
	return plait_shape_elements(t->ndim - 1, t->dim + 1);
}

/* What numbers are around that make.py draws for a vector: 0, but for a norm of images.  Such a
 * norm has two vectors behind each other, any other layer one. */
static float middle(const struct reference *run, const struct plait_tensor *t, bool behind_vector)
{
	if (run->image[0] && behind_vector)
		return 2.5f; /* its bias */
	return run->image[0] && strstr(t->name, "weight") ? 1 : 0;
}

void reference_weights(const struct reference *run, struct plait_trainer *trainer)
{
	bool is_vector = false, behind_vector;
	struct plait_tensor t;
	float bound = 1;

	for (int p = 0; p < plait_trainer_parameters(trainer); p++) {
		float around;

		plait_trainer_parameter(trainer, p, &t);
		behind_vector = is_vector;
		is_vector = t.ndim == 1;
		around = is_vector ? middle(run, &t, behind_vector) : 0;
		if (t.ndim == 2 || t.ndim == 4)
			bound = (float)(1 / sqrt((double)fan_in(&t)));
		for (int64_t i = 0; i < plait_shape_elements(t.ndim, t.dim); i++)
			((float *)t.data)[i] =
				bound * signed_unit(key_of(run) + 16 + (uint64_t)p, i) + around;
	}
}

/* -- the runs ---------------------------------------------------------------------------- */

static void build_seed(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy(plait_model(x, "linear:50 relu linear:2"), plait_labels(net));
}

static void build_linear(struct plait_graph *net, struct plait_node *x)
{
	plait_mse(plait_model(x, "linear:10"), plait_targets(net, 10));
}

static void build_batchnorm(struct plait_graph *net, struct plait_node *x)
{
	x = plait_model(x, "batchnorm linear:16 batchnorm:momentum=0.3 relu");
	x = plait_linear_no_bias(x, 8);
	x = plait_model(x, "batchnorm:eps=1e-3 tanh linear:4");
	plait_cross_entropy(x, plait_labels(net));
}

static void build_deep(struct plait_graph *net, struct plait_node *x)
{
	x = plait_model(x, "linear:32 gelu linear:24 tanh linear:16 sigmoid linear:5");
	plait_cross_entropy(x, plait_labels(net));
}

static void build_no_bias(struct plait_graph *net, struct plait_node *x)
{
	x = plait_relu(plait_linear_no_bias(x, 20));
	plait_mse(plait_linear_no_bias(x, 3), plait_targets(net, 3));
}

static void build_images(struct plait_graph *net, struct plait_node *x)
{
	x = plait_model(x,
			"linear:200 relu linear:100 relu linear:60 relu linear:30 relu linear:10");
	plait_cross_entropy(x, plait_labels(net));
}

static void build_residual(struct plait_graph *net, struct plait_node *x)
{
	struct plait_node *h = plait_relu(plait_linear(x, 16));

	h = plait_add(h, plait_scale(plait_tanh(plait_linear(h, 16)), 0.5f));
	plait_mse(plait_softmax(plait_linear(h, 5)), plait_targets(net, 5));
}

static struct plait_node *small_net(struct plait_node *x)
{
	return plait_model(x, "linear:16 tanh linear:4");
}

static void build_eightfold(struct plait_graph *net, struct plait_node *x)
{
	plait_mse(plait_scale(small_net(x), 8), plait_targets(net, 4));
}

static void build_l1(struct plait_graph *net, struct plait_node *x)
{
	plait_l1(small_net(x), plait_targets(net, 4));
}

static void build_huber(struct plait_graph *net, struct plait_node *x)
{
	plait_huber(small_net(x), plait_targets(net, 4), 0.25f);
}

static void build_bce(struct plait_graph *net, struct plait_node *x)
{
	plait_bce_with_logits(plait_model(x, "linear:24 relu linear:6"), plait_targets(net, 6));
}

static const float class_weights[] = { 1, 2, 0.5f, 0, 3 };

static void build_classes(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy_with(
		plait_model(x, "linear:20 tanh linear:5"), plait_labels(net),
		&(struct plait_cross_entropy_options){ .class_weights = class_weights,
						       .classes = 5,
						       .ignores = true,
						       .ignore_index = 2 });
}

static void build_smooth(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy_with(plait_model(x, "linear:20 tanh linear:5"), plait_labels(net),
				 &(struct plait_cross_entropy_options){ .label_smoothing = 0.1f });
}

static void build_smooth_classes(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy_with(
		plait_model(x, "linear:20 relu linear:5"), plait_labels(net),
		&(struct plait_cross_entropy_options){ .label_smoothing = 0.2f,
						       .class_weights = class_weights,
						       .classes = 5,
						       .ignores = true,
						       .ignore_index = 1 });
}

static void build_residuals(struct plait_graph *net, struct plait_node *x)
{
	x = plait_model(x, "linear:16 relu residual{linear:16 gelu linear:16} relu\n"
			   "residual{\n"
			   "\tlinear:24 tanh residual{ linear:24 relu } linear:8 # the body\n"
			   "|\tlinear:8\n"
			   "} relu linear:4");
	plait_cross_entropy(x, plait_labels(net));
}

static void build_logs(struct plait_graph *net, struct plait_node *x)
{
	x = plait_model(x, "linear:32 silu linear:24 hardswish linear:16 leaky-relu:0.2 linear:6 "
			   "log-softmax");
	plait_nll(x, plait_labels(net));
}

static void build_norms(struct plait_graph *net, struct plait_node *x)
{
	x = plait_model(x, "linear:36 layernorm gelu\n"
			   "reshape:4x3x3 groupnorm:2,eps=1e-3 relu layernorm:dims=3\n"
			   "flatten linear:16 groupnorm:4 tanh linear:4");
	plait_cross_entropy(x, plait_labels(net));
}

static void build_cnn(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy(plait_model(x, "cnn"), plait_labels(net));
}

static void build_resnet8(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy(plait_model(x, "resnet8"), plait_labels(net));
}

static void build_mobilenet_small(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy(plait_model(x, "mobilenet-small"), plait_labels(net));
}

static void build_turning(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy(plait_model(x, "linear:24 tanh linear:3"), plait_labels(net));
}

static void build_rounded(struct plait_graph *net, struct plait_node *x)
{
	plait_cross_entropy(plait_model(x, "linear:300 relu linear:20 tanh linear:5"),
			    plait_labels(net));
}

static void build_smooth_net(struct plait_graph *net, struct plait_node *x)
{
	x = plait_model(x, "linear:32 layernorm gelu linear:24 tanh linear:5");
	plait_cross_entropy(x, plait_labels(net));
}

const struct reference reference[] = {
	{ .name = "seed-adam",
	  .key = 1,
	  .build = build_seed,
	  .samples = 2048,
	  .features = 10,
	  .classes = 2,
	  .optimizer = { PLAIT_ADAM, .lr = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
	  .batch = 32,
	  .epochs = 2 },
	{ .name = "linear-sgd",
	  .key = 2,
	  .build = build_linear,
	  .samples = 100,
	  .features = 10,
	  .targets = 10,
	  .optimizer = { PLAIT_SGD, .lr = 0.01 },
	  .batch = 10,
	  .epochs = 8 },
	{ .name = "linear-momentum",
	  .key = 3,
	  .build = build_linear,
	  .samples = 100,
	  .features = 10,
	  .targets = 10,
	  .batch = 10,
	  .epochs = 8,
	  .optimizer = { PLAIT_SGD, .lr = 0.05, .momentum = 0.9, .weight_decay = 0.001 } },
	{ .name = "linear-nesterov",
	  .key = 4,
	  .build = build_linear,
	  .samples = 100,
	  .features = 10,
	  .targets = 10,
	  .batch = 10,
	  .epochs = 8,
	  .optimizer = { PLAIT_SGD, .lr = 0.05, .momentum = 0.9, .nesterov = true,
			 .weight_decay = 0.01 } },
	{ .name = "deep-adamw",
	  .key = 5,
	  .build = build_deep,
	  .samples = 205,
	  .features = 20,
	  .classes = 5,
	  .optimizer = { PLAIT_ADAMW, .lr = 0.003, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8,
			 .weight_decay = 0.1 },
	  .batch = 16,
	  .epochs = 6 },
	{ .name = "no-bias-single",
	  .key = 6,
	  .build = build_no_bias,
	  .samples = 40,
	  .features = 12,
	  .targets = 3,
	  .batch = 1,
	  .epochs = 2,
	  .optimizer = { PLAIT_ADAM, .lr = 0.002, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8,
			 .weight_decay = 0.01 } },
	{ .name = "images-adam",
	  .key = 7,
	  .build = build_images,
	  .samples = 3200,
	  .features = 784,
	  .classes = 10,
	  .images = true,
	  .batch = 100,
	  .epochs = 2,
	  .optimizer = { PLAIT_ADAM, .lr = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 } },
	{ .name = "residual-sgd",
	  .key = 8,
	  .build = build_residual,
	  .samples = 333,
	  .features = 8,
	  .targets = 5,
	  .optimizer = { PLAIT_SGD, .lr = 0.5, .momentum = 0.5 },
	  .batch = 32,
	  .epochs = 7,
	  .unnamed = true },
	{ .name = "l1-sgd",
	  .key = 9,
	  .build = build_l1,
	  .samples = 150,
	  .features = 10,
	  .targets = 4,
	  .optimizer = { PLAIT_SGD, .lr = 0.01 },
	  .batch = 16,
	  .epochs = 8 },
	{ .name = "huber-momentum",
	  .key = 10,
	  .build = build_huber,
	  .samples = 150,
	  .features = 10,
	  .targets = 4,
	  .optimizer = { PLAIT_SGD, .lr = 0.1, .momentum = 0.9 },
	  .batch = 16,
	  .epochs = 8 },
	{ .name = "bce-adam",
	  .key = 11,
	  .build = build_bce,
	  .samples = 150,
	  .features = 10,
	  .targets = 6,
	  .questions = true,
	  .optimizer = { PLAIT_ADAM, .lr = 0.003, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
	  .batch = 16,
	  .epochs = 8 },
	{ .name = "classes-sgd",
	  .key = 12,
	  .build = build_classes,
	  .samples = 205,
	  .features = 8,
	  .classes = 5,
	  .optimizer = { PLAIT_SGD, .lr = 0.2 },
	  .batch = 16,
	  .epochs = 6 },
	{ .name = "smooth-sgd",
	  .key = 13,
	  .build = build_smooth,
	  .samples = 205,
	  .features = 8,
	  .classes = 5,
	  .optimizer = { PLAIT_SGD, .lr = 0.2 },
	  .batch = 16,
	  .epochs = 6 },
	{ .name = "smooth-classes-adam",
	  .key = 14,
	  .build = build_smooth_classes,
	  .samples = 205,
	  .features = 8,
	  .classes = 5,
	  .optimizer = { PLAIT_ADAM, .lr = 0.003, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
	  .batch = 16,
	  .epochs = 6 },
	{ .name = "residual-words",
	  .key = 15,
	  .build = build_residuals,
	  .samples = 250,
	  .features = 12,
	  .classes = 4,
	  .optimizer = { PLAIT_ADAM, .lr = 0.003, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
	  .batch = 20,
	  .epochs = 6 },
	{ .name = "bf16-momentum",
	  .key = 16,
	  .build = build_rounded,
	  .samples = 640,
	  .features = 40,
	  .classes = 5,
	  .optimizer = { PLAIT_SGD, .lr = 0.05, .momentum = 0.9 },
	  .batch = 64,
	  .epochs = 3,
	  .precision = PLAIT_PRECISION_BF16 },
	{ .name = "batchnorm-sgd",
	  .key = 17,
	  .build = build_batchnorm,
	  .samples = 250,
	  .features = 12,
	  .classes = 4,
	  .optimizer = { PLAIT_SGD, .lr = 0.05, .momentum = 0.5, .weight_decay = 0.001 },
	  .batch = 25,
	  .epochs = 7,
	  .of_parts = true },
	{ .name = "norms-adam",
	  .key = 16,
	  .build = build_norms,
	  .samples = 250,
	  .features = 12,
	  .classes = 4,
	  .optimizer = { PLAIT_ADAM, .lr = 0.003, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
	  .batch = 20,
	  .epochs = 6 },
	{ .name = "onecycle-adam",
	  .key = 18,
	  .build = build_turning,
	  .samples = 150,
	  .features = 10,
	  .classes = 3,
	  .optimizer = { PLAIT_ADAM, .lr = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
	  .schedule = "onecycle:0.01",
	  .batch = 16,
	  .epochs = 8 },
	{ .name = "logs-sgd",
	  .key = 19,
	  .build = build_logs,
	  .samples = 237,
	  .features = 12,
	  .classes = 6,
	  .optimizer = { PLAIT_SGD, .lr = 0.2, .momentum = 0.5 },
	  .batch = 16,
	  .epochs = 6 },
/* A rule of an optimizer. */
#define SMOOTH(run, number, ...) \
	{ \
		.name = run, .key = number, .build = build_smooth_net, .samples = 205, \
		.features = 20, .classes = 5, .optimizer = { __VA_ARGS__ }, .batch = 16, \
		.epochs = 16 \
	}
	SMOOTH("rmsprop", 20, PLAIT_RMSPROP, .lr = 0.001, .weight_decay = 0.001),
	SMOOTH("rmsprop-centered", 21, PLAIT_RMSPROP, .lr = 0.0003, .alpha = 0.9, .eps = 0.001,
	       .momentum = 0.8, .centered = true),
	SMOOTH("adagrad", 22, PLAIT_ADAGRAD, .lr = 0.03, .lr_decay = 0.01,
	       .initial_accumulator_value = 0.001, .weight_decay = 0.001),
	SMOOTH("nadam", 23, PLAIT_NADAM, .lr = 0.002, .weight_decay = 0.001),
	SMOOTH("lamb", 24, PLAIT_LAMB, .lr = 0.01),
	SMOOTH("lion", 39, PLAIT_LION, .lr = 0.0005, .weight_decay = 0.1),
	SMOOTH("muon", 26, PLAIT_MUON, .lr = 0.003),
	SMOOTH("muon-match-rms", 27, PLAIT_MUON, .lr = 0.002, .weight_decay = 0.01,
	       .adjust_lr_fn = PLAIT_ADJUST_MATCH_RMS_ADAMW),
#undef SMOOTH
#define EIGHTFOLD(what, number, ...) \
	{ \
		.name = what, .key = number, .build = build_eightfold, .samples = 150, \
		.features = 10, .targets = 4, .batch = 16, .epochs = 8, __VA_ARGS__ \
	}
	EIGHTFOLD("clip-norm-adam", 28, .clip_norm = 1.5, .optimizer = { PLAIT_ADAM, .lr = 0.01 }),
	EIGHTFOLD("clip-norm-momentum", 29, .clip_norm = 2,
		  .optimizer = { PLAIT_SGD, .lr = 0.02, .momentum = 0.5 }),
	EIGHTFOLD("clip-value-momentum", 30, .clip_value = 0.3,
		  .optimizer = { PLAIT_SGD, .lr = 0.02, .momentum = 0.5 }),
#undef EIGHTFOLD
	{ .name = "cnn-momentum",
	  .key = 143,
	  .build = build_cnn,
	  .samples = 20,
	  .image = { 1, 28, 28 },
	  .features = 28 * 28,
	  .classes = 10,
	  .optimizer = { PLAIT_SGD, .lr = 0.01, .momentum = 0.9 },
	  .batch = 2,
	  .epochs = 3 },
	{ .name = "resnet8-momentum",
	  .key = 37,
	  .build = build_resnet8,
	  .samples = 40,
	  .image = { 3, 32, 32 },
	  .features = 3 * 32 * 32,
	  .classes = 10,
	  .optimizer = { PLAIT_SGD, .lr = 0.003, .momentum = 0.9, .weight_decay = 0.0005 },
	  .batch = 4,
	  .epochs = 3,
	  .of_parts = true },
	{ .name = "mobilenet-small-nesterov",
	  .key = 65,
	  .build = build_mobilenet_small,
	  .samples = 40,
	  .image = { 3, 32, 32 },
	  .features = 3 * 32 * 32,
	  .classes = 10,
	  .optimizer = { PLAIT_SGD, .lr = 0.003, .momentum = 0.9, .nesterov = true,
			 .weight_decay = 0.0005 },
	  .batch = 4,
	  .epochs = 3,
	  .of_parts = true },
};

const size_t references = sizeof reference / sizeof *reference;

size_t reference_vectors(void)
{
	size_t count = 0;

	while (count < references && !reference[count].image[0])
		count++;
	return count;
}

struct plait_dataset_info reference_info(const struct reference *run)
{
	struct plait_dataset_info info = { .spec = run->name,
					   .samples = run->samples,
					   .dtype = PLAIT_F32,
					   .ndim = run->image[0] ? 3 : 1,
					   .dim = { run->features },
					   .classes = run->classes,
					   .targets = run->targets };

	if (run->image[0])
		memcpy(info.dim, run->image, sizeof run->image);
	return info;
}

struct plait_node *reference_input(const struct reference *run, struct plait_graph *net)
{
	struct plait_dataset_info info = reference_info(run);

	return plait_input(net, PLAIT_F32, info.ndim, info.dim);
}

/* make.py's images(), and its pictures(). */
static float pixel(const struct reference *run, int64_t index, int64_t j)
{
	int64_t label = 7 * index % 10, i = index * run->features + j;
	uint64_t key = key_of(run);

	return run->images ? unit(key, i) * 0.875f + ((j + 3 * label) % 10 == 0) * 0.125f
			   : 2 * signed_unit(key, i) + (j % (label + 2) == 0) * 4.0f;
}

int reference_read(void *user, int64_t index, uint64_t order, void *x_p, int32_t *label,
		   float *target)
{
	const struct reference *run = user;
	bool pixels = run->images || run->image[0];
	uint64_t key = key_of(run);
	float *x = x_p;

	(void)order;
	for (int64_t j = 0; j < run->features; j++)
		x[j] = pixels ? pixel(run, index, j) : signed_unit(key, index * run->features + j);
	if (run->classes)
		*label = (int32_t)(((x[0] > 0) + 2 * (x[1] > 0) + 4 * (x[2] > 0)) % run->classes);
	if (pixels)
		*label = (int32_t)(7 * index % 10);
	for (int64_t m = 0; m < run->targets; m++) {
		float feature = x[(m + 1) % run->features];
		int64_t i = index * run->targets + m;

		target[m] = run->questions ? ((float)(feature > 0) * 3 + unit(key + 1, i)) / 4
					   : feature / 2 + signed_unit(key + 1, i) / 4;
	}
	return 0;
}
