/* SPDX-License-Identifier: MIT
 * Inside a loader: which samples a batch has, and how a slot is filled with them. */
#ifndef PLAIT__LOADER_H
#define PLAIT__LOADER_H

#include "src/dataset.h"
#include <plait/loader.h>

/* A slot: inputs, then labels, then targets, each present or not, in one piece of memory
 * so that one handle and one transfer carry a batch. */
struct plait__slot_layout {
	size_t labels_offset, targets_offset; /* x is at 0; offsets are aligned */
	size_t bytes;
};

struct plait__ring;

struct plait_loader {
	struct plait_dataset *dataset;
	struct plait_loader_options options; /* defaults filled in */
	int64_t batches;                     /* in an epoch */
	int64_t elements;                    /* of one sample */
	bool with_labels, with_targets;      /* both as the data set has them, unless turned off */
	struct plait__slot_layout layout;
	struct plait__ring *ring; /* plait_loader_next's own, made on its first call */
	int64_t next, submitted;  /* batches it has given and asked for, over all epochs */
	bool held, at_end;
};

/* Checks options, fills in their defaults and sets everything but the ring.  Needs no
 * StarPU; cpu_workers is what workers = 0 stands for.  Labels or targets the data set has
 * are delivered only if wanted. */
int plait__loader_init(struct plait_loader *loader, struct plait_dataset *dataset,
		       const struct plait_loader_options *options, bool labels, bool targets,
		       int cpu_workers);

/* Samples in batch `index` of an epoch. */
int64_t plait__loader_rows(const struct plait_loader *loader, int64_t index);

/* Fills a slot with batch `index` of `epoch`: a pure function of loader and arguments.
 * bounce: memory of one sample in the data set's dtype, used only where the data set
 * cannot be read in place.  Errors: PLAIT_EDATA, PLAIT_ELABEL; the slot is then zeroed. */
int plait__loader_fill(const struct plait_loader *loader, int64_t epoch, int64_t index,
		       unsigned char *slot, void *bounce);

#endif
