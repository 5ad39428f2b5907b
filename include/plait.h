/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* Plait trains neural networks as StarPU task graphs.  A whole program:
 *
 *	#include <plait.h>
 *	#include <stdio.h>
 *
 *	int main(void)
 *	{
 *		struct plait_dataset *train = NULL;
 *		struct plait_trainer *trainer = NULL;
 *		struct plait_graph *net = plait_graph_create();
 *		struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 784 });
 *
 *		x = plait_relu(plait_linear(x, 512));
 *		x = plait_linear(x, 10);
 *		plait_cross_entropy(x, plait_labels(net));
 *
 *		int status = plait_start(NULL);
 *		if (status == 0)
 *			status = plait_dataset_open(&train, "fashion-mnist:train");
 *		if (status == 0)
 *			status = plait_trainer_create(&trainer, net,
 *				&(struct plait_trainer_options){ .optimizer = plait_adam(1e-3f) });
 *		if (status == 0)
 *			status = plait_fit(trainer, train, &(struct plait_fit_options){
 *				.epochs = 5,
 *				.loader = { .batch_size = 32, .shuffle = true, .workers = 4 } });
 *		if (status < 0)
 *			fprintf(stderr, "%s\n", plait_error_message());
 *		plait_trainer_destroy(trainer);
 *		plait_graph_destroy(net);
 *		plait_dataset_destroy(train);
 *		plait_stop();
 *		return status < 0;
 *	}
 *
 * Options are structs: leave a field out and it is zero, and zero is the good default.
 * Graph builders return nodes and keep the first error in the graph; every other
 * function returns 0 or a negative status, and plait_error_message() says what was
 * expected, what was found and where.  The library prints nothing to stdout and never
 * exits.  The headers follow the way of a batch.
 *
 * Threads.  What different objects do at once is safe; of one object:
 *
 *	plait_start, plait_stop      one thread, while no other is in the library
 *	plait_error_message          each thread has its own
 *	graph, data set, transform   build, open and change by one thread; then read by any number
 *	loader                       one thread at a time
 *	trainer                      one thread at a time; plait_fit and the like refuse a second call
 *	                             from an event handler
 *	run                          any thread, several at once; only plait_run_close must be the last
 *	                             call, and plait_run_slot and plait_run_submit take turns.  Steps
 *	                             have the order of the calls
 *	pool                         one thread calls; its trainers are in a run meanwhile
 *	predictor                    plait_predictor_run by any number of threads at once
 *
 * Two trainers may be fitted, and predictors run, in one process at once; each run bounds its own
 * steps in flight, and all share StarPU's workers.  A data set may feed several runs. */
/* clang-format on */
#ifndef PLAIT_H
#define PLAIT_H

#include <plait/base.h>
#include <plait/runtime.h>
#include <plait/tensor.h>
#include <plait/dataset.h>
#include <plait/transform.h>
#include <plait/sampler.h>
#include <plait/bad_samples.h>
#include <plait/loader.h>
#include <plait/graph.h>
#include <plait/ops.h>
#include <plait/op.h>
#include <plait/plan.h>
#include <plait/optimizer.h>
#include <plait/schedule.h>
#include <plait/metrics.h>
#include <plait/scores.h>
#include <plait/checkpoint.h>
#include <plait/until.h>
#include <plait/trainer.h>
#include <plait/run.h>
#include <plait/pool.h>
#include <plait/predictor.h>

#endif
