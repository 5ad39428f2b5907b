/* SPDX-License-Identifier: MIT
 * 11. Inference.
 *
 * Reads samples of a classifier as lines of numbers with commas between, from standard input, and
 * writes the class and its probability of each, at once.  The weights are those that `plait train
 * --save` writes; the file says of which layers.  New here:
 *   - a graph without a loss, built from what stands in a file of weights
 *   - a predictor: made once, used for one sample at a time, in this thread; no plait_start
 *
 * usage: 11_inference WEIGHTS.safetensors <samples.csv */
#include <plait.h>

#include <stdlib.h>
#include <string.h>

/* The layers and the input's size, which stand in the file, and a softmax. */
static struct plait_graph *build(const char *path, int64_t *features)
{
	struct plait_checkpoint *file = NULL;
	struct plait_graph *net = plait_graph_create();
	const char *input, *model, *loss;
	char end = 0;

	if (plait_checkpoint_open(&file, path) == 0) {
		input = plait_checkpoint_metadata(file, "plait.input");
		model = plait_checkpoint_metadata(file, "plait.model");
		loss = plait_checkpoint_metadata(file, "plait.loss");
		if (input && model && !(loss && strcmp(loss, "mse") == 0) &&
		    sscanf(input, "[%ld%c", features, &end) == 2 && end == ']')
			plait_softmax(plait_model(plait_input(net, PLAIT_F32, 1, features), model));
	}
	plait_checkpoint_destroy(file);
	return net;
}

/* Returns how many numbers the line has; the first `most` of them are in x. */
static int64_t parse(char *line, float *x, int64_t most)
{
	int64_t n = 0;
	char *end;

	for (char *text = line;; text = end + 1, n++) {
		float value = strtof(text, &end);

		if (end == text)
			return n;
		if (n < most)
			x[n] = value;
		if (*end != ',')
			return n + 1;
	}
}

int main(int argc, char **argv)
{
	int64_t features = 0, classes;
	struct plait_graph *net = build(argc > 1 ? argv[1] : "", &features);
	struct plait_predictor *predictor = NULL;
	char line[1 << 16];
	int status = features > 0 ? plait_predictor_create(&predictor, net, argv[1], NULL) : -1;

	classes = plait_predictor_outputs(predictor);
	float *x = calloc((size_t)features + 1, sizeof *x);
	float *p = calloc((size_t)classes + 1, sizeof *p);
	for (int64_t n = 1; status == 0 && fgets(line, sizeof line, stdin); n++) {
		int64_t best = 0, numbers = parse(line, x, features);

		if (numbers != features) {
			fprintf(stderr, "line %ld: %ld numbers, the network takes %ld\n", n,
				numbers, features);
			status = -1;
			break;
		}
		status = plait_predictor_run(predictor, x, 1, p);
		for (int64_t c = 1; c < classes; c++)
			best = p[c] > p[best] ? c : best;
		printf("%ld,%.4f\n", best, p[best]);
		fflush(stdout);
	}
	if (!predictor)
		fprintf(stderr,
			"usage: 11_inference WEIGHTS.safetensors <samples.csv\n"
			"%s: no classifier of vectors, saved by plait train\n%s\n",
			argc > 1 ? argv[1] : "(no file)", plait_error_message());
	plait_predictor_destroy(predictor);
	plait_graph_destroy(net);
	free(x);
	free(p);
	return status < 0;
}
