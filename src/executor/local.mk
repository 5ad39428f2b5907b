# SPDX-License-Identifier: MIT
# A plan bound to StarPU, and its steps submitted.
libplait_all_la_SOURCES += %D%/barrier.c %D%/barrier.h %D%/binding.c %D%/handles.c %D%/codelets.c %D%/halt.c %D%/step.h \
   %D%/binding.h
libplait_all_la_SOURCES += %D%/executor.c %D%/run.c %D%/monitor.h %D%/shared/hub.c %D%/shared/hub.h %D%/shared/lend.c %D%/window.c %D%/window.h %D%/executor.h %D%/memory.c %D%/memory.h %D%/segment.c
libplait_all_la_SOURCES += %D%/submit.c %D%/place.c %D%/read.c %D%/gpu.c %D%/gpu.h %D%/graphs.c %D%/graphs.h %D%/warm_up.c
libplait_all_la_SOURCES += %D%/position.c %D%/snapshot.c
