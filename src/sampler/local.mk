# SPDX-License-Identifier: MIT
# The order of an epoch.
libplait_all_la_SOURCES += %D%/permutation.h %D%/sampler.c %D%/sampler.h
