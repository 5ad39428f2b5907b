# SPDX-License-Identifier: MIT
# From samples to batches in a ring of slots.
libplait_all_la_SOURCES += %D%/bad_samples.c %D%/bad_samples.h %D%/cache.c %D%/cache.h
libplait_all_la_SOURCES += %D%/fill.c %D%/length.c %D%/loader.c %D%/loader.h %D%/memory.c
libplait_all_la_SOURCES += %D%/next.c %D%/pool.c %D%/pool.h %D%/ring.c %D%/ring.h
libplait_all_la_SOURCES += %D%/ring_inside.h %D%/ring_load.c %D%/sample.c %D%/state.c
libplait_all_la_SOURCES += %D%/stats.c %D%/tuner.c %D%/tuner.h %D%/watchdog.c %D%/watchdog.h
libplait_all_la_SOURCES += %D%/weights.c
