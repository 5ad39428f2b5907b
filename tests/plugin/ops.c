/* SPDX-License-Identifier: MIT
 * The ops of a plug-in on one backend, checked as Plait's own are: the harness of
 * tests/codelets/ops.c with a table of its own. */
#include "config.h"
#include "tests/codelets/ops_rows.h"

#include <math.h>

#define BETA 1.5

static struct plait_node *build_swish(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_model(x, "swish:1.5");
}

static void swish(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < plait_node_elements(call->y) * call->rows; i++) {
		double x = call->in[0][i], s = 1 / (1 + exp(-BETA * x));

		out[i] = x * s;
		/* Rounding BETA x moves the exponential by that much of itself; then exp, the sum,
		 * the quotient.  e^(-BETA x) is no float above e^88.7, and y is 0 then. */
		bound[i] = (BETA * fabs(x) * (1 - s) + 4) * fabs(out[i]) +
			   (BETA * x < -88 ? 1e-38 * fabs(x) / UNIT : 0);
	}
}

static struct plait_node *build_gain(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_model(x, "gain");
}

static void gain(const struct reference_call *call, double *out, double *bound)
{
	int64_t k = plait__columns(call->y);

	for (int64_t i = 0; i < plait_node_elements(call->y) * call->rows; i++) {
		out[i] = call->in[0][i] * call->in[1][i % k];
		bound[i] = 0;
	}
}

/* Gradients: products of a few factors.  swish's is a sum, too, of terms that grow with BETA x. */
static const struct op_row table[] = {
	{ "swish", build_swish, swish, .gradient_units = 16, .nan_spreads = true },
	{ "gain", build_gain, gain, .gradient_units = 4, .by_row = true },
};

int main(void)
{
	const char *reason = backend.start();

	if (reason)
		tap_skip_all("%s", reason);
	if (plait_plugin_load(strcmp(backend.name, "cpu") == 0 ? "tests/plugin/swish.so"
							       : "tests/plugin/swish_vgpu.so") < 0)
		tap_bail_out("%s", plait_error_message());
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		check_row(&table[i]);
	return tap_done();
}
