#!/bin/sh
# SPDX-License-Identifier: MIT
# When plait train ends: --patience, --target, --max-time, and what --monitor and --save-best have to do
# with it.
. "$SRC/tests/cli/common"

# Learns in few epochs, then its validation gets worse.
job='--data synthetic:200,20,3 --val synthetic:300,20,3 --lr 0.05 --seed 2'
net='linear:40 relu linear:3'

# field KEY: of the last line of the log
field()
{
	tail -n 1 log | sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

# values KEY: of all epochs of the log
values()
{
	sed -n "/\"event\":\"epoch\"/s/.*\"$1\":\([^,}]*\).*/\1/p" log
}

# -- patience and the best epoch
expect 0 'Ended after epoch [0-9]*: val_loss has not been better than' train $job --model "$net" --epochs 60 \
	--patience 3 --save-best best.safetensors --save last.safetensors --log log
[ "$(field stopped)" = patience ] || bad 'the log does not say patience'
best=$(values val_loss | awk 'NR == 1 || $1 < least { least = $1; best = NR } END { print best }')
last=$(values val_loss | wc -l)
[ "$(field best_epoch)" = "$best" ] || bad "the best epoch is not $best"
[ "$last" -lt 60 ] && [ "$last" -eq $((best + 3)) ] || bad "it has ended after epoch $last, the best is $best"
tail -n 1 out | grep -q "^Best epoch: $best, val_loss .* best.safetensors\$" || bad 'the last line is not of the best epoch'
# They are the weights of a training of so many epochs.
expect 0 . train $job --model "$net" --epochs "$best" --save so-many.safetensors
cmp best.safetensors so-many.safetensors || bad 'the best weights are not those of the best epoch'
expect 0 . train $job --model "$net" --epochs "$last" --save so-many.safetensors
cmp last.safetensors so-many.safetensors || bad 'the last weights are not those of the last epoch'

# A metric, and the training's own loss without a validation.
expect 0 'val_topk:2 has not been better' train $job --model "$net" --epochs 60 --metric topk:2 \
	--monitor val_topk:2:max --patience 2
expect 0 'Best epoch: 4, loss' train --data synthetic:200,20,3 --model "$net" --epochs 4 --save-best b.safetensors

# -- a target
expect 0 'Ended after epoch [0-9]*: val_accuracy is [.0-9]*, and --target is 0.5' train $job --model "$net" \
	--epochs 60 --target val_accuracy=0.5 --log log
[ "$(field stopped)" = target ] || bad 'the log does not say target'
expect 0 '^--target val_accuracy=2 is not reached: the best is' train $job --model "$net" --epochs 2 \
	--target val_accuracy=2 --log log
[ "$(field stopped)" = done ] || bad 'the log does not say done'

# -- time: one epoch takes minutes, as each load spins
expect 0 'Ended after step [0-9]*: --max-time 1s is over' train --data synthetic:200000,10,3 --batch-size 2 --val \
	synthetic:60,10,3 --model linear:3 --epochs 1 --load-delay 20000 --max-time 1 --log log --save last.safetensors
[ "$(field stopped)" = max_time ] || bad 'the log does not say max_time'
values val_loss | grep -q . || bad 'the epoch that was cut is not validated'
[ -s last.safetensors ] || bad 'nothing is saved'
expect 0 Epoch train $job --model "$net" --epochs 2 --max-time 1h30m

# -- a pool: each member for itself
expect 0 '\[seed=3\] Best epoch' train $job --model "$net" --epochs 30 --patience 2 --pool 2 --save-best p.safetensors --log log
[ -s p-1.safetensors ] && [ -s p-2.safetensors ] || bad 'not a file for each member'
[ "$(grep -c '"event":"end"' log)" -eq 2 ] || bad 'not an end for each member'
grep -q '"event":"end","member":2,"name":"seed=3"' log || bad 'an end does not say whose it is'

# -- what is wrong
expect 2 'is no time above 0' train $job --model "$net" --max-time 1m2h
expect 2 'is no time above 0' train $job --model "$net" --max-time 0
expect 2 'is no time above 0' train $job --model "$net" --max-time 5x
expect 2 'is not NAME=VALUE' train $job --model "$net" --target val_loss
expect 2 'is not NAME=VALUE' train $job --model "$net" --target val_loss=nan
expect 2 'those are loss, accuracy, val_loss, val_accuracy' train $job --model "$net" --patience 2 --monitor f1
expect 2 'there is none' train --data synthetic:200,20,3 --model "$net" --patience 2 --monitor val_loss
expect 2 'as there is --monitor' train $job --model "$net" --monitor loss
expect 2 '--patience waits .*--val-overlap' train $job --model "$net" --patience 2 --val-overlap
expect 2 '--save-best.*--save|--save.*--save-best' train $job --model "$net" --save a.safetensors --save-best a.safetensors

exit $failed
