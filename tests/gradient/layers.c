/* SPDX-License-Identifier: MIT
 * Single layers beside PyTorch, and some behind each other: values, gradients and buffers in
 * reference/layers.txt, which reference/layers.py wrote. */
#include "config.h"
#include "tests/gradient/reference.h"

#define LARGEST_DY 50

/* A case of the file, with the sum of y dy as the loss, so that the gradient of y is dy. */
struct layers {
	char name[64], kind[16], mode[16], shape[64], words[128];
	struct host h;
	struct plait_node *x, *out; /* out: y as its shape says */
};

/* -- building ---------------------------------------------------------------------------------- */

/* "concat:DIM WORDS" stands for x, and for what WORDS make of it behind it. */
static struct plait_node *build(struct plait_node *x, const char *words)
{
	int dim, begin;

	if (sscanf(words, "concat:%d %n", &dim, &begin) != 1)
		return plait_model(x, words);
	return plait_concat(2, (struct plait_node *[]){ x, plait_model(x, words + begin) }, dim);
}

/* A parameter has numbers of a modulus of its own, so that none can stand for another. */
static void fill(struct layers *l)
{
	int64_t modulus = 5;

	for (int i = 0; i < l->h.built; i++) {
		const struct plait_node *node = l->h.graph->node[i];
		bool variance = strstr(node->name, "var") != NULL;
		float *value = l->h.value[i];

		for (int64_t j = 0; j < plait_node_elements(node); j++)
			if (node->source == PLAIT__SOURCE_PARAMETER)
				value[j] = reference_whole(j, 4801, modulus);
			else if (node->source == PLAIT__SOURCE_BUFFER && node->dtype == PLAIT_F32)
				value[j] = reference_whole(j, 6007, 5) + (variance ? 3 : 0);
		if (node->source == PLAIT__SOURCE_PARAMETER)
			modulus += 2;
		if (node->dtype == PLAIT_I64)
			*(int64_t *)l->h.value[i] = 0;
	}
}

static int read_shape(char *text, int64_t dim[PLAIT_MAX_DIMS])
{
	int ndim = 0;

	for (char *at = strtok(text, "x"); at && ndim < PLAIT_MAX_DIMS; at = strtok(NULL, "x"))
		dim[ndim++] = atoll(at);
	return ndim;
}

static void run(struct layers *l)
{
	struct plait_graph *graph = plait_graph_create();
	int64_t dim[PLAIT_MAX_DIMS];
	struct plait_node *y, *dy;
	float *gradient;

	l->h = (struct host){ .graph = graph, .evaluates = strcmp(l->mode, "eval") == 0 };
	l->x = plait_input(graph, PLAIT_F32, read_shape(l->shape, dim), dim);
	l->x->needs_gradient = true;
	y = build(l->x, l->words);
	l->out = plait__layout_contiguous(y);
	if (!l->out)
		tap_bail_out("%s: %s", l->words, graph->message);
	dy = plait_input(graph, PLAIT_F32, y->ndim, y->dim);
	plait_loss(plait_sum(plait_mul(y, dy)));
	host_begin(&l->h);
	fill(l);
	reference_sample(ROWS * plait_node_elements(l->x), l->kind, l->h.value[l->x->id]);
	gradient = l->h.value[dy->id];
	for (int64_t i = 0; i < ROWS * plait_node_elements(dy); i++)
		gradient[i] = reference_whole(i, 3571, 2 * LARGEST_DY + 1);
	host_run(&l->h, graph->nodes);
}

/* -- comparing --------------------------------------------------------------------------------- */

/* The node whose numbers a line has, by what it begins with; NULL: there is none. */
static const struct plait_node *find(const struct layers *l, const char *key)
{
	if (strcmp(key, "y") == 0)
		return l->out;
	if (strcmp(key, "dx") == 0)
		return l->h.gradient[l->x->id];
	for (int i = 0; i < l->h.built; i++) {
		const struct plait_node *node = l->h.graph->node[i];

		if (node->source == PLAIT__SOURCE_BUFFER && strcmp(key, node->name) == 0)
			return node;
		if (node->source == PLAIT__SOURCE_PARAMETER && key[0] == 'd' &&
		    strcmp(key + 1, node->name) == 0)
			return l->h.gradient[i];
	}
	return NULL;
}

static void compare(const struct layers *l, char *line)
{
	size_t length = strcspn(line, " ");
	const struct plait_node *node;
	float counted;
	const float *got;

	line[length] = '\0';
	node = find(l, line);
	if (!node) {
		ok(false, "%s: %s is there", l->name, line);
		return;
	}
	got = l->h.value[node->id];
	if (node->dtype == PLAIT_I64) {
		counted = (float)*(const int64_t *)l->h.value[node->id];
		got = &counted;
	}
	is_int(reference_wrong(line + length + 1,
			       plait_node_elements(node) * (node->batched ? ROWS : 1), got,
			       line[0] == 'd' ? LARGEST_DY : 1),
	       0, "%s: %s: %s as in PyTorch", l->name, l->words, line);
}

/* The lines of a case: y, dx, and one for each parameter and buffer. */
static int lines(const struct layers *l)
{
	int count = 2;

	for (int i = 0; i < l->h.built; i++)
		count += l->h.graph->node[i]->source == PLAIT__SOURCE_PARAMETER ||
			 l->h.graph->node[i]->source == PLAIT__SOURCE_BUFFER;
	return count;
}

int main(void)
{
	FILE *file = reference_open("layers.txt");
	char *line = NULL;
	size_t size = 0;
	int cases = 0;

	while (getline(&line, &size, file) > 0) {
		struct layers l;

		if (sscanf(line, "case %63s %15s %15s %63s %127[^\n]", l.name, l.kind, l.mode,
			   l.shape, l.words) != 5)
			continue;
		run(&l);
		for (int left = lines(&l); left > 0; left--) {
			if (getline(&line, &size, file) < 0)
				tap_bail_out("layers.txt ends within %s", l.name);
			compare(&l, line);
		}
		host_free(&l.h);
		cases++;
	}
	fclose(file);
	free(line);
	ok(cases > 0, "%d cases", cases);
	return tap_done();
}
