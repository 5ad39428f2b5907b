/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/writer.h"
#include "src/base/text.h"
#include "src/base/assert.h"

#include <inttypes.h>
#include <math.h>

static void put_key(struct cli_writer *writer, const char *key)
{
	if (writer->comma)
		putc(',', writer->file);
	if (key)
		fprintf(writer->file, "\"%s\":", key);
	writer->comma = true;
}

void cli_writer_open(struct cli_writer *writer, const char *key, char bracket)
{
	PLAIT__ASSERT(bracket == '{' || bracket == '[', "what is opened is an object or an array");
	put_key(writer, key);
	putc(bracket, writer->file);
	writer->comma = false;
}

void cli_writer_close(struct cli_writer *writer, char bracket)
{
	putc(bracket, writer->file);
	writer->comma = true;
}

void cli_writer_integer(struct cli_writer *writer, const char *key, int64_t value)
{
	put_key(writer, key);
	fprintf(writer->file, "%" PRId64, value);
}

void cli_writer_real(struct cli_writer *writer, const char *key, const char *format, double value)
{
	put_key(writer, key);
	if (isfinite(value))
		fprintf(writer->file, format, value);
	else
		fputs("null", writer->file);
}

void cli_writer_text(struct cli_writer *writer, const char *key, const char *value)
{
	put_key(writer, key);
	if (value)
		plait__json_print(writer->file, value);
	else
		fputs("null", writer->file);
}

void cli_writer_hash(struct cli_writer *writer, const char *key, uint64_t value)
{
	put_key(writer, key);
	fprintf(writer->file, "\"%016" PRIx64 "\"", value);
}
