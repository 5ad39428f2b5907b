/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <plait/metrics.h>

#include <math.h>

double plait_metrics_loss(const struct plait_metrics *m)
{
	return m && m->samples > 0 ? m->loss_sum / (double)m->samples : NAN;
}

double plait_metrics_accuracy(const struct plait_metrics *m)
{
	return m && m->has_accuracy && m->samples > 0 ? (double)m->correct / (double)m->samples
						      : NAN;
}

double plait_metrics_samples_per_second(const struct plait_metrics *m)
{
	return m && m->seconds > 0 ? (double)m->samples / m->seconds : 0;
}

double plait_metrics_load_wait_percent(const struct plait_metrics *m)
{
	return m && m->seconds > 0 ? 100 * m->load.wait_seconds / m->seconds : 0;
}
