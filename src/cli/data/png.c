/* SPDX-License-Identifier: MIT
 * Uses libpng's simplified interface, which needs no longjmp. */
#include "config.h"
#include "src/cli/data/png.h"
#include "src/cli/complain.h"
#include "src/cli/output.h"

#ifdef PLAIT_HAVE_PNG

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <string.h>

int cli_png_write(const char *path, int width, int height, int channels, const uint8_t *pixels)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
			    .width = (png_uint_32)width,
			    .height = (png_uint_32)height,
			    .format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB };
	FILE *file = cli_output_create(path);
	int written;

	if (!file)
		return CLI_FAILED;
	written = png_image_write_to_stdio(&image, file, 0, pixels, 0, NULL);
	if (fclose(file) != 0 || !written) {
		cli_complain("%s: cannot be written: %s", path,
			     written ? strerror(errno) : image.message);
		return CLI_FAILED;
	}
	return CLI_DONE;
}

#else

int cli_png_write(const char *path, int width, int height, int channels, const uint8_t *pixels)
{
	(void)width;
	(void)height;
	(void)channels;
	(void)pixels;
	cli_complain("%s: cannot be written: Plait was built without libpng", path);
	return CLI_FAILED;
}

#endif
