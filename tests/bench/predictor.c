/* SPDX-License-Identifier: MIT
 * How long one sample takes through a predictor, beside the plain loop of its kernels.  Each call
 * is timed; median and 99th percentile are told.
 *
 * usage: predictor [FEATURES WORDS [CALLS]]     default 10 "linear:50 relu linear:2" 100000 */
#include "config.h"
#include "src/predictor/predictor.h"
#include "tests/bench/job.h"

#include <malloc.h>
#include <omp.h>
#include <stdlib.h>

/* The kernels alone, with one set of buffers. */
static void plain(const struct plait_predictor *p, const float *x, float *out)
{
	struct plait__place *place = p->free;
	struct plait_call call = { .in = place->in, .rows = 1, .batch = 1 };

	place->base[p->slot] = (char *)(uintptr_t)x;
	place->base[p->result] = (char *)out;
	for (int i = 0; i < p->plan->calls; i += p->plan->call[i].run)
		plait__plan_run(&p->plan->call[i], &call, place->in, place->base, place->scratch,
				0);
}

static void tell(const char *name, double *us, int n)
{
	bench_sort(us, n);
	printf("%s_us %.3f us\n%s_99_us %.3f us\n", name, us[n / 2], name, us[n / 100 * 99]);
}

int main(int argc, char **argv)
{
	int64_t features = argc > 1 ? atoll(argv[1]) : 10;
	const char *words = argc > 2 ? argv[2] : "linear:50 relu linear:2";
	int calls = argc > 3 ? atoi(argv[3]) : 100000;
	struct plait_graph *net = plait_graph_create();
	struct plait_predictor *p = NULL;
	double *us = calloc((size_t)calls, sizeof *us), begin;
	float *x = calloc((size_t)features, sizeof *x), *out;
	size_t before;

	plait_model(plait_input(net, PLAIT_F32, 1, &features), words);
	bench_check(plait_predictor_create(&p, net, NULL, NULL), "predictor");
	out = calloc((size_t)plait_predictor_outputs(p), sizeof *out);
	for (int64_t i = 0; i < features; i++)
		x[i] = (float)(i % 7) / 7;
	for (int i = 0; i < 1000; i++)
		plait_predictor_run(p, x, 1, out);
	before = mallinfo2().uordblks;
	for (int i = 0; i < calls; i++) {
		begin = bench_now();
		plait_predictor_run(p, x, 1, out);
		us[i] = (bench_now() - begin) * 1e6;
	}
	printf("bytes_more %lld bytes\n", (long long)(mallinfo2().uordblks - before));
	tell("predictor", us, calls);
	omp_set_num_threads(1);
	for (int i = 0; i < calls; i++) {
		begin = bench_now();
		plain(p, x, out);
		us[i] = (bench_now() - begin) * 1e6;
	}
	tell("kernels", us, calls);
	plait_predictor_destroy(p);
	plait_graph_destroy(net);
	free(us);
	free(x);
	free(out);
	return 0;
}
