#!/bin/sh
# SPDX-License-Identifier: MIT
# The program on two virtual GPUs: each takes what the plan says of its part of a network, and what
# does not fit on one fits on two.
. "$SRC/tests/virtual_gpu/cli_common"
mkdir two
ln -s "$PLAIT" two/plait
sed -i 's,"[^"]*" "$@"$,"'"$here"'/two/plait" "$@",' plait
data='synthetic:1000,400,10' net='linear:400 relu linear:400 relu linear:10' place='0-1:cuda0 2-:cuda1'

# Two devices are measured anew.
expect 0 '^Epoch 1/1' train --data "$data" --model "$net" --steps 2 --batch-size 32

# peaks ARGUMENTS...: $first and $second are the bytes that the plan says of the two, which are their peaks.
peaks()
{
	counted '^  in all ' "$@"
	line=$(sed -n 's/^  in all .* bytes, on //p' out)
	case $line in
	'the GPU '*) first=${line##* } second=$first ;;
	*) first=$(echo "$line" | sed -n 's/.*cuda0 \([0-9]*\).*/\1/p') second=$(echo "$line" | sed -n 's/.*cuda1 \([0-9]*\).*/\1/p') ;;
	esac
	[ "${first:-0} ${second:-0}" = "$took" ] || bad "$*: the plan says $line, the peaks were $took"
}

set -- train --data "$data" --model "$net" --steps 2 --prefetch 2 --batch-size 200 --microbatches 2
peaks "$@"
whole=$first
# Of a layer there are parameters and two numbers of Adam's for each; and gradients, which are more than the
# values that two halves keep for each other.
layer=$((400 * 400 * 4 * 3))
peaks "$@" --place "$place"
[ "$first" -lt $((whole - layer)) ] && [ "$second" -lt $((whole - layer)) ] ||
	bad "a half takes $first or $second bytes, all of it $whole"
most=$second
[ "$first" -lt "$most" ] || bad 'the second half has two layers and the loss'
expect 0 '^memory  *main  *cuda0  *cuda1$' "$@" --place "$place" --print-plan
peaks "$@" --place 0-:cuda1
[ -z "$first" ] && [ "$second" -gt $((2 * layer)) ] || bad "on cuda1 are $second bytes, on cuda0 ${first:-none}"

# The limit is of each device.
expect 0 '^Epoch 1/1' "$@" --place "$place" --gpu-memory-limit "$most"
expect 1 'the limit on GPU memory leaves cuda[01] .* of memory and this run needs' "$@" --gpu-memory-limit "$most"
expect 1 'the limit on GPU memory leaves cuda1 .* of memory and this run needs' "$@" --place "$place" \
	--gpu-memory-limit $((most - 1))
told 180 199 train --data "$data" --model "$net" --steps 2 --prefetch 2 --microbatches 2 --place "$place" \
	--gpu-memory-limit $((most - 1))

# Shards and replicas.
set -- train --data "$data" --model "$net" --steps 2 --batch-size 200
peaks "$@" --shards cuda0:3,cuda1:1
peaks "$@" --shards cuda0:1,cuda1:1 --replicas 2 --val synthetic:500,400,10 --val-overlap

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
