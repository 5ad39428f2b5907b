#!/bin/sh
# SPDX-License-Identifier: MIT
# The CUDA side of each C file is compiled even where StarPU has no CUDA. StarPU's
# headers need CUDA's then, so a machine without the toolkit skips this.
printf '#include <cuda_runtime.h>\n' | $CC $CPPFLAGS -x c -E - >/dev/null 2>&1 ||
	{ echo 'skipped: no cuda_runtime.h'; exit 77; }
status=0 count=0
for file in $(cd "$SRC" && grep -rl PLAIT_HAVE_CUDA src codelets --include="*.c"); do
	count=$((count + 1))
	$CC -I"$BUILD" -I"$SRC/include" -I"$SRC" $CPPFLAGS -std=gnu11 -Wall -Wextra -Werror -DHAVE_CONFIG_H \
		-UPLAIT_HAVE_CUDA -DPLAIT_HAVE_CUDA=1 -DSTARPU_USE_CUDA=1 -fsyntax-only "$SRC/$file" || status=1
done
[ $count -gt 0 ] || { echo 'no file mentions PLAIT_HAVE_CUDA'; exit 1; }
exit $status
