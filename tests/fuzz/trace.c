/* SPDX-License-Identifier: MIT
 * A trace: its files in one input, a form feed between them, and the report on what was read. */
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/trace/analyse/analyse.h"
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

volatile int cli_stop;

/* A message must be printable, but nobody reads it. */
void cli_complain(const char *format, ...)
{
	static char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
}

/* In the order in which a folder is read. */
static int read_all(struct cli_timeline *tl, const char *const path[4])
{
	int status = cli_trace_read_workers(tl, path[0]);

	if (status == CLI_DONE)
		status = cli_trace_read_paje(tl, path[1]);
	if (status == CLI_DONE)
		status = cli_trace_read_tasks(tl, path[2]);
	if (status == CLI_DONE)
		status = cli_trace_read_states(tl, path[3]);
	if (status == CLI_DONE)
		status = cli_trace_read_preempted(tl, path[2]);
	if (status == CLI_DONE)
		status = cli_trace_check_whole(tl, true, true);
	return status == CLI_DONE ? cli_timeline_cut(tl, 0, 0) : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct cli_timeline tl = { .folder = "fuzz" };
	struct cli_report report = { 0 };
	const char *path[4];

	for (int i = 0; i < 4; i++) {
		const uint8_t *end = i < 3 && size > 0 ? memchr(bytes, '\f', size) : NULL;
		size_t length = end ? (size_t)(end - bytes) : size;

		path[i] = fuzz_file(i, bytes, length);
		bytes += length + (end != NULL);
		size -= length + (end != NULL);
	}
	if (read_all(&tl, path) == CLI_DONE && cli_report_make(&report, &tl) == CLI_DONE) {
		json_decref(cli_report_json(&report));
		json_decref(cli_timeline_json(&tl));
	}
	cli_report_free(&report);
	cli_timeline_free(&tl);
	return 0;
}
