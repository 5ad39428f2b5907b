/* SPDX-License-Identifier: MIT
 * Trainings that may end before their last epoch: what they tell, to be compared with a long one.
 */
#ifndef PLAIT_TESTS_UNTIL_H
#define PLAIT_TESTS_UNTIL_H

#include "tests/nets.h"
#include "tests/files.h"

enum { FEATURES = 6, CLASSES = 4, BATCH = 8, MOST_EPOCHS = 24 };

struct told {
	int epochs;
	int64_t step; /* that was told last */
	double loss[MOST_EPOCHS], accuracy[MOST_EPOCHS], val_loss[MOST_EPOCHS],
		val_accuracy[MOST_EPOCHS], val_top[MOST_EPOCHS];
	int64_t samples[MOST_EPOCHS]; /* of training */
	bool validated[MOST_EPOCHS], best[MOST_EPOCHS];
	struct plait_end end;
	uint64_t hash; /* of the parameters */
	uint64_t kept; /* of those that plait_trainer_save_best has written; 0: none */
	int status;
	char message[400];
	struct plait_trainer *trainer;
	bool saves; /* the handler writes the weights of each best epoch */
	int failed; /* how often it could not */
};

static inline int told_take(void *user, const struct plait_event *event)
{
	struct told *t = user;
	int at = event->epoch - 1;

	if (event->kind != PLAIT_EVENT_EPOCH || at >= MOST_EPOCHS)
		return 0;
	t->epochs++;
	t->step = event->step;
	t->loss[at] = plait_metrics_loss(event->train);
	t->accuracy[at] = plait_metrics_accuracy(event->train);
	t->samples[at] = event->train->samples;
	t->validated[at] = event->validation != NULL;
	t->val_loss[at] = plait_metrics_loss(event->validation);
	t->val_accuracy[at] = plait_metrics_accuracy(event->validation);
	t->val_top[at] = plait_metrics_value(event->validation, "topk:2");
	t->best[at] = event->best;
	if (t->saves && event->best)
		t->failed += plait_trainer_save_best(t->trainer, files_path("best")) < 0;
	return 0;
}

static inline struct plait_graph *told_net(void)
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = FEATURES;
	struct plait_node *x =
		dropping_branches(plait_input(net, PLAIT_F32, 1, &features), CLASSES, 0.1f);

	plait_metric_word(x, plait_labels(net), NULL, "topk:2");
	plait_cross_entropy(x, plait_labels(net));
	return net;
}

static inline uint64_t hash_of_file(const char *path)
{
	struct plait_graph *net = told_net();
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 1);
	uint64_t hash = plait_trainer_load(trainer, path) < 0 ? 0 : parameters_hash(trainer);

	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

/* options: with until, end is told's. */
static inline void told_run(struct plait_dataset *train, enum plait_granularity grain, int shards,
			    struct plait_fit_options options, struct told *told)
{
	struct plait_graph *net = told_net();
	bool saves = told->saves;

	*told = (struct told){ .saves = saves };
	told->trainer = trainer_make(net, plait_adam(5e-2), grain, shards);
	options.loader.batch_size = BATCH;
	options.on_event = told_take;
	options.user = told;
	options.end = &told->end;
	told->status = plait_fit(told->trainer, train, &options);
	snprintf(told->message, sizeof told->message, "%s",
		 told->status < 0 ? plait_error_message() : "");
	told->hash = parameters_hash(told->trainer);
	if (told->saves)
		told->kept = hash_of_file(files_path("best"));
	else if (plait_trainer_save_best(told->trainer, files_path("kept")) == 0)
		told->kept = hash_of_file(files_path("kept"));
	plait_trainer_destroy(told->trainer);
	told->trainer = NULL;
	plait_graph_destroy(net);
}

#endif
