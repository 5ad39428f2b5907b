/* SPDX-License-Identifier: MIT
 * Pages are whole files in which no name can do anything, and a failure to write one is told.
 * With arguments KIND SIZE PATH it writes a page of sample data. */
#include "config.h"
#include "src/cli/complain.h"
#include "src/cli/page/page.h"
#include "tests/files.h"
#include "tests/cli/pages_data.h"
#include "tests/tap.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>

#define HOSTILE "</script><script>alert(1)</script><!-- & \" ' \\ \n \xc3\xa9\xe2\x80\xa8"

static char complaint[512];

/* The program's own is beside its main. */
void cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(complaint, sizeof complaint, format, args);
	va_end(args);
}

static char *read_page(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 1 << 22);
	size_t n = file && text ? fread(text, 1, (1 << 22) - 1, file) : 0;

	if (!file || n == 0)
		tap_bail_out("%s cannot be read", path);
	fclose(file);
	return text;
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

/* The data between its tags, parsed again. */
static json_t *data_of(const char *page)
{
	const char *open = "<script type=\"application/json\" id=\"data\">";
	const char *begin = strstr(page, open), *end;

	if (!begin)
		return NULL;
	begin += strlen(open);
	end = strstr(begin, "</script>");
	return end ? json_loadb(begin, (size_t)(end - begin), 0, NULL) : NULL;
}

static void test_page(const char *kind, const char *path)
{
	json_t *plain = json_pack("{s:s}", "name", "fwd");
	json_t *hostile = json_pack("{s:s, s:[f, i, n]}", "name", HOSTILE, "values", 1234567.891,
				    -3, "nothing");
	json_t *back;
	char *page;
	int scripts;

	is_int(cli_page_write(path, kind, plain), 0, "%s: written", kind);
	page = read_page(path);
	scripts = count(page, "<script");
	free(page);

	is_int(cli_page_write(path, kind, hostile), 0, "%s: written in its place", kind);
	page = read_page(path);
	back = data_of(page);
	is_int(count(page, "<script"), scripts, "%s: a name adds no script", kind);
	is_int(count(page, "alert(1)"), 1, "%s: a name is in the page once", kind);
	ok(json_equal(back, hostile), "%s: the data is what it was", kind);
	ok(strncmp(page, "<!doctype html>", 15) == 0, "%s: begins as a page", kind);
	ok(strcmp(page + strlen(page) - 8, "</html>\n") == 0, "%s: ends as a page", kind);
	is_int(count(page, "http://") + count(page, "https://"),
	       count(page, "http://www.w3.org/2000/svg"), "%s: asks nothing of a network", kind);
	is_int(count(page, " src=") + count(page, "<link rel=\"stylesheet\""), 0,
	       "%s: needs no other file", kind);
	json_decref(back);
	json_decref(hostile);
	json_decref(plain);
	free(page);
}

/* More than the buffer holds, with brackets at every place of it. */
static void test_large(const char *path)
{
	json_t *data = json_array(), *back;
	char *page;

	for (int i = 0; i < 40000; i++)
		json_array_append_new(data, json_string(i % 7 ? "<<" : "a<b>"));
	is_int(cli_page_write(path, "trace", data), 0, "large data are written");
	page = read_page(path);
	back = data_of(page);
	ok(json_equal(back, data), "large data are what they were");
	json_decref(back);
	json_decref(data);
	free(page);
}

static void test_failures(const char *path)
{
	struct rlimit whole, small;
	json_t *data = json_pack("{s:s}", "name", "fwd");
	char *before, *after;
	int status;

	is_int(cli_page_write("none/such/page.html", "trace", data), -1, "no folder is a failure");
	contains(complaint, "none/such/page.html", "which tells the path");
	contains(complaint, "No such file", "and the reason");
	is_int(cli_page_write("/dev/null", "trace", data), -1, "a device is not replaced");
	is_int(cli_page_write(path, "none", data), -1, "an unknown kind is a failure");
	contains(complaint, "\"none\"", "which tells the kind");

	before = read_page(path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &whole);
	small = (struct rlimit){ .rlim_cur = 1024, .rlim_max = whole.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	status = cli_page_write(path, "trace", data);
	setrlimit(RLIMIT_FSIZE, &whole);
	is_int(status, -1, "a full disk is a failure");
	contains(complaint, path, "which tells the path");
	after = read_page(path);
	is_string(after, before, "the page that was there is still there, whole");
	free(before);
	free(after);
	json_decref(data);
}

/* For pages_browser.sh. */
static int write_sample(const char *kind, int size, const char *path)
{
	json_t *data = strcmp(kind, "trace") == 0 ? pages_trace(size) : pages_policies(size);
	int status = cli_page_write(path, kind, data);

	if (status < 0)
		fprintf(stderr, "%s\n", complaint);
	json_decref(data);
	return status < 0;
}

int main(int argc, char **argv)
{
	const char *path;

	if (argc == 4)
		return write_sample(argv[1], atoi(argv[2]), argv[3]);
	path = files_path("page.html");
	test_page("trace", path);
	test_page("policies", path);
	test_large(path);
	test_failures(path);
	return tap_done();
}
