# SPDX-License-Identifier: MIT
# The program `plait`.
bin_PROGRAMS += %D%/plait
%C%_plait_SOURCES = %D%/main.c %D%/cli.h
%C%_plait_SOURCES += %D%/options.c %D%/options.h %D%/options_table.c %D%/options_table.h
%C%_plait_SOURCES += %D%/values.c %D%/values.h %D%/transforms.c %D%/transforms.h
%C%_plait_SOURCES += %D%/samplers.c %D%/samplers.h
%C%_plait_SOURCES += %D%/bad.c %D%/bad.h
%C%_plait_SOURCES += %D%/job.c %D%/job.h %D%/log.c %D%/log.h
%C%_plait_SOURCES += %D%/train.c %D%/eval.c %D%/doctor.c %D%/pack.c
%C%_plait_SOURCES += %D%/load.c %D%/load.h %D%/load_state.c %D%/load_print.c
%C%_plait_SOURCES += %D%/memory.c %D%/memory.h %D%/data.c %D%/survey.c %D%/survey.h
%C%_plait_SOURCES += %D%/view.c %D%/view.h %D%/sheet.c %D%/png.c %D%/sheet.h
%C%_plait_LDADD = $(LDADD) $(JANSSON_LIBS)
dist_man_MANS += %D%/plait.1
