#!/bin/sh
# SPDX-License-Identifier: MIT
# --metric: what is printed and logged is what predictions and answers say; without it nothing changes;
# a word that does not exist, or does not fit, is refused by name.
. "$SRC/tests/cli/common"

data='--data synthetic:640,10,4'
net='linear:8 relu linear:4'

# number KEY FILE: the number behind a key of a log's last line.
number()
{
	tail -n 1 "$2" | sed -n "s/.*\"$1\":\([-0-9.e+]*\).*/\1/p"
}

# near A B WHAT: two numbers are the same to six digits.
near()
{
	awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; exit !(a != "" && b != "" && d * d <= 1e-12 * (a * a + b * b)) }' ||
		bad "$3: $1 and $2"
}

# -- classes ---------------------------------------------------------------------------------------

# shellcheck disable=SC2086 # options
{
	expect 0 'accuracy [0-9.]*  topk:2 0\.[0-9]{4}  topk:1 0\.[0-9]{4}  val loss .*  val topk:2 0\.[0-9]{4}  val topk:1' \
		train $data --val synthetic:100,10,4 --model "$net" --epochs 2 --metric topk:2,topk:1 --log log --save w.st
	grep -q '"accuracy":[0-9.]*,"metrics":{"topk:2":[0-9.]*,"topk:1":[0-9.]*},"seconds".*"val_accuracy":[0-9.]*,"val_metrics":{"topk:2":[0-9.]*,"topk:1":[0-9.]*}}$' log ||
		{ cat log; bad 'the log of a training'; }
	near "$(number accuracy log)" "$(tail -n 1 log | sed 's/.*"metrics":{[^}]*"topk:1":\([0-9.]*\)}.*"val_loss.*/\1/')" \
		'topk:1 is the accuracy'
	expect 0 ', accuracy [0-9.]*, topk:3 0\.[0-9]{4}$' eval $data --model "$net" --init w.st --metric topk:3 --log log
	grep -q '"metrics":{"topk:3":[0-9.]*}' log || bad 'the log of an evaluation'
	expect 0 'topk:3 1.0000' eval --data synthetic:640,10,3 --model "linear:8 relu linear:3" --init "$(
		"$plait" train --data synthetic:640,10,3 --model "linear:8 relu linear:3" --steps 1 --quiet --save v.st && echo v.st
	)" --metric topk:3 --pad-last --batch-size 50

	# The same weights to the last bit, and none of it, without the option.
	expect 0 '^Epoch 2/2' train $data --model "$net" --epochs 2 --log log --save without.st
	! grep -q metrics log || bad 'metrics in a log of none'
	! grep -q topk out || bad 'metrics in a line of none'
	cmp -s w.st without.st || bad 'other weights with metrics'

	expect 2 'unknown metric "tpk", did you mean "topk"\?.*--plugin.*; the metrics are mae, topk, precision, recall, f1, auroc, ece, rmse, r2, confusion, all$' \
		train $data --model "$net" --metric tpk
	expect 2 'unknown metric ""' train $data --model "$net" --metric topk:1,
	expect 2 'unknown metric ""' eval $data --model "$net" --init w.st --metric ,topk:1
	expect 2 'as in topk:5' eval $data --model "$net" --init w.st --metric topk
	expect 2 'mae: it needs targets, and there are class labels' train $data --model "$net" --metric mae
	expect 2 'there is a "topk:1" already' train $data --model "$net" --metric topk:1,topk:1
	expect 2 'no option "--metric"' predict $data --init w.st --metric topk:1
}
"$plait" train --help-all >help
grep -q '^Metrics, with commas between: mae topk precision recall f1 auroc ece rmse r2$' help &&
	grep -q '^  confusion all\.$' help || { cat help; bad 'the help lists the metrics'; }
for word in topk mae; do
	sed 's/\\-/-/g' "${MAN:-$SRC/src/cli/plait.1}" | grep -q "^\.BR*I* .*$word" || bad "$word is not in the manual"
done

# -- targets ---------------------------------------------------------------------------------------

awk 'BEGIN { srand(1); print "a,b,y"
	for (i = 0; i < 45; i++) { a = rand(); b = rand(); printf "%.3f,%.3f,%.3f\n", a, b, a * b - 0.3 } }' >t.csv
expect 0 '  mae 0\.[0-9]{4}  ' train --data csv:t.csv,label=y --model linear:1 --loss mse --epochs 2 --metric mae --save m.st
"$plait" predict --data csv:t.csv,label=y --init m.st --out p.csv >out 2>err || bad 'predicting'
expected=$(paste -d, t.csv p.csv | awk -F, 'NR > 1 { d = $3 - $NF; s += d < 0 ? -d : d; n++ } END { print s / n }' OFMT=%.9g)
for options in '' '--shards 3' '--pad-last --batch-size 16' '--granularity op --shards 2 --pad-last'; do
	# shellcheck disable=SC2086 # options
	expect 0 ', mae 0\.[0-9]{4}$' eval --data csv:t.csv,label=y --model linear:1 --loss mse --init m.st --metric mae \
		--log log $options
	near "$(number mae log)" "$expected" "mae with \"$options\""
done
exit $failed
