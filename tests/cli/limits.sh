#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs under small limits of the system: stacks of 128 KiB, which threads' variables alone exceed
# where CUDA is linked, and 16 open files.
. "$SRC/tests/cli/common"
job='--data synthetic:320,10,2 --epochs 2 --quiet'

# The environment lies on the stack too, and that of make alone may be larger than 32 KiB leave room
# for: there the program gets a small one.
small()
{
	env -i HOME="$HOME" PATH="$PATH" LD_LIBRARY_PATH="${LD_LIBRARY_PATH-}" STARPU_HOME="${STARPU_HOME-}" \
		STARPU_NCPU=2 STARPU_NCUDA=0 STARPU_WORKERS_NOBIND=1 STARPU_SILENT=1 \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" LSAN_OPTIONS="${LSAN_OPTIONS-}" \
		sh -c 'ulimit "$1" 32 && shift && exec "$@"' small "$@"
}

# under LIMIT VALUE ARGUMENTS...
under()
{
	what="ulimit $1 $2"
	if ! (ulimit "$1" "$2") 2>/dev/null; then
		echo "$what: cannot be set"
		return
	fi
	limit=$1 value=$2
	shift 2
	(ulimit "$limit" "$value" && exec "$plait" "$@") >out 2>err || bad "$what: plait $*"
}

for granularity in step layer; do
	# shellcheck disable=SC2086 # words
	under -s 128 train $job --model 'linear:64 relu linear:64 softmax linear:2' \
		--granularity $granularity --save w.st
	# shellcheck disable=SC2086
	under -n 16 train $job --model 'linear:8 relu linear:2' --granularity $granularity
done
under -s 128 load --data synthetic:320,10,2
under -s 128 pack --data synthetic:320,10,2 out.plk
under -n 16 load --data packed:out.plk
# The main thread's stack: widened where the hard limit allows that, else refused.
# shellcheck disable=SC2086
small -Ss "$plait" train $job --model linear:2 >out 2>err || bad 'ulimit -Ss 32: plait train'
if (ulimit -s 32) 2>/dev/null; then
	for command in train load data policies doctor; do
		small -s "$plait" $command --data synthetic:320,10,2 >out 2>err
		[ $? -eq 1 ] && grep -q 'the limit on the stack is below 64 KiB.*ulimit -s' err ||
			bad "ulimit -s 32: plait $command"
	done
fi
exit $((failed > 0))
