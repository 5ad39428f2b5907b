/* SPDX-License-Identifier: MIT
 * The samples of the largest losses, in their order.  Few are taken once many have been seen, so
 * making room among them costs nothing. */
#include "config.h"
#include "src/scores/scores.h"

#include <math.h>
#include <string.h>

/* Whether a sample that comes later stands before one that is there. */
static bool is_worse(double loss, double other)
{
	return isnan(loss) ? !isnan(other) : loss > other;
}

void plait__scores_add_worst(struct plait_scores *s, const struct plait_scores_rows *rows,
			     int64_t i, int64_t label, int64_t predicted)
{
	struct plait_worst_sample *last;
	int64_t at = s->worsts;

	if (s->options.worst == 0 ||
	    (at == s->options.worst && !is_worse(rows->losses[i], s->worst[at - 1].loss)))
		return;
	if (at == s->options.worst)
		at--;
	else
		s->worsts++;
	while (at > 0 && is_worse(rows->losses[i], s->worst[at - 1].loss))
		at--;
	memmove(&s->worst[at + 1], &s->worst[at], (size_t)(s->worsts - 1 - at) * sizeof *s->worst);
	last = &s->worst[at];
	*last = (struct plait_worst_sample){ .sample = rows->first + i,
					     .loss = rows->losses[i],
					     .label = label,
					     .predicted = predicted,
					     .probability = NAN };
	if (predicted < 0)
		return;
	plait__scores_fill_row(s, rows->outputs + i * s->options.outputs);
	last->probability = s->options.kind == PLAIT_SCORES_CLASSES ? s->row[predicted]
			    : predicted                             ? s->row[0]
								    : 1 - s->row[0];
}
