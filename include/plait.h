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
 * exits.  The headers follow the way of a batch. */
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
#include <plait/metrics.h>
#include <plait/checkpoint.h>
#include <plait/trainer.h>
#include <plait/run.h>
#include <plait/predictor.h>

#endif
