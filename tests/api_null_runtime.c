/* SPDX-License-Identifier: MIT
 * Rows of tests/api_null.c for StarPU and loaders: before plait_start, and with the smallest data
 * and graph that there are. */
#include "config.h"
#include "tests/api_null.h"
#include "tests/files.h"

#include <starpu.h>
#include <stdlib.h>

static struct plait_dataset *set;
static struct plait_graph *net;

/* -- runtime.h ------------------------------------------------------------------------------ */

static void stopped_rows(void)
{
	struct plait_worker_use use = { .tasks = 7 };
	struct starpu_task task = { .cl = NULL };
	struct plait_loader *loader = NULL;
	struct plait_trainer *trainer = NULL;
	const char *name;

	GIVES(0, plait_cpu_workers());
	GIVES(0, plait_cuda_workers());
	SAYS("", plait_policy());
	IGNORES(plait_worker_use_reset());
	IGNORES(plait_worker_use_get(0, &use));
	api_holds(use.tasks == 0, "zeros without plait_start");
	REFUSES(PLAIT_ESTATE, plait_submit(&task));
	REFUSES(PLAIT_ESTATE, plait_loader_create(&loader, set, NULL));
	REFUSES(PLAIT_ESTATE, plait_trainer_create(&trainer, net, NULL));
	IGNORES(plait_stop());
	REFUSES(PLAIT_EINVAL, plait_topology_get(NULL));
	GIVES(plait_policies((const char *[]){ "" }, -1), plait_policies(NULL, 99));
	GIVES(plait_policies(NULL, 0), plait_library_policies(NULL, (const char *[]){ "" }, -1));
	REFUSES(PLAIT_EINVAL, plait_library_policies("/nowhere/x.so", NULL, 0));
	REFUSES(PLAIT_EINVAL, plait_policy_find(NULL, "/nowhere/x.so", &name));
	REFUSES(PLAIT_EINVAL, plait_policy_find("eager", "/nowhere/x.so", NULL));
	REFUSES(PLAIT_EINVAL, plait_policy_find("", NULL, &name));
	GIVES(0, plait_policy_find("plait", NULL, &name));
	REFUSES(PLAIT_EINVAL,
		plait_start(&(struct plait_start_options){ .policy_library = "/nowhere/x.so" }));
	REFUSES(PLAIT_EINVAL, plait_start(&(struct plait_start_options){ .policy = "" }));
	REFUSES(PLAIT_EINVAL, plait_start(&(struct plait_start_options){ .cpu_workers = 1 << 20 }));
	REFUSES(PLAIT_EINVAL, plait_start(&(struct plait_start_options){ .gpu_memory_limit = -1 }));
	REFUSES(PLAIT_EINVAL,
		plait_start(&(struct plait_start_options){ .gpu_memory_percent = 101 }));
	REFUSES(PLAIT_EINVAL, plait_start(&(struct plait_start_options){ .cpu_workers = -1,
									 .cuda_workers = -1 }));
}

static void started_rows(void)
{
	struct plait_worker_use use = { .tasks = 7 };
	struct starpu_task *task;

	setenv("PLAIT_RECORD", files_path("."), 1);
	GIVES(0, plait_start(NULL));
	REFUSES(PLAIT_ESTATE, plait_start(NULL));
	IGNORES(plait_worker_use_get(0, NULL));
	IGNORES(plait_worker_use_get(-1, &use));
	api_holds(use.tasks == 0, "zeros for no worker");
	use.tasks = 7;
	IGNORES(plait_worker_use_get(STARPU_NMAXWORKERS, &use));
	api_holds(use.tasks == 0, "zeros for no worker");
	REFUSES(PLAIT_EINVAL, plait_submit(NULL));
	/* One without a codelet, that only waits for others; it is recorded, too. */
	task = starpu_task_create();
	GIVES(0, plait_submit(task));
	starpu_task_wait_for_all();
}

/* -- bad_samples.h -------------------------------------------------------------------------- */

static void bad_samples_rows(void)
{
	struct plait_bad_samples *list = NULL;
	struct plait_bad_sample sample;

	REFUSES(PLAIT_EINVAL, plait_bad_samples_create(NULL));
	api_made(plait_bad_samples_create(&list));
	GIVES(0, plait_bad_samples_count(NULL));
	REFUSES(PLAIT_EINVAL, plait_bad_samples_get(NULL, 0, &sample));
	REFUSES(PLAIT_EINVAL, plait_bad_samples_get(list, 0, NULL));
	REFUSES(PLAIT_EINVAL, plait_bad_samples_get(list, 0, &sample));
	REFUSES(PLAIT_EINVAL, plait_bad_samples_get(list, -1, &sample));
	IGNORES(plait_bad_samples_destroy(NULL));
	plait_bad_samples_destroy(list);
}

/* -- loader.h ------------------------------------------------------------------------------- */

static void loader_create_rows(void)
{
	struct plait_loader_options options = { .batch_size = 2 };
	struct plait_loader *loader = NULL;

	REFUSES(PLAIT_EINVAL, plait_loader_create(NULL, set, &options));
	REFUSES(PLAIT_EINVAL, plait_loader_create(&loader, NULL, &options));
#define REFUSES_OPTION(...) \
	options = (struct plait_loader_options){ __VA_ARGS__ }; \
	REFUSES(PLAIT_EINVAL, plait_loader_create(&loader, set, &options))
	REFUSES_OPTION(.batch_size = -1);
	REFUSES_OPTION(.workers = -1);
	REFUSES_OPTION(.prefetch = -1);
	REFUSES_OPTION(.chunk = -1);
	REFUSES_OPTION(.timeout = -1);
	REFUSES_OPTION(.load_delay = -1);
	REFUSES_OPTION(.memory_limit = -1);
	REFUSES_OPTION(.cache = (enum plait_cache)99);
	REFUSES_OPTION(.dtype = (enum plait_dtype)99);
	REFUSES_OPTION(.normalize.channels = -1);
	REFUSES_OPTION(.bad.policy = (enum plait_bad_policy)99);
	REFUSES_OPTION(.bad.limit = -1);
	REFUSES_OPTION(.bad.limit = 1);
	REFUSES_OPTION(.sampler.subset_size = 1);
	REFUSES_OPTION(.sampler.subset_size = -1);
	REFUSES_OPTION(.sampler.draws = -1);
	REFUSES_OPTION(.sampler.world = -1);
	REFUSES_OPTION(.sampler.rank = -1);
#undef REFUSES_OPTION
	api_holds(loader == NULL, "nothing is set where something is refused");
	GIVES(0, plait_loader_create(&loader, set, NULL));
	plait_loader_destroy(loader);
}

static void batch_rows(struct plait_loader *loader)
{
	struct plait_batch batch;

	REFUSES(PLAIT_EINVAL, plait_loader_next(NULL, &batch));
	REFUSES(PLAIT_EINVAL, plait_loader_next(loader, NULL));
	IGNORES(plait_loader_release(NULL));
	IGNORES(plait_loader_release(loader));
	GIVES(0, plait_loader_next(loader, &batch));
	REFUSES(PLAIT_ESTATE, plait_loader_next(loader, &batch));
	plait_loader_release(loader);
	IGNORES(plait_loader_release(loader));
	GIVES(0, plait_loader_positions(NULL));
	GIVES(0, plait_loader_batches(NULL));
	REFUSES(PLAIT_EINVAL, plait_loader_sample(NULL, 0, 0));
	REFUSES(PLAIT_EINVAL, plait_loader_sample(loader, 0, -1));
	REFUSES(PLAIT_EINVAL, plait_loader_sample(loader, 0, 3));
	REFUSES(PLAIT_EINVAL, plait_loader_sample(loader, -1, 0));
	GIVES(5, plait_loader_sample(loader, 0, 2));
	IGNORES(plait_loader_destroy(NULL));
}

static void figures_rows(struct plait_loader *loader)
{
	struct plait_load_stats stats;
	struct plait_loader_memory memory = { .slots = 7 };
	char text[100] = "as it was";
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim;

	IGNORES(plait_loader_stats(loader, NULL));
	plait_loader_stats(loader, &stats);
	api_holds(stats.batches == 1, "and keeps what there is to tell");
	IGNORES(plait_loader_stats(NULL, &stats));
	api_holds(stats.batches == 0, "zeros for NULL");
	IGNORES(plait_loader_memory(NULL, &memory));
	api_holds(memory.slots == 0, "zeros for NULL");
	IGNORES(plait_loader_memory(loader, NULL));
	SAYS("as it was", plait_load_verdict(&stats, text, 0));
	GIVES_NULL(plait_load_verdict(&stats, NULL, sizeof text));
	SAYS("nothing was loaded", plait_load_verdict(NULL, text, sizeof text));
	REFUSES(PLAIT_EINVAL, plait_sample_shape(NULL, NULL, &ndim, dim));
	GIVES(0, plait_sample_shape(set, NULL, &ndim, dim));
}

static void shape_rows(void)
{
	static const uint8_t pixel[3] = { 1, 2, 3 };
	struct plait_tensor x = {
		.dtype = PLAIT_U8, .ndim = 4, .dim = { 1, 3, 1, 1 }, .data = (void *)pixel
	};
	struct plait_transform *flip = NULL;
	struct plait_dataset *image = NULL;
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim;

	api_made(plait_dataset_from_memory(&image, &x, NULL, 0));
	api_made(plait_transform_parse(&flip, "flip"));
	REFUSES(PLAIT_EINVAL, plait_sample_shape(NULL, flip, &ndim, dim));
	REFUSES(PLAIT_EINVAL, plait_sample_shape(image, flip, NULL, dim));
	REFUSES(PLAIT_EINVAL, plait_sample_shape(image, flip, &ndim, NULL));
	plait_transform_destroy(flip);
	plait_dataset_destroy(image);
}

static void state_rows(struct plait_loader *loader)
{
	const char *path = files_path("null.state");
	struct plait_loader_state state = { 0 };

	REFUSES(PLAIT_EINVAL, plait_loader_state_save(NULL, &state));
	REFUSES(PLAIT_EINVAL, plait_loader_state_save(loader, NULL));
	REFUSES(PLAIT_EINVAL, plait_loader_state_restore(NULL, &state));
	REFUSES(PLAIT_EINVAL, plait_loader_state_restore(loader, NULL));
	REFUSES(PLAIT_EFORMAT, plait_loader_state_restore(loader, &state));
	api_made(plait_loader_state_save(loader, &state));
	REFUSES(PLAIT_EINVAL, plait_loader_state_write(NULL, path));
	REFUSES(PLAIT_EINVAL, plait_loader_state_write(&state, NULL));
	REFUSES(PLAIT_EIO, plait_loader_state_write(&state, ""));
	api_made(plait_loader_state_write(&state, path));
	REFUSES(PLAIT_EINVAL, plait_loader_state_read(NULL, path));
	REFUSES(PLAIT_EINVAL, plait_loader_state_read(&state, NULL));
	REFUSES(PLAIT_EIO, plait_loader_state_read(&state, ""));
}

static void loader_rows(void)
{
	/* Positions beyond the last would be read behind its end. */
	static const int64_t subset[] = { 3, 4, 5 };
	struct plait_loader_options options = { .batch_size = 2,
						.sampler = { .subset = subset, .subset_size = 3 } };
	struct plait_loader *loader = NULL;

	loader_create_rows();
	api_made(plait_loader_create(&loader, set, &options));
	state_rows(loader);
	batch_rows(loader);
	figures_rows(loader);
	plait_loader_destroy(loader);
	shape_rows();
}

/* -- all ------------------------------------------------------------------------------------ */

void api_runtime_rows(void)
{
	struct plait_node *x;

	api_made(plait_dataset_open(&set, "synthetic:6,4,2"));
	net = plait_graph_create();
	x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 4 });
	plait_cross_entropy(plait_linear(x, 2), plait_labels(net));
	stopped_rows();
	started_rows();
	bad_samples_rows();
	loader_rows();
	api_trainer_rows(net, set);
	plait_stop();
	unsetenv("PLAIT_RECORD");
	plait_graph_destroy(net);
	plait_dataset_destroy(set);
}
