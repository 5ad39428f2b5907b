#!/bin/sh
# SPDX-License-Identifier: MIT
# --loss and its options: what eval tells is what the predictions of the same weights say, however a
# batch is split; what belongs to another loss is refused.
. "$SRC/tests/cli/common"

# number KEY FILE: the number behind a key of a log's last line.
number()
{
	tail -n 1 "$2" | sed -n "s/.*\"$1\":\([-0-9.e+]*\).*/\1/p"
}

# near A B WHAT: two numbers are the same to five digits: floats, sums of 45 terms.
near()
{
	awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; exit !(a != "" && b != "" && d * d <= 1e-10 * (a * a + b * b)) }' ||
		bad "$3: $1 and $2"
}

# -- targets ---------------------------------------------------------------------------------------

awk 'BEGIN { srand(1); print "a,b,y"
	for (i = 0; i < 45; i++) { a = rand(); b = rand(); printf "%.3f,%.3f,%.3f\n", a, b, a * b } }' >t.csv
data='--data csv:t.csv,label=y --batch-size 64'

# of AWK: the mean over the samples of what awk makes of the prediction p and the target t.
of()
{
	paste -d, t.csv p.csv | awk -F, "NR > 1 { t = \$3; p = \$NF; d = p - t; if (d < 0) d = -d; s += $1; n++ } END { print s / n }" OFMT=%.9g
}

for loss in mse l1 huber bce; do
	# shellcheck disable=SC2086 # options
	{
		expect 0 '^Epoch 2/2  loss 0\.[0-9]{4}  ' train $data --model "linear:3 tanh linear:1" --loss $loss --epochs 2 --save $loss.st
		"$plait" predict --data csv:t.csv,label=y --init $loss.st --out p.csv >out 2>err || bad "$loss: predicting"
		case $loss in
		mse) expected=$(of 'd * d') ;;
		l1) expected=$(of d) ;;
		huber) expected=$(of '(d < 0.25 ? d * d / 2 : 0.25 * (d - 0.125))') ;;
		bce) expected=$(of '-(t * log(p) + (1 - t) * log(1 - p))') ;;
		esac
		delta=
		[ $loss = huber ] && delta='--huber-delta 0.25'
		for options in '' '--shards 3' '--pad-last'; do
			expect 0 'loss 0\.' eval $data --model "linear:3 tanh linear:1" --loss $loss $delta --init $loss.st --log log $options
			near "$(number loss log)" "$expected" "$loss with \"$options\""
		done
		expect 1 "--loss $loss needs targets .*: take --loss cross-entropy" \
			train --data synthetic:64,10,2 --model linear:2 --loss $loss
	}
done
grep -aq '"plait.loss":"bce"' bce.st || bad 'the loss is in the file'
expect 0 'loss 0\.' eval --data csv:t.csv,label=y --model "linear:3 tanh linear:1" --loss huber --init huber.st --batch-size 64 --log log
"$plait" predict --data csv:t.csv,label=y --init huber.st --out p.csv >out 2>err || bad 'predicting'
near "$(number loss log)" "$(of '(d < 1 ? d * d / 2 : d - 0.5)')" 'a delta of 1 unless given'
"$plait" train --data csv:t.csv,label=y --model "linear:1 sigmoid" --loss bce --steps 1 --save s.st >out 2>err || bad 'a sigmoid at the end'
grep -q 'advice: bce has a sigmoid inside' err || bad 'a sigmoid at the end is no good'

# -- labels ----------------------------------------------------------------------------------------

awk 'BEGIN { srand(2); print "a,b,c,y"
	for (i = 0; i < 45; i++) printf "%.3f,%.3f,%.3f,%d\n", rand(), rand(), rand(), i % 7 % 4 }' >l.csv
data='--data csv:l.csv,label=y --batch-size 64'
expect 0 '^Epoch 9/9' train --data csv:l.csv,label=y --model "linear:8 relu linear:4" --epochs 9 --lr 0.02 --save l.st
"$plait" predict --data csv:l.csv,label=y --init l.st --out p.csv >out 2>err || bad 'predicting'

# of_labels SMOOTHING IGNORED W0 W1 W2 W3: the loss that the probabilities of p.csv have, by PyTorch's formula.
of_labels()
{
	paste -d, l.csv p.csv | awk -F, -v a="$1" -v ignored="$2" -v w0="$3" -v w1="$4" -v w2="$5" -v w3="$6" '
		BEGIN { w[0] = w0; w[1] = w1; w[2] = w2; w[3] = w3 }
		NR > 1 && $4 != ignored {
			counted += w[$4]
			for (j = 0; j < 4; j++)
				sum -= w[j] * (a / 4 + (j == $4 ? 1 - a : 0)) * log($(8 + j))
		}
		END { print sum / counted }' OFMT=%.9g
}

# check EXPECTED OPTIONS...: of the network $net with the weights $weights.
net='linear:8 relu linear:4' weights=l.st
check()
{
	wanted=$1
	shift
	for split in '' '--shards 3' '--microbatches 4' '--pad-last' '--shards 5 --pad-last'; do
		# shellcheck disable=SC2086 # options
		expect 0 'accuracy 0\.[0-9]{4}' eval $data --model "$net" --init $weights --log log $split "$@"
		near "$(number loss log)" "$wanted" "$* $split"
	done
}

check "$(of_labels 0 -1 1 1 1 1)"
check "$(of_labels 0.2 -1 1 1 1 1)" --label-smoothing 0.2
check "$(of_labels 0 -1 1 2 0.5 0)" --class-weights 1,2,0.5,0
check "$(of_labels 0 2 1 1 1 1)" --ignore-label 2
check "$(of_labels 0.1 1 3 1 0.5 2)" --label-smoothing 0.1 --class-weights 3,1,0.5,2 --ignore-label 1

# focal GAMMA: the focal loss that the probabilities of p.csv have.
focal()
{
	paste -d, l.csv p.csv | awk -F, -v gamma="$1" 'NR > 1 { p = $(8 + $4); sum -= (1 - p) ^ gamma * log(p); counted++ }
		END { print sum / counted }' OFMT=%.9g
}
check "$(focal 2)" --focal-gamma 2
check "$(focal 0.5)" --focal-gamma 0.5

# nll reads logarithms of the probabilities that are predicted.
net='linear:8 relu linear:4 log-softmax' weights=n.st
expect 0 '^Epoch 9/9' train --data csv:l.csv,label=y --model "$net" --loss nll --epochs 9 --lr 0.02 --save n.st
"$plait" predict --data csv:l.csv,label=y --init n.st --out p.csv >out 2>err || bad 'predicting'
check "$(of_labels 0 -1 1 1 1 1)" --loss nll

# The largest label needs no output if it is ignored.
sed 's/,3$/,255/' l.csv >beyond.csv
expect 0 '^Epoch 2/2' train --data csv:beyond.csv,label=y --model linear:3 --ignore-label 255 --epochs 2 --shards 3
expect 1 'has 256 classes' train --data csv:beyond.csv,label=y --model linear:3 --ignore-label 254
expect 1 'labels are 0 to 2, the network has 2 outputs' train --data csv:beyond.csv,label=y --model linear:2 --ignore-label 255

# shellcheck disable=SC2086 # options
{
	expect 0 'label-smoothing=0.3' train $data --model linear:4 --epochs 2 --sweep label-smoothing=0,0.3
	expect 1 '--class-weights has 3 numbers, and the network 4 outputs' train $data --model linear:4 --class-weights 1,2,3
	for list in , 1, 1,x 1,-1 1,nan '1 2'; do
		expect 2 "--class-weights: \"$list\" is no list of numbers" train $data --model linear:4 "--class-weights=$list"
	done
	expect 2 '--label-smoothing is 1.5, must be 0 to 1' train $data --model linear:4 --label-smoothing 1.5
	expect 2 '--focal-gamma and --label-smoothing: give one' train $data --model linear:4 --focal-gamma 2 --label-smoothing 0.1
	expect 2 '--focal-gamma: "-1" is no number' train $data --model linear:4 --focal-gamma=-1
	expect 0 'focal-gamma=2' train $data --model linear:4 --epochs 2 --sweep focal-gamma=0,2
	expect 2 '--ignore-label: "-1" is no whole number' train $data --model linear:4 --ignore-label=-1
	expect 2 '--huber-delta belongs to --loss huber, not to cross-entropy' train $data --model linear:4 --huber-delta 1
	expect 2 '--huber-delta is 0' train $data --model linear:1 --loss huber --huber-delta 0
	expect 2 '--ignore-label belongs to --loss cross-entropy, not to nll' train $data --model "$net" --loss nll --ignore-label 1
	for option in '--label-smoothing 0.1' '--focal-gamma 2' '--class-weights 1,1,1,1' '--ignore-label 0'; do
		expect 2 "${option% *} belongs to --loss cross-entropy, not to l1" eval $data --model linear:1 --init l.st --loss l1 $option
	done
	expect 2 'no option "--label-smoothing"' predict $data --init l.st --label-smoothing 0.1
}
for word in nll l1 huber bce label-smoothing focal-gamma class-weights ignore-label huber-delta; do
	sed 's/\\-/-/g' "${MAN:-$SRC/src/cli/plait.1}" | grep -Eq "^\.(BR?|BI) (--)?$word" || bad "$word is not in the manual"
done
exit $failed
