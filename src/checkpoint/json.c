/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/checkpoint/json.h"

#include <inttypes.h>
#include <string.h>

int plait__json_error(const struct plait__json *json, const char *expected)
{
	char found[24];
	size_t n = 0;

	for (; n < 20 && json->at + n < json->size; n++) {
		char c = json->text[json->at + n];

		found[n] = c >= ' ' && c <= '~' ? c : '?';
	}
	found[n] = '\0';
	return plait__error(PLAIT_EFORMAT, "%s: offset %" PRId64 ": expected %s, found %s%s",
			    json->path, json->start + (int64_t)json->at, expected,
			    n ? found : "the end", n == 20 ? "..." : "");
}

/* The current byte; 0 at the end, and nowhere valid. */
static char peek(const struct plait__json *json)
{
	return json->at < json->size ? json->text[json->at] : '\0';
}

static void skip_spaces(struct plait__json *json)
{
	char c = peek(json);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		json->at++;
		c = peek(json);
	}
}

bool plait__json_take(struct plait__json *json, char c)
{
	skip_spaces(json);
	if (json->at == json->size || json->text[json->at] != c)
		return false;
	json->at++;
	return true;
}

int plait__json_expect(struct plait__json *json, char c, const char *expected)
{
	return plait__json_take(json, c) ? 0 : plait__json_error(json, expected);
}

int plait__json_end(struct plait__json *json)
{
	skip_spaces(json);
	return json->at == json->size
		       ? 0
		       : plait__json_error(json, "only spaces up to the header's end");
}

static char *put_utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 63));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 63));
		*to++ = (char)(0x80 | (code & 63));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 63));
		*to++ = (char)(0x80 | (code >> 6 & 63));
		*to++ = (char)(0x80 | (code & 63));
	}
	return to;
}

/* Four hexadecimal digits after \u. */
static int take_hex(struct plait__json *json, uint32_t *code_p)
{
	static const char digits[] = "0123456789abcdef";

	*code_p = 0;
	for (int i = 0; i < 4; i++) {
		char c = peek(json);
		const char *digit = strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);

		if (!c || !digit)
			return plait__json_error(json, "a hexadecimal digit");
		*code_p = *code_p << 4 | (uint32_t)(digit - digits);
		json->at++;
	}
	return 0;
}

/* What stands after \u, two of them for characters beyond U+FFFF. */
static int take_unicode(struct plait__json *json, char **to_p)
{
	uint32_t code, low;
	int status = take_hex(json, &code);

	if (status < 0)
		return status;
	if (code >= 0xd800 && code < 0xdc00) {
		if (peek(json) != '\\' || json->at + 1 == json->size ||
		    json->text[json->at + 1] != 'u')
			return plait__json_error(json, "the second half of a surrogate pair");
		json->at += 2;
		status = take_hex(json, &low);
		if (status < 0)
			return status;
		if (low < 0xdc00 || low > 0xdfff)
			return plait__json_error(json,
						 "the second half of a surrogate pair before");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	} else if (code == 0 || (code >= 0xdc00 && code < 0xe000)) {
		return plait__json_error(json, "a character before");
	}
	*to_p = put_utf8(*to_p, code);
	return 0;
}

static int take_escape(struct plait__json *json, char **to_p)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;
	char c = peek(json);

	if (c == 'u') {
		json->at++;
		return take_unicode(json, to_p);
	}
	name = c ? strchr(names, c) : NULL;
	if (!name)
		return plait__json_error(json, "an escape such as \\n");
	*(*to_p)++ = values[name - names];
	json->at++;
	return 0;
}

int plait__json_string(struct plait__json *json, const char **string_p, const char *expected)
{
	char *start, *to;
	int status = plait__json_expect(json, '"', expected);

	if (status < 0)
		return status;
	start = to = json->text + json->at;
	while (peek(json) != '"') {
		int length;

		if ((unsigned char)peek(json) < ' ')
			return plait__json_error(json, "a closing quote");
		if (peek(json) == '\\') {
			json->at++;
			status = take_escape(json, &to);
			if (status < 0)
				return status;
			continue;
		}
		length = plait__utf8_length(json->text + json->at);
		if (length == 0)
			return plait__json_error(json, "UTF-8");
		PLAIT__ASSERT((size_t)length <= json->size - json->at,
			      "UTF-8 ends where the text does");
		memmove(to, json->text + json->at, (size_t)length);
		to += length;
		json->at += (size_t)length;
	}
	json->at++;
	PLAIT__ASSERT(to < json->text + json->at, "a text is not longer without its escapes");
	*to = '\0'; /* at the latest where the quote stood */
	*string_p = start;
	return 0;
}

int plait__json_integer(struct plait__json *json, int64_t *value_p, const char *expected)
{
	int64_t value = 0;
	size_t start;

	skip_spaces(json);
	for (start = json->at; peek(json) >= '0' && peek(json) <= '9'; json->at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, peek(json) - '0', &value))
			return plait__json_error(json, "a number below 2^63");
	if (json->at == start || (json->at > start + 1 && json->text[start] == '0')) {
		json->at = start;
		return plait__json_error(json, expected);
	}
	*value_p = value;
	return 0;
}
