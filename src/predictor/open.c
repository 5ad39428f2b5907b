/* SPDX-License-Identifier: MIT
 * A predictor from a file of weights, which says of what network they are. */
#include "config.h"
#include "codelets/model.h"
#include "src/plan/store_file.h"
#include "src/predictor/predictor.h"
#include <plait/ops.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What stands in the file. */
struct saved {
	const char *path, *model;
	int ndim;
	int64_t dim[PLAIT_MAX_DIMS];
	enum plait__outputs outputs;
};

static int read_saved(struct saved *saved, const struct plait_checkpoint *file, const char *path)
{
	*saved = (struct saved){ .path = path,
				 .model = plait_checkpoint_metadata(file, PLAIT__KEY_MODEL),
				 .outputs = plait__saved_outputs(plait__saved_loss(file)) };
	saved->ndim = plait__saved_input(file, saved->dim);
	if (saved->model && saved->ndim > 0 && saved->outputs != PLAIT__OUTPUTS_UNKNOWN)
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: expected metadata that say of what network the weights are, as "
			    "plait train saves them, found no usable %s; plait_predictor_create "
			    "takes a graph",
			    path,
			    !saved->model     ? PLAIT__KEY_MODEL
			    : saved->ndim < 1 ? PLAIT__KEY_INPUT
					      : PLAIT__KEY_LOSS);
}

/* What a builder met is a fault of the file. */
static int graph_status(const struct saved *saved, const struct plait_graph *graph)
{
	int status = plait_graph_status(graph);

	return status < 0 ? plait__error(status, "%s: %s", saved->path, plait_error_message()) : 0;
}

/* On failure too *graph_p is the caller's. */
static int build(const struct saved *saved, struct plait_graph **graph_p)
{
	struct plait_graph *graph = *graph_p = plait_graph_create();
	bool classes = saved->outputs == PLAIT__OUTPUTS_SCORES;
	struct plait_node *x;
	int64_t dim[PLAIT_MAX_DIMS];
	char shape[128];
	int ndim;

	if (!graph)
		return PLAIT_ENOMEM;
	x = plait_model(plait_input(graph, PLAIT_F32, saved->ndim, saved->dim), saved->model);
	if (!x)
		return graph_status(saved, graph);
	ndim = plait_node_shape(x, dim);
	if (classes && ndim != 1)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected scores of classes, [C], found a network whose "
				    "output is %s",
				    saved->path, plait_shape_text(ndim, dim, shape, sizeof shape));
	if (classes && !plait__model_ends_in(x, "softmax"))
		plait_softmax(x);
	if (saved->outputs == PLAIT__OUTPUTS_LOGITS && !plait__model_ends_in(x, "sigmoid"))
		plait_sigmoid(x);
	return graph_status(saved, graph);
}

/* The names that the file has, and the numbers of the other classes, one a line; NULL with the
 * message kept. */
static char *all_names(const char *known, int64_t count, int64_t classes)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out && known)
		fputs(known, out);
	for (; out && count < classes; count++)
		fprintf(out, "%s%" PRId64, count > 0 ? "\n" : "", count);
	if (out && fclose(out) == 0)
		return text;
	plait__error(PLAIT_ENOMEM, "no memory for names of classes");
	free(text);
	return NULL;
}

static int name_classes(struct plait_predictor *p, const struct plait_checkpoint *file,
			const char *path)
{
	const char *known = plait_checkpoint_metadata(file, PLAIT__KEY_CLASSES);
	int64_t count = known != NULL;
	char *text;
	int status = PLAIT_ENOMEM;

	for (const char *c = known; c && *c; c++)
		count += *c == '\n';
	if (count > p->outputs)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected at most %" PRId64 " names of classes, one for "
				    "each output, found %" PRId64,
				    path, p->outputs, count);
	text = all_names(known, count, p->outputs);
	if (text)
		status = plait__names_read(&p->classes, text);
	PLAIT__ASSERT(status < 0 || p->classes.count == p->outputs, "each class has a name");
	free(text);
	return status;
}

static int open_file(struct plait_predictor **predictor_p, const struct plait_checkpoint *file,
		     const char *path, const struct plait_predictor_options *options)
{
	struct plait_predictor *p = NULL;
	struct plait_graph *graph = NULL;
	struct saved saved;
	int status = read_saved(&saved, file, path);

	if (status == 0)
		status = build(&saved, &graph);
	if (status == 0)
		status = plait__predictor_make(&p, graph, options);
	if (status < 0) {
		plait_graph_destroy(graph);
		return status;
	}
	p->graph = graph;
	*predictor_p = p;
	status = plait__store_check_file(&p->store, file, path);
	if (status == 0)
		plait__store_take(&p->store, file);
	return status == 0 && saved.outputs == PLAIT__OUTPUTS_SCORES ? name_classes(p, file, path)
								     : status;
}

int plait_predictor_open(struct plait_predictor **predictor_p, const char *path,
			 const struct plait_predictor_options *options)
{
	struct plait_predictor *p = NULL;
	struct plait_checkpoint *file = NULL;
	int status;

	if (!predictor_p || !path)
		return plait__error(PLAIT_EINVAL, "plait_predictor_open: %s is NULL",
				    path ? "predictor_p" : "path");
	status = plait_checkpoint_open(&file, path);
	if (status == 0)
		status = open_file(&p, file, path, options);
	plait_checkpoint_destroy(file);
	if (status < 0) {
		plait_predictor_destroy(p);
		return status;
	}
	*predictor_p = p;
	return 0;
}

const char *plait_predictor_class_name(const struct plait_predictor *p, int64_t output)
{
	return p && output >= 0 && output < p->classes.count ? p->classes.name[output] : NULL;
}
