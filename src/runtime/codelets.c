/* SPDX-License-Identifier: MIT
 * Codelets with their performance models, by symbol. */
#include "config.h"
#include "src/runtime/parts.h"
#include "src/runtime/runtime.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL_MAX 64

/* A codelet and its model, alive until StarPU is down. */
struct entry {
	struct entry *next;
	struct starpu_codelet codelet;
	struct starpu_perfmodel model;
	char symbol[SYMBOL_MAX + 1];
	char name[];
};

static struct entry *entries;

struct starpu_codelet *plait__runtime_codelet(const char *symbol, const char *name, bool *is_new)
{
	size_t length = strlen(name) + 1;
	struct entry *entry, **end = &entries;

	PLAIT__ASSERT(starpu_is_initialized(), "a codelet belongs to a StarPU that is up");
	*is_new = false;
	for (; *end; end = &(*end)->next)
		if (strcmp((*end)->symbol, symbol) == 0)
			return &(*end)->codelet;
	if (strlen(symbol) > SYMBOL_MAX ||
	    strspn(symbol, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789_.-") != strlen(symbol)) {
		plait__error(PLAIT_EINVAL,
			     "codelet symbol \"%s\": must be at most %d of [A-Za-z0-9_.-]", symbol,
			     SYMBOL_MAX);
		return NULL;
	}
	entry = plait__calloc(1, sizeof *entry + length, "a codelet");
	if (!entry)
		return NULL;
	strcpy(entry->symbol, symbol);
	memcpy(entry->name, name, length);
	entry->model.type = STARPU_HISTORY_BASED;
	entry->model.symbol = entry->symbol;
	entry->codelet.model = &entry->model;
	entry->codelet.name = entry->name;
	*end = entry;
	*is_new = true;
	return &entry->codelet;
}

void plait__runtime_codelets(void (*visit)(void *user, const char *symbol, const char *name),
			     void *user)
{
	for (const struct entry *entry = entries; entry; entry = entry->next)
		if (entry->codelet.where != STARPU_NOWHERE)
			visit(user, entry->symbol, entry->name);
}

void plait__runtime_free_codelets(void)
{
	PLAIT__ASSERT(!starpu_is_initialized(), "StarPU, which reads codelets, is down");
	while (entries) {
		struct entry *entry = entries;

		entries = entry->next;
		free(entry->codelet.dyn_modes); /* of those with more handles than fit */
		free(entry);
	}
}
