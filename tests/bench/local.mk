# SPDX-License-Identifier: MIT
# Benchmarks: built and run by `make bench` only. One line each:
# BENCHES += %D%/name        (its source is %D%/name.c)
EXTRA_PROGRAMS += $(BENCHES)
BENCHES += %D%/ops
