/* SPDX-License-Identifier: MIT
 * Making a transform from words. */
#include "config.h"
#include "src/base/suggest.h"
#include "src/transform/fuse.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int unknown(const char *name)
{
	const char *names[PLAIT__WORDS + 1] = { NULL };
	char suggestion[PLAIT__SUGGEST_SIZE], list[256];

	for (int i = 0; plait__words[i]; i++)
		names[i] = plait__words[i]->name;
	return plait__error(PLAIT_EINVAL, "transform: unknown word \"%.60s\"%s; the words are %s",
			    name, plait__suggest(suggestion, PLAIT__SUGGEST_QUOTED, name, names),
			    plait__join(list, sizeof list, names, ", "));
}

/* word is "name" or "name:arguments"; it is cut in two. */
static int add(struct plait_transform *transform, char *word)
{
	struct plait__action action = { .word = NULL };
	char *colon = strchr(word, ':');
	int status;

	snprintf(action.text, sizeof action.text, "%s", word);
	if (colon)
		*colon = '\0';
	action.word = plait__word_find(word);
	if (!action.word)
		return unknown(word);
	if (colon && !colon[1])
		return plait__error(PLAIT_EINVAL,
				    "transform: %s: nothing after the colon; write %s", action.text,
				    action.word->usage);
	if (transform->normalize.channels)
		return plait__error(PLAIT_EINVAL,
				    "transform: %s after normalize, which must be last",
				    action.text);
	if (transform->actions == PLAIT__MAX_ACTIONS)
		return plait__error(PLAIT_EINVAL, "transform: %s is one word too many: at most %d",
				    action.text, PLAIT__MAX_ACTIONS);
	status = action.word->parse(transform, &action, colon ? colon + 1 : "");
	if (status == 0 && action.word->fuse)
		transform->action[transform->actions++] = action;
	return status;
}

static int add_all(struct plait_transform *transform, char *words)
{
	static const char blanks[] = " \t\r\n";
	char *rest = NULL;
	int status = 0;

	for (char *word = strtok_r(words, blanks, &rest); status == 0 && word;
	     word = strtok_r(NULL, blanks, &rest))
		status = add(transform, word);
	return status;
}

int plait_transform_parse(struct plait_transform **transform_p, const char *words)
{
	struct plait_transform *transform;
	locale_t c, old; /* numbers have a decimal point, whatever the program's locale */
	char *copy;
	int status;

	if (!transform_p || !words)
		return plait__error(PLAIT_EINVAL, "transform: %s",
				    words ? "transform_p is NULL" : "the words are NULL");
	transform = plait__calloc(1, sizeof *transform, "a transform");
	copy = transform ? plait__strdup(words) : NULL;
	c = copy ? newlocale(LC_NUMERIC_MASK, "C", (locale_t)0) : (locale_t)0;
	if (c) {
		old = uselocale(c);
		status = add_all(transform, copy);
		uselocale(old);
		freelocale(c);
	} else {
		status = plait__error(PLAIT_ENOMEM, "transform: no memory for the words");
	}
	free(copy);
	if (status < 0)
		plait_transform_destroy(transform);
	else
		*transform_p = transform;
	return status;
}

int plait_transform_append(struct plait_transform *transform, plait_transform_fn apply, void *user)
{
	struct plait__action *action;

	if (!transform || !apply)
		return plait__error(PLAIT_EINVAL, "transform: the %s is NULL",
				    transform ? "function to append" : "transform to append to");
	if (transform->actions == PLAIT__MAX_ACTIONS)
		return plait__error(PLAIT_EINVAL, "transform: one step too many: at most %d",
				    PLAIT__MAX_ACTIONS);
	action = &transform->action[transform->actions++];
	*action = (struct plait__action){ .word = &plait__word_callback,
					  .text = "callback",
					  .random = true,
					  .apply = apply,
					  .user = user };
	return 0;
}

void plait_transform_destroy(struct plait_transform *transform)
{
	free(transform);
}

int plait_transform_words(const char **usage, int max)
{
	int count = 0;

	for (; plait__words[count]; count++)
		if (usage && count < max)
			usage[count] = plait__words[count]->usage;
	return count;
}
