/* SPDX-License-Identifier: MIT
 * A trainer's parameters and buffers: by position, to a file, from a file. */
#include "config.h"
#include "src/plan/store_file.h"
#include "src/trainer/trainer.h"
#include <plait/checkpoint.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int plait_trainer_parameters(const struct plait_trainer *trainer)
{
	return trainer ? trainer->store.parameters : 0;
}

static int check_parameter(const struct plait_trainer *trainer, int i,
			   const struct plait_tensor *tensor, const char *caller)
{
	if (!trainer || !tensor)
		return plait__error(PLAIT_EINVAL, "%s: the %s is NULL", caller,
				    trainer ? "tensor" : "trainer");
	if (i < 0 || i >= trainer->store.parameters)
		return plait__error(PLAIT_EINVAL, "parameter %d, there are %d", i,
				    trainer->store.parameters);
	return 0;
}

int plait_trainer_parameter(struct plait_trainer *trainer, int i, struct plait_tensor *tensor)
{
	int status = check_parameter(trainer, i, tensor, "plait_trainer_parameter");

	if (status == 0)
		*tensor = plait__store_tensor(&trainer->store, trainer->store.parameter[i]);
	return status;
}

int plait_trainer_buffers(const struct plait_trainer *trainer)
{
	return trainer ? trainer->store.entries - trainer->store.parameters : 0;
}

int plait_trainer_buffer(struct plait_trainer *trainer, int i, struct plait_tensor *tensor)
{
	const struct plait__store *store = trainer ? &trainer->store : NULL;
	int at = 0, before = i;

	if (!trainer || !tensor)
		return plait__error(PLAIT_EINVAL, "plait_trainer_buffer: the %s is NULL",
				    trainer ? "tensor" : "trainer");
	if (i < 0 || i >= plait_trainer_buffers(trainer))
		return plait__error(PLAIT_EINVAL, "buffer %d, there are %d", i,
				    plait_trainer_buffers(trainer));
	while (plait__is_parameter(store->entry[at]) || before-- > 0)
		at++;
	*tensor = plait__store_tensor(store, store->entry[at]);
	return 0;
}

int plait_trainer_gradient(struct plait_trainer *trainer, int i, struct plait_tensor *tensor)
{
	int status = check_parameter(trainer, i, tensor, "plait_trainer_gradient");

	if (status < 0)
		return status;
	if (!trainer->gradients)
		return plait__error(PLAIT_ESTATE, "plait_trainer_gradient: there are no gradients "
						  "before plait_pool_backward");
	*tensor = plait__store_tensor(&trainer->store, trainer->store.parameter[i]);
	tensor->data = trainer->gradients + trainer->store.offset[trainer->store.parameter[i]->id];
	return 0;
}

int64_t plait_trainer_steps(const struct plait_trainer *trainer)
{
	return trainer ? trainer->updates : 0;
}

/* From an event handler parameters are half of one step and half of the next. */
int plait__trainer_idle(struct plait_trainer *trainer, const char *caller)
{
	if (trainer->running)
		return plait__error(PLAIT_ESTATE, "%s: the trainer is in a run, wait for its end",
				    caller);
	return plait__trainer_hold(trainer);
}

static int check_idle(struct plait_trainer *trainer, const char *path, const char *caller)
{
	if (!trainer || !path)
		return plait__error(PLAIT_EINVAL, "%s: the %s is NULL", caller,
				    trainer ? "path" : "trainer");
	return plait__trainer_idle(trainer, caller);
}

int plait__trainer_write(const struct plait_trainer *trainer, unsigned char *values,
			 const char *path)
{
	const struct plait__store *store = &trainer->store;
	int n = store->entries, status;
	struct plait_tensor *tensor =
		plait__calloc((size_t)n + 1, sizeof *tensor, "a list of parameters");

	if (!tensor)
		return PLAIT_ENOMEM;
	for (int i = 0; i < n; i++) {
		tensor[i] = plait__store_tensor(store, store->entry[i]);
		tensor[i].data = values + store->offset[store->entry[i]->id];
	}
	status = plait_checkpoint_save_with(path, n, tensor, trainer->texts, trainer->metadata);
	free(tensor);
	return status;
}

int plait_trainer_save(struct plait_trainer *trainer, const char *path)
{
	int status = check_idle(trainer, path, "plait_trainer_save");

	if (status < 0)
		return status;
	status = plait__trainer_write(trainer, trainer->store.values, path);
	plait__trainer_let_go(trainer);
	return status;
}

static int load(struct plait_trainer *trainer, const char *path)
{
	struct plait_checkpoint *file = NULL;
	int status = plait_checkpoint_open(&file, path);

	/* Everything is checked before the first value changes. */
	if (status == 0)
		status = plait__store_check_file(&trainer->store, file, path);
	if (status == 0)
		status = plait__trainer_take_metadata(trainer, file);
	if (status == 0)
		plait__store_take(&trainer->store, file);
	plait_checkpoint_destroy(file);
	return status;
}

int plait_trainer_load(struct plait_trainer *trainer, const char *path)
{
	int status = check_idle(trainer, path, "plait_trainer_load");

	if (status < 0)
		return status;
	status = load(trainer, path);
	plait__trainer_let_go(trainer);
	return status;
}
