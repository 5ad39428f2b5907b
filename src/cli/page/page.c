/* SPDX-License-Identifier: MIT
 * A name in the data may be anything, "</script>" too.  So no '<' of the data is written as it is.
 */
#include "config.h"
#include "src/cli/page/page.h"
#include "src/cli/complain.h"
#include "src/base/replace.h"

#include <stdlib.h>
#include <string.h>

static const struct page {
	const char *kind, *head, *tail;
} pages[] = {
	{ "trace", cli_page_trace_head, cli_page_trace_tail },
	{ "policies", cli_page_policies_head, cli_page_policies_tail },
	{ "runs", cli_page_runs_head, cli_page_runs_tail },
};

/* Jansson hands text over in small pieces.  They are collected here before they are written. */
struct output {
	struct plait__replace file;
	int status;
	int64_t at;
	size_t size;
	char bytes[65536];
};

static const struct page *find_page(const char *kind)
{
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		if (strcmp(pages[i].kind, kind) == 0)
			return &pages[i];
	return NULL;
}

static void flush(struct output *out)
{
	if (out->status == 0)
		out->status = plait__replace_write(&out->file, out->bytes, out->size, out->at);
	out->at += (int64_t)out->size;
	out->size = 0;
}

static void put(struct output *out, const char *text, size_t size)
{
	while (size > 0) {
		size_t n = sizeof out->bytes - out->size;

		n = n < size ? n : size;
		memcpy(out->bytes + out->size, text, n);
		out->size += n;
		PLAIT__ASSERT(out->size <= sizeof out->bytes, "what is collected fits");
		text += n;
		size -= n;
		if (out->size == sizeof out->bytes)
			flush(out);
	}
}

/* In JSON a '<' stands only in strings, where \u003c means the same. */
static int put_json(const char *text, size_t size, void *arg)
{
	struct output *out = arg;

	while (size > 0) {
		const char *bracket = memchr(text, '<', size);
		size_t n = bracket ? (size_t)(bracket - text) : size;

		put(out, text, n);
		if (bracket)
			put(out, "\\u003c", strlen("\\u003c"));
		n += bracket != NULL;
		text += n;
		size -= n;
	}
	return out->status;
}

static void put_page(struct output *out, const struct page *page, json_t *data)
{
	put(out, page->head, strlen(page->head));
	/* With twelve digits a time in microseconds is exact to a nanosecond for a quarter of an
	 * hour. */
	if (json_dump_callback(data, put_json, out, JSON_COMPACT | JSON_REAL_PRECISION(12)) < 0 &&
	    out->status == 0)
		out->status = plait__error(PLAIT_EINVAL, "%s: the data is no JSON", out->file.path);
	put(out, page->tail, strlen(page->tail));
	flush(out);
}

int cli_page_write(const char *path, const char *kind, json_t *data)
{
	const struct page *page = find_page(kind);
	struct output *out;
	int status;

	if (!page) {
		cli_complain("%s: there is no page of kind \"%s\"", path, kind);
		return -1;
	}
	out = plait__calloc(1, sizeof *out, "a page");
	status = out ? plait__replace_begin(&out->file, path) : PLAIT_ENOMEM;
	if (status == 0) {
		put_page(out, page, data);
		status = plait__replace_end(&out->file, out->status);
	}
	free(out);
	if (status < 0)
		cli_complain("%s", plait_error_message());
	return status < 0 ? -1 : 0;
}
