/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/graphs.h"
#include "src/runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA

#include <cuda_runtime_api.h>

/* Of a segment on one worker. Slots times entries of the window that meet, with room: each takes
 * some tens of kilobytes. */
#define MOST_GRAPHS 256

struct plait__graph {
	struct plait__graph *next;
	cudaGraphExec_t exec;
	int words;
	uintptr_t word[];
};

/* Only the worker itself uses its list. */
static struct plait__graph **first_of(const struct plait__graphs *graphs,
				      const struct plait__graph_key *key)
{
	int worker = starpu_worker_get_id();

	PLAIT__ASSERT(key->segment < graphs->segments && worker >= 0 && worker < graphs->workers,
		      "a worker has a list of graphs for each segment");
	return &graphs->first[key->segment * graphs->workers + worker];
}

bool plait__graph_launch(const struct plait__graphs *graphs, const struct plait__graph_key *key,
			 void *stream)
{
	const struct plait__graph *graph = *first_of(graphs, key);
	cudaError_t error;

	while (graph && (graph->words != key->words ||
			 memcmp(graph->word, key->word, (size_t)key->words * sizeof *key->word)))
		graph = graph->next;
	if (!graph)
		return false;
	error = cudaGraphLaunch(graph->exec, (cudaStream_t)stream);
	if (error != cudaSuccess)
		STARPU_CUDA_REPORT_ERROR(error);
	return true;
}

static void turn_off(struct plait__graphs *graphs)
{
	cudaGetLastError(); /* which later launches would report */
	__atomic_store_n(&graphs->off, true, __ATOMIC_RELAXED);
}

bool plait__graph_begin(struct plait__graphs *graphs, const struct plait__graph_key *key,
			void *stream)
{
	int count = 0;

	for (const struct plait__graph *graph = *first_of(graphs, key); graph; graph = graph->next)
		count++;
	if (__atomic_load_n(&graphs->off, __ATOMIC_RELAXED) || count >= MOST_GRAPHS)
		return false;
	if (cudaStreamBeginCapture((cudaStream_t)stream, cudaStreamCaptureModeThreadLocal) ==
	    cudaSuccess)
		return true;
	turn_off(graphs);
	return false;
}

/* NULL if memory is out or CUDA refuses. */
static struct plait__graph *graph_of(cudaGraph_t captured, const struct plait__graph_key *key)
{
	size_t bytes = (size_t)key->words * sizeof *key->word;
	struct plait__graph *graph = malloc(sizeof *graph + bytes);

	if (!graph)
		return NULL;
	if (cudaGraphInstantiateWithFlags(&graph->exec, captured, 0) != cudaSuccess) {
		free(graph);
		return NULL;
	}
	graph->words = key->words;
	memcpy(graph->word, key->word, bytes);
	return graph;
}

bool plait__graph_end(struct plait__graphs *graphs, const struct plait__graph_key *key,
		      void *stream, bool whole)
{
	struct plait__graph **first = first_of(graphs, key), *graph = NULL;
	cudaGraph_t captured = NULL;
	cudaError_t error = cudaStreamEndCapture((cudaStream_t)stream, &captured);

	if (whole && error == cudaSuccess && captured)
		graph = graph_of(captured, key);
	if (captured)
		cudaGraphDestroy(captured);
	if (!graph) {
		turn_off(graphs);
		return false;
	}
	graph->next = *first;
	*first = graph;
	return plait__graph_launch(graphs, key, stream);
}

int plait__graphs_open(struct plait__graphs *graphs, int segments)
{
	int workers = (int)starpu_worker_get_count();

	graphs->first = plait__calloc((size_t)segments * (size_t)workers, sizeof *graphs->first,
				      "CUDA graphs");
	if (!graphs->first)
		return PLAIT_ENOMEM;
	graphs->segments = segments;
	graphs->workers = workers;
	return 0;
}

void plait__graphs_close(struct plait__graphs *graphs)
{
	for (int i = 0; i < graphs->segments * graphs->workers; i++)
		while (graphs->first[i]) {
			struct plait__graph *graph = graphs->first[i];

			graphs->first[i] = graph->next;
			cudaGraphExecDestroy(graph->exec);
			free(graph);
		}
	free(graphs->first);
	*graphs = (struct plait__graphs){ 0 };
}

#else

int plait__graphs_open(struct plait__graphs *graphs, int segments)
{
	(void)graphs;
	(void)segments;
	return 0;
}

void plait__graphs_close(struct plait__graphs *graphs)
{
	(void)graphs;
}

#endif
