#!/bin/sh
# SPDX-License-Identifier: MIT
# Ctrl-C in each parallel mode ends training as it ends a plain one: after the steps under way, with the
# weights saved, one line that says so, and a log of whole lines; a second Ctrl-C ends it at once.
. "$SRC/tests/cli/common"

env --default-signal=INT true 2>/dev/null || { echo 'env cannot restore signals'; exit 77; }
data='--data synthetic:320,10,2'
net='linear:8 relu linear:2'
val='--val synthetic:64,10,2'

# begin PATTERN FILE ARGUMENTS...: starts plait, and waits until PATTERN is in FILE.
begin()
{
	pattern=$1 file=$2
	shift 2
	rm -f weights*.st
	: >log
	env --default-signal=INT "$plait" "$@" >out 2>err &
	child=$!
	tries=0
	until grep -qs -e "$pattern" "$(eval echo "$file")" || [ $tries -ge 600 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
}

# ended WHAT: the run has ended by Ctrl-C.
ended()
{
	wait $child
	got=$?
	drop_folder_warning
	tail -n 12 out >last && mv last out # of thousands of epochs
	[ $got -eq 130 ] || bad "$1: status $got"
	! grep -vq '^{.*}$' log || bad "$1: the log has a line that is not whole"
	clean "$1"
}

# interrupts WORDS ARGUMENTS...: one Ctrl-C, of which WORDS (grep -E) are said, and nothing else.
interrupts()
{
	words=$1
	shift
	begin epoch log train $data --epochs 1000000 --log log --save weights.st "$@"
	kill -INT $child
	ended "$*"
	[ "$(grep -c . err)" -eq 1 ] && grep -Eq "^plait: interrupted$words" err || bad "$*: what is said"
}
one=' after step [1-9][0-9]*; weights saved to weights.st$'

# usable FILE: the weights of it, by all of them.
usable()
{
	"$plait" eval $data --model "$net" --init "$1" --quiet >out 2>err || bad "$what: $1"
}

# at_once ARGUMENTS...: two Ctrl-C while the first batch is loaded, for many seconds.
at_once()
{
	begin Loader out train $data --epochs 1000000 --load-delay 2e8 --log log --save weights.st "$@"
	kill -INT $child
	sleep 0.3
	kill -INT $child
	ended "$* (twice)"
	! grep -q interrupted err || bad "$*: the second Ctrl-C was no second one"
	[ ! -e weights.st ] && [ ! -e weights-1.st ] || bad "$*: weights without a step"
}

while read -r options; do
	what=$options
	# shellcheck disable=SC2086 # options
	interrupts "$one" --model "$net" $options
	usable weights.st
	# shellcheck disable=SC2086
	at_once --model "$net" $options
done <<END
--shards 2
--shards 3,1 --microbatches 2 --accumulate 2
--place 0-1:cpu0 --microbatches 4 --pipeline-schedule gpipe
--replicas 2 --bucket 1
--val-overlap $val
--replicas 2 --accumulate 2 --val-overlap $val --bad-samples mask
END

# -- pools -----------------------------------------------------------------------------------------

# rows COUNT: that many members of the table say how far they came.
rows()
{
	[ "$(grep -Ec '^ +[1-9] .* (seed|lr)=[0-9.]+: interrupted after step [1-9][0-9]*$' out)" -eq "$1" ] ||
		bad "$what: the table"
	! grep -Eq '^(Average|Best)' out || bad "$what: a best one of those that are not done"
}
while read -r members options; do
	what=$options
	# shellcheck disable=SC2086
	interrupts "; weights of $members of $members members are saved$" --model "$net" $options
	rows "$members"
	for i in $(seq $members); do usable "weights-$i.st"; done
	# shellcheck disable=SC2086
	at_once --model "$net" $options
done <<END
3 --pool 3
4 --pool 2 --sweep lr=0.1,0.01 --shards 3,1
2 --pool 2 --replicas 2 --val-overlap $val
2 --sweep lr=0.1,0.01 --place 0-1:cpu0 --microbatches 2
END

# A member that was done before stays so, and is the best one.
what='one that is done'
begin '"member":1,.*"epoch":300,' log train $data --epochs 300 --sweep 'model=linear:2|linear:4000 relu linear:4000 relu linear:2' \
	--log log --save weights.st
kill -INT $child
ended "$what"
grep -Eq '^ +1 .* model=linear:2$' out && grep -Eq '^ +2 .*: interrupted after step [0-9]+$' out || bad "$what: the table"
grep -Eq '^Best: member 1, loss' out || bad "$what: the best"
[ -s weights-1.st ] || bad "$what: its weights"

# -- what is done before training ------------------------------------------------------------------

for options in '' '--pool 2'; do
	# shellcheck disable=SC2016,SC2086 # evaluated later; options
	begin '[0-9]' '/proc/$child/task/$child/children' train --data synthetic:20000,200,10 --model 'linear:300 relu linear:10' \
		--epochs 1000000 --batch-size auto $options --save weights.st
	kill -INT $child
	ended "--batch-size auto $options"
	[ "$(cat err)" = 'plait: interrupted before the first step' ] || bad "--batch-size auto $options: what is said"
done

exit $failed
