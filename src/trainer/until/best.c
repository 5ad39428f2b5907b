/* SPDX-License-Identifier: MIT
 * The weights of the best epoch: a copy of the store's values in main memory. */
#include "config.h"
#include "src/plan/store_file.h"
#include "src/trainer/until/until.h"

#include <stdlib.h>
#include <string.h>

int plait__best_open(struct plait_trainer *trainer, bool keeps)
{
	free(trainer->best);
	trainer->best = NULL;
	trainer->has_best = false;
	if (!keeps)
		return 0;
	trainer->best = plait__calloc(trainer->store.values_bytes, 1, "the best weights");
	return trainer->best ? 0 : PLAIT_ENOMEM;
}

void plait__best_keep(struct plait_trainer *trainer, const struct plait__binding *train)
{
	const struct plait__store *store = &trainer->store;

	plait__binding_fetch(train);
	memcpy(trainer->best, store->values, store->values_bytes);
	trainer->has_best = true;
}

int plait_trainer_save_best(const struct plait_trainer *trainer, const char *path)
{
	if (!trainer || !path)
		return plait__error(PLAIT_EINVAL, "plait_trainer_save_best: the %s is NULL",
				    trainer ? "path" : "trainer");
	if (!trainer->has_best)
		return plait__error(PLAIT_ESTATE, "plait_trainer_save_best: no weights are kept: "
						  "that is done in plait_fit with until.keep_best, "
						  "at the end of its best epoch");
	return plait__trainer_write(trainer, trainer->best, path);
}
