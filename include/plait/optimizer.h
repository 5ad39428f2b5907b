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

/** Fields a rule does not use are ignored.  A zeroed struct means SGD with lr 0.01. */
struct plait_optimizer {
	enum plait_optimizer_kind kind;
	double lr;
	double momentum; /* SGD */
	bool nesterov;   /* SGD; needs momentum > 0 */
	double weight_decay;
	double beta1, beta2, eps; /* Adam, AdamW */
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
