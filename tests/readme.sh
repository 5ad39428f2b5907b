#!/bin/sh
# SPDX-License-Identifier: MIT
# The README's program, with other data: it compiles without a warning and trains. Without PLAIT_PC
# this is done against the build tree; PLAIT_PC names the folder of an installed plait.pc, which
# alone must be enough then, as the README says.
here=$PWD/readme-$$
mkdir "$here" && cd "$here" || exit 99
trap 'cd / && rm -rf "$here"' EXIT

# block N: the N-th program.
block()
{
	awk -v n="$1" '/^```/ { inside = $0 == "```c" && ++count == n; next } inside' "$SRC/README"
}
block 1 >README.c
grep -q 'fashion-mnist:train' README.c || { echo 'README: no program with fashion-mnist:train'; exit 1; }
sed 's/fashion-mnist:train/synthetic:3200,784,10/' README.c >prog.c

if [ -n "${PLAIT_PC-}" ]; then
	flags=$(PKG_CONFIG_PATH=$PLAIT_PC ${PKG_CONFIG:-pkg-config} --cflags --libs plait) || exit 1
	libraries=$(PKG_CONFIG_PATH=$PLAIT_PC ${PKG_CONFIG:-pkg-config} --variable=libdir plait)
	# shellcheck disable=SC2086 # a list
	set -- $flags
else
	libraries=$(dirname "$LIB")
	set -- -I"$SRC/include" -L"$libraries" -lplait
fi
# The policy of README and manual is that of the examples, which is compiled and run elsewhere.
sed 1,2d "$SRC/examples/09_policy.c" >policy.c
block 2 | diff policy.c - || { echo "README's policy is not examples/09_policy.c"; exit 1; }
sed -n '/^#include <starpu.h>/,/^\.fi/p' "$SRC/src/cli/plait.1" | sed '$d; s/\\-/-/g; s/\\e/\\/g' | diff policy.c - ||
	{ echo "plait.1's policy is not examples/09_policy.c"; exit 1; }

# shellcheck disable=SC2086 # lists too
$CC $CFLAGS -Wall -Wextra -Werror prog.c "$@" -o prog || exit 1

LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
./prog >out 2>err
status=$?
cat out err
[ $status -eq 0 ] || { echo "README's program: exit status $status"; exit 1; }
[ ! -s out ] || { echo 'the library wrote to stdout'; exit 1; }
[ "$(grep -c '^Epoch [1-5]/5  loss [0-9.]*  accuracy ' err)" -eq 5 ] ||
	{ echo 'expected a line an epoch'; exit 1; }
