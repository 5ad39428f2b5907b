/* SPDX-License-Identifier: MIT
 * Plait's own scheduling policy, chosen as any of StarPU's: --sched plait. */
#ifndef PLAIT__POLICY_H
#define PLAIT__POLICY_H

#define PLAIT__POLICY "plait"

struct starpu_sched_policy;

/* For starpu_conf.sched_policy; StarPU copies it. */
extern struct starpu_sched_policy plait__policy;

#endif
