# SPDX-License-Identifier: MIT
# The program `plait`.
bin_PROGRAMS += %D%/plait
%C%_plait_SOURCES = %D%/main.c %D%/cli.h
%C%_plait_SOURCES += %D%/options.c %D%/options.h %D%/values.c %D%/values.h
%C%_plait_SOURCES += %D%/job.c %D%/job.h %D%/log.c %D%/log.h
%C%_plait_SOURCES += %D%/train.c %D%/eval.c %D%/doctor.c %D%/pack.c
dist_man_MANS += %D%/plait.1
