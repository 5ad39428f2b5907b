/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/json.h"
#include "src/cli/complain.h"
#include "src/cli/output.h"

#include <errno.h>
#include <math.h>
#include <string.h>

json_t *cli_json_real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *cli_json_fixed(double value)
{
	return cli_json_real(round(value * 1e3) / 1e3);
}

json_t *cli_json_text(const char *value)
{
	json_t *string = value ? json_string(value) : json_null();

	/* A name that is no UTF-8 must not cost the whole report. */
	return string ? string : json_string("?");
}

json_t *cli_json_command(int argc, char **argv)
{
	json_t *text = json_string("");

	for (int i = 0; i < argc && text; i++) {
		const char *quote = *argv[i] == '\0' || strpbrk(argv[i], " \t\"'") ? "\"" : "";
		json_t *longer = json_sprintf("%s%s%s%s%s", json_string_value(text), i ? " " : "",
					      quote, argv[i], quote);

		json_decref(text);
		text = longer;
	}
	return text ? text : json_null();
}

void cli_json_put(json_t **object_p, const char *key, json_t *value)
{
	if (!*object_p) {
		json_decref(value);
	} else if (!value || json_object_set_new(*object_p, key, value) < 0) {
		json_decref(*object_p);
		*object_p = NULL;
	}
}

void cli_json_add(json_t **array_p, json_t *value)
{
	if (!*array_p) {
		json_decref(value);
	} else if (!value || json_array_append_new(*array_p, value) < 0) {
		json_decref(*array_p);
		*array_p = NULL;
	}
}

int cli_json_write(json_t *object, const char *path)
{
	struct cli_output output = { .file = stdout };
	int status = path ? cli_output_begin(&output, path) : CLI_DONE;

	/* For standard output, main checks at the end that all was written. */
	if (status == CLI_DONE &&
	    (json_dumpf(object, output.file, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) < 0 ||
	     fputc('\n', output.file) == EOF))
		errno = errno ? errno : EIO;
	if (status == CLI_DONE && path)
		status = cli_output_end(&output, CLI_DONE);
	json_decref(object);
	return status;
}
