/* SPDX-License-Identifier: MIT
 * The program `plait`: a table of commands.  StarPU's header is here because in
 * simulation it replaces main. */
#include "config.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/base/suggest.h"

#include <fcntl.h>
#include <plait/base.h>
#include <signal.h>
#include <starpu.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "train", cli_train, "train a network on samples" },
	{ "eval", cli_eval, "loss and accuracy of saved weights on samples" },
	{ "predict", cli_predict, "what saved weights make of samples, as CSV or NPY" },
	{ "runs", cli_runs, "compare trainings by their logs: a table, curves" },
	{ "policies", cli_policies, "compare scheduling policies, worker counts, grains" },
	{ "overlap", cli_overlap, "how much of loading is hidden behind computing" },
	{ "models", cli_models, "what StarPU has learned of a job's tasks; forget it" },
	{ "model", cli_model, "a network layer by layer: shapes, parameters, flops, memory" },
	{ "pack", cli_pack, "write a data set into one file that opens at once" },
	{ "load", cli_load, "load samples, do nothing with them, tell how fast" },
	{ "data", cli_data, "what a data set holds, in words and in a picture" },
	{ "trace", cli_trace, "what a trace of StarPU tells, in figures and pictures" },
	{ "doctor", cli_doctor, "what this machine can do, what is missing, how to get it" },
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void print_usage(FILE *out)
{
	fputs("usage: plait COMMAND [options]\n\n"
	      "Trains neural networks as StarPU task graphs.\n\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
	fputs("\nplait COMMAND --help tells a command's options, --help-all all of them,\n"
	      "plait --version the version.\n",
	      out);
}

static int print_version(void)
{
	int major, minor, release;

	starpu_get_version(&major, &minor, &release);
	printf("plait %s (StarPU %d.%d.%d)\n", plait_version(), major, minor, release);
	return CLI_DONE;
}

static int no_such_command(const char *name)
{
	const char *names[COMMANDS + 1] = { NULL };
	char suggestion[PLAIT__SUGGEST_SIZE];

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	cli_complain("no command \"%s\"%s", name,
		     plait__suggest(suggestion, PLAIT__SUGGEST_COMMA, name, names));
	print_usage(stderr);
	return CLI_USAGE;
}

static int run(int argc, char **argv)
{
	char *help[] = { "--help" };

	if (argc < 2) {
		print_usage(stderr);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0)
		return print_version();
	if (strcmp(argv[1], "help") == 0 && argc > 2) {
		for (size_t i = 0; i < COMMANDS; i++)
			if (strcmp(commands[i].name, argv[2]) == 0)
				return commands[i].run(1, help);
		return no_such_command(argv[2]);
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return CLI_DONE;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, argv[1]) == 0)
			return commands[i].run(argc - 2, argv + 2);
	return no_such_command(argv[1]);
}

/* If a standard stream is closed, the next file that is opened gets its number, and messages would
 * be printed into that file.  So /dev/null takes the number.  Standard output is opened for reading
 * only, so that writing to it still fails. */
static void fill_standard_streams(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) < 0)
			_exit(CLI_FAILED);
}

/* The kernel lets the main thread's stack grow up to the limit of that moment (ulimit -s).  A
 * command takes up to 60 KiB; below some 20 KiB not even the dynamic loader comes to main. */
static bool widen_stack(void)
{
	const rlim_t least = 64 << 10, good = 1 << 20;
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= good)
		return true;
	limit.rlim_cur = limit.rlim_max < good ? limit.rlim_max : good;
	setrlimit(RLIMIT_STACK, &limit);
	if (limit.rlim_cur >= least)
		return true;
	fputs("plait: the limit on the stack is below 64 KiB, which is too small: raise it, as by "
	      "ulimit -s 8192\n",
	      stderr);
	return false;
}

int main(int argc, char **argv)
{
	int status;

	if (!widen_stack())
		return CLI_FAILED;
	fill_standard_streams();
	/* Writing to a pipe without a reader, or beyond a limit on files, then fails with a message
	 * and does not end the program, which may have weights to save. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	cli_catch_ends();
	status = run(argc, argv);
	if (cli_output_flush() != CLI_DONE && status == CLI_DONE)
		status = CLI_FAILED;
	return status == CLI_INTERRUPTED ? cli_stop_status() : status;
}
