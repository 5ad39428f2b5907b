/* SPDX-License-Identifier: MIT
 * The data of the page: src/cli/page/runs.js shows them. */
#include "config.h"
#include "src/cli/runs/runs.h"
#include "src/cli/complain.h"
#include "src/cli/json.h"
#include "src/cli/page/page.h"

#include <math.h>
#include <plait/base.h>

#define MOST_PANELS 64
/* More points than this are no longer told apart, and a page of a long run would be large. */
#define MOST_POINTS 4000

/* Of many points, every n-th. */
static json_t *series_json(const struct cli_series *s)
{
	json_t *series = json_object(), *points = json_array();
	int stride = 1 + s->count / MOST_POINTS;

	for (int i = 0; i < s->count; i += stride) {
		int at = i + stride < s->count ? i : s->count - 1;
		json_t *point = json_array();

		cli_json_add(&point, cli_json_real(s->point[at][0]));
		cli_json_add(&point, cli_json_real(s->point[at][1]));
		cli_json_add(&points, point);
	}
	cli_json_put(&series, "key", cli_json_text(s->key));
	cli_json_put(&series, "steps", json_boolean(s->steps));
	cli_json_put(&series, "best", json_integer(s->steps ? 0 : cli_series_best(s)));
	cli_json_put(&series, "points", points);
	return series;
}

/* A copy; null where a log lacks it. */
static json_t *copy_of(const json_t *line, const char *key)
{
	json_t *value = json_object_get(line, key);

	return value ? json_deep_copy(value) : json_null();
}

static json_t *run_json(const struct cli_run *run)
{
	json_t *object = json_object(), *series = json_array();

	for (int i = 0; i < run->series_count; i++)
		cli_json_add(&series, series_json(&run->series[i]));
	cli_json_put(&object, "name", cli_json_text(run->name));
	cli_json_put(&object, "differs", cli_json_text(run->differs));
	cli_json_put(&object, "epochs", json_integer(run->epochs));
	cli_json_put(&object, "seconds", cli_json_real(run->seconds));
	cli_json_put(&object, "samples_per_second", copy_of(run->last, "samples_per_second"));
	cli_json_put(&object, "options", copy_of(run->config, "options"));
	cli_json_put(&object, "series", series);
	return object;
}

int cli_runs_page(const struct cli_runs *runs, const char *path)
{
	const char *key[MOST_PANELS];
	int panels = cli_runs_panels(runs, key, MOST_PANELS), status;
	json_t *data = json_object(), *list = json_array(), *keys = json_array();

	for (int i = 0; i < runs->count; i++)
		cli_json_add(&list, run_json(&runs->run[i]));
	for (int i = 0; i < panels; i++)
		cli_json_add(&keys, cli_json_text(key[i]));
	cli_json_put(&data, "plait", cli_json_text(plait_version()));
	cli_json_put(&data, "panels", keys);
	cli_json_put(&data, "runs", list);
	if (!data)
		return cli_failed(PLAIT_ENOMEM);
	status = cli_page_write(path, "runs", data) < 0 ? CLI_FAILED : CLI_DONE;
	json_decref(data);
	return status;
}
