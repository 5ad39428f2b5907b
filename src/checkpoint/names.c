/* SPDX-License-Identifier: MIT
 * Metadata is UTF-8, and a name may be any bytes: a byte that would not be read back is written as
 * \xHH. */
#include "config.h"
#include "src/base/base.h"
#include "src/base/text.h"
#include "src/checkpoint/saved.h"

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

char *plait__names_write(int64_t count, const char *const *names)
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
	plait__error(PLAIT_ENOMEM, "no memory for names");
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

int plait__names_read(struct plait__names *names, const char *text)
{
	char *line;

	*names = (struct plait__names){ .text = plait__strdup(text), .count = 1 };
	for (const char *p = text; *p; p++)
		names->count += *p == '\n';
	names->name = plait__calloc((size_t)names->count, sizeof *names->name, "names");
	if (!names->text || !names->name) {
		plait__names_free(names);
		return PLAIT_ENOMEM;
	}
	line = names->text;
	for (int64_t c = 0; c < names->count; c++) {
		char *end = line + strcspn(line, "\n");

		*end = '\0';
		names->name[c] = line;
		read_name(line);
		line = end + 1;
	}
	return 0;
}

void plait__names_free(struct plait__names *names)
{
	free(names->name);
	free(names->text);
	*names = (struct plait__names){ 0 };
}
