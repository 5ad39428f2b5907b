/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/text.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int plait__utf8_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	int length = *p < 0x80   ? *p != 0
		     : *p < 0xc2 ? 0
		     : *p < 0xe0 ? 2
		     : *p < 0xf0 ? 3
		     : *p < 0xf5 ? 4
				 : 0;

	for (int i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Too long for what it says, half of a surrogate pair, beyond U+10FFFF. */
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

const char *plait__bytes_text(double bytes, char text[32])
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	int i;

	for (i = 0; bytes >= 1024 && i < 4; i++)
		bytes /= 1024;
	snprintf(text, 32, bytes < 10 && bytes != floor(bytes) ? "%.1f %s" : "%.0f %s", bytes,
		 unit[i]);
	return text;
}

const char *plait__grouped_text(double value, char text[32])
{
	char digits[24];
	size_t length, out = 0;

	if (!(value >= 0 && value < 1e15))
		return "?";
	length = (size_t)snprintf(digits, sizeof digits, "%.0f", value);
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text[out++] = ',';
		text[out++] = digits[i];
	}
	text[out] = '\0';
	return text;
}

void plait__text_print(FILE *out, const char *text)
{
	while (*text) {
		const unsigned char *p = (const unsigned char *)text;
		int length = plait__utf8_length(text);
		/* U+0080 to U+009F are control characters too. */
		bool control = *p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0);

		if (length > 0 && !control) {
			fwrite(text, 1, (size_t)length, out);
		} else if (*p == '\n' || *p == '\t') {
			fputs(*p == '\n' ? "\\n" : "\\t", out);
		} else {
			length = length > 0 ? length : 1;
			for (int i = 0; i < length; i++)
				fprintf(out, "\\x%02x", p[i]);
		}
		text += length > 0 ? length : 1;
	}
}

void plait__json_print(FILE *out, const char *text)
{
	int length;

	putc('"', out);
	for (; *text; text += length) {
		length = plait__utf8_length(text);
		PLAIT__ASSERT(length >= 0 && length <= 4,
			      "UTF-8 has 1 to 4 bytes, other bytes have 0");
		if (length == 0) {
			fputs("\xef\xbf\xbd", out);
			length = 1;
		} else if ((unsigned char)*text < ' ') {
			fprintf(out, "\\u%04x", *text);
		} else {
			if (*text == '"' || *text == '\\')
				putc('\\', out);
			fwrite(text, 1, (size_t)length, out);
		}
	}
	putc('"', out);
}

int plait__terminal_columns(void)
{
	const char *kind = getenv("TERM");
	struct winsize window;

	if (!isatty(STDERR_FILENO) || !kind || !*kind || strcmp(kind, "dumb") == 0)
		return 0;
	/* Serial lines and some editors do not know their size and say 0. */
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
		return 80;
	return window.ws_col;
}
