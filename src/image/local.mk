# SPDX-License-Identifier: MIT
# JPEG and PNG to pixels.
libplait_all_la_SOURCES += %D%/buffer.c %D%/buffer.h %D%/decode.c %D%/exif.c %D%/format.h %D%/image.h %D%/jpeg.c %D%/limits.c %D%/png.c
