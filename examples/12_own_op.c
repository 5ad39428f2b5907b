/* SPDX-License-Identifier: MIT
 * 12. An op of your own.
 *
 * swish: y = x sigmoid(beta x), an activation that Plait does not have.  An op is a record: a
 * kernel, and a function that appends the nodes which compute its gradient.  Plait schedules it as
 * its own ops, which have such records too.  New here:
 *   - a kernel, which computes some samples of a batch
 *   - a gradient, which is an op itself, with the same attributes
 *   - a check of that gradient against differences of the kernel's values
 *
 * In a shared object it is a layer of the command line's: give the record a word, register it in
 *
 *     int plait_plugin(void) { return plait_op_register(&swish); }
 *
 * and train with --model "linear:50 swish:1.5 linear:2" --plugin swish.so.
 *
 * usage: 12_own_op [SAMPLES] [EPOCHS] */
#include <plait.h>

#include <math.h>
#include <stdlib.h>

enum { BETA }; /* attributes */

/* Any number of workers call it at once, for different samples: it writes to y alone. */
static void swish_cpu(const struct plait_call *call)
{
	int64_t n = plait_call_elements(call, call->node);
	float beta = (float)plait_node_attribute(call->node, BETA);
	const float *x = plait_call_floats(call, 0);
	float *y = plait_call_out(call);

	for (int64_t i = 0; i < n; i++)
		y[i] = x[i] / (1 + expf(-beta * x[i]));
}

/* dx = dy (s + beta x s (1 - s)), where s = sigmoid(beta x).  Its inputs are x and dy. */
static void swish_bwd_cpu(const struct plait_call *call)
{
	int64_t n = plait_call_elements(call, call->node);
	float beta = (float)plait_node_attribute(call->node, BETA);
	const float *x = plait_call_floats(call, 0), *dy = plait_call_floats(call, 1);
	float *dx = plait_call_out(call);

	for (int64_t i = 0; i < n; i++) {
		float s = 1 / (1 + expf(-beta * x[i]));

		dx[i] = dy[i] * (s + beta * x[i] * s * (1 - s));
	}
}

/* An element takes about 20 operations; two or three arrays are read and written. */
static void swish_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 20, 3, cost);
}

static const struct plait_op swish_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "swish_bwd",
	.activation = true,
	.cpu = swish_bwd_cpu,
	.cost = swish_cost,
};

/* Says how dx comes from dy; it computes nothing. */
static void swish_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = plait_node_input(y, 0);

	dx[0] = plait_op_gradient(y, x, &swish_bwd, 2, (struct plait_node *[]){ x, dy });
}

static const struct plait_op swish_op = {
	.abi = PLAIT_OP_ABI,
	.name = "swish",
	.activation = true,
	.gradient = swish_gradient,
	.cpu = swish_cpu,
	.cost = swish_cost,
};

/* The builder, as plait_relu() is one. */
static struct plait_node *swish(struct plait_node *x, double beta)
{
	if (!plait_op_accepts(&swish_op, x))
		return NULL;
	return plait_node_layer(plait_node_like(
		x, &(struct plait_node_spec){ .op = &swish_op,
					      .phase = PLAIT_FORWARD,
					      .ninputs = 1,
					      .input = &x,
					      .nattr = 1,
					      .attr = (double[]){ [BETA] = beta } }));
}

/* In a graph of its own, on numbers that Plait makes up. */
static int check_gradient(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 2, (int64_t[]){ 3, 5 });
	double worst;
	int status = plait_gradient_check(swish(x, 1.5), 7, &worst);

	if (status == 0)
		printf("the gradient is right to %.0e of the largest\n", worst);
	plait_graph_destroy(graph);
	return status;
}

static int print_epoch(void *user, const struct plait_event *event)
{
	(void)user;
	if (event->kind == PLAIT_EVENT_EPOCH)
		printf("Epoch %d/%d, Loss: %.4f\n", event->epoch, event->epochs,
		       plait_metrics_loss(event->train));
	return 0;
}

static int train(struct plait_graph *net, struct plait_dataset *data, int epochs)
{
	struct plait_trainer *trainer = NULL;
	int status = plait_trainer_create(
		&trainer, net, &(struct plait_trainer_options){ .optimizer = plait_adam(0.01) });

	if (status == 0)
		status = plait_fit(trainer, data,
				   &(struct plait_fit_options){ .epochs = epochs,
								.loader.batch_size = 32,
								.loader.shuffle = true,
								.quiet = true,
								.on_event = print_epoch });
	plait_trainer_destroy(trainer);
	return status;
}

int main(int argc, char **argv)
{
	int samples = argc > 1 ? atoi(argv[1]) : 2000;
	int epochs = argc > 2 ? atoi(argv[2]) : 5;
	struct plait_dataset *data = NULL;
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 10 });
	char spec[64];
	int status = check_gradient();

	plait_cross_entropy(plait_linear(swish(plait_linear(x, 50), 1.5), 2), plait_labels(net));
	snprintf(spec, sizeof spec, "synthetic:%d,10,2", samples);
	/* Without a CUDA kernel (.cuda) it runs on CPUs alone. */
	if (status == 0)
		status = plait_start(&(struct plait_start_options){ .cuda_workers = -1 });
	if (status == 0)
		status = plait_dataset_open(&data, spec);
	if (status == 0)
		status = train(net, data, epochs);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
	plait_stop();
	return status < 0;
}
