# SPDX-License-Identifier: MIT
# JPEG and PNG to pixels.
libplait_all_la_SOURCES += %D%/decode.c %D%/format.h %D%/image.h %D%/jpeg.c %D%/png.c
