/* SPDX-License-Identifier: MIT
 * Control sequences are those of xterm, which terminals of today share: ECMA-48 and
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html. */
#include "config.h"
#include "src/cli/dashboard/terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* The other screen, without a cursor; and back. */
static const char enter[] = "\033[?1049h\033[?25l\033[2J";
static const char leave[] = "\033[?25h\033[?1049l";

static volatile sig_atomic_t entered, went_on;
static struct termios before; /* as the keys were */
static bool has_keys;

bool cli_terminal_size(int *columns, int *rows)
{
	const char *kind = getenv("TERM");
	struct winsize window;

	if (!isatty(STDERR_FILENO) || !kind || !*kind || strcmp(kind, "dumb") == 0 ||
	    ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0)
		return false;
	*columns = window.ws_col;
	*rows = window.ws_row;
	return window.ws_col > 0 && window.ws_row > 0;
}

/* The program does not set a locale of its own, so that numbers stay as they are. */
bool cli_terminal_has_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool has = locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale)
		freelocale(locale);
	return has;
}

bool cli_terminal_has_colours(void)
{
	const char *none = getenv("NO_COLOR");

	return !none || !*none;
}

bool cli_terminal_has_keys(void)
{
	return isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
}

/* -- taking and giving back -------------------------------------------------------------------- */

/* Only what a signal handler may call. */
static void put(const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(STDERR_FILENO, text, size);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		text += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
}

static void take(void)
{
	struct termios keys = before;

	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	keys.c_cc[VMIN] = 0;
	keys.c_cc[VTIME] = 0;
	/* Of a process in the background the terminal takes no settings. */
	if (has_keys && tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(STDIN_FILENO, TCSANOW, &keys);
	put(enter, sizeof enter - 1);
}

static void give_back(void)
{
	put(leave, sizeof leave - 1);
	if (has_keys && tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static const int fatal[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
#define FATAL (sizeof fatal / sizeof *fatal)

/* The signal does what it always does, when the screen is given back. */
static void on_stop(int signal)
{
	int saved = errno;
	struct sigaction action;
	sigset_t set;

	give_back();
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, &action);
	sigemptyset(&set);
	sigaddset(&set, signal);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL); /* here the process stops, and here it goes on */
	sigaction(signal, &action, NULL);
	take();
	went_on = 1;
	errno = saved;
}

static void on_fatal(int signal)
{
	give_back();
	raise(signal); /* the handler is there once */
}

static void handle(bool on)
{
	struct sigaction stop = { .sa_handler = on ? on_stop : SIG_DFL, .sa_flags = SA_RESTART };
	struct sigaction end = { .sa_handler = on ? on_fatal : SIG_DFL,
				 .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;

	sigaction(SIGTSTP, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(SIGTSTP, &stop, NULL);
	for (size_t i = 0; i < FATAL; i++)
		sigaction(fatal[i], &end, NULL);
}

void cli_terminal_enter(void)
{
	if (entered)
		return;
	has_keys = cli_terminal_has_keys();
	entered = 1;
	take();
	handle(true);
}

void cli_terminal_leave(void)
{
	if (!entered)
		return;
	handle(false);
	give_back();
	entered = 0;
}

bool cli_terminal_went_on(void)
{
	bool did = went_on;

	went_on = 0;
	return did;
}

/* -- drawing and keys -------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double cli_terminal_write(const char *text, size_t size)
{
	double begin = now();

	put(text, size);
	return now() - begin;
}

int cli_terminal_key(void)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char key;

	if (!entered || !has_keys || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    poll(&keys, 1, 0) <= 0 || !(keys.revents & POLLIN))
		return -1;
	return read(STDIN_FILENO, &key, 1) == 1 ? key : -1;
}
