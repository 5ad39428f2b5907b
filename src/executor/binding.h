/* SPDX-License-Identifier: MIT
 * A binding is a plan bound to StarPU: its arenas registered as handles, its segments given
 * codelets, its slots a ring.  Everything a step needs is made here, once. */
#ifndef PLAIT__BINDING_H
#define PLAIT__BINDING_H

#include "src/executor/barrier.h"
#include "src/executor/gpu.h"
#include "src/executor/graphs.h"
#include "src/plan/plan.h"
#include "src/loader/ring.h"

struct plait__burst;

/* What a segment's task gets: one for each segment and each burst in flight (step.h). */
struct plait__work {
	const struct plait__binding *binding;
	const struct plait__segment *segment;
	const struct plait__burst *burst;
	const void **in;     /* inputs of the call that runs */
	double microseconds; /* that a CPU worker spent on it */
	double end;          /* starpu_timing_now() when that was over */
};

/* Which workers may compute a segment. */
struct plait__worker_set {
	bool on_gpu;
	plait__gpus gpus;                              /* those that these workers drive */
	bool fixed;                                    /* not all of their kind */
	int workers;                                   /* so many, */
	int worker;                                    /* this one if it is the only one, else -1 */
	uint32_t mask[(STARPU_NMAXWORKERS + 31) / 32]; /* bits of all */
};

struct plait__binding {
	struct plait__plan *plan;
	struct plait__feed feed;
	struct plait__load_memory load_memory;
	struct plait__ring *ring;
	int window; /* bursts in flight at most */
	int steps;  /* of a burst, at most; more than 1 only where one segment is the plan */
	bool uses_cpu, uses_gpu;             /* segments are computed there */
	bool others_read;                    /* its slots, in tasks that are not its segments' */
	struct plait__worker_set *where;     /* [segments] */
	plait__gpus *has_place;              /* by arena: the GPUs on which it has one */
	const struct plait__binding *shared; /* whose parameter handles these are, or NULL */
	struct plait__binding *lender;       /* whose ring and load memory these are, or NULL */
	bool lends;                          /* it is such a one */
	bool snapshot; /* parameters are a copy of shared's (snapshot.c), which nothing waits for */
	int priority;  /* of its tasks, to which a segment's depth is added */

	unsigned char **memory;              /* by arena: of what is in no store, on CPUs */
	starpu_data_handle_t *handle;        /* by arena: all kinds but SLOT and RESULT */
	unsigned char **result_memory;       /* [window][plan->results], of all steps of a burst */
	starpu_data_handle_t *result_handle; /* the same */
	size_t result_bytes;                 /* of a step, where a burst has several */
	struct plait__gpu gpu;               /* memory there of handles */
	struct plait__graphs graphs; /* of what its segments launch; only workers change it */
	starpu_data_handle_t halt;   /* on GPUs, in training: struct plait_call's */
	unsigned char *halt_memory;
	struct plait__barrier own_barrier;
	const struct plait__barrier *barrier; /* those, or shared's */

	struct starpu_codelet **codelet; /* [segment][full, short burst] */
	struct starpu_codelet *fetch;    /* on GPUs: brings results to the host */
	struct starpu_codelet *copy;     /* of a snapshot: makes it */
	unsigned char *consistency;      /* by use: what handles_sequential_consistency points to */
	struct plait__work *work;        /* [window][segment] */
	const void **work_inputs;        /* [window][segment][plan->most_inputs] */
};

/* What a plan is bound to. */
struct plait__binding_options {
	enum plait__mode mode;
	enum plait_granularity
		granularity; /* AUTO: the plan chooses; of what shares: the other's */
	struct plait__split split;
	int accumulate; /* batches of the loader's options that make one here, at least 1 */
	enum plait_pipeline_schedule schedule;
	enum plait_precision precision;
	int replicas;        /* of a plan that trains; 0: one */
	size_t bucket_bytes; /* of the plan */
	int steps;           /* of a burst, or 0: as many as are worth a task, */
	int most_steps;      /* but no more than this; 0: no limit */
	struct plait_dataset *dataset;
	struct plait_loader_options loader;
	int64_t first_step;                       /* of the feed */
	enum plait_overlap overlap;               /* if it shares nothing */
	const bool *keeps;                        /* of the plan; or NULL */
	bool scores;                              /* likewise */
	const struct plait__device *shard_device; /* likewise */
	const struct plait__binding *shares;      /* a binding over the same store, or NULL */
	bool snapshot;    /* of the parameters of what it shares, instead of them */
	bool others_read; /* a program's tasks may read its slots, on any GPU */
	bool loads_apart; /* loading has a memory limit of its own, not that of what it shares */
	/* Bindings whose loads this one may share, if it would load the same, and with whose it
	 * shares main memory; NULL: it shares none, nor do others share its (shared/lend.c). */
	const struct plait__lenders *lenders;
};

/* Bindings of other runs, which go on beside. */
struct plait__lenders {
	struct plait__binding *const *binding; /* [n], those that could not be made are zeroed */
	int n;
	double available; /* bytes of main memory before the first of them was made */
};

/* Bursts of plait__executors_run that may be in flight with so many slots. */
int plait__binding_window(int slots);

/* Bindings that live at once, at most: of training and of its validation. */
#define PLAIT__MOST_BINDINGS 2

/* Makes loader, plan, handles and codelets of bindings over one store, each by the options in its
 * place.  Those that share share the first, which is zeroed too.  Memory is taken for all or for
 * none of them, and after an error none is left.  Errors: the loader's and the plan's. */
int plait__bindings_create(struct plait__binding *const *binding, int bindings,
			   const struct plait__store *store,
			   const struct plait__binding_options *options);

/* Unregisters everything: what GPUs hold of parameters and state is in the store then. */
void plait__binding_destroy(struct plait__binding *binding);

/* Brings parameters and state into the store while the binding lives, to be read and written until
 * the next step; no task may run. */
void plait__binding_sync(const struct plait__binding *binding);

/* Brings parameters alone there, to be read. */
void plait__binding_fetch(const struct plait__binding *binding);

/* Copies the value of node for so many rows, that the last step has left in an arena, to out; no
 * task may run (read.c). */
void plait__binding_read(const struct plait__binding *binding, const struct plait_node *node,
			 int64_t rows, void *out);

/* The handle of the arena that has the value of node, which is in one, for a shard (of a value of
 * the whole batch: any), and where it begins there (read.c). */
starpu_data_handle_t plait__binding_place(const struct plait__binding *binding,
					  const struct plait_node *node, int shard, size_t *offset);

/* Submits all tasks of a burst but its load, in order, and returns.  Each task that nothing
 * else in the burst waits for calls done with burst; plait__binding_sinks counts these tasks. */
int plait__binding_submit(struct plait__binding *binding, struct plait__burst *burst,
			  void (*done)(void *burst));
int plait__binding_sinks(const struct plait__binding *binding);

/* Which arena of binding->shared is the same range of the store, or -1; and that whose handle this
 * arena borrows, or -1. */
int plait__binding_twin(const struct plait__binding *binding, const struct plait__arena *arena);
int plait__binding_shared(const struct plait__binding *binding, const struct plait__arena *arena);

/* The one among lenders whose loads a binding shares, which has its feed; or NULL
 * (shared/lend.c). */
struct plait__binding *plait__binding_find_lender(const struct plait__binding *binding,
						  const struct plait__binding_options *options);

/* The budget of loads that one of its own would be beside: that of what it shares, or of lenders
 * with the same limit; NULL: it has its own (shared/lend.c). */
struct plait__budget *plait__binding_find_budget(const struct plait__binding *binding,
						 const struct plait__binding_options *options);

/* Submits the tasks that copy the parameters of binding->shared, as they are after all that was
 * submitted so far, to a snapshot.  PLAIT_ERUNTIME. */
int plait__binding_take_snapshot(const struct plait__binding *binding);

/* The granularity of its plan, and how many steps a burst has at most, once its feed is there
 * (binding/grain.c).  PLAIT_EINVAL: as many as are wanted cannot be. */
enum plait_granularity plait__binding_granularity(const struct plait__binding *binding,
						  const struct plait__store *store,
						  const struct plait__binding_options *options);
int plait__binding_steps(const struct plait__binding *binding, const struct plait__store *store,
			 const struct plait__binding_options *options);

/* Parts of creating and destroying a binding (binding/).  PLAIT_ENOMEM. */
int plait__binding_make_plan(struct plait__binding *binding, const struct plait__store *store,
			     const struct plait__binding_options *options);
int plait__binding_make_places(struct plait__binding *binding); /* PLAIT_EINVAL too */
int plait__binding_make_handles(struct plait__binding *binding);
void plait__binding_destroy_handles(struct plait__binding *binding);
int plait__binding_make_codelets(struct plait__binding *binding);
int plait__binding_make_copy(struct plait__binding *binding);

/* The GPUs that compute segments, and those on which slots have places (binding/place.c). */
plait__gpus plait__binding_gpus(const struct plait__binding *binding);
plait__gpus plait__binding_slot_gpus(const struct plait__binding *binding);

/* Gives the arenas of first that binding borrows or copies places where binding uses them too,
 * before first has handles (binding/place.c). */
void plait__binding_widen(struct plait__binding *first, const struct plait__binding *binding);

/* Whether p is in the memory of this worker's GPU that it, or whom it borrows from, has taken. */
bool plait__binding_holds(const struct plait__binding *binding, const void *p);

/* Whether GPUs have a flag that stops updates: where a loss that is not finite ends the training.
 */
static inline bool plait__binding_has_halt(const struct plait__binding *binding)
{
	return binding->uses_gpu && binding->plan->options.mode == PLAIT__TRAIN &&
	       !plait__graph_skips(binding->plan->graph);
}

/* The handles of a segment's task behind those of its arenas, in this order where they are. */
struct plait__extras {
	int halt;    /* its place among the buffers, or -1 */
	int handles; /* at most 2 */
	starpu_data_handle_t handle[2];
	enum starpu_data_access_mode mode[2];
};
struct plait__extras plait__binding_extras(const struct plait__binding *binding,
					   const struct plait__segment *segment);

/* Does what the first calls of kernels do once; no task runs (warm_up.c). */
void plait__binding_warm_up(struct plait__binding *binding);

/* The handles of a segment's task in a burst: [nbuffers of its codelet] (submit.c). */
void plait__binding_task_handles(const struct plait__binding *binding,
				 const struct plait__burst *burst,
				 const struct plait__segment *segment,
				 starpu_data_handle_t *handle);

/* Has a task run there (binding/place.c). */
void plait__worker_set_task(struct plait__worker_set *set, struct starpu_task *task);

/* Codelet bodies (segment.c). */
void plait__segment_cpu(void *buffers[], void *work);
void plait__segment_cuda(void *buffers[], void *work);

/* What a segment's task is there for (binding/codelets.c). */
enum plait_work plait__segment_work(const struct plait__plan *plan,
				    const struct plait__segment *segment);

#endif
