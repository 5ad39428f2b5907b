/* SPDX-License-Identifier: MIT
 * Reading models through StarPU's public interface: histories, an entry for each footprint of a
 * task's data, for each kind of worker. */
#include "config.h"
#include "src/cli/models.h"
#include "src/base.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>

static struct cli_model_row *new_row(struct cli_models *models, const char *symbol,
				     const char *name)
{
	struct cli_model_row *row;

	if (models->rows == models->room) {
		int room = models->room ? 2 * models->room : 64;

		row = realloc(models->row, (size_t)room * sizeof *row);
		if (!row)
			return NULL;
		models->row = row;
		models->room = room;
	}
	row = &models->row[models->rows++];
	memset(row, 0, sizeof *row);
	snprintf(row->symbol, sizeof row->symbol, "%s", symbol);
	snprintf(row->name, sizeof row->name, "%s", name);
	return row;
}

static int add_path(struct cli_models *models, const char *path)
{
	char **larger = realloc(models->path, (size_t)(models->paths + 1) * sizeof *larger);

	if (!larger)
		return -1;
	models->path = larger;
	larger[models->paths] = plait__strdup(path);
	return larger[models->paths++] ? 0 : -1;
}

/* The entries of one kind of worker. */
static int add_entries(struct cli_models *models, const char *symbol, const char *name, int comb,
		       const struct starpu_perfmodel_history_list *list)
{
	for (; list; list = list->next) {
		struct cli_model_row *row = new_row(models, symbol, name);

		if (!row)
			return -1;
		starpu_perfmodel_get_arch_name(starpu_perfmodel_arch_comb_fetch(comb), row->worker,
					       sizeof row->worker, 0);
		/* "cpu0_impl0 (Comb0)": what comes after the first blank or _ is no kind. */
		row->worker[strcspn(row->worker, "_ ")] = '\0';
		row->samples = list->entry->nsample;
		row->mean_us = list->entry->mean;
		row->deviation_us = list->entry->deviation;
	}
	return 0;
}

int cli_models_add(struct cli_models *models, const char *symbol, const char *name)
{
	struct starpu_perfmodel model = { .type = STARPU_HISTORY_BASED };
	char path[4096];
	int before = models->rows, status = 0;

	starpu_perfmodel_get_model_path(symbol, path, sizeof path);
	if (*path && starpu_perfmodel_load_symbol(symbol, &model) == 0) {
		status = add_path(models, path);
		for (int comb = 0; comb < starpu_perfmodel_get_narch_combs() && status == 0;
		     comb++) {
			const struct starpu_perfmodel_per_arch *arch =
				starpu_perfmodel_get_model_per_arch(
					&model, starpu_perfmodel_arch_comb_fetch(comb), 0);

			if (arch)
				status = add_entries(models, symbol, name, comb, arch->list);
		}
		starpu_perfmodel_unload_model(&model);
	}
	if (status == 0 && models->rows == before && !new_row(models, symbol, name))
		status = -1;
	return status == 0 ? 0 : plait__error(PLAIT_ENOMEM, "no memory for a table of models");
}

static bool is_there(const struct cli_models *models, const char *symbol)
{
	for (int i = 0; i < models->rows; i++)
		if (strcmp(models->row[i].symbol, symbol) == 0)
			return true;
	return false;
}

/* A phase or what a load does, and sixteen digits of a hash: StarPU's folder has models of other
 * programs too, and it lists those that it was installed with. */
static bool is_ours(const char *symbol)
{
	static const char digits[] = "0123456789abcdef";
	const char *hash = strrchr(symbol, '_');

	if (hash && strcmp(hash, "_phases") == 0)
		while (hash > symbol && *--hash != '_')
			;
	return hash && strspn(hash + 1, digits) == 16 && strchr("_", hash[17]);
}

/* StarPU prints "file: <symbol.host>", a line each; symbols of Plait's have no dot.  Its
 * own folder comes before those it was installed with. */
int cli_models_add_all(struct cli_models *models)
{
	char *text = NULL, *line;
	size_t size;
	FILE *list = open_memstream(&text, &size);
	int status = 0;

	if (!list)
		return plait__error(PLAIT_ENOMEM, "no memory for a list of models");
	starpu_perfmodel_list(list);
	fclose(list);
	for (line = strtok(text, "\n"); line && status == 0; line = strtok(NULL, "\n")) {
		char symbol[80];

		if (sscanf(line, "file: <%79[^.>]", symbol) == 1 && is_ours(symbol) &&
		    !is_there(models, symbol))
			status = cli_models_add(models, symbol, "");
	}
	free(text);
	return status;
}

void cli_models_free(struct cli_models *models)
{
	for (int i = 0; i < models->paths; i++)
		free(models->path[i]);
	free(models->path);
	free(models->row);
}
