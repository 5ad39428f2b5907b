# SPDX-License-Identifier: MIT
# A plan bound to StarPU, and its steps submitted.
libplait_all_la_SOURCES += %D%/barrier.c %D%/barrier.h %D%/halt.c %D%/step.h %D%/monitor.h \
   %D%/executor.c %D%/executor.h %D%/run.c %D%/position.c %D%/window.c %D%/window.h %D%/segment.c %D%/submit.c \
   %D%/gpu.c %D%/gpu.h %D%/graphs.c %D%/graphs.h
libplait_all_la_SOURCES += %D%/binding.h %D%/binding/binding.c %D%/binding/grain.c %D%/binding/handles.c \
   %D%/binding/codelets.c %D%/binding/main_memory.c %D%/binding/memory.c %D%/binding/memory.h %D%/binding/place.c %D%/binding/predict.c %D%/binding/predict.h %D%/binding/read.c \
   %D%/binding/snapshot.c %D%/binding/use.c %D%/binding/warm_up.c
libplait_all_la_SOURCES += %D%/shared/hub.c %D%/shared/hub.h %D%/shared/lend.c
