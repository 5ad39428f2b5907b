/* SPDX-License-Identifier: MIT
 * Between the files of transform: steps as they were parsed, and the plan that one sample's
 * draws make of them.  A plan is a list of stages, nearly always one; a stage reads its source
 * once and writes its result once, however many steps went into it. */
#ifndef PLAIT__FUSE_H
#define PLAIT__FUSE_H

#include "src/transform/transform.h"

#define PLAIT__MAX_ACTIONS 32
#define PLAIT__MAX_SIDE 65535 /* that a word can ask for */
#define PLAIT__MAX_CUTOUTS 4  /* of one stage */

struct plait__fused;
struct plait__action;

/* What a word is; words.c has one for each. */
struct plait__word {
	const char *name, *usage;
	/* Reads the text after the colon ("" if there is none) into step.  PLAIT_EINVAL. */
	int (*parse)(struct plait_transform *transform, struct plait__action *action,
		     const char *text);
	/* Adds the step to the plan of one sample; key is that of sample and step.  Sizes do not
	 * depend on it.  PLAIT_ESHAPE. */
	int (*fuse)(const struct plait__action *action, uint64_t key, struct plait__fused *fused);
};

struct plait__action {
	const struct plait__word *word;
	char text[48];     /* as written, for messages */
	int height, width; /* a size, or [side,0] */
	int pad;           /* crop */
	float amount[3];   /* probability, or brightness, contrast, saturation */
	bool random;       /* the result depends on the key */
	bool fixes;        /* the result's size does not depend on the image's */
	plait_transform_fn apply;
	void *user;
};

struct plait_transform {
	int actions;
	struct plait__action action[PLAIT__MAX_ACTIONS];
	struct plait_normalize normalize;
};

struct plait__rect {
	int x, y, width, height;
};

/* source -> window `in`, resized to width x height (or neither) -> window `out`, which may
 * reach over the edges: zero there -> flip -> colours -> zero in cutouts -> the user's step. */
struct plait__stage {
	struct plait__rect in;
	int width, height;
	bool resized;
	struct plait__rect out;
	bool flip;
	bool jitter;
	float factor[3];
	int cutouts;
	struct plait__rect cutout[PLAIT__MAX_CUTOUTS];
	const struct plait__action *call;
	uint64_t call_key;
};

struct plait__fused {
	int channels;
	int stages;
	struct plait__stage stage[PLAIT__MAX_ACTIONS + 2];
};

/* All words, ending with NULL, in the order in which messages list them. */
#define PLAIT__WORDS 8
extern const struct plait__word *const plait__words[PLAIT__WORDS + 1];

/* The words of crop.c. */
extern const struct plait__word plait__word_center_crop, plait__word_crop;
extern const struct plait__word plait__word_random_resized_crop;

/* The word of an action that the user appended as a function; it is none of plait__words. */
extern const struct plait__word plait__word_callback;

/* The word of that name, or NULL. */
const struct plait__word *plait__word_find(const char *name);

/* PLAIT_EINVAL for an action: what is wrong with it, and how it is written. */
int plait__word_misused(const struct plait__action *action, const char *what);

/* What is wrong with an action whose size cannot be read. */
extern const char plait__bad_size[];

/* Parse functions of words.  The first reads "S" or "HxW"; the second reads the same and takes S
 * for SxS, so that all results have one size. */
int plait__parse_size(struct plait_transform *transform, struct plait__action *action,
		      const char *text);
int plait__parse_square(struct plait_transform *transform, struct plait__action *action,
			const char *text);

/* Arguments of words.  Each returns where it stopped reading, or NULL if there is something else.
 */
/* Digits, least to most. */
const char *plait__read_integer(const char *text, int least, int most, int *value);
/* "S" (step->width becomes 0) or "HxW". */
const char *plait__read_size(const char *text, struct plait__action *action);
/* One to `most` numbers with commas, up to `end`, which is stepped over unless it is '\0'. */
const char *plait__read_numbers(const char *text, char end, int most, float *value, int *count);

/* The plan of a sample of that size; transform may be NULL.  PLAIT_ESHAPE. */
int plait__fuse(const struct plait_transform *transform, int width, int height, int channels,
		uint64_t key, struct plait__fused *fused);

/* The size that the next step meets. */
static inline const struct plait__rect *plait__fused_view(const struct plait__fused *fused)
{
	return &fused->stage[fused->stages - 1].out;
}

/* The steps.  window is within what plait__fused_view says, or reaches over its edges. */
void plait__fuse_crop(struct plait__fused *fused, struct plait__rect rect);
void plait__fuse_resize(struct plait__fused *fused, int width, int height);
void plait__fuse_flip(struct plait__fused *fused);
void plait__fuse_jitter(struct plait__fused *fused, const float factor[3]);
void plait__fuse_cutout(struct plait__fused *fused, struct plait__rect rect);
void plait__fuse_call(struct plait__fused *fused, const struct plait__action *action, uint64_t key);

/* The part of window that lies in [0,width) x [0,height), in the window's coordinates. */
struct plait__rect plait__rect_clip(const struct plait__rect *rect, int width, int height);

#endif
