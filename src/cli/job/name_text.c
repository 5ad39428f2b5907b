/* SPDX-License-Identifier: MIT
 * Metadata is UTF-8, and a name may be any bytes: a byte that would not be read back is written as
 * \xHH. */
#include "config.h"
#include "src/cli/job/name_text.h"
#include "src/cli/complain.h"
#include "src/base/base.h"
#include "src/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_name(FILE *out, const char *name)
{
	while (*name) {
		int length = plait__utf8_length(name);

		if (length == 0 || *name == '\\' || *name == '\n') {
			fprintf(out, "\\x%02x", (unsigned char)*name);
			length = 1;
		} else {
			fwrite(name, 1, (size_t)length, out);
		}
		name += length;
	}
}

char *cli_name_text_write(int64_t count, const char *const *names)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (int64_t c = 0; out && c < count; c++) {
		if (c > 0)
			putc('\n', out);
		put_name(out, names[c]);
	}
	if (out && fclose(out) == 0)
		return text;
	cli_complain("no memory for names");
	free(text);
	return NULL;
}

/* Undoes put_name, in place. */
static void read_name(char *name)
{
	char *to = name;
	unsigned byte;

	while (*name) {
		if (sscanf(name, "\\x%2x", &byte) == 1 && strlen(name) >= 4) {
			*to++ = (char)byte;
			name += 4;
		} else {
			*to++ = *name++;
		}
	}
	*to = '\0';
}

const char **cli_name_text_read(char *text, int64_t *count_p)
{
	const char **names;
	int64_t count = 1;

	for (const char *p = text; *p; p++)
		count += *p == '\n';
	names = plait__calloc((size_t)count, sizeof *names, "names");
	for (int64_t c = 0; names && c < count; c++) {
		char *end = text + strcspn(text, "\n");

		*end = '\0';
		names[c] = text;
		text = end + 1;
	}
	for (int64_t c = 0; names && c < count; c++)
		read_name((char *)names[c]);
	*count_p = count;
	return names;
}
