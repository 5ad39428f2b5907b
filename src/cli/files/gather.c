/* SPDX-License-Identifier: MIT
 * Which files the options of a command name.  In a specification each text between its commas and
 * colons that leads to a file is one that is read, so that a new format of data has nothing to
 * declare. */
#include "config.h"
#include "src/cli/files/files.h"
#include "src/cli/options/sweep.h"
#include "src/cli/options/table.h"
#include "src/cli/complain.h"
#include "src/base/base.h"
#include "src/base/grow.h"

#include <stdlib.h>
#include <string.h>

void cli_files_add_one(struct cli_files *files, const struct cli_file *file)
{
	if (plait__grow(&files->file, &files->room, files->count + 1, sizeof *files->file,
			"the list of files") < 0) {
		files->failed = true;
		return;
	}
	files->file[files->count] = *file;
	cli_identify(&files->file[files->count++].identity, file->path);
}

/* Keeps a path until the list is freed; NULL, which path may be too: no memory. */
static const char *keep(struct cli_files *files, char *path)
{
	if (!path || plait__grow(&files->part, &files->part_room, files->parts + 1,
				 sizeof *files->part, "the list of files") < 0) {
		files->failed = true;
		free(path);
		return NULL;
	}
	return files->part[files->parts++] = path;
}

/* Adds a path that stands in a specification, if there is such a file or folder. */
static void add_part(struct cli_files *files, const char *option, const char *part, size_t length)
{
	struct stat is;
	const char *path = keep(files, strndup(part, length));

	if (path && *path && (stat(path, &is) == 0 || strcmp(path, "-") == 0))
		cli_files_add_one(
			files,
			&(struct cli_file){ .option = option, .path = path, .use = CLI_USE_DATA });
}

void cli_files_add_spec(struct cli_files *files, const char *option, const char *spec)
{
	const char *colon = strchr(spec, ':'), *rest = colon ? colon + 1 : NULL;
	const char *folder = getenv("PLAIT_DATA");

	/* These two name no path, and PLAIT_DATA may for the second. */
	if (colon && strncmp(spec, "synthetic:", 10) == 0)
		return;
	if (strncmp(spec, "fashion-mnist", 13) == 0) {
		if (folder)
			add_part(files, option, folder, strlen(folder));
		return;
	}
	for (const char *part = rest; part; part = *part ? part + 1 : NULL) {
		size_t length = strcspn(part, ",");

		/* A path with a comma in it. */
		if (part == rest && part[length])
			add_part(files, option, rest, strlen(rest));
		add_part(files, option, part, length);
		/* As in cifar10:DIR:train. */
		for (size_t i = length; i-- > 0;)
			if (part[i] == ':')
				add_part(files, option, part, i);
		part += length;
	}
}

/* Whether a value that is no specification names a file.  That of a model may, behind an "@": then
 * *value_p becomes the path, and *use_p what any file is that is read. */
static bool names_file(enum cli_use *use_p, const char **value_p)
{
	if (*use_p == CLI_USE_MODEL && **value_p == '@') {
		*use_p = CLI_USE_READ;
		++*value_p;
	}
	return *use_p != CLI_USE_WORDS && *use_p != CLI_USE_MODEL;
}

static void add(struct cli_files *files, const char *option, const char *also, enum cli_use use,
		const char *value)
{
	bool may_print = use == CLI_USE_LOG || use == CLI_USE_PRINT;

	if (use == CLI_USE_DATA)
		cli_files_add_spec(files, option, value);
	else if (names_file(&use, &value) && !(may_print && strcmp(value, "-") == 0))
		cli_files_add_one(
			files, &(struct cli_file){
				       .option = option, .path = value, .also = also, .use = use });
}

/* What a field has: one text or several. */
static void add_field(struct cli_files *files, const char *name, const char *also, enum cli_use use,
		      bool several, const void *field)
{
	const struct cli_texts *texts = field;
	const char *value = several ? NULL : *(const char *const *)field;

	for (int i = 0; several && i < texts->count; i++)
		add(files, name, also, use, texts->value[i]);
	if (value && *value)
		add(files, name, also, use, value);
}

static void add_kept(struct cli_files *files, struct cli_file file, char *path)
{
	file.path = keep(files, path);
	if (file.path)
		cli_files_add_one(files, &file);
}

static void add_save(struct cli_files *files, const char *option, const char *path, int member)
{
	if (path)
		add_kept(files,
			 (struct cli_file){
				 .option = option, .also = "--init", .use = CLI_USE_REPLACE },
			 cli_sweep_save(path, member));
}

/* Of a pool each member saves to a file of its own, and may read weights of its own. */
static void add_pool(struct cli_files *files, const struct cli_options *options)
{
	struct cli_sweep sweep;

	if (cli_sweep_open(&sweep, options) != CLI_DONE)
		files->failed = true;
	for (int i = 0; i < sweep.members; i++) {
		add_save(files, "--save", options->save, i);
		add_save(files, "--save-best", options->save_best, i);
	}
	for (int i = 0; i < sweep.axes; i++) {
		const struct cli_option *option = sweep.axis[i].option;

		for (int v = 0; option->use != CLI_USE_NONE && v < sweep.axis[i].count; v++) {
			enum cli_use use = option->use;
			const char *value = sweep.axis[i].value[v];

			if (names_file(&use, &value))
				add_kept(files,
					 (struct cli_file){ .option = option->name, .use = use },
					 plait__strdup(value));
		}
	}
	cli_sweep_close(&sweep);
}

void cli_files_add(struct cli_files *files, enum cli_command command,
		   const struct cli_options *options)
{
	const struct cli_command_text *text = cli_command_find(command);
	bool pools = command == CLI_TRAIN && cli_is_pool(options);

	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];

		if (!(option->commands & command) || option->use == CLI_USE_NONE)
			continue;
		/* A bare argument has its field to itself or shares it with its option. */
		if (text->bare == option->field)
			continue;
		if (pools && (option->field == offsetof(struct cli_options, save) ||
			      option->field == offsetof(struct cli_options, save_best)))
			continue;
		add_field(files, option->name, option->also, option->use,
			  option->set == cli_set_texts, (const char *)options + option->field);
	}
	if (pools)
		add_pool(files, options);
	if (text->bare)
		add_field(files, text->bare_name, NULL, text->bare_use, text->bare_texts,
			  (const char *)options + text->bare);
}
