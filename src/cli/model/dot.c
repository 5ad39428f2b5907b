/* SPDX-License-Identifier: MIT
 * The network as a drawing, in Graphviz's language: a box for each layer, and a frame around the
 * layers of a residual. */
#include "config.h"
#include "src/cli/complain.h"
#include "src/cli/model/model.h"
#include "src/cli/output.h"
#include "src/base/text.h"

#include <string.h>

/* Residuals around a layer: it is "3.add" in none, and "3.body.0.relu" in one. */
static int depth_of(const char *name)
{
	int dots = 0;

	for (; *name; name++)
		dots += *name == '.';
	return (dots - 1) / 2;
}

/* How long the path of the residual is that is so deep around a layer: "3" is in none. */
static int path_length(const char *name, int depth)
{
	size_t length = strcspn(name, ".");

	for (int dots = 2 * depth; dots > 0; dots--)
		length += 1 + strcspn(name + length + 1, ".");
	return (int)length;
}

/* Whether a residual of the last layer is around this one too, or is this one: an add comes last.
 */
static bool goes_on(const char *last, int depth, const char *name)
{
	int length = path_length(last, depth);

	return strncmp(last, name, (size_t)length + 1) == 0;
}

static void indent(FILE *file, int open)
{
	fprintf(file, "%*s", 2 * open + 2, "");
}

/* Closes frames that end with the last layer, and opens those that begin with this one; NULL: there
 * is none.  Returns how many are open. */
static int change_frames(FILE *file, int open, const char *last, const char *name)
{
	while (open > 0 && !(name && goes_on(last, open - 1, name))) {
		indent(file, --open);
		fputs("}\n", file);
	}
	for (; name && open < depth_of(name); open++) {
		int length = path_length(name, open);

		indent(file, open);
		fprintf(file, "subgraph \"cluster_%.*s\" { label=\"%.*s residual\"\n", length, name,
			length, name);
	}
	return open;
}

static void draw_layer(FILE *file, const struct cli_layer *layer)
{
	char shape[128], count[32];
	int path = (int)(strlen(layer->name) - strlen(layer->op) - 1);

	fprintf(file, "\"%s\" [label=\"%.*s  %s\\n%s", layer->name, path, layer->name, layer->op,
		plait_shape_text(layer->ndim, layer->dim, shape, sizeof shape));
	if (layer->parameters > 0)
		fprintf(file, "\\n%s parameters",
			plait__grouped_text((double)layer->parameters, count));
	fputs("\"]\n", file);
}

static void draw(FILE *file, const struct cli_layers *layers)
{
	char shape[128];
	const char *last = NULL;
	int open = 0;

	fputs("digraph model {\n"
	      "  node [shape=box style=\"rounded,filled\" fillcolor=white fontname=Helvetica "
	      "fontsize=11]\n"
	      "  graph [fontname=Helvetica fontsize=11 style=\"rounded,filled\" color=\"#9a9a9a\" "
	      "fillcolor=\"#f0f4f8\" labeljust=l bgcolor=white]\n",
	      file);
	fprintf(file, "  input [shape=plain label=\"input\\n%s\"]\n",
		plait_shape_text(layers->ndim, layers->dim, shape, sizeof shape));
	for (int i = 0; i < layers->layers; i++) {
		open = change_frames(file, open, last, layers->layer[i].name);
		indent(file, open);
		draw_layer(file, &layers->layer[i]);
		last = layers->layer[i].name;
	}
	change_frames(file, open, last, NULL);
	for (int i = 0; i < layers->edges; i++) {
		int from = layers->edge[i].from;

		fprintf(file, "  \"%s\" -> \"%s\"\n", from < 0 ? "input" : layers->layer[from].name,
			layers->layer[layers->edge[i].to].name);
	}
	fputs("}\n", file);
}

int cli_layers_draw(const struct cli_layers *layers, const char *path)
{
	struct cli_output output;

	if (cli_output_begin(&output, path) != CLI_DONE)
		return CLI_FAILED;
	draw(output.file, layers);
	return cli_output_end(&output, CLI_DONE);
}
