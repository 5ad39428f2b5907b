# SPDX-License-Identifier: MIT
# Inference from the program's memory.
libplait_all_la_SOURCES += %D%/create.c %D%/open.c %D%/run.c %D%/predictor.h
