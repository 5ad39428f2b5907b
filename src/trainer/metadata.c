/* SPDX-License-Identifier: MIT
 * Texts that travel with a trainer's parameters, such as the names of its classes. */
#include "config.h"
#include "src/base/grow.h"
#include "src/trainer/trainer.h"

#include <stdlib.h>
#include <string.h>

static int find(const struct plait_trainer *trainer, const char *key)
{
	int i = 0;

	while (i < trainer->texts && strcmp(trainer->metadata[i].key, key) != 0)
		i++;
	return i;
}

static int append(struct plait_trainer *trainer, const char *key, const char *value)
{
	struct plait_metadata text;

	if (plait__grow(&trainer->metadata, &trainer->metadata_room, (size_t)trainer->texts + 1,
			sizeof *trainer->metadata, "texts about weights") < 0)
		return PLAIT_ENOMEM;
	text.key = plait__strdup(key);
	text.value = plait__strdup(value);
	if (!text.key || !text.value) {
		free((char *)text.key);
		free((char *)text.value);
		return PLAIT_ENOMEM;
	}
	trainer->metadata[trainer->texts++] = text;
	return 0;
}

static void remove_text(struct plait_trainer *trainer, int i)
{
	free((char *)trainer->metadata[i].key);
	free((char *)trainer->metadata[i].value);
	trainer->metadata[i] = trainer->metadata[--trainer->texts];
}

int plait_trainer_set_metadata(struct plait_trainer *trainer, const char *key, const char *value)
{
	int i, status = 0;

	if (!trainer || !key)
		return plait__error(PLAIT_EINVAL, "plait_trainer_set_metadata: the %s is NULL",
				    trainer ? "key" : "trainer");
	i = find(trainer, key);
	if (value)
		status = append(trainer, key, value);
	/* The new text may be made of the old one, so that this is freed last. */
	if (status == 0 && i < trainer->texts - (value != NULL))
		remove_text(trainer, i);
	return status;
}

const char *plait_trainer_metadata(const struct plait_trainer *trainer, const char *key)
{
	int i = trainer && key ? find(trainer, key) : 0;

	return trainer && key && i < trainer->texts ? trainer->metadata[i].value : NULL;
}

int plait__trainer_take_metadata(struct plait_trainer *trainer, const struct plait_checkpoint *file)
{
	struct plait_trainer old = *trainer;
	const struct plait_metadata *text;
	int status = 0;

	trainer->metadata = NULL;
	trainer->metadata_room = 0;
	trainer->texts = 0;
	for (int i = 0; status == 0 && (text = plait_checkpoint_metadata_at(file, i)); i++)
		if (strcmp(text->key, "format") != 0) /* each file has its own */
			status = append(trainer, text->key, text->value);
	if (status == 0) {
		plait__trainer_free_metadata(&old);
		return 0;
	}
	plait__trainer_free_metadata(trainer);
	trainer->metadata = old.metadata;
	trainer->metadata_room = old.metadata_room;
	trainer->texts = old.texts;
	return status;
}

void plait__trainer_free_metadata(struct plait_trainer *trainer)
{
	while (trainer->texts > 0)
		remove_text(trainer, trainer->texts - 1);
	free(trainer->metadata);
}
