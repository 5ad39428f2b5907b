#!/bin/sh
# SPDX-License-Identifier: MIT
# The library exports plait_*, nothing else; plait__* (two underscores) is internal.
test -f "$LIB" || exit 77
bad=$(nm -D --defined-only "$LIB" | awk '$2 ~ /[A-Z]/ && $3 !~ /^plait_[a-z]/ { print $3 }')
test -z "$bad" || { echo "exported by accident: $bad"; exit 1; }
