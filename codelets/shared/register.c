/* SPDX-License-Identifier: MIT
 * Ops from outside stand in a list that only grows. */
#include "config.h"
#include "codelets/shared/register.h"
#include "codelets/model.h"
#include "src/base/grow.h"

#include <plait/ops.h>
#include <pthread.h>
#include <string.h>

static const struct plait_op *const ops[] = {
#define PLAIT__OP(name) &plait__op_##name,
#include "codelets/ops.def"
#undef PLAIT__OP
};
#define OPS (sizeof ops / sizeof *ops)

/* Under the mutex. */
static const struct plait_op **registered;
static size_t registered_count, registered_room;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Whether word is a name, or the same with - in the place of some _. */
static bool is_spelling(const char *word, const char *name)
{
	while (*word && (*word == *name || (*word == '-' && *name == '_'))) {
		word++;
		name++;
	}
	return *word == *name;
}

static const struct plait_op *find(const struct plait_op *const *list, size_t count,
				   const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (is_spelling(word, list[i]->name))
			return list[i];
	return NULL;
}

/* Whether an op is a word: of metrics, or of layers. */
static bool is_word(const struct plait_op *op, bool metric)
{
	return metric ? op->metric != NULL : op->word != NULL;
}

static const struct plait_op *find_word(const char *name, bool metric)
{
	const struct plait_op *op = find(ops, OPS, name);

	if (!op) {
		pthread_mutex_lock(&mutex);
		op = find(registered, registered_count, name);
		pthread_mutex_unlock(&mutex);
	}
	return op && is_word(op, metric) ? op : NULL;
}

const struct plait_op *plait__op_find(const char *word)
{
	return find_word(word, false);
}

const struct plait_op *plait__op_find_metric(const char *word)
{
	return find_word(word, true);
}

static int add(const struct plait_op *op)
{
	const struct plait_op *other = find(registered, registered_count, op->name);

	if (other == op)
		return 0;
	if (other)
		return plait__error(PLAIT_EINVAL,
				    "op \"%s\": another one of this name is registered already",
				    op->name);
	if (plait__grow(&registered, &registered_room, registered_count + 1, sizeof *registered,
			"the list of ops") < 0)
		return PLAIT_ENOMEM;
	registered[registered_count++] = op;
	return 0;
}

int plait_op_register(const struct plait_op *op)
{
	char fault[PLAIT__OP_FAULT_SIZE];
	int status;

	if (!op)
		return plait__error(PLAIT_EINVAL, "plait_op_register: the op is NULL");
	if (!plait__op_valid(op, op->metric && !op->word, fault))
		return plait__error(PLAIT_EINVAL, "%s", fault);
	if (!op->word && !op->metric)
		return plait__error(
			PLAIT_EINVAL,
			"op \"%s\": its word is NULL, so that no model can name it, and "
			"its metric is, too",
			op->name);
	if (op->updates || op->joins || op->cuda_joint || op->joint)
		return plait__error(PLAIT_EINVAL,
				    "op \"%s\": updates, joins, cuda_joint and joint are for "
				    "Plait's own ops, and must be 0",
				    op->name);
	if (find(ops, OPS, op->name) || plait__is_preset(op->name) ||
	    strcmp(op->name, PLAIT__RESIDUAL) == 0)
		return plait__error(PLAIT_EINVAL, "op \"%s\": Plait has one of this name",
				    op->name);
	pthread_mutex_lock(&mutex);
	status = add(op);
	pthread_mutex_unlock(&mutex);
	return status;
}

static int list_words(bool metric, const char **names, int max)
{
	int count = 0;

	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < OPS + registered_count; i++) {
		const struct plait_op *op = i < OPS ? ops[i] : registered[i - OPS];

		if (!is_word(op, metric))
			continue;
		if (names && count < max)
			names[count] = op->name;
		count++;
	}
	pthread_mutex_unlock(&mutex);
	return count;
}

int plait_model_words(const char **names, int max)
{
	return list_words(false, names, max);
}

int plait_metric_words(const char **names, int max)
{
	return list_words(true, names, max);
}
