#!/bin/sh
# SPDX-License-Identifier: MIT
# Which GPUs are started and used, and what is refused at the start instead of hanging later.
plait=$BUILD/tests/gpu/plait-gpu
[ -x "$plait" ] || { echo 'skipped: built without CUDA, or with a StarPU without'; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failed=0
STARPU_HOME=$BUILD/tests/gpu/starpu
export STARPU_HOME
unset STARPU_NCUDA
mkdir -p "$STARPU_HOME"

bad()
{
	echo "FAILED: $*"
	sed 's/^/    /' "$dir/out"
	failed=1
}

# expect STATUS PATTERN VARIABLE=VALUE... COMMAND OPTION...
expect()
{
	status=$1 pattern=$2
	shift 2
	rm -f "$dir/counts"
	env VGPU_STATS="$dir/counts" "$@" >"$dir/out" 2>&1
	got=$?
	[ $got -eq "$status" ] || bad "$* (status $got, expected $status)"
	grep -Eq "$pattern" "$dir/out" || bad "$*: no line like $pattern"
}

train="$plait train --data synthetic:640,10,3 --model linear:3 --steps 3"

# shellcheck disable=SC2086 # words of $train
{
	expect 0 '^Epoch' A=1 $train
	grep -q '^device 0 kernels [1-9]' "$dir/counts" || bad 'a GPU that is there is not used'
	expect 0 '^Epoch' VGPU_DEVICES=2 $train
	! grep -q '^device 1' "$dir/counts" || bad 'a second GPU is opened without being asked for'
	expect 0 '^Epoch' VGPU_DEVICES=2 STARPU_NCUDA=2 $train
	grep -q '^device 1' "$dir/counts" || bad 'a second GPU that was asked for is not opened'
	expect 0 '^Epoch' STARPU_NCUDA=0 $train
	grep -q '^device 0 kernels 0 ' "$dir/counts" || bad 'a GPU that is not wanted is used'

	expect 1 'no CPU worker to make batches' STARPU_NCPU=0 $train
	expect 1 'modular-gemm never runs a task that only a GPU can run' A=1 $train --sched modular-gemm
	expect 2 'STARPU_USE_NUMA is set' STARPU_USE_NUMA=1 $train
	expect 1 'of memory and this run needs .* there' VGPU_TAKEN=1023 \
		${train%linear:3*}linear:40000
}

# Predictions are computed there, and are those of a CPU: sums of ten products in another order.
predict="$plait predict --data synthetic:640,10,3 --init $dir/w.st"
# shellcheck disable=SC2086 # words of $train and of $predict
{
	expect 0 '^Epoch' A=1 $train --save "$dir/w.st"
	expect 0 '^Predicted: 640' A=1 $predict --out "$dir/gpu.csv"
	grep -q '^device 0 kernels [1-9]' "$dir/counts" || bad 'predict does not use the GPU'
	expect 0 '^Predicted: 640' STARPU_NCUDA=0 $predict --out "$dir/cpu.csv"
}
paste -d, "$dir/gpu.csv" "$dir/cpu.csv" |
	awk -F, 'NR > 1 { for (i = 4; i <= 6; i++) wrong += ($i - $(i + 6)) ^ 2 > 1e-12 }
		END { exit wrong > 0 || NR != 641 }' || bad 'predictions of GPU and CPU differ'

# Loading computes nothing.
expect 0 'samples/s' A=1 "$plait" load --data synthetic:640,10,3
grep -q '^device 0 .* mallocs 0 ' "$dir/counts" || bad 'plait load allocates on a GPU'
grep -q '^device 0 kernels 0 ' "$dir/counts" || bad 'plait load computes on a GPU'
exit $failed
