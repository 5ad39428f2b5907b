/* SPDX-License-Identifier: MIT
 * How gradients change parameters.  Update rules and defaults are torch.optim's, or for LAMB and
 * Lion, which torch.optim has not, those of the papers. */
#ifndef PLAIT_OPTIMIZER_H
#define PLAIT_OPTIMIZER_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum plait_optimizer_kind {
	PLAIT_SGD = 1,
	PLAIT_ADAM,    /* weight decay is added to the gradient (L2) */
	PLAIT_ADAMW,   /* weight decay shrinks the parameter first (decoupled) */
	PLAIT_RMSPROP, /* L2 */
	PLAIT_ADAGRAD, /* L2 */
	PLAIT_NADAM,   /* L2, or decoupled by decoupled_weight_decay */
	PLAIT_LAMB,    /* part of the step that a layer's norms scale */
	PLAIT_LION,    /* decoupled */
	PLAIT_MUON,    /* decoupled */
};

/** By what Muon multiplies its rate for a matrix of A rows and B columns. */
enum plait_adjust_lr {
	PLAIT_ADJUST_ORIGINAL = 1,    /* sqrt(max(1, A / B)) */
	PLAIT_ADJUST_MATCH_RMS_ADAMW, /* 0.2 sqrt(max(A, B)): steps as large as AdamW's */
};

/** Fields a rule does not use are ignored.  A field that is left out, and so is 0, has the default
 * of its rule: { .kind = PLAIT_ADAM, .lr = 0.1 } has betas 0.9 and 0.999 and eps 1e-8, and a
 * struct without kind is SGD with lr 0.01.
 *
 *  Where 0 itself is wanted, exact says so: every field then is what it is.  The functions below
 *  fill all fields and set it: after o = plait_adamw(1e-3), o.weight_decay = 0 means none. */
struct plait_optimizer {
	enum plait_optimizer_kind kind; /* PLAIT_SGD */
	/* The learning rate: 0.001; of RMSprop and Adagrad 0.01, NAdam 0.002, Lion 0.0001, and
	 * without kind 0.01. */
	double lr;
	double momentum;     /* SGD, RMSprop: 0; Muon: 0.95 */
	bool nesterov;       /* SGD, where it needs momentum > 0: false; Muon: true */
	double weight_decay; /* 0; AdamW, LAMB: 0.01; Muon: 0.1 */
	double beta1, beta2; /* 0.9, 0.999; Lion: 0.9, 0.99 */
	double eps;          /* 1e-8; Adagrad: 1e-10, LAMB: 1e-6, Muon: 1e-7 */
	bool exact;          /* 0 is meant, in every field */
	double alpha;        /* RMSprop: 0.99, how much of the mean of squares remains */
	bool centered;       /* RMSprop: divides by the standard deviation */
	double lr_decay;     /* Adagrad: 0; update t, from 1, has lr / (1 + (t - 1) lr_decay) */
	double initial_accumulator_value;  /* Adagrad: 0, where sums of squares begin */
	double momentum_decay;             /* NAdam: 0.004 */
	bool decoupled_weight_decay;       /* NAdam: as AdamW's */
	enum plait_adjust_lr adjust_lr_fn; /* Muon: PLAIT_ADJUST_ORIGINAL */
	int ns_steps;                      /* Muon: 5 of Newton and Schulz's iteration, 1 to 99 */
	double adam_lr_ratio; /* Muon: 1, lr of what is no matrix, in multiples of lr */
};

/** torch.optim.SGD(lr). */
PLAIT_API struct plait_optimizer plait_sgd(double lr);
/** torch.optim.Adam(lr): betas 0.9 and 0.999, eps 1e-8, no weight decay. */
PLAIT_API struct plait_optimizer plait_adam(double lr);
/** torch.optim.AdamW(lr): as Adam, weight decay 0.01. */
PLAIT_API struct plait_optimizer plait_adamw(double lr);
/** torch.optim.RMSprop(lr): alpha 0.99, eps 1e-8, no momentum, not centered. */
PLAIT_API struct plait_optimizer plait_rmsprop(double lr);
/** torch.optim.Adagrad(lr): eps 1e-10, sums of squares begin at 0, and the rate stays. */
PLAIT_API struct plait_optimizer plait_adagrad(double lr);
/** torch.optim.NAdam(lr): as Adam, momentum_decay 0.004.  Of update t everything is a function of t
 *  and the fields, the product of the momenta so far too. */
PLAIT_API struct plait_optimizer plait_nadam(double lr);
/** LAMB (You et al. 2020, arXiv 1904.00962, algorithm 2): Adam's step plus weight_decay times the
 *  parameter, scaled to the parameter's own 2-norm, or as it is where either norm is 0.  betas 0.9
 *  and 0.999, eps 1e-6, weight decay 0.01.  All parameters are scaled, biases too. */
PLAIT_API struct plait_optimizer plait_lamb(double lr);
/** Lion (Chen et al. 2023, arXiv 2302.06675): the sign of a momentum, so each number of a parameter
 *  moves by lr.  betas 0.9 and 0.99, no weight decay.  It wants a tenth to a third of Adam's rate,
 *  and as many times its weight decay. */
PLAIT_API struct plait_optimizer plait_lion(double lr);
/** torch.optim.Muon(lr): the momentum of a matrix, made orthogonal by ns_steps of Newton and
 *  Schulz's iteration with the coefficients 3.4445, -4.7750 and 2.0315 (Jordan et al. 2024,
 *  kellerjordan.github.io/posts/muon).  momentum 0.95, Nesterov's, weight decay 0.1, eps 1e-7.  Its
 *  products have the trainer's precision; in torch.optim they have bfloat16.
 *
 *  It updates parameters that are drawn at random and have 2 dimensions or more, those of the first
 *  and the last layer too; a convolution's weight [O,I,H,W] is a matrix [O, I H W].  All others, as
 *  biases and what norms have, go by AdamW with betas 0.9 and 0.999, the same eps and weight_decay,
 *  and lr times adam_lr_ratio.  With PLAIT_ADJUST_MATCH_RMS_ADAMW lr and weight_decay may be what
 *  they are for AdamW; with PLAIT_ADJUST_ORIGINAL matrices want about 0.02 and the others less. */
PLAIT_API struct plait_optimizer plait_muon(double lr);

#ifdef __cplusplus
}
#endif
#endif
