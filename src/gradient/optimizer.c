/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/optimizer.h"

#include <math.h>

struct plait_optimizer plait_sgd(double lr)
{
	return (struct plait_optimizer){ .kind = PLAIT_SGD, .lr = lr, .exact = true };
}

struct plait_optimizer plait_adam(double lr)
{
	return (struct plait_optimizer){ .kind = PLAIT_ADAM,
					 .lr = lr,
					 .beta1 = 0.9,
					 .beta2 = 0.999,
					 .eps = 1e-8,
					 .exact = true };
}

struct plait_optimizer plait_adamw(double lr)
{
	struct plait_optimizer optimizer = plait_adam(lr);

	optimizer.kind = PLAIT_ADAMW;
	optimizer.weight_decay = 0.01;
	return optimizer;
}

static int in_range(const char *name, double value, bool fits, const char *range)
{
	return fits ? 0
		    : plait__error(PLAIT_EINVAL, "optimizer: %s is %g, must be %s", name, value,
				   range);
}

static void fill_field(double *field, double value)
{
	if (*field == 0)
		*field = value;
}

/* Gives fields that were left out their defaults. */
static void fill(struct plait_optimizer *o)
{
	struct plait_optimizer defaults = o->kind == PLAIT_ADAMW  ? plait_adamw(0.001)
					  : o->kind == PLAIT_ADAM ? plait_adam(0.001)
					  : o->kind == 0          ? plait_sgd(0.01)
								  : plait_sgd(0.001);

	if (o->kind == 0)
		o->kind = PLAIT_SGD;
	if (o->exact)
		return;
	fill_field(&o->lr, defaults.lr);
	fill_field(&o->weight_decay, defaults.weight_decay);
	fill_field(&o->beta1, defaults.beta1);
	fill_field(&o->beta2, defaults.beta2);
	fill_field(&o->eps, defaults.eps);
}

int plait__optimizer_check(struct plait_optimizer *o)
{
	int status;

	fill(o);
	if (o->kind < PLAIT_SGD || o->kind > PLAIT_ADAMW)
		return plait__error(
			PLAIT_EINVAL,
			"optimizer: kind %d is none of PLAIT_SGD, PLAIT_ADAM, PLAIT_ADAMW",
			(int)o->kind);
	status = in_range("lr", o->lr, o->lr >= 0 && isfinite(o->lr), "finite and not negative");
	if (status == 0)
		status = in_range("weight_decay", o->weight_decay,
				  o->weight_decay >= 0 && isfinite(o->weight_decay),
				  "finite and not negative");
	if (status < 0)
		return status;
	if (o->kind == PLAIT_SGD) {
		if (o->nesterov && !(o->momentum > 0))
			return plait__error(PLAIT_EINVAL,
					    "optimizer: nesterov needs a momentum above 0");
		return in_range("momentum", o->momentum, o->momentum >= 0 && isfinite(o->momentum),
				"finite and not negative");
	}
	status = in_range("beta1", o->beta1, o->beta1 >= 0 && o->beta1 < 1, "in [0,1)");
	if (status == 0)
		status = in_range("beta2", o->beta2, o->beta2 >= 0 && o->beta2 < 1, "in [0,1)");
	if (status == 0)
		status = in_range("eps", o->eps, o->eps >= 0 && isfinite(o->eps),
				  "finite and not negative");
	return status;
}

struct plait_node *plait__optimizer_append(const struct plait_optimizer *o,
					   struct plait_node *parameter,
					   struct plait_node *gradient)
{
	if (o->kind == PLAIT_SGD)
		return plait__sgd(parameter, gradient, o->momentum > 0, o->nesterov);
	return plait__adam(parameter, gradient, o->kind == PLAIT_ADAMW);
}

bool plait__optimizer_alike(const struct plait_optimizer *a, const struct plait_optimizer *b)
{
	return a->kind == b->kind && a->nesterov == b->nesterov &&
	       (a->kind != PLAIT_SGD || (a->momentum > 0) == (b->momentum > 0));
}

double *plait__optimizer_momentum(struct plait_optimizer *o)
{
	if (o->kind == PLAIT_SGD)
		return o->momentum > 0 ? &o->momentum : NULL;
	return &o->beta1;
}

void plait__optimizer_scalars(const void *optimizer, int64_t t, struct plait_scalars *scalars)
{
	const struct plait_optimizer *o = optimizer;

	scalars->lr = o->lr;
	if (o->kind == PLAIT_SGD)
		plait__sgd_scalars(o->lr, o->momentum, o->weight_decay, scalars);
	else
		plait__adam_scalars(o->lr, o->beta1, o->beta2, o->eps, o->weight_decay, t, scalars);
}
