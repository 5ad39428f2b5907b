/* SPDX-License-Identifier: MIT
 * Networks as words, which only codelets/grammar.c can read: see plait_model(). */
#ifndef PLAIT__MODEL_H
#define PLAIT__MODEL_H

#include "codelets/ops.h"

#define PLAIT__RESIDUAL "residual"
#define PLAIT__MODEL_MOST 65536 /* bytes of words */
#define PLAIT__MODEL_DEPTH 8    /* of residuals in residuals */

/* As plait_model().  outputs: what a preset ends with that has no number of its own; 0: 10. */
struct plait_node *plait__model(struct plait_node *x, const char *words, int64_t outputs);

/* Words that plait__model takes in the form in which they are saved: presets written out, single
 * blanks, no comments, - for _ in names.  The same network has the same text.  The caller frees it;
 * NULL with the message kept: PLAIT_EINVAL (a preset's number is none), PLAIT_ENOMEM. */
char *plait__model_text(const char *words, int64_t outputs);

/* The layer of a word, "name" or "name:arguments"; the colon is overwritten.  NULL with an error of
 * the graph. */
struct plait_node *plait__model_layer(struct plait_node *x, char *word);

/* Whether the network's last layer is this op, as "softmax". */
bool plait__model_ends_in(const struct plait_node *output, const char *op);

/* -- presets, in codelets/presets.c ------------------------------------------------------------ */

/* Whether a word, "mlp" or "mlp:7", is that of a preset. */
bool plait__is_preset(const char *word);

/* The words that it stands for, which the caller frees; NULL as above. */
char *plait__preset_words(const char *word, int64_t outputs);

#endif
