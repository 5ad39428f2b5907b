/* SPDX-License-Identifier: MIT */
#ifndef PLAIT__TRAINER_H
#define PLAIT__TRAINER_H

#include "src/store.h"
#include <plait/trainer.h>

struct plait_trainer {
	struct plait_graph *graph;
	struct plait_trainer_options options;
	struct plait__store store;
	int64_t updates; /* steps trained so far */
	bool running;    /* plait_fit, plait_evaluate or plait_predict is at work */
};

#endif
