/* SPDX-License-Identifier: MIT
 * Learning rates beside PyTorch's schedulers: those of reference/schedules.txt, which
 * reference/schedules.py wrote.  And which words and fields are right. */
#include "config.h"
#include "tests/tap.h"

#include <plait.h>

/* Of a rate.  The file has 12 digits; PyTorch multiplies from step to step what is a power or a
 * cosine here, which leaves 1e-12 or so, and more where a cosine is almost at its end. */
#define TOLERANCE 1e-6

enum { STEPS = 200, MOST_EPOCHS = 64 };

static double loss[MOST_EPOCHS];

/* -- PyTorch ------------------------------------------------------------------------------------
 */

struct reference {
	char name[40], word[160];
	struct plait_schedule schedule;
	struct plait_schedule_run run;
	double momentum;
	double lr[STEPS], momenta[STEPS];
	bool cycles;
};

/* Numbers of a line behind its first word; returns how many there are, or max. */
static int read_numbers(const char *line, int max, double *number)
{
	const char *at = strchr(line, ' ');
	int count = 0;
	char *end;

	for (; at && count < max; at = end, count++) {
		number[count] = strtod(at, &end);
		if (end == at)
			break;
	}
	return count;
}

static double decay(int64_t step, void *user)
{
	(void)user;
	return pow(0.95, (double)step);
}

static void begin_case(struct reference *r, const char *line)
{
	memset(r, 0, sizeof *r);
	r->run.total_steps = STEPS;
	ok(sscanf(line, "case %39s %159s %lf %lf %ld %ld", r->name, r->word, &r->run.lr,
		  &r->momentum, &r->run.epoch_steps, &r->schedule.warmup) == 6,
	   "%s is a case", r->name);
}

static void make_schedule(struct reference *r)
{
	int64_t warmup = r->schedule.warmup;
	int status = 0;

	if (strcmp(r->word, "lambda") == 0)
		r->schedule = plait_lambda_lr(decay, NULL);
	else
		status = plait_schedule_parse(&r->schedule, r->word);
	is_int(status, 0, "%s: \"%s\" is a schedule", r->name, r->word);
	r->schedule.warmup = warmup;
	is_int(plait_schedule_check(&r->schedule), 0, "%s: it is right", r->name);
}

static bool is_like(double got, double expected)
{
	return fabs(got - expected) <= TOLERANCE * fabs(expected);
}

/* Asks as a run does, step by step, with the loss of each epoch before the next one. */
static void compare(struct reference *r)
{
	int wrong = 0, wrong_momenta = 0, first = -1;
	double lr = 0;

	make_schedule(r);
	for (int t = 0; t < STEPS; t++) {
		double now;

		if (t > 0 && t % r->run.epoch_steps == 0)
			plait_schedule_epoch(&r->schedule, &r->run,
					     loss[t / r->run.epoch_steps - 1]);
		now = plait_schedule_lr(&r->schedule, &r->run, t);
		if (!is_like(now, r->lr[t]) && wrong++ == 0) {
			first = t;
			lr = now;
		}
		wrong_momenta +=
			!is_like(plait_schedule_momentum(&r->schedule, &r->run, t, r->momentum),
				 r->cycles ? r->momenta[t] : r->momentum);
	}
	is_int(wrong, 0, "%s: %d rates", r->name, STEPS);
	if (wrong > 0)
		printf("# step %d: %.12g, expected %.12g\n", first, lr, r->lr[first]);
	is_int(wrong_momenta, 0, "%s: momenta", r->name);
}

static void test_reference(FILE *file)
{
	static char line[16384];
	static struct reference r;
	int cases = 0;
	bool open = false;

	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "loss ", 5) == 0)
			ok(read_numbers(line, MOST_EPOCHS, loss) > 20, "epochs have losses");
		if (strncmp(line, "case ", 5) == 0) {
			if (open)
				compare(&r);
			begin_case(&r, line);
			open = true;
			cases++;
		}
		if (strncmp(line, "lr ", 3) == 0)
			is_int(read_numbers(line, STEPS, r.lr), STEPS, "%s: rates are there",
			       r.name);
		if (strncmp(line, "momentum ", 9) == 0)
			r.cycles = read_numbers(line, STEPS, r.momenta) == STEPS;
	}
	compare(&r);
	ok(cases >= 30, "%d schedules were compared", cases);
}

/* -- words --------------------------------------------------------------------------------------
 */

static void wrong(const char *word, const char *message)
{
	struct plait_schedule s = plait_step_lr(3, 0.5), before = s;

	is_int(plait_schedule_parse(&s, word), PLAIT_EINVAL, "\"%s\" is refused", word);
	contains(plait_error_message(), message, "and it is said why");
	ok(memcmp(&s, &before, sizeof s) == 0, "and the schedule stays");
}

static void test_wrong_words(void)
{
	wrong("", "\"\" is none of constant, step, multistep, exponential, linear, cosine, "
		  "cosine-restarts, onecycle, plateau");
	wrong("cosin", "; did you mean cosine?");
	wrong("Step:3", "; did you mean step?");
	wrong("one-cycle:0.1", "; did you mean onecycle?");
	wrong("step", "\"step\": it has no step_size, as in step:30,0.1");
	wrong("step:", "\"step:\": nothing behind the colon, as in step:30,0.1");
	wrong("step:0", "wrong value: 0, as in step:30,0.1");
	wrong("step:1.5", "wrong value: 1.5");
	wrong("step:30,x", "wrong value: x");
	wrong("step:30,-1", "wrong value: -1");
	wrong("step:30,nan", "wrong value: nan");
	wrong("step:30,0.1,", "nothing behind the last comma");
	wrong("step:30,0.1,2", "there is no argument 2");
	wrong("step:30,0.1,gamma=2", "given twice: gamma");
	wrong("step:30,size=2", "there is no argument size=2");
	wrong("constant:1", "there is no argument 1, as in constant");
	wrong("multistep", "it has no milestones, as in multistep:30,60,gamma=0.1");
	wrong("multistep:30,30", "milestone 30, must be 1 or more, and above the one before");
	wrong("multistep:30,0.5", "wrong value: 0.5");
	wrong("exponential", "it has no gamma, as in exponential:0.95");
	wrong("cosine-restarts:10,0", "wrong value: 0");
	wrong("onecycle:0.1,pct_start=1.5", "pct_start is 1.5, must be 0 to 1");
	wrong("onecycle:0.1,div_factor=0", "div_factor is 0, must be finite and above 0");
	wrong("onecycle:0.1,max_momentum=1", "max_momentum is 1, must be in [0,1)");
	wrong("plateau:5,1", "factor is 1, must be in [0,1)");
	wrong("plateau:5,0.1,mode=max", "there is no argument mode=max");
	wrong("1f1b", "\"1f1b\" is none of");
}

/* Bits of padding may differ, so fields are compared by the rates that they give. */
static void same(const char *word, struct plait_schedule s)
{
	struct plait_schedule_run run = { .lr = 0.1, .epoch_steps = 7, .total_steps = STEPS };
	struct plait_schedule parsed;
	bool differs = plait_schedule_parse(&parsed, word) < 0 || parsed.kind != s.kind;

	for (int t = 0; t < STEPS && !differs; t++) {
		double a, b;

		if (t > 0 && t % 7 == 0)
			plait_schedule_epoch(&s, &run, loss[t / 7 - 1]);
		a = plait_schedule_lr(&parsed, &run, t);
		b = plait_schedule_lr(&s, &run, t);
		differs = memcmp(&a, &b, sizeof a) != 0;
	}
	ok(!differs, "\"%s\" is what its function makes", word);
}

static void test_functions(void)
{
	const int64_t epochs[] = { 3, 8, 20 };
	const char *usage[64];
	int words = plait_schedule_words(usage, 64);

	same("constant", (struct plait_schedule){ 0 });
	same("step:3", plait_step_lr(3, 0.1));
	same("multistep:3,8,20,gamma=0.5", plait_multistep_lr(epochs, 3, 0.5));
	same("exponential:0.9", plait_exponential_lr(0.9));
	same("linear", plait_linear_lr(1, 0));
	same("cosine:0.01", plait_cosine_annealing_lr(0.01));
	same("cosine-restarts:3,2,eta_min=0.01", plait_cosine_annealing_warm_restarts(3, 2, 0.01));
	same("onecycle:0.3", plait_one_cycle_lr(0.3));
	same("plateau:2,0.5", plait_reduce_lr_on_plateau(0.5, 2));
	is_int(words, 9, "nine words are told");
	is_string(usage[1], "step:STEP_SIZE[,GAMMA]", "and how they are used");
	is_int(plait_schedule_words(NULL, 0), words, "or counted");
}

/* -- fields -------------------------------------------------------------------------------------
 */

static void refused(struct plait_schedule s, const char *message)
{
	struct plait_schedule_run run = { .lr = 0.1, .epoch_steps = 7, .total_steps = STEPS };

	is_int(plait_schedule_check(&s), PLAIT_EINVAL, "a schedule is refused");
	contains(plait_error_message(), message, "as %s", message);
	ok(isnan(plait_schedule_lr(&s, &run, 3)), "and gives no rate");
}

static void test_fields(void)
{
	const int64_t many[PLAIT_MAX_MILESTONES + 1] = { 1 };
	struct plait_schedule s = { .kind = (enum plait_schedule_kind)99 };

	refused(s, "kind 99, must be one of PLAIT_SCHEDULE_*");
	refused(plait_step_lr(0, 0.1), "step_size is 0, must be 1 or more");
	refused(plait_step_lr(3, -1), "gamma is -1, must be finite and not negative");
	refused(plait_step_lr(3, NAN), "gamma is");
	refused(plait_exponential_lr(INFINITY), "gamma is inf");
	refused(plait_multistep_lr(many, PLAIT_MAX_MILESTONES + 1, 0.1),
		"25 milestones, must be 1 to 24");
	refused(plait_multistep_lr(many, 0, 0.1), "0 milestones");
	refused(plait_multistep_lr(NULL, 3, 0.1), "0 milestones");
	refused(plait_multistep_lr(many, 2, 0.1), "milestone 0");
	refused(plait_cosine_annealing_warm_restarts(0, 1, 0), "T_0 is 0, must be 1 or more");
	refused(plait_cosine_annealing_warm_restarts(3, 0, 0), "T_mult is 0, must be 1 or more");
	refused(plait_reduce_lr_on_plateau(0.1, -1), "patience is -1, must be 0 or more");
	refused(plait_lambda_lr(NULL, NULL), "lr_lambda is NULL");
	s = plait_cosine_annealing_lr(0);
	s.warmup = -1;
	refused(s, "warmup is -1, must be 0 or more");
	s = plait_one_cycle_lr(0.1);
	s.warmup = 5;
	refused(s, "warmup is 5, must be 0 as one cycle rises by itself");
	s = plait_linear_lr(1, 0);
	s.total_steps = -2;
	refused(s, "total_steps is -2");
}

/* Where there is no such step, or it is beyond all others. */
static void test_edges(void)
{
	struct plait_schedule s = plait_cosine_annealing_lr(0);
	struct plait_schedule_run run = { .lr = 0.1, .epoch_steps = 7, .total_steps = STEPS }, bad;

	ok(isnan(plait_schedule_lr(&s, &run, -1)), "step -1 has no rate");
	bad = run;
	bad.total_steps = 0;
	ok(isnan(plait_schedule_lr(&s, &bad, 0)), "a training without steps has none");
	bad = run;
	bad.epoch_steps = 0;
	ok(isnan(plait_schedule_momentum(&s, &bad, 0, 0.9)), "nor one without epochs a momentum");
	is_near(plait_schedule_lr(&s, &run, STEPS), 0, 1e-18, "a cosine ends at its least rate");
	s = plait_linear_lr(1, 0);
	is_near(plait_schedule_lr(&s, &run, 10 * STEPS), 0, 0, "a line stays where it ends");
	s = plait_one_cycle_lr(0.1);
	is_near(plait_schedule_lr(&s, &run, 10 * STEPS), 0.1 / 25 / 1e4, 1e-12, "so does a cycle");
	run.total_steps = 1;
	ok(isfinite(plait_schedule_lr(&s, &run, 0)), "a cycle of one step has a rate");
	s = plait_cosine_annealing_lr(0);
	s.warmup = 5;
	is_near(plait_schedule_lr(&s, &run, 0), 0.1 / 5, 1e-12,
		"a warm-up may outlast the training");
	s = plait_cosine_annealing_warm_restarts(INT32_MAX, INT32_MAX, 0);
	run.epoch_steps = INT32_MAX;
	ok(isfinite(plait_schedule_lr(&s, &run, INT64_MAX)), "large numbers are numbers");
}

int main(void)
{
	const char *source = getenv("SRC");
	char path[1024];
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/reference/schedules.txt", source ? source : ".");
	file = fopen(path, "r");
	if (!file)
		tap_bail_out("%s: cannot be read", path);
	test_reference(file);
	fclose(file);
	test_wrong_words();
	test_functions();
	test_fields();
	test_edges();
	return tap_done();
}
