#!/bin/sh
# SPDX-License-Identifier: MIT
# The ways a run can end, of every command: exit status, what is said and how often, what is saved,
# and that nothing is left behind.
. "$SRC/tests/cli/common"

data=synthetic:320,10,2
net='linear:8 relu linear:2'
"$plait" train --data $data --model "$net" --epochs 1 --quiet --save good.st --log good.jsonl 2>err || bad 'no weights'
cp good.st best.st
mkdir trace

# arguments COMMAND: a short run of it that prints something.  A new command fails here first.
arguments()
{
	case $1 in
	train) echo "--data $data --model linear:2 --epochs 1 --init good2.st --save best.st" ;;
	eval) echo "--data $data --model linear:2 --init good2.st" ;;
	predict) echo "--data $data --init good2.st --quiet" ;;
	policies) echo "--data $data --model linear:2 --policies eager --repeats 1 --steps 60 --warmup 24" ;;
	overlap) echo "--data $data --model linear:2 --repeats 1 --steps 60 --warmup 24" ;;
	models) echo "--data $data --model linear:2" ;;
	model) echo "linear:2 --input 10" ;;
	pack) echo "--data $data packed" ;;
	load) echo "--data $data" ;;
	data) echo "$data" ;;
	trace) echo "trace" ;;
	runs) echo "good.log" ;;
	doctor) ;;
	*) bad "no arguments for plait $1 here" ;;
	esac
}
"$plait" train --data $data --model linear:2 --epochs 1 --quiet --save good2.st --log good.log 2>err || bad 'no weights'
"$plait" trace --source profiling --keep trace -- train --data $data --model linear:2 --epochs 1 >out 2>err || bad 'no trace'
commands=$("$plait" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 10 ] || bad 'the list of commands'

# -- an output that cannot be written ---------------------------------------------------------

cp good.st best.st
for command in $commands; do
	for sink in full closed reader; do
		: >out
		# shellcheck disable=SC2046
		case $sink in
		full)
			[ -w /dev/full ] || continue
			"$plait" $command $(arguments $command) >/dev/full 2>err
			got=$?
			;;
		closed)
			"$plait" $command $(arguments $command) >&- 2>err
			got=$?
			;;
		reader)
			{ sleep 0.3; "$plait" $command $(arguments $command) 2>err; echo $? >status; } | true
			got=$(cat status)
			;;
		esac
		drop_folder_warning
		what="plait $command, standard output $sink"
		[ "$got" -eq 1 ] || bad "$what: status $got"
		[ "$(grep -c 'standard output: ' err)" -eq 1 ] || bad "$what: not one message"
		[ "$(grep -cv "warning: --repeats" err)" -eq 1 ] || bad "$what: more messages"
		cmp -s good.st best.st || { bad "$what: weights were replaced"; cp good.st best.st; }
		clean "$what"
	done
done
rm -f packed

# -- signals ----------------------------------------------------------------------------------

# until_there FILE: waits until a run has begun.
until_there()
{
	tries=0
	until [ -s "$1" ] || [ $tries -ge 400 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
}

if env --default-signal=INT true 2>/dev/null; then
	for signal in INT TERM HUP; do
		case $signal in
		INT) expected=130 by= ;;
		TERM) expected=143 by=' by SIGTERM' ;;
		HUP) expected=129 by=' by SIGHUP' ;;
		esac
		rm -f long.jsonl saved.st
		env --default-signal=INT,TERM,HUP "$plait" train --data $data --model "$net" --epochs 1000000 \
			--log long.jsonl --quiet --save saved.st >out 2>err &
		job=$!
		until_there long.jsonl
		kill -$signal $job
		wait $job
		got=$?
		[ $got -eq $expected ] || bad "SIG$signal: status $got, expected $expected"
		grep -Eq "interrupted after step [1-9][0-9]*$by; weights saved to saved.st" err || bad "SIG$signal: message"
		expect 0 '320 samples' eval --data $data --model "$net" --init saved.st
		# A run of its own, which is told by the program alone.
		rm -f long.jsonl saved.st
		env --default-signal=INT,TERM,HUP "$plait" trace --source profiling -- train --data $data --model "$net" \
			--epochs 1000000 --log long.jsonl --quiet --save saved.st >out 2>err &
		job=$!
		until_there long.jsonl
		kill -$signal $job
		wait $job
		got=$?
		[ $got -eq $expected ] || bad "trace, SIG$signal: status $got, expected $expected"
		[ -s saved.st ] || bad "trace, SIG$signal: nothing is saved"
		clean "trace, SIG$signal"
		# What asks for children: all are gone, and their folders.
		for command in policies overlap; do
			env --default-signal=INT,TERM,HUP "$plait" $command --data $data --model "$net" --steps 10000000 \
				--max-run 1000 >out 2>err &
			job=$!
			sleep 1
			kill -$signal $job
			wait $job
			got=$?
			[ $got -eq $expected ] || bad "$command, SIG$signal: status $got, expected $expected"
			clean "$command, SIG$signal"
		done
	done
	# A signal that comes twice at once, as timeout(1) sends it, is one.
	rm -f long.jsonl saved.st
	env --default-signal=INT,TERM,HUP timeout 3 "$plait" train --data $data --model "$net" --epochs 1000000 \
		--log long.jsonl --quiet --save saved.st >out 2>err
	[ $? -eq 124 ] && [ -s saved.st ] || bad 'under timeout nothing is saved'
	# What a killed process has left, the next run removes.
	rm -f long.jsonl
	"$plait" trace --source profiling -- train --data $data --model "$net" --epochs 1000000 --log long.jsonl \
		>out 2>err &
	job=$!
	until_there long.jsonl
	kill -KILL $job
	wait $job 2>/dev/null
	[ -n "$(ls -A "$TMPDIR")" ] || bad 'a killed run has no folder: this tests nothing'
	sleep 0.5
	expect 0 'wall' trace --source profiling -- train --data $data --model "$net" --epochs 1
	clean 'the run after one that was killed'
else
	echo 'env cannot restore signals: they are not tested'
fi

# -- failures save nothing ---------------------------------------------------------------------

# fails PATTERN ARGUMENTS...: a training that fails leaves the weights that were there.
fails()
{
	pattern=$1
	shift
	cp good.st best.st
	expect 1 "$pattern" train --model "$net" --epochs 2 --save best.st "$@"
	cmp -s good.st best.st || bad "weights were replaced: $*"
}
fails 'not finite' --data $data --lr 1e30
printf '%s\n' 1,2,0 3,4,1 >small.csv
fails 'need' --data $data --memory-limit 1k
! grep -q '0\.0 MB' err || bad 'memory in units that are too large'
mkdir images images/a images/b
echo 'no image' >images/a/1.png
cp images/a/1.png images/b/1.png
fails '1.png' --data images:images
fails 'nothing|moved|stall|not done' --data $data --load-delay 3e6 --timeout 0.3
expect 1 'is full|No space|cannot be written' train --data $data --model "$net" --epochs 1 --log /dev/full --log-every 1

# -- one log, and where it goes -----------------------------------------------------------------

"$plait" train --data $data --model "$net" --epochs 1000000 --log one.jsonl --quiet 2>err &
job=$!
until_there one.jsonl
expect 1 'one.jsonl: cannot be written: another process' train --data $data --model "$net" --epochs 1 --log one.jsonl
kill $job
wait $job
! grep -vq '^{.*}$' one.jsonl || bad 'lines of two runs are mixed'
for path in - /dev/stdout stream /proc/self/fd/1; do
	echo 'a first line' >stream
	"$plait" train --data $data --model "$net" --epochs 2 --log $path >>stream 2>err || bad "--log $path"
	[ "$(head -n 1 stream)" = 'a first line' ] || bad "--log $path: the file was begun anew"
	[ "$(grep -c '^{"event":"epoch".*}$' stream)" -eq 2 ] && [ "$(grep -c '^Epoch [12]/2' stream)" -eq 2 ] ||
		{ bad "--log $path: lines are lost"; sed 's/^/    stream: /' stream; }
done
"$plait" train --data $data --model "$net" --epochs 1 --log - --quiet >out 2>err || bad '--log - --quiet'
! grep -vq '^{.*}$' out || bad '--log - --quiet: more than the log'
[ ! -e - ] || bad 'a file called -'
expect 2 'standard output.* name one file|name one file' train --data $data --model "$net" --save /dev/fd/1
cp small.csv input.csv
"$plait" train --data csv:input.csv --model linear:2 --epochs 1 >>input.csv 2>err
[ $? -eq 2 ] && cmp -s small.csv input.csv || bad 'the input is standard output'
rm -f both
expect 0 '^Epoch' train --data $data --model "$net" --epochs 1 --
expect 2 'what is "--quiet"' train --data $data --model "$net" -- --quiet
expect 0 'samples' pack --data csv:small.csv -- --packed
[ -s ./--packed ] || bad '-- before a name with dashes'

# -- numbers that are lost, weights that are none, and names of files -----------------------------

for value in 1e-400 1e-60 0.0e-0001e 1e39 1e300; do
	for option in --lr --weight-decay --timeout --load-delay; do
		expect 2 "$option: \"$value\" is no number" train --data $data --model "$net" $option $value
	done
done
for value in 0 0e-400 0.000 1e-40; do
	expect 0 '^Epoch' train --data $data --model "$net" --epochs 1 --lr $value
done
# The header of linear:2 for two features; all four weights are NaN, and the biases 0.
header='{"0.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"0.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}'
{
	printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header"
	printf '\0\0\300\177\0\0\300\177\0\0\300\177\0\0\300\177\0\0\0\0\0\0\0\0'
} >nan.st
for command in eval train; do
	expect 1 'nan.st: value 0 of 0.weight is nan' $command --data csv:small.csv --model linear:2 --init nan.st
done
# Finite weights whose products are not: all are 1e38.
{
	printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header"
	printf '\231\166\226\176\231\166\226\176\231\166\226\176\231\166\226\176\0\0\0\0\0\0\0\0'
} >huge.st
printf '%s\n' 1e38,1e38,0 -1e38,1e38,1 >huge.csv
expect 1 'loss is not finite' eval --data csv:huge.csv --model linear:2 --init huge.st
escape=$(printf '\033[31m\nnew')
"$plait" train --data "csv:$escape" --model linear:2 >out 2>err
! grep -q "$(printf '\033')" err && [ "$(wc -l <err)" -eq 1 ] || bad 'the name of a file goes to the terminal'
"$plait" train --data $data --model linear:2 --save "$escape/x" >out 2>err
! grep -q "$(printf '\033')" err && [ "$(wc -l <err)" -eq 1 ] || bad 'the name of an output goes to the terminal'
cp small.csv "$escape"
for command in data 'load --data' 'pack out --data' "eval --model linear:2 --init none --data"; do
	# shellcheck disable=SC2086
	"$plait" $command "csv:$escape" >out 2>err
	! cat out err | grep -q "$(printf '\033')" || bad "$command: the name of its data goes to the terminal"
done
"$plait" "$escape" >out 2>err
! grep -q "$(printf '\033')" err || bad 'a command that there is not goes to the terminal'

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
