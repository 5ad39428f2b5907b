#!/bin/sh
# SPDX-License-Identifier: MIT
# --precision: who takes it, what is said of it, and that weights of one precision are those of all.
. "$SRC/tests/cli/common"
model='linear:300 relu linear:4'
data='--data synthetic:320,40,4'
note='note: this CPU has no instructions for bfloat16'

# losses LOG: what the steps of a log say.
losses()
{
	grep '"event":"step"' "$1"
}

# -- words -----------------------------------------------------------------------------------------

# shellcheck disable=SC2086 # options
{
for word in bf8 BF16 fp16 fp32,bf16; do
	expect 2 "--precision: \"$word\" is none of fp32, tf32, bf16" train $data --model "$model" --precision "$word"
done
expect 2 '--precision needs a value' train $data --model "$model" --precision
expect 2 '--precision needs a value' train $data --model "$model" --precision ""
for command in load data model doctor; do
	expect 2 '.' $command --precision bf16
done
for command in train eval predict policies overlap models; do
	"$plait" $command --help-all >out 2>err
	grep -q '^  --precision WHAT .*fp32 (default), tf32 or bf16' out || bad "the help of $command has --precision"
done

# -- training --------------------------------------------------------------------------------------

for precision in fp32 tf32 bf16; do
	expect 0 '^Epoch 1/1 ' train $data --model "$model" --precision $precision --epochs 1 --log $precision.log --log-every 1 --save $precision.st
	said=$(grep -c "$note" err)
	[ "$said" -eq 0 ] || [ "$precision:$said" = bf16:1 ] || bad "$precision: the note comes $said times"
	cp err $precision.err
done
cmp -s tf32.st fp32.st || bad 'tf32 on CPUs has the bits of fp32'
! cmp -s bf16.st fp32.st || bad 'bf16 has the bits of fp32'
for precision in tf32 bf16; do
	[ "$(grep -c '"event":"note".*"text":"products of matrices are computed with --precision '$precision'"' $precision.log)" -eq 1 ] ||
		bad "the log says $precision once"
done
! grep note fp32.log | grep -q precision || bad 'the log does not speak of fp32'
for options in '--ncpu 1' '--granularity op' '--granularity step --sched lws' '--prefetch 4 --workers 1'; do
	expect 0 '^Epoch 1/1 ' train $data --model "$model" --precision bf16 --epochs 1 --log log --log-every 1 --save again.st $options
	cmp -s again.st bf16.st || bad "bf16 with $options has other weights"
	losses log >again.losses
	losses bf16.log | cmp -s - again.losses || bad "bf16 with $options has other losses"
done
expect 0 '^plan: train, batch 32, precision bf16, granularity ' train $data --model "$model" --precision bf16 --print-plan --steps 1
expect 0 '^plan: train, batch 32, granularity ' train $data --model "$model" --print-plan --steps 1
"$plait" train $data --model "$model" --precision bf16 --steps 1 --quiet >out 2>err
[ ! -s err ] || bad '--quiet says nothing'
expect 0 '.' train $data --model "$model" --precision bf16 --sweep lr=0.01,0.001 --steps 4
[ "$(grep -c "$note" err)" -eq "$(grep -c "$note" bf16.err)" ] || bad 'a pool says it as often as one'

# -- with the weights ------------------------------------------------------------------------------

for precision in fp32 bf16; do
	expect 0 'loss [0-9.]*, accuracy' eval $data --model "$model" --init bf16.st --precision $precision --log eval-$precision
	"$plait" predict $data --init bf16.st --precision $precision --out p-$precision.csv >out 2>err || bad "predict, $precision"
done
grep -q '"text":"products of matrices are computed with --precision bf16"' eval-bf16 || bad 'the log of eval says it'
! cmp -s p-fp32.csv p-bf16.csv || bad 'predictions with bf16 are those with fp32'
# Factors are off by up to 2^-9, and a sum of many of them by less: probabilities by less than 0.02.
paste -d, p-fp32.csv p-bf16.csv | awk -F, 'NR > 1 { n = NF / 2
	for (i = n - 3; i <= n; i++) { d = $i - $(i + n); if (d < 0) d = -d; if (d > worst) worst = d } }
	END { exit !(NR == 321 && worst > 0 && worst < 0.02) }' || bad 'predictions with bf16 are near those with fp32'
expect 0 '^Epoch 1/1 ' train $data --model "$model" --init bf16.st --precision fp32 --steps 1

# -- performance models ----------------------------------------------------------------------------

unset STARPU_PERF_MODEL_DIR
STARPU_HOME=$here
export STARPU_HOME
STARPU_CALIBRATE=1 "$plait" train $data --model "$model" --epochs 6 --sched dmda --quiet --granularity layer >out 2>err || bad 'calibrating'
expect 0 '^fwd/0.linear .* [0-9]' models $data --model "$model" --granularity layer
! grep -q '^fwd/0.linear .*nothing learned' out || bad 'fp32 has learned'
expect 0 '^fwd/0.linear .*nothing learned' models $data --model "$model" --granularity layer --precision bf16
}
exit $failed
