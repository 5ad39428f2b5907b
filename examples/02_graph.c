/* SPDX-License-Identifier: MIT
 * 2. Tensors and a graph.
 *
 * A tensor is memory with a type and a shape.  A network is a graph of nodes: each builder
 * (plait_linear, plait_relu ...) appends one and works out its shape; nothing is computed
 * yet, so this program needs no StarPU at all.  It shows:
 *   - shapes, which are those of one sample: the batch is never written
 *   - a network in builders, and the same one in words
 *   - the sticky error: build it all, check once, and still learn which line was wrong
 *
 * usage: 02_graph [FEATURES] */
#include <plait.h>

#include <stdlib.h>

static void print_shape(const char *what, const struct plait_node *node)
{
	int64_t dim[PLAIT_MAX_DIMS];
	char text[64];
	int ndim = plait_node_shape(node, dim);

	printf("%-10s %s\n", what, plait_shape_text(ndim, dim, text, sizeof text));
}

static void show_tensor(void)
{
	float values[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
	struct plait_tensor t = {
		.name = "values", .dtype = PLAIT_F32, .ndim = 2, .dim = { 2, 3 }, .data = values
	};
	char text[64];

	/* A tensor is a view: the memory stays its owner's. */
	printf("%s is %s of %s, %zu bytes\n", t.name,
	       plait_shape_text(t.ndim, t.dim, text, sizeof text), plait_dtype_name(t.dtype),
	       (size_t)plait_shape_elements(t.ndim, t.dim) * plait_dtype_size(t.dtype));
}

/* A residual network: x goes around two layers and is added to what comes out of them. */
static int build(int64_t features)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features);
	struct plait_node *h = plait_relu(plait_linear(x, 50));
	struct plait_node *sum = plait_add(plait_linear(h, features), x);
	struct plait_node *y = plait_linear(plait_gelu(sum), 2);
	struct plait_node *loss = plait_cross_entropy(y, plait_labels(net));
	int status = plait_graph_status(net);

	print_shape("input", x);
	print_shape("hidden", h);
	print_shape("sum", sum);
	print_shape("output", y);
	print_shape("loss", loss);
	plait_graph_destroy(net);
	return status;
}

/* One word a layer, as in a PyTorch nn.Sequential. */
static int build_from_words(int64_t features)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features);
	struct plait_node *y = plait_model(x, "linear:50 relu linear:2");
	int status = plait_graph_status(net);

	print_shape("in words", y);
	plait_graph_destroy(net);
	return status;
}

/* 50 and 60 cannot be added.  The wrong node is NULL, everything built on it is NULL too,
 * and the graph remembers the first cause: no check after each line. */
static int build_wrongly(int64_t features)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features);
	struct plait_node *sum = plait_add(plait_linear(x, 50), plait_linear(x, 60));
	struct plait_node *y = plait_relu(plait_linear(sum, 2));

	plait_mse(y, plait_targets(net, 2));
	int status = plait_graph_status(net);

	printf("a wrong graph: %s: %s\n", plait_status_text(status), plait_error_message());
	plait_graph_destroy(net);
	return status == PLAIT_ESHAPE ? 0 : PLAIT_ESTATE;
}

int main(int argc, char **argv)
{
	int64_t features = argc > 1 ? atoll(argv[1]) : 10;
	int status;

	show_tensor();
	status = build(features);
	if (status == 0)
		status = build_from_words(features);
	if (status == 0)
		status = build_wrongly(features);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	return status < 0;
}
