# SPDX-License-Identifier: MIT
# From samples to batches in a ring of slots.
libplait_all_la_SOURCES += %D%/bad_samples.c %D%/bad_samples.h %D%/cache.c %D%/cache.h
libplait_all_la_SOURCES += %D%/feed.c %D%/feed.h %D%/fill.c %D%/memory.c %D%/memory.h
libplait_all_la_SOURCES += %D%/budget.c %D%/budget.h %D%/reader.c %D%/reader.h
libplait_all_la_SOURCES += %D%/ring.c %D%/ring.h %D%/ring_inside.h %D%/ring_load.c %D%/ring_lend.c
libplait_all_la_SOURCES += %D%/sample.c %D%/state.c %D%/stats.c %D%/tuner.c %D%/tuner.h
libplait_all_la_SOURCES += %D%/watchdog.c %D%/watchdog.h
