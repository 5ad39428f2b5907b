/* SPDX-License-Identifier: MIT
 * Networks that have a name.  A preset is a row: its name, its words, in which % is the number of
 * outputs, and a line about it. */
#include "config.h"
#include "codelets/model.h"

#include <errno.h>
#include <inttypes.h>
#include <plait/ops.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUTS 10 /* where nobody says how many: those of MNIST and its like */

static const struct preset {
	const char *name, *words, *about;
} presets[] = {
	{ "mlp", "linear:512 relu linear:512 relu linear:%", "dense, two hidden layers of 512" },
};
#define PRESETS ((int)(sizeof presets / sizeof *presets))

/* The preset that a word begins with the name of, or NULL. */
static const struct preset *find(const char *word)
{
	size_t length = strcspn(word, ":");

	for (int i = 0; i < PRESETS; i++)
		if (strlen(presets[i].name) == length && memcmp(presets[i].name, word, length) == 0)
			return &presets[i];
	return NULL;
}

bool plait__is_preset(const char *word)
{
	return find(word) != NULL;
}

/* Whether text is a number of outputs. */
static bool read_outputs(const char *text, int64_t *outputs)
{
	char *end;

	errno = 0;
	*outputs = strtoll(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *outputs > 0;
}

char *plait__preset_words(const char *word, int64_t outputs)
{
	const struct preset *preset = find(word);
	const char *colon = strchr(word, ':'), *mark;

	PLAIT__ASSERT(preset, "the word is that of a preset");
	if (colon && !read_outputs(colon + 1, &outputs)) {
		plait__error(PLAIT_EINVAL,
			     "model: \"%.60s\": %s takes the number of its outputs, as in %s:10",
			     word, preset->name, preset->name);
		return NULL;
	}
	mark = strchr(preset->words, '%');
	PLAIT__ASSERT(mark, "a preset says where its number of outputs goes");
	return plait__format("%.*s%" PRId64 "%s", (int)(mark - preset->words), preset->words,
			     outputs > 0 ? outputs : OUTPUTS, mark + 1);
}

int plait_model_presets(const char **names, const char **about, int max)
{
	for (int i = 0; i < PRESETS && i < max; i++) {
		if (names)
			names[i] = presets[i].name;
		if (about)
			about[i] = presets[i].about;
	}
	return PRESETS;
}
