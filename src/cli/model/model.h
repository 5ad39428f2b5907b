/* SPDX-License-Identifier: MIT
 * plait model: the layers of a network, and the forms in which they are shown. */
#ifndef PLAIT_CLI_MODEL_H
#define PLAIT_CLI_MODEL_H

#include <plait.h>
#include <stdio.h>

struct cli_layer {
	const char *name; /* as tasks have it behind "fwd/": "3.body.0.linear" */
	const char *op;   /* "linear" */
	int ndim;         /* of the output, of one sample */
	int64_t dim[PLAIT_MAX_DIMS];
	int64_t parameters;
	double parameter_bytes;
	double flops, bytes; /* of forward, and of the values that it computes, for all samples */
};

/* That a layer reads what another one computes. */
struct cli_edge {
	int from, to; /* positions among the layers; from -1: the input */
};

struct cli_layers {
	const char *words; /* of the network */
	int64_t samples;
	int ndim; /* of the input */
	int64_t dim[PLAIT_MAX_DIMS];
	struct cli_layer *layer; /* [layers] */
	int layers;
	struct cli_edge *edge; /* [edges], each once, in the order of the layers that read */
	int edges;
	size_t room;
	struct cli_layer all; /* sums; it has no name */
};

/* Lists the layers of the graph that x, its output, belongs to, and which outlives the list; words,
 * samples and the input's shape are filled in.  Returns a status of the library.  cli_layers_free
 * in any case. */
int cli_layers_list(struct cli_layers *layers, const struct plait_node *x);
void cli_layers_free(struct cli_layers *layers);

/* Print a table; write a drawing for Graphviz; write what the table has, exactly.  The last two
 * return CLI_DONE, or CLI_FAILED after saying why. */
void cli_layers_print(const struct cli_layers *layers);
int cli_layers_draw(const struct cli_layers *layers, const char *path);
int cli_layers_write(const struct cli_layers *layers, const char *path);

#endif
