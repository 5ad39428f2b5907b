/* SPDX-License-Identifier: MIT
 * Cropping, resizing, flipping and normalising in one pass, as somebody would write it. */
#include "config.h"
#include "tests/bench/load_threads.h"

#include <math.h>

#define PAD 4
#define MOST_TRIES 10

/* A line of one channel: black is what lies outside of it. */
static void crop_line(const uint8_t *line, int left, int step, float scale, float shift, float *out)
{
	int first = left < 0 ? -left : 0, end = left > 0 ? CROP_SIDE - left : CROP_SIDE;

	for (int x = 0; x < first; x++)
		out[x * step] = shift;
	for (int x = first; x < end; x++)
		out[x * step] = (float)line[(x + left) * 3] * scale + shift;
	for (int x = end; x < CROP_SIDE; x++)
		out[x * step] = shift;
}

void pixels_crop(const uint8_t *pixels, uint64_t random, float *out)
{
	static const float mean[3] = { 0.491f, 0.482f, 0.447f },
			   std[3] = { 0.247f, 0.243f, 0.262f };
	int top = (int)(next_random(&random) % (2 * PAD + 1)) - PAD;
	int left = (int)(next_random(&random) % (2 * PAD + 1)) - PAD;
	int flip = (int)(next_random(&random) & 1);

	for (int c = 0; c < 3; c++) {
		float scale = 1 / (255 * std[c]), shift = -mean[c] / std[c];

		for (int y = top; y < top + CROP_SIDE; y++, out += CROP_SIDE) {
			float *begin = flip ? out + CROP_SIDE - 1 : out;

			if (y >= 0 && y < CROP_SIDE)
				crop_line(pixels + y * CROP_SIDE * 3 + c, left, flip ? -1 : 1,
					  scale, shift, begin);
			else
				for (int x = 0; x < CROP_SIDE; x++)
					out[x] = shift;
		}
	}
}

struct box {
	int top, left, height, width;
};

static float next_uniform(uint64_t *random)
{
	return (float)next_random(random) * 0x1p-31f;
}

/* Area 0.08 to 1, aspect 3/4 to 4/3, as torchvision's RandomResizedCrop. */
static struct box choose_box(int width, int height, uint64_t *random)
{
	for (int i = 0; i < MOST_TRIES; i++) {
		float area = (float)width * (float)height * (0.08f + 0.92f * next_uniform(random));
		float aspect = expf(logf(4.0f / 3) * (2 * next_uniform(random) - 1));
		int w = (int)lrintf(sqrtf(area * aspect)), h = (int)lrintf(sqrtf(area / aspect));

		if (w > 0 && h > 0 && w <= width && h <= height)
			return (struct box){
				.top = (int)(next_random(random) % (uint64_t)(height - h + 1)),
				.left = (int)(next_random(random) % (uint64_t)(width - w + 1)),
				.height = h,
				.width = w
			};
	}
	return (struct box){ .height = height, .width = width };
}

/* Where a pixel of the result lies in a line of the source. */
struct between {
	int near, far;
	float weight; /* of far */
};

static void place(struct between *at, int first, int size)
{
	for (int i = 0; i < RESIZE_SIDE; i++) {
		float center = ((float)i + 0.5f) * (float)size / RESIZE_SIDE - 0.5f;
		int near = center < 0 ? 0 : (int)center;

		at[i].near = first + near;
		at[i].far = first + (near + 1 < size ? near + 1 : near);
		at[i].weight = center < 0 ? 0 : center - (float)near;
	}
}

/* Between the four nearest pixels, whatever the scale.  It is what one writes first, and less
 * work than Plait's and PyTorch's, which take in all pixels under one of a smaller result. */
void pixels_resize(const uint8_t *pixels, int width, int height, uint64_t random, float *out)
{
	static const float mean[3] = { 0.485f, 0.456f, 0.406f },
			   std[3] = { 0.229f, 0.224f, 0.225f };
	struct between row[RESIZE_SIDE], column[RESIZE_SIDE];
	struct box box = choose_box(width, height, &random);
	int flip = (int)(next_random(&random) & 1);
	float scale[3], shift[3];

	for (int c = 0; c < 3; c++) {
		scale[c] = 1 / (255 * std[c]);
		shift[c] = -mean[c] / std[c];
	}
	place(row, box.top, box.height);
	place(column, box.left, box.width);
	for (int y = 0; y < RESIZE_SIDE; y++) {
		const uint8_t *above = pixels + (size_t)row[y].near * (size_t)width * 3;
		const uint8_t *below = pixels + (size_t)row[y].far * (size_t)width * 3;

		for (int x = 0; x < RESIZE_SIDE; x++) {
			const struct between *at = &column[flip ? RESIZE_SIDE - 1 - x : x];

			for (int c = 0; c < 3; c++) {
				float a = above[at->near * 3 + c], b = below[at->near * 3 + c];
				float left = a + row[y].weight * (b - a);
				float d = above[at->far * 3 + c], e = below[at->far * 3 + c];
				float right = d + row[y].weight * (e - d);
				float value = left + at->weight * (right - left);

				out[(c * RESIZE_SIDE + y) * RESIZE_SIDE + x] =
					value * scale[c] + shift[c];
			}
		}
	}
}
