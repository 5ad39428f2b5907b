/* SPDX-License-Identifier: MIT
 * CSV files, good and bad; numbers as text. */
#include "src/base/number.h"
#include "src/base/random.h"
#include "src/dataset/format.h"
#include "tests/dataset/dataset.h"

#include <locale.h>

static void put(const char *text)
{
	files_write("t.csv", text, strlen(text));
}

/* csv:FILE and an option. */
static const char *spec(const char *option)
{
	static char text[1200];

	snprintf(text, sizeof text, "csv:%s%s", files_path("t.csv"), option);
	return text;
}

/* What is expected of a file: samples, features, classes, and the last sample. */
struct expected {
	const char *text, *option;
	int samples, features, classes, targets;
	float first; /* feature of the last sample */
	int label;
	float target;
};

static void test_good(void)
{
	static const struct expected cases[] = {
		{ "1,2,0\n3,4,1\n", "", 2, 2, 2, 1, 3, 1, 1 },
		{ "a,b,c\n1,2,0\n3,4,1\n", "", 2, 2, 2, 1, 3, 1, 1 },
		{ "a,b,c\n1,2,0\n3,4,1", ",label=c", 2, 2, 2, 1, 3, 1, 1 },
		{ "a,b,c\n1,2,0\n3,4,1\n\n \n", ",label=a", 2, 2, 4, 1, 4, 3, 3 },
		{ "1,2,0\r\n3,4,1\r\n", ",label=0", 2, 2, 4, 1, 4, 3, 3 },
		{ " 1 ,\t2 , 0 \n 3 , 4 , 1 \n", ",label=1", 2, 2, 5, 1, 3, 4, 4 },
		{ "\"x, y\",\"say \"\"hi\"\"\",z\n\"1\" , \"2\",\"0\"\n3,4,1\n",
		  ",label=say \"hi\"", 2, 2, 5, 1, 3, 4, 4 },
		{ "\xef\xbb\xbf"
		  "1,2,0\n3,4,1\n",
		  "", 2, 2, 2, 1, 3, 1, 1 },
		{ "1,0.5\n2,1.5\n", "", 2, 1, 0, 1, 2, -7, 1.5f },
		{ "1,0\n2,-1\n", "", 2, 1, 0, 1, 2, -7, -1 },
		{ "1,0\n2,3e9\n", "", 2, 1, 0, 1, 2, -7, 3e9f },
		{ "1,0.0\n2,1e1\n", "", 2, 1, 11, 1, 2, 10, 10 },
		{ "5,red\n6,blue\n7,red\n", "", 3, 1, 2, 0, 7, 1, -7 },
		{ "size,colour\n5,red\n6,blue\n7,amber\n", ",label=colour", 3, 1, 3, 0, 7, 0, -7 },
		{ "5,y\n6,nan\n7,x\n", "", 3, 1, 3, 0, 7, 1, -7 }, /* among names, nan is one */
		{ "1,2,0\r3,4,1\r", "", 2, 2, 2, 1, 3, 1, 1 },
		{ "1990,1995,2000,growth\n1,2,3,4\n3,4,5,2\n", "", 2, 3, 5, 1, 3, 2, 2 },
		{ "1990,1995,red\n1,2,blue\n3,4,red\n", "", 3, 2, 2, 0, 3, 1, -7 },
		{ "1990,1995,red\n1,2,blue\n", ",header=no", 2, 2, 2, 0, 1, 0, -7 },
		{ "1990,1995,red\n1,2,blue\n", ",header=yes", 1, 2, 1, 0, 1, 0, -7 },
		{ "RI,Na,NA,Mg,2nd,,#,type\n1,2,3,4,5,6,7,0\n", "", 1, 7, 1, 1, 1, 0, 0 },
		{ "h\xc3\xb6he,\xe9,y\n3,4,1\n", "", 1, 2, 2, 1, 3, 1, 1 },
		{ "1,x,2\n3,4,1\n", ",header=yes", 1, 2, 2, 1, 3, 1, 1 },
		{ "label,p0,p1\n1,2,0\n", ",label=2", 1, 2, 1, 1, 1, 0, 0 },
		{ "label,p0,p1\n1,2,0\n", ",label=label", 1, 2, 2, 1, 2, 1, 1 },
		{ "class,p0,target\n1,2,0\n", "", 1, 2, 1, 1, 1, 0, 0 },
		/* A column that numbers the rows is no feature; one without a name may be. */
		{ ",a,b,y\n0,5,6,0\n1,7,8,1\n", "", 2, 2, 2, 1, 7, 1, 1 },
		{ "Unnamed: 0,a,y\n0,5,0\n1,7,1\n", "", 2, 1, 2, 1, 7, 1, 1 },
		{ ",y,a\n0,0,5\n1,1,7\n", ",label=y", 2, 1, 2, 1, 7, 1, 1 },
		{ ",a,y\n0,5,0\n2,7,1\n", "", 2, 2, 2, 1, 2, 1, 1 },
		{ ",y\n0,0\n1,1\n", ",header=yes", 2, 1, 2, 1, 1, 1, 1 },
		{ "1,a;b\n2,c;d\n", "", 2, 1, 2, 0, 2, 1, -7 },
		{ "1,2\n3,4\n", ",label=0,header=yes", 1, 1, 4, 1, 4, 3, 3 },
		{ "1,2\n3,4\n", ",header=yes,label=0", 1, 1, 4, 1, 4, 3, 3 },
		{ "0,1,label\n5,6,1\n7,8,2\n", "", 2, 2, 3, 1, 7, 2,
		  2 }, /* a header with numbers */
		{ "1e-3,-2.5E+1,+7\n", "", 1, 2, 8, 1, 1e-3f, 7, 7 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct expected *e = &cases[i];
		struct plait_dataset *set;
		const struct plait_dataset_info *info;
		float x[8], target = -7;
		int32_t label = -7;

		put(e->text);
		set = open_or_bail(spec(e->option));
		info = plait_dataset_info(set);
		plait_dataset_read(set, info->samples - 1, 0, x, &label, &target);
		ok(info->samples == e->samples && info->dim[0] == e->features && info->ndim == 1 &&
			   info->dtype == PLAIT_F32 && info->classes == e->classes &&
			   info->targets == e->targets,
		   "good %zu: what it holds", i);
		ok(x[0] == e->first && label == e->label && target == e->target,
		   "good %zu: the last sample", i);
		plait_dataset_destroy(set);
	}
}

static void test_names(void)
{
	struct plait_dataset *set;

	put("5.1,virginica\n4.9,\"setosa, the first\"\n6,virginica\n");
	set = open_or_bail(spec(""));
	is_string(plait_dataset_info(set)->class_names[0], "setosa, the first",
		  "classes are sorted: 0");
	is_string(plait_dataset_info(set)->class_names[1], "virginica", "classes are sorted: 1");
	ok(!plait_dataset_info(set)->feature_names, "no header, no names of features");
	plait_dataset_destroy(set);
	put(",a,y,b\n0,5,0,6\n1,7,1,8\n");
	set = open_or_bail(spec(",label=y"));
	is_string(plait_dataset_info(set)->feature_names[0], "a", "names of features: 0");
	is_string(plait_dataset_info(set)->feature_names[1], "b", "names of features: 1");
	contains(plait_dataset_note(set, 1, NULL), "left out 1 column without a name",
		 "what was left out is said");
	plait_dataset_destroy(set);
}

/* One cell decides neither what the first line is nor what labels are. */
static void test_mixed(void)
{
	static const char *const odd[] = { "?",   "NA",    "n/a", "10%",  "$10",        "1.5.2",
					   "nan", "1_000", "x",   "5 kg", "2024-05-01", "1:30" };
	static const struct {
		const char *text, *option, *message;
	} labels[] = {
		{ "1,0\n2,10\n3,n/a\n", "", "line 3, column 2: expected a number, as the label" },
		{ "1,0\n2,10\n3,n/a\n", "", "found \"n/a\"" },
		{ "1,0.5\n2,?\n3,1.5\n", "", "line 2, column 2: expected a number" },
		{ "1,2,NA\n3,4,1\n5,6,0\n", "", "line 1, column 3: expected a number" },
		{ "1,2,NA\n3,4,1\n5,6,0\n", "", "header=yes or header=no" },
		{ "1,2,cat\n3,4,7\n5,6,dog\n", "", "as the label of line 2 is one, found \"cat\"" },
		{ "1990,1991,1992,red\n1,2,3,blue\n", "", "line 1 may be a header or a sample" },
		{ "1990,1991,red\n1,2,3\n1,2,blue\n", "", "line 1, column 3" },
		{ "x,y,z\n1,2,0\n", ",header=no", "line 1, column 1: expected a finite number" },
		{ "1,2,0\r\n3,4,x\r\n", "", "line 2, column 3" },
	};
	struct plait_dataset *set;
	enum plait_note kind = 0;
	char text[100];

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		snprintf(text, sizeof text, "5,%s,0\n1,2,1\n3,4,1\n", odd[i]);
		put(text);
		refuses(spec(""), PLAIT_EFORMAT, files_path("t.csv"),
			"line 1, column 2: expected a finite number, or only names");
		refuses(spec(",header=no"), PLAIT_EFORMAT, files_path("t.csv"),
			"line 1, column 2: expected a finite number, found");
		if (strcmp(odd[i], "x") != 0) {
			snprintf(text, sizeof text, "%s,0\n2,1\n", odd[i]);
			put(text);
			refuses(spec(""), PLAIT_EFORMAT, files_path("t.csv"), "line 1, column 1");
		}
	}
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		put(labels[i].text);
		refuses(spec(labels[i].option), PLAIT_EFORMAT, files_path("t.csv"),
			labels[i].message);
	}
	refuses(spec(",header=maybe"), PLAIT_EINVAL, "csv:", "header=yes or header=no");
	refuses(spec(",label=a,header=no"), PLAIT_EINVAL, "csv:", "label=a is the name");
	refuses(spec(",header=no,header=no"), PLAIT_EINVAL, "csv:", "once");
	put("a,b\n1,2\n");
	set = open_or_bail(spec(""));
	contains(plait_dataset_note(set, 0, &kind), "line 1 is taken as the header",
		 "a header is noted");
	is_int(kind, PLAIT_NOTE_CHOICE, "as a choice");
	ok(!plait_dataset_note(set, 1, NULL) && !plait_dataset_note(set, -1, NULL) &&
		   !plait_dataset_note(NULL, 0, NULL),
	   "and nothing else");
	plait_dataset_destroy(set);
}

static void test_bad(void)
{
	static const struct {
		const char *text, *option;
		int status;
		const char *message;
	} cases[] = {
		{ "", "", PLAIT_EFORMAT, "an empty file" },
		{ "\n\n", "", PLAIT_EFORMAT, "an empty file" },
		{ "1\n2\n", "", PLAIT_EFORMAT, "at least 2 columns, found one" },
		{ "a,b\n", "", PLAIT_EFORMAT, "line 2: expected a sample, found only a header" },
		{ "1,2,0\n1,2\n", "", PLAIT_EFORMAT, "line 2: expected 3 columns, found 2" },
		{ "a,b\n1,0\n1,2,0\n", "", PLAIT_EFORMAT, "line 3: expected 2 columns, found 3" },
		{ "1,2,0\n1,x,0\n", "", PLAIT_EFORMAT,
		  "line 2, column 2: expected a finite number, found \"x\"" },
		{ "1,2,0\n1,,0\n", "", PLAIT_EFORMAT,
		  "line 2, column 2: expected a finite number, found \"\"" },
		{ "1,2,0\nnan,2,0\n", "", PLAIT_EFORMAT,
		  "line 2, column 1: expected a finite number, found \"nan\"" },
		{ "1,-inf,0\n", "", PLAIT_EFORMAT,
		  "line 1, column 2: expected a finite number, or only names" },
		{ "1,2,0\n1e39,2,0\n", "", PLAIT_EFORMAT, "found \"1e39\"" },
		{ "1,2,0\n0x10,2,0\n", "", PLAIT_EFORMAT, "found \"0x10\"" },
		{ "1,2,0\n1 2,2,0\n", "", PLAIT_EFORMAT, "found \"1 2\"" },
		{ "1,2,0\n1.5.2,2,0\n", "", PLAIT_EFORMAT, "found \"1.5.2\"" },
		{ "1,2,0\n-,2,0\n", "", PLAIT_EFORMAT, "found \"-\"" },
		{ "1,2,0\n.,2,0\n", "", PLAIT_EFORMAT, "found \".\"" },
		{ "1,2,0\n1,2,\n", "", PLAIT_EFORMAT, "line 2, column 3: expected a label" },
		{ "1,2,0\n1,2,nan\n", "", PLAIT_EFORMAT, "line 2, column 3" },
		{ "1,2,0\n\n1,2,0\n", "", PLAIT_EFORMAT,
		  "line 2: expected numbers, found an empty line" },
		{ "1,\"2,0\n", "", PLAIT_EFORMAT, "line 1: expected a closing quote" },
		{ "1,\"2\"x,0\n", "", PLAIT_EFORMAT,
		  "line 1: expected a comma after a closing quote" },
		{ "1,2,0\n", ",label=3", PLAIT_EINVAL, "label=3: expected a column from 0 to 2" },
		{ "1,2,0\n", ",label=99999999999999999999", PLAIT_EINVAL, "0 to 2" },
		{ "colour,size,label\n1,2,0\n", ",label=lable", PLAIT_EINVAL,
		  "did you mean label?" },
		{ "1,5;0\n2,5;1\n", "", PLAIT_EFORMAT,
		  "line 1, column 2: found \"5;0\", and all labels are so: the separator must be "
		  "a comma" },
		{ "1,5\t2\n2,5\t3\n", "", PLAIT_EFORMAT, "the separator must be a comma" },
		{ "1,5;red\n2,5;blue\n", "", PLAIT_EFORMAT, "the separator must be a comma" },
		{ "red;1,5\nblue;2,5\n", ",label=0", PLAIT_EFORMAT, "the separator must be" },
		{ "Label,p0,p1\n1,2,0\n", "", PLAIT_EFORMAT,
		  "column 1 is named \"Label\", but the last, \"p1\", would be the label: write "
		  "label=Label, or label=2 for the last" },
		{ "a,target,b\n1,2,0\n", ",header=yes", PLAIT_EFORMAT, "write label=target" },
		{ "1,2,0\n", ",label=x", PLAIT_EINVAL, "a column named \"x\"" },
		{ "a long text that is not a number at all and goes on,1\n2,3\nthe same long text "
		  "as in the "
		  "first line\xff\n,1",
		  "", PLAIT_EFORMAT, "line 3" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put(cases[i].text);
		refuses(spec(cases[i].option), cases[i].status, files_path("t.csv"),
			cases[i].message);
	}
	files_write("t.csv", "1,2\n3,\0004\n", 9);
	refuses(spec(""), PLAIT_EFORMAT, files_path("t.csv"),
		"line 2: expected text, found a zero byte");
	refuses("csv:/", PLAIT_EIO, "/", "a folder");
	refuses("csv:/nonexistent.csv", PLAIT_EIO, "/nonexistent.csv", "No such file");
}

/* Lines longer than any buffer at first, and one that is too long. */
static void test_lines(void)
{
	size_t columns = 100000, size = 2 * columns, too_long = ((size_t)1 << 24) + 10;
	char *text = malloc(too_long);
	struct plait_dataset *set;

	for (size_t i = 0; i < columns; i++)
		memcpy(text + 2 * i, i % 3 ? "1," : "2,", 2);
	text[size - 1] = '\n';
	files_write("t.csv", text, size);
	set = open_or_bail(spec(""));
	is_int(plait_dataset_info(set)->dim[0], columns - 1, "100,000 columns");
	plait_dataset_destroy(set);
	files_write_gzip("t.csv", text, size);
	is_int(try_dataset(spec("")), 0, "100,000 columns, gzip");
	memset(text, '1', too_long);
	files_write("t.csv", text, too_long);
	refuses(spec(""), PLAIT_EFORMAT, files_path("t.csv"), "line 1: expected at most 16 MiB");
	free(text);

	/* More rows than the first allocations hold. */
	text = malloc(1 << 20);
	size = 0;
	for (int i = 0; i < 5000; i++)
		size += (size_t)sprintf(text + size, "%d,%d.25,%d\n", i, -i, i % 7);
	files_write("t.csv", text, size);
	free(text);
	set = open_or_bail(spec(""));
	is_int(plait_dataset_info(set)->samples, 5000, "5,000 lines");
	int wrong = 0;
	for (int i = 0; i < 5000; i++) {
		float x[2];
		int32_t label;

		plait_dataset_read(set, i, 0, x, &label, NULL);
		wrong += x[0] != (float)i || x[1] != (i ? -(float)i - 0.25f : 0.25f) ||
			 label != i % 7;
	}
	is_int(wrong, 0, "5,000 lines: values");
	plait_dataset_destroy(set);
}

/* Numbers have the value that strtod returns, bit for bit. */
static void test_numbers(void)
{
	int wrong = 0;

	for (uint64_t i = 0; i < 200000; i++) {
		uint64_t digits = plait__random(1, i) >> (plait__random(2, i) % 60);
		char text[40];
		size_t length, point = plait__random(3, i) % 22;
		double value = 0, expected;

		length = (size_t)sprintf(text, "%s%llu", i & 1 ? "-" : "",
					 (unsigned long long)digits);
		if (point > (i & 1) && point <= length) {
			memmove(text + point + 1, text + point, length + 1 - point);
			text[point] = '.';
		}
		if (i % 7 == 0)
			sprintf(text + strlen(text), "e%d", (int)(plait__random(4, i) % 40) - 20);
		expected = strtod(text, NULL);
		if (plait__number_parse(text, &value) != PLAIT__TEXT_NUMBER ||
		    memcmp(&value, &expected, 8) != 0) {
			printf("# %s: %.17g, expected %.17g\n", text, value, expected);
			wrong++;
		}
	}
	is_int(wrong, 0, "200,000 numbers as strtod reads them");
}

static void test_locale(void)
{
	static const char *const commas[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR" };
	const char *set = NULL;

	put("1.2345678901234567,0\n");
	for (int i = 0; i < 4 && !set; i++)
		set = setlocale(LC_NUMERIC, commas[i]);
	if (set)
		is_int(try_dataset(spec("")), 0, "a point is a point under %s", set);
	else
		tap_skip("no locale with a decimal comma");
	setlocale(LC_NUMERIC, "C");
}

static void test_attacks(void)
{
	static const char numbers[] =
		"length,\"width\",class\r\n5.1, 3.5,0\r\n-4.9e0,\"3\",2\r\n1,2,1\r\n";
	static const char names[] = "5.1,3.5,setosa\n4.9,3,virginica\n1,2,\"a \"\"b\"\"\"\n";
	size_t size;
	void *gzip;

	put(numbers);
	is_int(try_dataset(spec("")), 0, "numbers are good");
	/* Many beginnings of a CSV file are CSV files. */
	is_int(files_truncate("t.csv", numbers, sizeof numbers - 1, false, try_dataset, spec("")),
	       0, "numbers of every length");
	is_int(files_mutate("t.csv", numbers, sizeof numbers - 1, 5000, try_dataset, spec("")), 0,
	       "numbers changed 5000 times");
	put(names);
	is_int(try_dataset(spec("")), 0, "names are good");
	is_int(files_truncate("t.csv", names, sizeof names - 1, false, try_dataset, spec("")), 0,
	       "names of every length");
	is_int(files_mutate("t.csv", names, sizeof names - 1, 5000, try_dataset, spec("")), 0,
	       "names changed 5000 times");
	files_write_gzip("t.csv", numbers, sizeof numbers - 1);
	gzip = files_read("t.csv", &size);
	is_int(files_truncate("t.csv", gzip, size, true, try_dataset, spec("")), 0,
	       "compressed, every length");
	is_int(files_mutate("t.csv", gzip, size, 3000, try_dataset, spec("")), 0,
	       "compressed, changed 3000 times");
	free(gzip);
}

/* A file with so many names takes minutes, so the check is called. */
static void test_class_count(void)
{
	struct plait_dataset dataset = { .info.spec = "csv:names" };

	is_int(plait__dataset_set_names(&dataset, (int64_t)INT32_MAX + 1, NULL), PLAIT_ELABEL,
	       "more class names than int32 labels are refused");
	contains(plait_error_message(), "at most 2147483647", "and the limit is named");
}

int main(void)
{
	test_class_count();
	test_good();
	test_names();
	test_mixed();
	test_bad();
	test_lines();
	test_numbers();
	test_locale();
	test_attacks();
	return tap_done();
}
