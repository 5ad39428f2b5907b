#!/bin/sh
# SPDX-License-Identifier: MIT
# --pool and --sweep: members have the weights that they have alone, are named in lines and log,
# saved to files of their own and compared in a table; one that fails leaves the others; what is wrong
# is found before anything runs.
. "$SRC/tests/cli/common"

data='--data synthetic:320,10,2'
if "$plait" doctor | grep -Eq 'FxT traces +yes'; then sources='fxt profiling auto'; else sources='profiling auto'; fi
net='linear:8 relu linear:2'

# same A B: two files of weights are one.
same()
{
	cmp -s "$1" "$2" || bad "$1 and $2 differ"
}

# alone ARGUMENTS...: a training by itself, saved to alone.st.
alone()
{
	"$plait" train $data --quiet --save alone.st "$@" >alone.out 2>&1 || bad "alone: $*"
}

# shellcheck disable=SC2086 # options
{
# -- bits: a member is what it is alone ------------------------------------------------------------

expect 0 '^Best: member [123], val loss 0\.[0-9]{4}: seed=[567]$' train $data --val synthetic:64,10,2 \
	--model "$net" --epochs 3 --seed 5 --pool 3 --save w.st --log log --log-every 4
for i in 0 1 2; do
	alone --model "$net" --epochs 3 --seed $((5 + i)) --data-seed 5
	same alone.st w-$((i + 1)).st
done
! cmp -s w-1.st w-2.st || bad 'two seeds give the same weights'
[ ! -e w.st ] || bad 'a file that is no member'"'"'s'
[ "$(grep -c '^\[seed=6\] Epoch [123]/3  loss .*val accuracy ' out)" -eq 3 ] || bad 'the lines of a member'
[ "$(grep -c '^Loader: ' out)" -eq 1 ] || bad 'not one loader'
awk '/^Member/ { on = 1; next } on && /^ +[123] .* seed=[567]$/ { rows++; if (NF != 7) exit 1; sum += $2 }
	/^Average loss of 3: / { average = $5 } END {
		d = sum / 3 - average
		exit !(rows == 3 && d * d < 1e-8)
	}' out || bad 'the table'

# Each line is an object, of a member, by number and name.
[ "$(grep -c '^{"event":"epoch","member":2,"name":"seed=6","epoch":[123],.*"val_accuracy":[0-9.]*}$' log)" -eq 3 ] ||
	{ cat log; bad 'epochs in the log'; }
[ "$(grep -c '^{"event":"step","member":3,"name":"seed=7","epoch":' log)" -eq 7 ] || { cat log; bad 'steps in the log'; }
"$plait" train $data --model "$net" --epochs 1 --log log --quiet >out 2>err
! grep -q member log || bad 'a member in the log of one'

# A product: the last changes fastest, seeds faster than that; values with commas in them.
expect 0 '^ +8 .* optimizer=adamw lr=0.02 seed=1$' train $data --model "$net" --epochs 2 \
	--sweep optimizer=sgd,adamw '--sweep=lr=0.01|0.02' --pool 2 --save p.st
alone --model "$net" --epochs 2 --optimizer adamw --lr 0.02 --seed 1 --data-seed 0
same alone.st p-8.st
alone --model "$net" --epochs 2 --optimizer sgd --lr 0.02
same alone.st p-3.st
alone --model linear:2 --epochs 2 --batch-size 16 --weight-decay 0.1
expect 0 '' train $data --epochs 2 --sweep "model=$net|linear:2" --sweep batch-size=64,16 --sweep weight-decay=0.1 --save m.st
same alone.st m-4.st
alone --model "$net" --epochs 2 --seed 9 --shards 3,1
expect 0 '' train $data --model "$net" --epochs 2 --sweep seed=0,9 --shards 3,1 --save s.st
same alone.st s-2.st
alone --model "$net" --epochs 2 --init w-2.st
expect 0 '' train $data --model "$net" --epochs 2 --sweep init=w-1.st,w-2.st --save i.st
same alone.st i-2.st
alone --model "$net" --epochs 2 --val synthetic:64,10,2 --val-overlap --replicas 2 --metric topk:1
expect 0 'topk:1 .* val topk:1' train $data --model "$net" --epochs 2 --pool 1 --val synthetic:64,10,2 --val-overlap \
	--replicas 2 --metric topk:1 --save r.st
same alone.st r-1.st
# Names of classes: weights number them, each in their own way.
printf 'a,class\n1,cat\n2,dog\n3,cat\n4,dog\n' >one.csv
printf 'a,class\n2,dog\n1,cat\n4,dog\n3,cat\n' >two.csv
for i in one two; do
	"$plait" train --data csv:$i.csv --model linear:2 --epochs 1 --quiet --save $i.st >out 2>err || bad $i
	"$plait" train --data csv:one.csv --model linear:2 --epochs 3 --init $i.st --quiet --save $i-alone.st >out 2>err || bad $i
done
expect 0 '' train --data csv:one.csv --model linear:2 --epochs 3 --sweep init=one.st,two.st --save c.st
same one-alone.st c-1.st
same two-alone.st c-2.st

# The size that is measured is that of the first, and said to be.
expect 0 '^  measured with one member alone, seed=3, and taken for all 2$' train $data --model "$net" --epochs 1 --seed 3 \
	--pool 2 --batch-size auto --save a.st
size=$(sed -n 's/^Batch size: \([0-9]*\),.*/\1/p' out)
alone --model "$net" --epochs 1 --seed 4 --data-seed 3 --batch-size "$size"
same alone.st a-2.st

# -- what is printed -------------------------------------------------------------------------------

expect 0 '^\[lr=0.2\] $' train $data --model "$net" --epochs 1 --sweep lr=0.1,0.2 --print-plan
[ "$(grep -c '^\[lr=0\.[12]\] $' out)" -eq 2 ] || bad 'not two plans'
"$plait" train $data --model "$net" --epochs 1 --pool 2 --quiet --save q.st >out 2>err || bad '--quiet'
drop_folder_warning
[ ! -s out ] && [ ! -s err ] || bad '--quiet prints'
"$plait" train $data --model "$net" --epochs 1 --pool 2 --quiet --save q >out 2>err
[ -s q-1 ] && [ -s q-2 ] || bad 'a name without an ending'

# A trace counts the steps of all: 10 and 2 of validation in each of 2 epochs, for each member.
expect 0 ' tasks of 72 steps: ' trace --source profiling --json t.json -- train $data --val synthetic:64,10,2 \
	--sweep "model=$net|linear:2|linear:3" --epochs 2 --quiet
grep -q '"losses": *null' t.json || bad 'losses of several in one curve'

# -- members that fail -----------------------------------------------------------------------------

echo old >f-2.st
echo old >f-3.st
expect 1 'lr=1e30: the loss is not finite' train $data --sweep "model=$net|linear:1" --sweep lr=0.1,1e30 --epochs 2 \
	--save f.st --log log --optimizer sgd
alone --model "$net" --epochs 2 --lr 0.1 --optimizer sgd
same alone.st f-1.st
[ "$(cat f-2.st f-3.st)" = 'old
old' ] || bad 'the file of a member that failed was written'
[ ! -e f-4.st ] || bad 'a file of a member that failed'
grep -Eq '^ +2 .* lr=1e30: failed: the loss is not finite' out || bad 'a failure in the table'
grep -Eq '^ +3 +- +- +0\.00  model=linear:1 lr=0.1: failed: --model: the network has 1 output' out || bad 'one that was not built'
grep -q '^Average loss of 1: ' out || bad 'the mean of those that are done'
[ "$(grep -c '^{"event":"failed","member":[234],"name":".*","message":".*"}$' log)" -eq 3 ] || { cat log; bad 'failures in the log'; }
expect 1 'linear:1' train $data --sweep model=linear:1 --epochs 1 --save g.st
! grep -q '^Average' out || bad 'a mean of none'

# A trace has a report of all that has run, whichever member failed, the first one too.
for source in $sources; do
	expect 1 'lr=1e30: the loss is not finite' trace --source "$source" --json t.json -- train $data --optimizer sgd \
		--sweep "model=linear:1|$net" --sweep lr=1e30,0.1 --epochs 2
	grep -q ' tasks of [1-9][0-9]* steps: ' out && grep -q '"codelets"' t.json || bad "$source: no report"
done
expect 1 'has 2 classes' trace --source profiling -- train $data --pool 2 --model linear:1
! grep -q ' tasks of ' out || bad 'a report of nothing'

# -- what is wrong is found before anything runs ---------------------------------------------------

tidy=yes
job="$data --model linear:2 --epochs 1 --save no.st"
expect 2 '"lr" is not OPTION=V1,V2' train $job --sweep lr
expect 2 '"learning" is no option to sweep' train $job --sweep learning=1
expect 2 '"epoch" is no option to sweep' train $job --sweep epoch=1
expect 2 '--sweep lr: "x" is no number' train $job --sweep lr=0.1,x
expect 2 '--sweep optimizer: "adm" is none of sgd, adam, adamw, rmsprop, .*; did you mean adam' train $job --sweep optimizer=adm
expect 2 '--sweep lr: a value is missing' train $job --sweep lr=0.1,,0.2
expect 2 '--sweep lr: a value is missing' train $job --sweep lr=
expect 2 '--sweep lr was given twice' train $job --sweep lr=1 --sweep lr=2
expect 2 '--lr and --sweep lr: give one of them' train $job --sweep lr=1 --lr 1
expect 2 'optimizer=adam momentum=0.9: .*--momentum belongs' train $job --sweep optimizer=sgd,adam --sweep momentum=0.9
expect 2 'auto is chosen once for all' train $job --sweep batch-size=auto,32
expect 2 'ask for 80 members or more, and a pool has at most 64' train $job --sweep lr=1,2,3,4 --pool 20
expect 2 'lr: more than 64 values' train $job --sweep lr=$(seq -s, 1 65)
expect 2 '--pool: "0" is no whole number from 1 to 64' train $job --pool 0
expect 2 '--pool: "65" is no whole number from 1 to 64' train $job --pool 65
expect 2 'no more seeds' train $job --pool 2 --seed 9223372036854775807
expect 2 'model=liner:2.*unknown layer "liner"' train $data --epochs 1 --save no.st --sweep 'model=linear:2|liner:2'
expect 2 'needs --model' train $data --epochs 1 --save no.st --pool 2
expect 2 'train has it' eval $data --model linear:2 --init w-1.st --pool 2
# Outputs: all are known before the run.
expect 2 '--save no-2.st and --log name one file|--log and --save name one file' train $job --pool 2 --log no-2.st
expect 1 'there is no folder' train $data --model linear:2 --pool 2 --save nowhere/no.st
mkdir no-2.st
expect 1 'is a folder' train $job --pool 2
rmdir no-2.st
expect 1 'missing.st' train $job --sweep init=w-1.st,missing.st
[ -z "$(ls | grep '^no')" ] || bad "something was written: $(ls | grep '^no')"
# 64 are a pool.
expect 0 '^ +64 ' train --data synthetic:64,10,2 --model linear:2 --epochs 1 --pool 64

# -- Ctrl-C ----------------------------------------------------------------------------------------

rm -f c-1.st c-2.st c-3.st log
# A shell lets what runs beside it ignore Ctrl-C.
if env --default-signal=INT true 2>/dev/null; then
	env --default-signal=INT "$plait" train $data --model "$net" --epochs 20000 --pool 3 --save c.st --log log >long 2>err &
	child=$!
	tries=0
	until grep -qs '"member":3' log || [ $tries -ge 400 ]; do sleep 0.05; tries=$((tries + 1)); done
	kill -INT $child
	wait $child
	got=$?
	tail -n 6 long >out
	[ $got -eq 130 ] || bad "the status after Ctrl-C: $got"
	grep -q 'interrupted; weights of 3 of 3 members are saved' err || bad 'what Ctrl-C says'
	[ "$(grep -c . err)" -eq 1 ] || bad 'more than one message'
	for i in 1 2 3; do
		"$plait" eval $data --model "$net" --init c-$i.st --quiet >out 2>err || bad "weights of member $i after Ctrl-C"
	done
fi
}

exit $failed
