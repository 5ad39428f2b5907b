/* SPDX-License-Identifier: MIT
 * plait model: what a network is made of, without data and without training it. */
#include "config.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/job/start.h"
#include "src/cli/job/words.h"
#include "src/cli/model/model.h"
#include "src/cli/options/parse.h"

#include <stdlib.h>
#include <string.h>

static int show(const struct plait_node *x, const char *words, const struct cli_options *options)
{
	struct cli_layers layers = { .words = words,
				     .samples = options->batch_size,
				     .ndim = options->input.ndim };
	int status;

	memcpy(layers.dim, options->input.dim, sizeof layers.dim);
	status = cli_layers_list(&layers, x) < 0 ? cli_failed(PLAIT_ENOMEM) : CLI_DONE;
	if (status == CLI_DONE)
		cli_layers_print(&layers);
	if (status == CLI_DONE && options->dot)
		status = cli_layers_draw(&layers, options->dot);
	if (status == CLI_DONE && options->json_file)
		status = cli_layers_write(&layers, options->json_file);
	cli_layers_free(&layers);
	return status;
}

int cli_model(int argc, char **argv)
{
	struct cli_options options;
	struct plait_graph *graph;
	struct plait_node *x;
	char *words = NULL;
	int status = cli_options_parse(&options, CLI_MODEL, argc, argv);

	if (status >= 0)
		return status;
	if (cli_plugins_load(&options) < 0)
		return cli_failed(PLAIT_EINVAL);
	graph = plait_graph_create();
	x = plait_input(graph, PLAIT_F32, options.input.ndim, options.input.dim);
	status = x ? cli_words_build(&x, options.model, 0, &words)
		   : cli_failed(plait_graph_status(graph));
	if (status == CLI_DONE)
		status = show(x, words, &options);
	free(words);
	plait_graph_destroy(graph);
	return status;
}
