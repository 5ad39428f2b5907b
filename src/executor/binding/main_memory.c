/* SPDX-License-Identifier: MIT
 * Whether main memory has room for a run: for each of its bindings, for all of them, and for those
 * of the members of a pool that were made before.  These have hardly touched theirs yet, so that
 * the kernel still counts it as available. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/executor/binding/memory.h"
#include "src/base/text.h"
#include "src/runtime/memory_limit.h"

/* A process with StarPU in it takes more, so that one more such run finds room where it runs.  The
 * kernel is not asked then, which takes longer than a small prediction. */
#define ALWAYS_LEFT 1e6

/* Parameters and state of replicas that are not in the store, which was made before. */
static double replicas_bytes(const struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;
	double bytes = 0;

	for (int i = 0; i < plan->arenas; i++)
		bytes += plan->arena[i].replica > 0 ? (double)plan->arena[i].bytes : 0;
	return bytes;
}

/* Bytes besides data and what is in the store; of them *scratch, which all bindings have together.
 */
static double needs(const struct plait__binding *binding, double *scratch)
{
	struct plait__memory_use use = plait__binding_main_use(binding);

	*scratch = use.workspace;
	return plait__memory_sum(&use) - use.parameters - use.state + replicas_bytes(binding);
}

static int check_one(const struct plait__binding *binding, double available)
{
	struct plait__memory_use use = plait__binding_main_use(binding);
	double scratch, needed = needs(binding, &scratch);

	if (needed <= available)
		return 0;
	return plait__error(PLAIT_ENOMEM,
			    "a run needs %.1f MB besides data and parameters (%.1f MB of them for "
			    "%lld batches of %lld samples), this machine has %.1f MB left: lower "
			    "the batch size or prefetch%s",
			    needed * 1e-6, use.batches * 1e-6,
			    (long long)binding->load_memory.slots * binding->steps,
			    (long long)binding->plan->options.batch_size, available * 1e-6,
			    binding->steps > 1 ? " or the steps of a task" : "");
}

/* Adds what bindings need to *sum; those that could not be made need nothing. */
static void add(struct plait__binding *const *binding, int bindings, double *sum, double *scratch)
{
	for (int i = 0; i < bindings; i++) {
		double own = 0, needed = binding[i]->plan ? needs(binding[i], &own) : 0;

		*sum += needed - own;
		*scratch = own > *scratch ? own : *scratch;
	}
}

int plait__bindings_check_main(struct plait__binding *const *binding, int bindings,
			       const struct plait__lenders *lenders)
{
	double available = lenders ? lenders->available : 0, sum = 0, scratch = 0;
	char need[32], has[32];
	int status = 0;

	if (lenders)
		add(lenders->binding, lenders->n, &sum, &scratch);
	add(binding, bindings, &sum, &scratch);
	if (sum + scratch <= ALWAYS_LEFT)
		return 0;
	if (!lenders)
		available = (double)plait__memory_available("");
	for (int i = 0; i < bindings && status == 0; i++)
		status = check_one(binding[i], available);
	if (status < 0 || sum + scratch <= available)
		return status;
	return plait__error(
		PLAIT_ENOMEM,
		"%s %s besides data and parameters, and the machine had %s left: %slower "
		"the batch size or prefetch",
		lenders ? "the members of the pool up to this one need"
			: "training and validation need",
		plait__bytes_text(sum + scratch, need), plait__bytes_text(available, has),
		lenders ? "train fewer at once, or " : "");
}
