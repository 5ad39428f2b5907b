# SPDX-License-Identifier: MIT
# Graph + batch size to segments, arenas and calls.
libplait_all_la_SOURCES += %D%/cut.c %D%/arenas.c %D%/scratch.c %D%/calls.c %D%/chunks.c %D%/layout.h \
   %D%/order.c %D%/create.c %D%/plan.h %D%/print.c \
   %D%/estimate.c %D%/pipeline.c %D%/replicas.c %D%/simulate.c %D%/simulate.h %D%/schedule.c %D%/sections.h %D%/share.c %D%/split.h
libplait_all_la_SOURCES += %D%/validate.c %D%/validate.h %D%/store.c %D%/store.h %D%/store_file.c %D%/store_file.h
