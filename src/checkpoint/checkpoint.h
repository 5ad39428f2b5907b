/* SPDX-License-Identifier: MIT
 * Inside a checkpoint: what its header says and where its data are. */
#ifndef PLAIT__CHECKPOINT_H
#define PLAIT__CHECKPOINT_H

#include "src/base/base.h"
#include "src/base/number.h"
#include <plait/checkpoint.h>

/* A dtype as safetensors name it. */
struct plait__stored_dtype {
	const char *name;
	int bits;
	enum plait_dtype dtype;      /* what the tensor becomes; 0: nothing that Plait has */
	struct plait__number number; /* where it becomes float32 */
};

/* What the header says of a tensor, besides its name and shape. */
struct plait__entry {
	const struct plait__stored_dtype *dtype;
	int64_t begin, end; /* of its bytes in the data */
	bool has_shape, has_offsets;
};

struct plait_checkpoint {
	char *path;
	char *header; /* the tensors' names are in it */
	char *data;
	int64_t data_bytes;
	int count;
	struct plait_tensor *tensor;
	const struct plait_tensor **by_name; /* [count], sorted */
	struct plait__entry *entry;
	size_t tensor_room, entry_room;
	struct plait_metadata *metadata; /* [texts], in the header */
	size_t metadata_room;
	int texts;
	void **converted; /* [count]: values converted or copied from data, or NULL */
};

/* Parses the header (size bytes and a zero byte behind), which becomes the tensors' names,
 * into tensor and entry.  Nothing is checked against the data. */
int plait__checkpoint_parse(struct plait_checkpoint *checkpoint, size_t size);

/* Sorts count names.  If two are the same, returns status, with a message that has path and the
 * name. */
int plait__names_twice(const char *path, int count, const char **name, int status);

#endif
