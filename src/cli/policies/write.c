/* SPDX-License-Identifier: MIT
 * A sweep in files: every run as CSV, all figures as JSON, and a page with charts. */
#include "config.h"
#include "src/cli/options/grain.h"
#include "src/cli/policies/sweep.h"
#include "src/cli/complain.h"
#include "src/cli/page/page.h"
#include "src/cli/json.h"
#include "src/cli/output.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* -- CSV --------------------------------------------------------------------------------------- */

/* Returns 0 if all cores were asked for and no run was measured, so that their number is not known.
 */
static int64_t count_workers(const struct cli_configuration *c)
{
	return c->ncpu > 0 ? c->ncpu : c->cpu_workers;
}

static void put_run(FILE *file, const struct cli_configuration *c, int repeat)
{
	const struct cli_run *run = &c->run[repeat];
	const char *status = !run->begun && c->end == CLI_CHILD_DONE
				     ? "skipped"
				     : cli_child_end_name(run->begun ? run->end : c->end);
	char text[24];

	fprintf(file, "%s,", c->policy);
	if (count_workers(c) > 0)
		fprintf(file, "%" PRId64, count_workers(c));
	fprintf(file, ",%s,", cli_grain_text(c->grain, text));
	if (c->prefetch > 0)
		fprintf(file, "%" PRId64, c->prefetch);
	else
		fputs("auto", file);
	fprintf(file, ",%" PRId64 ",%d,", c->batch_size, repeat + 1);
	if (run->begun && run->end == CLI_CHILD_DONE)
		fprintf(file, "%.3f,%.1f,%s\n", run->measure.step_us,
			run->measure.samples_per_second, status);
	else
		fprintf(file, ",,%s\n", status);
}

static int write_csv(const struct cli_sweep *sweep, const char *path)
{
	struct cli_output output;
	FILE *file;

	if (cli_output_begin(&output, path) != CLI_DONE)
		return CLI_FAILED;
	file = output.file;
	fputs("policy,ncpu,granularity,prefetch,batch_size,repeat,step_us,samples_per_second,"
	      "status\n",
	      file);
	for (int i = 0; i < sweep->count; i++)
		for (int r = 0; r < sweep->repeats; r++)
			put_run(file, &sweep->configuration[i], r);
	return cli_output_end(&output, CLI_DONE);
}

/* -- JSON -------------------------------------------------------------------------------------- */

static json_t *runs_json(const struct cli_sweep *sweep, const struct cli_configuration *c)
{
	json_t *list = json_array();

	for (int r = 0; r < sweep->repeats; r++) {
		const struct cli_run *run = &c->run[r];

		if (!run->begun)
			continue;
		json_array_append_new(list, json_pack("{s:i,s:o,s:s}", "repeat", r + 1, "step_us",
						      run->end == CLI_CHILD_DONE
							      ? cli_json_real(run->measure.step_us)
							      : json_null(),
						      "status", cli_child_end_name(run->end)));
	}
	return list;
}

static json_t *idle_json(const struct cli_configuration *c)
{
	json_t *list = json_array();

	for (int w = 0; w < c->workers; w++)
		json_array_append_new(list, cli_json_real(c->idle_percent[w]));
	return list;
}

static void put_figures(json_t *object, const struct cli_configuration *c, bool done)
{
	static const struct {
		const char *key;
		size_t offset;
	} figure[] = {
#define FIGURE(name) { #name, offsetof(struct cli_configuration, name) }
		FIGURE(step_us),
		FIGURE(low_us),
		FIGURE(high_us),
		FIGURE(samples_per_second),
		FIGURE(ratio),
		FIGURE(load_wait_percent),
		FIGURE(tasks_per_second),
#undef FIGURE
	};

	for (size_t i = 0; i < sizeof figure / sizeof *figure; i++)
		json_object_set_new(
			object, figure[i].key,
			done ? cli_json_real(*(const double *)((const char *)c + figure[i].offset))
			     : json_null());
}

static json_t *configuration_json(const struct cli_sweep *sweep, const struct cli_configuration *c)
{
	bool done = c->end == CLI_CHILD_DONE && !c->skipped;
	int64_t workers = count_workers(c);
	char text[24];
	json_t *object = json_pack(
		"{s:s,s:o,s:s,s:o,s:I,s:s,s:s?,s:i}", "policy", c->policy, "ncpu",
		workers > 0 ? json_integer(workers) : json_null(), "granularity",
		cli_grain_text(c->grain, text), "prefetch",
		c->prefetch > 0 ? json_integer(c->prefetch) : json_string("auto"), "batch_size",
		(json_int_t)c->batch_size, "status", cli_configuration_status(c), "reason",
		*c->why ? c->why : NULL, "measured_again", c->again);

	put_figures(object, c, done);
	json_object_set_new(object, "idle_percent", idle_json(c));
	json_object_set_new(object, "runs", runs_json(sweep, c));
	return object;
}

static json_t *machine_json(void)
{
	struct plait_topology t;

	if (plait_topology_get(&t) < 0)
		return json_null();
	return json_sprintf("%s, %d cores", *t.cpu_model ? t.cpu_model : "CPU", t.usable_cores);
}

static json_t *to_json(const struct cli_sweep *sweep)
{
	json_t *group = json_array(), *list = json_array(), *all;
	json_t *command = cli_json_command(sweep->argc, sweep->argv);
	const struct cli_options *o = sweep->options;

	for (int i = 0; i < sweep->count; i++) {
		const struct cli_configuration *c = &sweep->configuration[i];

		if (c->best)
			json_array_append_new(group, json_integer(i));
		json_array_append_new(list, configuration_json(sweep, c));
	}
	all = json_pack("{s:s,s:o,s:o,s:i,s:I,s:I,s:o,s:o,s:o,s:o}", "plait", plait_version(),
			"command", json_sprintf("policies %s", json_string_value(command)),
			"machine", machine_json(), "repeats", sweep->turns, "steps",
			(json_int_t)o->steps, "warmup", (json_int_t)sweep->warmup, "noise_percent",
			cli_json_real(100 * sweep->noise), "distinguishable_ratio",
			cli_json_real(sweep->distinguishable), "group", group, "configurations",
			list);
	json_decref(command);
	return all;
}

/* Whether a file is to be written.  One that has older figures stays where there are no new ones.
 */
static bool wants(const struct cli_sweep *sweep, const char *path)
{
	struct stat is;

	if (!path || sweep->done > 0 || stat(path, &is) != 0 || !S_ISREG(is.st_mode) ||
	    is.st_size == 0)
		return path != NULL;
	cli_complain("%s: stays as it was, as nothing was measured", path);
	return false;
}

/* One file that cannot be written costs none of the others: what they hold took long to measure. */
int cli_policies_write(const struct cli_sweep *sweep)
{
	const struct cli_options *o = sweep->options;
	int csv = wants(sweep, o->csv) ? write_csv(sweep, o->csv) : CLI_DONE;
	int json = CLI_DONE, html = CLI_DONE;

	if (wants(sweep, o->json_file))
		json = cli_json_write(to_json(sweep), o->json_file);
	if (wants(sweep, o->html)) {
		json_t *data = to_json(sweep);

		html = cli_page_write(o->html, "policies", data) < 0 ? CLI_FAILED : CLI_DONE;
		json_decref(data);
	}
	return csv != CLI_DONE ? csv : json != CLI_DONE ? json : html;
}
