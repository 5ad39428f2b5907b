/* SPDX-License-Identifier: MIT
 * The wall time of a whole program, from before its process is made until it has ended.
 *
 * usage: whole PROGRAM [ARGUMENT]...    prints "whole_ms X ms"; what the program prints goes to the
 * standard error */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

int main(int argc, char **argv)
{
	double begin = now();
	pid_t child;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: whole PROGRAM [ARGUMENT]...\n");
		return 2;
	}
	child = fork();
	if (child == 0) {
		dup2(2, 1);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("whole");
		return 1;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "%s failed\n", argv[1]);
		return 1;
	}
	printf("whole_ms %.2f ms\n", now() - begin);
	return 0;
}
