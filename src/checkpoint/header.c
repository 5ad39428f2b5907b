/* SPDX-License-Identifier: MIT
 * The header of a safetensors file: {"name": {"dtype": "F32", "shape": [2,3],
 * "data_offsets": [0,24]}, ...}, and "__metadata__": texts about the file. */
#include "config.h"
#include "src/checkpoint/checkpoint.h"
#include "src/base/grow.h"
#include "src/checkpoint/json.h"

#include <stdlib.h>
#include <string.h>

static const struct plait__stored_dtype dtypes[] = {
	{ "F32", 32, PLAIT_F32, { PLAIT__FLOAT, 4, false } },
	{ "F64", 64, PLAIT_F32, { PLAIT__FLOAT, 8, false } },
	{ "F16", 16, PLAIT_F32, { PLAIT__FLOAT, 2, false } },
	{ "BF16", 16, PLAIT_F32, { PLAIT__BFLOAT, 2, false } },
	{ .name = "U8", .bits = 8, .dtype = PLAIT_U8 },
	{ .name = "I32", .bits = 32, .dtype = PLAIT_I32 },
	{ .name = "BOOL", .bits = 8 },
	{ .name = "I8", .bits = 8 },
	{ .name = "I16", .bits = 16 },
	{ .name = "U16", .bits = 16 },
	{ .name = "U32", .bits = 32 },
	{ .name = "I64", .bits = 64, .dtype = PLAIT_I64 },
	{ .name = "U64", .bits = 64 },
	{ .name = "C64", .bits = 64 },
	{ .name = "F8_E4M3", .bits = 8 },
	{ .name = "F8_E5M2", .bits = 8 },
	{ .name = "F8_E8M0", .bits = 8 },
	{ .name = "F6_E2M3", .bits = 6 },
	{ .name = "F6_E3M2", .bits = 6 },
	{ .name = "F4", .bits = 4 },
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int plait__names_twice(const char *path, int count, const char **name, int status)
{
	qsort(name, (size_t)count, sizeof *name, compare_names);
	for (int i = 1; i < count; i++)
		if (strcmp(name[i - 1], name[i]) == 0)
			return plait__error(status,
					    "%s: expected each name once, found \"%s\" twice", path,
					    name[i]);
	return 0;
}

static int parse_shape(struct plait__json *json, struct plait_tensor *tensor)
{
	int status = plait__json_expect(json, '[', "a shape such as [2,3]");

	if (status < 0 || plait__json_take(json, ']'))
		return status;
	do {
		if (tensor->ndim == PLAIT_MAX_DIMS)
			return plait__error(
				PLAIT_EFORMAT,
				"%s: tensor \"%s\": expected at most %d dimensions, found more",
				json->path, tensor->name, PLAIT_MAX_DIMS);
		status = plait__json_integer(json, &tensor->dim[tensor->ndim++], "a dimension");
		if (status < 0)
			return status;
	} while (plait__json_take(json, ','));
	return plait__json_expect(json, ']', "a comma or ]");
}

static int parse_offsets(struct plait__json *json, struct plait__entry *entry)
{
	int status = plait__json_expect(json, '[', "[begin,end]");

	if (status == 0)
		status = plait__json_integer(json, &entry->begin, "where the data begin");
	if (status == 0)
		status = plait__json_expect(json, ',', "a comma");
	if (status == 0)
		status = plait__json_integer(json, &entry->end, "where the data end");
	return status < 0 ? status : plait__json_expect(json, ']', "]");
}

static int parse_dtype(struct plait__json *json, struct plait__entry *entry, const char *tensor)
{
	const char *name;
	int status = plait__json_string(json, &name, "a dtype such as \"F32\"");

	if (status < 0)
		return status;
	for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
		if (strcmp(dtypes[i].name, name) == 0)
			entry->dtype = &dtypes[i];
	if (entry->dtype)
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: tensor \"%s\": expected a dtype such as F32, found \"%s\"",
			    json->path, tensor, name);
}

static int parse_entry(struct plait__json *json, struct plait_tensor *tensor,
		       struct plait__entry *entry)
{
	int status = plait__json_expect(json, '{', "a tensor's {");

	while (status == 0) {
		const char *key;

		status = plait__json_string(json, &key, "\"dtype\", \"shape\" or \"data_offsets\"");
		if (status == 0)
			status = plait__json_expect(json, ':', "a colon");
		if (status < 0)
			break;
		if (strcmp(key, "dtype") == 0 && !entry->dtype) {
			status = parse_dtype(json, entry, tensor->name);
		} else if (strcmp(key, "shape") == 0 && !entry->has_shape) {
			entry->has_shape = true;
			status = parse_shape(json, tensor);
		} else if (strcmp(key, "data_offsets") == 0 && !entry->has_offsets) {
			entry->has_offsets = true;
			status = parse_offsets(json, entry);
		} else {
			status = plait__error(PLAIT_EFORMAT,
					      "%s: tensor \"%s\": expected dtype, shape and "
					      "data_offsets, found \"%s\"",
					      json->path, tensor->name, key);
		}
		if (status == 0 && !plait__json_take(json, ','))
			break;
	}
	if (status == 0)
		status = plait__json_expect(json, '}', "a comma or }");
	if (status == 0 && (!entry->dtype || !entry->has_shape || !entry->has_offsets))
		status = plait__error(PLAIT_EFORMAT, "%s: tensor \"%s\": expected a %s, found none",
				      json->path, tensor->name,
				      !entry->dtype       ? "dtype"
				      : !entry->has_shape ? "shape"
							  : "data_offsets");
	return status;
}

static int check_keys(const struct plait_checkpoint *c)
{
	const char **key = plait__calloc((size_t)c->texts + 1, sizeof *key, c->path);
	int status;

	if (!key)
		return PLAIT_ENOMEM;
	for (int i = 0; i < c->texts; i++)
		key[i] = c->metadata[i].key;
	status = plait__names_twice(c->path, c->texts, key, PLAIT_EFORMAT);
	free(key);
	return status;
}

/* Texts about the file. */
static int parse_metadata(struct plait_checkpoint *c, struct plait__json *json)
{
	int status = plait__json_expect(json, '{', "the metadata's {");

	if (status < 0 || plait__json_take(json, '}'))
		return status;
	do {
		struct plait_metadata *text;

		status = plait__grow(&c->metadata, &c->metadata_room, (size_t)c->texts + 1,
				     sizeof *c->metadata, c->path);
		if (status < 0)
			return status;
		text = &c->metadata[c->texts];
		status = plait__json_string(json, &text->key, "a metadata key");
		if (status == 0)
			status = plait__json_expect(json, ':', "a colon");
		if (status == 0)
			status = plait__json_string(json, &text->value, "a metadata string");
		c->texts += status == 0;
	} while (status == 0 && plait__json_take(json, ','));
	if (status == 0)
		status = plait__json_expect(json, '}', "a comma or }");
	return status < 0 ? status : check_keys(c);
}

static int make_room(struct plait_checkpoint *c)
{
	size_t needed = (size_t)c->count + 1;
	int status = plait__grow(&c->tensor, &c->tensor_room, needed, sizeof *c->tensor, c->path);

	if (status == 0)
		status = plait__grow(&c->entry, &c->entry_room, needed, sizeof *c->entry, c->path);
	return status;
}

static int parse_member(struct plait_checkpoint *c, struct plait__json *json, bool *has_metadata)
{
	const char *name;
	int status = plait__json_string(json, &name, "a tensor's name");

	if (status == 0)
		status = plait__json_expect(json, ':', "a colon");
	if (status == 0 && strcmp(name, "__metadata__") == 0) {
		if (*has_metadata)
			return plait__json_error(json, "one __metadata__");
		*has_metadata = true;
		return parse_metadata(c, json);
	}
	if (status == 0)
		status = make_room(c);
	if (status < 0)
		return status;
	PLAIT__ASSERT((size_t)c->count < c->tensor_room && (size_t)c->count < c->entry_room,
		      "there is room for the tensor");
	c->tensor[c->count] = (struct plait_tensor){ .name = name };
	c->entry[c->count] = (struct plait__entry){ .dtype = NULL };
	c->count++;
	return parse_entry(json, &c->tensor[c->count - 1], &c->entry[c->count - 1]);
}

int plait__checkpoint_parse(struct plait_checkpoint *c, size_t size)
{
	struct plait__json json = { .path = c->path, .start = 8, .text = c->header, .size = size };
	bool has_metadata = false;
	int status;

	PLAIT__ASSERT(size >= 2 && c->header[size] == '\0', "a zero byte stands behind the header");
	status = *c->header == '{' ? 0 : plait__json_error(&json, "{");

	if (status < 0)
		return status;
	json.at++;
	if (!plait__json_take(&json, '}')) {
		do
			status = parse_member(c, &json, &has_metadata);
		while (status == 0 && plait__json_take(&json, ','));
		if (status == 0)
			status = plait__json_expect(&json, '}', "a comma or }");
	}
	return status < 0 ? status : plait__json_end(&json);
}
