/* SPDX-License-Identifier: MIT
 * plait pack: any data set into one file. */
#include "config.h"
#include "src/cli/complain.h"
#include "src/cli/commands.h"
#include "src/cli/interrupt.h"
#include "src/cli/job/open.h"
#include "src/cli/options/parse.h"
#include "src/dataset/packed/packed.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line of progress, which is drawn again at each percent. */
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

static void print_result(const struct cli_options *o, const struct plait_dataset *dataset,
			 const struct plait__packed_result *result)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	char shape[128];

	plait__text_print(stdout, o->out);
	printf(": %" PRId64 " samples ", info->samples);
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

static int pack(const struct cli_options *o, const struct plait_dataset *dataset)
{
	const char *kind = getenv("TERM");
	struct bar bar = { .percent = -1,
			   .terminal = !o->quiet && isatty(STDERR_FILENO) && kind && *kind &&
				       strcmp(kind, "dumb") != 0 };
	struct plait__packed_options how = { .raw = o->raw, .progress = on_progress, .user = &bar };
	struct plait__packed_result result;
	int status = plait__packed_write(o->out, dataset, &how, &result);

	if (bar.percent >= 0) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	if (status < 0)
		return cli_failed(status);
	if (!o->quiet)
		print_result(o, dataset, &result);
	if (result.doubtful > 0)
		cli_complain("%s: %" PRId64 " of its images cannot be read; the first: %s", o->out,
			     result.doubtful, result.doubt);
	return result.doubtful > 0 ? CLI_FAILED : CLI_DONE; /* as plait data */
}

int cli_pack(int argc, char **argv)
{
	struct cli_options options;
	struct plait_dataset *dataset = NULL;
	int status = cli_options_parse(&options, CLI_PACK, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_ends();
	status = cli_data_open(&dataset, options.data, &options);
	if (status == CLI_DONE)
		status = pack(&options, dataset);
	plait_dataset_destroy(dataset);
	return status;
}
