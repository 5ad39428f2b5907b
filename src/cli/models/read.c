/* SPDX-License-Identifier: MIT
 * Reading models through StarPU's public interface: histories, an entry for each footprint of a
 * task's data, for each kind of worker. */
#include "config.h"
#include "src/cli/models/models.h"
#include "src/cli/complain.h"
#include "src/cli/measure/child.h"
#include "src/base/base.h"
#include "src/base/grow.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct cli_model_row *new_row(struct cli_models *models, const char *symbol,
				     const char *name)
{
	struct cli_model_row *row;

	if (plait__grow(&models->row, &models->row_room, (size_t)models->rows + 1, sizeof *row,
			"rows of models") < 0)
		return NULL;
	row = &models->row[models->rows++];
	memset(row, 0, sizeof *row);
	snprintf(row->symbol, sizeof row->symbol, "%s", symbol);
	snprintf(row->name, sizeof row->name, "%s", name);
	return row;
}

static int add_path(struct cli_models *models, const char *path)
{
	char *copy = plait__strdup(path);

	if (!copy || plait__grow(&models->path, &models->path_room, (size_t)models->paths + 1,
				 sizeof *models->path, "paths of models") < 0) {
		free(copy);
		return -1;
	}
	models->path[models->paths++] = copy;
	return 0;
}

/* -- one model, in a child: StarPU ends the process that reads a damaged file ---------------- */

#define MOST_ENTRIES 256

struct entries {
	int count;
	struct cli_model_row row[MOST_ENTRIES];
};

/* Reads the entries of one kind of worker. */
static void read_entries(struct entries *entries, int comb,
			 const struct starpu_perfmodel_history_list *list)
{
	for (; list && entries->count < MOST_ENTRIES; list = list->next) {
		struct cli_model_row *row = &entries->row[entries->count++];

		starpu_perfmodel_get_arch_name(starpu_perfmodel_arch_comb_fetch(comb), row->worker,
					       sizeof row->worker, 0);
		/* "cpu0_impl0 (Comb0)": what comes after the first blank or _ is no kind. */
		row->worker[strcspn(row->worker, "_ ")] = '\0';
		row->samples = list->entry->nsample;
		row->mean_us = list->entry->mean;
		row->deviation_us = list->entry->deviation;
	}
}

static int read_model(void *user, void *result)
{
	struct starpu_perfmodel model = { .type = STARPU_HISTORY_BASED };
	int combs;

	if (starpu_perfmodel_load_symbol(user, &model) != 0)
		return CLI_FAILED;
	combs = starpu_perfmodel_get_narch_combs();
	for (int comb = 0; comb < combs; comb++) {
		const struct starpu_perfmodel_per_arch *arch = starpu_perfmodel_get_model_per_arch(
			&model, starpu_perfmodel_arch_comb_fetch(comb), 0);

		if (arch)
			read_entries(result, comb, arch->list);
	}
	return CLI_DONE;
}

/* -- all models ------------------------------------------------------------------------------ */

/* Adds the rows of a model whose file exists. */
static int add_rows(struct cli_models *models, const char *symbol, const char *name)
{
	struct entries *entries = calloc(1, sizeof *entries);
	struct cli_child child = { .work = read_model,
				   .user = (void *)symbol,
				   .result_size = sizeof *entries,
				   .output = models->output };
	bool broken;
	int status = 0;

	if (!entries)
		return -1;
	broken = cli_child_run(&child, entries).end != CLI_CHILD_DONE;
	PLAIT__ASSERT(entries->count >= 0 && entries->count <= MOST_ENTRIES,
		      "the child has filled in no more entries than there are");
	for (int i = 0; i < entries->count || (i == 0 && broken); i++) {
		struct cli_model_row *row = new_row(models, symbol, name);

		if (!row) {
			status = -1;
			break;
		}
		row->broken = broken;
		memcpy(row->worker, entries->row[i].worker, sizeof row->worker);
		row->samples = entries->row[i].samples;
		row->mean_us = entries->row[i].mean_us;
		row->deviation_us = entries->row[i].deviation_us;
	}
	free(entries);
	return status;
}

int cli_models_add(struct cli_models *models, const char *symbol, const char *name)
{
	char path[4096] = "";
	int before = models->rows, status = 0;

	starpu_perfmodel_get_model_path(symbol, path, sizeof path);
	if (access(path, F_OK) == 0)
		status = add_path(models, path) == 0 ? add_rows(models, symbol, name) : -1;
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

/* Plait's symbols end in the sixteen digits of a hash.  StarPU's folder has models of other
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
	if (models->output >= 0)
		close(models->output);
}
