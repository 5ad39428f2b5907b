/* SPDX-License-Identifier: MIT
 * How gradients change parameters.  Update rules and defaults are torch.optim's. */
#ifndef PLAIT_OPTIMIZER_H
#define PLAIT_OPTIMIZER_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum plait_optimizer_kind {
	PLAIT_SGD = 1,
	PLAIT_ADAM,  /* weight decay is added to the gradient (L2) */
	PLAIT_ADAMW, /* weight decay shrinks the parameter first (decoupled) */
};

/** Fields a rule does not use are ignored.  A field that is left out, and so is 0, has the default
 * of torch.optim: { .kind = PLAIT_ADAM, .lr = 0.1 } has betas 0.9 and 0.999 and eps 1e-8, and a
 * struct without kind is SGD with lr 0.01.
 *
 *  Where 0 itself is wanted, exact says so: every field then is what it is.  The functions below
 *  fill all fields and set it: after o = plait_adamw(1e-3), o.weight_decay = 0 means none. */
struct plait_optimizer {
	enum plait_optimizer_kind kind; /* PLAIT_SGD */
	double lr;                      /* 0.001; without kind 0.01 */
	double momentum;                /* SGD: 0 */
	bool nesterov;                  /* SGD; needs momentum > 0 */
	double weight_decay;            /* 0; AdamW: 0.01 */
	double beta1, beta2, eps;       /* Adam, AdamW: 0.9, 0.999, 1e-8 */
	bool exact;                     /* 0 is meant, in every field */
};

/** torch.optim.SGD(lr). */
PLAIT_API struct plait_optimizer plait_sgd(double lr);
/** torch.optim.Adam(lr): betas 0.9 and 0.999, eps 1e-8, no weight decay. */
PLAIT_API struct plait_optimizer plait_adam(double lr);
/** torch.optim.AdamW(lr): as Adam, weight decay 0.01. */
PLAIT_API struct plait_optimizer plait_adamw(double lr);

#ifdef __cplusplus
}
#endif
#endif
