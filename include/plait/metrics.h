/* SPDX-License-Identifier: MIT
 * What a run measured.  Loss is a mean per sample, everywhere. */
#ifndef PLAIT_METRICS_H
#define PLAIT_METRICS_H

#include <plait/graph.h>
#include <plait/loader.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Sums over steps; read the figures through the functions below.  Zero it to reset. */
struct plait_metrics {
	int64_t steps;
	int64_t samples;
	double loss_sum;   /* of sample losses */
	int64_t correct;   /* samples whose largest output is their class */
	bool has_accuracy; /* false under mse */
	/* Steps whose update was left out (skip_outliers).  Where a loss was not finite their
	 * samples count in no other figure. */
	int64_t skipped;
	bool has_grad_norm;   /* gradients are clipped, or updates left out */
	int64_t norms;        /* steps in which the norm of all gradients together is finite, */
	double grad_norm_sum; /* and the sum of these norms, before gradients were clipped */
	double seconds;       /* wall time of these steps */
	struct plait_load_stats load; /* of their batches */
	/* Those of plait_metric(), in the order of its calls; 0 before the first step. */
	int metrics;
	char metric_name[PLAIT_MAX_METRICS][PLAIT_METRIC_NAME];
	double metric_sum[PLAIT_MAX_METRICS]; /* of a batch's value times its samples */
};

/** Mean loss per sample; NaN before the first step, and for NULL. */
PLAIT_API double plait_metrics_loss(const struct plait_metrics *metrics);
/** Share of samples classified right, 0 to 1; NaN if there is none to tell, and for NULL. */
PLAIT_API double plait_metrics_accuracy(const struct plait_metrics *metrics);
/** A metric of plait_metric(): the mean of its values in all batches, each counted as often as its
 *  batch has samples, as the loss is.  NaN if there is none of this name, and for NULL. */
PLAIT_API double plait_metrics_value(const struct plait_metrics *metrics, const char *name);
/** The name of metric i, from 0, in the order in which the graph got them; NULL behind the last
 * one, and for NULL. */
PLAIT_API const char *plait_metrics_name(const struct plait_metrics *metrics, int i);
/** Mean over steps of the norm of all gradients together, before they were clipped; NaN if there is
 *  none to tell, and for NULL. */
PLAIT_API double plait_metrics_grad_norm(const struct plait_metrics *metrics);
/** Samples per second of wall time; 0 before the first step, and for NULL. */
PLAIT_API double plait_metrics_samples_per_second(const struct plait_metrics *metrics);
/** Percent of wall time in which computing waited for a batch; 0 before the first step, and for
 *  NULL. */
PLAIT_API double plait_metrics_load_wait_percent(const struct plait_metrics *metrics);

#ifdef __cplusplus
}
#endif
#endif
