/* SPDX-License-Identifier: MIT
 * What the benchmarks train: networks of words on random samples in memory.  peers/ has most
 * of the same jobs in PyTorch. */
#ifndef PLAIT_BENCH_JOB_H
#define PLAIT_BENCH_JOB_H

#include <plait.h>

struct job {
	const char *name;
	const char *words;
	int64_t image[3]; /* the shape of a sample, of as many features; 0: it is a row of them */
	int64_t features, classes, samples, batch;
	int epochs;
	int workers; /* 0: the loader's default */
};

/* The jobs by name; NULL if there is none of this name. */
const struct job *job_find(const char *name);

/* The input of the job's network. */
struct plait_node *job_input(struct plait_graph *net, const struct job *job);

/* A job with its data, its network and its trainer. */
struct bench {
	const struct job *job;
	float *x;
	int32_t *y;
	struct plait_dataset *data;
	struct plait_graph *net;
	struct plait_trainer *trainer;
};

/* Sets up (plait_start included) or ends the program with a message. */
struct bench bench_start(const struct job *job, const struct plait_trainer_options *options);
/* Trains for so many epochs, or ends the program; returns seconds. */
double bench_fit(struct bench *bench, int epochs);
void bench_stop(struct bench *bench);

/* Ends the program with a message if status is negative. */
void bench_check(int status, const char *what);
/* A clock, in seconds. */
double bench_now(void);

/* Sorts n numbers; and returns the middle one, which has as many before it as behind it or one
 * more. */
void bench_sort(double *value, int n);
double bench_median(double *value, int n);

#endif
