/* SPDX-License-Identifier: MIT
 * NumPy's .npy, versions 1 to 3: magic, version, length of the header; then the header, a Python
 * literal such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }; then the data. */
#include "config.h"
#include "src/dataset/format.h"

#include <stdlib.h>
#include <string.h>

/* Only structured types with many fields need longer headers.  Those of numbers have 128 bytes. */
#define LONGEST_HEADER 65536

struct npy_header {
	const struct plait__array *array; /* for messages */
	char *text;
	char *at; /* what the parser reads next */
	size_t length;
	int start; /* offset of text in the file */
	char descr[16];
	bool has_descr, has_order, has_shape;
};

static int unexpected(const struct npy_header *h, const char *expected)
{
	char found[24];
	int n = 0;

	PLAIT__ASSERT(h->at >= h->text && h->at <= h->text + h->length,
		      "the parser is in the header, or at the zero byte that ends it");
	for (const char *p = h->at; *p && n < 20; p++)
		found[n++] = *p >= ' ' && *p <= '~' ? *p : '?';
	found[n] = '\0';
	return plait__error(PLAIT_EFORMAT, "%s: offset %d: expected %s, found %s%s",
			    plait__file_path(h->array->file), h->start + (int)(h->at - h->text),
			    expected, n ? found : "the header's end", n == 20 ? "..." : "");
}

/* Skips spaces, and then the token if it is next.  Returns whether it is. */
static bool take(struct npy_header *h, const char *token)
{
	size_t length = strlen(token);

	h->at += strspn(h->at, " \t\n\r");
	if (strncmp(h->at, token, length) != 0)
		return false;
	h->at += length;
	return true;
}

/* Reads a quoted string of less than size bytes into text. */
static int take_string(struct npy_header *h, char *text, size_t size, const char *what)
{
	char quote;
	size_t length;

	h->at += strspn(h->at, " \t\n\r");
	quote = *h->at;
	if (quote != '\'' && quote != '"')
		return unexpected(h, what);
	for (length = 1; h->at[length] && h->at[length] != quote; length++)
		;
	if (!h->at[length] || length > size)
		return unexpected(h, what);
	memcpy(text, h->at + 1, length - 1);
	text[length - 1] = '\0';
	h->at += length + 1;
	return 0;
}

/* Reads a shape: "(60000, 28, 28)", "(5,)", "()". */
static int take_shape(struct npy_header *h, struct plait__array *array)
{
	if (!take(h, "("))
		return unexpected(h, "a shape such as (3, 4)");
	for (array->ndim = 0; !take(h, ")"); array->ndim++) {
		int64_t value = 0;

		if (array->ndim == PLAIT_MAX_DIMS)
			return plait__error(PLAIT_EFORMAT,
					    "%s: expected at most %d dimensions, found more",
					    plait__file_path(array->file), PLAIT_MAX_DIMS);
		if (*h->at < '0' || *h->at > '9')
			return unexpected(h, "a dimension");
		for (; *h->at >= '0' && *h->at <= '9'; h->at++)
			if (__builtin_mul_overflow(value, 10, &value) ||
			    __builtin_add_overflow(value, *h->at - '0', &value))
				return unexpected(h, "a dimension below 2^63");
		h->at += *h->at == 'L'; /* as Python 2 wrote long integers */
		array->dim[array->ndim] = value;
		if (!take(h, ",") && *h->at != ')')
			return unexpected(h, "a comma or )");
	}
	return 0;
}

static int take_entry(struct npy_header *h, struct plait__array *array)
{
	char key[16];
	int status = take_string(h, key, sizeof key, "'descr', 'fortran_order' or 'shape'");

	if (status < 0)
		return status;
	if (!take(h, ":"))
		return unexpected(h, "a colon");
	if (strcmp(key, "descr") == 0 && !h->has_descr) {
		h->has_descr = true;
		return take_string(h, h->descr, sizeof h->descr, "one type such as '<f4'");
	}
	if (strcmp(key, "shape") == 0 && !h->has_shape) {
		h->has_shape = true;
		return take_shape(h, array);
	}
	if (strcmp(key, "fortran_order") != 0 || h->has_order)
		return unexpected(h, "'descr', 'fortran_order' and 'shape' once each");
	h->has_order = true;
	array->fortran = take(h, "True");
	return array->fortran || take(h, "False") ? 0 : unexpected(h, "True or False");
}

static int parse_descr(const struct npy_header *h, struct plait__array *array)
{
	static const char *const known[] = { "f2", "f4", "f8", "u1", "u2", "u4",
					     "u8", "i1", "i2", "i4", "i8", "b1" };
	const char *descr = h->descr;
	bool big = *descr == '>';

	if (*descr && strchr("<>|=", *descr))
		descr++;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(descr, known[i]) != 0)
			continue;
		array->type = (struct plait__number){ .kind = *descr == 'f'   ? PLAIT__FLOAT
							      : *descr == 'u' ? PLAIT__UNSIGNED
							      : *descr == 'i' ? PLAIT__SIGNED
									      : PLAIT__BOOL,
						      .bytes = descr[1] - '0',
						      .big_endian = big };
		return 0;
	}
	return plait__error(
		PLAIT_EFORMAT,
		"%s: expected a type of f2 f4 f8 u1 u2 u4 u8 i1 i2 i4 i8 b1, found '%s'",
		plait__file_path(array->file), h->descr);
}

static int parse_header(struct npy_header *h, struct plait__array *array)
{
	const char *path = plait__file_path(array->file);
	int status = 0;

	if (!take(h, "{"))
		return unexpected(h, "{");
	while (status == 0 && !take(h, "}")) {
		status = take_entry(h, array);
		if (status == 0 && !take(h, ",") && *h->at != '}')
			status = unexpected(h, "a comma or }");
	}
	if (status < 0)
		return status;
	take(h, "");
	if (h->at != h->text + h->length) /* a zero byte within the text ends it too */
		return unexpected(h, "only spaces after }");
	if (!h->has_descr || !h->has_order || !h->has_shape)
		return plait__error(
			PLAIT_EFORMAT,
			"%s: expected 'descr', 'fortran_order' and 'shape', found no %s", path,
			!h->has_descr   ? "'descr'"
			: !h->has_order ? "'fortran_order'"
					: "'shape'");
	if (array->ndim < 1)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected a first dimension of samples, found shape ()",
				    path);
	return parse_descr(h, array);
}

/* Reads what is before the header's text.  *length_p becomes the length of the text. */
static int read_preamble(struct plait__array *array, uint32_t *length_p)
{
	unsigned char start[12] = { 0 };
	const char *path = plait__file_path(array->file);
	int status = plait__file_read_all(array->file, start, 8, "an NPY header");
	bool wide = start[6] > 1;

	if (status < 0)
		return status;
	if (memcmp(start, "\x93NUMPY", 6) != 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset 0: expected \\x93NUMPY, found another file", path);
	if (start[6] < 1 || start[6] > 3 || start[7] != 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset 6: expected version 1.0, 2.0 or 3.0, found %d.%d",
				    path, start[6], start[7]);
	status = plait__file_read_all(array->file, start + 8, wide ? 4 : 2, "an NPY header");
	*length_p = (uint32_t)start[8] | (uint32_t)start[9] << 8 | (uint32_t)start[10] << 16 |
		    (uint32_t)start[11] << 24;
	if (status == 0 && *length_p > LONGEST_HEADER)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset 8: expected a header of at most %d bytes, found %u",
				    path, LONGEST_HEADER, *length_p);
	return status;
}

static int open_array(struct plait__array *array, const char *path)
{
	struct npy_header h = { .array = array };
	uint32_t length = 0;
	int status = plait__file_open(&array->file, path, true);

	if (status == 0)
		status = read_preamble(array, &length);
	if (status < 0)
		return status;
	h.length = length;
	h.start = (int)plait__file_offset(array->file);
	h.text = h.at = plait__calloc(1, (size_t)length + 1, path);
	if (!h.text)
		return PLAIT_ENOMEM;
	status = plait__file_read_all(array->file, h.text, length, "an NPY header");
	if (status == 0)
		status = parse_header(&h, array);
	free(h.text);
	return status;
}

static int read_x(struct plait_dataset *dataset, const char *path, enum plait__layout layout)
{
	struct plait__array array = { 0 };
	int status = open_array(&array, path);

	if (status == 0)
		status = plait__array_read_x(&array, layout, dataset);
	plait__file_close(array.file);
	return status;
}

/* Numbers become targets, and labels too if all are whole and none is negative; integers must be.
 */
static int read_y(struct plait_dataset *dataset, const char *path)
{
	struct plait_dataset_info *info = &dataset->info;
	struct plait__array array = { 0 };
	char shape[128];
	int status = open_array(&array, path);
	bool integer = status == 0 && plait__number_is_integer(array.type);
	int most = integer && array.ndim == 2 && array.dim[1] != 1 ? 1 : 2;

	if (status == 0 && array.ndim > most)
		status = plait__error(PLAIT_EFORMAT, "%s: expected %s, found shape %s", path,
				      integer ? "integer labels [N] or [N,1]"
					      : "targets [N] or [N,M]",
				      plait_shape_text(array.ndim, array.dim, shape, sizeof shape));
	if (status == 0)
		status = integer ? plait__array_read_labels(&array, dataset)
				 : plait__array_read_targets(&array, dataset);
	plait__file_close(array.file);
	if (status == 0 && integer)
		status = plait__dataset_check_labels(info->spec, info->samples, dataset->labels,
						     &info->classes);
	if (status == 0 && integer)
		status = plait__dataset_add_targets(dataset);
	if (status == 0 && !integer)
		status = plait__dataset_add_labels(dataset);
	return status;
}

int plait__dataset_open_npy(struct plait_dataset *dataset, const char *rest)
{
	char *x, *y;
	enum plait__layout layout;
	int status =
		plait__dataset_split(rest, "npy:X.npy[,Y.npy][,layout=chw|hwc]", &x, &y, &layout);

	if (status < 0)
		return status;
	dataset->destroy = plait__dataset_free_arrays;
	status = read_x(dataset, x, layout);
	if (status == 0 && y)
		status = read_y(dataset, y);
	free(x);
	free(y);
	return status;
}
