/* SPDX-License-Identifier: MIT
 * The commands that have options, and the values of all options. */
#ifndef PLAIT_CLI_OPTIONS_H
#define PLAIT_CLI_OPTIONS_H

#include <plait.h>
#include "src/cli/options/values.h"

/* A bit each, as an option may belong to several. */
enum cli_command {
	CLI_TRAIN = 1,
	CLI_EVAL = 2,
	CLI_LOAD = 4,
	CLI_DATA = 8,
	CLI_POLICIES = 16,
	CLI_OVERLAP = 32,
	CLI_MODELS = 64,
	CLI_TRACE = 128,
	CLI_PACK = 256,
	CLI_PREDICT = 512,
	CLI_MODEL = 1024,
	CLI_RUNS = 2048,
	/* Commands that run training jobs, whole or in part; that compute; that load samples. */
	CLI_TRAINING = CLI_TRAIN | CLI_POLICIES | CLI_OVERLAP | CLI_MODELS,
	CLI_COMPUTING = CLI_TRAINING | CLI_EVAL | CLI_PREDICT,
	CLI_LOADING = CLI_COMPUTING | CLI_LOAD,
};

enum cli_loss {
	CLI_CROSS_ENTROPY,
	CLI_MSE,
	CLI_L1,
	CLI_HUBER,
	CLI_BCE,
	CLI_NLL,
};

enum cli_sampler_kind {
	CLI_RANDOM,
	CLI_SEQUENTIAL,
	CLI_BALANCED,
};

/* More than the table has. */
#define CLI_MOST_OPTIONS 160

struct cli_options {
	char **rest_argument; /* first, as the table takes the offset 0 for no field */
	int rest;             /* arguments after --, of trace */
	/* model: words, or "@" and the file that has them (src/cli/job/words.h). */
	const char *data, *val, *model, *init, *save, *log, *sched; /* NULL: not given */
	const char *sched_lib;
	const char *metrics; /* words with commas between */
	const char *confusion, *worst_out;
	const char *monitor, *target, *save_best; /* src/cli/until; NULL: not given */
	const char *class_weights;                /* numbers with commas between */
	const char *place;                        /* LAYERS:DEVICE words with blanks between */
	struct cli_texts plugins;
	struct cli_texts sweeps; /* OPTION=V1,V2,... (sweep.h) */
	const char *transform, *val_transform, *png, *state;
	struct cli_texts logs;
	const char *plot, *tensorboard;
	const char *json_file, *csv, *html, *perfetto, *svg, *keep, *dot;
	const char *lr_find_file; /* NULL: no picture */
	const char *out;          /* of pack and predict */
	const char *policies;     /* names with commas between, or "all" */
	struct cli_shards shards;
	struct cli_list ncpus, grains, prefetches, batch_sizes;
	struct cli_shape input;            /* of a sample; ndim 0: not given */
	int64_t grain;                     /* of tasks (grain.h) */
	bool step_by_step;                 /* auto never makes a task of several steps */
	int64_t ncpu;                      /* 0: not given */
	int64_t repeats, warmup;           /* warmup 0: as long as it takes */
	double max_run, max_time;          /* seconds; max_time 0: no limit */
	int loss;                          /* enum cli_loss */
	int slots;                         /* enum plait_dtype - 1 */
	int optimizer;                     /* enum plait_optimizer_kind - 1 */
	int sampler;                       /* enum cli_sampler_kind */
	int bad_samples;                   /* enum plait_bad_policy */
	int cache;                         /* enum plait_cache */
	int overlap;                       /* enum plait_overlap */
	int precision;                     /* enum plait_precision */
	int pipeline_schedule;             /* enum plait_pipeline_schedule */
	int source;                        /* enum cli_trace_source */
	double lr, momentum, weight_decay; /* negative: not given */
	double beta1, beta2, eps, alpha;   /* likewise, and so for the next */
	double adam_lr_ratio, clip_norm, clip_value, skip_outliers;
	int adjust_lr; /* enum plait_adjust_lr - 1 */
	double label_smoothing, focal_gamma, huber_delta;
	double timeout;    /* 0: none */
	double load_delay; /* microseconds */
	int64_t ignore_label;
	int64_t worst;     /* samples, 0: not given */
	int64_t seed;      /* of load: negative: not given */
	int64_t data_seed; /* negative: as seed */
	int64_t epochs;    /* 0: as many as steps need */
	int64_t steps;     /* 0: no limit */
	int64_t batches, batch_size, workers, prefetch, chunk, log_every;
	int64_t microbatches, accumulate, replicas;
	int64_t lr_warmup;      /* steps; 0: none */
	int64_t patience;       /* epochs; 0: not given */
	int64_t pool;           /* members of each combination of sweeps; 0: not given */
	int64_t bucket;         /* bytes; 0: not given */
	int64_t bad_limit;      /* 0: none */
	int64_t features;       /* of predict: of a sample, as --init says; 0: not known */
	int64_t subset[2];      /* the first, and the one after the last; 0, 0: not given */
	int64_t rank[2];        /* rank and world; 0, 0: not given */
	int64_t trace_steps[2]; /* likewise */
	int64_t memory_limit;
	struct cli_limit gpu_memory_limit;
	bool all, reset, partial, load_once, no_shuffle, drop_last, pad_last, print_plan, quiet,
		hash, json, raw, strict, apply_exif, no_cuda_graphs, val_overlap, lr_find;
	bool nesterov, centered, adjust_lr_given;
	bool epochs_given, sampler_given, loss_given, ignore_label_given, huber_delta_given;
	bool print_config, dashboard;
	const char *config;                  /* file of more options */
	const char *given[CLI_MOST_OPTIONS]; /* by row of the table: its value, as it was written,
						or ""; NULL: not given */
	struct plait_normalize normalize;
	struct plait_schedule schedule; /* of the learning rate, without its warm-up */
};

#endif
