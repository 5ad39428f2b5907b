#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source file is as .clang-format has it. Versions differ in what they make of it: another
# one than this, or none, skips the test.
version=14
cd "$SRC" || exit 99
for format in clang-format-$version clang-format none; do
	"$format" --version 2>/dev/null | grep -q "version $version\." && break
done
[ "$format" != none ] || { echo "skipped: no clang-format $version is installed"; exit 77; }
find include src codelets examples tests -name '*.[ch]' -o -name '*.cu' -o -name '*.cc' |
	xargs "$format" --dry-run --Werror
