/* SPDX-License-Identifier: MIT
 * CIFAR-10's binary files. */
#include "tests/tree.h"

#include <unistd.h>

#define RECORD 3073

static void put_batch(const char *name, int count, int first)
{
	unsigned char *bytes = malloc((size_t)count * RECORD);

	for (int i = 0; i < count; i++) {
		bytes[i * RECORD] = (unsigned char)((first + i) % 10);
		for (int k = 1; k < RECORD; k++)
			bytes[i * RECORD + k] = (unsigned char)(first + i + k / 1024);
	}
	tree_put(name, bytes, (size_t)count * RECORD);
	free(bytes);
}

static void make_cifar(void)
{
	char name[32];

	tree_start("cifar");
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof name, "data_batch_%d.bin", i + 1);
		put_batch(name, 2, 2 * i);
	}
	put_batch("test_batch.bin", 3, 50);
}

static void test_cifar(void)
{
	struct plait_dataset *set;
	uint8_t x[3072];
	int32_t label;

	make_cifar();
	set = open_or_bail(tree_spec("cifar10"));
	is_int(plait_dataset_info(set)->samples, 10, "CIFAR-10: five files");
	is_int(plait_dataset_info(set)->classes, 10, "its classes");
	is_string(sample_shape(set), "[3,32,32]", "its shape");
	is_string(plait_dataset_info(set)->class_names[9], "truck", "its usual names");
	is_int(plait_dataset_read(set, 7, 0, x, &label, NULL), 0, "sample 7");
	is_int(label, 7, "its class");
	ok(x[0] == 7 && x[1022] == 7 && x[1023] == 8 && x[3071] == 10, "its pixels");
	plait_dataset_destroy(set);
	tree_put("batches.meta.txt", "n0\nn1\nn2\nn3\nn4\nn5\nn6\nn7\nn8\r\nn9\n\n", 33);
	set = open_or_bail(strcat((char *)tree_spec("cifar10"), ":test"));
	is_int(plait_dataset_info(set)->samples, 3, "its test set");
	is_string(plait_dataset_info(set)->class_names[8], "n8", "names of its own");
	plait_dataset_destroy(set);
}

static void test_bad_cifar(void)
{
	unsigned char stored[RECORD] = { 10 };

	make_cifar();
	tree_put("batches.meta.txt", "a\nb\n", 4);
	refuses(tree_spec("cifar10"), PLAIT_EFORMAT, tree_path("batches.meta.txt"), "found 2");
	tree_put("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk", 21);
	refuses(tree_spec("cifar10"), PLAIT_EFORMAT, tree_path("batches.meta.txt"),
		"found more than 10");
	unlink(tree_path("batches.meta.txt"));
	tree_put("data_batch_3.bin", stored, RECORD);
	refuses(tree_spec("cifar10"), PLAIT_ELABEL,
		tree_path("data_batch_3.bin: offset 0: label is 10"), "0 to 9");
	tree_put("data_batch_3.bin", stored, RECORD - 1);
	refuses(tree_spec("cifar10"), PLAIT_EFORMAT, tree_path("data_batch_3.bin"),
		"records of 3073 bytes, found 3072");
	tree_put("data_batch_3.bin", stored, 0);
	refuses(tree_spec("cifar10"), PLAIT_EFORMAT, tree_path("data_batch_3.bin"),
		"found 0 bytes");
	unlink(tree_path("data_batch_3.bin"));
	refuses(tree_spec("cifar10"), PLAIT_EIO, tree_path("data_batch_3.bin"), "No such file");
	refuses("cifar10::test", PLAIT_EINVAL, "cifar10:DIR", "found");
	refuses("cifar10:", PLAIT_EINVAL, "cifar10:DIR", "found");
}

int main(void)
{
	test_cifar();
	test_bad_cifar();
	return tap_done();
}
