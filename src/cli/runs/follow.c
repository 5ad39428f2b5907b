/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/runs/follow.h"
#include "src/cli/runs/runs.h"
#include "src/cli/complain.h"
#include "src/cli/scores/words.h"

#include <stdlib.h>
#include <string.h>

int cli_follow_begin(struct cli_follow *f, const struct cli_options *options)
{
	*f = (struct cli_follow){ .active = options->plot || options->html || options->tensorboard,
				  .name = options->log ? options->log : "training",
				  .plot = options->plot,
				  .html = options->html,
				  .board.folder = options->tensorboard };
	if (f->plot || f->html)
		f->all = open_memstream(&f->text, &f->size);
	return (f->plot || f->html) && !f->all ? cli_failed(PLAIT_ENOMEM) : CLI_DONE;
}

void cli_follow_add(struct cli_follow *f, const char *line, size_t size)
{
	json_t *object = f->board.folder ? json_loadb(line, size, 0, NULL) : NULL;

	if (object)
		cli_tensorboard_add(&f->board, object);
	json_decref(object);
	if (f->all)
		fwrite(line, 1, size, f->all);
}

int cli_follow_flush(struct cli_follow *f)
{
	return cli_tensorboard_flush(&f->board);
}

bool cli_plot_has_form(const struct cli_options *options, const char *command)
{
	const char *path = options->plot;

	if (!path || cli_ends_in(path, ".svg") || cli_ends_in(path, ".png"))
		return true;
	cli_complain("%s: --plot %s ends in neither .svg nor .png", command, path);
	return false;
}

/* One file that cannot be written costs not the other. */
int cli_runs_write(const struct cli_runs *runs, const char *plot, const char *html)
{
	int drawn = plot ? cli_runs_draw(runs, plot) : CLI_DONE;
	int written = html ? cli_runs_page(runs, html) : CLI_DONE;

	return drawn != CLI_DONE ? drawn : written;
}

static bool has_figures(const char *text)
{
	return strstr(text, "{\"event\":\"step\"") || strstr(text, "{\"event\":\"epoch\"");
}

static int draw(const struct cli_follow *f)
{
	struct cli_runs runs = { 0 };
	FILE *log = fmemopen(f->text, f->size, "r");
	int status = log ? cli_runs_read_from(&runs, log, f->name) : cli_failed(PLAIT_ENOMEM);

	if (status == CLI_DONE)
		status = cli_runs_compare(&runs);
	if (status == CLI_DONE)
		status = cli_runs_write(&runs, f->plot, f->html);
	if (log)
		fclose(log);
	cli_runs_free(&runs);
	return status;
}

int cli_follow_end(struct cli_follow *f)
{
	int written = cli_tensorboard_close(&f->board), status = CLI_DONE;

	if (f->all && fclose(f->all) != 0)
		status = cli_failed(PLAIT_ENOMEM);
	else if (f->all && has_figures(f->text))
		status = draw(f);
	free(f->text);
	*f = (struct cli_follow){ 0 };
	return status == CLI_DONE ? written : status;
}
