/* SPDX-License-Identifier: MIT
 * For the files of src/transform: the actions of a transform, and the plan that they make for one
 * sample.  A plan is a list of stages, nearly always one.  A stage reads its source once and writes
 * its result once, however many actions were fused into it. */
#ifndef PLAIT__FUSE_H
#define PLAIT__FUSE_H

#include "src/transform/transform.h"

#define PLAIT__MAX_ACTIONS 32
#define PLAIT__MAX_SIDE 65535 /* that a word can ask for */
#define PLAIT__MAX_CUTOUTS 4  /* of one stage */

struct plait__fused;
struct plait__action;

/* A word of transforms. */
struct plait__word {
	const char *name, *usage;
	/* Reads the text after the colon ("" if there is none) into the action; normalize is kept
	 * in the transform.  PLAIT_EINVAL. */
	int (*parse)(struct plait_transform *transform, struct plait__action *action,
		     const char *text);
	/* Adds the action to the plan of one sample; key is that of the sample and the action.  The
	 * size of the result does not depend on key.  NULL: there is no action.  PLAIT_ESHAPE. */
	int (*fuse)(const struct plait__action *action, uint64_t key, struct plait__fused *fused);
};

struct plait__action {
	const struct plait__word *word;
	char text[48];            /* as written, for messages */
	int height, width;        /* a size; "S" is height S and width 0 */
	int pad;                  /* of crop */
	float amount[3];          /* a probability, or brightness, contrast, saturation */
	bool random;              /* the result depends on the key */
	bool fixes;               /* the result's size does not depend on the image's */
	plait_transform_fn apply; /* the user's function, of the word callback only */
	void *user;               /* what apply gets */
};

struct plait_transform {
	int actions;
	struct plait__action action[PLAIT__MAX_ACTIONS];
	struct plait_normalize normalize;
};

struct plait__rect {
	int x, y, width, height;
};

/* What a stage does, in this order. */
struct plait__stage {
	bool resized;           /* window `in` of the source becomes width x height pixels */
	struct plait__rect in;  /* valid if resized */
	int width, height;      /* if not resized, those of the source */
	struct plait__rect out; /* window of those pixels; outside of them it is zero */
	bool flip;
	bool jitter;     /* colours change by factor */
	float factor[3]; /* brightness, contrast, saturation */
	int cutouts;
	struct plait__rect cutout[PLAIT__MAX_CUTOUTS]; /* set to zero */
	const struct plait__action *call; /* whose function changes the result; or NULL */
	uint64_t call_key;                /* what that function gets */
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

/* The next three read arguments.  They return where they stopped, or NULL if the text is wrong.
 * This one reads a number of digits, from least to most. */
const char *plait__read_integer(const char *text, int least, int most, int *value);
/* Reads "S", for which action->width becomes 0, or "HxW". */
const char *plait__read_size(const char *text, struct plait__action *action);
/* Reads 1 to `most` numbers with commas between them, up to the character end, and skips that
 * unless it is '\0'.  A number that would only become 0 or infinite as a float is wrong. */
const char *plait__read_numbers(const char *text, char end, int most, float *value, int *count);

/* Makes the plan of an image of that size; transform may be NULL.  PLAIT_ESHAPE. */
int plait__fuse(const struct plait_transform *transform, int width, int height, int channels,
		uint64_t key, struct plait__fused *fused);

/* The window that is the image for the next action: only its size counts there. */
static inline const struct plait__rect *plait__fused_view(const struct plait__fused *fused)
{
	return &fused->stage[fused->stages - 1].out;
}

/* Add an action to a plan.  The position of rect is relative to plait__fused_view; rect may reach
 * over the edges of that window. */
void plait__fuse_crop(struct plait__fused *fused, struct plait__rect rect);
void plait__fuse_resize(struct plait__fused *fused, int width, int height);
void plait__fuse_flip(struct plait__fused *fused);
void plait__fuse_jitter(struct plait__fused *fused, const float factor[3]);
void plait__fuse_cutout(struct plait__fused *fused, struct plait__rect rect);
void plait__fuse_call(struct plait__fused *fused, const struct plait__action *action, uint64_t key);

/* The part of rect that is in [0,width) x [0,height), relative to rect. */
struct plait__rect plait__rect_clip(const struct plait__rect *rect, int width, int height);

#endif
