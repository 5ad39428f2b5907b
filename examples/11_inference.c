/* SPDX-License-Identifier: MIT
 * 11. Inference.
 *
 * Reads samples as lines of numbers with commas between, from standard input, and writes the class
 * and its probability of each, at once.  The weights are a classifier's, as `plait train --save`
 * writes them.  New here:
 *   - a predictor from a file of weights, which says of what network they are and names the classes
 *   - it is made once and used for one sample at a time, in this thread; no plait_start
 *
 * usage: 11_inference WEIGHTS.safetensors <samples.csv */
#include <plait.h>

#include <stdlib.h>

/* Whether a line has just so many numbers, which are put into x. */
static bool parse(char *text, float *x, int64_t count)
{
	char *end = text;

	for (int64_t i = 0; i < count; i++, text = end + 1) {
		x[i] = strtof(text, &end);
		if (end == text || (i + 1 < count && *end != ','))
			return false;
	}
	return *end == '\n' || *end == '\0';
}

int main(int argc, char **argv)
{
	struct plait_predictor *net = NULL;
	int opened = plait_predictor_open(&net, argc > 1 ? argv[1] : "", NULL);
	int64_t features = plait_predictor_inputs(net), classes = plait_predictor_outputs(net);
	float *x = calloc((size_t)(features + classes) + 1, sizeof *x), *p = x + features;
	bool ok = opened == 0 && x && plait_predictor_class_name(net, 0);
	char line[1 << 16] = "";

	while (ok && fgets(line, sizeof line, stdin) && (ok = parse(line, x, features))) {
		int64_t best = 0;

		plait_predictor_run(net, x, 1, p);
		for (int64_t c = 1; c < classes; c++)
			best = p[c] > p[best] ? c : best;
		printf("%s,%.4f\n", plait_predictor_class_name(net, best), p[best]);
		fflush(stdout);
	}
	if (!ok && *line)
		fprintf(stderr, "expected %ld numbers, found %s\n", features, line);
	else if (!ok)
		fprintf(stderr, "usage: 11_inference CLASSIFIER <samples.csv\n%s\n",
			plait_error_message());
	plait_predictor_destroy(net);
	free(x);
	return !ok;
}
