/* SPDX-License-Identifier: MIT
 * What the table of options promises of files, for every option of every command: no file that is
 * written is another one that is read or written, by whatever spelling, and none is touched before
 * that is known.  The table is gone through, so that a new option is tried as well. */
#include "config.h"
#include "src/cli/options/parse.h"
#include "src/cli/options/table.h"
#include "src/cli/complain.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_ARGUMENTS 16

/* A file that a command takes: by an option, or without one. */
struct slot {
	const char *name;
	enum cli_use use;
	const char *also;
	bool number; /* stands before it */
};

static char said[4096];

void cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof said, format, args);
	va_end(args);
}

void cli_complain_of(const char *name)
{
	(void)name;
}

void cli_complain_words(const char *const *words)
{
	(void)words;
}

int cli_output_flush(void)
{
	return CLI_DONE;
}

int cli_failed(int status)
{
	cli_complain("%s", plait_error_message());
	return status == PLAIT_EINVAL ? CLI_USAGE : CLI_FAILED;
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		exit(99);
}

static bool holds(const char *path, const char *text)
{
	char found[64] = "";
	FILE *file = fopen(path, "r");

	if (!file)
		return false;
	if (!fgets(found, sizeof found, file))
		*found = '\0';
	fclose(file);
	return strcmp(found, text) == 0;
}

static bool reads(enum cli_use use)
{
	return use == CLI_USE_DATA || use == CLI_USE_READ || use == CLI_USE_TRACE ||
	       use == CLI_USE_UPDATE;
}

static bool writes(enum cli_use use)
{
	return use == CLI_USE_REPLACE || use == CLI_USE_WRITE || use == CLI_USE_PRINT ||
	       use == CLI_USE_LOG || use == CLI_USE_UPDATE || use == CLI_USE_KEEP;
}

/* All that a command takes and that is a file; how many. */
static int slots_of(const struct cli_command_text *text, struct slot *slot)
{
	int count = 0;

	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_option_table[i];

		/* --config is read while options are; config.sh has it. */
		if ((o->commands & text->command) && (reads(o->use) || writes(o->use)) &&
		    strcmp(o->name, "--config") != 0)
			slot[count++] = (struct slot){ o->name, o->use, o->also, o->number != 0 };
	}
	if (text->bare && (reads(text->bare_use) || writes(text->bare_use)))
		slot[count++] = (struct slot){ NULL, text->bare_use, NULL, false };
	return count;
}

struct line {
	int count;
	char *argument[MOST_ARGUMENTS];
	char text[MOST_ARGUMENTS][256];
};

static void append(struct line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(line->text[line->count], sizeof line->text[0], format, args);
	va_end(args);
	line->argument[line->count] = line->text[line->count];
	line->count++;
}

static void append_slot(struct line *line, const struct slot *slot, const char *path)
{
	bool data = slot->use == CLI_USE_DATA && !strchr(path, ':');
	const char *form = data ? "csv:%s,label=0" : "%s";
	char value[200];

	snprintf(value, sizeof value, form, path);
	if (slot->number)
		append(line, "%s=1", slot->name);
	if (slot->name && !slot->number)
		append(line, "%s=%s", slot->name, value);
	else
		append(line, "%s", value);
}

/* Whether one of two is the option, or with NULL the argument without one. */
static bool has(const struct slot *a, const struct slot *b, const char *name)
{
	const struct slot *both[] = { a, b };

	for (int i = 0; i < 2; i++)
		if (both[i] && (name && both[i]->name ? strcmp(both[i]->name, name) == 0
						      : !name && !both[i]->name))
			return true;
	return false;
}

/* Parses a command line with these files, and what else the command needs. */
static int parse(const struct cli_command_text *text, const struct slot *a, const char *path,
		 const struct slot *b, const char *other)
{
	struct line line = { 0 };
	struct cli_options options;

	if (a)
		append_slot(&line, a, path);
	if (b)
		append_slot(&line, b, other);
	if ((text->command & (CLI_LOADING | CLI_PACK)) && !has(a, b, "--data"))
		append(&line, "--data=synthetic:100,10,2");
	if (text->command == CLI_DATA && !has(a, b, NULL) && !has(a, b, "--data"))
		append(&line, "synthetic:100,10,2");
	if (text->command == CLI_TRACE && !has(a, b, NULL))
		append(&line, "some.trace");
	if (text->command == CLI_PACK && !has(a, b, NULL))
		append(&line, "some.packed");
	if ((text->command & (CLI_EVAL | CLI_PREDICT)) && !has(a, b, "--init"))
		append(&line, "--init=some.weights");
	if ((text->command & CLI_COMPUTING) && !has(a, b, "--model"))
		append(&line, "--model=linear:2");
	if (text->command == CLI_MODEL && !has(a, b, NULL))
		append(&line, "linear:2");
	if (text->command == CLI_MODEL)
		append(&line, "--input=3");
	if (text->command == CLI_RUNS && !has(a, b, NULL))
		append(&line, "some.log");
	*said = '\0';
	return cli_options_parse(&options, text->command, line.count, line.argument);
}

/* -- what is refused --------------------------------------------------------------------------- */

static const char *const spelling[] = { "file", "./file", "folder/../file",
					"link", "hard",   "folder/link" };

/* One file that is there, written by one option and named by another. */
static void test_same(const struct cli_command_text *text, const struct slot *w,
		      const struct slot *other)
{
	bool allowed = w->also && other->name && strcmp(w->also, other->name) == 0;

	/* A folder to keep a trace in is no file. */
	if (w->use == CLI_USE_KEEP || other->use == CLI_USE_KEEP)
		return;
	for (size_t i = 0; i < sizeof spelling / sizeof *spelling; i++) {
		int status = parse(text, w, spelling[i], other, "file");

		ok(allowed ? status == -1 : status == CLI_USAGE,
		   "%s: %s %s, and %s names that file: %d, %s", text->name,
		   w->name ? w->name : "the argument", spelling[i],
		   other->name ? other->name : "the argument", status, said);
		ok(holds("file", "content"), "it is whole");
	}
}

/* One file that is not there yet, written by both. */
static void test_new(const struct cli_command_text *text, const struct slot *w,
		     const struct slot *other)
{
	int status;

	if (!writes(other->use))
		return;
	status = parse(text, w, "new", other, "folder/../new");
	is_int(status, CLI_USAGE, "%s: %s and %s name one new file: %s", text->name, w->name,
	       other->name ? other->name : "the argument", said);
	status = parse(text, w, "dangling", other, "new");
	is_int(status, CLI_USAGE, "%s: %s and %s, one by a link that leads nowhere: %s", text->name,
	       w->name, other->name ? other->name : "the argument", said);
	ok(access("new", F_OK) != 0, "there is still none");
}

static void test_places(const struct cli_command_text *text, const struct slot *w)
{
	const char *name = w->name ? w->name : "the argument";
	int status;

	is_int(parse(text, w, "nowhere/new", NULL, NULL), CLI_FAILED, "%s: %s in no folder: %s",
	       text->name, name, said);
	contains(said, "nowhere", "the message names it");
	if (w->use != CLI_USE_KEEP)
		is_int(parse(text, w, "folder", NULL, NULL), CLI_FAILED, "%s: %s is a folder: %s",
		       text->name, name, said);
	is_int(parse(text, w, "-", NULL, NULL),
	       w->use == CLI_USE_LOG || w->use == CLI_USE_PRINT ? -1 : CLI_USAGE, "%s: %s -: %s",
	       text->name, name, said);
	ok(access("-", F_OK) != 0, "there is no file of that name");
	is_int(parse(text, w, "new", NULL, NULL), -1, "%s: %s new: %s", text->name, name, said);
	ok(access("new", F_OK) != 0, "it is not made yet");
	if (w->use == CLI_USE_KEEP)
		return;
	is_int(parse(text, w, "file", NULL, NULL), -1, "%s: %s file: %s", text->name, name, said);
	ok(holds("file", "content"), "it is not written yet");
	status = parse(text, w, "/dev/null", NULL, NULL);
	ok(status == -1 || status == CLI_FAILED, "%s: %s /dev/null", text->name, name);
	if (geteuid() == 0)
		return;
	is_int(parse(text, w, "protected", NULL, NULL), CLI_FAILED,
	       "%s: %s that may not be written: %s", text->name, name, said);
	is_int(parse(text, w, "closed/new", NULL, NULL), CLI_FAILED,
	       "%s: %s in a folder that may not be written: %s", text->name, name, said);
}

static void test_reading(const struct cli_command_text *text, const struct slot *r)
{
	const char *name = r->name ? r->name : "the argument";

	is_int(parse(text, r, "-", NULL, NULL), CLI_USAGE, "%s: %s reads -: %s", text->name, name,
	       said);
	if (r->use == CLI_USE_READ || r->use == CLI_USE_TRACE) {
		is_int(parse(text, r, "nowhere", NULL, NULL), CLI_FAILED, "%s: %s is not there: %s",
		       text->name, name, said);
		contains(said, "nowhere", "the message names it");
	}
}

/* Files in a folder that is read or filled. */
static void test_folders(const struct cli_command_text *text, const struct slot *w,
			 const struct slot *folder)
{
	static const char *const of_data[] = { "images:images", "images/cat/1.jpg",
					       "cifar10:images:train", "images/data_batch_1.bin",
					       NULL };
	int status;

	if (w->use == CLI_USE_KEEP || (folder->use != CLI_USE_DATA &&
				       folder->use != CLI_USE_TRACE && folder->use != CLI_USE_KEEP))
		return;
	if (folder->use == CLI_USE_DATA) {
		for (int i = 0; of_data[i]; i += 2) {
			status = parse(text, w, of_data[i + 1], folder, of_data[i]);
			is_int(status, CLI_USAGE, "%s: %s in the folder of %s: %s", text->name,
			       w->name ? w->name : "the argument", of_data[i], said);
		}
		is_int(parse(text, w, "images/new.st", folder, "images:images"), -1,
		       "%s: %s that is no data, %s", text->name, w->name ? w->name : "the argument",
		       said);
		return;
	}
	is_int(parse(text, w, "trace/tasks.rec", folder, "trace"), CLI_USAGE,
	       "%s: %s is a file of the trace: %s", text->name, w->name, said);
	is_int(parse(text, w, "trace/report", folder, "trace"),
	       folder->use == CLI_USE_KEEP ? CLI_FAILED : -1, "%s: %s beside a trace: %s",
	       text->name, w->name, said);
	if (folder->use == CLI_USE_KEEP)
		is_int(parse(text, w, "kept/report", folder, "kept"), -1,
		       "%s: %s in the folder that will be there: %s", text->name, w->name, said);
}

/* The words of a model name a file behind an @, by an option or without one. */
static void test_words(const struct cli_command_text *text, const struct slot *slot, int count)
{
	const struct slot words = { text->bare_use == CLI_USE_MODEL ? NULL : "--model",
				    CLI_USE_MODEL, NULL, false };

	if (!(text->command & (CLI_COMPUTING | CLI_MODEL)))
		return;
	is_int(parse(text, &words, "@nowhere", NULL, NULL), CLI_FAILED, "%s: words in no file: %s",
	       text->name, said);
	is_int(parse(text, &words, "nowhere", NULL, NULL), -1, "%s: words that are no file",
	       text->name);
	is_int(parse(text, &words, "@file", NULL, NULL), -1, "%s: words in a file: %s", text->name,
	       said);
	is_int(parse(text, &words, "@", NULL, NULL), CLI_USAGE,
	       "%s: words in a file of no name: %s", text->name, said);
	for (int i = 0; i < count; i++) {
		if (!writes(slot[i].use) || slot[i].use == CLI_USE_KEEP)
			continue;
		is_int(parse(text, &slot[i], "file", &words, "@folder/../file"), CLI_USAGE,
		       "%s: %s file, and words in it: %s", text->name, slot[i].name, said);
		ok(holds("file", "content"), "it is whole");
	}
}

/* So do those of the members of a pool. */
static void test_swept_words(void)
{
	char *line[] = { "--data=synthetic:100,10,2", "--sweep=model=linear:2|@file", "--log=file",
			 "--epochs=1" };
	struct cli_options options;

	is_int(cli_options_parse(&options, CLI_TRAIN, 4, line), CLI_USAGE,
	       "a member's words are read from a file that is written: %s", said);
	contains(said, "--model", "the message says who reads it");
	ok(holds("file", "content"), "it is whole");
	line[2] = "--log=new";
	is_int(cli_options_parse(&options, CLI_TRAIN, 4, line), -1, "from another it is none: %s",
	       said);
}

static void test_command(const struct cli_command_text *text)
{
	struct slot slot[64];
	int count = slots_of(text, slot);

	test_words(text, slot, count);
	for (int i = 0; i < count; i++) {
		if (writes(slot[i].use))
			test_places(text, &slot[i]);
		if (reads(slot[i].use))
			test_reading(text, &slot[i]);
		for (int j = 0; writes(slot[i].use) && j < count; j++)
			if (i != j) {
				test_same(text, &slot[i], &slot[j]);
				test_new(text, &slot[i], &slot[j]);
				test_folders(text, &slot[i], &slot[j]);
			}
	}
}

/* -- what a row must say -------------------------------------------------------------------- */

/* The words for a value that is a path. */
static bool is_path_word(const char *argument)
{
	static const char *const word[] = { "FILE", "N FILE", "[FILE]", "DIR",
					    "SPEC", "FOLDER", "OUT",    "PATH" };

	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (argument && strcmp(argument, word[i]) == 0)
			return true;
	return false;
}

static void test_table(void)
{
	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_option_table[i];

		ok((o->set == cli_set_text || o->set == cli_set_texts) == (o->use != CLI_USE_NONE),
		   "%s: a text, and only a text, says whether it is a file", o->name);
		ok(is_path_word(o->argument) == (reads(o->use) || writes(o->use)),
		   "%s %s: a file, and only a file, has a file's word", o->name,
		   o->argument ? o->argument : "");
	}
	for (int i = 0; i < cli_command_count; i++) {
		const struct cli_command_text *text = &cli_command_table[i];

		ok(!text->bare == (text->bare_use == CLI_USE_NONE) &&
			   !text->bare == !text->bare_name,
		   "%s: an argument without an option says what it is", text->name);
	}
}

static void make_files(void)
{
	char path[] = "plait-uses-XXXXXX";

	if (!mkdtemp(path) || chdir(path) != 0 || mkdir("folder", 0777) != 0)
		exit(99);
	put("file", "content");
	put("some.log", "");
	put("some.weights", "weights");
	put("some.trace", "trace");
	put("protected", "content");
	if (symlink("file", "link") != 0 || link("file", "hard") != 0 ||
	    symlink("../file", "folder/link") != 0 || symlink("new", "dangling") != 0 ||
	    chmod("protected", 0444) != 0 || mkdir("closed", 0555) != 0)
		exit(99);
	if (mkdir("images", 0777) != 0 || mkdir("images/cat", 0777) != 0 ||
	    mkdir("trace", 0777) != 0)
		exit(99);
	put("images/cat/1.jpg", "image");
	put("images/data_batch_1.bin", "images");
	put("trace/tasks.rec", "trace");
}

static void remove_files(void)
{
	static const char *const made[] = { "file",
					    "some.weights",
					    "some.log",
					    "some.trace",
					    "protected",
					    "link",
					    "hard",
					    "folder/link",
					    "dangling",
					    "images/cat/1.jpg",
					    "images/data_batch_1.bin",
					    "trace/tasks.rec" };
	char folder[4096];

	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		unlink(made[i]);
	ok(rmdir("folder") == 0 && rmdir("closed") == 0 && rmdir("images/cat") == 0 &&
		   rmdir("images") == 0 && rmdir("trace") == 0,
	   "nothing was made in the folders");
	if (!getcwd(folder, sizeof folder) || chdir("..") != 0)
		exit(99);
	ok(rmdir(folder) == 0, "nothing else was made");
}

int main(void)
{
	make_files();
	test_table();
	for (int i = 0; i < cli_command_count; i++)
		test_command(&cli_command_table[i]);
	test_swept_words();
	remove_files();
	return tap_done();
}
