# SPDX-License-Identifier: MIT
# StarPU up and down, its environment, the machine, policies, the recorder of tasks.
libplait_all_la_SOURCES += %D%/codelets.c %D%/environment.c %D%/environment.h %D%/gpu_settings.c
libplait_all_la_SOURCES += %D%/environment_numbers.c %D%/memory_limit.c %D%/memory_limit.h
libplait_all_la_SOURCES += %D%/files/bus_file.c %D%/files/bus_file.h
libplait_all_la_SOURCES += %D%/files/model_file.c %D%/files/model_file.h
libplait_all_la_SOURCES += %D%/parts.h %D%/policies.c %D%/policies.h %D%/policy.c %D%/policy.h %D%/ready.c %D%/ready.h
libplait_all_la_SOURCES += %D%/preempted.c %D%/preempted.h
libplait_all_la_SOURCES += %D%/recorder.c %D%/recorder.h %D%/recorder_write.c %D%/recording.h
libplait_all_la_SOURCES += %D%/runtime.h %D%/start.c %D%/pause.c %D%/topology.c %D%/workers.c
