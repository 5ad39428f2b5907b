/* SPDX-License-Identifier: MIT
 * What fit, evaluate and predict share: whether data and network fit, binding them to a
 * binding, running it. */
#include "config.h"
#include "codelets/ops.h"
#include "src/trainer/diagnose.h"
#include "src/runtime/runtime.h"
#include "src/trainer/trainer.h"

#include <inttypes.h>

/* One run at a time: whoever calls from an event handler would read and write what the run in
 * progress writes. */
static int check_trainer(const struct plait_trainer *trainer, const char *caller)
{
	if (!trainer)
		return plait__error(PLAIT_EINVAL, "%s: the trainer is NULL", caller);
	if (trainer->running)
		return plait__error(PLAIT_ESTATE, "%s: the trainer is in a run, wait for its end",
				    caller);
	return plait__runtime_require(caller);
}

int plait__trainer_check(const struct plait_trainer *trainer, const struct plait_dataset *dataset,
			 const char *caller)
{
	int status = check_trainer(trainer, caller);

	return status == 0 && !dataset
		       ? plait__error(PLAIT_EINVAL, "%s: the data set is NULL", caller)
		       : status;
}

int plait__trainer_check_training(const struct plait_trainer *trainer, const char *caller)
{
	int status = check_trainer(trainer, caller);

	if (status == 0 && trainer->run)
		return plait__error(PLAIT_ESTATE, "%s: the trainer has an open run, close it first",
				    caller);
	if (status == 0 && trainer->options.forward_only)
		return plait__error(PLAIT_ESTATE,
				    "%s: the trainer is forward_only: it evaluates and predicts",
				    caller);
	return status;
}

static int check_input(const struct plait_graph *net, const struct plait_dataset *dataset,
		       const struct plait_transform *transform)
{
	int64_t dim[PLAIT_MAX_DIMS];
	char data[128], input[128];
	int ndim, status;

	const struct plait_node *x;

	if (net->inputs == 0)
		return plait__error(PLAIT_EINVAL, "the graph has no input");
	if (net->inputs > 1)
		return plait__error(PLAIT_EINVAL,
				    "the graph has %d inputs, a data set delivers one",
				    net->inputs);
	x = net->input[0];
	status = plait_sample_shape(dataset, transform, &ndim, dim);
	if (status < 0 || plait_shape_elements(ndim, dim) == plait_node_elements(x))
		return status;
	return plait__error(PLAIT_ESHAPE, "%s: samples are %s, the network's input is %s",
			    plait_dataset_info(dataset)->spec,
			    plait_shape_text(ndim, dim, data, sizeof data),
			    plait_shape_text(x->ndim, x->dim, input, sizeof input));
}

/* Bytes are normalised by the network: what the loader would do must not differ, nor get lost. */
static int check_normalize(const struct plait_graph *net, const struct plait_dataset *dataset,
			   const struct plait_loader_options *loader)
{
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
	struct plait__affine affine;
	int channels;

	channels = plait_transform_affine(loader->transform, &loader->normalize, scale, shift);
	if (channels < 0)
		return channels;
	plait__affine_join(loader->transform, &loader->normalize, &affine);
	for (int i = 0; affine.channels > 0 && i < net->nodes; i++)
		if (net->node[i]->op == &plait__op_normalize &&
		    !plait__normalize_is(net->node[i], channels, scale, shift))
			return plait__error(PLAIT_EINVAL,
					    "%s: the network normalizes the bytes of its input by "
					    "other numbers than the transform and the options do",
					    plait_dataset_info(dataset)->spec);
	return 0;
}

/* The caller's, but for what the mode has no use for. */
static struct plait_loader_options loader_options(const struct plait_graph *net,
						  enum plait__mode mode,
						  const struct plait_dataset *dataset,
						  const struct plait_fit_options *options,
						  const struct plait__binding *shares)
{
	struct plait_loader_options loader = options->loader;

	if (net->inputs > 0)
		loader.dtype = net->input[0]->dtype;
	if (mode == PLAIT__TRAIN)
		return loader;
	/* Every sample once, in order. */
	loader.shuffle = loader.drop_last = loader.load_once = false;
	loader.sampler = (struct plait_sampler){ 0 };
	loader.load_delay = 0;
	loader.transform = options->fixed_transform;
	/* A run that goes through the samples once has no use for a cache. */
	if (!shares || !dataset->fetch)
		loader.cache = PLAIT_CACHE_NONE;
	/* A substitute's output would stand in the place of the sample's. */
	if (mode == PLAIT__PREDICT) {
		loader.pad_last = false;
		loader.bad = (struct plait_bad_options){ 0 };
	}
	return loader;
}

/* on_submit gets the batch of each step by itself. */
static void set_grain(const struct plait_trainer_options *trainer,
		      const struct plait_fit_options *options, struct plait__binding_options *out)
{
	out->granularity = trainer->granularity;
	out->steps = 1;
	if (trainer->granularity == PLAIT_GRANULARITY_RUN) {
		out->granularity = PLAIT_GRANULARITY_STEP;
		out->steps = trainer->steps_per_task;
	} else if (trainer->granularity == PLAIT_GRANULARITY_AUTO) {
		out->steps = 0;
		out->most_steps = trainer->steps_per_task;
	}
	if (options->on_submit)
		out->steps = 1;
}

/* What a binding is to be, if data set and network fit. */
static int describe(const struct plait_trainer *trainer, enum plait__mode mode,
		    struct plait_dataset *dataset, const struct plait_fit_options *options,
		    const struct plait__binding *shares, struct plait__binding_options *out)
{
	const struct plait_graph *net = trainer->graph;
	int status;

	*out = (struct plait__binding_options){
		.mode = mode,
		.split = trainer->split,
		.accumulate = plait__trainer_accumulates(trainer),
		.schedule = trainer->options.pipeline_schedule,
		.precision = trainer->options.precision,
		.shard_device = trainer->shard_device,
		.dataset = dataset,
		.shares = shares,
		.overlap = options->overlap,
		.snapshot = shares && options->overlap_validation,
		.others_read = options->on_submit != NULL,
		.scores = mode == PLAIT__EVALUATE && options->scores,
		.loader = loader_options(net, mode, dataset, options, shares),
		.first_step = trainer->updates,
	};
	set_grain(&trainer->options, options, out);
	status = check_input(net, dataset, out->loader.transform);
	if (status == 0 && out->loader.dtype == PLAIT_U8)
		status = check_normalize(net, dataset, &out->loader);
	if (status == 0 && mode != PLAIT__PREDICT)
		status = plait__trainer_check_answers(net, dataset);
	return status < 0 ? status
			  : plait__trainer_check_weights(net, &out->loader, mode == PLAIT__TRAIN);
}

/* Microbatches would share memory.  As many shards beside each other have the same bits. */
static void set_apart(struct plait__binding_options *o)
{
	o->steps = 1;
	if (plait__split_microbatches(&o->split) == 1)
		return;
	o->split.microbatches = 1;
	o->shard_device = NULL; /* of those beside each other, which are more now */
}

int plait__trainer_bind(struct plait_trainer *trainer, struct plait__binding *binding,
			enum plait__mode mode, struct plait_dataset *dataset,
			const struct plait_fit_options *options, const bool *keeps,
			const struct plait__lenders *lenders)
{
	struct plait__binding_options o;
	int status = describe(trainer, mode, dataset, options, NULL, &o);

	o.keeps = keeps;
	o.lenders = lenders;
	/* What is kept is read of each step, and of all its shards. */
	if (keeps && mode != PLAIT__TRAIN)
		set_apart(&o);
	/* Beside an open run the parameters are where that has them. */
	if (trainer->run) {
		o.shares = plait__run_binding(trainer->run);
		o.loads_apart = true;
	}
	return status < 0 ? status : plait__bindings_create(&binding, 1, &trainer->store, &o);
}

int plait__trainer_bind_fit(struct plait_trainer *trainer, struct plait__binding *train,
			    struct plait__binding *validation, struct plait_dataset *dataset,
			    const struct plait_fit_options *options,
			    const struct plait__lenders *lenders)
{
	struct plait__binding *const both[] = { train, validation };
	struct plait__binding_options o[2];
	int status = describe(trainer, PLAIT__TRAIN, dataset, options, NULL, &o[0]);

	o[0].replicas = trainer->options.replicas;
	o[0].bucket_bytes = trainer->options.bucket_bytes;
	if (status == 0 && options->validation)
		status = describe(trainer, PLAIT__EVALUATE, options->validation, options, train,
				  &o[1]);
	o[0].lenders = o[1].lenders = lenders;
	return status < 0 ? status
			  : plait__bindings_create(both, options->validation ? 2 : 1,
						   &trainer->store, o);
}

int plait__trainer_outcome(const struct plait_trainer *trainer, const struct plait__member *member)
{
	if (member->status < 0)
		return plait__error(member->status, "%s", member->message);
	if (member->halted.number < 0)
		return 0;
	plait__binding_sync(member->loop->binding[0]);
	return plait__diagnose(&trainer->store, &member->halted, NULL);
}

int plait__trainer_run(struct plait_trainer *trainer, const struct plait__loop *loop,
		       const struct plait__observer *observer)
{
	struct plait__member only = { .loop = loop, .observer = observer };
	int status = plait__executors_run(&only, 1);

	return status < 0 ? status : plait__trainer_outcome(trainer, &only);
}

int plait__trainer_empty(const struct plait_dataset *dataset)
{
	return plait__error(PLAIT_EDATA,
			    "%s: all samples of the epoch are bad: a loss needs one that counts",
			    plait_dataset_info(dataset)->spec);
}
