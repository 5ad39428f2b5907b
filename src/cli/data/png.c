/* SPDX-License-Identifier: MIT
 * Uses libpng's simplified interface, which needs no longjmp. */
#include "config.h"
#include "src/cli/data/png.h"
#include "src/cli/complain.h"
#include "src/cli/output.h"

#ifdef PLAIT_HAVE_PNG

#include <png.h>
#include <stdio.h>

int cli_png_write(const char *path, int width, int height, int channels, const uint8_t *pixels)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
			    .width = (png_uint_32)width,
			    .height = (png_uint_32)height,
			    .format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB };
	struct cli_output output;

	if (cli_output_begin(&output, path) != CLI_DONE)
		return CLI_FAILED;
	/* What the file cannot take is said when it ends. */
	if (!png_image_write_to_stdio(&image, output.file, 0, pixels, 0, NULL) &&
	    !ferror(output.file)) {
		cli_complain("%s: cannot be written: %s", path, image.message);
		return cli_output_end(&output, CLI_FAILED);
	}
	return cli_output_end(&output, CLI_DONE);
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
