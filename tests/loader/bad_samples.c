/* SPDX-License-Identifier: MIT
 * Bad samples of data sets that are functions: the samples that replace them, the list, the limit.
 */
#include "config.h"
#include "src/loader/bad_samples.h"
#include "tests/loader/bad_source.h"

/* Positions 0, 33 and 160 get other samples of the data set, with their own keys of this epoch. */
static void test_substitutes(void)
{
	static struct epoch epoch[3], good;
	struct plait_bad_samples *list = list_make();
	struct plait_dataset *set = open_source(&three, "numbers"),
			     *whole = open_source(&none, "numbers");
	struct plait_loader *loader = loader_open(set, replacing(list, 3));
	struct plait_loader *control = loader_open(whole, replacing(NULL, 0));
	int wrong = 0, drawn = 0, changed = 0;

	for (int e = 0; e < 3; e++) {
		read_epoch(loader, &epoch[e]);
		read_epoch(control, &good);
		for (int64_t i = 0; i < SAMPLES; i++) {
			int64_t from = (int64_t)epoch[e].x[i][0];
			bool bad = i == 0 || i == 33 || i == 160;

			drawn += bad && from != i;
			wrong += !bad && from != i;
			wrong += memcmp(epoch[e].x[i], good.x[from], sizeof *good.x) != 0 ||
				 epoch[e].labels[i] != good.labels[from] ||
				 epoch[e].targets[i] != good.targets[from];
			changed += e > 0 && bad && epoch[e].x[i][0] != epoch[e - 1].x[i][0];
		}
		wrong += contains_bad(&three, &epoch[e]);
	}
	is_int(drawn, 9, "three epochs: other samples stand where the three bad ones belong");
	is_int(wrong, 0, "whole, with the labels, targets and noise they have in that epoch");
	ok(changed >= 4, "in each epoch others");
	is_string(list_text(list, false), "numbers:0 numbers:33 numbers:160 ",
		  "the list has them in their order");
	plait_loader_destroy(loader);
	plait_loader_destroy(control);
	plait_dataset_destroy(set);
	plait_dataset_destroy(whole);
	plait_bad_samples_destroy(list);
}

/* Positions 0, 33 and 160 do not count, and the other samples of their batches weigh more. */
static void test_mask(void)
{
	static struct epoch epoch, good;
	struct plait_bad_samples *list = list_make();
	struct plait_dataset *set = open_source(&three, "numbers"),
			     *whole = open_source(&none, "numbers");
	struct plait_loader_options o = replacing(list, 3);
	struct plait_loader *loader, *control = loader_open(whole, replacing(NULL, 0));
	static const float nothing[WIDTH];
	int wrong = 0, weights = 0;

	o.bad.policy = PLAIT_BAD_MASK;
	loader = loader_open(set, o);
	read_epoch(loader, &epoch);
	read_epoch(control, &good);
	for (int64_t i = 0; i < SAMPLES; i++) {
		bool bad = i == 0 || i == 33 || i == 160;
		/* Batches 0, 1 and 6 of 24 samples have a bad one each. */
		float weight = i / 24 == 0 || i / 24 == 1 || i / 24 == 6 ? 24.0f / 23.0f : 1.0f;

		wrong += memcmp(epoch.x[i], bad ? nothing : good.x[i], sizeof nothing) != 0;
		wrong += epoch.labels[i] != (bad ? -1 : good.labels[i]);
		wrong += epoch.targets[i] != (bad ? 0 : good.targets[i]);
		weights += epoch.weights[i] != (bad ? 0 : weight);
	}
	is_int(wrong, 0, "masked samples are zero, with label -1; the rest is as without them");
	is_int(weights, 0, "their weight is 0, that of the others samples / valid");
	is_int(epoch.valid, SAMPLES - 3, "197 samples count");
	is_string(list_text(list, false), "numbers:0 numbers:33 numbers:160 ", "the list");
	plait_loader_destroy(loader);
	plait_loader_destroy(control);
	plait_dataset_destroy(set);
	plait_dataset_destroy(whole);
	plait_bad_samples_destroy(list);
}

static void test_order(enum plait_bad_policy policy)
{
	static struct epoch first[2], again;
	struct source source = { { 7, 8, 100 }, 150 };
	struct plait_dataset *set = open_source(&source, "numbers");
	char expected[1024] = "";
	int differ = 0, lists = 0, runs = 0;

	for (int workers = 1; workers <= 2; workers++)
		for (int64_t chunk = 0; chunk <= 24; chunk += 5)
			for (int prefetch = 2; prefetch <= 7; prefetch += 5) {
				struct plait_bad_samples *list = list_make();
				struct plait_loader_options o = replacing(list, 0);

				o.bad.policy = policy;
				o.shuffle = true;
				o.workers = workers;
				o.chunk = chunk;
				o.prefetch = prefetch;
				struct plait_loader *loader = loader_open(set, o);

				for (int e = 0; e < 2; e++) {
					struct epoch *to = runs == 0 ? &first[e] : &again;

					read_epoch(loader, to);
					differ += memcmp(to, &first[e], sizeof *to) != 0;
				}
				plait_loader_destroy(loader); /* before the list is complete */
				if (runs++ == 0)
					snprintf(expected, sizeof expected, "%s",
						 list_text(list, false));
				lists += strcmp(list_text(list, false), expected) != 0;
				plait_bad_samples_destroy(list);
			}
	is_int(differ, 0, "%d choices of workers, chunk and prefetch: the same bits", runs);
	ok(!contains_bad(&source, &first[0]) && !contains_bad(&source, &first[1]),
	   "and no bad sample, the one with a bad label included");
	ok(memcmp(&first[0], &first[1], sizeof first[0]) != 0, "epochs differ");
	is_int(lists, 0, "the same list: %s", expected);
	plait_dataset_destroy(set);
}

/* The first batch that fails: its status, message and number are as expected. */
static void fails(const struct source *source, struct plait_loader_options options, int status,
		  int64_t batches, const char *const *parts)
{
	struct plait_dataset *set = open_source(source, "numbers");
	struct plait_loader *loader = loader_open(set, options);
	struct plait_batch batch;
	int64_t good = 0;
	int got;

	while ((got = plait_loader_next(loader, &batch)) == 0) {
		good++;
		plait_loader_release(loader);
	}
	is_int(got, status, "%s: %s", parts[0], plait_status_text(status));
	is_int(good, batches, "after %lld batches", (long long)batches);
	for (; *parts && got < 0; parts++)
		contains(plait_error_message(), *parts, "the message names \"%s\"", *parts);
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

static void test_limit(void)
{
	static const char *const parts[] = { "3 samples are bad, the limit is 2", "numbers",
					     "sample 160", "17", NULL };
	struct plait_bad_samples *list = list_make();
	struct plait_loader_options o = replacing(list, 2);

	/* One load after the other: the sixth batch has the third of them. */
	o.workers = 1;
	fails(&three, o, PLAIT_EDATA, 6, parts);
	is_int(plait_bad_samples_count(list), 3, "the one too many is in the list");
	plait_bad_samples_destroy(list);
}

/* All samples are bad. */
static int read_nothing(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			float *target)
{
	(void)user, (void)index, (void)key, (void)x, (void)label, (void)target;
	return -1;
}

static void test_all_bad(void)
{
	struct plait_dataset_info info = {
		.spec = "nothing", .samples = 90, .dtype = PLAIT_U8, .ndim = 1, .dim = { 3 }
	};
	struct plait_bad_samples *list = list_make();
	struct plait_dataset *set = NULL;
	struct plait_loader_options o = replacing(list, 0);
	struct plait_loader *loader;
	struct plait_batch batch;

	if (plait_dataset_from_callback(&set, &info, read_nothing, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	loader = loader_open(set, o);
	is_int(plait_loader_next(loader, &batch), PLAIT_EDATA, "nothing is good: the batch fails");
	contains(plait_error_message(), "nothing: sample 0 is bad, and so are 16 drawn",
		 "and says how many were tried");
	is_int(plait_loader_next(loader, &batch), PLAIT_EDATA, "as does the next one");
	plait_loader_destroy(loader);
	ok(plait_bad_samples_count(list) > 16, "all that were tried are in the list");
	o.bad.policy = PLAIT_BAD_MASK;
	loader = loader_open(set, o);
	is_int(plait_loader_next(loader, &batch), 0, "masked, the batch is delivered");
	is_int(batch.valid, 0, "and nothing in it counts");
	plait_loader_destroy(loader);
	plait_bad_samples_destroy(list);
	plait_dataset_destroy(set);
}

static void test_fail(void)
{
	static const char *const parts[] = { "sample 33", "numbers", "17", NULL };
	struct plait_bad_samples *list = list_make();
	struct plait_loader_options o = replacing(list, 0);
	struct source source = { { 33, -1, -1 }, -1 };

	o.bad.policy = PLAIT_BAD_FAIL;
	fails(&source, o, PLAIT_EDATA, 1, parts);
	is_int(plait_bad_samples_count(list), 0, "with fail the list is not used");
	plait_bad_samples_destroy(list);
}

static void test_refused(void)
{
	struct plait_dataset *set = open_source(&none, "numbers");
	struct plait_bad_samples *list = list_make();
	struct plait_bad_sample bad;
	struct plait_loader *loader = NULL;
	struct plait_loader_options o = replacing(NULL, 3);

	refused(plait_loader_create(&loader, set, &o), PLAIT_EINVAL, "needs a list",
		"a limit without a list");
	o = replacing(list, -1);
	refused(plait_loader_create(&loader, set, &o), PLAIT_EINVAL, "-1", "a negative limit");
	o = replacing(list, 0);
	o.bad.policy = (enum plait_bad_policy)7;
	refused(plait_loader_create(&loader, set, &o), PLAIT_EINVAL, "policy 7", "no policy");
	refused(plait_bad_samples_create(NULL), PLAIT_EINVAL, "list_p", "nowhere to put a list");
	refused(plait_bad_samples_get(list, 0, &bad), PLAIT_EINVAL, "there are 0", "an empty list");
	refused(plait_bad_samples_get(list, -1, &bad), PLAIT_EINVAL, "-1", "a negative position");
	refused(plait_bad_samples_get(NULL, 0, &bad), PLAIT_EINVAL, "list is NULL", "no list");
	refused(plait_bad_samples_get(list, 0, NULL), PLAIT_EINVAL, "sample is NULL", "no sample");
	ok(!plait__bad_status(PLAIT_ENOMEM) && !plait__bad_status(0),
	   "a lack of memory is no sample's fault");
	plait_bad_samples_destroy(list);
	plait_bad_samples_destroy(NULL);
	plait_dataset_destroy(set);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_substitutes();
	test_mask();
	test_order(PLAIT_BAD_REPLACE);
	test_order(PLAIT_BAD_MASK);
	test_limit();
	test_all_bad();
	test_fail();
	test_refused();
	plait_stop();
	return tap_done();
}
