#!/bin/sh
# SPDX-License-Identifier: MIT
# plait runs: the table of logs, what sets runs apart, pictures and a page, and logs that are cut or wrong.
. "$SRC/tests/cli/common"

job='--data synthetic:300,8,3 --val synthetic:60,8,3 --model linear:3 --quiet'
log() { name=$1; shift; "$plait" train $job --log $name "$@" 2>err || { : >out; bad "train $*"; }; }

log one.log --epochs 3 --log-every 2
log two.log --epochs 4 --lr 0.1
log pool.log --epochs 2 --sweep lr=0.01,0.02
expect 0 '^epochs  *loss  *accuracy  *val_loss  *val_accuracy  *seconds  *samples/s  run$' runs one.log
grep -Eq '^     3  [0-9., ()-]*  one.log$' out || bad 'the line of one run'
expect 0 '^     4 .* two.log: epochs=4 lr=0.1$' runs one.log two.log pool.log
grep -Eq '^     3 .* one.log: epochs=3 lr=0.001$' out || bad 'a default is told where others differ'
grep -Eq '^     2 .* pool.log \[lr=0.01\]: lr=0.01 epochs=2$' out || bad 'the first member'
grep -Eq '^     2 .* pool.log \[lr=0.02\]: lr=0.02 epochs=2$' out || bad 'the second member'
[ "$(grep -c 'quiet=\|log=\|sweep=' out)" -eq 0 ] || bad 'what is no difference'

# Best figures are those of the log: the least loss, the greatest accuracy, each with its epoch.
field() { sed -n 's/^{"event":"epoch","epoch":\([0-9]*\),.*"'$2'":\([0-9.e-]*\)[,}].*/\2 \1/p' $1; }
expect 0 . runs two.log
loss=$(field two.log val_loss | sort -g | head -n 1 | awk '{ printf "%.4f (%d)", $1, $2 }')
[ -n "$loss" ] && grep -Fq "$loss" out || bad "val_loss is not $loss"
accuracy=$(field two.log val_accuracy | sort -k1,1gr -k2,2n | head -n 1 | awk '{ printf "%.4f (%d)", $1, $2 }')
[ -n "$accuracy" ] && grep -Fq "$accuracy" out || bad "val_accuracy is not $accuracy"

# Logs of a run that is not over, without options, and of nothing.
head -c $(($(wc -c <one.log) - 30)) one.log >cut.log
expect 0 '^     2 .* cut.log$' runs cut.log
grep -v config one.log >bare.log
expect 0 '^     3 .* bare.log$' runs bare.log two.log
grep '"step"' one.log | head -n 3 >steps.log
expect 0 '^     0  .* steps.log$' runs steps.log --plot steps.svg
head -n 1 one.log >first.log
expect 1 'first.log: no step and no epoch is in it' runs first.log
: >empty.log
expect 1 'no step and no epoch' runs one.log empty.log
printf '[1]\n{"event":3}\n{"event":"epoch","steps":"x","loss":[]}\nnull\n\0\n' >odd.log
expect 0 '^     1 .* odd.log$' runs odd.log --plot odd.png --html odd.html
expect 1 'missing.log' runs missing.log
expect 2 'needs LOG' runs
expect 2 '--plot p.pdf ends in neither .svg nor .png' runs one.log --plot p.pdf
expect 2 'one.log' runs one.log --html one.log

# Pictures and page: each run is in them.
expect 0 . runs one.log two.log pool.log --plot all.svg --html all.html
[ "$(grep -c '<polyline' all.svg)" -gt 20 ] && tail -n 1 all.svg | grep -q '</svg>' || bad 'the SVG'
for text in loss accuracy lr 'epochs=3 lr=0.001' 'lr=0.02 epochs=2'; do
	grep -q ">$text</text>" all.svg || bad "the SVG: no $text"
done
for text in '"panels":\["loss"' '"name":"pool.log \[lr=0.01\]"' '"key":"val_accuracy"'; do
	grep -q -e "$text" all.html || bad "the page: no $text"
done
! grep -Eq 'nan|inf' all.svg || bad 'the SVG has what is no number'
if "$plait" runs one.log --plot one.png >out 2>err; then
	[ "$(head -c 4 one.png | tail -c 3)" = PNG ] && [ "$(wc -c <one.png)" -gt 5000 ] || bad 'the PNG'
else
	grep -q 'built without libpng' err || bad 'a PNG'
fi

# A training makes them itself, of the lines that its log has or would have.
expect 0 '^Epoch 3/3' train --data synthetic:300,8,3 --val synthetic:60,8,3 --model linear:3 --epochs 3 --log-every 2 \
	--log live.log --plot live.svg --html live.html --tensorboard board/deep
"$plait" runs live.log --plot after.svg --html after.html >out 2>err || bad 'the log of a training that drew'
cmp -s live.svg after.svg && cmp -s live.html after.html || bad 'a training draws other curves than its log has'
expect 0 '^Epoch 3/3' train --data synthetic:300,8,3 --val synthetic:60,8,3 --model linear:3 --epochs 3 --html no-log.html
grep -q '"key":"val_accuracy"' no-log.html || bad 'a page without a log'
expect 1 'is not finite' train --data synthetic:320,10,2 --model 'linear:2 scale:1e38 scale:1e38' --html no-log.html
grep -q '"key":"val_accuracy"' no-log.html || bad 'a training without a figure replaced the page'
expect 2 '--plot live.pdf ends in neither' train --data synthetic:320,10,2 --model linear:2 --plot live.pdf
expect 2 'live.log' train --data synthetic:320,10,2 --model linear:2 --log live.log --html live.log
log pool.log --epochs 2 --sweep lr=0.01,0.02 --tensorboard board/pool --plot pool.svg
grep -q '>lr=0.02' pool.svg || bad 'the picture of a pool'
: >file
expect 1 'file/.*: cannot be written' train --data synthetic:320,10,2 --model linear:2 --epochs 1 --tensorboard file/board

# What TensorBoard reads is what the log says.
if command -v python3 >/dev/null; then
	python3 "$SRC/tests/cli/events.py" board >events 2>err || bad 'files of events'
	for figure in 'deep/train loss 10' 'deep/val loss 30' 'deep/val accuracy 20' 'deep/train step_lr 4' \
		'pool/lr=0.01/train accuracy 10' 'pool/lr=0.02/val loss 20'; do
		grep -q "^$figure " events || bad "no event of $figure"
	done
	field live.log val_loss | awk '{ printf "deep/val loss %d %.6g\n", 10 * $2, $1 }' >expected
	grep '^deep/val loss' events | cmp -s - expected || bad 'the losses of events'
	[ "$(grep -c '^deep/train step_loss' events)" -eq 15 ] || bad 'the steps of events'
else
	echo 'there is no python3 here: files of events are not read'
fi

[ $failed -eq 0 ]
