#!/bin/sh
# SPDX-License-Identifier: MIT
# Scores of plait eval and of plait train --val: they are what predictions and answers say, whatever way they are
# computed; --confusion, --worst and --json write them; what does not fit is refused.
. "$SRC/tests/cli/common"

# value KEY [FILE]: the number behind a key of scores.json.
value()
{
	tr '{,' '\n\n' <"${2:-scores.json}" | sed -n "s/.*\"$1\":\"*\([-0-9.e+]*\).*/\1/p" | head -n 1
}

# run ARGUMENTS...: plait, which ends well.
run()
{
	"$plait" "$@" >out 2>err || bad "plait $*"
}

# near A B WHAT [TOLERANCE]: two numbers are the same.
near()
{
	awk -v a="$1" -v b="$2" -v t="${4-1e-9}" 'BEGIN { d = a - b; d = d < 0 ? -d : d; exit !(a != "" && b != "" && d <= t) }' ||
		bad "$3: $1 and $2"
}

# -- classes -----------------------------------------------------------------------------------------

awk 'BEGIN { srand(3); print "a,b,kind"
	for (i = 0; i < 90; i++) { a = rand(); b = rand(); c = a > 0.6 ? "red" : a + b > 0.9 ? "blue" : "green"
		if (rand() < 0.15) c = "green"
		printf "%.3f,%.3f,%s\n", a, b, c } }' >t.csv
data='--data csv:t.csv,label=kind' net='linear:8 relu linear:3'
# shellcheck disable=SC2086 # options
{
	expect 0 '  val topk:2 0\.[0-9]{4}  val f1 0\.[0-9]{4}  [0-9]' train $data --val csv:t.csv,label=kind --model "$net" --epochs 20 \
		--lr 0.02 --save w.st --metric topk:2,f1 --log log
	grep -q '"val_metrics":{"topk:2":[0-9.]*,"f1":[0-9.]*}}$' log || bad 'the log of a training'
	! grep -q '"metrics":{[^}]*f1' log || bad 'a score of training'
	expect 0 '^Epoch 2/2 .*  val accuracy [0-9.]*  [0-9.]* s ' train $data --val csv:t.csv,label=kind --model "$net" --epochs 2 \
		--metric all --log log2
	grep -q '"val_metrics":{"precision":[0-9.]*,"recall":[0-9.]*,"f1":[0-9.]*,"auroc":[0-9.]*,"ece":[0-9.]*}}$' log2 ||
		bad 'all in the log of a training'
	expect 0 ', accuracy [0-9.]*, precision [0-9.]*, recall [0-9.]*, f1 [0-9.]*, auroc [0-9.]*, ece [0-9.]*$' \
		eval $data --model "$net" --init w.st --metric all --json scores.json --confusion c.csv --worst 12 worst.csv --log elog
}
cp out table
near "$(tail -n 1 log | sed 's/.*"f1":\([0-9.]*\)}}$/\1/')" "$(sed 's/.*"f1":{"macro":\([0-9.]*\),.*/\1/' scores.json)" \
	'the last validation is the evaluation'
grep -q '"event":"eval".*"metrics":{"precision":' elog || bad 'the log of an evaluation'
grep -q '"event":"config".*"worst":\["12","worst.csv"\]' elog || bad 'what an evaluation was asked for, in its log'
for line in 'class  *samples  *precision  *recall  *f1  *auroc' 'green  *[0-9]+ ' 'macro  *90 ' 'micro  *90 .* -$' \
	'confusion: a row' '[0-2] red  *[0-9]+  *[0-9]+  *[0-9]+$'; do
	grep -Eq "^  $line" table || bad "the table has no $line"
done

# What a reader of the predictions finds.  Nine digits tell a float from others.
# shellcheck disable=SC2086 # options
run predict $data --init w.st --out p.csv
{ echo answer; tail -n +2 t.csv | cut -d, -f3; } | paste -d, - p.csv >both.csv
cat >scores.awk <<'END'
NR == 1 { for (i = 5; i <= NF; i++) name[i] = $i; columns = NF; next }
{
	n++; answer[n] = $1; said[n] = $3; top[n] = $4
	for (i = 5; i <= NF; i++) p[n, name[i]] = $i
	count[$1]++; predicted[$3]++; matrix[$1, $3]++; right += $1 == $3
	bin = int($4 * 15); if (bin == $4 * 15) bin--
	hits[bin] += $1 == $3; sure[bin] += $4
}
END {
	print "accuracy", right / n
	for (i = 5; i <= columns; i++) {
		c = name[i]; classes++
		precision += predicted[c] ? matrix[c, c] / predicted[c] : 0
		recall += count[c] ? matrix[c, c] / count[c] : 0
		f1 += count[c] + predicted[c] ? 2 * matrix[c, c] / (count[c] + predicted[c]) : 0
		above = pairs = 0
		for (a = 1; a <= n; a++) for (b = 1; b <= n; b++) if (answer[a] == c && answer[b] != c) {
			pairs++
			above += p[a, c] > p[b, c] ? 1 : p[a, c] == p[b, c] ? 0.5 : 0
		}
		auroc += above / pairs
	}
	print "precision", precision / classes; print "recall", recall / classes; print "f1", f1 / classes
	print "auroc", auroc / classes
	for (b in sure) { d = hits[b] - sure[b]; ece += d < 0 ? -d : d }
	print "ece", ece / n
}
END
awk -F, -v OFMT=%.12g -f scores.awk both.csv >expected
while read -r key expected; do
	case $key in
	precision | recall | f1) got=$(sed "s/.*\"$key\":{\"macro\":\([0-9.]*\),.*/\1/" scores.json) tolerance=1e-9 ;;
	ece) got=$(value ece) tolerance=1e-7 ;; # of probabilities that were rounded to floats
	*) got=$(value $key) tolerance=1e-9 ;;
	esac
	near "$got" "$expected" "$key" $tolerance
done <expected
[ "$(wc -l <expected)" -eq 6 ] || bad 'six figures are compared'

awk -F, 'NR == 1 { for (i = 5; i <= NF; i++) name[i] = $i; columns = NF; line = "class"
		for (i = 5; i <= NF; i++) line = line "," $i; print line; next }
	{ matrix[$1, $3]++ }
	END { for (i = 5; i <= columns; i++) { line = name[i]; for (j = 5; j <= columns; j++) line = line "," matrix[name[i], name[j]] + 0
		print line } }' both.csv >matrix.csv
cmp -s matrix.csv c.csv || { diff matrix.csv c.csv; bad 'the confusion matrix'; }

# The largest losses are those of the least probabilities of the answer.
awk -F, 'NR == 1 { for (i = 5; i <= NF; i++) name[i] = $i; next }
	{ for (i = 5; i <= NF; i++) if (name[i] == $1) printf "%d,%s,%s,%.6f\n", $2, $1, $3, -log($i) }' both.csv |
	sort -t, -k4 -rn | head -n 12 >hardest
tail -n +2 worst.csv | awk -F, '{ printf "%d,%s,%s,%.6f\n", $1, $4, $5, $3 }' >told
[ "$(head -n 1 worst.csv)" = sample,path,loss,class,predicted,probability ] || bad 'the header of the worst'
paste -d, hardest told | awk -F, '{ d = $4 - $8; if ($1 != $5 || $2 != $6 || $3 != $7 || d > 2e-6 || d < -2e-6) wrong = 1 }
	END { exit wrong || NR != 12 }' || { paste hardest told; bad 'the worst samples'; }

# -- whatever way they are computed ---------------------------------------------------------------------

for options in '--shards 2' '--shards 7' '--batch-size 7' '--batch-size 90' '--pad-last --batch-size 32' \
	'--granularity op --shards 3' '--granularity layer' '--microbatches 3 --shards 2' '--sched dmda' '--sched prio --ncpu 1' \
	'--workers 1 --prefetch 2' '--granularity run:3' '--slots float32 --chunk 5'; do
	# shellcheck disable=SC2086 # options
	expect 0 '' eval $data --model "$net" --init w.st --metric all --json other.json --confusion other.csv --worst 12 other-worst.csv $options
	cmp -s c.csv other.csv || bad "the confusion matrix with $options"
	cmp -s worst.csv other-worst.csv || bad "the worst with $options"
	# The loss is a mean over batches, in floats.
	for file in scores other; do sed 's/"loss":[0-9.e-]*,"accuracy"/"accuracy"/; s/,"worst":.*//' $file.json >$file.cut; done
	cmp -s scores.cut other.cut || { diff scores.cut other.cut; bad "the scores with $options"; }
done
# shellcheck disable=SC2086 # options
{
	expect 0 '^csv:t.csv,label=kind: 90 samples, loss [0-9.]*, accuracy [0-9.]*$' eval $data --model "$net" --init w.st --worst 1 one.csv
	[ "$(wc -l <out)" -eq 1 ] && [ "$(wc -l <one.csv)" -eq 2 ] || bad 'nothing but what is asked for'
	run eval $data --model "$net" --init w.st --metric all --confusion c2.csv --quiet
	[ ! -s out ] && cmp -s c.csv c2.csv || bad 'quiet'
	expect 0 ', topk:2 [0-9.]*, f1 [0-9.]*$' eval $data --model "$net" --init w.st --metric topk:2,f1 --log elog
	near "$(sed 's/.*"topk:2":\([0-9.]*\).*/\1/' elog | tail -n 1)" "$(sed 's/.*"2":\([0-9.]*\).*/\1/' scores.json)" 'topk is exact'
	expect 0 '"event":"eval".*"metrics":{"topk:2"' eval $data --model "$net" --init w.st --metric topk:2 --log - --quiet
	expect 0 '^Epoch 1/1 ' train $data --val csv:t.csv,label=kind --model "$net" --epochs 1 --metric f1 --val-overlap
	expect 0 '\] Epoch 1/1 .*  val f1 ' train $data --val csv:t.csv,label=kind --model "$net" --epochs 1 --metric f1 --pool 2
	# Samples of a label that is ignored are left out.
	expect 0 '90 samples' eval $data --model "$net" --init w.st --ignore-label 1 --metric f1 --json ignored.json
	near "$(value samples ignored.json)" "$(awk -F, '$1 != "green" && NR > 1' both.csv | wc -l)" 'ignored samples'
}

# -- pictures -------------------------------------------------------------------------------------------

. "$SRC/tests/stripes"
mkdir stripes && stripes stripes
PLAIT_DATA=$here/stripes
export PLAIT_DATA

# size FILE WIDTH HEIGHT: it is a PNG file of so many pixels.
size()
{
	[ "$(head -c 24 "$1" | od -An -tu1 | tr -s ' \n' ' ')" = " 137 80 78 71 13 10 26 10 0 0 0 13 73 72 68 82 0 0 $(($2 / 256)) $(($2 % 256)) 0 0 $(($3 / 256)) $(($3 % 256)) " ] ||
		bad "$1: a picture of $2 x $3"
}

expect 0 '' train --data fashion-mnist --model linear:10 --epochs 1 --save s.st
"$plait" eval --data fashion-mnist:test --model linear:10 --init s.st --confusion m.png --worst 7 w.png >out 2>err
if grep -q 'without libpng' err; then
	echo 'no pictures: built without libpng'
else
	expect 0 '50 samples' eval --data fashion-mnist:test --model linear:10 --init s.st --confusion m.png --worst 7 w.png
	# Five columns of 144 pixels, two rows of 140 and a caption; a title of 67 letters, ten cells of 25 and names of 11.
	size w.png 768 400
	size m.png 414 347
	expect 0 '' eval --data fashion-mnist:test --model linear:10 --init s.st --worst 3 w.png
	size w.png 464 204
fi
unset PLAIT_DATA

# -- yes or no, and numbers --------------------------------------------------------------------------------

awk 'BEGIN { srand(5); print "a,b,y"
	for (i = 0; i < 70; i++) { a = rand(); b = rand(); c = a - b + 0.3 * rand() > 0.2
		printf "%.3f,%.3f,%d.0\n", a, b, c } }' >y.csv
awk 'BEGIN { srand(1); print "a,b,y"
	for (i = 0; i < 45; i++) { a = rand(); b = rand(); printf "%.3f,%.3f,%.3f\n", a, b, a * b - 0.3 } }' >n.csv
# Whole numbers would be labels.
sed '2s/\.0$/.25/' y.csv >yes.csv
yes='--data csv:yes.csv,label=y --model linear:1 --loss bce' numbers='--data csv:n.csv,label=y --model linear:1 --loss mse'
# shellcheck disable=SC2086 # options
{
	expect 0 '  val f1 [0-9.]*  ' train $yes --val csv:yes.csv,label=y --epochs 20 --lr 0.1 --save y.st --metric f1
	expect 0 'samples, loss [0-9.]*, precision [0-9.]*, recall' eval $yes --init y.st --metric all --json scores.json --confusion y.cm.csv --worst 5 y.w.csv
	grep -Eq '^  1  +[0-9]+ ' out || bad 'class 1 has a line'
	run predict --data csv:yes.csv,label=y --init y.st --out p.csv
	paste -d, yes.csv p.csv | awk -F, 'NR > 1 { y = $3 >= 0.5; s = $NF > 0.5; m[y, s]++ }
		END { print "class,0,1"; for (y = 0; y < 2; y++) print y "," m[y, 0] + 0 "," m[y, 1] + 0 }' | cmp -s - y.cm.csv ||
		bad 'the matrix of yes and no'
	[ "$(wc -l <y.w.csv)" -eq 6 ] || bad 'the worst of yes and no'

	expect 0 '  val rmse [0-9.]*  val r2 ' train $numbers --val csv:n.csv,label=y --epochs 3 --save n.st --metric rmse,r2
	expect 0 ', mae [0-9.]*, rmse [0-9.]*, r2 -?[0-9.]*$' eval $numbers --init n.st --metric all --json scores.json --worst 4 n.w.csv
	run predict --data csv:n.csv,label=y --init n.st --out p.csv
}
paste -d, n.csv p.csv | awk -F, -v OFMT=%.12g 'NR > 1 { n++; t[n] = $3; e[n] = $NF - $3; sum += $3 }
	END { for (i = 1; i <= n; i++) { a += e[i] < 0 ? -e[i] : e[i]; s += e[i] ^ 2; v += (t[i] - sum / n) ^ 2 }
		print "mae", a / n; print "rmse", sqrt(s / n); print "r2", 1 - s / v }' >expected
# Targets are floats there.
while read -r key expected; do near "$(value $key)" "$expected" "$key" 1e-6; done <expected
tail -n +2 n.w.csv | grep -Evq '^[0-9]+,,[0-9.e-]+,,,$' && bad 'the worst of numbers'

# -- what is wrong ---------------------------------------------------------------------------------------------

# shellcheck disable=SC2086 # options
{
	set -- eval $data --model "$net" --init w.st
	expect 2 'unknown metric "f2", did you mean "f1"\?.*the metrics are mae, topk, precision, recall' "$@" --metric f2
	expect 2 '--metric rmse: it is of numbers, and --loss cross-entropy compares classes' "$@" --metric rmse
	expect 2 '--metric f1: it is of classes, and --loss mse compares numbers' eval $numbers --init n.st --metric f1
	expect 2 'there is a "f1" already' "$@" --metric f1,f1
	expect 2 '--confusion c.txt: must end in .csv or .png' "$@" --confusion c.txt
	expect 2 '--confusion is of classes' eval $numbers --init n.st --confusion c3.csv
	expect 2 '--worst: "0" is no whole number' "$@" --worst 0 w.csv
	expect 2 '--worst: "w.csv" is no whole number from 1 to 10000.*--worst N FILE' "$@" --worst w.csv
	expect 2 '--worst needs a value: --worst N FILE' "$@" --worst 3
	expect 2 '--worst needs a value' "$@" --worst
	expect 2 '--worst w.txt: must end in' "$@" --worst 3 w.txt
	expect 2 '--worst was given twice' "$@" --worst 3 w.csv --worst 4 v.csv
	expect 0 '' "$@" --worst=3 w.csv
	expect 1 '--worst: .*a picture needs images' "$@" --worst 3 w.png
	expect 1 'nowhere/c.csv' "$@" --confusion nowhere/c.csv
	expect 2 '--confusion and --worst name one file' "$@" --confusion same.csv --worst 3 same.csv
	expect 2 '--json t.csv is the file that --data reads' "$@" --json t.csv
	expect 2 'no option "--confusion" \(eval has it\)' train $data --model "$net" --confusion c.csv
	expect 2 'no option "--worst" \(eval has it\)' predict $data --init w.st --worst 3 w.csv
	expect 2 'needs --val SPEC, as there is --metric f1' train $data --model "$net" --metric f1
	expect 2 '--metric confusion: plait eval has it' train $data --val csv:t.csv,label=kind --model "$net" --metric confusion
}
# Two outputs, and answers that are all 0.
npy()
{
	printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }"
	head -c 32 /dev/zero
}
npy >x.npy
npy >y.npy
run train --data npy:x.npy,y.npy --model linear:2 --loss bce --epochs 1 --save two.st
expect 1 'each output is a class of its own' \
	eval --data npy:x.npy,y.npy --model linear:2 --loss bce --init two.st --confusion m.csv
[ ! -e m.csv ] || bad 'a matrix of several outputs'
expect 0 '^  1  +0 ' eval --data npy:x.npy,y.npy --model linear:2 --loss bce --init two.st --metric f1
exit $failed
