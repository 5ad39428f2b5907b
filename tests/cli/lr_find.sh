#!/bin/sh
# SPDX-License-Identifier: MIT
# --lr-find: a rate, a table, a picture, a log; nothing is saved.
. "$SRC/tests/cli/common"

find()
{
	expect 0 '^Learning rate: --lr [0-9.e-]+, between' train --data synthetic:2000,10,3 --model 'linear:20 relu linear:3' --lr-find "$@"
}

find
cp out first
[ "$(grep -c '#' out)" -ge 8 ] || bad 'a table of the losses'
grep -Eq '^The loss, smoothed, falls fastest at [0-9.e-]+ and is least at ' out || bad 'what it says'
lr=$(sed -n 's/^Learning rate: --lr \([^,]*\),.*/\1/p' out)
awk -v lr="$lr" 'BEGIN { exit !(lr > 1e-5 && lr < 10) }' || bad "a rate of $lr"
# What it proposes trains.
expect 0 'accuracy (0.9|1.0)' train --data synthetic:2000,10,3 --model 'linear:20 relu linear:3' --lr "$lr" --epochs 2

# The same steps in any way to go, and whatever is said of the training that follows.
find --granularity op --prefetch 5
cmp -s out first || bad 'another granularity has other losses'
find --epochs 9 --schedule cosine --warmup 10 --lr 3 --save w.safetensors --val synthetic:20,10,3
grep -q '^Nothing is saved to w.safetensors: this was no training' out || bad 'that nothing is saved'
[ ! -e w.safetensors ] || bad 'weights were saved'
grep -v '^Nothing' out | cmp -s - first || bad 'a schedule changed the search'

find f.svg --log log
[ "$(grep -c '"event":"step"' log)" -ge 100 ] || bad 'the steps are in the log'
head -n 1 log | grep -q '"lr":1e-07}' || bad 'and their rates, from 1e-7'
grep -q "^<svg .*</svg>$\|^</svg>$" f.svg || bad 'a picture'
grep -q -- "--lr $lr<" f.svg || bad 'with the rate'
[ "$(grep -c '<polyline' f.svg)" -eq 2 ] || bad 'and two curves'
! grep -Eq 'nan|inf' f.svg || bad 'a number that is none'
! command -v xmllint >/dev/null || xmllint --noout f.svg || bad 'it is no XML'
"$plait" train --data synthetic:2000,10,3 --model linear:3 --lr-find --quiet >out 2>err || bad 'quiet'
[ ! -s out ] || bad 'quiet prints something'

# Losses that explode end the search, and those that are not finite behind.
expect 0 'then it explodes' train --data synthetic:2000,10,3 --model 'linear:20 relu linear:20 relu linear:3' --lr-find --optimizer sgd --momentum 0.99
# Nothing to learn from: one class of one sample.
echo 0,0,0 >one.csv
expect 1 'the loss falls nowhere in 300 steps' train --data csv:one.csv --model linear:1 --lr-find
expect 2 '--lr-find is of one network' train --data synthetic:100,10,3 --model linear:3 --lr-find --pool 2
expect 2 '--lr-find is of one network' train --data synthetic:100,10,3 --model linear:3 --lr-find --sweep seed=1,2
expect 1 'no/f.svg' train --data synthetic:100,10,3 --model linear:3 --lr-find no/f.svg
expect 0 '^Learning rate' trace --source profiling -- train --data synthetic:2000,10,3 --model linear:3 --lr-find

exit $failed
