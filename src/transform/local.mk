# SPDX-License-Identifier: MIT
# Per-sample transforms, fused into one pass.
libplait_all_la_SOURCES += %D%/apply.c %D%/arguments.c %D%/fuse.c %D%/fuse.h %D%/jitter.c
libplait_all_la_SOURCES += %D%/parse.c %D%/pixels.c %D%/pixels.h %D%/resize.c %D%/transform.c
libplait_all_la_SOURCES += %D%/transform.h %D%/words.c
