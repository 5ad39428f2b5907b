/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

volatile int cli_stop;

static void interrupted(int signal)
{
	(void)signal;
	cli_stop = 1;
}

/* A signal that the program was told to ignore stays ignored. */
static void watch(int signal)
{
	struct sigaction action = { .sa_handler = interrupted,
				    .sa_flags = (int)(SA_RESETHAND | SA_RESTART) };
	struct sigaction old;

	if (sigaction(signal, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(signal, &action, NULL);
}

void cli_watch_interrupts(void)
{
	watch(SIGINT);
}

void cli_watch_ends(void)
{
	watch(SIGINT);
	watch(SIGTERM);
	watch(SIGHUP);
}
