# SPDX-License-Identifier: MIT
# Safetensors in and out.
libplait_all_la_SOURCES += %D%/checkpoint.h %D%/header.c %D%/json.c %D%/json.h %D%/open.c
libplait_all_la_SOURCES += %D%/names.c %D%/save.c %D%/saved.c %D%/saved.h
