/* SPDX-License-Identifier: MIT
 * The commands and their options.  An option is one row: its name, the word for its value, its
 * help, the commands that take it, how its value is read, into which field, and its default.
 * Usage, checks and messages come from the row. */
#include "config.h"
#include "src/cli/options/table.h"
#include "src/cli/options/grain.h"
#include "src/cli/options/sweep.h"
#include "src/base/assert.h"

#define FIELD(name) .field = offsetof(struct cli_options, name)
#define BARE(name, word, used) \
	.bare = offsetof(struct cli_options, name), .bare_name = word, .bare_use = CLI_USE_##used
#define USE(used) .use = CLI_USE_##used
#define GIVEN(name) .given = offsetof(struct cli_options, name)

const char *const cli_auto_only[] = { "auto", NULL };
const char *const cli_loss_names[] = { "cross-entropy", "mse", NULL };
const char *const cli_optimizer_names[] = { "sgd", "adam", "adamw", NULL };
/* In the order of enum plait_dtype. */
static const char *const slots[] = { "float32", "uint8", NULL };
static const char *const samplers[] = { "random", "sequential", "balanced", NULL };
static const char *const colon[] = { ":", NULL }, *const slash[] = { "/", NULL };
static const char *const bad_policies[] = { "fail", "replace", "mask", NULL };
const char *const cli_cache_names[] = { "none", "raw", "decoded", NULL };
/* In the order of enum plait_overlap, of enum cli_trace_source, of enum plait_schedule. */
static const char *const overlaps[] = { "full", "load", "off", NULL };
static const char *const sources[] = { "auto", "fxt", "profiling", NULL };
static const char *const schedules[] = { "1f1b", "gpipe", NULL };
static const char *const precisions[] = { "fp32", "tf32", NULL };
/* In the order of enum plait_granularity, whose last one is run:N. */
static const char *const granularities[] = {
	"auto", "op", "layer", "phase", "step", "run:N", NULL
};

/* Help with its default is at most 50 characters, so that usage fits in 80 columns. */
const struct cli_option cli_option_table[] = {
	{ "--data", "SPEC", "the samples", CLI_LOADING | CLI_DATA | CLI_PACK, cli_set_text,
	  FIELD(data), USE(DATA) },
	{ "--model", "WORDS", "the layers, as in \"linear:50 relu linear:2\"",
	  CLI_COMPUTING & ~CLI_PREDICT, cli_set_text, FIELD(model), USE(WORDS) },
	{ "--model", "WORDS", "the layers, if the weights do not say them", CLI_PREDICT,
	  cli_set_text, FIELD(model), USE(WORDS) },
	{ "--plugin", "FILE", "shared object with more layers; may be repeated", CLI_COMPUTING,
	  cli_set_texts, FIELD(plugins), USE(READ) },
	{ "--val", "SPEC", "samples to evaluate after every epoch", CLI_TRAINING, cli_set_text,
	  FIELD(val), USE(DATA) },
	{ "--val-overlap", NULL, "evaluate it beside the next epoch, on a snapshot",
	  CLI_TRAINING & ~CLI_OVERLAP, cli_set_flag, FIELD(val_overlap) },
	{ "--transform", "STEPS", "of every image, as in \"crop:32,4 flip\"", CLI_LOADING,
	  cli_set_text, FIELD(transform), USE(WORDS) },
	{ "--val-transform", "STEPS", "of --val (the steps that are not random)", CLI_TRAINING,
	  cli_set_text, FIELD(val_transform), USE(WORDS) },
	{ "--normalize", "MEAN,STD", "of all channels, or \"M1,M2,M3;S1,S2,S3\"", CLI_LOADING,
	  cli_set_normalize, FIELD(normalize) },
	{ "--slots", "DTYPE", "float32 (default) or uint8, a quarter to move", CLI_LOADING,
	  cli_set_word, FIELD(slots), .words = slots },
	{ "--loss", "LOSS", "cross-entropy (default) or mse", CLI_COMPUTING & ~CLI_PREDICT,
	  cli_set_word, FIELD(loss), .words = cli_loss_names },
	{ "--loss", "LOSS", "cross-entropy or mse, if the weights do not say", CLI_PREDICT,
	  cli_set_word, FIELD(loss), GIVEN(loss_given), .words = cli_loss_names },
	{ "--metric", "LIST", "figures to tell too, as in topk:5 or mae", CLI_TRAIN | CLI_EVAL,
	  cli_set_text, FIELD(metrics), USE(WORDS) },
	{ "--optimizer", "NAME", "adam (default), adamw or sgd", CLI_TRAINING, cli_set_word,
	  FIELD(optimizer), .initial = PLAIT_ADAM - 1, .words = cli_optimizer_names },
	{ "--lr", "X", "learning rate (adam, adamw: 0.001; sgd: 0.01)", CLI_TRAINING, cli_set_real,
	  FIELD(lr), .initial = -1 },
	{ "--momentum", "X", "of sgd (0)", CLI_TRAINING, cli_set_real, FIELD(momentum),
	  .initial = -1 },
	{ "--weight-decay", "X", "(adamw: 0.01; others: 0)", CLI_TRAINING, cli_set_real,
	  FIELD(weight_decay), .initial = -1 },
	{ "--epochs", "N", "times to go through the samples", CLI_TRAINING, cli_set_count,
	  FIELD(epochs), GIVEN(epochs_given), .initial = 5, .min = 1, .max = 1000000 },
	{ "--epochs", "N", "times to go through the samples", CLI_LOAD, cli_set_count,
	  FIELD(epochs), GIVEN(epochs_given), .initial = 1, .min = 1, .max = 1000000 },
	{ "--steps", "N", "stop after so many, or run so many epochs", CLI_TRAIN | CLI_MODELS,
	  cli_set_count, FIELD(steps), .min = 1, .max = INT32_MAX },
	{ "--steps", "N", "steps that count in each run", CLI_POLICIES | CLI_OVERLAP, cli_set_count,
	  FIELD(steps), .initial = 200, .min = 1, .max = 1 << 24 },
	{ "--batch-size", "N|auto", "samples a step (auto: fastest; pool: member 1's)", CLI_TRAIN,
	  cli_set_count, FIELD(batch_size), .initial = 32, .min = 1, .max = 1 << 24,
	  .words = cli_auto_only },
	{ "--batch-size", "N", "samples in a step", CLI_COMPUTING & ~CLI_TRAIN, cli_set_count,
	  FIELD(batch_size), .initial = 32, .min = 1, .max = 1 << 24 },
	{ "--batch-size", "N", "samples in a batch", CLI_LOAD, cli_set_count, FIELD(batch_size),
	  .initial = 32, .min = 1, .max = 1 << 24 },
	{ "--seed", "N", "of first weights, shuffling and transforms (0)", CLI_TRAINING,
	  cli_set_count, FIELD(seed), .min = 0, .max = INT64_MAX },
	{ "--seed", "N", "of shuffling and transforms (0)", CLI_LOAD, cli_set_count, FIELD(seed),
	  .initial = -1, .min = 0, .max = INT64_MAX },
	{ "--data-seed", "N", "of shuffling and transforms alone (--seed)", CLI_TRAIN,
	  cli_set_count, FIELD(data_seed), .initial = -1, .min = 0, .max = INT64_MAX },
	{ "--sampler", "ORDER", "random (default), sequential or balanced", CLI_TRAINING | CLI_LOAD,
	  cli_set_word, FIELD(sampler), GIVEN(sampler_given), .words = samplers },
	{ "--no-shuffle", NULL, "the same as --sampler sequential", CLI_TRAINING | CLI_LOAD,
	  cli_set_flag, FIELD(no_shuffle) },
	{ "--subset", "FIRST:END", "only these samples, END not included", CLI_TRAINING | CLI_LOAD,
	  cli_set_pair, FIELD(subset), .max = INT64_MAX, .words = colon },
	{ "--rank", "R/W", "only the share of process R of W, R from 0", CLI_TRAINING | CLI_LOAD,
	  cli_set_pair, FIELD(rank), .max = 1 << 24, .words = slash },
	{ "--drop-last", NULL, "leave out a short last batch", CLI_TRAINING | CLI_LOAD,
	  cli_set_flag, FIELD(drop_last) },
	{ "--pad-last", NULL, "fill it up with samples that do not count",
	  CLI_LOADING & ~CLI_PREDICT, cli_set_flag, FIELD(pad_last) },
	{ "--workers", "N|auto", "loads at once (auto: just enough)", CLI_LOADING, cli_set_count,
	  FIELD(workers), .min = 1, .max = 1024, .words = cli_auto_only },
	{ "--prefetch", "N|auto", "batches to load ahead, at least 2", CLI_LOADING, cli_set_count,
	  FIELD(prefetch), .min = 2, .max = 1024, .words = cli_auto_only },
	{ "--chunk", "N|auto", "samples that one task makes", CLI_LOADING, cli_set_count,
	  FIELD(chunk), .min = 1, .max = 1 << 24, .words = cli_auto_only },
	{ "--bad-samples", "WHAT", "fail (default), replace or mask them",
	  CLI_LOADING & ~CLI_PREDICT, cli_set_word, FIELD(bad_samples), .words = bad_policies },
	{ "--bad-limit", "N", "fail when more samples are bad (no limit)",
	  CLI_LOADING & ~CLI_PREDICT, cli_set_count, FIELD(bad_limit), .min = 1, .max = INT64_MAX },
	{ "--apply-exif", NULL, "turn images as their EXIF data say", CLI_LOADING | CLI_DATA,
	  cli_set_flag, FIELD(apply_exif) },
	{ "--strict", NULL, "fail where something of the data is left out",
	  CLI_LOADING | CLI_DATA | CLI_PACK, cli_set_flag, FIELD(strict) },
	{ "--timeout", "SECONDS", "fail when nothing moves for so long (never)", CLI_LOADING,
	  cli_set_real, FIELD(timeout) },
	{ "--cache", "WHAT", "of images to keep: none, raw or decoded", CLI_TRAINING | CLI_LOAD,
	  cli_set_word, FIELD(cache), .words = cli_cache_names },
	{ "--memory-limit", "BYTES", "of loading, as 6G (a quarter of the memory)", CLI_LOADING,
	  cli_set_bytes, FIELD(memory_limit), .min = 1, .max = INT64_MAX },
	{ "--gpu-memory-limit", "LIMIT", "of a GPU, as 20G or 50% (what it has left)",
	  CLI_COMPUTING, cli_set_limit, FIELD(gpu_memory_limit), .min = 1, .max = INT64_MAX },
	{ "--precision", "WHAT", "of products on a GPU: fp32 (default) or tf32", CLI_COMPUTING,
	  cli_set_word, FIELD(precision), .words = precisions },
	{ "--no-cuda-graphs", NULL, "launch each kernel of a GPU by itself", CLI_COMPUTING,
	  cli_set_flag, FIELD(no_cuda_graphs) },
	{ "--shards", "N|auto|SIZES", "parts of a batch (auto: the fastest), or sizes 3,1",
	  CLI_TRAIN, cli_set_shards, FIELD(shards), .min = 1, .max = 1024, .words = cli_auto_only },
	{ "--shards", "N|SIZES", "parts of a batch, or how large each is: 3,1",
	  CLI_COMPUTING & ~CLI_TRAIN, cli_set_shards, FIELD(shards), .min = 1, .max = 1024 },
	{ "--place", "WORDS", "layers on devices, as in \"0-3:cpu0 4-:cpu1\"", CLI_COMPUTING,
	  cli_set_text, FIELD(place), USE(WORDS) },
	{ "--replicas", "N", "copies of the weights, a share of a batch each", CLI_TRAINING,
	  cli_set_count, FIELD(replicas), .initial = 1, .min = 1, .max = 1024 },
	{ "--bucket", "BYTES", "of gradients that replicas add at once, as 1M", CLI_TRAINING,
	  cli_set_bytes, FIELD(bucket), .min = 1, .max = INT64_MAX },
	{ "--pool", "N", "train N at once, with seeds --seed, --seed + 1, ...", CLI_TRAIN,
	  cli_set_count, FIELD(pool), .min = 1, .max = CLI_POOL_MOST },
	{ "--sweep", "OPTION=V1,V2", "train one of each at once; may be repeated", CLI_TRAIN,
	  cli_set_texts, FIELD(sweeps), USE(WORDS) },
	{ "--microbatches", "N", "parts of a batch, computed one by one", CLI_COMPUTING,
	  cli_set_count, FIELD(microbatches), .initial = 1, .min = 1, .max = 1024 },
	{ "--accumulate", "N", "batches that make an update", CLI_TRAINING, cli_set_count,
	  FIELD(accumulate), .initial = 1, .min = 1, .max = 1024 },
	{ "--schedule", "WHAT", "of microbatches: 1f1b (default) or gpipe", CLI_COMPUTING,
	  cli_set_word, FIELD(schedule), .words = schedules },
	{ "--granularity", "GRAIN", "of tasks: op, layer, phase, step, run:N, auto", CLI_COMPUTING,
	  cli_set_grain, FIELD(grain), .words = granularities },
	{ "--sched", "POLICY", "of StarPU (STARPU_SCHED if set, else eager)", CLI_LOADING,
	  cli_set_text, FIELD(sched), USE(WORDS) },
	{ "--sched-lib", "FILE", "shared object that has it (STARPU_SCHED_LIB)", CLI_LOADING,
	  cli_set_text, FIELD(sched_lib), USE(READ) },
	{ "--ncpu", "N", "CPU workers (STARPU_NCPU if set, else all cores)",
	  CLI_LOADING & ~CLI_POLICIES, cli_set_count, FIELD(ncpu), .min = 1, .max = 1024 },
	{ "--overlap", "WHAT", "full (default), load (only loads) or off",
	  CLI_TRAINING & ~CLI_OVERLAP, cli_set_word, FIELD(overlap), .words = overlaps },
	{ "--load-delay", "US", "microseconds that each load spins as well (0)",
	  CLI_TRAINING | CLI_LOAD, cli_set_real, FIELD(load_delay) },
	{ "--load-once", NULL, "fill slots once: how fast is computing alone",
	  CLI_TRAINING & ~CLI_OVERLAP, cli_set_flag, FIELD(load_once) },
	{ "--init", "FILE", "safetensors file to take the weights from", CLI_COMPUTING,
	  cli_set_text, FIELD(init), USE(READ) },
	{ "--save", "FILE", "safetensors file to write the weights to", CLI_TRAIN, cli_set_text,
	  FIELD(save), USE(REPLACE), .also = "--init" },
	{ "--log", "FILE", "write what happens as lines of JSON", CLI_TRAIN | CLI_EVAL,
	  cli_set_text, FIELD(log), USE(LOG) },
	{ "--log-every", "N", "log every N-th step too (none)", CLI_TRAIN, cli_set_count,
	  FIELD(log_every), .min = 1, .max = INT64_MAX },
	{ "--print-plan", NULL, "print tasks and memory first", CLI_TRAIN | CLI_EVAL, cli_set_flag,
	  FIELD(print_plan) },
	{ "--hash", NULL, "print a hash of all bytes of every epoch", CLI_LOAD, cli_set_flag,
	  FIELD(hash) },
	{ "--json", NULL, "print one JSON object and nothing else", CLI_LOAD, cli_set_flag,
	  FIELD(json) },
	{ "--state", "FILE", "go on where FILE says; kept up to date", CLI_LOAD, cli_set_text,
	  FIELD(state), USE(UPDATE) },
	{ "--batches", "N", "stop after so many in this run", CLI_LOAD, cli_set_count,
	  FIELD(batches), .min = 1, .max = INT64_MAX },
	{ "--policies", "LIST|all", "with commas between (all of StarPU's)", CLI_POLICIES,
	  cli_set_text, FIELD(policies), USE(WORDS) },
	{ "--ncpu", "LIST", "numbers of CPU workers (one: all cores)", CLI_POLICIES, cli_set_counts,
	  FIELD(ncpus), .min = 1, .max = 1024 },
	{ "--granularities", "LIST", "instead of --granularity", CLI_POLICIES, cli_set_grains,
	  FIELD(grains), .words = granularities },
	{ "--prefetches", "LIST", "instead of --prefetch", CLI_POLICIES, cli_set_counts,
	  FIELD(prefetches), .min = 2, .max = 1024, .words = cli_auto_only },
	{ "--batch-sizes", "LIST", "instead of --batch-size", CLI_POLICIES, cli_set_counts,
	  FIELD(batch_sizes), .min = 1, .max = 1 << 24 },
	{ "--repeats", "N", "times to measure each", CLI_POLICIES | CLI_OVERLAP, cli_set_count,
	  FIELD(repeats), .initial = 3, .min = 1, .max = 100 },
	{ "--warmup", "N", "steps before those that count (a tenth, 24)",
	  CLI_POLICIES | CLI_OVERLAP, cli_set_count, FIELD(warmup), .min = 1, .max = 1 << 24 },
	{ "--max-run", "SECONDS", "a run that takes longer is ended", CLI_POLICIES | CLI_OVERLAP,
	  cli_set_real, FIELD(max_run), .initial = 60 },
	{ "--max-time", "SECONDS", "begin no more runs after that (no limit)", CLI_POLICIES,
	  cli_set_real, FIELD(max_time) },
	{ "--csv", "FILE", "write every run as a line of CSV", CLI_POLICIES, cli_set_text,
	  FIELD(csv), USE(WRITE) },
	{ "--json", "FILE", "write all figures as JSON", CLI_POLICIES, cli_set_text,
	  FIELD(json_file), USE(WRITE) },
	{ "--json", "[FILE]", "write the figures as JSON, or print them", CLI_OVERLAP, cli_set_text,
	  FIELD(json_file), USE(WRITE), GIVEN(json) },
	{ "--json", "FILE", "write the table as JSON", CLI_MODELS, cli_set_text, FIELD(json_file),
	  USE(WRITE) },
	{ "--all", NULL, "models of other jobs too", CLI_MODELS, cli_set_flag, FIELD(all) },
	{ "--reset", NULL, "remove them, so that they are learned again", CLI_MODELS, cli_set_flag,
	  FIELD(reset) },
	{ "--html", "FILE", "write a page with charts", CLI_POLICIES, cli_set_text, FIELD(html),
	  USE(REPLACE) },
	{ "--png", "FILE", "draw samples of every class into a picture", CLI_DATA, cli_set_text,
	  FIELD(png), USE(WRITE) },
	{ "--json", "FILE", "write the report as JSON", CLI_TRACE, cli_set_text, FIELD(json_file),
	  USE(WRITE) },
	{ "--html", "FILE", "write a page that shows report and timeline", CLI_TRACE, cli_set_text,
	  FIELD(html), USE(REPLACE) },
	{ "--perfetto", "FILE", "write the timeline for ui.perfetto.dev", CLI_TRACE, cli_set_text,
	  FIELD(perfetto), USE(WRITE) },
	{ "--svg", "FILE", "draw the timeline, or some steps, for print", CLI_TRACE, cli_set_text,
	  FIELD(svg), USE(WRITE) },
	{ "--keep", "DIR", "keep the trace there, with paje.trace and dag.dot", CLI_TRACE,
	  cli_set_text, FIELD(keep), USE(KEEP) },
	{ "--steps", "FIRST:END", "only these steps, from 1, END not included", CLI_TRACE,
	  cli_set_pair, FIELD(trace_steps), .max = INT64_MAX, .words = colon },
	{ "--partial", NULL, "report on a truncated trace, too", CLI_TRACE, cli_set_flag,
	  FIELD(partial) },
	{ "--source", "WHAT", "auto (default), fxt or profiling: what to record", CLI_TRACE,
	  cli_set_word, FIELD(source), .words = sources },
	{ "--raw", NULL, "decode images of one size: larger, faster", CLI_PACK, cli_set_flag,
	  FIELD(raw) },
	{ "--out", "FILE", "a file to write, .csv or .npy (CSV, printed)", CLI_PREDICT,
	  cli_set_text, FIELD(out), USE(PRINT) },
	{ "--quiet", NULL, "print nothing but failures", CLI_TRAIN | CLI_EVAL | CLI_PACK,
	  cli_set_flag, FIELD(quiet) },
	{ "--quiet", NULL, "print predictions and failures, no more", CLI_PREDICT, cli_set_flag,
	  FIELD(quiet) },
};

const int cli_option_count = sizeof cli_option_table / sizeof *cli_option_table;

const struct cli_command_text cli_command_table[] = {
	{ CLI_TRAIN, "train", "plait train --data SPEC --model WORDS [options]",
	  "Trains a network on the samples.", .bare = 0 },
	{ CLI_EVAL, "eval", "plait eval --data SPEC --model WORDS --init FILE [options]",
	  "Prints loss and accuracy of saved weights on the samples.", .bare = 0 },
	{ CLI_PREDICT, "predict", "plait predict --data SPEC --init FILE [--out FILE] [options]",
	  "Writes what saved weights make of every sample: probabilities of the classes, or\n"
	  "the outputs of a network that was trained on targets.  Labels are not needed.",
	  .bare = 0 },
	{ CLI_POLICIES, "policies", "plait policies --data SPEC --model WORDS [options]",
	  "Measures one training job under every scheduling policy, and other settings.",
	  .bare = 0 },
	{ CLI_OVERLAP, "overlap", "plait overlap --data SPEC --model WORDS [options]",
	  "Measures how much of loading is hidden behind computing.", .bare = 0 },
	{ CLI_MODELS, "models", "plait models --data SPEC --model WORDS [options]",
	  "Shows how long StarPU has learned that a job's tasks take.", .bare = 0 },
	{ CLI_LOAD, "load", "plait load --data SPEC [options]",
	  "Loads the samples batch by batch, does nothing with them and tells how fast.",
	  .bare = 0 },
	{ CLI_DATA, "data", "plait data SPEC [options]",
	  "Prints what a data set holds: count, shape, classes, mean and deviation.",
	  BARE(data, "SPEC", DATA) },
	{ CLI_TRACE, "trace", "plait trace [options] FILE|FOLDER|-- train ...|-- PROGRAM ...",
	  "Reports on a trace of StarPU: of a run that it makes, of an FxT file (prof_file_...)\n"
	  "or of the folder made of it.",
	  BARE(data, "FILE", TRACE) },
	{ CLI_PACK, "pack", "plait pack --data SPEC OUT [options]",
	  "Writes a data set into the file OUT, which opens at once as packed:OUT.  Images stay\n"
	  "JPEG or PNG as they are.",
	  BARE(out, "OUT", REPLACE) },
};

const int cli_command_count = sizeof cli_command_table / sizeof *cli_command_table;

const struct cli_command_text *cli_command_find(enum cli_command command)
{
	const struct cli_command_text *text = cli_command_table;

	while (text->command != command) {
		text++;
		PLAIT__ASSERT(text < cli_command_table + cli_command_count,
			      "every command with options has a text");
	}
	return text;
}

const char *cli_option_owner(const struct cli_option *option)
{
	const struct cli_command_text *text = cli_command_table;

	while (!(text->command & option->commands)) {
		text++;
		PLAIT__ASSERT(text < cli_command_table + cli_command_count,
			      "every option belongs to a command");
	}
	return text->name;
}
