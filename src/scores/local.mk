# SPDX-License-Identifier: MIT
# What outputs and answers of a whole data set say.
libplait_all_la_SOURCES += %D%/auroc.c %D%/classes.c %D%/numbers.c %D%/probabilities.c %D%/result.c %D%/scores.c %D%/scores.h %D%/worst.c
