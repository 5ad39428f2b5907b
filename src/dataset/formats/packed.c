/* SPDX-License-Identifier: MIT
 * packed:FILE, a file that plait pack has written (src/dataset/packed/packed.h).  Samples of uint8
 * without targets, and images, are fetched record by record, and each is checked when it is
 * fetched.  The loader reads all other samples directly from memory, so they are checked when the
 * data set is opened. */
#include "config.h"
#include "src/dataset/format.h"
#include "src/dataset/packed/packed.h"

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

static int set_names(struct plait_dataset *dataset, const struct plait__packed *packed)
{
	const char *text = packed->names;
	const char **name;
	int64_t classes = dataset->info.classes;
	int status;

	if (!text)
		return 0;
	name = plait__data_allocate(NULL, classes, sizeof *name, packed->path);
	if (!name)
		return PLAIT_ENOMEM;
	for (int64_t i = 0; i < classes; i++, text += strlen(text) + 1)
		name[i] = text;
	PLAIT__ASSERT(text == packed->names + packed->header.names_bytes,
		      "the header has a name for every class and no more");
	status = plait__dataset_set_names(dataset, classes, name);
	free(name);
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
	status = plait__packed_open(&packed, rest, PLAIT__PACKED_AUTO);
	if (status < 0)
		return status;
	dataset->state = packed;
	dataset->destroy = destroy;
	dataset->digest = digest;
	*info = packed->header.info;
	info->spec = spec;
	dataset->labels = packed->labels;
	dataset->varying = packed->header.varying;
	status = set_names(dataset, packed);
	if (status < 0)
		return status;
	if (info->dtype == PLAIT_F32 || info->targets > 0)
		return plait__packed_all(packed, &dataset->x, &dataset->targets);
	dataset->fetch = record;
	dataset->path = path_of;
	return 0;
}
