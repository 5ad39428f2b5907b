/* SPDX-License-Identifier: MIT
 * The bar at every width, and what reaches stderr when it is a terminal, a terminal that
 * cannot redraw, or a file. */
#define _GNU_SOURCE /* posix_openpt */
#include "config.h"
#include "src/trainer/progress.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <starpu.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct plait_metrics train = { .steps = 1875,
					    .samples = 60000,
					    .loss_sum = 30000,
					    .correct = 45000,
					    .has_accuracy = true,
					    .seconds = 2 };
static const struct plait_metrics validation = { .samples = 100, .loss_sum = 40 };
static const struct plait_event running = { .kind = PLAIT_EVENT_PROGRESS,
					    .epoch = 2,
					    .epochs = 5,
					    .step = 2815,
					    .epoch_step = 940,
					    .epoch_steps = 1875,
					    .loss = 0.4012f,
					    .samples_per_second = 61234.4,
					    .seconds_left = 66.6,
					    .train = &train };
static const struct plait_event done = { .kind = PLAIT_EVENT_EPOCH,
					 .epoch = 2,
					 .epochs = 5,
					 .train = &train,
					 .validation = &validation };

static void test_bar(void)
{
	char text[512];
	struct plait_event odd = running;
	struct plait_metrics large = train;
	int columns, narrow = 0;

	is_string(plait__progress_bar(&running, 100, text, sizeof text),
		  "Epoch 2/5 [==============>             ]  940/1875  loss 0.4012  61,234 "
		  "samples/s  1:07 left",
		  "a bar of 100 columns");
	is_string(plait__progress_bar(&running, 80, text, sizeof text),
		  "Epoch 2/5 [=======>       ]  940/1875  loss 0.4012  61,234 samples/s  1:07 left",
		  "a bar of 80 columns");
	is_string(plait__progress_bar(&running, 50, text, sizeof text),
		  "Epoch 2/5  940/1875  loss 0.4012  1:07 left", "no room for bar and rate");
	is_string(plait__progress_bar(&running, 12, text, sizeof text), "Epoch 2/5", "12 columns");
	is_string(plait__progress_bar(&running, 6, text, sizeof text), "Epoch", "6 columns");
	is_string(plait__progress_bar(&running, 1, text, sizeof text), "", "1 column");
	for (columns = 1; columns < 300; columns++)
		narrow += strlen(plait__progress_bar(&running, columns, text, sizeof text)) <
			  (size_t)columns;
	is_int(narrow, 299, "it never wraps, from 1 to 299 columns");

	large.loss_sum = 6e34;
	odd.train = &large;
	contains(plait__progress_epoch(&odd, "", text, sizeof text),
		 "  loss 1e+30  accuracy 0.7500", "a loss of thirty digits");
	odd.train = &train;

	odd.epoch_steps = 0;
	odd.seconds_left = NAN;
	odd.samples_per_second = INFINITY;
	odd.loss = NAN;
	is_string(plait__progress_bar(&odd, 60, text, sizeof text),
		  "Epoch 2/5 [>                ]  940/0  loss nan  ? samples/s",
		  "nothing is known");
	odd.seconds_left = 3 * 3600 + 125;
	contains(plait__progress_bar(&odd, 100, text, sizeof text), "3:02:05 left", "hours");
	odd.epoch_steps = odd.epoch_step;
	contains(plait__progress_bar(&odd, 80, text, sizeof text), "=]", "a full bar");
	odd.epoch_step = odd.epoch_steps * 2;
	contains(plait__progress_bar(&odd, 80, text, sizeof text), "=]", "not more than full");
}

/* As many metrics as there can be, with the longest names and values, fit in the line. */
static void test_metrics(void)
{
	char text[PLAIT__PROGRESS_LINE];
	struct plait_metrics some = train, many = train;
	struct plait_schedule cosine = plait_cosine_annealing_lr(0), constant = { 0 };
	struct plait_event event = done;

	some.metrics = 2;
	strcpy(some.metric_name[0], "mae");
	strcpy(some.metric_name[1], "topk:5");
	some.metric_sum[0] = 60000 * 0.25;
	some.metric_sum[1] = 60000 * 2e7;
	event.train = &some;
	contains(plait__progress_epoch(&event, "", text, sizeof text),
		 "accuracy 0.7500  mae 0.2500  topk:5 2e+07  val loss 0.4000  2.00 s",
		 "metrics stand behind the accuracy");
	event.lr = 0.000123456;
	event.schedule = &constant;
	contains(plait__progress_epoch(&event, "", text, sizeof text), "val loss 0.4000  2.00 s",
		 "a rate that stays is not told");
	constant.warmup = 1;
	contains(plait__progress_epoch(&event, "", text, sizeof text),
		 "val loss 0.4000  lr 0.0001235  2.00 s", "one that is warmed up is");
	contains(plait__progress_epoch(&event, "  val f1 0.5000", text, sizeof text),
		 "val loss 0.4000  val f1 0.5000  lr 0.0001235  2.00 s",
		 "it stands behind all metrics");
	event.schedule = &cosine;
	many.metrics = PLAIT_MAX_METRICS;
	for (int i = 0; i < PLAIT_MAX_METRICS; i++) {
		snprintf(many.metric_name[i], PLAIT_METRIC_NAME, "%031d", i);
		many.metric_sum[i] = -60000 * 123456.7;
	}
	event.train = event.validation = &many;
	contains(plait__progress_epoch(&event, "", text, sizeof text),
		 "  val 0000000000000000000000000000007 -123456.7000  lr 0.0001235  2.00 s  "
		 "30,000 samples/s",
		 "of eight with long names none is cut off");
}

static double elapsed; /* microseconds that shown() took */

/* Sends PROGRESS and EPOCH with stderr at fd; returns what came out, as text. */
static const char *shown(int fd, int reader)
{
	double start = starpu_timing_now();
	static char text[8192];
	struct plait__progress progress = { 0 };
	int saved = dup(STDERR_FILENO);
	size_t length = 0;

	dup2(fd, STDERR_FILENO);
	for (int i = 0; i < 100; i++)
		plait__progress(&progress, &running);
	usleep(110000);
	plait__progress(&progress, &running);
	plait__progress(&progress, &done);
	plait__progress_clear(&progress);
	elapsed = starpu_timing_now() - start;
	dup2(saved, STDERR_FILENO);
	close(saved);
	/* A terminal hands out what was written piece by piece; the last line ends it. */
	do {
		ssize_t got = read(reader, text + length, sizeof text - 1 - length);

		if (got <= 0)
			break;
		length += (size_t)got;
		text[length] = '\0';
	} while (!strstr(text, "30,000 samples/s") || text[length - 1] != '\n');
	return text;
}

#define EPOCH "Epoch 2/5  loss 0.5000  accuracy 0.7500  val loss 0.4000  2.00 s  30,000 samples/s"

static void test_terminal(void)
{
	static const char bar[] = "\r"
				  "Epoch 2/5  940/1875  loss 0.4012  1:07 left"
				  "\033[K";
	struct winsize window = { .ws_row = 24, .ws_col = 50 };
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int slave = master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0
			    ? open(ptsname(master), O_RDWR | O_NOCTTY)
			    : -1;

	if (slave < 0) {
		tap_skip("no pseudo-terminal is to be had");
		return;
	}
	setenv("TERM", "xterm", 1);
	ioctl(slave, TIOCSWINSZ, &window);
	const char *text = shown(slave, master);
	int bars = 0;

	for (; strncmp(text, bar, strlen(bar)) == 0; text += strlen(bar))
		bars++;
	ok(bars >= 2, "a terminal shows the bar in its width, and again after a tenth of a second");
	/* One at once and one for each tenth of a second; a busy machine may take longer. */
	ok(bars <= 1 + (int)(elapsed / 1e5), "%d bars in %.0f us are not too many", bars, elapsed);
	is_string(text, "\r\033[K" EPOCH "\r\n", "the epoch's line takes its place");
	window.ws_col = 0;
	ioctl(slave, TIOCSWINSZ, &window);
	contains(shown(slave, master), "[======>      ]",
		 "a terminal without a size counts as 80 columns, two of them for ^C");
	setenv("TERM", "dumb", 1);
	is_string(shown(slave, master), EPOCH "\r\n", "a dumb terminal shows lines only");
	unsetenv("TERM");
	is_string(shown(slave, master), EPOCH "\r\n", "so does one of unknown kind");
}

static void test_file(void)
{
	int ends[2];

	if (pipe(ends) != 0)
		tap_bail_out("no pipe");
	setenv("TERM", "xterm", 1);
	is_string(shown(ends[1], ends[0]), EPOCH "\n", "a file gets one plain line an epoch");
}

int main(void)
{
	test_bar();
	test_metrics();
	test_terminal();
	test_file();
	return tap_done();
}
