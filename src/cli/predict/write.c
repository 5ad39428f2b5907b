/* SPDX-License-Identifier: MIT
 * Predictions as CSV (RFC 4180, with lines that end in LF) and as a NumPy array. */
#include "config.h"
#include "src/cli/predict/predict.h"
#include "src/cli/interrupt.h"
#include "src/cli/output.h"
#include "src/base/assert.h"

#include <inttypes.h>
#include <string.h>

/* -- CSV --------------------------------------------------------------------------------------- */

/* A class without a name is called by its number. */
static void put_class(FILE *file, const struct plait__names *names, int64_t class)
{
	if (class < names->count)
		cli_output_cell(file, names->name[class]);
	else
		fprintf(file, "%" PRId64, class);
}

static void put_header(FILE *file, const struct cli_predictions *p)
{
	fputs(p->classes ? "sample,class,probability" : "sample", file);
	for (int64_t i = 0; i < p->width; i++) {
		putc(',', file);
		if (p->classes)
			put_class(file, &p->names, i);
		else
			fprintf(file, "output%" PRId64, i);
	}
	putc('\n', file);
}

/* Nine digits tell every float from every other. */
static void put_number(FILE *file, float x)
{
	fprintf(file, ",%.9g", (double)x);
}

static void put_sample(FILE *file, const struct cli_predictions *p, int64_t sample)
{
	const float *x = p->out + sample * p->width;
	int64_t best = 0;

	fprintf(file, "%" PRId64, sample);
	if (p->classes) {
		for (int64_t i = 1; i < p->width; i++)
			best = x[i] > x[best] ? i : best;
		putc(',', file);
		put_class(file, &p->names, best);
		put_number(file, x[best]);
	}
	for (int64_t i = 0; i < p->width; i++)
		put_number(file, x[i]);
	putc('\n', file);
}

void cli_predict_csv(FILE *file, const struct cli_predictions *predictions)
{
	put_header(file, predictions);
	for (int64_t i = 0; i < predictions->samples && !cli_stop && !ferror(file); i++)
		put_sample(file, predictions, i);
}

/* -- NPY --------------------------------------------------------------------------------------- */

/* Bytes before the length of the header: a magic number and the version, 1.0. */
static const char magic[8] = "\x93NUMPY\x01";

/* The data begin at a multiple of so many bytes. */
#define ALIGNED 64

/* The longest shape, and the words around it. */
#define LONGEST_HEADER 512

static void put_npy_header(FILE *file, const struct cli_predictions *p)
{
	char text[LONGEST_HEADER];
	size_t used =
		(size_t)snprintf(text, sizeof text,
				 "{'descr': '%cf4', 'fortran_order': False, 'shape': (%" PRId64 ",",
				 __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>', p->samples);
	size_t whole;

	for (int d = 0; d < p->ndim; d++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRId64,
					 d > 0 ? ", " : " ", p->dim[d]);
	used += (size_t)snprintf(text + used, sizeof text - used, "), }");
	/* Blanks and a newline fill it up. */
	whole = (sizeof magic + 2 + used + 1 + ALIGNED - 1) / ALIGNED * ALIGNED;
	PLAIT__ASSERT(whole < sizeof text, "the header of any shape fits");
	fwrite(magic, 1, sizeof magic, file);
	whole -= sizeof magic + 2;
	putc((int)(whole & 0xff), file);
	putc((int)(whole >> 8), file);
	fprintf(file, "%-*s\n", (int)whole - 1, text);
}

void cli_predict_npy(FILE *file, const struct cli_predictions *predictions)
{
	size_t width = (size_t)predictions->width;

	put_npy_header(file, predictions);
	for (int64_t i = 0; i < predictions->samples && !cli_stop && !ferror(file); i++)
		fwrite(predictions->out + i * predictions->width, sizeof(float), width, file);
}
