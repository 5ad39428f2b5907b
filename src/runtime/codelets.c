/* SPDX-License-Identifier: MIT
 * Codelets with their performance models, by symbol. */
#include "config.h"
#include "src/runtime/parts.h"
#include "src/runtime/runtime.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL_MAX 64

/* A performance model, alive until StarPU is down. */
struct model {
	struct model *next;
	struct starpu_perfmodel model;
	char symbol[SYMBOL_MAX + 1];
};

/* A codelet, likewise. */
struct entry {
	struct entry *next;
	struct starpu_codelet codelet;
	struct plait__codelet_shape shape; /* with symbol and mode of its own */
	char name[];
};

/* Several runs may be opened at once. */
static starpu_pthread_mutex_t mutex = STARPU_PTHREAD_MUTEX_INITIALIZER; /* for both lists */
static struct entry *entries;
static struct model *models;

static bool is_symbol(const char *symbol)
{
	return strlen(symbol) <= SYMBOL_MAX &&
	       strspn(symbol, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789_.-") == strlen(symbol);
}

static struct model *model_of(const char *symbol)
{
	struct model *model, **end = &models;

	for (; *end; end = &(*end)->next)
		if (strcmp((*end)->symbol, symbol) == 0)
			return *end;
	if (!is_symbol(symbol)) {
		plait__error(PLAIT_EINVAL,
			     "codelet symbol \"%s\": must be at most %d of [A-Za-z0-9_.-]", symbol,
			     SYMBOL_MAX);
		return NULL;
	}
	model = plait__calloc(1, sizeof *model, "a performance model");
	if (!model)
		return NULL;
	strcpy(model->symbol, symbol);
	model->model.type = STARPU_HISTORY_BASED;
	model->model.symbol = model->symbol;
	*end = model;
	return model;
}

static bool same(const struct plait__codelet_shape *a, const struct plait__codelet_shape *b)
{
	return strcmp(a->symbol, b->symbol) == 0 && a->where == b->where && a->cpu == b->cpu &&
	       a->cuda == b->cuda && a->color == b->color && a->main_memory == b->main_memory &&
	       a->handles == b->handles &&
	       memcmp(a->mode, b->mode, (size_t)a->handles * sizeof *a->mode) == 0;
}

static int fill(struct starpu_codelet *codelet, const struct plait__codelet_shape *shape)
{
	size_t bytes = (size_t)shape->handles * sizeof *codelet->modes;
	enum starpu_data_access_mode *modes = codelet->modes;

	codelet->where = shape->where;
	codelet->cpu_funcs[0] = shape->cpu;
#ifdef STARPU_USE_CUDA
	codelet->cuda_funcs[0] = shape->cuda;
	codelet->cuda_flags[0] = STARPU_CUDA_ASYNC;
#endif
	codelet->color = shape->color;
	codelet->nbuffers = shape->handles;
	if (shape->handles > STARPU_NMAXBUFS) {
		modes = codelet->dyn_modes = plait__calloc(1, bytes, "a codelet");
		if (!modes)
			return PLAIT_ENOMEM;
	}
	memcpy(modes, shape->mode, bytes);
	codelet->specific_nodes = shape->main_memory;
	for (int i = 0; i < shape->handles && shape->main_memory; i++) {
		PLAIT__ASSERT(i < STARPU_NMAXBUFS, "few handles are taken in main memory");
		codelet->nodes[i] = STARPU_MAIN_RAM;
	}
	return 0;
}

static struct starpu_codelet *find_or_make(const struct plait__codelet_shape *shape,
					   const char *name)
{
	size_t length = strlen(name) + 1;
	struct entry *entry, **end = &entries;
	struct model *model;

	for (; *end; end = &(*end)->next)
		if (same(&(*end)->shape, shape))
			return &(*end)->codelet;
	model = model_of(shape->symbol);
	entry = model ? plait__calloc(1, sizeof *entry + length, "a codelet") : NULL;
	if (!entry || fill(&entry->codelet, shape) < 0) {
		free(entry);
		return NULL;
	}
	memcpy(entry->name, name, length);
	entry->codelet.name = entry->name;
	entry->codelet.model = &model->model;
	entry->shape = *shape;
	entry->shape.symbol = model->symbol;
	entry->shape.mode =
		entry->codelet.dyn_modes ? entry->codelet.dyn_modes : entry->codelet.modes;
	*end = entry;
	return &entry->codelet;
}

struct starpu_codelet *plait__runtime_codelet(const struct plait__codelet_shape *shape,
					      const char *name)
{
	struct starpu_codelet *codelet;

	PLAIT__ASSERT(starpu_is_initialized(), "a codelet belongs to a StarPU that is up");
	STARPU_PTHREAD_MUTEX_LOCK(&mutex);
	codelet = find_or_make(shape, name);
	STARPU_PTHREAD_MUTEX_UNLOCK(&mutex);
	return codelet;
}

/* Whether an entry is the first one of its model. */
static bool is_first(const struct entry *entry)
{
	const struct entry *first = entries;

	while (first->codelet.model != entry->codelet.model)
		first = first->next;
	return first == entry;
}

void plait__runtime_codelets(void (*visit)(void *user, const char *symbol, const char *name),
			     void *user)
{
	for (const struct entry *entry = entries; entry; entry = entry->next)
		if (entry->codelet.where != STARPU_NOWHERE && is_first(entry))
			visit(user, entry->shape.symbol, entry->name);
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
	while (models) {
		struct model *model = models;

		models = model->next;
		free(model);
	}
}
