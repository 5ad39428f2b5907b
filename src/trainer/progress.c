/* SPDX-License-Identifier: MIT
 * The bar is redrawn in place at most ten times a second and never wraps: what does not
 * fit in the terminal's width is left out, the least important part first. */
#include "config.h"
#include "src/trainer/progress.h"
#include "src/base/text.h"
#include "src/gradient/schedule.h"

#include <math.h>
#include <starpu.h>
#include <string.h>

#define BAR_MIN 10
#define BAR_MAX 30

/* -- numbers for people ------------------------------------------------------------------ */

/* 67 seconds as "1:07". */
static const char *clock_text(double seconds, char text[32])
{
	long long s = (long long)(seconds + 0.5);

	if (s >= 3600)
		snprintf(text, 32, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(text, 32, "%lld:%02lld", s / 60, s % 60);
	return text;
}

/* -- the bar ------------------------------------------------------------------------------- */

/* [=====>    ], width characters in all. */
static void draw_bar(char *out, int width, double share)
{
	int inside = width - 2;
	int full = (int)(share * inside);

	out[0] = '[';
	for (int i = 0; i < inside; i++)
		out[1 + i] = i < full ? '=' : i == full ? '>' : ' ';
	out[width - 1] = ']';
	out[width] = '\0';
}

char *plait__progress_bar(const struct plait_event *event, int columns, char *text, size_t size)
{
	char head[64], step[64], loss[32], rate[64], left[48], bar[BAR_MAX + 3] = "", number[32];
	const char *part[] = { step, loss, left, rate };
	int fits = columns - 1, used, parts;
	double share =
		event->epoch_steps > 0 ? (double)event->epoch_step / (double)event->epoch_steps : 0;

	snprintf(head, sizeof head, "Epoch %d/%d", event->epoch, event->epochs);
	snprintf(step, sizeof step, "  %lld/%lld", (long long)event->epoch_step,
		 (long long)event->epoch_steps);
	snprintf(loss, sizeof loss, fabsf(event->loss) < 1e4f ? "  loss %.4f" : "  loss %.3g",
		 (double)event->loss);
	snprintf(rate, sizeof rate, "  %s samples/s",
		 plait__grouped_text(event->samples_per_second, number));
	left[0] = '\0';
	if (event->seconds_left >= 0 && event->seconds_left < 1e8)
		snprintf(left, sizeof left, "  %s left", clock_text(event->seconds_left, number));
	used = (int)strlen(head);
	for (parts = 0; parts < 4 && used + (int)strlen(part[parts]) <= fits; parts++)
		used += (int)strlen(part[parts]);
	if (parts == 4 && fits - used > BAR_MIN)
		draw_bar(bar, fits - used - 1 < BAR_MAX ? fits - used - 1 : BAR_MAX,
			 share < 1 ? share : 1);
	snprintf(text, size, "%s%s%s%s%s%s%s", head, *bar ? " " : "", bar, parts > 0 ? step : "",
		 parts > 1 ? loss : "", parts > 3 ? rate : "", parts > 2 ? left : "");
	if (fits >= 0 && (size_t)fits < strlen(text))
		text[fits] = '\0';
	return text;
}

void plait__progress_draw(struct plait__progress *progress, const struct plait_event *event)
{
	double now = starpu_timing_now();
	char text[PLAIT__PROGRESS_LINE];
	int columns;

	if (progress->drawn && now - progress->drawn_at < 1e5)
		return;
	columns = plait__terminal_columns();
	if (columns == 0)
		return;
	/* The terminal writes ^C behind the bar, and on the next line it would be out of reach. */
	if (columns > 2)
		columns -= 2;
	fprintf(stderr, "\r%s\033[K", plait__progress_bar(event, columns, text, sizeof text));
	fflush(stderr);
	progress->drawn = true;
	progress->drawn_at = now;
}

void plait__progress_clear(struct plait__progress *progress)
{
	if (!progress->drawn)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress->drawn = false;
}

/* -- the line of an epoch ------------------------------------------------------------------ */

static void append(char *text, size_t size, const char *kind, const char *name, double value)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, fabs(value) < 1e6 ? "  %s%s %.4f" : "  %s%s %.4g", kind,
		 name, value);
}

static void append_metrics(char *text, size_t size, const char *kind,
			   const struct plait_metrics *metrics)
{
	const char *name;

	append(text, size, kind, "loss", plait_metrics_loss(metrics));
	if (metrics->has_accuracy)
		append(text, size, kind, "accuracy", plait_metrics_accuracy(metrics));
	for (int i = 0; (name = plait_metrics_name(metrics, i)); i++)
		append(text, size, kind, name, plait_metrics_value(metrics, name));
}

char *plait__progress_epoch(const struct plait_event *event, const char *more, char *text,
			    size_t size)
{
	char number[32], verdict[160];
	size_t used;

	snprintf(text, size, "Epoch %d/%d", event->epoch, event->epochs);
	append_metrics(text, size, "", event->train);
	if (event->validation)
		append_metrics(text, size, "val ", event->validation);
	used = strlen(text);
	snprintf(text + used, size - used, "%s", more);
	used = strlen(text);
	if (event->train->skipped > 0)
		snprintf(text + used, size - used, "  %lld skipped",
			 (long long)event->train->skipped);
	used = strlen(text);
	if (event->schedule && plait__schedule_moves(event->schedule))
		snprintf(text + used, size - used, "  lr %.4g", event->lr);
	used = strlen(text);
	snprintf(text + used, size - used, "  %.*f s  %s samples/s",
		 event->train->seconds < 10 ? 2 : 1, event->train->seconds,
		 plait__grouped_text(plait_metrics_samples_per_second(event->train), number));
	used = strlen(text);
	if (event->train->load.batches > 0)
		snprintf(text + used, size - used, "\n  %s",
			 plait_load_verdict(&event->train->load, verdict, sizeof verdict));
	return text;
}

/* Of several members each line begins with a name, and there is no bar. */
static void print(const struct plait_event *event, const char *text)
{
	bool named = event->member > 0;

	fprintf(stderr, "%s%s%s\n", named ? event->member_name : "", named ? ": " : "", text);
}

int plait__progress(void *state, const struct plait_event *event)
{
	struct plait__progress *progress = state;
	char text[PLAIT__PROGRESS_LINE];

	if (event->kind == PLAIT_EVENT_PROGRESS && event->member == 0)
		plait__progress_draw(progress, event);
	if (event->kind == PLAIT_EVENT_STALL) {
		plait__progress_clear(progress);
		print(event, event->text);
	}
	if (event->kind != PLAIT_EVENT_EPOCH)
		return 0;
	plait__progress_clear(progress);
	print(event, plait__progress_epoch(event, "", text, sizeof text));
	return 0;
}
