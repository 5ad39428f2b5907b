# SPDX-License-Identifier: MIT
# Gradients and updates, appended to a graph.
libplait_all_la_SOURCES += %D%/autodiff.c %D%/autodiff.h %D%/check.c %D%/clip.c %D%/clip.h %D%/optimizer.c %D%/optimizer.h %D%/pace.c %D%/schedule.c \
  %D%/schedule.h %D%/schedule_check.c %D%/schedule_words.c
