/* SPDX-License-Identifier: MIT
 * Safetensors out. */
#include "config.h"
#include "src/checkpoint/checkpoint.h"
#include "src/base/file.h"
#include "src/base/replace.h"
#include "src/checkpoint/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_tensor(const char *path, const struct plait_tensor *tensor)
{
	char shape[128];
	int64_t elements;

	if (!tensor->name || !*tensor->name || strcmp(tensor->name, "__metadata__") == 0)
		return plait__error(PLAIT_EINVAL, "%s: a tensor is called \"%s\", which is no name",
				    path, tensor->name ? tensor->name : "(null)");
	for (const char *p = tensor->name; *p; p += plait__utf8_length(p))
		if (plait__utf8_length(p) == 0)
			return plait__error(PLAIT_EINVAL,
					    "%s: tensor \"%s\": the name is not UTF-8", path,
					    tensor->name);
	if (tensor->dtype != PLAIT_F32 && tensor->dtype != PLAIT_I64)
		return plait__error(PLAIT_EINVAL,
				    "%s: tensor \"%s\" is %s, must be float32 or int64", path,
				    tensor->name, plait_dtype_name(tensor->dtype));
	if (tensor->ndim < 0 || tensor->ndim > PLAIT_MAX_DIMS)
		return plait__error(PLAIT_EINVAL,
				    "%s: tensor \"%s\" has %d dimensions, must have 0 to %d", path,
				    tensor->name, tensor->ndim, PLAIT_MAX_DIMS);
	elements = plait_shape_elements(tensor->ndim, tensor->dim);
	if (elements < 0 || elements > INT64_MAX / (int64_t)plait_dtype_size(tensor->dtype) ||
	    (elements > 0 && !tensor->data))
		return plait__error(
			PLAIT_EINVAL, "%s: tensor \"%s\" of shape %s has no data, or too many",
			path, tensor->name,
			plait_shape_text(tensor->ndim, tensor->dim, shape, sizeof shape));
	return 0;
}

static bool is_utf8(const char *text)
{
	while (*text && plait__utf8_length(text) > 0)
		text += plait__utf8_length(text);
	return !*text;
}

static int check_metadata(const char *path, int texts, const struct plait_metadata *metadata)
{
	const char **key = plait__calloc((size_t)texts + 1, sizeof *key, path);
	int status = key ? 0 : PLAIT_ENOMEM;

	for (int i = 0; status == 0 && i < texts; i++) {
		const struct plait_metadata *text = &metadata[i];

		if (!text->key || !text->value || !is_utf8(text->key) || !is_utf8(text->value))
			status = plait__error(PLAIT_EINVAL,
					      "%s: metadata %d has a key or value that is NULL or "
					      "no UTF-8",
					      path, i);
		else
			key[i] = text->key;
	}
	if (status == 0) {
		key[texts] = "format"; /* Plait's own */
		status = plait__names_twice(path, texts + 1, key, PLAIT_EINVAL);
	}
	free(key);
	return status;
}

static int check_tensors(const char *path, int count, const struct plait_tensor *tensors)
{
	const char **name = plait__data_allocate(NULL, count, sizeof *name, path);
	int status = name ? 0 : PLAIT_ENOMEM;

	for (int i = 0; status == 0 && i < count; i++) {
		name[i] = tensors[i].name;
		status = check_tensor(path, &tensors[i]);
	}
	if (status == 0)
		status = plait__names_twice(path, count, name, PLAIT_EINVAL);
	free(name);
	return status;
}

static size_t tensor_bytes(const struct plait_tensor *tensor)
{
	return (size_t)plait_shape_elements(tensor->ndim, tensor->dim) *
	       plait_dtype_size(tensor->dtype);
}

/* Values of 8 bytes stand before those of 4, whatever the order of their names: so each is aligned,
 * which readers in Python rely on. */
static const enum plait_dtype places[] = { PLAIT_I64, PLAIT_F32 };
#define PLACES (sizeof places / sizeof *places)

static void print_tensors(FILE *out, int count, const struct plait_tensor *tensors)
{
	size_t wide = 0, narrow = 0; /* where the data of the next one begin */

	for (int i = 0; i < count; i++)
		narrow += tensors[i].dtype == PLAIT_I64 ? tensor_bytes(&tensors[i]) : 0;
	for (int i = 0; i < count; i++) {
		bool is_wide = tensors[i].dtype == PLAIT_I64;
		size_t *begin = is_wide ? &wide : &narrow, end = *begin + tensor_bytes(&tensors[i]);
		char shape[PLAIT_MAX_DIMS * 21 + 2];

		PLAIT__ASSERT(end >= *begin, "where the data of a tensor end does not overflow");
		putc(',', out);
		plait__json_print(out, tensors[i].name);
		plait_shape_text(tensors[i].ndim, tensors[i].dim, shape, sizeof shape);
		fprintf(out, ":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}",
			is_wide ? "I64" : "F32", shape, *begin, end);
		*begin = end;
	}
}

/* The header with its length before it, padded so that the data begin at a multiple of 8. */
static int make_header(const char *path, int count, const struct plait_tensor *tensors, int texts,
		       const struct plait_metadata *metadata, char **header_p, size_t *size_p)
{
	FILE *out = open_memstream(header_p, size_p);
	bool failed;

	if (!out)
		return plait__error(PLAIT_ENOMEM, "%s: no memory for a header", path);
	/* Programs of the PyTorch world ask whose tensors these are. */
	fprintf(out, "%8s{\"__metadata__\":{\"format\":\"pt\"", "");
	for (int i = 0; i < texts; i++) {
		putc(',', out);
		plait__json_print(out, metadata[i].key);
		putc(':', out);
		plait__json_print(out, metadata[i].value);
	}
	putc('}', out);
	print_tensors(out, count, tensors);
	putc('}', out);
	fflush(out);
	for (size_t size = *size_p; size % 8 != 0; size++)
		putc(' ', out);
	failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(*header_p);
		return plait__error(PLAIT_ENOMEM, "%s: no memory for a header", path);
	}
	PLAIT__ASSERT(*size_p > 8 && *size_p % 8 == 0, "the data begin at a multiple of 8");
	for (int i = 0; i < 8; i++)
		(*header_p)[i] = (char)((*size_p - 8) >> (8 * i) & 255);
	return 0;
}

static int write_file(const struct plait__replace *file, const char *header, size_t header_bytes,
		      int count, const struct plait_tensor *tensors)
{
	int status = plait__replace_write(file, header, header_bytes, 0);
	size_t at = header_bytes;

	for (size_t p = 0; p < PLACES; p++)
		for (int i = 0; status == 0 && i < count; i++) {
			size_t bytes = tensor_bytes(&tensors[i]);

			if (tensors[i].dtype != places[p])
				continue;
			status = plait__replace_write(file, tensors[i].data, bytes, (int64_t)at);
			at += bytes;
		}
	return status;
}

int plait_checkpoint_check_path(const char *path)
{
	struct plait__replace file;
	int status;

	if (!path || !*path)
		return plait__error(PLAIT_EINVAL, "plait_checkpoint_check_path: the path is %s",
				    path ? "empty" : "NULL");
	status = plait__replace_begin(&file, path);
	if (status == 0)
		plait__replace_end(&file, PLAIT_EIO); /* which removes the new file */
	return status;
}

int plait_checkpoint_save(const char *path, int count, const struct plait_tensor *tensors)
{
	return plait_checkpoint_save_with(path, count, tensors, 0, NULL);
}

int plait_checkpoint_save_with(const char *path, int count, const struct plait_tensor *tensors,
			       int texts, const struct plait_metadata *metadata)
{
	struct plait__replace file;
	char *header = NULL;
	size_t header_bytes = 0;
	int status;

	if (!path || !*path || count < 0 || (count > 0 && !tensors) || texts < 0 ||
	    (texts > 0 && !metadata))
		return plait__error(PLAIT_EINVAL,
				    "plait_checkpoint_save: path, tensors or metadata is NULL, or "
				    "%d tensors, or %d texts",
				    count, texts);
	status = check_tensors(path, count, tensors);
	if (status == 0)
		status = check_metadata(path, texts, metadata);
	if (status == 0)
		status = make_header(path, count, tensors, texts, metadata, &header, &header_bytes);
	if (status < 0)
		return status;
	status = plait__replace_begin(&file, path);
	if (status == 0)
		status = plait__replace_end(
			&file, write_file(&file, header, header_bytes, count, tensors));
	free(header);
	return status;
}
