#!/bin/sh
# SPDX-License-Identifier: MIT
# The program on the virtual GPU: what it tells of memory there, and what it takes.
export PLAIT=$BUILD/tests/gpu/plait-gpu STARPU_NCPU=2 STARPU_WORKERS_NOBIND=1
[ -x "$PLAIT" ] || { echo "tests/gpu/plait-gpu was not built: it needs StarPU with CUDA"; exit 77; }
. "$SRC/tests/cli/common"

# $PLAIT on the device.
plait=$here/plait
printf '#!/bin/sh\nexec sh "%s" "%s" "$@"\n' "$SRC/tests/virtual_gpu/run" "$PLAIT" >"$plait"
chmod +x "$plait"

data='synthetic:4000,1000,10' net='linear:1000 relu linear:10'

# The first run measures how fast transfers are, with memory of its own.
expect 0 '^Epoch 1/1' train --data "$data" --model "$net" --steps 2 --batch-size 32

# -- --print-plan ----------------------------------------------------------------------------

# peak ARGUMENTS...: the device's peak is what the plan says.
peak()
{
	export VGPU_STATS=$here/stats
	rm -f stats
	expect 0 '^memory  *main  *GPU$' "$@" --print-plan
	unset VGPU_STATS
	said=$(sed -n 's/^  in all .* on the GPU \([0-9]*\)$/\1/p' out)
	took=$(sed -n 's/.* peak \([0-9]*\) .*/\1/p' stats)
	[ "$said" -gt 20000000 ] && [ "$took" -eq "$said" ] ||
		bad "$*: the plan says $said bytes of the GPU, the device's peak was $took"
}

peak train --data "$data" --model "$net" --steps 2 --batch-size 500 --save w.safetensors
peak train --data "$data" --model "$net" --steps 2 --batch-size 500 --granularity op --shards 3
peak train --data "$data" --model "$net" --steps 2 --batch-size 500 --val "$data"
peak eval --data "$data" --model "$net" --batch-size 500 --init w.safetensors

[ $failed -eq 0 ]
