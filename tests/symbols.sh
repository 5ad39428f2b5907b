#!/bin/sh
# SPDX-License-Identifier: MIT
# The library exports what the public headers declare, nothing else: plait__* (two
# underscores) is internal, and a PLAIT_API without a definition is a promise not kept.
test -f "$LIB" || { echo "skipped: no shared library $LIB"; exit 77; }
here=$PWD/symbols-$$
mkdir "$here" && cd "$here" || exit 99
trap 'cd / && rm -rf "$here"' EXIT

nm -D --defined-only "$LIB" | awk '$2 ~ /[A-Z]/ { print $3 }' | sort -u >exported
# A prototype may be broken over lines: the name is the first word before a parenthesis.
cat "$SRC"/include/plait/*.h | grep -v '#define PLAIT_API' | tr '\n' ' ' |
	grep -oE 'PLAIT_API [^;(]*\(' |
	sed 's/.*[^a-z0-9_]\([a-z0-9_]*\)(/\1/' | sort -u >declared
[ "$(wc -l <declared)" -ge 50 ] || { echo 'the public functions were not found in the headers'; exit 1; }
comm -23 exported declared >surplus
comm -13 exported declared >lacking
sed 's/^/exported but not public: /' surplus
sed 's/^/public but not exported: /' lacking
[ ! -s surplus ] && [ ! -s lacking ]
