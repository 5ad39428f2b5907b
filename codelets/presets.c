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

/* A convolution of 3x3 without a bias, as batchnorm has one, and what residual networks are made
 * of: two of them beside x, or beside a projection of x to more channels and half the size. */
#define CONV(outputs, options) "conv:" #outputs ",3,pad=1" options ",bias=0 batchnorm"
#define BLOCK(n) "residual{ " CONV(n, "") " relu " CONV(n, "") " } relu "
#define HALVE(n) \
	"residual{ " CONV(n, ",stride=2") " relu " CONV( \
		n, "") " | conv:" #n ",1,stride=2,bias=0 batchnorm } relu "
/* A depthwise convolution and a pointwise one. */
#define SEPARABLE(from, to, options) \
	CONV(from, options ",groups=" #from) " relu conv:" #to ",1,bias=0 batchnorm relu "
#define AVERAGE "global-avgpool flatten linear:%"

static const struct preset {
	const char *name, *words, *about;
} presets[] = {
	{ "mlp", "linear:512 relu linear:512 relu linear:%", "dense, two hidden layers of 512" },
	{ "lenet",
	  "conv:6,5,pad=2 relu maxpool:2 conv:16,5 relu maxpool:2 flatten linear:120 relu "
	  "linear:84 relu linear:%",
	  "LeNet-5, for images of 28x28" },
	{ "cnn",
	  "conv:32,3,pad=1 relu conv:32,3,pad=1 relu maxpool:2 conv:64,3,pad=1 relu maxpool:2 "
	  "flatten linear:128 relu linear:%",
	  "three convolutions, for images of 28x28" },
	{ "resnet8", CONV(16, "") " relu " BLOCK(16) HALVE(32) HALVE(64) AVERAGE,
	  "residual, for images of 32x32" },
	{ "resnet20",
	  CONV(16, "") " relu " BLOCK(16) BLOCK(16) BLOCK(16) HALVE(32) BLOCK(32) BLOCK(32)
		  HALVE(64) BLOCK(64) BLOCK(64) AVERAGE,
	  "the same, deeper" },
	{ "resnet18",
	  "conv:64,7,stride=2,pad=3,bias=0 batchnorm relu maxpool:3,stride=2,pad=1 " BLOCK(64)
		  BLOCK(64) HALVE(128) BLOCK(128) HALVE(256) BLOCK(256) HALVE(512) BLOCK(512)
			  AVERAGE,
	  "residual, for images of 224x224" },
	{ "mobilenet-small",
	  CONV(16, "") " relu " SEPARABLE(16, 32, "") SEPARABLE(32, 64, ",stride=2") SEPARABLE(
		  64, 64, "") SEPARABLE(64, 128, ",stride=2") SEPARABLE(128, 128, "") AVERAGE,
	  "depthwise, for images of 32x32" },
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
