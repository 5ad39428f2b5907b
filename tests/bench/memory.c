/* SPDX-License-Identifier: MIT
 * How much the process grows between step 1,000 and step 20,000 (or LAST) of a run: resident
 * pages, and bytes in the heap, which see a leak that pages hide (run.sh says how).  The data
 * set counts the samples read, and so knows the step; loads are a few steps ahead, always as
 * many.
 *
 * usage: memory [op|layer|phase|step [LAST]]
 * prints "resident_growth X kB" and "heap_growth X B" */
#include "config.h"
#include "tests/bench/job.h"

#include <malloc.h>
#include <starpu.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 32
#define FIRST 1000
#define FEATURES 10

static int64_t reads, last = 20000;
static struct {
	double resident_kb, heap_bytes;
} at[2];

static double resident_kb(void)
{
	long total = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2) {
		fprintf(stderr, "/proc/self/statm cannot be read\n");
		exit(1);
	}
	fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	int64_t n = __atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);

	(void)user;
	(void)key;
	(void)target;
	for (int i = 0; i < FEATURES; i++)
		((float *)x)[i] = (float)((index + i) % 7) - 3;
	*label = (int32_t)(index % 2);
	for (int i = 0; i < 2; i++)
		if (n == (i == 0 ? FIRST : last) * BATCH) {
			at[i].heap_bytes = (double)mallinfo2().uordblks;
			at[i].resident_kb = resident_kb();
		}
	return 0;
}

static enum plait_granularity granularity(const char *name)
{
	static const char *const names[] = { "auto", "op", "layer", "phase", "step" };

	for (int i = 0; i < 5; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum plait_granularity)i;
	fprintf(stderr, "%s: no such granularity\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	struct plait_trainer_options options = { .optimizer = plait_adam(0.001),
						 .granularity =
							 granularity(argc > 1 ? argv[1] : "op") };
	struct plait_dataset_info info = { .spec = "count",
					   .samples = 400 * BATCH,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { FEATURES },
					   .classes = 2 };
	struct plait_fit_options fit = { .loader.batch_size = BATCH,
					 .loader.shuffle = true,
					 .quiet = true };
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, info.dim);
	struct plait_dataset *data;
	struct plait_trainer *trainer;

	last = argc > 2 ? atoll(argv[2]) : last;
	fit.epochs = (int)(last / 400) + 1;
	plait_cross_entropy(plait_model(x, "linear:50 relu linear:2"), plait_labels(net));
	bench_check(plait_start(NULL), "start");
	bench_check(plait_dataset_from_callback(&data, &info, read_sample, NULL), "data");
	bench_check(plait_trainer_create(&trainer, net, &options), "trainer");
	bench_check(plait_fit(trainer, data, &fit), "fit");
	printf("resident_growth %.0f kB\n", at[1].resident_kb - at[0].resident_kb);
	printf("heap_growth %.0f B\n", at[1].heap_bytes - at[0].heap_bytes);
	printf("resident %.0f kB\n", at[1].resident_kb);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
	plait_stop();
	return 0;
}
