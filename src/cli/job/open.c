/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/job/open.h"
#include "src/cli/complain.h"
#include "src/cli/job/start.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int cli_doubt(const char *spec, const char *text, const struct cli_options *options)
{
	if (options->strict)
		cli_complain("%s: %s; --strict makes this an error", spec, text);
	else if (!options->quiet)
		cli_complain("%s: %s", spec, text);
	return options->strict ? CLI_FAILED : CLI_DONE;
}

/* All that was left out, in one line. */
static int say_losses(const struct plait_dataset *dataset, const struct cli_options *options)
{
	enum plait_note kind;
	const char *note;
	size_t size = 1;
	char *line;
	int status = CLI_DONE;

	for (int i = 0; (note = plait_dataset_note(dataset, i, &kind)); i++)
		size += kind == PLAIT_NOTE_LOSS ? strlen(note) + 2 : 0;
	if (size == 1)
		return CLI_DONE;
	line = plait__calloc(size, 1, "a line about data");
	if (!line)
		return cli_failed(PLAIT_ENOMEM);
	for (int i = 0; (note = plait_dataset_note(dataset, i, &kind)); i++)
		if (kind == PLAIT_NOTE_LOSS)
			strcat(strcat(line, *line ? "; " : ""), note);
	status = cli_doubt(plait_dataset_info(dataset)->spec, line, options);
	free(line);
	return status;
}

/* Opens a table for prediction that has no label: without one it has as many features as the
 * network.  Whether it does; nothing is open if not. */
static bool open_unlabelled(struct plait_dataset **dataset_p, const char *spec,
			    const struct cli_options *options)
{
	static const char no_label[] = ",label=none";
	struct plait_dataset *dataset = NULL;
	char *text;

	if (options->features == 0 || strncmp(spec, "csv:", 4) != 0 || strstr(spec, ",label="))
		return false;
	text = plait__calloc(strlen(spec) + sizeof no_label, 1, spec);
	if (text && plait_dataset_open(&dataset, strcat(strcpy(text, spec), no_label)) == 0 &&
	    plait_dataset_info(dataset)->dim[0] != options->features) {
		plait_dataset_destroy(dataset);
		dataset = NULL;
	}
	free(text);
	if (!dataset)
		return false;
	if (!options->quiet)
		cli_complain("%s: has %" PRId64 " features, as %s, and no label", spec,
			     options->features, options->init);
	*dataset_p = dataset;
	return true;
}

int cli_data_open(struct plait_dataset **dataset_p, const char *spec,
		  const struct cli_options *options)
{
	int status =
		open_unlabelled(dataset_p, spec, options) ? 0 : plait_dataset_open(dataset_p, spec);

	if (status == 0 && options->apply_exif)
		status = plait_dataset_apply_exif(*dataset_p);
	return status < 0 ? cli_failed(status) : say_losses(*dataset_p, options);
}

int cli_data_look(const struct cli_options *options)
{
	const char *const specs[] = { options->data, options->val };
	int status = cli_plugins_load(options);

	if (status < 0)
		return cli_failed(status);
	for (int i = 0; i < 2 && status == CLI_DONE; i++) {
		struct plait_dataset *dataset = NULL;

		if (specs[i])
			status = cli_data_open(&dataset, specs[i], options);
		plait_dataset_destroy(dataset);
	}
	return status;
}
