/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tests/pictures.h"
#include "tests/tap.h"

#ifdef PLAIT_HAVE_PNG
#include <png.h>

bool pictures_have_png(void)
{
	return true;
}

static void append(png_structp png, png_bytep bytes, size_t size)
{
	struct picture *p = png_get_io_ptr(png);

	p->bytes = realloc(p->bytes, p->size + size);
	if (!p->bytes)
		tap_bail_out("no memory");
	memcpy(p->bytes + p->size, bytes, size);
	p->size += size;
}

static void set_colors(png_structp png, png_infop info, const struct picture_png *how)
{
	if (how->type == 3) {
		png_color color[256];
		int count = 1 << how->depth;

		for (int i = 0; i < count; i++)
			color[i] = (png_color){ how->palette[i][0], how->palette[i][1],
						how->palette[i][2] };
		png_set_PLTE(png, info, color, count);
		if (how->alpha)
			png_set_tRNS(png, info, how->alpha, how->alphas, NULL);
	} else if (how->key) {
		png_color_16 color = { .red = how->key[0], .gray = how->key[0] };

		if (how->type == 2) {
			color.green = how->key[1];
			color.blue = how->key[2];
		}
		png_set_tRNS(png, info, NULL, 0, &color);
	}
}

struct picture pictures_png(const struct picture_png *how, const unsigned char *rows)
{
	struct picture p = { 0 };
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	int passes;

	if (!info || setjmp(png_jmpbuf(png)))
		tap_bail_out("libpng cannot write a test image");
	png_set_write_fn(png, &p, append, NULL);
	png_set_IHDR(png, info, (png_uint_32)how->width, (png_uint_32)how->height, how->depth,
		     how->type, how->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	set_colors(png, info, how);
	png_write_info(png, info);
	passes = png_set_interlace_handling(png);
	for (int pass = 0; pass < passes; pass++)
		for (int y = 0; y < how->height; y++)
			png_write_row(png, rows + (size_t)y * png_get_rowbytes(png, info));
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return p;
}

#else

bool pictures_have_png(void)
{
	return false;
}

struct picture pictures_png(const struct picture_png *how, const unsigned char *rows)
{
	(void)how, (void)rows;
	tap_bail_out("built without PNG");
}

#endif
#ifdef PLAIT_HAVE_JPEG
#include <jpeglib.h>

bool pictures_have_jpeg(void)
{
	return true;
}

static void set_scans(struct jpeg_compress_struct *jpeg)
{
	static jpeg_scan_info scan[4];

	for (int i = 0; i < jpeg->num_components; i++)
		scan[i] =
			(jpeg_scan_info){ .comps_in_scan = 1, .component_index = { i }, .Se = 63 };
	jpeg->scan_info = scan;
	jpeg->num_scans = jpeg->num_components;
}

struct picture pictures_jpeg(const struct picture_jpeg *how, const unsigned char *pixels)
{
	static const J_COLOR_SPACE space[] = { 0, JCS_GRAYSCALE, 0, JCS_RGB, JCS_CMYK };
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors; /* the default one ends the program */
	unsigned char *bytes = NULL;
	unsigned long size = 0;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &size);
	jpeg.image_width = (JDIMENSION)how->width;
	jpeg.image_height = (JDIMENSION)how->height;
	jpeg.input_components = how->components;
	jpeg.in_color_space = space[how->components];
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, how->quality, TRUE);
	jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = how->halved ? 2 : 1;
	jpeg.arith_code = how->arithmetic;
	jpeg.restart_in_rows = how->restart;
	if (how->progressive)
		jpeg_simple_progression(&jpeg);
	if (how->separate)
		set_scans(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		JSAMPROW row = (JSAMPROW)pixels + (size_t)jpeg.next_scanline * jpeg.image_width *
							  (size_t)how->components;

		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	return (struct picture){ bytes, size };
}

#else

bool pictures_have_jpeg(void)
{
	return false;
}

struct picture pictures_jpeg(const struct picture_jpeg *how, const unsigned char *pixels)
{
	(void)how, (void)pixels;
	tap_bail_out("built without JPEG");
}

#endif

struct picture pictures_small(int kind, int width, int height, int i)
{
	unsigned char *pixels = malloc((size_t)width * (size_t)height * 3), *to = pixels;
	struct picture p;

	if (!pixels)
		tap_bail_out("no memory");
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++, to += 3) {
			to[0] = (unsigned char)(8 * x + i);
			to[1] = (unsigned char)(8 * y + 2 * i);
			to[2] = (unsigned char)(4 * (x + y) + 3 * i);
		}
	p = kind == 0 ? pictures_png(
				&(struct picture_png){
					.width = width, .height = height, .type = 2, .depth = 8 },
				pixels)
		      : pictures_jpeg(&(struct picture_jpeg){ .width = width,
							      .height = height,
							      .components = 3,
							      .quality = 90 },
				      pixels);
	free(pixels);
	return p;
}
