/* SPDX-License-Identifier: MIT
 * seeds DIR: a folder of good files for each fuzz target, to start from. */
#include "src/loader/reader.h"
#include "src/dataset/packed/packed.h"
#include "tests/cli/trace.h"
#include "tests/tar.h"

#include <sys/stat.h>

static const char *root;

static void put_seed(const char *target, const char *name, const void *bytes, size_t size)
{
	char path[1024];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", root, target);
	mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/%s/%s", root, target, name);
	out = fopen(path, "wb");
	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) != 0)
		tap_bail_out("cannot write %s", path);
}

static void put_picture(const char *name, struct picture p)
{
	put_seed("image", name, p.bytes, p.size);
	free(p.bytes);
}

static void put_images(void)
{
	static const unsigned char pixels[16 * 16 * 8] = { 1, 2, 3 };
	static const uint8_t palette[256][3], alpha[1] = { 128 };
	struct picture_png png = { .width = 9, .height = 7, .palette = palette };
	struct picture_jpeg jpeg = { .width = 16, .height = 9, .quality = 50 };
	static const int kinds[][2] = {
		{ 0, 1 }, { 0, 16 }, { 2, 8 }, { 3, 4 }, { 4, 8 }, { 6, 16 }
	};
	char name[32];

	for (int i = 0; pictures_have_png() && i < 12; i++) {
		png.type = kinds[i / 2][0];
		png.depth = kinds[i / 2][1];
		png.interlaced = i % 2;
		png.alpha = png.type == 3 ? alpha : NULL;
		png.alphas = png.type == 3;
		snprintf(name, sizeof name, "%d.png", i);
		put_picture(name, pictures_png(&png, pixels));
	}
	for (int i = 0; pictures_have_jpeg() && i < 8; i++) {
		jpeg.components = i % 2 ? 3 : 1;
		jpeg.progressive = i / 2 == 1;
		jpeg.halved = i / 2 == 2;
		jpeg.restart = i / 2 == 3;
		snprintf(name, sizeof name, "%d.jpg", i);
		put_picture(name, pictures_jpeg(&jpeg, pixels));
	}
	jpeg.components = 4;
	if (pictures_have_jpeg())
		put_picture("cmyk.jpg", pictures_jpeg(&jpeg, pixels));
}

static void put_tars(void)
{
	static struct tar tar;

	if (!pictures_have_png() && !pictures_have_jpeg())
		return;
	tar_make_pets(&tar);
	put_seed("tar", "pets.tar", tar.byte, tar.size);
	put_seed("tar", "no-end.tar", tar.byte, tar.size - 2 * BLOCK);
	tar_add_image(&tar, "b", 3);
	tar_add_text(&tar, "b.cls", "1");
	tar_add(&tar, "1.5.cls", '2', NULL, 0);
	tar_end(&tar);
	put_seed("tar", "two.tar", tar.byte, tar.size); /* one behind the other */
	tar.size = 0;
	tar_add(&tar, "x", 'x', "19 path=longer.cls\n", 19);
	tar_add_text(&tar, "y", "1");
	tar_add(&tar, "x", 'L', "longer.png", 11);
	tar_add_text(&tar, "y", "no image");
	tar_end(&tar);
	put_seed("tar", "extensions.tar", tar.byte, tar.size);
}

/* The input's first byte is the size of its first part. */
static void put_pair(const char *target, const void *first, size_t size, const void *second,
		     size_t size2)
{
	unsigned char bytes[512] = { (unsigned char)size };

	memcpy(bytes + 1, first, size);
	memcpy(bytes + 1 + size, second, size2);
	put_seed(target, "pair", bytes, 1 + size + size2);
	put_seed(target, "alone", bytes, 1 + size);
}

static void put_arrays(void)
{
	static const char x[] = "\x93NUMPY\1\0\x36\0{'descr': '<f4', 'fortran_order': False, "
				"'shape': (2,1), }\0\0\x80\x3f\0\0\0\x40";
	static const char y[] = "\x93NUMPY\1\0\x36\0{'descr': '|u1', 'fortran_order': False, "
				"'shape': (2,), }\n\0\1";
	static const char images[] = "\0\0\x08\3\0\0\0\2\0\0\0\2\0\0\0\1abcd";
	static const char labels[] = "\0\0\x08\1\0\0\0\2\0\1";
	static const char header[] =
		"{\"a\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[0,4]},"
		"\"__metadata__\":{\"plait.model\":\"linear:2 softmax\",\"plait.input\":\"[1,2]\","
		"\"plait.classes\":\"a\\nb\\\\x0a\"}}";
	static const char csv[] = "a,b\n1,dog\n-3e2,cat\n";
	static const char bare[] = "a,b\n1,2\n-3e2,4\n5,67\n"; /* of a size for label=none */
	static const char years[] = "1990,1995,2000,growth\n1,2,3,4\n3,4,5,2\n";
	static const char odd[] = "RI,Na,,2nd,NA\r1,2,3,4,5\r5,4,3,2,1\r";
	char tensors[256] = { (char)(sizeof header - 1) };

	put_pair("npy", x, sizeof x - 1, y, sizeof y - 1);
	put_pair("idx", images, sizeof images - 1, labels, sizeof labels - 1);
	put_seed("csv", "named.csv", csv, sizeof csv - 1);
	put_seed("csv", "plain.csv", csv + 4, sizeof csv - 5);
	put_seed("csv", "bare.csv", bare, sizeof bare - 1);
	put_seed("csv", "years.csv", years, sizeof years - 1);
	put_seed("csv", "odd.csv", odd, sizeof odd - 1);
	memcpy(tensors + 8, header, sizeof header - 1);
	put_seed("safetensors", "one", tensors, 8 + sizeof header - 1 + 4);
}

static void put_packed(const char *name, const char *spec)
{
	struct plait_dataset *dataset = NULL;
	struct plait__packed_options options = { 0 };
	struct plait__packed_result result;
	char path[1024];

	snprintf(path, sizeof path, "%s/packed", root);
	mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/packed/%s", root, name);
	if (plait_dataset_open(&dataset, spec) < 0 ||
	    plait__packed_write(path, dataset, &options, &result) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_dataset_destroy(dataset);
}

/* What other formats' seeds hold, and floats. */
static void put_packs(void)
{
	char spec[1100];

	put_packed("floats", "synthetic:5,3,2");
	snprintf(spec, sizeof spec, "csv:%s/csv/named.csv", root);
	put_packed("named", spec);
	snprintf(spec, sizeof spec, "tar:%s/tar/pets.tar", root);
	if (pictures_have_png() || pictures_have_jpeg())
		put_packed("pets", spec);
}

static void put_state(void)
{
	struct plait_loader loader = { .feed.batches = 7, .next = 40, .fingerprinted = true };
	struct plait_loader_state state = { .user = 5 };
	char path[1024];

	snprintf(path, sizeof path, "%s/state", root);
	mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/state/one", root);
	if (plait_loader_state_save(&loader, &state) < 0 ||
	    plait_loader_state_write(&state, path) < 0)
		tap_bail_out("%s", plait_error_message());
}

/* Ten names, and a batch of two samples. */
static void put_cifar10(void)
{
	static const char names[] = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n";
	static unsigned char bytes[1 + sizeof names - 1 + 2 * (1 + 3 * 32 * 32)];

	bytes[0] = sizeof names - 1;
	memcpy(bytes + 1, names, sizeof names - 1);
	bytes[sizeof names] = 7; /* the label of the first */
	put_seed("cifar10", "named", bytes, sizeof bytes);
	bytes[sizeof names - 1] = 0; /* without names */
	put_seed("cifar10", "plain", bytes + sizeof names - 1, sizeof bytes - (sizeof names - 1));
}

/* The trace that tests of the report use, and what Plait records itself. */
static void put_traces(void)
{
	char trace[16384];
	int size = snprintf(trace, sizeof trace, "\f%s\f%s\f%s", gpu_paje, gpu_tasks, gpu_states);

	put_seed("trace", "fxt", trace, (size_t)size);
	size = snprintf(trace, sizeof trace, "%s\f\f%s\f", own_workers, gpu_tasks);
	put_seed("trace", "own", trace, (size_t)size);
	/* Cut off within a record, and in the middle of a field that the kernel's part has. */
	put_seed("trace", "cut", trace, (size_t)size / 2);
	size = snprintf(
		trace, sizeof trace,
		"WorkerId: 0\nTasks: 9\n\n\f\fName: step\nJobId: 1\nIteration: 0\nWorkerId: "
		"0\nStartTime: 1\nEndTime: 2\nPreemptedTime: 0.5\nPreemptedAfter: 0.25\n\n\f");
	put_seed("trace", "preempted", trace, (size_t)size);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		tap_bail_out("usage: seeds DIR");
	root = argv[1];
	mkdir(root, 0777);
	put_images();
	put_tars();
	put_arrays();
	put_cifar10();
	put_traces();
	put_packs();
	put_state();
	return 0;
}
