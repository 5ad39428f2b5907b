/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/binding.h"
#include "src/executor/binding/memory.h"
#include "src/base/text.h"
#include "src/runtime/runtime.h"

#include <stdio.h>
#include <stdlib.h>

/* -- the GPU -------------------------------------------------------------------------- */

/* What all bindings of a run are made of. */
struct run {
	struct plait__binding *const *binding;
	int bindings;
	const struct plait__store *store;
	const struct plait__binding_options *options;
};

/* What binding i would be with batches of so many samples, and *left bytes for slots; of first,
 * which is made before, it shares what it does in the run. */
static int make_probe(struct plait__binding *probe, struct plait__binding *first,
		      const struct run *run, int i, int64_t batch, int64_t *left)
{
	const struct plait__feed *feed = &run->binding[i]->feed;
	int64_t most = feed->options.batch_size;
	int status;

	*probe = (struct plait__binding){ .shared = run->options[i].shares && i > 0
							    ? first
							    : run->options[i].shares,
					  .snapshot = run->options[i].snapshot,
					  .others_read = run->binding[i]->others_read,
					  .steps = run->binding[i]->steps,
					  .feed = *feed };
	probe->feed.options.batch_size = batch < most ? batch : most;
	if (plait__feed_lay_out(&probe->feed) < 0)
		return PLAIT_ENOMEM;
	probe->load_memory.slots = plait__load_memory_slots(&probe->feed, *left);
	probe->window = plait__binding_window(probe->load_memory.slots);
	*left -= (int64_t)plait__feed_slot_bytes(&probe->feed) * probe->load_memory.slots;
	status = plait__binding_make_plan(probe, run->store, &run->options[i]);
	if (status == 0)
		status = plait__binding_make_places(probe);
	if (status == 0)
		plait__binding_widen(first, probe);
	return status;
}

/* The device that has too little for some bindings, or the one of several that lacks most; -1: none
 * has.  room: [PLAIT__GPUS]. */
static int find_short(struct plait__binding *const *binding, int bindings,
		      const struct plait__gpu_room *room)
{
	double most = 0;
	int found = -1;

	for (int d = 0; d < PLAIT__GPUS; d++) {
		struct plait__memory_use use = plait__bindings_gpu_use(binding, bindings, d);
		double lacks = plait__memory_sum(&use) - (double)room[d].bytes;

		if (lacks > most) {
			most = lacks;
			found = d;
		}
	}
	return found;
}

/* Whether all bindings would find room with batches of so many samples. */
static bool fits(const struct run *run, int64_t batch, const struct plait__gpu_room *room)
{
	struct plait__binding probe[PLAIT__MOST_BINDINGS] = { { 0 } };
	struct plait__binding *probes[PLAIT__MOST_BINDINGS];
	int64_t left = plait__budget_left(run->binding[0]->load_memory.budget);
	int status = 0;
	bool fit;

	for (int i = 0; i < run->bindings; i++)
		left += (int64_t)plait__feed_slot_bytes(&run->binding[i]->feed) *
			run->binding[i]->load_memory.slots;
	for (int i = 0; i < run->bindings && status == 0; i++) {
		probes[i] = &probe[i];
		status = make_probe(&probe[i], &probe[0], run, i, batch, &left);
	}
	fit = status == 0 && find_short(probes, run->bindings, room) < 0;
	for (int i = 0; i < run->bindings; i++) {
		plait__plan_destroy(probe[i].plan);
		free(probe[i].where);
		free(probe[i].has_place);
	}
	return fit;
}

/* Plans are made to know: what fits does not grow with the batch alone.  0: none fits. */
static int64_t largest_batch(const struct run *run, const struct plait__gpu_room *room)
{
	int64_t good = 0, bad = 0;

	for (int i = 0; i < run->bindings; i++)
		if (run->binding[i]->feed.options.batch_size > bad)
			bad = run->binding[i]->feed.options.batch_size;
	while (bad - good > 1) {
		int64_t batch = good + (bad - good) / 2;

		if (fits(run, batch, room))
			good = batch;
		else
			bad = batch;
	}
	return good;
}

/* What has how much; one of several devices is named.  Returns text. */
static const char *room_text(int device, const struct plait__gpu_room *room, char text[80])
{
	bool several = plait__gpus_driven() != (plait__gpus)1 << device;
	char name[16] = "", has[32];

	if (several)
		snprintf(name, sizeof name, "cuda%d", device);
	plait__bytes_text((double)room->bytes, has);
	if (room->limited)
		snprintf(text, 80, "the limit on GPU memory leaves %s%s%s", name,
			 several ? " " : "", has);
	else
		snprintf(text, 80, "%s still has %s", several ? name : "the GPU", has);
	return text;
}

/* use: what of the device was too much. */
static int refuse_gpu(int device, const struct plait__memory_use *use,
		      const struct plait__gpu_room *room, int64_t largest)
{
	char need[32], has[80], of_net[32], advice[64] = "no batch fits";

	if (largest > 0)
		snprintf(advice, sizeof advice, "batches of up to %lld samples fit",
			 (long long)largest);
	return plait__error(
		PLAIT_ENOMEM,
		"%s of memory and this run needs %s there, %s of them for parameters, gradients "
		"and optimizer state: %s; keep fewer batches there with a lower prefetch%s",
		room_text(device, room, has), plait__bytes_text(plait__memory_sum(use), need),
		plait__bytes_text(use->parameters + use->state + use->gradients, of_net), advice,
		room->limited ? ", or raise the limit" : "");
}

static int check_gpus(const struct run *run)
{
	struct plait__gpu_room room[PLAIT__GPUS] = { { 0 } };
	struct plait__memory_use use;
	int device;

	for (int d = 0; d < PLAIT__GPUS; d++)
		if (plait__gpus_have(plait__gpus_driven(), d))
			room[d] = plait__gpu_room(d);
	device = find_short(run->binding, run->bindings, room);
	if (device < 0)
		return 0;
	use = plait__bindings_gpu_use(run->binding, run->bindings, device);
	return refuse_gpu(device, &use, &room[device],
			  largest_batch(run, room) / run->options->accumulate);
}

static int take_gpus(struct plait__binding *binding)
{
	struct plait__gpu_need need[PLAIT__GPUS];

	for (int d = 0; d < PLAIT__GPUS; d++)
		need[d] = plait__binding_gpu_need(binding, d);
	return plait__gpu_open(&binding->gpu, need);
}

int plait__bindings_take_memory(struct plait__binding *const *binding, int bindings,
				const struct plait__store *store,
				const struct plait__binding_options *options)
{
	struct run run = { binding, bindings, store, options };
	int status = plait__bindings_check_main(binding, bindings, options->lenders);

	if (status < 0 || !binding[0]->uses_gpu)
		return status;
	status = check_gpus(&run);
	for (int i = 0; i < bindings && status == 0; i++)
		status = take_gpus(binding[i]);
	return status;
}
