#!/bin/sh
# SPDX-License-Identifier: MIT
# plait predict: the numbers, in every form they are written in, names of classes, what the weights
# say of themselves, and how a run can end.
. "$SRC/tests/cli/common"

# says PATTERN: standard error has it.
says()
{
	grep -Eq -e "$1" err || bad "no line like: $1"
}

# runs ARGUMENTS...: the command is done and prints nothing on standard output.
runs()
{
	"$plait" "$@" >out 2>err || bad "$*"
	drop_folder_warning
	[ ! -s out ] || bad "$*: prints"
}

# holds FILE CONDITION: an awk condition on fields with commas between holds in every line but the
# first, and there are such lines.
holds()
{
	awk -F, "NR > 1 && !($2) { wrong = 1; print } END { exit wrong || NR < 2 }" "$1" >wrong ||
		{ cat wrong; bad "$1: $2"; }
}

# -- plain arithmetic ------------------------------------------------------------------------------

# linear:2 for two features: weights 1 2, 3 4, biases 0.5 and -1.  The file says nothing else.
header='{"0.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"0.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}'
{
	printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header"
	printf '\0\0\200\077\0\0\0\100\0\0\100\100\0\0\200\100\0\0\0\077\0\0\200\277'
} >plain.st
printf '%s\n' 1,2,0 0,0,1 -1,0.25,0 >small.csv
small='--data csv:small.csv --init plain.st --model linear:2'
expect 0 . predict $small --loss mse
printf '%s\n' sample,output0,output1 0,5.5,10 1,0.5,-1 2,0,-3 | cmp -s - out || bad 'outputs'
says '^Predicted: 3 samples in [0-9.e-]+ s, [0-9]+ samples/s$'
expect 0 '^sample,class,probability,0,1$' predict $small --loss cross-entropy
cp out small.out
# A dozen ulps of a float near 1: exp, the sum and the division round.
holds out 'NR != 2 || ($5 - 1 / (1 + exp(-4.5))) ^ 2 < 1e-12'
holds out '$4 + $5 - 1 < 1e-6 && 1 - $4 - $5 < 1e-6 && $3 == ($4 > $5 ? $4 : $5) && $2 == ($5 > $4)'
[ "$(wc -l <out)" -eq 4 ] || bad 'a line for each sample'
# With a softmax of its own the network gets no second one.
expect 0 . predict --data csv:small.csv --init plain.st --model 'linear:2 softmax' --loss cross-entropy
cmp -s small.out out || bad 'a softmax twice'
# Log-probabilities become probabilities.  Both softmaxes round as above.
expect 0 '^sample,class,probability,0,1$' predict --data csv:small.csv --init plain.st --model 'linear:2 log-softmax' --loss nll
holds out '(NR != 2 || ($5 - 1 / (1 + exp(-4.5))) ^ 2 < 1e-12) && $4 + $5 - 1 < 1e-6 && 1 - $4 - $5 < 1e-6'

# -- train, then predict -----------------------------------------------------------------------

data=synthetic:320,10,3 net='linear:8 relu linear:3'
"$plait" train --data $data --model "$net" --epochs 3 --quiet --save w.st >out 2>err || bad 'no weights'
expect 0 . predict --data $data --init w.st
says '^plait: --model "linear:8 relu linear:3", as w.st says$'
cp out w.csv
[ "$(wc -l <w.csv)" -eq 321 ] || bad 'a line for each sample, and a header'
holds w.csv '$1 == NR - 2 && $3 == $(4 + $2) && $3 >= $4 && $3 >= $5 && $3 >= $6'
expect 0 '^sample,class' predict --data $data --init w.st --model " $net" --quiet --out -
[ ! -s err ] && cmp -s out w.csv || bad '--quiet, and -'
[ ! -e - ] || bad 'a file called -'
# The outputs are the same whatever computes them.
for how in '--granularity op --prefetch 2' '--ncpu 1 --slots float32' '--sched lws --workers 1 --chunk 3'; do
	expect 0 . predict --data $data --init w.st --quiet $how
	cmp -s out w.csv || bad "$how changes the predictions"
done
# Products of another size are summed in another order; 7 leaves a short last batch.
expect 0 . predict --data $data --init w.st --quiet --batch-size 7
paste -d, w.csv out >both.csv
holds both.csv '$1 == $7 && ($4 - $10) ^ 2 + ($5 - $11) ^ 2 + ($6 - $12) ^ 2 < 1e-12'

# The accuracy is that of eval.
awk 'BEGIN { srand(7); for (i = 0; i < 200; i++) { a = rand(); b = rand(); print a "," b "," (a + b / 4 > 0.6) } }' >labels.csv
"$plait" train --data csv:labels.csv --model 'linear:4 tanh linear:2' --epochs 5 --quiet --save l.st >out 2>err || bad 'no weights'
expect 0 'accuracy' eval --data csv:labels.csv --model 'linear:4 tanh linear:2' --init l.st
accuracy=$(sed -n 's/.*accuracy //p' out)
expect 0 . predict --data csv:labels.csv --init l.st
tail -n +2 out | paste -d, labels.csv - |
	awk -F, -v a="$accuracy" '{ right += $3 == $5 } END { exit sprintf("%.4f", right / NR) != a }' ||
	bad "the classes are not as often right as eval says: $accuracy"

# -- files -----------------------------------------------------------------------------------------

runs predict --data $data --init w.st --out w2.csv
cmp -s w.csv w2.csv || bad '--out FILE.csv'
says '^Predicted: 320 samples'
echo old >w.npy
runs predict --data $data --init w.st --out w.npy --quiet
[ ! -s err ] || bad '--out FILE.npy --quiet'
[ "$(wc -c <w.npy)" -eq $((128 + 320 * 3 * 4)) ] || bad 'the size of an array'
head -c 128 w.npy | grep -aFq "'descr': '<f4', 'fortran_order': False, 'shape': (320, 3), }" ||
	head -c 128 w.npy | grep -aFq "'descr': '>f4'" || bad 'the header of an array'
# od prints a float by as few digits as tell it from others: within half of 2^-23 of it.
od -A n -v -t f4 -j 128 w.npy | tr -s ' ' '\n' | grep . >floats
tail -n +2 w.csv | cut -d, -f4- | tr , '\n' | paste -d ' ' - floats |
	awk '{ d = $1 - $2 } d > 6e-8 * $1 || -d > 6e-8 * $1 { wrong = 1 } END { exit wrong || NR != 960 }' ||
	bad '.npy and .csv differ'
# Plait's own reader, with outputs as targets too: one dimension for each sample.
runs predict --data $data --init w.st --out y.npy --loss mse
says 'w.st has weights of --loss cross-entropy, and --loss mse is asked for'
expect 0 '320' data npy:w.npy,y.npy
grep -Eq 'shape +\[3\] of float32' out && grep -Eq 'targets +3 a sample' out || bad 'the array as data'
if /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
	/usr/bin/python3 -c '
import csv, numpy
a = numpy.load("w.npy")
b = numpy.array([r[3:] for r in csv.reader(open("w.csv"))][1:], dtype=numpy.float32)
assert a.dtype == numpy.float32 and a.shape == (320, 3) and (a == b).all()' || bad 'numpy.load'
else
	echo 'without NumPy: numpy.load is not tried'
fi

draw=$BUILD/tests/draw
"$draw" pictures 2 6
images=$?

# -- names of classes --------------------------------------------------------------------------

printf '%s\n' '1,0,0,"cat, big"' '0,1,0,"say ""dog"""' '0,0,1,fox' >odd.csv
learn='--optimizer sgd --lr 1 --epochs 60 --batch-size 3 --quiet'
runs train --data csv:odd.csv --model linear:3 $learn --save odd.st
expect 0 '^sample,class,probability,"cat, big",fox,"say ""dog"""$' predict --data csv:odd.csv --init odd.st --strict
sed -n 2p out | grep -q '^0,"cat, big",0\.' && sed -n 3p out | grep -q '^1,"say ""dog""",0\.' || bad 'names that need quotes'
# Labels of others are not looked at, not even where their names are no classes of the weights.
printf '%s\n' 1,0,0,what 0,1,0,ever >other.csv
expect 0 '^1,"say ""dog""",' predict --data csv:other.csv --init odd.st --strict
printf '%s\n' 1,0,0,5 0,1,0,-7.5 >targets.csv
expect 0 '^1,"say ""dog""",' predict --data csv:targets.csv --init odd.st --strict
# Weights without names have those of the data, if there are as many.
runs train --data csv:targets.csv --model linear:1 --loss mse $learn --save mse.st
printf '%s\n' 1,0,0,0 0,1,0,1 0,0,1,2 >numbers.csv
runs train --data csv:numbers.csv --model linear:3 $learn --save numbers.st
expect 0 '^sample,class,probability,"cat, big",fox,' predict --data csv:odd.csv --init numbers.st
says 'numbers.st was trained on numbers as labels, and classes have names here: the first, cat, big, is taken'
expect 1 'was trained on numbers.*--strict' predict --data csv:odd.csv --init numbers.st --strict
expect 0 '^sample,class,probability,0,1,2$' predict --data csv:other.csv --init numbers.st --strict
# More names than outputs, which only a changed file can have.
printf '%s\n' 1,0,0,class_one 0,1,0,ddd >two.csv
runs train --data csv:two.csv --model linear:2 $learn --save two.st
LC_ALL=C sed 's/class_one/c\\u000ane/' two.st >three.st
expect 1 'three.st names 3 classes, and the network has 2 outputs' predict --data csv:two.csv --init three.st
# Fewer names than outputs: the others have their numbers.
runs train --data csv:two.csv --model linear:4 $learn --save four.st
expect 0 '^sample,class,probability,class_one,ddd,2,3$' predict --data csv:two.csv --init four.st
# A table with other features is refused, as by eval.
printf '%s\n' a,b,c,name 1,0,0,x 0,1,0,y >abc.csv
printf '%s\n' a,c,b,name 1,0,0,x 0,1,0,y >acb.csv
runs train --data csv:abc.csv --model linear:2 $learn --save abc.st
expect 1 'feature 1 is "c", in abc.st it is "b"' predict --data csv:acb.csv --init abc.st

# -- data without labels ---------------------------------------------------------------------------

# same SPEC WANTED [OPTION...]: the predictions for SPEC are those in the file WANTED.
same()
{
	spec=$1 wanted=$2
	shift 2
	expect 0 . predict --data "$spec" --quiet "$@"
	cmp -s out "$wanted" || bad "$spec: other predictions than in $wanted"
}

# A table that has the features' columns has no label, with a header, without one, with a column that
# numbers the rows; one that has more is as before.
expect 0 . predict --data csv:abc.csv --init abc.st --quiet
cp out abc.out
printf '%s\n' a,b,c 1,0,0 0,1,0 >bare.csv
printf '%s\n' 1,0,0 0,1,0 >noheader.csv
printf '%s\n' ,a,b,c 0,1,0,0 1,0,1,0 >index.csv
printf '%s\n' ,a,b,c,name 0,1,0,0,x 1,0,1,0,y >indexed.csv
printf '%s\n' name,a,b,c x,1,0,0 y,0,1,0 >first.csv
printf '%s\n' a,b,c,y 1,0,0,1 0,1,0,0 >numbered.csv
for table in bare noheader index indexed numbered; do
	same csv:$table.csv abc.out --init abc.st
done
same csv:first.csv,label=name abc.out --init abc.st
same csv:bare.csv,label=none abc.out --init abc.st
expect 0 . predict --data csv:bare.csv --init abc.st
says '^plait: csv:bare.csv: has 3 features, as abc.st, and no label$'
expect 0 . predict --data csv:abc.csv --init abc.st
! grep -q 'no label' err || bad 'a label is there'
expect 1 'abc.csv: line 2, column 4: expected a finite number, found "x"' predict --data csv:abc.csv,label=none --init abc.st
printf '%s\n' a,c,b 1,0,0 0,1,0 >order.csv
expect 1 'feature 1 is "c", in abc.st it is "b"' predict --data csv:order.csv --init abc.st
printf '%s\n' a,b,c 1,0,0 0,n/a,0 >cell.csv
expect 1 'cell.csv: line 3, column 2: expected a finite number, found "n/a"' predict --data csv:cell.csv --init abc.st
# One feature; and a network of files that do not say how many there are.
printf '%s\n' 1,1 2,2 >line.csv
printf '%s\n' 1 2 >column.csv
runs train --data csv:line.csv --model linear:1 --loss mse --epochs 2 --quiet --save line.st
expect 0 . predict --data csv:line.csv --init line.st --quiet
cp out line.out
same csv:column.csv line.out --init line.st
printf '%s\n' 1,2 0,0 -1,0.25 >bare.csv
same csv:bare.csv,label=none small.out --init plain.st --model linear:2 --loss cross-entropy
# An array without labels: what plait itself writes.  Weights have as many inputs as w.st outputs.
runs train --data npy:w.npy,y.npy --model linear:3 --loss mse --epochs 1 --quiet --save n.st
expect 0 . predict --data npy:w.npy,y.npy --init n.st --quiet
cp out n.out
same npy:w.npy n.out --init n.st
printf '\0\0\010\003\0\0\0\002\0\0\0\001\0\0\0\002abcd' >images.idx
printf '\0\0\010\001\0\0\0\002\0\001' >labels.idx
runs train --data idx:images.idx,labels.idx --model linear:2 $learn --save idx.st
expect 0 . predict --data idx:images.idx,labels.idx --init idx.st --quiet
cp out idx.out
same idx:images.idx idx.out --init idx.st
# Who needs labels says so; who does not looks at the samples.
for spec in csv:bare.csv,label=none npy:w.npy idx:images.idx; do
	expect 1 "cross-entropy needs class labels; $spec has none" train --data $spec --model linear:2
	expect 1 "mse needs targets .*; $spec has none" train --data $spec --model linear:2 --loss mse
	expect 1 "cross-entropy needs class labels; $spec has none" eval --data $spec --model linear:2 --init plain.st
	expect 0 'samples +[0-9]' data $spec
	! grep -Eq 'classes|targets' out || bad "$spec: plait data tells of labels"
	expect 0 'samples/s' load --data $spec
	runs pack --data $spec bare.packed --quiet
	expect 0 'samples +[0-9]' data packed:bare.packed
done
same packed:bare.packed idx.out --init idx.st

# -- what the weights say --------------------------------------------------------------------------

grep -aq '"plait.loss":"cross-entropy"' w.st && grep -aq '"plait.loss":"mse"' mse.st || bad 'the loss is in the file'
runs train --data $data --model 'linear:3 log-softmax' --loss nll --epochs 1 --quiet --save nll.st
expect 0 '^sample,class,probability,0,1,2$' predict --data $data --init nll.st --strict
expect 0 'accuracy' eval --data $data --init nll.st --model 'linear:3 log-softmax' --loss nll --pad-last
expect 0 '^sample,output0$' predict --data csv:targets.csv --init mse.st --strict
expect 0 'probability' predict --data csv:targets.csv --init mse.st --loss cross-entropy
says 'mse.st has weights of --loss mse, and --loss cross-entropy is asked for'
expect 1 'has weights of --loss mse.*--strict' predict --data csv:targets.csv --init mse.st --loss cross-entropy --strict
expect 0 . predict --data csv:odd.csv --init odd.st --model 'linear:3 tanh'
says 'odd.st has weights of --model "linear:3", and other layers are asked for'
expect 1 'other layers.*--strict' predict --data csv:odd.csv --init odd.st --model 'linear:3 tanh' --strict
# Files of before, and of others: without the loss, names tell it, or --loss.
LC_ALL=C sed 's/plait\.loss/other.loss/' odd.st >old.st
expect 0 'probability,"cat, big"' predict --data csv:odd.csv --init old.st --strict
LC_ALL=C sed 's/plait\.loss/other.loss/' mse.st >old.st
expect 2 'old.st does not say what its outputs are: take --loss cross-entropy .* --loss mse' predict --data csv:targets.csv --init old.st
expect 0 '^sample,output0$' predict --data csv:targets.csv --init old.st --loss mse --strict
expect 2 'needs --model WORDS, as plain.st does not say its layers' predict --data csv:small.csv --init plain.st --loss mse

# -- images ----------------------------------------------------------------------------------------

if [ $images -ne 77 ]; then
	mv pictures/a 'pictures/a, b'
	fit='--transform resize:16x16'
	runs train --data images:pictures $fit --model linear:2 --epochs 3 --quiet --save p.st
	expect 0 '^sample,class,probability,"a, b",b$' predict --data images:pictures $fit --init p.st --strict
	[ "$(wc -l <out)" -eq 13 ] || bad 'a line for each image'
	tail -n 6 out | cut -d, -f 3- >with_labels
	# A folder of images, without labels.
	expect 0 '^sample,class,probability,"a, b",b$' predict --data images:pictures/b $fit --init p.st
	[ "$(wc -l <out)" -eq 7 ] || bad 'a line for each image without a label'
	tail -n 6 out | cut -d, -f 3- | cmp -s - with_labels || bad 'labels change the predictions'
	# An output with dimensions, and floats of the pixels.
	expect 2 'needs --init' predict --data images:pictures $fit --model 'scale:2' --loss mse
	expect 1 'output is \[3,16,16\], must be \[C\]' predict --data images:pictures $fit --model 'scale:2' --init p.st
	echo 'no image' >"pictures/b/$(ls pictures/b | sed -n 3p)"
	echo old >kept.csv
	expect 1 'sample 8' predict --data images:pictures $fit --init p.st --out kept.csv
	! grep -q 'bad-samples' err && [ "$(cat kept.csv)" = old ] || bad 'a bad sample'
else
	echo 'no images: built without libjpeg-turbo or libpng'
fi

# -- usage -----------------------------------------------------------------------------------------

expect 0 '^usage: plait predict --data SPEC --init FILE' predict --help
! grep -Eq -e '--(val|save|epochs|bad-samples|pad-last|log|print-plan) ' out && grep -q -e '--out FILE' out || bad 'the help'
expect 2 'needs --data SPEC' predict --init w.st
expect 2 'needs --init FILE' predict --data $data
for out in w.txt w w.CSV w.npz .csv; do
	expect 2 '^plait: predict: --out .*: must end in .csv or .npy' predict --data $data --init w.st --out $out
	[ ! -e $out ] || bad "$out was made"
done
expect 2 'no option "--bad-samples" \(train has it\)' predict --data $data --init w.st --bad-samples mask
expect 2 'no option "--pad-last"' predict --data $data --init w.st --pad-last
expect 2 'no option "--out" \(predict has it\)' eval --data $data --init w.st --out w.csv
expect 2 'none of cross-entropy, mse, l1' predict --data $data --init w.st --loss l2
cp w.st weights.npy
expect 2 '--out weights.npy is the file that --init reads' predict --data $data --init weights.npy --out weights.npy
cmp -s w.st weights.npy || bad 'the weights were replaced'
cp labels.csv kept.csv
expect 2 '--out kept.csv is the file that --data reads' predict --data csv:kept.csv --init l.st --out kept.csv
cmp -s labels.csv kept.csv || bad 'the data were replaced'
expect 1 'nowhere' predict --data $data --init nowhere
expect 1 'nowhere' predict --data csv:nowhere --init w.st
expect 1 'no folder nowhere' predict --data $data --init w.st --out nowhere/w.csv
expect 1 'this is no safetensors file' predict --data $data --init "$SRC/README"
expect 1 '\[8,10\]|\[8,4\]' predict --data synthetic:32,4,3 --init w.st

# -- how it ends -----------------------------------------------------------------------------------

# Finite weights and samples whose products are not: all are 1e38.
{
	printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header"
	printf '\231\166\226\176\231\166\226\176\231\166\226\176\231\166\226\176\0\0\0\0\0\0\0\0'
} >huge.st
printf '%s\n' 0,0,1 1e38,1e38,0 >huge.csv
for loss in mse cross-entropy; do
	expect 1 'huge.csv: sample 1: output 0 of the network is -?(nan|inf): .*; nothing is written' \
		predict --data csv:huge.csv --init huge.st --model linear:2 --loss $loss --out new.csv
	[ ! -e new.csv ] || bad 'a file of numbers that are not finite'
done

# More than any machine has, told before it begins.
runs train --data synthetic:32,1,2 --model linear:100000 --steps 1 --quiet --save wide.st
expect 1 '10000000 samples of 100000 numbers, need 3.6 TiB of memory, this machine has .* left' \
	predict --data synthetic:10000000,1,2 --init wide.st --out new.csv
[ ! -e new.csv ] || bad 'a file of no predictions'

if [ -w /dev/full ]; then
	for form in csv npy; do
		ln -s /dev/full full.$form
		expect 1 "full.$form: cannot be written: No space left" predict --data $data --init w.st --out full.$form
		! grep -q Predicted err || bad 'done though the disk is full'
	done
fi
mkfifo pipe.csv
cat pipe.csv >piped &
sleep 0.2
runs predict --data $data --init w.st --out pipe.csv
wait $!
cmp -s piped w.csv || bad 'a pipe'

if env --default-signal=INT true 2>/dev/null; then
	for signal in INT TERM; do
		case $signal in INT) expected=130 by= ;; *) expected=143 by=' by SIGTERM' ;; esac
		echo old >kept.csv
		# 40 bytes a line: some GB, so that it runs or writes when the signal comes.
		env --default-signal=INT,TERM "$plait" predict --data synthetic:40000000,10,3 --init w.st --out kept.csv >out 2>err &
		job=$!
		sleep 1
		kill -$signal $job
		wait $job
		got=$?
		[ $got -eq $expected ] || bad "SIG$signal: status $got, expected $expected"
		says "^plait: interrupted$by; nothing is written to kept.csv$|interrupted$by before the first step"
		[ "$(cat kept.csv)" = old ] && [ "$(ls kept.csv* | wc -l)" -eq 1 ] || bad "SIG$signal: the file that was there"
	done
	# While lines are printed: the pipe is full when the signal comes.
	mkfifo slow
	{ sleep 1.5; cat; } <slow >piped &
	env --default-signal=INT "$plait" predict --data synthetic:100000,10,3 --init w.st >slow 2>err &
	job=$!
	sleep 1
	kill -INT $job
	wait $job
	got=$?
	wait
	[ $got -eq 130 ] || bad "SIGINT while lines are printed: status $got"
	says '^plait: interrupted$'
	! grep -q Predicted err && [ "$(wc -l <piped)" -lt 100000 ] || bad 'an interrupted run went on'
fi

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
