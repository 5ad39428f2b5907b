# SPDX-License-Identifier: MIT
# Per-sample transforms, fused into one pass.
libplait_all_la_SOURCES += %D%/apply.c %D%/arguments.c %D%/crop.c %D%/draw.h %D%/fuse.c %D%/fuse.h
libplait_all_la_SOURCES += %D%/jitter.c %D%/parse.c %D%/pixels.c %D%/pixels.h %D%/resize.c
libplait_all_la_SOURCES += %D%/taps.c %D%/taps.h %D%/transform.c %D%/transform.h %D%/words.c
