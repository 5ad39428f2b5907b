# SPDX-License-Identifier: MIT
# StarPU up and down, its environment, the machine, policies, the recorder of tasks.
libplait_all_la_SOURCES += %D%/environment.c %D%/environment.h %D%/environment_numbers.c
libplait_all_la_SOURCES += %D%/memory_limit.c %D%/memory_limit.h %D%/policy.c %D%/policy.h
libplait_all_la_SOURCES += %D%/recorder.c %D%/recorder.h %D%/recorder_write.c %D%/recording.h
libplait_all_la_SOURCES += %D%/runtime.h %D%/start.c %D%/topology.c
