/* SPDX-License-Identifier: MIT
 * The layers as a table, and as JSON. */
#include "config.h"
#include "src/cli/json.h"
#include "src/cli/model/model.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <string.h>

/* Three digits and a prefix: 1.57 M.  Returns text. */
static const char *flops_text(double flops, char text[32])
{
	static const char prefix[] = " kMGTPE";
	int i = 0;

	for (; flops >= 999.5 && prefix[i + 1]; i++)
		flops /= 1000;
	snprintf(text, 32, i > 0 ? "%#.3g %c" : "%.0f", flops, prefix[i]);
	if (i > 0 && flops >= 99.95)
		snprintf(text, 32, "%.0f %c", flops, prefix[i]);
	return text;
}

static const char *shape_text(const struct cli_layer *layer, char text[128])
{
	return plait_shape_text(layer->ndim, layer->dim, text, 128);
}

/* How wide the first two columns are. */
static void measure(const struct cli_layers *layers, int *name, int *shape)
{
	char text[128];

	*name = (int)strlen("in all");
	*shape = (int)strlen(plait_shape_text(layers->ndim, layers->dim, text, sizeof text));
	for (int i = 0; i < layers->layers; i++) {
		int names = (int)strlen(layers->layer[i].name);
		int shapes = (int)strlen(shape_text(&layers->layer[i], text));

		*name = names > *name ? names : *name;
		*shape = shapes > *shape ? shapes : *shape;
	}
}

void cli_layers_print(const struct cli_layers *layers)
{
	char shape[128], count[32], flops[32], bytes[32];
	int names, shapes;

	measure(layers, &names, &shapes);
	printf("%-*s  %-*s %15s %9s %11s\n", names, "layer", shapes, "output", "parameters",
	       "flops", "memory");
	printf("%-*s  %s\n", names, "input",
	       plait_shape_text(layers->ndim, layers->dim, shape, sizeof shape));
	for (int i = 0; i <= layers->layers; i++) {
		bool last = i == layers->layers;
		const struct cli_layer *layer = last ? &layers->all : &layers->layer[i];

		printf("%-*s  %-*s %15s %9s %11s\n", names, last ? "in all" : layer->name, shapes,
		       last ? "" : shape_text(layer, shape),
		       plait__grouped_text((double)layer->parameters, count),
		       flops_text(layer->flops, flops), plait__bytes_text(layer->bytes, bytes));
	}
	printf("Flops and memory are of forward for %" PRId64 " sample%s; parameters take %s.\n",
	       layers->samples, layers->samples == 1 ? "" : "s",
	       plait__bytes_text(layers->all.parameter_bytes, bytes));
}

/* -- JSON -------------------------------------------------------------------------------- */

/* A number without a fraction, whole where JSON has it so. */
static json_t *whole_json(double value)
{
	return value < 9e18 ? json_integer((json_int_t)value) : cli_json_real(value);
}

static json_t *shape_json(int ndim, const int64_t *dim)
{
	json_t *shape = json_array();

	for (int i = 0; i < ndim; i++)
		cli_json_add(&shape, json_integer(dim[i]));
	return shape;
}

/* What layers and their sum have. */
static void put_figures(json_t **object, const struct cli_layer *layer)
{
	cli_json_put(object, "parameters", json_integer(layer->parameters));
	cli_json_put(object, "parameter_bytes", whole_json(layer->parameter_bytes));
	cli_json_put(object, "flops", whole_json(layer->flops));
	cli_json_put(object, "bytes", whole_json(layer->bytes));
}

/* The names of the layers that one reads. */
static json_t *reads_json(const struct cli_layers *layers, int reader)
{
	json_t *reads = json_array();

	for (int i = 0; i < layers->edges; i++) {
		int from = layers->edge[i].from;

		if (layers->edge[i].to == reader)
			cli_json_add(&reads,
				     cli_json_text(from < 0 ? "input" : layers->layer[from].name));
	}
	return reads;
}

int cli_layers_write(const struct cli_layers *layers, const char *path)
{
	json_t *list = json_array(), *object = json_object();

	for (int i = 0; i < layers->layers; i++) {
		const struct cli_layer *layer = &layers->layer[i];
		json_t *entry = json_object();

		cli_json_put(&entry, "name", cli_json_text(layer->name));
		cli_json_put(&entry, "op", cli_json_text(layer->op));
		cli_json_put(&entry, "reads", reads_json(layers, i));
		cli_json_put(&entry, "output", shape_json(layer->ndim, layer->dim));
		put_figures(&entry, layer);
		cli_json_add(&list, entry);
	}
	cli_json_put(&object, "model", cli_json_text(layers->words));
	cli_json_put(&object, "input", shape_json(layers->ndim, layers->dim));
	cli_json_put(&object, "batch_size", json_integer(layers->samples));
	cli_json_put(&object, "layers", list);
	put_figures(&object, &layers->all);
	return cli_json_write(object, path);
}
