/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/interrupt.h"
#include "src/cli/complain.h"
#include "src/base/replace.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

/* timeout(1), for one, sends a signal to the process and again to its group, within microseconds.
 * That is one signal, not two.  Seconds. */
#define ONE_SIGNAL 0.1

volatile int cli_stop;

static volatile sig_atomic_t watches, holds, count, first, was_sent;
static struct timespec when;

static double seconds_since_first(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - when.tv_sec) + 1e-9 * (double)(now.tv_nsec - when.tv_nsec);
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	bool sent = info->si_code <= 0; /* by a process, not by the kernel for a terminal */

	(void)context;
	if (watches && count == 0) {
		count = 1;
		first = signal;
		was_sent = sent;
		clock_gettime(CLOCK_MONOTONIC, &when);
		cli_stop = signal;
		return;
	}
	if (watches && sent && seconds_since_first() < ONE_SIGNAL)
		return;
	if (watches && holds && count == 1) {
		count = 2;
		cli_stop = signal;
		return;
	}
	plait__replace_abandon();
	/* It comes when the handler returns, and then it ends the process. */
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	raise(signal);
}

void cli_catch_ends(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_RESTART | SA_SIGINFO };
	struct sigaction old;

	for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
		if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(caught[i], &action, NULL);
}

void cli_watch_ends(void)
{
	watches = 1;
}

void cli_hold_ends(bool held)
{
	holds = held;
}

bool cli_stop_at_once(void)
{
	return count > 1;
}

bool cli_stop_was_sent(void)
{
	return was_sent;
}

void cli_stop_forget(void)
{
	count = 0;
	holds = 0;
	cli_stop = 0;
}

void cli_stop_go_on(void)
{
	if (!cli_stop_at_once())
		cli_stop = 0;
}

int cli_stop_status(void)
{
	return first ? 128 + first : CLI_INTERRUPTED;
}

const char *cli_stop_name(void)
{
	return first == SIGTERM ? " by SIGTERM" : first == SIGHUP ? " by SIGHUP" : "";
}
