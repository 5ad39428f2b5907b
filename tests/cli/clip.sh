#!/bin/sh
# SPDX-License-Identifier: MIT
# --clip-norm, --clip-value and --skip-outliers: what they change, what log and lines say, what is refused.
. "$SRC/tests/cli/common"
job="--data synthetic:640,20,4 --model linear:4 --epochs 2 --batch-size 16"

# train OPTIONS...: leaves the last line of an epoch in `line`, its loss in `loss`.
train()
{
	expect 0 '"event"' train $job --quiet --log - --log-every 1 "$@"
	line=$(grep '"event": *"epoch"' out | tail -n 1)
	loss=$(echo "$line" | sed -n 's/.*"loss": *\([0-9.e-]*\).*/\1/p')
	[ -n "$loss" ] || bad "$*: no loss"
}

train
plain=$loss
grep -q 'grad_norm\|skipped' out && bad 'a norm is told without being asked for'
for option in '--clip-norm 0.05' '--clip-value 0.005'; do
	train $option
	[ "$loss" != "$plain" ] || bad "$option changes nothing"
	echo "$line" | grep -q '"grad_norm": *[0-9.e-]*, *"skipped": *0' || bad "$option: no norm of an epoch: $line"
	[ "$(grep -c '"event": *"step".*"grad_norm": *[0-9.e-]*, *"skipped": *0' out)" -eq 80 ] ||
		bad "$option: not every step has a norm"
done
# What never clips changes no bit.
for option in '--clip-norm 1e6' '--clip-value 1e6' '--skip-outliers 1e6'; do
	train $option
	[ "$loss" = "$plain" ] || bad "$option: loss $loss, without $plain"
done

# Where the loss stays, a small Z leaves out about half; the line of the epoch says how many.
train --skip-outliers 0.01 --lr 1e-6
[ "$(grep -c '"event": *"step".*"skipped": *1' out)" -gt 10 ] || bad 'few steps are left out'
echo "$line" | grep -q '"skipped": *[1-9]' || bad "none is counted: $line"
expect 0 '[1-9][0-9]* skipped' train $job --skip-outliers 0.01 --lr 1e-6

# They are what a network may be swept over, and part of a plan.
expect 0 'clip-norm=0.1' train $job --sweep clip-norm=0.1,10
expect 0 '^clip ' train $job --clip-norm 1 --granularity layer --print-plan
expect 0 '^upd/0.linear ' train $job --granularity layer --print-plan
grep -q '^clip' out && bad 'a task clips without being asked to'

for option in --clip-norm --clip-value --skip-outliers; do
	for value in nan -1 x inf; do
		expect 2 "$option: \"$value\" is no number" train $job "$option=$value"
	done
	expect 2 "$option is 0, must be above" train $job $option 0
	expect 2 "no option \"$option\" \(train has it\)" eval --data synthetic:640,20,4 --model linear:4 --init w.st $option 1
done
expect 2 'give one of them' train $job --clip-norm 1 --clip-value 1
expect 2 'leave out one' train $job --lr-find --skip-outliers 3

[ $failed -eq 0 ]
