/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/trainer/reporter.h"

#include <math.h>
#include <string.h>

void plait__metrics_measure(struct plait_metrics *m, const struct plait__step *step)
{
	const struct plait_graph *graph = step->binding->plan->graph;

	m->metrics = graph->metrics;
	for (int i = 0; i < graph->metrics; i++) {
		if (!m->metric_name[i][0])
			strcpy(m->metric_name[i], graph->metric[i].name);
		m->metric_sum[i] += (double)step->metric[i] * (double)plait__step_valid(step);
	}
}

static void add_figures(struct plait_metrics *m, const struct plait__step *step)
{
	m->samples += plait__step_valid(step);
	m->loss_sum += (double)step->loss * (double)plait__step_valid(step);
	m->correct += step->correct;
	plait__metrics_measure(m, step);
}

void plait__metrics_add(struct plait_metrics *m, const struct plait__step *step, double previous)
{
	PLAIT__ASSERT(plait__step_valid(step) <= step->rows,
		      "no more samples count than a batch has");
	m->steps++;
	m->skipped += step->skipped;
	m->has_grad_norm = step->binding->plan->clip_result >= 0;
	if (isfinite(step->grad_norm)) {
		m->norms++;
		m->grad_norm_sum += (double)step->grad_norm;
	}
	if (!step->skipped || isfinite(step->loss))
		add_figures(m, step);
	m->seconds += (step->end - previous) * 1e-6;
	plait__load_stats_add(&m->load, step->burst->load, plait__step_place(step),
			      (step->end - previous) * 1e-6,
			      plait__step_wait(step, previous) * 1e-6);
	m->load.compute_seconds += plait__step_microseconds(step) * 1e-6;
	m->load.divided = plait__plan_divided(step->binding->plan);
}

double plait_metrics_loss(const struct plait_metrics *m)
{
	return m && m->samples > 0 ? m->loss_sum / (double)m->samples : NAN;
}

double plait_metrics_accuracy(const struct plait_metrics *m)
{
	return m && m->has_accuracy && m->samples > 0 ? (double)m->correct / (double)m->samples
						      : NAN;
}

double plait_metrics_value(const struct plait_metrics *m, const char *name)
{
	for (int i = 0; m && name && i < m->metrics; i++)
		if (strcmp(m->metric_name[i], name) == 0 && m->samples > 0)
			return m->metric_sum[i] / (double)m->samples;
	return NAN;
}

const char *plait_metrics_name(const struct plait_metrics *m, int i)
{
	return m && i >= 0 && i < m->metrics ? m->metric_name[i] : NULL;
}

double plait_metrics_grad_norm(const struct plait_metrics *m)
{
	return m && m->norms > 0 ? m->grad_norm_sum / (double)m->norms : NAN;
}

double plait_metrics_samples_per_second(const struct plait_metrics *m)
{
	return m && m->seconds > 0 ? (double)m->samples / m->seconds : 0;
}

double plait_metrics_load_wait_percent(const struct plait_metrics *m)
{
	return m && m->seconds > 0 ? 100 * m->load.wait_seconds / m->seconds : 0;
}
