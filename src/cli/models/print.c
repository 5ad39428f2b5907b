/* SPDX-License-Identifier: MIT
 * The table of models.  A history keeps mean and deviation, but no single samples.  So a large
 * deviation is the only sign of outliers. */
#include "config.h"
#include "src/cli/models/models.h"
#include "src/cli/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* StarPU's own minimum (STARPU_CALIBRATE_MINIMUM): it does not use a model of less. */
#define ENOUGH 10
/* If one run in a hundred takes ten times as long as the others, the deviation is 0.9 of the mean.
 * On a machine without other work it is under 0.1. */
#define SPREAD (1.0 / 3)

enum flag { FINE, NOTHING, FEW, SPIKES, BROKEN };

static const char *const flag_name[] = { "", "nothing", "few", "spikes", "broken" };

static enum flag flag_of(const struct cli_model_row *row)
{
	if (row->broken)
		return BROKEN;
	if (row->samples == 0)
		return NOTHING;
	if (row->samples < ENOUGH)
		return FEW;
	return row->deviation_us > SPREAD * row->mean_us ? SPIKES : FINE;
}

static void print_row(const struct cli_model_row *row)
{
	const char *name = *row->name ? row->name : row->symbol;

	if (row->samples == 0)
		printf("%-28.28s %-6s %8s %12s %8s  %s\n", name, "-", "-", "-", "-",
		       row->broken ? "broken" : "nothing learned");
	else
		printf("%-28.28s %-6s %8u %12.2f %6.0f %%  %s\n", name, row->worker, row->samples,
		       row->mean_us, 100 * row->deviation_us / row->mean_us,
		       flag_name[flag_of(row)]);
}

/* A codelet has models for full and for short batches.  A model that learned nothing gets a line
 * only where no other of that name learned anything. */
static bool is_empty_twin(const struct cli_models *models, int i)
{
	const struct cli_model_row *row = models->row;

	for (int j = 0; j < models->rows && flag_of(&row[i]) == NOTHING; j++)
		if (j != i && strcmp(row[j].name, row[i].name) == 0 &&
		    (row[j].samples > 0 || j < i))
			return true;
	return false;
}

static void print_folder(const struct cli_models *models)
{
	const char *path = models->paths > 0 ? models->path[0] : NULL;

	if (path)
		printf("Models are in %.*s\n\n", (int)(strrchr(path, '/') - path), path);
	else
		puts("StarPU has learned nothing of this job yet: train it with --sched dmda, or "
		     "with\nSTARPU_CALIBRATE=1 in the environment.\n");
}

void cli_models_print(const struct cli_models *models)
{
	int count[5] = { 0 };

	print_folder(models);
	printf("%-28s %-6s %8s %12s %8s\n", "codelet", "worker", "samples", "mean us", "+-");
	for (int i = 0; i < models->rows; i++) {
		if (is_empty_twin(models, i))
			continue;
		print_row(&models->row[i]);
		count[flag_of(&models->row[i])]++;
	}
	if (count[FEW] + count[SPIKES] + count[BROKEN] > 0)
		puts("");
	if (count[FEW] > 0)
		printf("few:    under %d samples, which StarPU does not use yet\n", ENOUGH);
	if (count[SPIKES] > 0)
		puts("spikes: the deviation is over a third of the mean.  A few runs took much "
		     "longer, as\n        when the machine was busy, and spoil the mean: --reset, "
		     "and learn again");
	if (count[BROKEN] > 0)
		puts("broken: the file is damaged.  The next run sets it aside and learns anew, "
		     "or\n"
		     "        remove it: --reset");
}

int cli_models_write(const struct cli_models *models, const char *path)
{
	json_t *list = json_array(), *files = json_array();

	for (int i = 0; i < models->rows; i++) {
		const struct cli_model_row *row = &models->row[i];
		json_t *object = json_object();

		cli_json_put(&object, "name", cli_json_text(*row->name ? row->name : NULL));
		cli_json_put(&object, "symbol", cli_json_text(row->symbol));
		cli_json_put(&object, "worker", cli_json_text(*row->worker ? row->worker : NULL));
		cli_json_put(&object, "samples", json_integer(row->samples));
		cli_json_put(&object, "mean_us",
			     row->samples > 0 ? cli_json_real(row->mean_us) : json_null());
		cli_json_put(&object, "deviation_us",
			     row->samples > 0 ? cli_json_real(row->deviation_us) : json_null());
		cli_json_put(&object, "flag",
			     cli_json_text(flag_of(row) ? flag_name[flag_of(row)] : NULL));
		cli_json_add(&list, object);
	}
	for (int i = 0; i < models->paths; i++)
		cli_json_add(&files, cli_json_text(models->path[i]));
	return cli_json_write(json_pack("{s:o,s:o}", "models", list, "files", files), path);
}
