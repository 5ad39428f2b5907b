#!/bin/sh
# SPDX-License-Identifier: MIT
# --optimizer and the options of its numbers: each trains, and each changes what is trained.
. "$SRC/tests/cli/common"
seen=

# train OPTIONS...: two epochs; their last loss is none that was seen before.
train()
{
	expect 0 '"event"' train --data synthetic:200,10,2 --model 'linear:8 tanh linear:2' --epochs 2 --quiet \
		--log - --optimizer "$@"
	loss=$(sed -n 's/.*"event": *"epoch".*"loss": *\([0-9.e-]*\).*/\1/p' out | tail -n 1)
	case " $seen " in
	*" ${loss:-none} "*) bad "$*: loss ${loss:-none} is that of other options" ;;
	esac
	[ -n "$loss" ] || bad "$*: no loss"
	seen="$seen $loss"
}

train sgd
train sgd --momentum 0.9
train sgd --momentum 0.9 --nesterov
train adam
train adam --beta1 0.5
train adam --eps 0.01
train adam --weight-decay 0.5
train adamw
train rmsprop
train rmsprop --alpha 0.5
train rmsprop --momentum 0.5
train rmsprop --eps 0.01
train rmsprop --eps 0.01 --centered
train adagrad
train nadam
train nadam --beta2 0.9
train lamb
train lamb --weight-decay 1
train lion
train lion --lr 0.01
train muon
train muon --momentum 0.5
train muon --adjust-lr match-rms-adamw
train muon --adam-lr-ratio 0.1
train muon --weight-decay 1

# The library knows their ranges.
expect 2 'optimizer: beta1 is 1, must be in \[0,1\)' train --data synthetic:200,10,2 --model linear:2 --beta1 1
expect 2 'nesterov needs a momentum above 0' train --data synthetic:200,10,2 --model linear:2 --optimizer sgd --nesterov

[ $failed -eq 0 ]
