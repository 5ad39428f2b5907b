/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/job/words.h"
#include "src/cli/complain.h"
#include "codelets/model.h"
#include "src/base/base.h"
#include "src/base/file.h"

#include <stdlib.h>
#include <string.h>

/* The text of a file, or of more than a model may have its beginning; NULL with the message kept
 * and *status_p set. */
static char *read_file(const char *path, int *status_p)
{
	char *text = plait__calloc(PLAIT__MODEL_MOST + 2, 1, path);
	struct plait__file *file = NULL;
	size_t length = 0;
	int status = text ? plait__file_open(&file, path, false) : PLAIT_ENOMEM;

	if (status == 0)
		status = plait__file_read(file, text, PLAIT__MODEL_MOST + 1, &length);
	plait__file_close(file);
	if (status == 0 && strlen(text) < length)
		status = plait__error(PLAIT_EFORMAT, "%s: offset %zu: expected text, found a zero",
				      path, strlen(text));
	if (status == 0)
		return text;
	free(text);
	*status_p = status;
	return NULL;
}

int cli_words_build(struct plait_node **x_p, const char *model, int64_t outputs, char **text_p)
{
	const char *path = *model == '@' ? model + 1 : NULL;
	const struct plait_graph *graph = plait_node_graph(*x_p);
	int status = 0;
	char *words = path ? read_file(path, &status) : plait__strdup(model);
	struct plait_node *y = NULL;

	if (!words)
		return cli_failed(path ? status : PLAIT_ENOMEM);
	y = plait__model(*x_p, words, outputs);
	if (!y) {
		status = plait_graph_status(graph);
		if (path)
			plait__error(status, "%s: %s", path, plait_error_message());
	} else {
		*x_p = y;
		*text_p = plait__model_text(words, outputs);
		status = *text_p ? 0 : PLAIT_ENOMEM;
	}
	free(words);
	if (status == 0)
		return CLI_DONE;
	cli_failed(status);
	/* Words that do not fit each other, or the input, are wrong words. */
	return status == PLAIT_EINVAL || status == PLAIT_ESHAPE ? CLI_USAGE : CLI_FAILED;
}

bool cli_words_same(const char *words, const char *text)
{
	char *theirs = plait__model_text(words, 0);
	bool same = theirs && strcmp(theirs, text) == 0;

	free(theirs);
	return same;
}

bool cli_words_end_in(const struct plait_node *output, const char *op)
{
	return plait__model_ends_in(output, op);
}
