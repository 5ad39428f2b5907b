/* SPDX-License-Identifier: MIT
 * plait pack: any data set into one file. */
#include "config.h"
#include "src/cli/complain.h"
#include "src/cli/commands.h"
#include "src/cli/interrupt.h"
#include "src/base/suggest.h"
#include "src/dataset/packed/packed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
	const char *data, *out;
	bool raw, quiet;
};

static const char *const options[] = { "--data", "--raw", "--quiet", "--help", NULL };

static int print_usage(void)
{
	puts("usage: plait pack --data SPEC OUT [--raw] [--quiet]\n\n"
	     "Writes a data set into the file OUT, which opens at once as packed:OUT.\n\n"
	     "  --data SPEC  the samples; plait train --help tells what SPEC may be\n"
	     "  --raw        decode images, which must be of one size, instead of\n"
	     "               keeping their JPEG or PNG as it is: larger, faster\n"
	     "  --quiet      print nothing but failures\n"
	     "  --help       this text");
	return CLI_DONE;
}

static int unknown(const char *option)
{
	char suggestion[PLAIT__SUGGEST_SIZE];

	cli_complain("pack: no option \"%s\"%s; the options are --data --raw --quiet --help",
		     option, plait__suggest(suggestion, PLAIT__SUGGEST_COMMA, option, options));
	return CLI_USAGE;
}

/* Takes argv[*i]; what follows --data may stand behind a "=" or in the next one. */
static int parse_one(struct arguments *a, int argc, char **argv, int *i)
{
	const char *argument = argv[*i];

	if (strcmp(argument, "--raw") == 0) {
		a->raw = true;
	} else if (strcmp(argument, "--quiet") == 0) {
		a->quiet = true;
	} else if (strncmp(argument, "--data=", 7) == 0) {
		a->data = argument + 7;
	} else if (strcmp(argument, "--data") == 0) {
		a->data = *i + 1 < argc && strncmp(argv[*i + 1], "--", 2) != 0 ? argv[++*i] : "";
	} else if (*argument == '-') {
		return unknown(argument);
	} else if (a->out) {
		cli_complain("pack: needs one file to write, found \"%s\" and \"%s\"", a->out,
			     argument);
		return CLI_USAGE;
	} else {
		a->out = argument;
	}
	return -1;
}

/* Returns -1 to go on, or the exit status. */
static int parse(struct arguments *a, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int status;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return print_usage();
		status = parse_one(a, argc, argv, &i);
		if (status >= 0)
			return status;
	}
	if (a->data && *a->data && a->out && *a->out)
		return -1;
	cli_complain("pack: needs %s; plait pack --help says more",
		     a->data && *a->data ? "a file to write" : "--data SPEC");
	return CLI_USAGE;
}

/* A line that is drawn anew at each percent. */
struct bar {
	bool terminal;
	int64_t percent;
};

static int on_progress(void *user, int64_t done, int64_t samples)
{
	struct bar *bar = user;
	int64_t percent = (int64_t)(100.0 * (double)done / (double)samples);

	if (bar->terminal && percent != bar->percent) {
		fprintf(stderr, "\rpacking %3" PRId64 " %%  %" PRId64 "/%" PRId64 "\033[K", percent,
			done, samples);
		fflush(stderr);
		bar->percent = percent;
	}
	return cli_stop;
}

static void print_result(const struct arguments *a, const struct plait_dataset *dataset,
			 const struct plait__packed_result *result)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	char shape[128];

	printf("%s: %" PRId64 " samples ", a->out, info->samples);
	if (result->kind == PLAIT__PACKED_ARRAYS)
		printf("%s %s", plait_dtype_name(info->dtype),
		       plait_shape_text(info->ndim, info->dim, shape, sizeof shape));
	else if (result->varying)
		printf("as JPEG or PNG of different sizes");
	else
		printf("as JPEG or PNG of %" PRId64 " x %" PRId64, info->dim[2], info->dim[1]);
	if (info->classes > 0)
		printf(", %" PRId64 " classes", info->classes);
	if (info->targets > 0)
		printf(", %" PRId64 " target%s", info->targets, info->targets == 1 ? "" : "s");
	printf(", %.1f MB\n", (double)result->bytes * 1e-6);
}

static int pack(const struct arguments *a, const struct plait_dataset *dataset)
{
	const char *kind = getenv("TERM");
	struct bar bar = { .percent = -1,
			   .terminal = !a->quiet && isatty(STDERR_FILENO) && kind && *kind &&
				       strcmp(kind, "dumb") != 0 };
	struct plait__packed_options how = { .raw = a->raw, .progress = on_progress, .user = &bar };
	struct plait__packed_result result;
	int status = plait__packed_write(a->out, dataset, &how, &result);

	if (bar.percent >= 0) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	if (status == PLAIT_EINTERRUPTED) {
		cli_complain("%s", plait_error_message());
		return CLI_INTERRUPTED;
	}
	if (status < 0)
		return cli_failed(status);
	if (!a->quiet)
		print_result(a, dataset, &result);
	if (result.doubtful > 0)
		cli_complain("%s: %" PRId64 " of its images cannot be read; the first: %s", a->out,
			     result.doubtful, result.doubt);
	return CLI_DONE;
}

int cli_pack(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct plait_dataset *dataset = NULL;
	int status = parse(&arguments, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_interrupts();
	status = plait_dataset_open(&dataset, arguments.data);
	if (status < 0)
		return cli_failed(status);
	status = pack(&arguments, dataset);
	plait_dataset_destroy(dataset);
	return status;
}
