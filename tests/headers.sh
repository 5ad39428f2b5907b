#!/bin/sh
# SPDX-License-Identifier: MIT
# Every installed header compiles alone, as C11 and as C++, without StarPU's headers
# and without a warning.
status=0
cd "$SRC/include" || exit 99
for header in plait.h plait/*.h; do
	! grep -nE '(src|codelets)/|plait__' "$header" || { echo "$header: names what is not public"; status=1; }
	printf '#include "%s"\n' "$header" |
		$CC -I. -std=c11 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror \
			-x c -fsyntax-only - || { echo "$header: not C11 alone"; status=1; }
	printf '#include "%s"\n' "$header" |
		$CXX -I. -Wall -Wextra -Werror -x c++ -fsyntax-only - ||
		{ echo "$header: not C++ alone"; status=1; }
done
exit $status
