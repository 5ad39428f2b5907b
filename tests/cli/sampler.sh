#!/bin/sh
# SPDX-License-Identifier: MIT
# --sampler, --subset and --rank of plait load and plait train: what is wrong, and what they choose.
. "$SRC/tests/cli/common"
data=synthetic:1000,4,3

# load ARGUMENTS...: $hash of an epoch, and how many $samples.
load()
{
	"$plait" load --data $data --hash --json "$@" >out 2>err || bad "plait load $*"
	hash=$(sed 's/.*"hash":"\([0-9a-f]*\)".*/\1/' out)
	samples=$(sed 's/.*"samples":\([0-9]*\).*/\1/' out)
}

# same HASH SAMPLES ARGUMENTS...; differs: the same with another hash.
same()
{
	expected=$1 count=$2
	shift 2
	load "$@"
	[ "$hash" = "$expected" ] && [ "$samples" = "$count" ] ||
		bad "load $*: $samples samples, hash $hash; expected $count, $expected"
}

differs()
{
	expected=$1 count=$2
	shift 2
	load "$@"
	[ "$hash" != "$expected" ] && [ "$samples" = "$count" ] ||
		bad "load $*: $samples samples, hash $hash; expected $count, another hash"
}

# -- what is wrong --------------------------------------------------------------------------

expect 2 '--sampler: "balance" is none of random, sequential, balanced; did you mean balanced' \
	load --data $data --sampler balance
for word in random balanced; do
	expect 2 'load: --no-shuffle is --sampler sequential, and another was given' \
		load --data $data --no-shuffle --sampler $word
	expect 2 'train: --no-shuffle is' train --data $data --model linear:3 --sampler $word --no-shuffle
done
for value in 5 5: :5 5:5 6:5 -1:5 0:5x x0:5 '0 :5' '0: 5' 0/5 0:99999999999999999999; do
	expect 2 '--subset: ".*" is not FIRST:END' load --data $data --subset=$value
done
for value in 1/1 2/1 1 /2 0/ 0:2 -1/2 0/99999999; do
	expect 2 '--rank: ".*" is not R/W' load --data $data --rank=$value
done
expect 2 '--subset 0:1001: synthetic:.* has 1000 samples' load --data $data --subset 0:1001
expect 2 '1000 samples are fewer than 1001 ranks' load --data $data --rank 0/1001 --drop-last --batch-size 1
printf '0,0.5\n1,1.5\n' >numbers.csv
expect 1 '--sampler balanced needs class labels; csv:numbers.csv has none' \
	load --data csv:numbers.csv --sampler balanced
expect 2 'eval: no option "--rank" \(train has it\)' eval --rank 0/2

# -- what is chosen --------------------------------------------------------------------------

load
all=$hash
same $all 1000 --sampler random
same $all 1000 --subset 0:1000
same $all 1000 --rank 0/1
load --no-shuffle
plain=$hash
[ "$plain" != "$all" ] || bad 'sequential is as random'
same $plain 1000 --sampler sequential
same $plain 1000 --sampler sequential --no-shuffle
differs $all 1000 --sampler balanced
balanced=$hash
differs $balanced 1000 --sampler balanced --seed 1
same $balanced 1000 --sampler balanced --workers 1 --chunk 3 --prefetch 2 --sched lws
differs $all 999 --subset 1:1000
differs $all 1 --subset 999:1000
differs $all 334 --rank 0/3
share=$hash
differs $share 334 --rank 1/3
differs $share 333 --rank 0/3 --drop-last --batch-size 1
differs $share 34 --rank 0/3 --subset 500:600
differs $hash 34 --rank 0/3 --subset 500:600 --sampler balanced

# All inputs are alike, so a network can only learn how often each class is drawn. The loss is then
# the entropy of the classes: 0.693 of two that are balanced, 0.056 of 99 to 1.
{ for i in 1 2 3 4 5 6 7 8 9 10 11; do printf '0,0\n0,0\n0,0\n0,0\n0,0\n0,0\n0,0\n0,0\n0,0\n'; done; echo 0,1; } >rare.csv
loss()
{
	rm -f log
	"$plait" train --data csv:rare.csv --model linear:2 --lr 0.05 --epochs 40 --batch-size 10 --log log --quiet \
		"$@" >out 2>err || bad "plait train $*"
	tail -n 1 log | sed 's/.*"loss":\([0-9.]*\).*/\1/'
}
# The limits allow more than what 100 draws vary, and less than the difference of the two.
loss | awk '{ exit !($1 > 0.01 && $1 < 0.15) }' || bad 'training meets rare classes as rarely as they are'
loss --sampler balanced | awk '{ exit !($1 > 0.6 && $1 < 0.8) }' || bad 'balanced classes are not'
loss --sampler balanced --subset 0:99 | awk '{ exit !($1 < 0.01) }' || bad 'a subset of one class has others'

[ $failed -eq 0 ]
