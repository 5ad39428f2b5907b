/* SPDX-License-Identifier: MIT
 * Which bindings share loads: those that would load the same batches, in the same order, into the
 * same slots.  Others of a pool load apart, within one limit on memory. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/runtime/runtime.h"

#include <string.h>

static bool normalize_alike(const struct plait_normalize *a, const struct plait_normalize *b)
{
	size_t bytes = (size_t)a->channels * sizeof *a->mean;

	return a->channels == b->channels && memcmp(a->mean, b->mean, bytes) == 0 &&
	       memcmp(a->std, b->std, bytes) == 0;
}

static bool samplers_alike(const struct plait_sampler *a, const struct plait_sampler *b)
{
	return a->subset == b->subset && a->subset_size == b->subset_size &&
	       a->weights == b->weights && a->order == b->order && a->user == b->user &&
	       a->draws == b->draws && a->rank == b->rank && a->world == b->world;
}

/* Of all that decides what is in a batch and how it is made; each watches by its own timeout. */
static bool options_alike(const struct plait_loader_options *a,
			  const struct plait_loader_options *b)
{
	return a->batch_size == b->batch_size && a->shuffle == b->shuffle &&
	       a->drop_last == b->drop_last && a->pad_last == b->pad_last &&
	       a->workers == b->workers && a->prefetch == b->prefetch && a->chunk == b->chunk &&
	       a->seed == b->seed && samplers_alike(&a->sampler, &b->sampler) &&
	       a->transform == b->transform && normalize_alike(&a->normalize, &b->normalize) &&
	       a->bad.policy == b->bad.policy && a->bad.limit == b->bad.limit &&
	       a->bad.list == b->bad.list && a->dtype == b->dtype && a->cache == b->cache &&
	       a->memory_limit == b->memory_limit && !(a->load_delay < b->load_delay) &&
	       !(a->load_delay > b->load_delay) && a->load_once == b->load_once;
}

/* What a slot has beside x depends on what the graph reads. */
static bool feeds_alike(const struct plait__feed *a, const struct plait__feed *b)
{
	return a->dataset == b->dataset && options_alike(&a->options, &b->options) &&
	       a->tunes_workers == b->tunes_workers && a->tunes_prefetch == b->tunes_prefetch &&
	       a->has_labels == b->has_labels && a->has_targets == b->has_targets &&
	       a->has_weights == b->has_weights && a->has_lengths == b->has_lengths &&
	       a->has_key == b->has_key && (!a->has_key || a->first_step == b->first_step) &&
	       a->slot_batches == b->slot_batches && a->layout.bytes == b->layout.bytes;
}

static const struct plait__binding *owner(const struct plait__binding *binding)
{
	return binding->lender ? binding->lender : binding;
}

/* A ring has places on GPUs, then on all of them, only if its owner computes on one, and where the
 * other one does is not known yet. */
static bool reaches(const struct plait__binding *owner)
{
	return owner->uses_gpu || plait_cuda_workers() == 0;
}

/* All that share loads go through them in one order, or they would wait for each other for ever: so
 * who shares those of a validation shares those of its training too. */
static bool places_alike(const struct plait__binding *shares, const struct plait__binding *other)
{
	if (!shares || !other->shared)
		return !shares && !other->shared;
	return owner(shares) == owner(other->shared);
}

struct plait__binding *plait__binding_find_lender(const struct plait__binding *binding,
						  const struct plait__binding_options *options)
{
	const struct plait__lenders *lenders = options->lenders;

	/* Loads that are kept apart from computing are so from that of one member.  A validation
	 * that goes beside training has no place that is the same in runs of more and fewer epochs.
	 */
	if (!lenders || options->overlap != PLAIT_OVERLAP_FULL || options->snapshot)
		return NULL;
	for (int i = 0; i < lenders->n; i++) {
		struct plait__binding *other = lenders->binding[i];

		if (other->ring && !other->lender && !other->snapshot &&
		    other->barrier->overlap == PLAIT_OVERLAP_FULL && reaches(other) &&
		    feeds_alike(&binding->feed, &other->feed) &&
		    places_alike(options->shares, other))
			return other;
	}
	return NULL;
}

struct plait__budget *plait__binding_find_budget(const struct plait__binding *binding,
						 const struct plait__binding_options *options)
{
	const struct plait__binding *with = options->loads_apart ? NULL : options->shares;
	const struct plait__lenders *lenders = options->lenders;

	if (with && !with->lender)
		return with->load_memory.budget;
	for (int i = 0; lenders && i < lenders->n; i++) {
		const struct plait__binding *other = lenders->binding[i];

		if (other->plan &&
		    other->feed.options.memory_limit == binding->feed.options.memory_limit)
			return other->load_memory.budget;
	}
	return NULL;
}
