/* SPDX-License-Identifier: MIT
 * Graphs are rows of work, as captures of one stream are. */
#include "tests/virtual_gpu/graph.h"

#include <condition_variable>
#include <cuda_runtime_api.h>
#include <memory>
#include <mutex>
#include <set>

struct CUgraph_st {
	int device;
	std::vector<vgpu_piece> pieces;
};

/* Launches of one graph come one after another, on whichever streams. */
struct turns {
	std::mutex mutex;
	std::condition_variable next;
	long launched = 0, done = 0;
};

struct CUgraphExec_st {
	int device;
	std::vector<vgpu_piece> pieces;
	std::shared_ptr<turns> order; /* work in a stream holds it too */
};

static std::mutex lock;
/* Graphs and what was instantiated of them; it outlives destructors. */
static std::set<const void *> *const live = new std::set<const void *>;

template <typename type>
static type *made(type *object)
{
	std::lock_guard<std::mutex> hold(lock);

	live->insert(object);
	return object;
}

template <typename type>
static type *known(type *object, const char *what)
{
	std::lock_guard<std::mutex> hold(lock);

	if (!live->count(object))
		vgpu_die("%s: graph %p does not exist, or not any more", what, (void *)object);
	return object;
}

template <typename type>
static cudaError_t destroy(type *object, const char *what)
{
	known(object, what);
	std::lock_guard<std::mutex> hold(lock);

	live->erase(object);
	delete object;
	return cudaSuccess;
}

struct CUgraph_st *vgpu_graph_create(int device, std::vector<vgpu_piece> pieces)
{
	return made(new CUgraph_st{ device, std::move(pieces) });
}

/* -- CUDA's calls ---------------------------------------------------------------------------------
 */

extern "C" cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph,
					    unsigned long long)
{
	known(graph, "cudaGraphInstantiate");
	*exec = made(new CUgraphExec_st{ graph->device, graph->pieces, std::make_shared<turns>() });
	return cudaSuccess;
}

extern "C" cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *exec, cudaGraph_t graph,
						     unsigned long long flags)
{
	return cudaGraphInstantiate(exec, graph, flags);
}

extern "C" cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
	return destroy(graph, "cudaGraphDestroy");
}

extern "C" cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
	return destroy(exec, "cudaGraphExecDestroy");
}

extern "C" cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *count)
{
	if (nodes)
		vgpu_die("cudaGraphGetNodes: only their number is played");
	*count = known(graph, "cudaGraphGetNodes")->pieces.size();
	return cudaSuccess;
}

/* All of a launch is one piece of work of its stream. */
static void run(turns &order, long ticket, const std::vector<vgpu_job> &jobs)
{
	{
		std::unique_lock<std::mutex> hold(order.mutex);

		while (order.done != ticket)
			order.next.wait(hold);
	}
	for (const vgpu_job &job : jobs)
		job();
	std::lock_guard<std::mutex> hold(order.mutex);

	order.done++;
	order.next.notify_all();
}

extern "C" cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
	auto e = known(exec, "cudaGraphLaunch");
	auto order = e->order;
	int device = vgpu_stream_device(stream), error;
	std::vector<vgpu_job> jobs;
	long ticket;

	if (device != e->device || device != vgpu_current)
		vgpu_die("cudaGraphLaunch: graph of device %d, stream of device %d, current %d",
			 e->device, device, vgpu_current);
	if (vgpu_capture_of(stream))
		vgpu_die("cudaGraphLaunch: a graph in a graph is not played");
	error = stream ? 0 : vgpu_ask_legacy(device, "cudaGraphLaunch");
	if (error)
		return (cudaError_t)error;
	for (const vgpu_piece &piece : e->pieces)
		jobs.push_back(piece.make());
	VGPU_COUNT(device, graphs, 1);
	VGPU_COUNT(device, in_graphs, (long)jobs.size());
	{
		std::lock_guard<std::mutex> hold(order->mutex);

		ticket = order->launched++;
	}
	vgpu_compute(stream, "graph", [=] { run(*order, ticket, jobs); });
	return cudaSuccess;
}
