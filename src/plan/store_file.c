/* SPDX-License-Identifier: MIT
 * Parameters and buffers from a file. */
#include "config.h"
#include "src/plan/store_file.h"

#include <stdlib.h>
#include <string.h>

struct plait_tensor plait__store_tensor(const struct plait__store *store,
					const struct plait_node *node)
{
	struct plait_tensor tensor = { .name = node->name,
				       .dtype = node->dtype,
				       .ndim = node->ndim,
				       .data = plait__store_memory(store, node) };

	memcpy(tensor.dim, node->dim, sizeof tensor.dim);
	return tensor;
}

static bool same_shape(const struct plait_tensor *a, const struct plait_tensor *b)
{
	return a->ndim == b->ndim && memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof *a->dim) == 0;
}

/* The file's tensor for an entry, or NULL with the status and message of why not. */
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
	else if (!found->data || found->dtype != wanted->dtype)
		*status = plait__error(PLAIT_EFORMAT, "%s: %s is of a dtype that cannot become %s",
				       path, wanted->name, plait_dtype_name(wanted->dtype));
	return *status < 0 ? NULL : found;
}

int plait__store_check_file(const struct plait__store *store, const struct plait_checkpoint *file,
			    const char *path)
{
	int count = plait_checkpoint_count(file), status = 0;
	bool *wanted = plait__calloc((size_t)count + 1, sizeof *wanted, "marks of parameters");

	if (!wanted)
		return PLAIT_ENOMEM;
	for (int i = 0; i < store->entries && status == 0; i++) {
		struct plait_tensor entry = plait__store_tensor(store, store->entry[i]);
		const struct plait_tensor *found = find(file, path, &entry, &status);

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

static void copy(struct plait_tensor to, const struct plait_tensor *from)
{
	memcpy(to.data, from->data,
	       (size_t)plait_shape_elements(to.ndim, to.dim) * plait_dtype_size(to.dtype));
}

void plait__store_take(struct plait__store *store, const struct plait_checkpoint *file)
{
	for (int i = 0; i < store->entries; i++) {
		struct plait_tensor wanted = plait__store_tensor(store, store->entry[i]);

		copy(wanted, plait_checkpoint_find(file, wanted.name));
	}
}

int plait__store_load(struct plait__store *store, const char *path)
{
	struct plait_checkpoint *file = NULL;
	int status = plait_checkpoint_open(&file, path);

	if (status == 0)
		status = plait__store_check_file(store, file, path);
	if (status == 0)
		plait__store_take(store, file);
	plait_checkpoint_destroy(file);
	return status;
}

void plait__store_copy(struct plait__store *store, const struct plait__store *from)
{
	PLAIT__ASSERT(store->entries == from->entries && store->values_bytes == from->values_bytes,
		      "stores of one graph have the same parameters");
	memcpy(store->values, from->values, from->values_bytes);
}
