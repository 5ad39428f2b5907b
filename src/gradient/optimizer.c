/* SPDX-License-Identifier: MIT
 * What the rules have in common: a table of them, and the ranges of their numbers.  Each rule is a
 * room in codelets/optimizer/. */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/optimizer.h"

#include <math.h>
#include <stddef.h>

#define LR 0.001 /* of most rules */

static const struct rule {
	struct plait_optimizer defaults;
	struct plait_node *(*append)(const struct plait_optimizer *o, struct plait_node *parameter,
				     struct plait_node *gradient);
	void (*scalars)(const struct plait_optimizer *o, int64_t t, struct plait_scalars *scalars);
} rules[] = {
	[PLAIT_SGD] = { { .lr = LR }, plait__sgd, plait__sgd_scalars },
	[PLAIT_ADAM] = { { .lr = LR, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
			 plait__adam,
			 plait__adam_scalars },
	[PLAIT_ADAMW] = { { .lr = LR,
			    .beta1 = 0.9,
			    .beta2 = 0.999,
			    .eps = 1e-8,
			    .weight_decay = 0.01 },
			  plait__adam,
			  plait__adam_scalars },
	[PLAIT_RMSPROP] = { { .lr = 0.01, .alpha = 0.99, .eps = 1e-8 },
			    plait__rmsprop,
			    plait__rmsprop_scalars },
	[PLAIT_ADAGRAD] = { { .lr = 0.01, .eps = 1e-10 }, plait__adagrad, plait__adagrad_scalars },
	[PLAIT_NADAM] = { { .lr = 0.002,
			    .beta1 = 0.9,
			    .beta2 = 0.999,
			    .eps = 1e-8,
			    .momentum_decay = 0.004 },
			  plait__nadam,
			  plait__nadam_scalars },
	[PLAIT_LAMB] = { { .lr = LR,
			   .beta1 = 0.9,
			   .beta2 = 0.999,
			   .eps = 1e-6,
			   .weight_decay = 0.01 },
			 plait__lamb,
			 plait__lamb_scalars },
	[PLAIT_LION] = { { .lr = 0.0001, .beta1 = 0.9, .beta2 = 0.99 },
			 plait__lion,
			 plait__lion_scalars },
	[PLAIT_MUON] = { { .lr = LR,
			   .momentum = 0.95,
			   .nesterov = true,
			   .weight_decay = 0.1,
			   .beta1 = 0.9,
			   .beta2 = 0.999,
			   .eps = 1e-7,
			   .adjust_lr_fn = PLAIT_ADJUST_ORIGINAL,
			   .ns_steps = 5,
			   .adam_lr_ratio = 1 },
			 plait__muon,
			 plait__muon_scalars },
};
enum { RULES = sizeof rules / sizeof *rules };

/* -- what a program makes ------------------------------------------------------------------ */

static struct plait_optimizer make(enum plait_optimizer_kind kind, double lr)
{
	struct plait_optimizer optimizer = rules[kind].defaults;

	optimizer.kind = kind;
	optimizer.lr = lr;
	optimizer.exact = true;
	return optimizer;
}

struct plait_optimizer plait_sgd(double lr)
{
	return make(PLAIT_SGD, lr);
}

struct plait_optimizer plait_adam(double lr)
{
	return make(PLAIT_ADAM, lr);
}

struct plait_optimizer plait_adamw(double lr)
{
	return make(PLAIT_ADAMW, lr);
}

struct plait_optimizer plait_rmsprop(double lr)
{
	return make(PLAIT_RMSPROP, lr);
}

struct plait_optimizer plait_adagrad(double lr)
{
	return make(PLAIT_ADAGRAD, lr);
}

struct plait_optimizer plait_nadam(double lr)
{
	return make(PLAIT_NADAM, lr);
}

struct plait_optimizer plait_lamb(double lr)
{
	return make(PLAIT_LAMB, lr);
}

struct plait_optimizer plait_lion(double lr)
{
	return make(PLAIT_LION, lr);
}

struct plait_optimizer plait_muon(double lr)
{
	return make(PLAIT_MUON, lr);
}

/* -- its numbers --------------------------------------------------------------------------- */

#define OF(kind) (1u << PLAIT_##kind)
#define ALL (~0u)
#define ADAMS (OF(ADAM) | OF(ADAMW) | OF(NADAM) | OF(LAMB))

enum range { FINITE, POSITIVE, BELOW_1 };

static const char *const range_text[] = { [FINITE] = "finite and not negative",
					  [POSITIVE] = "finite and above 0",
					  [BELOW_1] = "in [0,1)" };

/* The fields that are doubles, with the rules that use them. */
static const struct number {
	const char *name;
	size_t offset;
	enum range range;
	unsigned rules;
} numbers[] = {
#define NUMBER(field, range, rules) \
	{ \
#field, offsetof(struct plait_optimizer, field), range, rules \
	}
	NUMBER(lr, FINITE, ALL),
	NUMBER(weight_decay, FINITE, ALL),
	NUMBER(momentum, FINITE, OF(SGD) | OF(RMSPROP)),
	NUMBER(momentum, BELOW_1, OF(MUON)),
	NUMBER(beta1, BELOW_1, ADAMS | OF(LION) | OF(MUON)),
	NUMBER(beta2, BELOW_1, ADAMS | OF(LION) | OF(MUON)),
	NUMBER(eps, FINITE, ADAMS | OF(RMSPROP) | OF(ADAGRAD)),
	NUMBER(eps, POSITIVE, OF(MUON)),
	NUMBER(alpha, BELOW_1, OF(RMSPROP)),
	NUMBER(lr_decay, FINITE, OF(ADAGRAD)),
	NUMBER(initial_accumulator_value, FINITE, OF(ADAGRAD)),
	NUMBER(momentum_decay, FINITE, OF(NADAM)),
	NUMBER(adam_lr_ratio, FINITE, OF(MUON)),
#undef NUMBER
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static double *number_of(struct plait_optimizer *o, const struct number *number)
{
	return (double *)(void *)((char *)o + number->offset);
}

/* Gives fields that were left out their defaults. */
static void fill(struct plait_optimizer *o)
{
	struct plait_optimizer defaults =
		make(o->kind, o->kind ? rules[o->kind].defaults.lr : 0.01);

	if (o->kind == 0)
		o->kind = PLAIT_SGD;
	if (o->exact)
		return;
	for (int i = 0; i < NUMBERS; i++) {
		double *field = number_of(o, &numbers[i]);

		if (*field == 0)
			*field = *number_of(&defaults, &numbers[i]);
	}
	o->nesterov |= defaults.nesterov;
	if (o->adjust_lr_fn == 0)
		o->adjust_lr_fn = defaults.adjust_lr_fn;
	if (o->ns_steps == 0)
		o->ns_steps = defaults.ns_steps;
}

static int check_number(const struct number *number, double value)
{
	bool fits = value >= 0 && (number->range == BELOW_1 ? value < 1 : isfinite(value)) &&
		    (number->range != POSITIVE || value > 0);

	return fits ? 0
		    : plait__error(PLAIT_EINVAL, "optimizer: %s is %g, must be %s", number->name,
				   value, range_text[number->range]);
}

static int check_muon(const struct plait_optimizer *o)
{
	if (o->ns_steps < 1 || o->ns_steps > 99)
		return plait__error(PLAIT_EINVAL, "optimizer: ns_steps is %d, must be 1 to 99",
				    o->ns_steps);
	if (o->adjust_lr_fn < PLAIT_ADJUST_ORIGINAL ||
	    o->adjust_lr_fn > PLAIT_ADJUST_MATCH_RMS_ADAMW)
		return plait__error(PLAIT_EINVAL,
				    "optimizer: adjust_lr_fn %d is none of PLAIT_ADJUST_*",
				    (int)o->adjust_lr_fn);
	return 0;
}

int plait__optimizer_check(struct plait_optimizer *o)
{
	if ((int)o->kind < 0 || (int)o->kind >= RULES)
		return plait__error(PLAIT_EINVAL,
				    "optimizer: kind %d is none of PLAIT_SGD, PLAIT_ADAM and the "
				    "others up to PLAIT_MUON",
				    (int)o->kind);
	fill(o);
	for (int i = 0; i < NUMBERS; i++) {
		int status = numbers[i].rules >> o->kind & 1
				     ? check_number(&numbers[i], *number_of(o, &numbers[i]))
				     : 0;

		if (status < 0)
			return status;
	}
	if (o->kind == PLAIT_SGD && o->nesterov && !(o->momentum > 0))
		return plait__error(PLAIT_EINVAL, "optimizer: nesterov needs a momentum above 0");
	return o->kind == PLAIT_MUON ? check_muon(o) : 0;
}

/* -- its nodes ----------------------------------------------------------------------------- */

struct plait_node *plait__optimizer_append(const struct plait_optimizer *o,
					   struct plait_node *parameter,
					   struct plait_node *gradient)
{
	return rules[o->kind].append(o, parameter, gradient);
}

bool plait__optimizer_alike(const struct plait_optimizer *a, const struct plait_optimizer *b)
{
	bool momentum = (a->momentum > 0) == (b->momentum > 0);

	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case PLAIT_SGD:
		return momentum && a->nesterov == b->nesterov;
	case PLAIT_RMSPROP:
		return momentum && a->centered == b->centered;
	case PLAIT_NADAM:
		return a->decoupled_weight_decay == b->decoupled_weight_decay;
	case PLAIT_MUON:
		return a->nesterov == b->nesterov && a->adjust_lr_fn == b->adjust_lr_fn &&
		       a->ns_steps == b->ns_steps;
	default:
		return true;
	}
}

double *plait__optimizer_momentum(struct plait_optimizer *o)
{
	switch (o->kind) {
	case PLAIT_SGD:
	case PLAIT_RMSPROP:
	case PLAIT_MUON:
		return o->momentum > 0 ? &o->momentum : NULL;
	case PLAIT_ADAGRAD:
		return NULL;
	default:
		return &o->beta1;
	}
}

void plait__optimizer_scalars(const void *optimizer, int64_t t, struct plait_scalars *scalars)
{
	const struct plait_optimizer *o = optimizer;

	scalars->lr = o->lr;
	rules[o->kind].scalars(o, t, scalars);
}
