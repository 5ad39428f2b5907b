/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/trainer/until/until.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Of names up to a colon, as in topk:5. */
static const struct {
	const char *name;
	bool higher;
} known[] = {
	{ "loss", false },
	{ "accuracy", true },
	{ "mae", false },
	{ "topk", true },
};
enum { KNOWN = sizeof known / sizeof *known };

const char *plait_end_name(enum plait_end_reason reason)
{
	static const char *const names[] = { "done",    "patience",    "target", "max_time",
					     "handler", "interrupted", "failed" };

	return (unsigned)reason < sizeof names / sizeof *names ? names[reason] : NULL;
}

/* -- figures ------------------------------------------------------------------------------------
 */

/* Whether an epoch of the graph has it. */
static bool has(const struct plait_graph *graph, const char *name)
{
	for (int i = 0; i < graph->metrics; i++)
		if (strcmp(graph->metric[i].name, name) == 0)
			return true;
	return strcmp(name, "loss") == 0 || (strcmp(name, "accuracy") == 0 && graph->accuracy);
}

static void append(char *text, size_t size, const char *kind, const char *name)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s%s", used ? ", " : "", kind, name);
}

static int unknown(const char *option, const char *name, const struct plait_graph *graph,
		   bool validates)
{
	char text[400] = "";

	for (int val = 0; val <= validates; val++) {
		const char *kind = val ? "val_" : "";

		append(text, sizeof text, kind, "loss");
		if (graph->accuracy)
			append(text, sizeof text, kind, "accuracy");
		for (int i = 0; i < graph->metrics; i++)
			append(text, sizeof text, kind, graph->metric[i].name);
	}
	return plait__error(PLAIT_EINVAL, "%s: \"%.40s\" is no figure of an epoch; those are %s%s",
			    option, name, text,
			    strncmp(name, "val_", 4) == 0 && !validates
				    ? "; val_ is of a validation, and there is none"
				    : "");
}

/* By its name; -1: nobody knows. */
static int is_higher(const char *name)
{
	for (int i = 0; i < KNOWN; i++)
		if (strcspn(name, ":") == strlen(known[i].name) &&
		    strncmp(name, known[i].name, strlen(known[i].name)) == 0)
			return known[i].higher;
	return -1;
}

/* option: what messages call it. */
static int find(struct plait__figure *figure, const char *option, const char *name,
		enum plait_better better, const struct plait_graph *graph, bool validates)
{
	bool val = !has(graph, name) && strncmp(name, "val_", 4) == 0;
	const char *base = val ? name + 4 : name;
	int higher =
		better == PLAIT_BETTER_BY_NAME ? is_higher(base) : better == PLAIT_BETTER_HIGHER;

	if ((unsigned)better > PLAIT_BETTER_HIGHER)
		return plait__error(PLAIT_EINVAL, "%s: better is %d, must be one of PLAIT_BETTER_*",
				    option, (int)better);
	if (!has(graph, base) || (val && !validates))
		return unknown(option, name, graph, validates);
	if (higher < 0)
		return plait__error(PLAIT_EINVAL,
				    "%s: nobody knows whether a higher or a lower \"%.40s\" is "
				    "better: say which",
				    option, name);
	*figure = (struct plait__figure){ base, val, higher > 0 };
	return 0;
}

static int find_both(struct plait__until *until, const struct plait_fit_options *options,
		     const struct plait_graph *graph)
{
	const struct plait_until *u = &options->until;
	bool validates = options->validation != NULL;
	int status = find(&until->monitor, "monitor",
			  u->monitor  ? u->monitor
			  : validates ? "val_loss"
				      : "loss",
			  u->better, graph, validates);

	if (status == 0 && u->target)
		status = find(&until->target, "target", u->target, u->target_better, graph,
			      validates);
	return status;
}

/* NaN: the epoch has none. */
static double value(const struct plait__figure *figure, const struct plait_metrics *train,
		    const struct plait_metrics *validation)
{
	const struct plait_metrics *metrics = figure->validation ? validation : train;

	if (strcmp(figure->name, "loss") == 0)
		return plait_metrics_loss(metrics);
	return strcmp(figure->name, "accuracy") == 0 ? plait_metrics_accuracy(metrics)
						     : plait_metrics_value(metrics, figure->name);
}

/* Any number is better than NaN, which is better than nothing. */
static bool is_better(const struct plait__figure *figure, double now, double before)
{
	if (isnan(before))
		return !isnan(now);
	return figure->higher ? now > before : now < before;
}

/* -- epochs ------------------------------------------------------------------------------------ */

int plait__until_check(const struct plait_fit_options *options, const struct plait_graph *graph)
{
	const struct plait_until *u = &options->until;
	struct plait__until until;

	if (u->patience < 0)
		return plait__error(PLAIT_EINVAL,
				    "patience is %" PRId64 " epochs, must be 0 (never) or more",
				    u->patience);
	if (!(u->max_seconds >= 0))
		return plait__error(PLAIT_EINVAL, "max_seconds is %g, must be 0 (no limit) or more",
				    u->max_seconds);
	if (u->target && !isfinite(u->target_value))
		return plait__error(PLAIT_EINVAL, "target_value is %g, must be finite",
				    u->target_value);
	if (plait__until_waits(u) && options->overlap_validation)
		return plait__error(PLAIT_EINVAL,
				    "patience, target and keep_best wait for the validation of an "
				    "epoch before the next one begins, and overlap_validation has "
				    "it beside that");
	return find_both(&until, options, graph);
}

void plait__until_begin(struct plait__until *until, const struct plait_fit_options *options,
			const struct plait_graph *graph)
{
	int status;

	*until = (struct plait__until){ .options = options->until,
					.end = { .best = NAN, .target_best = NAN } };
	status = find_both(until, options, graph);
	PLAIT__ASSERT(status == 0, "options were checked");
	(void)status;
}

static void judge_target(struct plait__until *until, double now)
{
	const struct plait__figure *target = &until->target;
	double wanted = until->options.target_value;

	if (is_better(target, now, until->end.target_best))
		until->end.target_best = now;
	if (!(target->higher ? now >= wanted : now <= wanted))
		return;
	until->end.reached = true;
	until->end.reason = PLAIT_END_TARGET;
}

bool plait__until_judge(struct plait__until *until, int64_t epoch,
			const struct plait_metrics *train, const struct plait_metrics *validation,
			bool *best)
{
	const struct plait__figure *monitor = &until->monitor;
	bool told = !monitor->validation || validation;
	double now = value(monitor, train, validation);

	until->end.epochs = epoch;
	*best = told && is_better(monitor, now, until->end.best);
	if (*best) {
		until->end.best = now;
		until->end.best_epoch = epoch;
	}
	/* An epoch without the figure says nothing. */
	until->since = *best ? 0 : until->since + told;
	if (until->options.patience > 0 && until->since >= until->options.patience)
		until->end.reason = PLAIT_END_PATIENCE;
	if (until->target.name)
		judge_target(until, value(&until->target, train, validation));
	return until->end.reason != PLAIT_END_DONE;
}
