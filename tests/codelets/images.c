/* SPDX-License-Identifier: MIT
 * Networks for images: what words with several arguments say, which layouts values have, and how
 * few conversions that takes. */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/autodiff.h"
#include "tests/tap.h"

#include <plait/ops.h>
#include <stdlib.h>

static struct plait_graph *graph;

static struct plait_node *input(int ndim, const int64_t *dim)
{
	plait_graph_destroy(graph);
	graph = plait_graph_create();
	return plait_input(graph, PLAIT_F32, ndim, dim);
}

static struct plait_node *image(void)
{
	return input(3, (int64_t[]){ 3, 8, 6 });
}

static int count(const struct plait_op *op)
{
	int n = 0;

	for (int i = 0; i < graph->nodes; i++)
		n += graph->node[i]->op == op;
	return n;
}

/* -- words ---------------------------------------------------------------------------------- */

static void fails(const char *words, int status, const char *part)
{
	struct plait_node *y = plait_model(image(), words);

	ok(!y && plait_graph_status(graph) == status, "\"%s\" fails", words);
	contains(plait_error_message(), part, "\"%s\": the message says so", words);
}

static void shape_is(const char *words, int64_t c, int64_t h, int64_t w)
{
	const struct plait_node *y = plait_model(image(), words);

	ok(y && y->ndim == 3 && y->dim[0] == c && y->dim[1] == h && y->dim[2] == w,
	   "\"%s\" gives %lldx%lldx%lld", words, (long long)c, (long long)h, (long long)w);
}

static void test_words(void)
{
	shape_is("conv:5,3", 5, 6, 4);
	shape_is("conv:outputs=5,kernel=3", 5, 6, 4);
	shape_is("conv:5,3,pad=1", 5, 8, 6);
	shape_is("conv:5,3x1,stride=2x1,pad=1x0", 5, 4, 6);
	shape_is("conv:6,3,groups=3,dilation=2,pad=2,bias=0", 6, 8, 6);
	shape_is("reshape:4x6x6 conv:2,1", 2, 6, 6);
	shape_is("reshape:-1x6x6", 4, 6, 6);
	shape_is("maxpool:2", 3, 4, 3);
	shape_is("maxpool:3", 3, 2, 2);
	shape_is("maxpool:3,stride=2,pad=1", 3, 4, 3);
	shape_is("maxpool:3x2,stride=1x2,dilation=2x1", 3, 4, 3);
	shape_is("maxpool:5", 3, 1, 1);
	shape_is("maxpool:5,ceil_mode=1", 3, 2, 2);
	shape_is("maxpool:2,stride=4,pad=1,ceil_mode=1", 3, 3, 2);
	shape_is("maxpool:1", 3, 8, 6);
	shape_is("avgpool:2", 3, 4, 3);
	shape_is("avgpool:3,stride=2,pad=1,count_include_pad=0", 3, 4, 3);
	shape_is("avgpool:5x3,stride=3,ceil_mode=1", 3, 2, 2);
	shape_is("global_avgpool", 3, 1, 1);
	shape_is("conv:5,3 global_avgpool", 5, 1, 1);
	fails("avgpool:2,dilation=2", PLAIT_EINVAL, "there is no argument dilation=2");
	fails("avgpool:9", PLAIT_ESHAPE, "avgpool: its kernel does not fit");
	fails("global_avgpool:2", PLAIT_EINVAL, "takes no arguments");
	fails("linear:4 global_avgpool", PLAIT_ESHAPE, "[4], must be [C,H,W]");
	shape_is("transpose:0,1", 8, 3, 6);
	shape_is("transpose:2,0", 6, 8, 3);
	shape_is("transpose:dim0=1,dim1=1", 3, 8, 6);
	fails("transpose:0", PLAIT_EINVAL, "it has no dim1, as in transpose:0,1");
	fails("transpose:0,3", PLAIT_EINVAL,
	      "dimensions 0 and 3 of an input of [3,8,6], must be 0 to 2");
	fails("transpose:0,-1", PLAIT_EINVAL, "wrong value: -1");
	fails("maxpool", PLAIT_EINVAL, "it has no kernel, as in maxpool:3");
	fails("maxpool:0", PLAIT_EINVAL, "wrong value: 0");
	fails("maxpool:2,stride=0", PLAIT_EINVAL, "wrong value: stride=0");
	fails("maxpool:2,ceil=1", PLAIT_EINVAL, "there is no argument ceil=1");
	fails("maxpool:3,pad=2", PLAIT_EINVAL, "padding 2, must be 0 to half of the kernel, 3");
	fails("maxpool:7", PLAIT_ESHAPE, "maxpool: its kernel does not fit in an input of [3,8,6]");
	fails("maxpool:2,dilation=7", PLAIT_ESHAPE, "does not fit");
	fails("maxpool:8x1 maxpool:2x1,dilation=2,pad=1x0", PLAIT_ESHAPE, "does not fit");
	fails("linear:4 maxpool:2", PLAIT_ESHAPE, "[4], must be [C,H,W]");
	fails("conv", PLAIT_EINVAL, "it has no outputs, as in conv:32,3");
	fails("conv:5", PLAIT_EINVAL, "it has no kernel");
	fails("conv:5,3,1", PLAIT_EINVAL, "there is no argument 1");
	fails("conv:5,3,padding=1", PLAIT_EINVAL, "there is no argument padding=1");
	fails("conv:5,3,", PLAIT_EINVAL, "nothing behind the last comma");
	fails("conv:5,,3", PLAIT_EINVAL, "wrong value: ");
	fails("conv:5,3,pad=", PLAIT_EINVAL, "wrong value: pad=");
	fails("conv:5,3,pad=-1", PLAIT_EINVAL, "wrong value: pad=-1");
	fails("conv:5,3,pad=1,pad=1", PLAIT_EINVAL, "given twice: pad");
	fails("conv:5,3,outputs=5", PLAIT_EINVAL, "given twice: outputs");
	fails("conv:0,3", PLAIT_EINVAL, "wrong value: 0");
	fails("conv:5,3x", PLAIT_EINVAL, "wrong value: 3x");
	fails("conv:99999999999999999999,3", PLAIT_EINVAL, "wrong value: 999");
	fails("conv:5,3,groups=2", PLAIT_EINVAL, "each group must have as many");
	fails("conv:5,9", PLAIT_ESHAPE, "does not fit in an input of [3,8,6]");
	fails("conv:5,3,pad=1,stride=2 conv:5,5", PLAIT_ESHAPE, "does not fit");
	fails("linear:4 conv:5,3", PLAIT_ESHAPE, "must be [C,H,W]");
	shape_is("layernorm", 3, 8, 6);
	shape_is("layernorm:dims=3,eps=1e-3", 3, 8, 6);
	shape_is("groupnorm:3,affine=0", 3, 8, 6);
	fails("layernorm:2", PLAIT_EINVAL, "there is no argument 2");
	fails("layernorm:dims=4", PLAIT_ESHAPE, "the last 4 dimensions of [3,8,6]");
	fails("layernorm:dims=0", PLAIT_EINVAL, "wrong value: dims=0");
	fails("layernorm:eps=0", PLAIT_EINVAL, "eps must be above 0");
	fails("layernorm:eps=1e-50", PLAIT_EINVAL, "eps is 1e-50, must be a float above 0");
	fails("groupnorm", PLAIT_EINVAL, "it has no groups, as in groupnorm:8");
	fails("groupnorm:2", PLAIT_EINVAL, "3 channels in 2 groups");
	fails("reshape:5x5", PLAIT_ESHAPE, "[3,8,6] to [5,5]");
	fails("reshape:-1x-1", PLAIT_ESHAPE, "reshape");
	fails("reshape:0x4", PLAIT_ESHAPE, "reshape");
	fails("reshape:4x", PLAIT_EINVAL, "takes a shape");
	fails("reshape", PLAIT_EINVAL, "takes a shape");
}

static void test_plane(void)
{
	const struct plait_node *y = plait_model(input(2, (int64_t[]){ 8, 6 }), "conv:5,3");

	ok(y && y->dim[0] == 5 && y->input[1]->dim[1] == 1, "[H,W] is an image of one channel");
	ok(strcmp(y->name, "0.conv") == 0, "and that is no layer");
}

/* -- layouts --------------------------------------------------------------------------------- */

static void test_chain(void)
{
	const struct plait_node *y = plait_model(
		image(), "conv:4,3,pad=1 relu residual{ conv:4,3,pad=1 gelu } conv:2,3 flatten "
			 "linear:2");

	ok(y != NULL, "a chain of convolutions is built");
	is_int(count(&plait__op_channels_last), 1, "its input is converted once");
	is_int(count(&plait__op_contiguous), 1, "and so is its end");
	ok(y->input[0]->op->view && y->input[0]->input[0]->op == &plait__op_contiguous,
	   "a view reads PyTorch's layout");
}

/* A parameter has the shape that PyTorch gives it. */
static bool parameter_is(const struct plait_node *weight, int ndim, const int64_t *dim)
{
	return weight->ndim == ndim && memcmp(weight->dim, dim, (size_t)ndim * sizeof *dim) == 0;
}

static void test_norms(void)
{
	const struct plait_node *y =
		plait_model(image(), "conv:4,3,pad=1 groupnorm:2 relu conv:2,3");

	ok(y != NULL, "a groupnorm between convolutions is built");
	is_int(count(&plait__op_channels_last) + count(&plait__op_contiguous), 1,
	       "only what goes into the first of them is converted");
	y = y->input[0]->input[0];
	ok(y->channels_last && parameter_is(y->input[2], 1, (int64_t[]){ 4 }) &&
		   parameter_is(y->input[3], 1, (int64_t[]){ 4 }),
	   "a groupnorm's parameters are of its channels");
	ok(strcmp(y->name, "1.groupnorm") == 0 && strcmp(y->input[2]->name, "1.weight") == 0 &&
		   y->input[1]->layer == y->layer,
	   "it is one layer with its statistics");
	y = plait_model(image(), "conv:4,3,pad=1 layernorm:dims=2");
	ok(y && !y->channels_last && parameter_is(y->input[2], 2, (int64_t[]){ 8, 6 }),
	   "a layernorm reads PyTorch's layout and has parameters of its dimensions");
	y = plait_model(image(), "layernorm:affine=0");
	ok(y && y->ninputs == 2, "without affine there are none");
}

/* Of one channel, or of one pixel, there is nothing to convert. */
static void test_trivial(void)
{
	plait_model(input(3, (int64_t[]){ 1, 8, 6 }), "conv:4,8x6 relu flatten linear:2");
	is_int(count(&plait__op_channels_last) + count(&plait__op_contiguous), 0,
	       "one channel and one pixel lie the same in both layouts");
}

static void test_shared(void)
{
	struct plait_node *x = image(), *a = plait_conv2d(x, 3, 1, 1, NULL);
	struct plait_node *b = plait_conv2d(x, 3, 3, 3, NULL), *sum;

	ok(a && b && a->input[0] == b->input[0], "two readers share a conversion");
	sum = plait_add(x, a);
	ok(sum && sum->channels_last && sum->input[0] == a->input[0],
	   "an elementwise op preserves channels_last");
	ok(!x->channels_last && count(&plait__op_contiguous) == 0, "and converts nothing back");
}

static void test_output(void)
{
	struct plait_node *y = plait_conv2d(image(), 4, 3, 3, NULL);

	ok(plait_output(y) == y && graph->output->op == &plait__op_contiguous,
	   "what is predicted has PyTorch's layout");
	ok(plait__graph_settle_output(graph) == 0 && !graph->output->channels_last,
	   "and is converted once");
	plait_mse(y, plait_targets(graph, plait_node_elements(y)));
	ok(graph->loss->input[0] == graph->output, "a loss reads the same");
}

/* Each gradient lies as its value does. */
static void test_gradients(void)
{
	struct plait_node *y = plait_model(
		image(), "conv:4,3,pad=1 relu residual{ conv:4,1 | conv:4,3,pad=1 } tanh");
	struct plait_node **gradient;
	int values, wrong = 0;

	plait_mse(y, plait_targets(graph, plait_node_elements(y)));
	values = graph->nodes;
	gradient = calloc((size_t)values, sizeof *gradient);
	is_int(plait__autodiff(graph, gradient, NULL), 0, "a network of images is differentiated");
	for (int i = 0; i < values; i++)
		if (graph->node[i]->gradient)
			wrong += graph->node[i]->gradient->channels_last !=
				 graph->node[i]->channels_last;
	is_int(wrong, 0, "each gradient lies as its value does");
	is_int(count(&plait__op_channels_last), 2,
	       "the input and the loss's gradient are converted");
	free(gradient);
}

/* Along channels images are joined as they lie. */
static void test_concat(void)
{
	struct plait_node *x = image(), *a = plait_conv2d(x, 3, 1, 1, NULL), *y;
	struct plait_node *twenty[20];

	y = plait_concat(3, (struct plait_node *[]){ a, x, plait_conv2d(a, 2, 1, 1, NULL) }, 0);
	ok(y && y->dim[0] == 8 && y->channels_last, "images of convolutions are joined");
	is_int(count(&plait__op_contiguous), 0, "and not converted back");
	ok(!plait_concat(2, (struct plait_node *[]){ a, y }, 1) &&
		   plait_graph_status(graph) == PLAIT_ESHAPE,
	   "other dimensions must be equal");
	contains(plait_error_message(), "[3,8,6] and [8,8,6] along dimension 1",
		 "which the message says");
	x = image();
	ok(!plait_concat(1, &x, 3) && plait_graph_status(graph) == PLAIT_EINVAL,
	   "a dimension that is none is refused");
	x = image();
	for (int i = 0; i < 20; i++)
		twenty[i] = x;
	y = plait_concat(20, twenty, 2);
	ok(y && y->dim[2] == 120, "twenty are joined");
	is_int(plait_gradient_check(y, 2, NULL), 0, "and have their gradients");
}

int main(void)
{
	test_words();
	test_concat();
	test_plane();
	test_chain();
	test_norms();
	test_trivial();
	test_shared();
	test_output();
	test_gradients();
	plait_graph_destroy(graph);
	return tap_done();
}
