/* SPDX-License-Identifier: MIT
 * CUDA graphs of a binding. What a segment launches is the same in every step but for the places
 * that it works on, and these come back as the slots and the window do. So it is captured once for
 * each set of places, and is one launch from then on. */
#ifndef PLAIT__GRAPHS_H
#define PLAIT__GRAPHS_H

#include "src/base/base.h"

struct plait__graph;

/* All zero: nothing is captured. */
struct plait__graphs {
	struct plait__graph **first; /* [segments][workers] */
	int segments, workers;
	bool off; /* CUDA has refused to capture; atomic */
};

/* What a segment's launches depend on: words of it. */
struct plait__graph_key {
	int segment, words;
	const uintptr_t *word;
};

/* For so many segments. PLAIT_ENOMEM. */
int plait__graphs_open(struct plait__graphs *graphs, int segments);

/* No graph may run. */
void plait__graphs_close(struct plait__graphs *graphs);

/* These are for a CUDA worker, with its stream, in this order.
 * launch: launches the graph of that key, if there is one.
 * begin: whether what is put on the stream from now on is captured, and not run. It is not where
 *   graphs are off or the segment has MOST_GRAPHS of them.
 * end: ends that. If everything was put there (whole) and CUDA could capture it, the graph is kept
 *   and launched; else graphs are off and false is returned: nothing has run. */
bool plait__graph_launch(const struct plait__graphs *graphs, const struct plait__graph_key *key,
			 void *stream);
bool plait__graph_begin(struct plait__graphs *graphs, const struct plait__graph_key *key,
			void *stream);
bool plait__graph_end(struct plait__graphs *graphs, const struct plait__graph_key *key,
		      void *stream, bool whole);

#endif
