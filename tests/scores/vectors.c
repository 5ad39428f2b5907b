/* SPDX-License-Identifier: MIT
 * Scores are those of scikit-learn: scores.txt has outputs, answers and its figures, which make.py
 * made.  And they do not depend on how many samples are added at once. */
#include "config.h"
#include "tests/tap.h"
#include <plait.h>

enum { MOST_ROWS = 200, MOST_OUTPUTS = 10, MOST_VALUES = 100, LINE = 4096 };

/* What both compute in float64 from the same floats, by sums of at most a few hundred terms. */
#define TOLERANCE 1e-12

struct sample_case {
	char name[32];
	struct plait_scores_options options;
	int64_t rows;
	bool counted;
	float outputs[MOST_ROWS * MOST_OUTPUTS], targets[MOST_ROWS * MOST_OUTPUTS],
		weights[MOST_ROWS];
	int32_t labels[MOST_ROWS];
	struct plait_scores *scores;
	struct plait_scores_result result;
	int figures;
};

/* -- reading --------------------------------------------------------------------------------- */

static void read_line(FILE *file, char *line)
{
	if (!fgets(line, LINE, file) || !strchr(line, '\n'))
		tap_bail_out("scores.txt ends, or a line is too long");
}

static void read_sample(struct sample_case *c, const char *line, int64_t i)
{
	int64_t n = c->options.outputs;
	bool labels = c->options.kind == PLAIT_SCORES_CLASSES;
	char *at = (char *)line;

	c->weights[i] = c->counted ? strtof(at, &at) : 1;
	if (labels)
		c->labels[i] = (int32_t)strtol(at, &at, 10);
	for (int64_t j = 0; j < n && !labels; j++)
		c->targets[i * n + j] = strtof(at, &at);
	for (int64_t j = 0; j < n; j++)
		c->outputs[i * n + j] = strtof(at, &at);
	if (strspn(at, " \n") != strlen(at))
		tap_bail_out("%s: a sample has more numbers than it should", c->name);
}

/* Adds all samples, so many at once. */
static void add(struct sample_case *c, int64_t at_once)
{
	int64_t n = c->options.outputs;

	for (int64_t first = 0; first < c->rows; first += at_once) {
		struct plait_scores_rows rows = {
			.rows = c->rows - first < at_once ? c->rows - first : at_once,
			.first = first,
			.outputs = c->outputs + first * n,
			.labels = c->labels + first,
			.targets = c->targets + first * n,
			.weights = c->counted ? c->weights + first : NULL
		};

		if (plait_scores_add(c->scores, &rows) < 0)
			tap_bail_out("%s", plait_error_message());
	}
	if (plait_scores_result(c->scores, &c->result) < 0)
		tap_bail_out("%s", plait_error_message());
}

static void read_case(struct sample_case *c, const char *line, FILE *file)
{
	char flags[32], text[LINE];
	const char *ignored;
	int kind;
	long long outputs, rows;

	memset(c, 0, sizeof *c);
	if (sscanf(line, "case %31s %d %lld %lld %31s", c->name, &kind, &outputs, &rows, flags) !=
		    5 ||
	    rows > MOST_ROWS || outputs > MOST_OUTPUTS)
		tap_bail_out("scores.txt: \"%s\" is no case", line);
	ignored = strstr(flags, "i:");
	c->options = (struct plait_scores_options){ .kind = (enum plait_scores_kind)kind,
						    .outputs = outputs,
						    .probabilities = strchr(flags, 'p') != NULL,
						    .ignores = ignored != NULL,
						    .ignored = ignored ? atoi(ignored + 2) : 0,
						    .confusion = true,
						    .calibration = true,
						    .auroc = true };
	c->counted = strchr(flags, 'w') != NULL;
	c->rows = rows;
	for (int64_t i = 0; i < rows; i++) {
		read_line(file, text);
		read_sample(c, text, i);
	}
	if (plait_scores_create(&c->scores, &c->options) < 0)
		tap_bail_out("%s", plait_error_message());
	add(c, rows);
}

/* -- comparing ------------------------------------------------------------------------------- */

/* The figure of a key; i: of which class, output or pair. */
static double figure(const struct sample_case *c, const char *key, int i)
{
	const struct plait_scores_result *r = &c->result;
	const struct plait_class_scores *one = r->by_class ? &r->by_class[i] : NULL;
	const struct {
		const char *key;
		double value;
	} known[] = {
		{ "samples", (double)r->samples },
		{ "accuracy", r->accuracy },
		{ "macro_precision", r->macro.precision },
		{ "macro_recall", r->macro.recall },
		{ "macro_f1", r->macro.f1 },
		{ "micro_precision", r->micro.precision },
		{ "micro_recall", r->micro.recall },
		{ "micro_f1", r->micro.f1 },
		{ "class_precision", one && i < r->classes ? one->precision : NAN },
		{ "class_recall", one && i < r->classes ? one->recall : NAN },
		{ "class_f1", one && i < r->classes ? one->f1 : NAN },
		{ "class_auroc", one && i < r->classes ? one->auroc : NAN },
		{ "confusion",
		  r->confusion && i < r->classes * r->classes ? (double)r->confusion[i] : NAN },
		{ "auroc", r->auroc },
		{ "ece", r->calibration_error },
		{ "mae", r->numbers.mae },
		{ "mse", r->numbers.mse },
		{ "rmse", r->numbers.rmse },
		{ "r2", r->numbers.r2 },
		{ "output_mae", r->by_output ? r->by_output[i].mae : NAN },
		{ "output_rmse", r->by_output ? r->by_output[i].rmse : NAN },
		{ "output_r2", r->by_output ? r->by_output[i].r2 : NAN },
	};

	for (size_t k = 0; k < sizeof known / sizeof *known; k++)
		if (strcmp(known[k].key, key) == 0)
			return known[k].value;
	if (strncmp(key, "top", 3) == 0)
		return plait_scores_top(c->scores, atoi(key + 3));
	tap_bail_out("scores.txt: what is \"%s\"?", key);
}

static void compare(struct sample_case *c, char *line)
{
	char *key = strtok(line, " \n"), *value;
	int i = 0;

	for (; (value = strtok(NULL, " \n")); i++) {
		double expected = atof(value), got = figure(c, key, i);

		if (isnan(expected))
			ok(isnan(got), "%s: %s %d is not there", c->name, key, i);
		else
			is_near(got, expected, TOLERANCE * fmax(1, fabs(expected)), "%s: %s %d",
				c->name, key, i);
	}
	c->figures += i;
}

/* Whatever is added at once, and after other samples are forgotten, all has the same bits. */
static void compare_parts(struct sample_case *c)
{
	struct plait_scores_result whole = c->result;
	size_t classes = (size_t)whole.classes, outputs = (size_t)whole.outputs;
	struct plait_class_scores by_class[MOST_OUTPUTS + 2];
	struct plait_number_scores by_output[MOST_OUTPUTS];

	if (whole.by_class)
		memcpy(by_class, whole.by_class, classes * sizeof *by_class);
	if (whole.by_output)
		memcpy(by_output, whole.by_output, outputs * sizeof *by_output);
	for (int64_t at_once = 1; at_once <= 7; at_once++) {
		plait_scores_reset(c->scores);
		add(c, at_once);
		/* From the second field on there are no gaps. */
		ok(memcmp(&whole.samples, &c->result.samples,
			  sizeof whole - offsetof(struct plait_scores_result, samples)) == 0,
		   "%s: %lld at once: the same bits", c->name, (long long)at_once);
		ok(!whole.by_class ||
			   memcmp(by_class, c->result.by_class, classes * sizeof *by_class) == 0,
		   "%s: %lld at once: the same bits of classes", c->name, (long long)at_once);
		ok(!whole.by_output ||
			   memcmp(by_output, c->result.by_output, outputs * sizeof *by_output) == 0,
		   "%s: %lld at once: the same bits of outputs", c->name, (long long)at_once);
	}
}

static void end_case(struct sample_case *c, int *cases)
{
	if (!c->scores)
		return;
	ok(c->figures >= 5, "%s: there is something to compare", c->name);
	compare_parts(c);
	plait_scores_destroy(c->scores);
	c->scores = NULL;
	++*cases;
}

int main(void)
{
	static struct sample_case c;
	const char *source = getenv("SRC");
	char line[LINE];
	int cases = 0;
	FILE *file;

	snprintf(line, sizeof line, "%s/tests/scores/scores.txt", source ? source : ".");
	file = fopen(line, "r");
	if (!file)
		tap_bail_out("%s cannot be read", line);
	while (fgets(line, sizeof line, file)) {
		if (*line == '#')
			continue;
		if (strncmp(line, "case ", 5) == 0) {
			end_case(&c, &cases);
			read_case(&c, line, file);
		} else {
			compare(&c, line);
		}
	}
	end_case(&c, &cases);
	fclose(file);
	is_int(cases, 16, "all cases");
	return tap_done();
}
