/* SPDX-License-Identifier: MIT
 * Checks as much as possible before training begins, which may take hours. */
#include "config.h"
#include "src/cli/options/grain.h"
#include "src/cli/options/optimizer.h"
#include "src/cli/options/schedule.h"
#include "src/cli/job/job.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/cli/interrupt.h"
#include "src/cli/job/names.h"
#include "src/cli/job/net.h"
#include "src/cli/job/open.h"
#include "src/cli/job/scale.h"
#include "src/cli/job/start.h"
#include "src/cli/job/transforms.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_training(const struct cli_job *job)
{
	return job->command & CLI_TRAINING;
}

/* Whether the weights of a file can be computed with.  A relu would hide that they cannot. */
static int check_weights(struct plait_trainer *trainer, const char *path)
{
	int parameters = plait_trainer_parameters(trainer);

	for (int i = 0; i < parameters + plait_trainer_buffers(trainer); i++) {
		struct plait_tensor tensor;
		int64_t count, at = 0;

		if (i < parameters)
			plait_trainer_parameter(trainer, i, &tensor);
		else
			plait_trainer_buffer(trainer, i - parameters, &tensor);
		count = plait_shape_elements(tensor.ndim, tensor.dim);
		while (at < count &&
		       (tensor.dtype != PLAIT_F32 || isfinite(((const float *)tensor.data)[at])))
			at++;
		if (at == count)
			continue;
		cli_complain("--init %s: value %" PRId64 " of %s is %g: weights must be finite",
			     path, at, tensor.name, (double)((const float *)tensor.data)[at]);
		return CLI_FAILED;
	}
	return CLI_DONE;
}

static int create_trainer(struct cli_job *job, const struct cli_options *options)
{
	const char *device[CLI_LIST_MAX];
	int size[CLI_LIST_MAX];
	struct plait_trainer_options trainer_options = {
		.optimizer = cli_optimizer(options),
		.granularity = cli_grain_granularity(options->grain),
		.steps_per_task = options->step_by_step ? 1 : cli_grain_steps(options->grain),
		.shards = (int)cli_shards(&options->shards),
		.shard_sizes = cli_shards_sized(&options->shards) ? size : NULL,
		.shard_devices = options->shards.placed ? device : NULL,
		.replicas = (int)options->replicas,
		.bucket_bytes = (size_t)options->bucket,
		.microbatches = (int)options->microbatches,
		.accumulate = (int)options->accumulate,
		.pipeline_schedule = (enum plait_pipeline_schedule)options->pipeline_schedule,
		.precision = (enum plait_precision)options->precision,
		.clip_norm = fmax(options->clip_norm, 0),
		.clip_value = fmax(options->clip_value, 0),
		.skip_outliers = fmax(options->skip_outliers, 0),
		.seed = (uint64_t)options->seed,
		.forward_only = !is_training(job)
	};
	int status;

	for (int i = 0; i < options->shards.size.count; i++) {
		size[i] = (int)options->shards.size.value[i];
		device[i] = options->shards.device[i];
	}
	status = plait_trainer_create(&job->trainer, job->net, &trainer_options);

	if (status == 0 && options->init)
		status = plait_trainer_load(job->trainer, options->init);
	if (status < 0)
		return cli_failed(status);
	return options->init ? check_weights(job->trainer, options->init) : CLI_DONE;
}

int cli_job_retrain(struct cli_job *job, const struct cli_options *options)
{
	plait_trainer_destroy(job->trainer);
	job->trainer = NULL;
	return create_trainer(job, options);
}

struct plait_loader_options cli_loader_options(const struct cli_options *o)
{
	int64_t seed = o->data_seed < 0 ? o->seed : o->data_seed;

	return (struct plait_loader_options){ .batch_size = o->batch_size,
					      .shuffle = o->sampler == CLI_RANDOM,
					      .drop_last = o->drop_last,
					      .pad_last = o->pad_last,
					      .workers = (int)o->workers,
					      .prefetch = (int)o->prefetch,
					      .seed = seed < 0 ? 0 : (uint64_t)seed,
					      .chunk = o->chunk,
					      .timeout = o->timeout,
					      .dtype = (enum plait_dtype)(o->slots + 1),
					      .cache = (enum plait_cache)o->cache,
					      .memory_limit = o->memory_limit,
					      .normalize = o->normalize,
					      .load_delay = o->load_delay * 1e-6,
					      .load_once = o->load_once };
}

static void set_fit(struct cli_job *job, const struct cli_options *options)
{
	job->fit = (struct plait_fit_options){ .loader = cli_loader_options(options),
					       .fixed_transform = job->fixed,
					       .epochs = (int)options->epochs,
					       .steps = options->steps,
					       .schedule = cli_schedule(options),
					       .validation = job->val,
					       .overlap = (enum plait_overlap)options->overlap,
					       .overlap_validation = options->val_overlap,
					       .log_every = options->log_every,
					       .stop = &cli_stop,
					       .print_plan = options->print_plan ? stdout : NULL };
	job->fit.scores = job->scores.scores;
	job->fit.loader.sampler = job->sampler.sampler;
	job->fit.loader.transform = job->transform;
	job->fit.loader.bad = job->bad;
}

static int open_transforms(struct cli_job *job, const struct cli_options *options)
{
	int status;

	if (!is_training(job))
		return cli_transform_parse(&job->fixed, "--transform", options->transform);
	status = cli_transform_parse(&job->transform, "--transform", options->transform);
	if (status == CLI_DONE && job->val)
		status = cli_transform_fixed(&job->fixed, options, job->transform, job->data,
					     job->val);
	return status;
}

/* What was measured may come out otherwise next time. */
static void log_shards(const struct cli_options *options, struct cli_log *log)
{
	char text[64];

	if (!options->shards.automatic)
		return;
	snprintf(text, sizeof text, "--shards auto is --shards %" PRId64 " in this run",
		 cli_shards(&options->shards));
	cli_log_note(log, options->data, PLAIT_NOTE_CHOICE, text);
}

static void log_precision(const struct cli_options *options, struct cli_log *log)
{
	char text[64];

	if (options->precision == PLAIT_PRECISION_FP32)
		return;
	snprintf(text, sizeof text, "products of matrices are computed with --precision %s",
		 plait_precision_name((enum plait_precision)options->precision));
	cli_log_note(log, options->data, PLAIT_NOTE_CHOICE, text);
}

void cli_job_log_notes(const struct cli_job *job, const struct cli_options *options,
		       struct cli_log *log)
{
	if (!job->borrows) {
		cli_log_notes(log, job->data);
		cli_log_notes(log, job->val);
		log_shards(options, log);
		log_precision(options, log);
	}
	if (*job->doubt)
		cli_log_note(log, options->data, PLAIT_NOTE_LOSS, job->doubt);
	if (*job->doubt_scale)
		cli_log_note(log, options->data, PLAIT_NOTE_LOSS, job->doubt_scale);
	if (*job->doubt_val)
		cli_log_note(log, options->val, PLAIT_NOTE_LOSS, job->doubt_val);
}

/* All but the network and its trainer. */
static int open_input(struct cli_job *job, const struct cli_options *options)
{
	int status = cli_data_open(&job->data, options->data, options);

	if (status == CLI_DONE && options->val)
		status = cli_data_open(&job->val, options->val, options);
	if (status == CLI_DONE && cli_stop)
		return cli_stopped_early();
	if (status == CLI_DONE)
		status = open_transforms(job, options);
	if (status == CLI_DONE)
		status = cli_bad_make(&job->bad, options);
	if (status == CLI_DONE)
		status = cli_sampler_make(&job->sampler, options, job->data);
	return status;
}

static void borrow_input(struct cli_job *job, const struct cli_job *lender)
{
	job->borrows = true;
	job->data = lender->data;
	job->val = lender->val;
	job->transform = lender->transform;
	job->fixed = lender->fixed;
	job->sampler = lender->sampler;
	job->bad = lender->bad;
}

int cli_job_add(struct cli_job *job, enum cli_command command, const struct cli_options *options,
		const struct cli_job *lender)
{
	int status = CLI_DONE;

	*job = (struct cli_job){ .command = command, .quiet = options->quiet };
	if (lender)
		borrow_input(job, lender);
	else
		status = open_input(job, options);
	if (status == CLI_DONE)
		status =
			cli_net_build(job, is_training(job) ? job->transform : job->fixed, options);
	if (status == CLI_DONE)
		status = create_trainer(job, options);
	if (status == CLI_DONE)
		status = cli_names_settle(job, options);
	if (status == CLI_DONE)
		status = cli_scale_settle(job, options);
	set_fit(job, options);
	return status;
}

int cli_job_open(struct cli_job *job, enum cli_command command, const struct cli_options *options)
{
	int status;

	*job = (struct cli_job){ .command = command, .quiet = options->quiet };
	/* StarPU starts first, as it checks the policy, and opening the data may take long. */
	status = cli_start(options, true);
	if (status < 0)
		return cli_failed(status);
	status = cli_job_add(job, command, options, NULL);
	if (status == CLI_DONE && cli_log_open(&job->log, options) < 0)
		status = CLI_FAILED;
	cli_log_config(&job->log, options, command);
	cli_job_log_notes(job, options, &job->log);
	return status;
}

void cli_job_free(struct cli_job *job)
{
	plait_trainer_destroy(job->trainer);
	plait_graph_destroy(job->net);
	cli_scores_free(&job->scores);
	free(job->words);
	if (job->borrows)
		return;
	cli_bad_free(&job->bad);
	cli_sampler_free(&job->sampler);
	plait_transform_destroy(job->fixed);
	plait_transform_destroy(job->transform);
	plait_dataset_destroy(job->val);
	plait_dataset_destroy(job->data);
}

void cli_job_tell_bad(const struct cli_job *job, struct cli_log *log)
{
	if (!job->quiet)
		cli_bad_print(&job->bad);
	cli_log_bad(log, &job->bad);
}

int cli_job_close(struct cli_job *job, int status)
{
	cli_job_tell_bad(job, &job->log);
	if (cli_log_close(&job->log) < 0 && status == CLI_DONE)
		status = CLI_FAILED;
	cli_job_free(job);
	plait_stop();
	return status;
}
