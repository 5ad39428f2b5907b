/* SPDX-License-Identifier: MIT
 * What a run takes of a GPU's memory: enough, before it begins, and given back at its end. */
#include "config.h"
#include "tests/nets.h"

#include <math.h>
#include <starpu.h>

/* Trains a perceptron of so many hidden values; layers 1 or 2. */
static int fit(int layers, int width, int batch, int prefetch, enum plait_granularity grain)
{
	struct samples s = samples_make(640, 1000, 10, 0, 1);
	struct plait_graph *net = plait_graph_create();
	struct plait_trainer *trainer = NULL;
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 1000 });
	struct plait_metrics metrics = { 0 };
	int status;

	if (layers > 1)
		x = plait_relu(plait_linear(x, width));
	plait_cross_entropy(plait_linear(x, 10), plait_labels(net));
	status =
		plait_trainer_create(&trainer, net,
				     &(struct plait_trainer_options){ .optimizer = plait_adam(1e-3),
								      .granularity = grain });
	if (status == 0)
		status = plait_fit(trainer, s.set,
				   &(struct plait_fit_options){ .steps = 3,
								.loader.batch_size = batch,
								.loader.prefetch = prefetch,
								.metrics = &metrics,
								.quiet = true });
	if (status == 0 && !isfinite(metrics.loss_sum))
		status = PLAIT_ENAN;
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
	return status;
}

/* Codelets of the two need different numbers of handles. */
static void test_two_networks(void)
{
	static const enum plait_granularity grain[] = { PLAIT_GRANULARITY_STEP,
							PLAIT_GRANULARITY_LAYER,
							PLAIT_GRANULARITY_OP };

	for (int i = 0; i < 3; i++) {
		is_int(fit(1, 0, 32, 0, grain[i]), 0, "%s: one layer",
		       plait_granularity_name(grain[i]));
		is_int(fit(2, 8, 32, 0, grain[i]), 0, "%s: then two layers",
		       plait_granularity_name(grain[i]));
		is_int(fit(1, 0, 32, 0, grain[i]), 0, "%s: then one again",
		       plait_granularity_name(grain[i]));
	}
}

/* Runs of all sizes after one another: what the ones before had is free. */
static void test_one_after_another(void)
{
	for (int i = 0; i < 5; i++)
		is_int(fit(2, 300 + 70 * i, 64 + 8 * i, 4, PLAIT_GRANULARITY_AUTO), 0,
		       "run %d of a network of %d", i + 1, 300 + 70 * i);
}

/* Trains two convolutions of images [3,48,48].  The second has 1.3 MB of columns a sample, in
 * pieces of at most 48 MiB; all else of the run is less than 0.7 MB a sample. */
static int fit_convolutions(int batch)
{
	enum { SAMPLES = 40, PIXELS = 3 * 48 * 48 };
	struct samples s = samples_make(SAMPLES, PIXELS, 3, 0, 1);
	struct plait_graph *net = plait_graph_create();
	struct plait_trainer *trainer = NULL;
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ PIXELS });
	int status;

	x = plait_model(x, "reshape:3x48x48 conv:16,1 relu conv:2,3,stride=1 flatten linear:3");
	plait_cross_entropy(x, plait_labels(net));
	status = plait_trainer_create(
		&trainer, net, &(struct plait_trainer_options){ .optimizer = plait_sgd(1e-3) });
	if (status == 0)
		status = plait_fit(trainer, s.set,
				   &(struct plait_fit_options){ .steps = 3,
								.loader.batch_size = batch,
								.loader.prefetch = 2,
								.quiet = true });
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
	return status;
}

/* 64 MB: more than that is refused before the run, and what fits is said. */
static void test_too_little(void)
{
	int worker = starpu_worker_get_by_type(STARPU_CUDA_WORKER, 0), batch = 0;

	if (starpu_memory_get_total(starpu_worker_get_memory_node((unsigned)worker)) > 1 << 28) {
		tap_skip("the GPU has more than 256 MB");
		return;
	}
	refused(fit(2, 10000, 32, 2, PLAIT_GRANULARITY_AUTO), PLAIT_ENOMEM, "no batch fits",
		"parameters that do not fit");
	refused(fit(2, 100, 640, 64, PLAIT_GRANULARITY_AUTO), PLAIT_ENOMEM, "samples fit",
		"batches that do not fit");
	contains(plait_error_message(), "lower prefetch", "what to do");
	is_int(fit(2, 100, 64, 2, PLAIT_GRANULARITY_AUTO), 0, "less fits");
	refused(fit_convolutions(40), PLAIT_ENOMEM, "samples fit", "columns that do not fit");
	if (sscanf(strstr(plait_error_message(), "up to "), "up to %d", &batch) != 1)
		tap_bail_out("%s", plait_error_message());
	is_int(fit_convolutions(batch), 0, "columns of %d samples fit", batch);
	ok(batch > 8, "which are more than a fifth");
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	if (plait_cuda_workers() == 0)
		tap_skip_all("no GPU");
	test_two_networks();
	test_one_after_another();
	test_too_little();
	plait_stop();
	return tap_done();
}
