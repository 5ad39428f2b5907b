# SPDX-License-Identifier: MIT
# The library: one file per noun, in pipeline order.
libplait_all_la_SOURCES += %D%/base.c %D%/base.h
libplait_all_la_SOURCES += %D%/random.h
libplait_all_la_SOURCES += %D%/tensor.c
libplait_all_la_SOURCES += %D%/dataset.h
libplait_all_la_SOURCES += %D%/graph.c %D%/graph.h
libplait_all_la_SOURCES += %D%/runtime.h
libplait_all_la_SOURCES += %D%/model.c

pkgconfigdir   = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/plait.pc
