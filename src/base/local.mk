# SPDX-License-Identifier: MIT
# What everything else stands on; depends on nothing of ours.
libplait_all_la_SOURCES += %D%/assert.c %D%/assert.h %D%/base.c %D%/base.h %D%/crc32c.c %D%/crc32c.h %D%/file.c %D%/file.h
libplait_all_la_SOURCES += %D%/hash.h %D%/library.c %D%/number.c %D%/number.h %D%/random.h %D%/replace.c
libplait_all_la_SOURCES += %D%/replace.h %D%/scalar.h %D%/tensor.c
libplait_all_la_SOURCES += %D%/grow.c %D%/grow.h %D%/suggest.c %D%/suggest.h
libplait_all_la_SOURCES += %D%/text.c %D%/text.h %D%/phase_colours.h %D%/phases.def
