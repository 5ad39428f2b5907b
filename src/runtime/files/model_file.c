/* SPDX-License-Identifier: MIT
 * A model's file has a line for each number or row of numbers, in the order in which StarPU's
 * parse_model_file reads them, and comments between them.  A process that was killed, or a full
 * disk, leaves a part of it. */
#include "config.h"
#include "src/runtime/files/model_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The version that is checked, which is StarPU 1.4's.  It is the name of the files' folder, too. */
#define FILE_VERSION 45
#define FOLDER "/45/"

/* More than any machine has; a count beyond it is damage. */
#define MOST 65536

struct model_file {
	FILE *file;
	char *text; /* the present line, with its end */
	size_t size;
	char *at; /* where the next number begins */
	int64_t line;
	const char *wrong; /* NULL: nothing so far */
};

/* Goes to the next line with numbers. */
static bool next_line(struct model_file *f)
{
	while (!f->wrong) {
		ssize_t length = getline(&f->text, &f->size, f->file);

		if (length <= 0) {
			f->wrong = "it ends too early";
			break;
		}
		f->line++;
		f->at = f->text + strspn(f->text, " \t");
		if (strlen(f->text) != (size_t)length)
			f->wrong = "it has a zero byte";
		else if (f->text[length - 1] != '\n')
			f->wrong = "it is cut off";
		else if (*f->at != '#' && *f->at != '\n')
			return true;
	}
	return false;
}

static int64_t take_integer(struct model_file *f, int base, int64_t least, int64_t most)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(f->at, &end, base);
	if (!f->wrong && (end == f->at || errno || value < least || value > most))
		f->wrong = "a whole number is missing or wrong";
	f->at = end;
	return f->wrong ? 0 : value;
}

static double take_real(struct model_file *f)
{
	char *end;
	double value = strtod(f->at, &end);

	if (!f->wrong && end == f->at)
		f->wrong = "a number is missing";
	f->at = end;
	return value;
}

static bool line_is_over(const struct model_file *f)
{
	return f->at[strspn(f->at, " \t\r\n")] == '\0';
}

static void end_line(struct model_file *f)
{
	if (!f->wrong && !line_is_over(f))
		f->wrong = "there is more on the line than expected";
}

/* A line with one number. */
static int64_t read_integer(struct model_file *f, int64_t least, int64_t most)
{
	int64_t value = 0;

	if (next_line(f)) {
		value = take_integer(f, 10, least, most);
		end_line(f);
	}
	return f->wrong ? 0 : value;
}

/* Three lines: linear, nonlinear and multiple regression. */
static void read_regressions(struct model_file *f)
{
	int64_t coefficients;

	if (!next_line(f))
		return;
	for (int i = 0; i < 6; i++)
		take_real(f);
	for (int i = 0; i < 3; i++)
		take_integer(f, 10, 0, INT64_MAX);
	end_line(f);
	if (!next_line(f))
		return;
	for (int i = 0; i < 3; i++)
		take_real(f);
	end_line(f);
	coefficients = read_integer(f, 0, MOST);
	if (coefficients > 0 && next_line(f))
		for (int64_t i = 0; i < coefficients; i++)
			take_real(f);
}

/* hash, size, [flops,] mean, deviation, sum, sum of squares, number of samples. */
static void read_entry(struct model_file *f)
{
	double value[5];

	if (!next_line(f))
		return;
	take_integer(f, 16, 0, UINT32_MAX);
	take_integer(f, 10, 0, INT64_MAX);
	for (int i = 0; i < 5; i++)
		value[i] = take_real(f);
	/* StarPU refuses these, the flops of unknown tasks aside. */
	for (int i = 0; i < 5 && !f->wrong; i++)
		if (!(value[i] >= 0) && !(i == 0 && isnan(value[i])))
			f->wrong = "a figure is negative or not a number";
	if (!f->wrong && !line_is_over(f))
		take_integer(f, 10, 0, UINT32_MAX);
	end_line(f);
}

/* The model for one combination of devices. */
static void read_combination(struct model_file *f)
{
	int64_t devices = read_integer(f, 1, 1024), implementations;

	for (int64_t i = 0; i < devices; i++) {
		read_integer(f, 0, STARPU_NARCH - 1);
		read_integer(f, 0, MOST);
		read_integer(f, 1, MOST);
	}
	implementations = read_integer(f, 0, MOST);
	for (int64_t i = 0; i < implementations && !f->wrong; i++) {
		int64_t entries = read_integer(f, 0, UINT32_MAX);

		read_regressions(f);
		while (entries-- > 0 && !f->wrong)
			read_entry(f);
	}
}

static void read_model(struct model_file *f)
{
	int64_t combinations;

	if (read_integer(f, 0, MOST) != FILE_VERSION && !f->wrong)
		f->wrong = "it is of another version";
	combinations = read_integer(f, 0, MOST);
	for (int64_t i = 0; i < combinations && !f->wrong; i++)
		read_combination(f);
}

const char *plait__model_file_check(const char *path, int64_t *line)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct model_file f = { .file = fopen(path, "re") };
	int first;

	*line = 0;
	if (!f.file)
		return NULL;
	/* StarPU locks a file that it writes. */
	while (fcntl(fileno(f.file), F_SETLKW, &lock) != 0 && errno == EINTR)
		;
	first = getc(f.file);
	if (first == EOF && ferror(f.file)) {
		f.wrong = "it cannot be read";
	} else if (first != EOF) {
		ungetc(first, f.file);
		read_model(&f);
	}
	fclose(f.file);
	free(f.text);
	*line = f.line;
	return f.wrong;
}

int plait__model_file_admit(const struct starpu_perfmodel *model)
{
	char path[4096] = "", aside[4096 + 16];
	const char *wrong;
	int64_t line;

	if (!model->symbol)
		return 0;
	starpu_perfmodel_get_model_path(model->symbol, path, sizeof path);
	if (!strstr(path, FOLDER))
		return 0;
	wrong = plait__model_file_check(path, &line);
	if (!wrong)
		return 0;
	snprintf(aside, sizeof aside, "%s.damaged", path);
	if (rename(path, aside) != 0)
		return plait__error(PLAIT_EIO,
				    "%s: line %" PRId64
				    ": damaged performance model of StarPU's, %s; it cannot be set "
				    "aside (%s): remove it, as by plait models --reset",
				    path, line, wrong, strerror(errno));
	fprintf(stderr,
		"plait: %s: line %" PRId64
		": damaged performance model of StarPU's, %s; set aside as %s, and learned anew\n",
		path, line, wrong, aside);
	return 0;
}
