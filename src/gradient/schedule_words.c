/* SPDX-License-Identifier: MIT
 * Schedules from words. */
#include "config.h"
#include "codelets/arguments.h"
#include "src/gradient/schedule.h"
#include "src/base/base.h"
#include "src/base/suggest.h"

#include <stdio.h>
#include <string.h>

static const struct word {
	const char *name, *usage, *example;
	enum plait_schedule_kind kind;
} words[] = {
	{ "constant", "constant", "constant", PLAIT_SCHEDULE_CONSTANT },
	{ "step", "step:STEP_SIZE[,GAMMA]", "step:30,0.1", PLAIT_SCHEDULE_STEP },
	{ "multistep", "multistep:EPOCH,EPOCH,...[,gamma=X]", "multistep:30,60,gamma=0.1",
	  PLAIT_SCHEDULE_MULTISTEP },
	{ "exponential", "exponential:GAMMA", "exponential:0.95", PLAIT_SCHEDULE_EXPONENTIAL },
	{ "linear", "linear[:START[,END]]", "linear:1,0.1", PLAIT_SCHEDULE_LINEAR },
	{ "cosine", "cosine[:ETA_MIN]", "cosine:0.0001", PLAIT_SCHEDULE_COSINE },
	{ "cosine-restarts", "cosine-restarts:T_0[,T_MULT]", "cosine-restarts:10,2",
	  PLAIT_SCHEDULE_COSINE_RESTARTS },
	{ "onecycle", "onecycle[:MAX_LR]", "onecycle:0.1,pct_start=0.3", PLAIT_SCHEDULE_ONE_CYCLE },
	{ "plateau", "plateau[:PATIENCE[,FACTOR]]", "plateau:5,0.1,min_lr=0.0001",
	  PLAIT_SCHEDULE_PLATEAU },
};
enum { WORDS = sizeof words / sizeof *words };

/* What a word without arguments would be. */
static struct plait_schedule begin(enum plait_schedule_kind kind)
{
	switch (kind) {
	case PLAIT_SCHEDULE_STEP:
		return plait_step_lr(0, 0.1);
	case PLAIT_SCHEDULE_MULTISTEP:
		return plait_multistep_lr(NULL, 0, 0.1);
	case PLAIT_SCHEDULE_LINEAR:
		return plait_linear_lr(1, 0);
	case PLAIT_SCHEDULE_COSINE_RESTARTS:
		return plait_cosine_annealing_warm_restarts(0, 1, 0);
	case PLAIT_SCHEDULE_ONE_CYCLE:
		return plait_one_cycle_lr(0);
	case PLAIT_SCHEDULE_PLATEAU:
		return plait_reduce_lr_on_plateau(0.1, 10);
	default:
		return (struct plait_schedule){ .kind = kind };
	}
}

/* -- arguments --------------------------------------------------------------------------- */

/* Those of a word, while they are read; flags are whole numbers until then. */
struct reading {
	struct plait_schedule schedule;
	struct plait__argument argument[PLAIT__MOST_ARGUMENTS];
	const struct plait__schedule_field *field[PLAIT__MOST_ARGUMENTS]; /* NULL: a milestone */
	int64_t flag[PLAIT__MOST_ARGUMENTS];
	int arguments;
};

static void add_milestones(struct reading *r)
{
	for (int i = 0; i < PLAIT_MAX_MILESTONES; i++)
		r->argument[r->arguments++] =
			(struct plait__argument){ .name = "milestones",
						  .required = i == 0,
						  .optional = i > 0,
						  .integer = &r->schedule.milestone[i],
						  .least = 1 };
}

static void add_field(struct reading *r, const struct plait__schedule_field *field)
{
	void *value = (char *)&r->schedule + field->offset;
	int at = r->arguments++;

	PLAIT__ASSERT(at < PLAIT__MOST_ARGUMENTS, "a word has room for its arguments");
	r->field[at] = field;
	r->argument[at] = (struct plait__argument){ .name = field->name,
						    .required = field->place == PLAIT__REQUIRED,
						    .optional = field->place == PLAIT__OPTIONAL,
						    .least = field->range == PLAIT__FROM_ONE };
	if (field->range == PLAIT__FLAG) {
		r->flag[at] = *(const bool *)value;
		r->argument[at].integer = &r->flag[at];
	} else if (field->range >= PLAIT__COUNT) {
		r->argument[at].integer = value;
	} else {
		r->argument[at].number = value;
	}
}

static void take_rest(struct reading *r)
{
	struct plait_schedule *s = &r->schedule;

	for (int i = 0; i < r->arguments; i++)
		if (r->field[i] && r->field[i]->range == PLAIT__FLAG)
			*(bool *)((char *)s + r->field[i]->offset) = r->flag[i] != 0;
	while (s->milestones < PLAIT_MAX_MILESTONES && s->milestone[s->milestones] > 0)
		s->milestones++;
}

static int read_arguments(const struct word *word, const char *text, const char *arguments,
			  struct plait_schedule *schedule)
{
	struct reading r = { .schedule = begin(word->kind) };
	char why[PLAIT__ARGUMENTS_WHY];

	if (word->kind == PLAIT_SCHEDULE_MULTISTEP)
		add_milestones(&r);
	for (int i = 0; i < plait__schedule_fields; i++)
		if (plait__schedule_field[i].kind == word->kind)
			add_field(&r, &plait__schedule_field[i]);
	if (!plait__arguments_parse(arguments, r.argument, r.arguments, why))
		return plait__error(PLAIT_EINVAL, "schedule: \"%.80s\": %s, as in %s", text, why,
				    word->example);
	take_rest(&r);
	if (plait_schedule_check(&r.schedule) < 0)
		return PLAIT_EINVAL;
	*schedule = r.schedule;
	return 0;
}

/* -- words ------------------------------------------------------------------------------- */

static const struct word *find_word(const char *text, size_t length)
{
	for (int i = 0; i < WORDS; i++)
		if (strlen(words[i].name) == length && memcmp(words[i].name, text, length) == 0)
			return &words[i];
	return NULL;
}

static int unknown(const char *text, size_t length)
{
	const char *names[WORDS + 1] = { NULL };
	char suggestion[PLAIT__SUGGEST_SIZE], list[128], name[41];

	snprintf(name, sizeof name, "%.*s", (int)(length < 40 ? length : 40), text);
	for (int i = 0; i < WORDS; i++)
		names[i] = words[i].name;
	return plait__error(PLAIT_EINVAL, "schedule: \"%.80s\" is none of %s%s", text,
			    plait__join(list, sizeof list, names, ", "),
			    plait__suggest(suggestion, PLAIT__SUGGEST_SEMICOLON, name, names));
}

int plait_schedule_parse(struct plait_schedule *schedule, const char *text)
{
	size_t length = text ? strcspn(text, ":") : 0;
	const struct word *word;

	if (!schedule || !text)
		return plait__error(PLAIT_EINVAL, "plait_schedule_parse: the %s is NULL",
				    text ? "schedule" : "word");
	word = find_word(text, length);
	if (!word)
		return unknown(text, length);
	if (text[length] && !text[length + 1])
		return plait__error(PLAIT_EINVAL,
				    "schedule: \"%.80s\": nothing behind the colon, as in %s", text,
				    word->example);
	return read_arguments(word, text, text[length] ? text + length + 1 : "", schedule);
}

int plait_schedule_words(const char **usage, int max)
{
	for (int i = 0; usage && i < WORDS && i < max; i++)
		usage[i] = words[i].usage;
	return WORDS;
}
