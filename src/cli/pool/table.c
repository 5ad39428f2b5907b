/* SPDX-License-Identifier: MIT
 * The table below the last epoch of a pool.  Names are last in a line, as they may be long. */
#include "config.h"
#include "src/cli/pool/pool.h"
#include "src/cli/complain.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define CELL 14

/* What the table has columns for. */
struct columns {
	bool accuracy, validation, validation_accuracy;
};

static bool is_done(const struct cli_pool_member *m)
{
	return m->exit == CLI_DONE && m->shown.has_epoch;
}

static double loss_of(const struct cli_pool_member *m)
{
	return plait_metrics_loss(m->shown.has_validation ? &m->shown.validation : &m->shown.train);
}

static void print_cell(bool has, double value)
{
	char text[32] = "-";

	if (has)
		snprintf(text, sizeof text, fabs(value) < 1e6 ? "%.4f" : "%.4g", value);
	printf("  %*s", CELL - 2, text);
}

static void print_head(const struct columns *columns)
{
	printf("\nMember  %*s", CELL - 2, "loss");
	if (columns->accuracy)
		printf("  %*s", CELL - 2, "accuracy");
	if (columns->validation)
		printf("  %*s", CELL - 2, "val loss");
	if (columns->validation_accuracy)
		printf("  %*s", CELL - 2, "val accuracy");
	printf("  %8s\n", "seconds");
}

static void print_member(const struct cli_pool_member *m, int number, const struct columns *columns)
{
	const struct plait_metrics *train = &m->shown.train, *val = &m->shown.validation;
	bool told = m->shown.has_epoch, validated = told && m->shown.has_validation;

	printf("%6d", number);
	print_cell(told, plait_metrics_loss(train));
	if (columns->accuracy)
		print_cell(told && train->has_accuracy, plait_metrics_accuracy(train));
	if (columns->validation)
		print_cell(validated, plait_metrics_loss(val));
	if (columns->validation_accuracy)
		print_cell(validated && val->has_accuracy, plait_metrics_accuracy(val));
	printf("  %8.2f  ", m->seconds);
	plait__text_print(stdout, m->name);
	if (m->reason) {
		fputs(": failed: ", stdout);
		plait__text_print(stdout, m->reason);
	} else if (m->exit == CLI_INTERRUPTED) {
		printf(": interrupted after step %" PRId64, plait_trainer_steps(m->job.trainer));
	}
	putchar('\n');
}

/* The one with the least loss of validation where there is one; NULL: none is done. */
static const struct cli_pool_member *find_best(const struct cli_pool_member *member, int count)
{
	const struct cli_pool_member *best = NULL;

	for (int i = 0; i < count; i++)
		if (is_done(&member[i]) && (!best || loss_of(&member[i]) < loss_of(best)))
			best = &member[i];
	return best;
}

static void print_sum(const struct cli_pool_member *member, int count)
{
	const struct cli_pool_member *best = find_best(member, count);
	double sum = 0;
	int done = 0;

	for (int i = 0; i < count; i++)
		if (is_done(&member[i])) {
			sum += plait_metrics_loss(&member[i].shown.train);
			done++;
		}
	if (!best)
		return;
	printf("Average loss of %d: %.4f\nBest: member %d, %sloss %.4f: ", done, sum / done,
	       best->shown.member, best->shown.has_validation ? "val " : "", loss_of(best));
	plait__text_print(stdout, best->name);
	putchar('\n');
}

void cli_pool_print(const struct cli_pool_member *member, int count)
{
	struct columns columns = { 0 };

	for (int i = 0; i < count; i++) {
		const struct cli_shown *shown = &member[i].shown;

		if (!shown->has_epoch)
			continue;
		columns.accuracy |= shown->train.has_accuracy;
		columns.validation |= shown->has_validation;
		columns.validation_accuracy |=
			shown->has_validation && shown->validation.has_accuracy;
	}
	print_head(&columns);
	for (int i = 0; i < count; i++)
		print_member(&member[i], i + 1, &columns);
	print_sum(member, count);
}
