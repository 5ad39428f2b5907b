/* SPDX-License-Identifier: MIT
 * The nodes between gradients and updates.  Each gradient has a norm, and one node makes of all
 * norms what every update reads; so each gradient is read once for it, and clipped where an update
 * reads it anyway. */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/clip.h"

#include <math.h>
#include <stdlib.h>

static int check(const char *name, double value)
{
	if (value >= 0 && isfinite(value))
		return 0;
	return plait__error(PLAIT_EINVAL, "%s is %g, must be finite and above 0, or 0 for none",
			    name, value);
}

int plait__clip_check(const struct plait__clipping *c)
{
	int status = check("clip_norm", c->norm);

	if (status == 0)
		status = check("clip_value", c->value);
	if (status == 0)
		status = check("skip_outliers", c->outliers);
	if (status == 0 && c->norm > 0 && c->value > 0)
		return plait__error(PLAIT_EINVAL,
				    "clip_norm %g and clip_value %g: gradients are clipped by one "
				    "of them, as what both do depends on which comes first",
				    c->norm, c->value);
	return status;
}

/* In the order of the updates, so that what is there first is read first. */
static int append_norms(int nodes, struct plait_node *const *gradient, struct plait_node **input)
{
	int norms = 0;

	for (int i = nodes - 1; i >= 0; i--)
		if (gradient[i])
			input[norms++] = plait__grad_norm(gradient[i]);
	return norms;
}

int plait__clip_append(struct plait_graph *graph, const struct plait__clipping *clipping, int nodes,
		       struct plait_node *const *gradient, struct plait_node *loss)
{
	struct plait_node **input = plait__calloc((size_t)nodes + 2, sizeof *input, "norms"),
			  *state = NULL, *clip;
	int inputs;

	if (!input)
		return PLAIT_ENOMEM;
	inputs = append_norms(nodes, gradient, input);
	if (graph->status == 0 && clipping->outliers > 0) {
		state = plait__outlier_state(graph);
		input[inputs++] = loss;
		input[inputs++] = state;
	}
	clip = graph->status == 0 && inputs > 0 ? plait__clip(inputs, input, clipping->norm,
							      clipping->value, clipping->outliers)
						: NULL;
	free(input);
	if (clip && state)
		plait__outliers(state, clip);
	graph->clip = clip;
	graph->outlier_state = state;
	return plait_graph_status(graph);
}
