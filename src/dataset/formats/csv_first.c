/* SPDX-License-Identifier: MIT
 * Whether the first line of a CSV file is a header.  One cell does not decide that: a missing value
 * or a date in the first row would cost a sample.  The features of a header are names, none is a
 * number.  The exception are years and 0, 1, 2 ... as names, where labels decide. */
#include "config.h"
#include "src/dataset/formats/csv_text.h"
#include "src/base/number.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* Names that are years lie in this range. */
#define FIRST_YEAR 1000
#define LAST_YEAR 2999

enum cell {
	CELL_NUMBER = 1,
	CELL_NAME,  /* text that can be nothing else */
	CELL_AMONG, /* a name where others are: empty, "2nd", "?", "nan" */
	CELL_OTHER, /* digits, but no number and no name: "10%", "$10", "1.5.2", "2024-05-01" */
};

/* Words that stand for a missing value. */
static bool is_missing(const char *text)
{
	static const char *const words[] = { "na",      "n/a",  "nan",  "inf",  "infinity",
					     "null",    "none", "<na>", "nil",  "missing",
					     "unknown", "-inf", "#n/a", "undef" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

static enum cell kind_of(const char *text)
{
	bool letters = false, digits = false, beyond = false;
	double value;

	if (plait__number_parse(text, &value) == PLAIT__TEXT_NUMBER)
		return CELL_NUMBER;
	for (const char *p = text; *p; p++) {
		letters = letters || isalpha((unsigned char)*p);
		digits = digits || isdigit((unsigned char)*p);
		beyond = beyond || (unsigned char)*p >= 0x80;
	}
	if (digits && !letters)
		return CELL_OTHER;
	if (is_missing(text) || (!letters && !beyond) || strchr("0123456789+-.$", *text))
		return CELL_AMONG;
	return CELL_NAME;
}

/* Whether count whole numbers, which increase, are 0, 1, 2 ... or years. */
struct series {
	int count;
	double last;
	bool numbered, years;
};

static void add_to_series(struct series *s, const char *text)
{
	double value = 0;

	plait__number_parse(text, &value);
	s->numbered = s->numbered && value == s->count;
	s->years = s->years && value == floor(value) && value >= FIRST_YEAR && value <= LAST_YEAR &&
		   (s->count == 0 || value > s->last);
	s->last = value;
	s->count++;
}

/* Words that name a column of labels wherever it is. */
static bool names_labels(const char *text)
{
	static const char *const words[] = { "label", "class", "target", "species" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

int plait__csv_check_last(const struct plait__csv *csv)
{
	int found = -1, count = 0, last = csv->fields - 1;

	for (int c = 0; c <= last; c++) {
		found = names_labels(csv->field[c]) ? c : found;
		count += names_labels(csv->field[c]);
	}
	if (count != 1 || found == last)
		return 0;
	return plait__error(
		PLAIT_EFORMAT,
		"%s: line 1: column %d is named \"%s\", but the last, \"%.32s\", would be "
		"the label: write label=%s, or label=%d for the last",
		plait__file_path(csv->file), found + 1, csv->field[found], csv->field[last],
		csv->field[found], last);
}

int plait__csv_first_line(const struct plait__csv *csv, int label)
{
	struct series series = { .numbered = true, .years = true };
	int count[CELL_OTHER + 1] = { 0 }, odd = -1;

	for (int c = 0; c < csv->fields; c++) {
		enum cell kind = kind_of(csv->field[c]);

		if (c == label)
			continue;
		count[kind]++;
		if (kind == CELL_NUMBER)
			add_to_series(&series, csv->field[c]);
		else if (odd < 0 || kind == CELL_OTHER)
			odd = c;
	}
	if (odd < 0 && series.count > 1 && (series.numbered || series.years) &&
	    (label == PLAIT__CSV_NO_LABEL || kind_of(csv->field[label]) == CELL_NAME))
		return PLAIT__CSV_EITHER;
	if (odd < 0)
		return PLAIT__CSV_SAMPLE;
	if (count[CELL_NAME] > 0 && count[CELL_NUMBER] == 0 && count[CELL_OTHER] == 0)
		return PLAIT__CSV_HEADER;
	return plait__csv_unexpected(
		csv, odd + 1,
		"a finite number, or only names (header=yes or header=no says what the line is)");
}
