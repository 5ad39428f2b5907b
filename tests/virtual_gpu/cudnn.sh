#!/bin/sh
# SPDX-License-Identifier: MIT
# Trainings whose convolutions cuDNN computes: the losses are those of columns but for rounding, and
# have the same bits whatever decides when and where tasks run.
plait=$BUILD/tests/gpu/plait-gpu
[ -x "$plait" ] || { echo 'skipped: built without CUDA, or with a StarPU without'; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failed=0
export STARPU_HOME="$BUILD/tests/gpu/starpu" STARPU_NCUDA=1 VGPU_DNN=1
mkdir -p "$STARPU_HOME"
net='reshape:3x8x8 conv:8,3,pad=1 relu residual{ conv:8,3,pad=1 batchnorm } relu conv:12,3,stride=2,groups=2 flatten linear:4'

# train NAME VARIABLE=VALUE... -- OPTION...: 6 steps of two epochs, whose last batches are short.
train()
{
	name=$1 variables=
	shift
	while [ "$1" != -- ]; do
		variables="$variables $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words
	env $variables VGPU_TRACE=1 timeout -k 5 60 "$plait" train --data synthetic:60,192,4 --model "$net" \
		--batch-size 24 --epochs 2 --seed 5 --quiet --log "$dir/log" --log-every 1 --save "$dir/$name.weights" "$@" \
		>"$dir/out" 2>&1 || { echo "FAILED: $name: status $?"; tail -n 20 "$dir/out"; exit 1; }
	grep '"step"' "$dir/log" >"$dir/$name.losses"
}

# same NAME LIKE ...: as train, and NAME has the bits of LIKE.
same()
{
	name=$1 like=$2
	shift 2
	train "$name" "$@"
	for what in losses weights; do
		cmp -s "$dir/$name.$what" "$dir/$like.$what" ||
			{ echo "FAILED: $name: other $what than $like: $*"; failed=1; }
	done
}

train one A=1 -- --granularity step
for call in Forward BackwardData BackwardFilter; do
	grep -q "cudnnConvolution$call" "$dir/out" || { echo "FAILED: no cudnnConvolution$call"; failed=1; }
done
same apart one A=1 -- --granularity step --no-cuda-graphs
same op one VGPU_LAG=200 STARPU_SCHED=lws -- --granularity op
same layer one VGPU_DEVICES=2 STARPU_NCUDA=2 -- --granularity layer --prefetch 2
# Sums are doubles in both, rounded to floats: of columns in parts.
train columns VGPU_DNN=0 -- --granularity step
! grep -q cudnnConvolution "$dir/out" || { echo 'FAILED: cuDNN computes what it has no algorithm for'; failed=1; }
awk -F'"loss": *' '/"step"/ {
	split($2, v, /[,}]/)
	if (FNR == NR) { a[FNR] = v[1]; next }
	d = (a[FNR] - v[1]) / a[FNR]; d = d < 0 ? -d : d
	if (d > worst) worst = d
	n++
} END { if (n != 6 || worst > 1e-5) { print "FAILED: " n " losses differ from those of columns by up to " worst; exit 1 } }' \
	"$dir/one.losses" "$dir/columns.losses" || failed=1
same late columns VGPU_DNN=2 -- --granularity op

# A batch in parts, which begin at other samples.
train shards A=1 -- --granularity op --shards 3
same replicas shards VGPU_DEVICES=2 STARPU_NCUDA=2 -- --granularity step --replicas 3
same microbatches shards A=1 -- --granularity layer --microbatches 3
exit $failed
