/* SPDX-License-Identifier: MIT
 * Whether all files of a command can be read and written, before it does anything. */
#include "config.h"
#include "src/cli/files/files.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"
#include "src/base/replace.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What each use means; see enum cli_use. */
static const struct {
	bool reads, writes;
	bool shares; /* with standard output, if that is the same file */
} uses[CLI_USES] = {
	[CLI_USE_DATA] = { .reads = true },
	[CLI_USE_READ] = { .reads = true },
	[CLI_USE_REPLACE] = { .writes = true },
	[CLI_USE_WRITE] = { .writes = true, .shares = true },
	[CLI_USE_PRINT] = { .writes = true, .shares = true },
	[CLI_USE_LOG] = { .writes = true, .shares = true },
	[CLI_USE_UPDATE] = { .reads = true, .writes = true },
	[CLI_USE_KEEP] = { .writes = true },
	[CLI_USE_TRACE] = { .reads = true },
	[CLI_USE_STREAM] = { .writes = true, .shares = true },
};

/* The files in the folder of a trace: those that StarPU and Plait write there. */
static const char *const trace_files[] = { "*.rec",    "paje.trace",  "dag.dot", "*.data",
					   "run.json", "prof_file_*", NULL };
/* Files of data in a folder.  Images stand in folders of their classes. */
static const char *const image_files[] = { "*.jpg", "*.jpeg", "*.png", NULL };
static const char *const data_files[] = { "*.bin", "*.gz", "*-ubyte", NULL };

static bool matches(const char *name, const char *const *pattern)
{
	char lower[NAME_MAX + 1] = "";

	for (size_t i = 0; name[i] && i < NAME_MAX; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	for (; *pattern; pattern++)
		if (fnmatch(*pattern, lower, 0) == 0)
			return true;
	return false;
}

/* -- two that are one -------------------------------------------------------------------- */

/* Whether a file that is written is, or will be, one of those in a folder of the list. */
static bool lies_in(const struct cli_file *file, const struct cli_file *folder)
{
	bool is_folder = folder->use == CLI_USE_KEEP ||
			 (folder->identity.exists && S_ISDIR(folder->identity.is.st_mode));
	const char *name = file->identity.name;
	int depth = is_folder ? cli_identity_depth(&file->identity, &folder->identity) : 0;

	if (depth == 0)
		return false;
	if (folder->use == CLI_USE_DATA)
		return matches(name, data_files) || (depth > 1 && matches(name, image_files));
	return depth == 1 && matches(name, trace_files);
}

static bool collide(const struct cli_file *a, const struct cli_file *b)
{
	if (!uses[a->use].writes && !uses[b->use].writes)
		return false;
	if (cli_identity_same(&a->identity, &b->identity))
		return !(a->also && strcmp(a->also, b->option) == 0) &&
		       !(b->also && strcmp(b->also, a->option) == 0) &&
		       !((a->use == CLI_USE_STREAM || b->use == CLI_USE_STREAM) &&
			 uses[a->use].shares && uses[b->use].shares);
	return (uses[a->use].writes && lies_in(a, b)) || (uses[b->use].writes && lies_in(b, a));
}

static int complain_of(const char *command, const struct cli_file *a, const struct cli_file *b)
{
	bool one = cli_identity_same(&a->identity, &b->identity);

	/* The first is what is written, for the message. */
	if (!uses[a->use].writes || (!one && !lies_in(a, b)) ||
	    (a->use == CLI_USE_STREAM && uses[b->use].writes)) {
		const struct cli_file *c = a;

		a = b;
		b = c;
	}
	if (!one)
		cli_complain("%s: %s %s is a file of the folder that %s %s: %s", command, a->option,
			     a->path, b->option, uses[b->use].reads ? "reads" : "fills", b->path);
	else if (!uses[b->use].reads)
		cli_complain("%s: %s and %s name one file, %s", command, a->option, b->option,
			     a->path);
	else
		cli_complain("%s: %s %s is the file that %s reads, %s: it would be destroyed",
			     command, a->option, a->path, b->option, b->path);
	return CLI_USAGE;
}

static int check_pairs(const struct cli_files *files, const char *command)
{
	for (size_t i = 0; i < files->count; i++)
		for (size_t j = 0; uses[files->file[i].use].writes && j < files->count; j++) {
			const struct cli_file *a = &files->file[i], *b = &files->file[j];

			if (i != j && collide(a, b))
				return complain_of(command, a, b);
		}
	return CLI_DONE;
}

/* -- each by itself ---------------------------------------------------------------------- */

static int check_readable(const struct cli_file *file, const char *command)
{
	int fd;

	/* What a specification names is opened soon, and a file to go on from may not be there. */
	if (file->use == CLI_USE_DATA || (file->use == CLI_USE_UPDATE && !file->identity.exists))
		return CLI_DONE;
	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		close(fd);
		return CLI_DONE;
	}
	cli_complain("%s: %s %s: %s", command, file->option, file->path, strerror(errno));
	return CLI_FAILED;
}

/* A folder for a trace must not have the files of another one, which would be taken for its. */
static int check_keep(const struct cli_files *files, const struct cli_file *keep,
		      const char *command)
{
	DIR *dir = opendir(keep->path);
	const struct dirent *entry;
	int status = CLI_DONE;

	while (dir && status == CLI_DONE && (entry = readdir(dir))) {
		struct cli_identity found;
		char path[PATH_MAX + NAME_MAX + 2];
		bool is_read = false;

		if (!matches(entry->d_name, trace_files))
			continue;
		snprintf(path, sizeof path, "%s/%s", keep->path, entry->d_name);
		cli_identify(&found, path);
		for (size_t i = 0; i < files->count && !is_read; i++)
			is_read = uses[files->file[i].use].reads &&
				  cli_identity_same(&files->file[i].identity, &found);
		if (is_read)
			continue;
		cli_complain("%s: %s %s: has %s of another trace, which would be mixed with this "
			     "one: name another folder, or remove that file",
			     command, keep->option, keep->path, entry->d_name);
		status = CLI_FAILED;
	}
	if (dir)
		closedir(dir);
	if (status == CLI_DONE && keep->identity.exists && access(keep->path, W_OK | X_OK) < 0) {
		cli_complain("%s: %s %s: %s", command, keep->option, keep->path, strerror(errno));
		status = CLI_FAILED;
	}
	return status;
}

/* Whether a file that is not there yet will lie in a folder that the command makes. */
static bool folder_is_made(const struct cli_files *files, const struct cli_file *file)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->file[i].use == CLI_USE_KEEP &&
		    cli_identity_depth(&file->identity, &files->file[i].identity) == 1)
			return true;
	return false;
}

/* Whether a file can be made, or a new one in the place of one that is there. */
static int check_new(const struct cli_file *file)
{
	struct plait__replace replace;
	int status = plait__replace_begin(&replace, file->path);

	if (status == 0) {
		plait__replace_end(&replace, PLAIT_EIO); /* which removes it */
		return CLI_DONE;
	}
	cli_complain("%s: %s", file->option, plait_error_message());
	return CLI_FAILED;
}

/* Whether a new file takes its place.  One that a standard stream goes to is written to. */
static bool is_replaced(const struct cli_files *files, const struct cli_file *file)
{
	if (file->use != CLI_USE_WRITE && file->use != CLI_USE_PRINT)
		return file->use == CLI_USE_REPLACE || file->use == CLI_USE_UPDATE;
	if (!file->identity.exists || !S_ISREG(file->identity.is.st_mode))
		return false;
	for (size_t i = 0; i < files->count; i++)
		if (files->file[i].use == CLI_USE_STREAM &&
		    cli_identity_same(&files->file[i].identity, &file->identity))
			return false;
	return true;
}

static int check_writable(const struct cli_files *files, const struct cli_file *file,
			  const char *command)
{
	const struct cli_identity *id = &file->identity;
	size_t length = strlen(file->path);

	if (file->use == CLI_USE_KEEP && id->exists)
		return check_keep(files, file, command);
	if (id->exists ? S_ISDIR(id->is.st_mode)
		       : file->path[length - 1] == '/' && file->use != CLI_USE_KEEP) {
		cli_complain("%s %s: is a folder, must be a file", file->option, file->path);
		return CLI_FAILED;
	}
	if (id->error)
		errno = id->error;
	else if (!id->has_folder && !folder_is_made(files, file)) {
		cli_complain("%s %s: there is no folder %s", file->option, file->path, id->folder);
		return CLI_FAILED;
	} else if (!id->has_folder)
		return CLI_DONE;
	else if (is_replaced(files, file) || !id->exists)
		return check_new(file);
	/* Opening a pipe would be noticed by its reader. */
	else if (faccessat(AT_FDCWD, file->path, W_OK, AT_EACCESS) == 0)
		return CLI_DONE;
	cli_complain("%s: %s: cannot be written: %s", file->option, file->path, strerror(errno));
	return CLI_FAILED;
}

static int check_dash(const struct cli_file *file, const char *command)
{
	if (strcmp(file->path, "-") != 0 || file->use == CLI_USE_STREAM)
		return CLI_DONE;
	cli_complain("%s: %s: \"-\" is no file here, as nothing is %s a standard stream; write "
		     "./- for a file of that name",
		     command, file->option, uses[file->use].writes ? "written to" : "read from");
	return CLI_USAGE;
}

/* -- all --------------------------------------------------------------------------------- */

static void add_streams(struct cli_files *files)
{
	cli_files_add_one(files, &(struct cli_file){ .option = "standard output",
						     .path = "/dev/fd/1",
						     .use = CLI_USE_STREAM });
	cli_files_add_one(files, &(struct cli_file){ .option = "standard error",
						     .path = "/dev/fd/2",
						     .use = CLI_USE_STREAM });
}

static int check_each(const struct cli_files *files, const char *command)
{
	int status = CLI_DONE;

	for (size_t i = 0; status == CLI_DONE && i < files->count; i++)
		status = check_dash(&files->file[i], command);
	if (status == CLI_DONE)
		status = check_pairs(files, command);
	for (size_t i = 0; status == CLI_DONE && i < files->count; i++) {
		const struct cli_file *file = &files->file[i];

		if (file->use == CLI_USE_STREAM)
			continue;
		PLAIT__ASSERT(uses[file->use].reads || uses[file->use].writes,
			      "a file is read or written");
		if (uses[file->use].reads)
			status = check_readable(file, command);
		if (status == CLI_DONE && uses[file->use].writes)
			status = check_writable(files, file, command);
	}
	return status;
}

int cli_files_check(struct cli_files *files, const char *command)
{
	int status;

	add_streams(files);
	status = files->failed ? cli_failed(PLAIT_ENOMEM) : check_each(files, command);
	for (size_t i = 0; i < files->parts; i++)
		free(files->part[i]);
	free(files->part);
	free(files->file);
	*files = (struct cli_files){ 0 };
	return status;
}
