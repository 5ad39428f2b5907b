/* SPDX-License-Identifier: MIT
 * A trainer's parameters: by position, to a file, from a file. */
#include "config.h"
#include "src/trainer/trainer.h"
#include <plait/checkpoint.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int plait_trainer_parameters(const struct plait_trainer *trainer)
{
	return trainer ? trainer->store.parameters : 0;
}

static struct plait_tensor view(const struct plait_trainer *trainer, int i)
{
	const struct plait_node *node = trainer->store.parameter[i];
	struct plait_tensor tensor = { .name = node->name,
				       .dtype = PLAIT_F32,
				       .ndim = node->ndim,
				       .data = plait__store_memory(&trainer->store, node) };

	memcpy(tensor.dim, node->dim, sizeof tensor.dim);
	return tensor;
}

int plait_trainer_parameter(struct plait_trainer *trainer, int i, struct plait_tensor *tensor)
{
	if (!trainer || !tensor)
		return plait__error(PLAIT_EINVAL, "plait_trainer_parameter: the %s is NULL",
				    trainer ? "tensor" : "trainer");
	if (i < 0 || i >= trainer->store.parameters)
		return plait__error(PLAIT_EINVAL, "parameter %d, there are %d", i,
				    trainer->store.parameters);
	*tensor = view(trainer, i);
	return 0;
}

int64_t plait_trainer_steps(const struct plait_trainer *trainer)
{
	return trainer ? trainer->updates : 0;
}

/* From an event handler parameters are half of one step and half of the next. */
static int check_idle(struct plait_trainer *trainer, const char *path, const char *caller)
{
	if (!trainer || !path)
		return plait__error(PLAIT_EINVAL, "%s: the %s is NULL", caller,
				    trainer ? "path" : "trainer");
	if (trainer->running)
		return plait__error(PLAIT_ESTATE, "%s: the trainer is in a run, wait for its end",
				    caller);
	return plait__trainer_settle(trainer);
}

int plait_trainer_save(struct plait_trainer *trainer, const char *path)
{
	int n, status = check_idle(trainer, path, "plait_trainer_save");
	struct plait_tensor *tensor;

	if (status < 0)
		return status;
	n = trainer->store.parameters;
	tensor = plait__calloc((size_t)n, sizeof *tensor, "a list of parameters");
	if (!tensor)
		return PLAIT_ENOMEM;
	for (int i = 0; i < n; i++)
		tensor[i] = view(trainer, i);
	status = plait_checkpoint_save_with(path, n, tensor, trainer->texts, trainer->metadata);
	free(tensor);
	return status;
}

static bool same_shape(const struct plait_tensor *a, const struct plait_tensor *b)
{
	return a->ndim == b->ndim && memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof *a->dim) == 0;
}

/* The file's tensor for parameter i, or NULL with the status and message of why not. */
static const struct plait_tensor *find(const struct plait_checkpoint *file, const char *path,
				       const struct plait_tensor *wanted, int *status)
{
	const struct plait_tensor *found = plait_checkpoint_find(file, wanted->name);
	char want[128], have[128];

	if (!found)
		*status = plait__error(PLAIT_ESHAPE, "%s: no tensor %s, which the network needs",
				       path, wanted->name);
	else if (!same_shape(found, wanted))
		*status = plait__error(
			PLAIT_ESHAPE, "%s: %s is %s, the network's is %s", path, wanted->name,
			plait_shape_text(found->ndim, found->dim, have, sizeof have),
			plait_shape_text(wanted->ndim, wanted->dim, want, sizeof want));
	else if (!found->data)
		*status = plait__error(PLAIT_EFORMAT,
				       "%s: %s is of a dtype that cannot become float32", path,
				       wanted->name);
	return *status < 0 ? NULL : found;
}

/* Checks that the file has all parameters and no others. */
static int check_file(const struct plait_trainer *trainer, const struct plait_checkpoint *file,
		      const char *path)
{
	int count = plait_checkpoint_count(file), status = 0;
	bool *wanted = plait__calloc((size_t)count + 1, sizeof *wanted, "marks of parameters");

	if (!wanted)
		return PLAIT_ENOMEM;
	for (int i = 0; i < trainer->store.parameters && status == 0; i++) {
		struct plait_tensor parameter = view(trainer, i);
		const struct plait_tensor *found = find(file, path, &parameter, &status);

		if (found)
			wanted[found - plait_checkpoint_tensor(file, 0)] = true;
	}
	for (int i = 0; i < count && status == 0; i++)
		if (!wanted[i])
			status = plait__error(PLAIT_ESHAPE,
					      "%s: holds %s, which the network does not have", path,
					      plait_checkpoint_tensor(file, i)->name);
	free(wanted);
	return status;
}

int plait_trainer_load(struct plait_trainer *trainer, const char *path)
{
	struct plait_checkpoint *file = NULL;
	int n, status = check_idle(trainer, path, "plait_trainer_load");

	if (status < 0)
		return status;
	n = trainer->store.parameters;
	status = plait_checkpoint_open(&file, path);
	/* Everything is checked before the first value changes. */
	if (status == 0)
		status = check_file(trainer, file, path);
	if (status == 0)
		status = plait__trainer_take_metadata(trainer, file);
	for (int i = 0; i < n && status == 0; i++) {
		struct plait_tensor wanted = view(trainer, i);
		const struct plait_tensor *found = find(file, path, &wanted, &status);

		if (found)
			memcpy(wanted.data, found->data,
			       (size_t)plait_shape_elements(wanted.ndim, wanted.dim) *
				       sizeof(float));
	}
	plait_checkpoint_destroy(file);
	return status;
}
