/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/options/optimizer.h"
#include "src/cli/options/schedule.h"
#include "src/cli/options/table.h"
#include "src/cli/complain.h"

#include "src/base/assert.h"

#include <stdio.h>
#include <string.h>

#define AT(number) offsetof(struct plait_optimizer, number)
#define OF(kind) (1u << PLAIT_##kind)
#define OF_MOMENTUM (OF(SGD) | OF(RMSPROP) | OF(MUON))
#define ADAMS (OF(ADAM) | OF(ADAMW) | OF(NADAM) | OF(LAMB))

static const struct {
	struct plait_optimizer (*make)(double lr);
	double lr; /* if none is given */
} rules[] = {
	[PLAIT_SGD] = { plait_sgd, 0.01 },         [PLAIT_ADAM] = { plait_adam, 0.001 },
	[PLAIT_ADAMW] = { plait_adamw, 0.001 },    [PLAIT_RMSPROP] = { plait_rmsprop, 0.01 },
	[PLAIT_ADAGRAD] = { plait_adagrad, 0.01 }, [PLAIT_NADAM] = { plait_nadam, 0.002 },
	[PLAIT_LAMB] = { plait_lamb, 0.001 },      [PLAIT_LION] = { plait_lion, 0.0001 },
	[PLAIT_MUON] = { plait_muon, 0.001 },
};

static void put(double *field, double value)
{
	if (value >= 0)
		*field = value;
}

struct plait_optimizer cli_optimizer(const struct cli_options *options)
{
	int kind = options->optimizer + 1;
	struct plait_optimizer o =
		rules[kind].make(options->lr >= 0 ? options->lr : rules[kind].lr);

	if (options->momentum >= 0 || (o.momentum == 0 && OF_MOMENTUM >> kind & 1))
		o.momentum = cli_momentum(options);
	put(&o.weight_decay, options->weight_decay);
	put(&o.beta1, options->beta1);
	put(&o.beta2, options->beta2);
	put(&o.eps, options->eps);
	put(&o.alpha, options->alpha);
	put(&o.adam_lr_ratio, options->adam_lr_ratio);
	o.nesterov |= options->nesterov;
	o.centered = options->centered;
	if (options->adjust_lr_given)
		o.adjust_lr_fn = (enum plait_adjust_lr)(options->adjust_lr + 1);
	return o;
}

/* "sgd, rmsprop or muon" */
static void list(unsigned kinds, char text[], size_t size)
{
	int length = 0;

	for (int kind = 1; kinds >> kind; kind++)
		if (kinds >> kind & 1 && length < (int)size)
			length += snprintf(text + length, size - (size_t)length, "%s%s",
					   length == 0          ? ""
					   : kinds >> kind == 1 ? " or "
								: ", ",
					   cli_optimizer_names[kind - 1]);
}

/* Numbers and switches that not all rules have. */
static const struct own {
	const char *option;
	unsigned rules;
	size_t at; /* of a number in struct plait_optimizer; 0: it is none */
} own[] = {
	{ "--momentum", OF_MOMENTUM, AT(momentum) },
	{ "--nesterov", OF(SGD), 0 },
	{ "--beta1", ADAMS | OF(LION) | OF(MUON), AT(beta1) },
	{ "--beta2", ADAMS | OF(LION) | OF(MUON), AT(beta2) },
	{ "--eps", ADAMS | OF(RMSPROP) | OF(ADAGRAD) | OF(MUON), AT(eps) },
	{ "--alpha", OF(RMSPROP), AT(alpha) },
	{ "--centered", OF(RMSPROP), 0 },
	{ "--adjust-lr", OF(MUON), 0 },
	{ "--adam-lr-ratio", OF(MUON), AT(adam_lr_ratio) },
	{ "--lr", ~0u, AT(lr) },
	{ "--weight-decay", ~0u, AT(weight_decay) },
};

static bool is_own(const struct own *o, const struct cli_options *options)
{
	return o->rules >> (options->optimizer + 1) & 1;
}

bool cli_optimizer_value(const struct cli_options *options, const char *name, double *value)
{
	struct plait_optimizer optimizer;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (own[i].at && strcmp(own[i].option, name) == 0 && is_own(&own[i], options)) {
			optimizer = cli_optimizer(options);
			memcpy(value, (char *)&optimizer + own[i].at, sizeof *value);
			return true;
		}
	return false;
}

static bool is_given(const struct cli_options *options, const char *name)
{
	const struct cli_option *option = cli_option_find(CLI_TRAIN, name, strlen(name));

	PLAIT__ASSERT(option, "a number of an optimizer is an option of train");
	return options->given[cli_option_row(option)];
}

/* What the library refuses, too, but calls by other names. */
static int check_clipping(const struct cli_options *o)
{
	const struct {
		const char *option;
		double value;
	} own[] = { { "--clip-norm", o->clip_norm },
		    { "--clip-value", o->clip_value },
		    { "--skip-outliers", o->skip_outliers } };

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (own[i].value == 0) {
			cli_complain("train: %s is 0, must be above; leave it out for none",
				     own[i].option);
			return CLI_USAGE;
		}
	if (o->clip_norm > 0 && o->clip_value > 0) {
		cli_complain("train: --clip-norm and --clip-value: give one of them, as what both "
			     "do depends on which comes first");
		return CLI_USAGE;
	}
	if (o->lr_find && o->skip_outliers > 0) {
		cli_complain("train: --lr-find looks for rates at which the loss rises, and "
			     "--skip-outliers leaves out such steps: leave out one");
		return CLI_USAGE;
	}
	return -1;
}

int cli_optimizer_check(const struct cli_options *o)
{
	char names[128];

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		if (is_own(&own[i], o) || !is_given(o, own[i].option))
			continue;
		list(own[i].rules, names, sizeof names);
		cli_complain("train: %s belongs to --optimizer %s, not to %s", own[i].option, names,
			     cli_optimizer_names[o->optimizer]);
		return CLI_USAGE;
	}
	return check_clipping(o);
}
