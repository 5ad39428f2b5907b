/* SPDX-License-Identifier: MIT
 * The plan as a table: what a step's tasks are, what they touch, what it all costs. */
#include "config.h"
#include "src/plan/plan.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static const char *scaled(double value, const char *unit, char *text)
{
	static const char *const prefix[] = { "", "k", "M", "G", "T", "P" };
	int i = 0;

	for (; value >= 999.5 && i < 5; i++)
		value /= 1000;
	snprintf(text, 24, value < 9.995 && i > 0 ? "%.1f %s%s" : "%.0f %s%s", value, prefix[i],
		 unit);
	return text;
}

static void print_uses(const struct plait__plan *plan, const struct plait__segment *segment,
		       FILE *file)
{
	static const char *const kind[] = { "slot", "par", "opt", "val", "grad", "loss" };
	static const char *const access[] = { "", "R", "W", "RW" };

	for (int i = 0; i < segment->uses; i++) {
		const struct plait__use *use = &plan->use[segment->first_use + i];
		const struct plait__arena *arena = &plan->arena[use->arena];
		bool named = arena->kind != PLAIT__SLOT && arena->kind != PLAIT__RESULT;

		fprintf(file, "%s%s:%s%s%s", i ? " " : "", access[use->access], kind[arena->kind],
			named ? "/" : "", named ? arena->name : "");
		if (arena->shard >= 0 && plan->options.split.shards > 1)
			fprintf(file, "#%d", arena->shard);
		if (arena->replica > 0)
			fprintf(file, "@%d", arena->replica);
		if (use->unordered)
			fputs("*", file);
	}
	fputs("\n", file);
}

/* How wide the column of names is. */
static int name_width(const struct plait__plan *plan)
{
	size_t width = 28;

	for (int i = 0; i < plan->segments; i++)
		if (strlen(plan->segment[i].name) > width)
			width = strlen(plan->segment[i].name);
	return (int)width;
}

static void print_segment(const struct plait__plan *plan, const struct plait__segment *segment,
			  int width, FILE *file)
{
	char shard[12] = "-", flops[24], bytes[24];

	if (plan->options.split.shards > 1 && segment->shard >= 0)
		snprintf(shard, sizeof shard, "%d", segment->shard);
	fprintf(file, "%-*s %5s %5d %10s %9s %4d  ", width, segment->name, shard, segment->calls,
		scaled(segment->cost.flops, "flop", flops), scaled(segment->cost.bytes, "B", bytes),
		10 + segment->depth);
	print_uses(plan, segment, file);
}

static double field_of(const struct plait__memory_use *use, size_t field)
{
	return *(const double *)((const char *)use + field);
}

/* What a column of the table of memory is of.  Returns text. */
static const char *gpu_text(const struct plait__peak *peak, int i, char text[16])
{
	if (peak->device[i] < 0)
		return "GPU";
	snprintf(text, 16, "cuda%d", peak->device[i]);
	return text;
}

static void print_bytes(const struct plait__peak *peak, const char *what, size_t field,
			const char *remark, FILE *file)
{
	char text[24];

	fprintf(file, "  %-22s %11s", what, scaled(field_of(&peak->main, field), "B", text));
	for (int i = 0; i < peak->gpus; i++)
		fprintf(file, " %11s", scaled(field_of(&peak->gpu[i], field), "B", text));
	fprintf(file, *remark ? "  %s\n" : "\n", remark);
}

static void print_memory(const struct plait__peak *peak, FILE *file)
{
#define KIND(name) offsetof(struct plait__memory_use, name)
	double main = plait__memory_sum(&peak->main), snapshot = peak->main.snapshot;
	char remark[32], text[24];

	fprintf(file, "%-24s %11s", "memory", "main");
	for (int i = 0; i < peak->gpus; i++) {
		fprintf(file, " %11s", gpu_text(peak, i, text));
		snapshot += peak->gpu[i].snapshot;
	}
	fputs("\n", file);
	snprintf(remark, sizeof remark, "%d slots", peak->slots);
	print_bytes(peak, "batches", KIND(batches), remark, file);
	print_bytes(peak, "parameters", KIND(parameters), "", file);
	print_bytes(peak, "optimizer state", KIND(state), "", file);
	if (snapshot > 0)
		print_bytes(peak, "snapshot", KIND(snapshot), "of the parameters, for validation",
			    file);
	print_bytes(peak, "gradients", KIND(gradients), "between tasks", file);
	print_bytes(peak, "activations", KIND(activations), "between tasks", file);
	print_bytes(peak, "results", KIND(results), "of steps in flight", file);
	print_bytes(peak, "workspace", KIND(workspace), "within tasks, of all workers", file);
	fprintf(file, "  %-22s %11s", "in all", scaled(main, "B", text));
	for (int i = 0; i < peak->gpus; i++)
		fprintf(file, " %11s", scaled(plait__memory_sum(&peak->gpu[i]), "B", text));
	fprintf(file, "  %.0f bytes", main);
	for (int i = 0; i < peak->gpus; i++)
		fprintf(file, ", on %s%s %.0f", peak->device[i] < 0 ? "the " : "",
			gpu_text(peak, i, text), plait__memory_sum(&peak->gpu[i]));
	fputs("\n", file);
#undef KIND
}

/* The sizes of unequal shards, of many the first: " (3,1)".  Returns text. */
static const char *sizes_text(const struct plait__split *split, char text[80])
{
	int length = 0;

	text[0] = '\0';
	for (int s = 0; split->end && s < plait__split_beside(split) && length < 60; s++)
		length += snprintf(text + length, 80 - (size_t)length, "%s%" PRId64,
				   s > 0 ? "," : " (",
				   split->end[s] - (s > 0 ? split->end[s - 1] : 0));
	if (split->end)
		snprintf(text + length, 80 - (size_t)length, length < 60 ? ")" : ",...)");
	return text;
}

static const char *replicas_text(const struct plait__plan *plan, char text[32])
{
	text[0] = '\0';
	if (plait__plan_replicas(plan) > 1)
		snprintf(text, 32, " of %d replicas", plait__plan_replicas(plan));
	return text;
}

/* Of several microbatches how many, and which may be on their way at once.  Returns text. */
static const char *microbatches_text(const struct plait__plan *plan, char text[64])
{
	int microbatches = plait__split_microbatches(&plan->options.split);

	text[0] = '\0';
	if (microbatches > 1)
		snprintf(text, 64, " of %d microbatches, %s", microbatches,
			 plait_pipeline_schedule_name(plan->options.schedule));
	return text;
}

void plait__plan_print(const struct plait__plan *plan, const struct plait__peak *peak, FILE *file)
{
	static const char *const mode[] = { "", "train", "evaluate", "predict" };
	struct plait_cost cost = { 0 };
	int beside = plait__split_beside(&plan->options.split), width = name_width(plan);
	char flops[24], bytes[24], sizes[80], many[64], copies[32];

	fprintf(file, "plan: %s, batch %" PRId64 ", ", mode[plan->options.mode],
		plan->options.batch_size);
	if (plan->options.precision != PLAIT_PRECISION_FP32)
		fprintf(file, "precision %s, ", plait_precision_name(plan->options.precision));
	fputs("granularity ", file);
	if (plan->options.steps > 1)
		fprintf(file,
			"run:%d, 1 shard, a task and a load for so many steps; of one step:\n",
			plan->options.steps);
	else
		fprintf(file, "%s, %d shard%s%s%s%s, %d tasks a step and a load\n",
			plait_granularity_name(plan->options.granularity), beside,
			beside > 1 ? "s" : "", sizes_text(&plan->options.split, sizes),
			replicas_text(plan, copies), microbatches_text(plan, many), plan->segments);
	fprintf(file, "%-*s %5s %5s %10s %9s %4s  %s\n", width, "task", "shard", "calls", "flops",
		"bytes", "prio", "data (* = ordered by the rest)");
	for (int i = 0; i < plan->segments; i++) {
		print_segment(plan, &plan->segment[i], width, file);
		cost.flops += plan->segment[i].cost.flops;
		cost.bytes += plan->segment[i].cost.bytes;
	}
	fprintf(file, "%-*s %5s %5d %10s %9s\n", width, "in all", "", plan->calls,
		scaled(cost.flops, "flop", flops), scaled(cost.bytes, "B", bytes));
	print_memory(peak, file);
}
