/* SPDX-License-Identifier: MIT
 * What opening a data set left out, what it doubts and what it chose.  A format counts here
 * whatever it does not take, so that somebody says it: nothing is left out in silence. */
#include "config.h"
#include "src/dataset/notes.h"
#include "src/base/grow.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kinds of things that are counted apart.  A folder may have files of any number of endings. */
#define MOST_KINDS 24
/* Bytes of a note.  A path may be longer, and is cut then. */
#define LONGEST 1024

static struct plait__note *add(struct plait_dataset *dataset)
{
	if (plait__grow(&dataset->note, &dataset->note_room, (size_t)dataset->notes + 1,
			sizeof *dataset->note, "notes about a data set") < 0)
		return NULL;
	dataset->note[dataset->notes] = (struct plait__note){ .kind = PLAIT_NOTE_LOSS };
	return &dataset->note[dataset->notes++];
}

static struct plait__note *find(struct plait_dataset *dataset, const char *many)
{
	for (int i = 0; i < dataset->notes; i++)
		if (dataset->note[i].many && strcmp(dataset->note[i].many, many) == 0)
			return &dataset->note[i];
	return NULL;
}

int plait__dataset_leave_out(struct plait_dataset *dataset, const char *one, const char *many,
			     const char *path)
{
	struct plait__note *note = find(dataset, many);

	if (!note && dataset->notes >= MOST_KINDS) {
		one = "other thing";
		many = "other things";
		note = find(dataset, many);
	}
	if (note) {
		note->count++;
		return 0;
	}
	note = add(dataset);
	if (!note)
		return PLAIT_ENOMEM;
	note->count = 1;
	note->one = plait__strdup(one);
	note->many = plait__strdup(many);
	note->first = plait__strdup(path);
	return note->one && note->many && note->first ? 0 : PLAIT_ENOMEM;
}

int plait__dataset_note(struct plait_dataset *dataset, enum plait_note kind, const char *format,
			...)
{
	struct plait__note *note = add(dataset);
	char text[LONGEST];
	va_list args;

	if (!note)
		return PLAIT_ENOMEM;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	note->kind = kind;
	note->text = plait__strdup(text);
	return note->text ? 0 : PLAIT_ENOMEM;
}

int plait__notes_finish(struct plait_dataset *dataset)
{
	for (int i = 0; i < dataset->notes; i++) {
		struct plait__note *note = &dataset->note[i];
		char text[LONGEST];

		if (note->text)
			continue;
		PLAIT__ASSERT(note->count > 0, "what is counted was met at least once");
		snprintf(text, sizeof text, "left out %" PRId64 " %s, %s%s", note->count,
			 note->count == 1 ? note->one : note->many,
			 note->count == 1 ? "" : "the first ", note->first);
		note->text = plait__strdup(text);
		if (!note->text)
			return PLAIT_ENOMEM;
	}
	return 0;
}

void plait__notes_free(struct plait_dataset *dataset)
{
	for (int i = 0; i < dataset->notes; i++) {
		free(dataset->note[i].one);
		free(dataset->note[i].many);
		free(dataset->note[i].first);
		free(dataset->note[i].text);
	}
	free(dataset->note);
}

const char *plait_dataset_note(const struct plait_dataset *dataset, int i, enum plait_note *kind)
{
	if (!dataset || i < 0 || i >= dataset->notes)
		return NULL;
	if (kind)
		*kind = dataset->note[i].kind;
	return dataset->note[i].text;
}
