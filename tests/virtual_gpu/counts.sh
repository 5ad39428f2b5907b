#!/bin/sh
# SPDX-License-Identifier: MIT
# What a step asks of a GPU, counted on the virtual one: launches, copies, nothing else.
plait=$BUILD/tests/gpu/plait-gpu
run=$SRC/tests/virtual_gpu/run
[ -x "$plait" ] || { echo 'skipped: built without CUDA, or with a StarPU without'; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failed=0 data=synthetic:3200,20,4

bad()
{
	echo "FAILED: $*"
	failed=1
}

# counts STEPS MODEL GRANULARITY OPTION...: the counts of a run of so many steps.
counts()
{
	steps=$1 model=$2 grain=$3
	shift 3
	rm -f "$dir/counts"
	VGPU_STATS=$dir/counts VGPU_PAGEABLE=1 sh "$run" "$plait" train --data "$data" \
		--model "$model" --batch-size 32 --granularity "$grain" --steps "$steps" --quiet "$@" \
		>"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
	cat "$dir/counts"
}

# both MODEL GRANULARITY OPTION...: $few and $many are the counts of 20 and of 70 steps.
both()
{
	model=$1 grain=$2
	shift 2
	few=$(counts 20 "$model" "$grain" "$@") && many=$(counts 70 "$model" "$grain" "$@") || {
		echo "FAILED: $model, $grain: $few $many"
		exit 1
	}
}

# per_step NAME: from the lines of 20 and of 70 steps in $few and $many.
per_step()
{
	printf '%s\n%s\n' "$few" "$many" | awk -v name="$1" '
		{ for (i = 1; i < NF; i++) if ($i == name) v[NR] = $(i + 1) }
		END { print (v[2] - v[1]) / 50 }'
}

# is NAME NUMBER: a step of the model that was counted last has it.
is()
{
	got=$(per_step "$1")
	[ "$got" = "$2" ] || bad "$model, $grain: $1 is $got a step, not $2"
}

# step MODEL GRANULARITY KERNELS PRODUCTS GRAPHS IN_GRAPHS: of so many a step.  A batch is one copy of its slot:
# 32 samples of 20 floats, labels and weights, in pieces of 256 bytes.  Loss and number of right
# answers come back in one copy of two such pieces. Nothing is allocated.
step()
{
	both "$1" "$2" $7
	is kernels "$3"
	is gemms "$4"
	is graphs "$5"
	is in_graphs "$6"
	is captures 0
	is h2d 1
	is h2d_bytes 2816
	is d2h 1
	is d2h_bytes 512
	for none in in_default memsets d2d pageable among syncs mallocs frees; do
		is "$none" 0
	done
}

# The first run of all measures transfers, for StarPU.
counts 1 linear:4 step >/dev/null

# A layer: a product with the bias, one for its gradients, and one for that of its input unless it
# is the first; its activation forth and back; for all of them one launch of loss, accuracy and the
# loss's gradient, and one of updates.
mlp='linear:32 relu linear:32 relu linear:4'
step linear:4 step 2 2 0 0 --no-cuda-graphs
step "$mlp" step 6 8 0 0 --no-cuda-graphs
step "$mlp" phase 6 8 0 0 --no-cuda-graphs
step "$mlp" layer 8 8 0 0
step "$mlp" op 11 8 0 0
step 'linear:64 gelu linear:64 gelu linear:32 tanh linear:16 relu linear:4' step 10 14 0 0 --no-cuda-graphs

# A metric is one launch more, and comes back with the rest: the loss is still one with what it is joined to.
both "$mlp" step --no-cuda-graphs --metric topk:2
is kernels 7
is gemms 8
is d2h 1
is d2h_bytes 768

# With CUDA graphs all but the updates are one launch, or one of each phase. They are captured in the
# first 20 steps, and no more later on.
step linear:4 step 1 0 1 3
step "$mlp" step 1 0 1 13
step "$mlp" phase 1 0 2 13
step 'linear:64 gelu linear:64 gelu linear:32 tanh linear:16 relu linear:4' step 1 0 1 23

# A convolution: what it reads becomes channels_last, then columns, of which a product makes it; what
# it gives becomes contiguous again. Backward: linear's two products, channels_last again, relu's, the
# columns and dw, db.
step 'reshape:2x5x2 conv:4,3x1 relu flatten linear:4' step 1 0 1 14

# Where cublasLt has no algorithm, what it would do with a product is done by kernels.
VGPU_LT=0
export VGPU_LT
step "$mlp" step 12 8 0 0 --no-cuda-graphs
unset VGPU_LT

# Where CUDA cannot capture, at the beginning or in the middle, kernels are launched one by one.
for piece in 0 1 6; do
	VGPU_CAPTURE=$piece
	export VGPU_CAPTURE
	step "$mlp" step 6 8 0 0
done
unset VGPU_CAPTURE

# Images of bytes move as bytes: 32 of 64, and labels.
{ printf '\0\0\10\3\0\0\4\0\0\0\0\10\0\0\0\10'; head -c 65536 "$plait"; } >"$dir/images"
{ printf '\0\0\10\1\0\0\4\0'; head -c 1024 /dev/zero | tr '\0' '\3'; } >"$dir/labels"
for slots in 'uint8 2304' 'float32 8448'; do
	set -- $slots
	data=idx:$dir/images,$dir/labels
	both linear:4 step --slots "$1"
	is h2d 1
	is h2d_bytes "$2"
done
data=synthetic:3200,20,4

# A slot goes to the GPU while the step before computes there. A load takes a millisecond here, and a
# kernel starts up to two late: so the step before has been launched, and is not over. Without the
# prefetch no copy goes beside kernels, with it nearly all do; but on a busy machine some steps end
# before the load that would have gone beside them.
VGPU_LAG=2000
export VGPU_LAG
many=$(counts 70 'linear:32 relu linear:4' step --load-delay 1000 --save "$dir/weights")
beside=$(echo "$many" | sed 's/.* beside \([0-9]*\) .*/\1/')
[ "$beside" -ge 20 ] || bad "$beside copies of 70 slots went beside the kernels"
unset VGPU_LAG

# Evaluating brings back a loss and a number of right answers a batch, and nothing in the end.
VGPU_STATS=$dir/eval sh "$run" "$plait" eval --data $data \
	--model 'linear:32 relu linear:4' --init "$dir/weights" --batch-size 32 >"$dir/out" 2>&1 ||
	{ cat "$dir/out"; exit 1; }
grep -q ' d2h 100 d2h_bytes 51200 ' "$dir/eval" || bad "evaluating 100 batches: $(cat "$dir/eval")"

# All that was allocated is given back.
echo "$many" | grep -q ' left 0$' || bad "memory is left: $many"
exit $failed
