#!/bin/sh
# SPDX-License-Identifier: MIT
# plait load --state: a run in pieces, stopped in every way, delivers what it does in one go; and
# data, options and files that do not fit are refused.
. "$SRC/tests/cli/common"
prefix=load

# hashes: the epochs' hashes in out, one a line.
hashes()
{
	sed -n 's/^Epoch .* hash \([0-9a-f]*\)$/\1/p' out
}

# Samples without any library for images: 60 of [8,8] bytes in three classes, all different.
i=0
{
	printf '\0\0\10\3\0\0\0\074\0\0\0\10\0\0\0\10'
	while [ $i -lt 60 ]; do
		printf "\\$(printf %03o $((i * 4)))\\200\\377\\0%060d" $((i * i))
		i=$((i + 1))
	done
} >images
{
	printf '\0\0\10\1\0\0\0\074'
	for i in $(seq 20); do printf '\0\1\2'; done
} >labels
data='--data idx:images,labels --transform crop:8,2 --batch-size 7 --seed 3 --hash'
again='--data idx:images,labels --transform crop:8,2 --batch-size 7 --hash --state state'

# -- a run in pieces -------------------------------------------------------------------------

expect 0 '^Epoch 3/3' $data --epochs 3
hashes >whole
[ "$(sort -u whole | wc -l)" -eq 3 ] || bad 'three epochs are not different'

# A run of three epochs, 9 batches each, in pieces of n.
for n in 4 9 10; do
	rm -f state
	: >pieces
	left=27
	expect 0 . $data --epochs 3 --state state --batches $n
	while hashes >>pieces; [ $left -gt $n ]; do
		left=$((left - n))
		# What may differ from run to run.
		case $((left % 3)) in
		0) how='--workers 1 --prefetch 2 --chunk 1 --sched lws' ;;
		1) how='--workers 2 --prefetch 6 --chunk 3 --sched dmdas' ;;
		2) how='--workers 4 --prefetch 3 --sched eager' ;;
		esac
		expect 0 . $again --epochs 3 --batches $n $how
	done
	cp whole out && : >err
	cmp -s whole pieces || { cp pieces err; bad "in pieces of $n batches"; }
done
expect 0 '^state: all 3 epochs are done$' $again --epochs 3
expect 0 '^\{"samples":0,.*"hash":null,"epoch_hashes":\[\]\}$' $again --epochs 3 --json
# More epochs may be wanted later.
expect 0 '^Epoch 4/4' $again --epochs 4
[ "$(wc -c <state)" -eq 64 ] || bad 'the state is not 64 bytes'
expect 0 '^Stopped in epoch 1/1 after 5 of 9 batches$' $data --batches 5

# JSON: the hash is that of the epoch that was ended.
rm state
expect 0 '"hash":null,"epoch_hashes":\[\]' $data --state state --batches 8 --json
grep -q '"samples":56,' out || bad 'samples of the first run'
expect 0 "\"hash\":\"$(head -1 whole)\",\"epoch_hashes\":\\[\"$(head -1 whole)\"\\]" $again --json
grep -q '"samples":4,' out || bad 'samples of the second run'

# word N: number N of the state, from 0; 0 if there is none yet.
word()
{
	if [ -e state ]; then od -An -t u8 -j $(($1 * 8)) -N 8 state | tr -d ' '; else echo 0; fi
}

# stop SIGNAL [OPTION-OF-ENV]: starts a run and stops it when an epoch or more is over.
stop()
{
	rm -f state
	env ${2-} "$plait" load $data --epochs 1000000 --state state >out 2>err &
	job=$!
	until [ "$(word 2)" -gt 0 ] || ! kill -0 $job 2>/dev/null; do sleep 0.02; done
	kill -"$1" $job
	wait $job
	got=$?
	ended=$(word 2)
	head -3 out >begin && mv begin out # not all of thousands of lines, should it be shown
	[ "$ended" -gt 0 ] || bad "stopped by $1: no epoch in the state"
}

# continue_as WHAT: what follows is what follows in one go.
continue_as()
{
	"$plait" load $data --epochs $((ended + 2)) >out 2>err || bad 'the whole run'
	hashes | tail -2 >expected
	expect 0 . $again --epochs $((ended + 2))
	hashes | tail -2 | cmp -s - expected || bad "the hashes after $1"
}

stop KILL
[ $got -eq 137 ] || bad "status $got after kill -9"
rm -f state.tmp* # what it was writing
continue_as 'kill -9'
# Without --default-signal a background command of a script ignores Ctrl-C.
if env --default-signal=INT true 2>/dev/null; then
	stop INT --default-signal=INT
	[ $got -eq 130 ] || bad "status $got after Ctrl-C, expected 130"
	grep -Eq "interrupted after [1-9][0-9]* samples, in epoch $((ended + 1)) after $(word 3) of 9 batches" err ||
		bad 'the state after Ctrl-C is not where it stopped'
	continue_as Ctrl-C
fi

# -- what does not fit -----------------------------------------------------------------------

rm state
expect 0 . $data --state state --batches 5
cp state good
expect 2 'seed 3, but --seed 4' $again --seed 4
expect 2 'other options' ${again%7 --hash*}8 --hash --state state
expect 2 'other options' $again --drop-last
expect 2 'other options' $again --no-shuffle
expect 2 'other options' --transform crop:8,1 ${again% --transform*} --batch-size 7 --hash --state state
expect 2 'other options' $again --normalize 0.5,0.5
{ head -c 30 labels; printf '\0'; tail -c +32 labels; } >other
expect 1 'state: idx:images,other: not the data' --data idx:images,other ${again#--data idx:images,labels}
{ head -c 100 images; printf x; tail -c +102 images; } >other
expect 1 'not the data' --data idx:other,labels ${again#--data idx:images,labels}
cmp -s state good || bad 'a state that was refused is not what it was'
mkdir folder
for file in folder /dev/null; do
	expect 1 "$file" ${again% state} $file
done
expect 1 'nowhere/state' ${again% state} nowhere/state
head -c 63 good >state
expect 1 'state: ' $again
for at in 0 7 8 40 63; do
	{ head -c $at good; printf '\245'; tail -c +$((at + 2)) good; } >state
	expect 1 'state: .*expected' $again
done
# The hash of an epoch's first batches must be known.
rm state
expect 0 . --data idx:images,labels --state state --batches 1
expect 2 '--hash was not given before batch 1 of epoch 1' --data idx:images,labels --state state --hash
expect 0 '^Epoch 1/1 ' --data idx:images,labels --state state
expect 0 '^Epoch 2/2 .* hash' --data idx:images,labels --state state --hash --epochs 2

# -- two at once ---------------------------------------------------------------------------------

rm state
ln -s state linked
"$plait" load $data --epochs 1000000 --state state >first.out 2>first.err &
job=$!
until [ "$(word 2)" -gt 0 ] || ! kill -0 $job 2>/dev/null; do sleep 0.02; done
expect 1 "load: --state state: process $job keeps it up to date" $again
expect 1 "load: --state linked: process $job keeps it up to date" ${again% state} linked
expect 0 . $data --state another
kill -0 $job || bad 'the first process has ended'
kill -KILL $job
wait $job
[ -e state.plait-lock ] || bad 'the process that was killed has left no lock'
rm -f state.tmp*
expect 0 . $again --epochs 1 # a lock of the dead
[ ! -e state.plait-lock ] && [ ! -e another.plait-lock ] || bad 'a lock stays'
rm linked

[ "$(ls state* | wc -l)" -eq 1 ] || bad 'files are left beside the state'
[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
