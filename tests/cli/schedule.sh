#!/bin/sh
# SPDX-License-Identifier: MIT
# --schedule and --warmup: words, the rate in the log and on the terminal, pools, and what is wrong.
. "$SRC/tests/cli/common"

# 10 steps in each epoch.
job='--data synthetic:100,10,3 --batch-size 10 --model linear:3'

# quiet ARGUMENTS...: it prints nothing and is done.
quiet()
{
	"$plait" "$@" --quiet >out 2>err && [ ! -s out ] || bad "plait $*"
}

# rates WORD ARGUMENTS...: the rates of all steps, one a line, to the file "rates".
rates()
{
	word=$1
	shift
	quiet train $job --epochs 4 --log log --log-every 1 --schedule "$word" "$@"
	sed -n 's/^{"event":"step".*"lr":\([^,}]*\).*/\1/p' log >rates
	[ "$(grep -c . rates)" -eq 40 ] || bad "$word: not 40 rates"
}

# at STEP RATE: that step has this rate, to 6 digits.
at()
{
	sed -n "$1p" rates | awk -v want="$2" '{ d = $1 - want; if (d < 0) d = -d; exit !(d <= 1e-6 * want) }' ||
		bad "$word: step $1 has $(sed -n "$1p" rates), not $2"
}

# -- which rate ------------------------------------------------------------------------------------

rates constant --lr 0.1
at 1 0.1; at 40 0.1
rates step:2,0.5 --lr 0.1
at 20 0.1; at 21 0.05; at 40 0.05
rates multistep:1,3 --lr 0.1
at 10 0.1; at 11 0.01; at 30 0.01; at 31 0.001
rates exponential:0.5 --lr 0.1
at 10 0.1; at 11 0.05; at 31 0.0125
rates linear --lr 0.1
at 1 0.1; at 21 0.05; at 40 0.0025
rates cosine --lr 0.1
at 1 0.1; at 21 0.05; at 40 0.000154133313
rates cosine --lr 0.1 --warmup 20
at 1 0.005; at 20 0.1; at 21 0.1; at 31 0.05
rates cosine-restarts:2 --lr 0.1
at 1 0.1; at 11 0.05; at 21 0.1; at 31 0.05
rates onecycle:0.5 --optimizer sgd
at 1 0.02; at 12 0.5; at 40 0.000002
rates onecycle --lr 0.5 --optimizer sgd --momentum 0.9
at 12 0.5
rates plateau:0,0.5,threshold=0.9 --lr 0.001
at 10 0.001; at 20 0.001; at 21 0.0005; at 31 0.00025
rates constant --lr 0.1 --warmup 4
at 1 0.025; at 2 0.05; at 4 0.1; at 5 0.1
# A limit is where a cosine ends; a step is an update, whatever it is computed in.
quiet train $job --steps 20 --log log --log-every 1 --schedule cosine --lr 0.1
grep -q '"step":11,.*"lr":0.05[},]' log || bad 'half of a cosine of 20 steps'
rates step:2,0.5 --lr 0.1 --granularity run:7
at 20 0.1; at 21 0.05
quiet train $job --epochs 4 --log log --log-every 1 --schedule step:2,0.5 --lr 0.1 --accumulate 5
[ "$(grep -c '"event":"step".*"lr":0.1}' log)" -eq 4 ] || bad 'two epochs of two updates each'
[ "$(grep -c '"event":"step".*"lr":0.05}' log)" -eq 4 ] || bad 'and two with half the rate'

# -- where it is told ------------------------------------------------------------------------------

expect 0 '^Epoch 1/2  loss .*  val loss .*  lr 0.1  ' train $job --epochs 2 --schedule step:1 --lr 0.1 --val synthetic:20,10,3
grep -q '^Epoch 2/2 .*  lr 0.01  ' out || bad 'the rate of the second epoch'
expect 0 '' train $job --epochs 2 --log log
! grep -q ' lr ' out || bad 'a rate that stays is not told'
[ "$(grep -c '"event":"epoch".*"lr":0.001[,}]' log)" -eq 2 ] || bad 'but is in the log'
expect 0 '"val_loss"' train $job --epochs 1 --log - --schedule plateau --val synthetic:20,10,3 --quiet

# -- a pool ----------------------------------------------------------------------------------------

expect 0 '^\[schedule=step:1,0.5\] Epoch 2/2 .* lr 0.05 ' train $job --epochs 2 --lr 0.1 --sweep 'schedule=step:1,0.5|cosine|constant'
expect 0 'schedule=linear warmup=5' train $job --epochs 2 --sweep schedule=cosine,linear --sweep warmup=5,10
expect 2 '"0.5" is no schedule but a number; in --sweep, words with commas stand between bars' \
	train $job --sweep schedule=step:1,0.5
# A member has the losses that it has alone.
quiet train $job --epochs 3 --sweep 'schedule=plateau:0,0.5|onecycle:0.1' --log pool.log
quiet train $job --epochs 3 --schedule plateau:0,0.5 --log alone.log
[ "$(sed -n 's/.*"member":1.*"loss":\([^,]*\),.*/\1/p' pool.log)" = "$(sed -n 's/.*"loss":\([^,]*\),.*/\1/p' alone.log)" ] ||
	bad 'a plateau in a pool'

# -- the other commands ----------------------------------------------------------------------------

expect 0 'Losses are bitwise the same' overlap $job --steps 20 --repeats 1 --schedule cosine
expect 0 'nothing learned' models $job --schedule cosine --warmup 3

# -- what is wrong ---------------------------------------------------------------------------------

wrong()
{
	expect 2 "$@"
}
wrong 'train: --schedule: "cosin" is none of constant, step, multistep, .*; did you mean cosine\?' train $job --schedule cosin
wrong 'train: --schedule: "step" is no schedule: it has no step_size, as in step:30,0.1' train $job --schedule step
wrong '"step:x" is no schedule: wrong value: x' train $job --schedule step:x
wrong '"step:3,gama=1" is no schedule: there is no argument gama=1' train $job --schedule step:3,gama=1
wrong '"multistep:30,20" is no schedule: milestone 20, must be' train $job --schedule multistep:30,20
wrong 'train: --schedule needs a value: --schedule WORD' train $job --schedule
wrong '--schedule was given twice' train $job --schedule cosine --schedule linear
wrong '--warmup: "0" is no whole number from 1' train $job --warmup 0
wrong '--warmup is for other schedules: onecycle rises by itself' train $job --schedule onecycle:0.1 --warmup 5
wrong '--schedule plateau waits for the loss of --val' train $job --schedule plateau --val synthetic:20,10,3 --val-overlap
# Scripts that used the word for microbatches learn of its new name.
for value in 1f1b gpipe; do
	wrong "\"$value\" is no schedule of the learning rate; that of microbatches is --pipeline-schedule $value" \
		train $job --schedule $value
	wrong 'no option "--schedule" \(train has it\); that of microbatches is --pipeline-schedule' eval $job --schedule $value
done

exit $failed
