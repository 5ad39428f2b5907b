/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/job/bad.h"
#include "src/cli/complain.h"
#include "src/base/text.h"

#include <inttypes.h>

#define MOST_LINES 20

int cli_bad_make(struct plait_bad_options *bad, const struct cli_options *options)
{
	int status = 0;

	*bad = (struct plait_bad_options){ .policy = (enum plait_bad_policy)options->bad_samples,
					   .limit = options->bad_limit };
	if (bad->policy != PLAIT_BAD_FAIL)
		status = plait_bad_samples_create(&bad->list);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

void cli_bad_free(struct plait_bad_options *bad)
{
	plait_bad_samples_destroy(bad->list);
	bad->list = NULL;
}

int cli_bad_failed(const struct plait_bad_options *bad, int status)
{
	int result = cli_failed(status);

	cli_bad_advise(bad, status);
	return result;
}

void cli_bad_advise(const struct plait_bad_options *bad, int status)
{
	/* With another status it may be the options that are wrong, not a sample. */
	if (bad->policy == PLAIT_BAD_FAIL && (status == PLAIT_EDATA || status == PLAIT_EFORMAT))
		fputs("  --bad-samples replace or mask goes on without such samples\n", stderr);
}

static int64_t count_of(const struct plait_bad_options *bad)
{
	return bad->list ? plait_bad_samples_count(bad->list) : 0;
}

void cli_bad_print(const struct plait_bad_options *bad)
{
	int64_t count = count_of(bad);
	struct plait_bad_sample sample;

	if (count == 0)
		return;
	cli_complain("%" PRId64 " bad sample%s %s:", count, count == 1 ? "" : "s",
		     bad->policy == PLAIT_BAD_MASK      ? "masked"
		     : bad->policy == PLAIT_BAD_REPLACE ? "replaced"
							: "left out");
	for (int64_t i = 0; i < count && i < MOST_LINES; i++) {
		plait_bad_samples_get(bad->list, i, &sample);
		fputs("  ", stderr);
		plait__text_print(stderr, sample.path ? sample.path : sample.spec);
		fprintf(stderr, ": sample %" PRId64, sample.index);
		if (sample.offset > 0)
			fprintf(stderr, ", byte %" PRId64, sample.offset);
		fputs(": ", stderr);
		plait__text_print(stderr, sample.message);
		fputc('\n', stderr);
	}
	if (count > MOST_LINES)
		fprintf(stderr, "  and %" PRId64 " more\n", count - MOST_LINES);
}

static void put_keys(struct cli_writer *out, const struct plait_bad_sample *sample)
{
	cli_writer_text(out, "data", sample->spec);
	cli_writer_integer(out, "index", sample->index);
	cli_writer_text(out, "path", sample->path);
	cli_writer_integer(out, "offset", sample->offset);
	cli_writer_integer(out, "times", sample->times);
	cli_writer_text(out, "message", sample->message);
}

void cli_bad_put_json(struct cli_writer *out, const struct plait_bad_options *bad)
{
	int64_t count = count_of(bad);
	struct plait_bad_sample sample;

	cli_writer_integer(out, "bad_samples", count);
	cli_writer_open(out, "bad", '[');
	for (int64_t i = 0; i < count; i++) {
		plait_bad_samples_get(bad->list, i, &sample);
		cli_writer_open(out, NULL, '{');
		put_keys(out, &sample);
		cli_writer_close(out, '}');
	}
	cli_writer_close(out, ']');
}

void cli_bad_put_lines(FILE *file, const struct plait_bad_options *bad, const char *event)
{
	int64_t count = count_of(bad);
	struct plait_bad_sample sample;

	for (int64_t i = 0; i < count; i++) {
		struct cli_writer out = { .file = file };

		plait_bad_samples_get(bad->list, i, &sample);
		cli_writer_open(&out, NULL, '{');
		cli_writer_text(&out, "event", event);
		put_keys(&out, &sample);
		cli_writer_close(&out, '}');
		putc('\n', file);
	}
}
