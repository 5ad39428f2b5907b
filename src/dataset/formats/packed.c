/* SPDX-License-Identifier: MIT
 * packed:FILE, a file that plait pack has written (src/dataset/packed/packed.h).  Samples are read
 * record by record, and each is checked when it is read.  Floats, and arrays with targets, stay in
 * memory from then on, as other formats have them; if all of them take more than a quarter of the
 * memory, they are read each time. */
#include "config.h"
#include "src/dataset/format.h"
#include "src/dataset/packed/packed.h"
#include "src/runtime/memory_limit.h"

#include <stdlib.h>
#include <string.h>

static const char *path_of(const struct plait_dataset *dataset, int64_t index)
{
	const struct plait__packed *packed = dataset->state;

	(void)index;
	return packed->path;
}

static int record(const struct plait_dataset *dataset, int64_t index, struct plait__buffer *memory,
		  struct plait__stored *record)
{
	return plait__packed_fetch(dataset->state, index, memory, record);
}

static int bring(const struct plait_dataset *dataset, int64_t index, struct plait__stored *where)
{
	return plait__packed_bring(dataset->state, index, where);
}

/* The index contains the checksum of every record, so that its own one tells any change. */
static void digest(const struct plait_dataset *dataset, struct plait__hash *hash)
{
	const struct plait__packed *packed = dataset->state;

	plait__hash_add(hash, packed->header.crc, sizeof packed->header.crc);
}

static void destroy(struct plait_dataset *dataset)
{
	plait__packed_close(dataset->state);
}

/* Names as the file has them: pointers to count texts, which follow each other. */
static const char **point(const char *text, int64_t count, const char *path)
{
	const char **name = plait__data_allocate(NULL, count, sizeof *name, path);

	for (int64_t i = 0; name && i < count; i++, text += strlen(text) + 1)
		name[i] = text;
	return name;
}

static int set_names(struct plait_dataset *dataset, const struct plait__packed *packed)
{
	int64_t classes = dataset->info.classes;
	const char **name;
	int status = 0;

	if (packed->names) {
		name = point(packed->names, classes, packed->path);
		status = name ? plait__dataset_set_names(dataset, classes, name) : PLAIT_ENOMEM;
		free(name);
	}
	if (status == 0 && packed->features) {
		name = point(packed->features, dataset->info.dim[0], packed->path);
		status = name ? plait__dataset_set_features(dataset, name) : PLAIT_ENOMEM;
		free(name);
	}
	return status;
}

int plait__dataset_open_packed(struct plait_dataset *dataset, const char *rest)
{
	struct plait_dataset_info *info = &dataset->info;
	const char *spec = info->spec;
	struct plait__packed *packed;
	int status;

	if (!*rest)
		return plait__error(PLAIT_EINVAL, "expected packed:FILE, found \"%s\"", spec);
	status = plait__packed_open(&packed, rest);
	if (status < 0)
		return status;
	dataset->state = packed;
	dataset->destroy = destroy;
	dataset->digest = digest;
	*info = packed->header.info;
	info->spec = spec;
	dataset->labels = packed->labels;
	dataset->varying = packed->header.varying;
	dataset->targets = packed->targets;
	dataset->path = path_of;
	if (info->dtype == PLAIT_F32 || info->targets > 0)
		plait__packed_keep(packed, plait__memory_default_limit(""));
	if (packed->kept) {
		dataset->x = packed->kept;
		dataset->there = packed->there;
		dataset->bring = bring;
	} else {
		dataset->fetch = record;
	}
	return set_names(dataset, packed);
}
