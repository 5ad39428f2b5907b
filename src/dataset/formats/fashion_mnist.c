/* SPDX-License-Identifier: MIT
 * Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017) as Debian packages it: IDX files of 28 x 28
 * grey images of clothes in 10 classes, 60,000 to train and 10,000 to test. */
#include "config.h"
#include "src/dataset/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/share/datasets/fashion-mnist"

static const char *const classes[] = {
	"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
	"Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"
};

#define CLASSES ((int64_t)(sizeof classes / sizeof *classes))

/* A new string folder/name.gz, or folder/name if that exists. */
static char *find(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + sizeof "/.gz";
	char *path = plait__calloc(1, size, "a path");

	if (!path)
		return NULL;
	snprintf(path, size, "%s/%s", folder, name);
	if (access(path, F_OK) != 0)
		snprintf(path, size, "%s/%s.gz", folder, name);
	return path;
}

static int check_found(const char *folder, const char *path)
{
	if (access(path, F_OK) == 0)
		return 0;
	return plait__error(
		PLAIT_EIO,
		"fashion-mnist: expected %s (or without .gz), found no such file in %s: "
		"apt-get install dataset-fashion-mnist brings it to " FOLDER
		", or PLAIT_DATA names the folder that has it",
		path, folder);
}

int plait__dataset_find_fashion_mnist(const char *part, char **images_p, char **labels_p)
{
	const char *chosen = getenv("PLAIT_DATA"), *folder = chosen && *chosen ? chosen : FOLDER;
	bool test = strcmp(part, "test") == 0;
	char *images = find(folder, test ? "t10k-images-idx3-ubyte" : "train-images-idx3-ubyte");
	char *labels = find(folder, test ? "t10k-labels-idx1-ubyte" : "train-labels-idx1-ubyte");
	int status = images && labels ? 0 : PLAIT_ENOMEM;

	if (status == 0)
		status = check_found(folder, images);
	if (status == 0)
		status = check_found(folder, labels);
	if (status < 0) {
		free(images);
		free(labels);
		return status;
	}
	*images_p = images;
	*labels_p = labels;
	return 0;
}

int plait__dataset_open_fashion_mnist(struct plait_dataset *dataset, const char *rest)
{
	char *images, *labels;
	int status;

	if (*rest && strcmp(rest, "train") != 0 && strcmp(rest, "test") != 0)
		return plait__error(PLAIT_EINVAL,
				    "fashion-mnist: expected train or test, found \"%s\"", rest);
	status = plait__dataset_find_fashion_mnist(rest, &images, &labels);
	if (status < 0)
		return status;
	dataset->info.classes = CLASSES;
	status = plait__dataset_read_idx(dataset, images, labels, PLAIT__LAYOUT_CHW);
	if (status == 0)
		status = plait__dataset_set_names(dataset, CLASSES, classes);
	free(images);
	free(labels);
	return status;
}
