#!/bin/sh
# SPDX-License-Identifier: MIT
# The program on the virtual GPU: what it tells of memory there, and what it takes.
. "$SRC/tests/virtual_gpu/cli_common"

# -- --print-plan ----------------------------------------------------------------------------

# peak ARGUMENTS...: the device's peak is what the plan says.
peak()
{
	counted '^memory  *main  *GPU$' "$@"
	said=$(sed -n 's/^  in all .* on the GPU \([0-9]*\)$/\1/p' out)
	[ "$said" -gt 20000000 ] && [ "$took" -eq "$said" ] ||
		bad "$*: the plan says $said bytes of the GPU, the device's peak was $took"
}

peak train --data "$data" --model "$net" --steps 2 --batch-size 500 --save w.safetensors
peak train --data "$data" --model "$net" --steps 2 --batch-size 500 --granularity op --shards 3
peak train --data "$data" --model "$net" --steps 2 --batch-size 500 --val synthetic:500,1000,10
peak eval --data "$data" --model "$net" --batch-size 500 --init w.safetensors

# -- --gpu-memory-limit -------------------------------------------------------------------------

limited train --data "$data" --model "$net" --steps 2 --batch-size 500
told 401 499 train --data "$data" --model "$net" --steps 2 --gpu-memory-limit $((said - 1))
limited eval --data "$data" --model "$net" --batch-size 500 --init w.safetensors

# Loading leaves room for fewer slots of larger batches: what is told fits with as many as it then has.
set -- train --data "$data" --model "$net" --steps 2 --memory-limit 12M --gpu-memory-limit 24M
expect 1 'batches of up to [0-9]+ samples fit' "$@" --batch-size 1000
largest=$(sed -n 's/.* batches of up to \([0-9]*\) samples fit.*/\1/p' err)
expect 0 '^Epoch 1/1' "$@" --batch-size "$largest"

set -- train --data "$data" --model "$net" --steps 2 --batch-size 500 --print-plan
expect 1 'no batch fits' "$@" --gpu-memory-limit 8M
expect 0 '^Epoch 1/1' "$@" --gpu-memory-limit 4%
expect 1 'the limit on GPU memory leaves 31 MiB' "$@" --gpu-memory-limit 3%
expect 0 '' policies --data synthetic:1000,100,10 --model linear:10 --steps 4 --policies eager --repeats 1 --gpu-memory-limit 100M
expect 1 'not one configuration could be measured' \
	policies --data "$data" --model "$net" --policies eager --repeats 1 --gpu-memory-limit 1M
grep -q 'failed: the limit on GPU memory leaves 1 MiB' out || bad 'policies: the reason'
expect 1 'the limit on GPU memory leaves 1 MiB' overlap --data "$data" --model "$net" --repeats 1 --gpu-memory-limit 1M

# -- --batch-size auto: what fits there --------------------------------------------------------

small='synthetic:1000,100,10'
expect 0 '^Batch size: [0-9]+, [0-9]+ samples/s, the fastest of [0-9] from [0-9]+ to 256; larger ones do not fit$' \
	train --data $small --model linear:10 --epochs 1 --batch-size auto --gpu-memory-limit 1M
expect 1 'no batch fits in memory' train --data $small --model linear:10 --batch-size auto --gpu-memory-limit 10k

expect 0 '^Shards: 1, as a GPU computes a batch as a whole$' train --data $small --model linear:10 --epochs 1 --shards auto

for limit in 0 -1 0% -5% 101% 5%% 1e 6X ''; do
	expect 2 '--gpu-memory-limit' "$@" --gpu-memory-limit="$limit"
done
export STARPU_NCUDA=0
plait=$PLAIT
expect 2 'no GPU computes: leave the limit out' "$@" --gpu-memory-limit 1G

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
