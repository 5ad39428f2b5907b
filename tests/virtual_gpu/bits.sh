#!/bin/sh
# SPDX-License-Identifier: MIT
# Losses and weights of a training have the same bits whatever decides when and where its tasks run:
# policy, granularity, prefetch, how late the GPU is, how many GPUs there are.
plait=$BUILD/tests/gpu/plait-gpu
[ -x "$plait" ] || { echo 'skipped: built without CUDA, or with a StarPU without'; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failed=0
export STARPU_HOME="$BUILD/tests/gpu/starpu" STARPU_NCUDA=1
mkdir -p "$STARPU_HOME"

# train NAME VARIABLE=VALUE... -- OPTION...: 14 steps of two epochs, whose last batches are short.
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
	env $variables VGPU_STATS="$dir/counts" timeout -k 5 60 "$plait" train --data synthetic:310,20,4 \
		--val synthetic:50,20,4 --model 'linear:16 gelu linear:24 relu linear:4' --batch-size 48 --epochs 2 \
		--seed 5 --quiet --log "$dir/log" --log-every 1 --save "$dir/$name.weights" "$@" >"$dir/out" 2>&1 ||
		{ echo "FAILED: $name: status $?"; cat "$dir/out"; exit 1; }
	# An epoch's line has its seconds, too.
	{ grep '"step"' "$dir/log"; grep -o '"val_loss": *[^,]*' "$dir/log"; } >"$dir/$name.losses"
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
[ "$(grep -c '"step"' "$dir/one.losses")" -eq 14 ] && [ "$(grep -c val_loss "$dir/one.losses")" -eq 2 ] ||
	{ cat "$dir/log"; echo 'FAILED: 14 losses and two of validation are logged'; failed=1; }
for sched in plait lws dmda; do
	same $sched one STARPU_SCHED=$sched -- --granularity op
done
for grain in layer phase; do
	same $grain one VGPU_LAG=300 -- --granularity $grain
done
same ahead2 one VGPU_LAG=300 -- --granularity step --prefetch 2
same ahead8 one VGPU_LAG=300 -- --granularity step --prefetch 8 --chunk 5

same apart one A=1 -- --granularity step --no-cuda-graphs

# Without cublasLt biases and their gradients come from kernels, which add in another order: floats
# of 48 terms, so a few units of the last place (6e-8) a step.
near()
{
	awk -F'"loss": *' -v what="$1" -v most="$4" '/"step"/ {
		split($2, v, /[,}]/)
		if (FNR == NR) { a[FNR] = v[1]; next }
		d = (a[FNR] - v[1]) / a[FNR]; d = d < 0 ? -d : d
		if (d > worst) worst = d
		n++
	} END { if (n != 14 || worst > most) { print "FAILED: " what ": " n " losses differ by up to " worst; exit 1 } }' \
		"$dir/$2.losses" "$dir/$3.losses" || failed=1
}
train sgemm VGPU_LT=0 -- --granularity step
near 'without cublasLt' one sgemm 1e-6

# TF32 has 10 bits behind the point, rounded to the nearest: a factor is wrong by up to 2^-11, and
# losses of sums of them by less than 1e-2; they are other losses.
train tf32 A=1 -- --granularity step --precision tf32
near TF32 one tf32 1e-2
! cmp -s "$dir/tf32.losses" "$dir/one.losses" || { echo 'FAILED: TF32 has the bits of float32'; failed=1; }
train tf32-sgemm VGPU_LT=0 -- --granularity step --precision tf32
# One unit of the last place decides here and there how a factor is rounded to 10 bits.
near 'TF32 without cublasLt' tf32 tf32-sgemm 1e-4
same tf32-sgemm-op tf32-sgemm VGPU_LT=0 -- --granularity op --precision tf32

# bfloat16 has 7 bits behind the point; the same as for TF32, with 8 times as much.
train bf16 A=1 -- --granularity step --precision bf16
near bfloat16 one bf16 8e-2
! cmp -s "$dir/bf16.losses" "$dir/tf32.losses" || { echo 'FAILED: bfloat16 has the bits of TF32'; failed=1; }
same bf16-op bf16 VGPU_LAG=300 -- --granularity op --precision bf16
train bf16-sgemm VGPU_LT=0 -- --granularity step --precision bf16
near 'bfloat16 without cublasLt' bf16 bf16-sgemm 1e-3
train bf16-cpu STARPU_NCUDA=0 -- --granularity step --precision bf16
near 'bfloat16 on CPUs' bf16 bf16-cpu 1e-3

# Two devices, and then a batch in three parts, which is another order of sums.
two='VGPU_DEVICES=2 STARPU_NCUDA=2'
# shellcheck disable=SC2086 # words of $two
{
	same two one $two VGPU_LAG=300 -- --granularity layer
	train parts A=1 -- --granularity op --shards 3
	same parts-late parts VGPU_LAG=300 -- --granularity op --shards 3
	rm -f "$dir/counts"
	same parts-two parts $two VGPU_LAG=300 STARPU_SCHED=lws -- --granularity op --shards 3
	! grep -q ' kernels 0 ' "$dir/counts" || { cat "$dir/counts"; echo 'FAILED: a device had no work'; failed=1; }
	# Two workers of one device, each with scratch memory of its own.
	same parts-workers parts STARPU_NWORKER_PER_CUDA=2 VGPU_LAG=300 STARPU_SCHED=lws -- --granularity layer --shards 3
	same parts-apart parts $two VGPU_PEERS=0 -- --granularity op --shards 3
}
! cmp -s "$dir/parts.losses" "$dir/one.losses" || { echo 'FAILED: three parts have the bits of one'; failed=1; }
exit $failed
