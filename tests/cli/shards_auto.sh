#!/bin/sh
# SPDX-License-Identifier: MIT
# --shards auto: what it chooses is said, and is the same run as one with that number given by hand; where
# there is nothing to choose it says why.  Which number is the fastest is for tests/bench to say.
. "$SRC/tests/cli/common"

data=synthetic:640,256,10
net='linear:256 relu linear:256 relu linear:10'

# What a log has but times and options, which differ.
without_times()
{
	sed -e '/"event":"config"/d' -e 's/"seconds":[^}]*"val_loss"/"val_loss"/' -e 's/,"seconds":.*//' "$1"
}

# same CHOICE ARGUMENTS...: the line of the choice has CHOICE (grep -E), and the same number given by hand
# leaves the same weights and losses.
same()
{
	pattern=$1
	shift
	expect 0 "^Shards: ($pattern), " train --data $data --model "$net" --epochs 2 "$@" --shards auto \
		--save auto.st --log auto.log --log-every 1
	shards=$(sed -n 's/^Shards: \([0-9]*\),.*/\1/p' out)
	grep -q "^Training: .*, $shards shards\{0,1\}" out || bad "$*: another number is trained with"
	note="\"kind\":\"choice\",\"text\":\"--shards auto is --shards $shards in this run\""
	[ "$(grep -c "$note" auto.log)" -eq 1 ] || bad "$*: the log has no note of the choice"
	expect 0 '^Epoch 2/2' train --data $data --model "$net" --epochs 2 "$@" --shards "$shards" \
		--save hand.st --log hand.log --log-every 1
	cmp -s auto.st hand.st || bad "$*: --shards $shards by hand leaves other weights"
	grep -v "$note" auto.log >auto.rest
	[ "$(without_times auto.rest)" = "$(without_times hand.log)" ] ||
		bad "$*: --shards $shards by hand has other losses"
}
same '1|2|4' --batch-size 64
same '2|4' --batch-size 64 --replicas 2
same '1|2|4' --batch-size 64 --microbatches 2 --granularity layer
same '1|2|4' --batch-size 32 --accumulate 2 --val synthetic:64,256,10
same '1|2|4' --batch-size 64 --place '0-1:cpu0 2-:cpu1'

# The batch size comes first.
expect 0 '^Batch size: ' train --data $data --model "$net" --epochs 1 --batch-size auto --shards auto --subset 0:64
[ "$(sed -n 's/^\(Batch size\|Shards\):.*/\1/p' out | tr '\n' ' ')" = 'Batch size Shards ' ] || bad 'the batch size comes first'

# A measurement says what a step takes with each number, the least one first.
expect 0 '^Shards: [1-4], ([0-9.]+ times as fast as 1|as more are not faster by more than noise); a step of 1: [0-9.e+]+ us, 2: [0-9.e+]+ us(, 4: [0-9.e+]+ us)?$|^Shards: 1, as steps are too slow to be measured' \
	train --data $data --model "$net" --epochs 1 --batch-size 256 --shards auto --print-plan
shards=$(sed -n 's/^Shards: \([0-9]*\),.*/\1/p' out)
grep -Eq "^plan: .*, $shards shards?, " out || bad 'the plan has another number'

# -- nothing to choose ----------------------------------------------------------------------

expect 0 '^Shards: 1, as more are slower by the costs of the plan$' train --data synthetic:320,10,2 \
	--model linear:2 --epochs 1 --shards auto
expect 0 '^Shards: 1, as there is no worker for more$' train --data $data --model "$net" --epochs 1 --shards auto --ncpu 1
expect 0 '^Shards: 1, as a batch has no samples for more$' train --data $data --model linear:10 --steps 3 --shards auto \
	--batch-size 1
expect 0 '^Shards: 1, as a batch has no samples for more$' train --data $data --model linear:10 --steps 3 --shards auto \
	--batch-size 6 --microbatches 4
expect 0 '^Shards: 1, as a task of several steps has no more$' train --data $data --model linear:10 --epochs 1 \
	--shards auto --granularity run:2
expect 0 '^Shards: 1, as the members of a pool compute beside each other$' train --data $data --model linear:10 \
	--epochs 1 --shards auto --sweep lr=0.1,0.01
[ "$(grep -c '^Shards: ' out)" -eq 1 ] || bad 'a pool says it more than once'
expect 0 '^Shards: 2, as the members' train --data $data --model linear:10 --epochs 1 --shards auto --pool 2 --replicas 2
expect 0 '^Shards: [124], ' train --data $data --model linear:10 --epochs 1 --shards auto --pool 1

"$plait" train --data $data --model linear:10 --epochs 1 --shards auto --quiet --save quiet.st >out 2>err &&
	[ ! -s out ] && [ -s quiet.st ] || bad 'it is not quiet'

# -- what is refused, and what fails -------------------------------------------------------

expect 0 . train --data $data --model linear:10 --epochs 1 --save w.st --quiet --log -
for command in eval policies overlap models; do
	case $command in eval) init='--init w.st' ;; *) init= ;; esac
	expect 2 "^plait: $command: --shards: \"auto\" is measured by train alone" \
		$command --data $data --model linear:10 $init --shards auto
done
expect 2 '^plait: predict: --shards: "auto" is measured by train alone' predict --data $data --init w.st --shards auto
expect 2 '"autp" is no whole number from 1 to 1024, nor auto$' train --data $data --model linear:10 --shards autp
expect 2 '"autp" is no whole number from 1 to 1024$' eval --data $data --model linear:10 --init w.st --shards autp
# As without a measurement.
expect 1 '^plait: --model: the network has 3 outputs' train --data $data --model linear:3 --shards auto
expect 1 '^plait: the loss is not finite' train --data $data --model "$net" --batch-size 64 --lr 1e30 --shards auto \
	--save nan.st
[ ! -e nan.st ] || bad 'weights that are no numbers were saved'
expect 2 '3 shards of 2 replicas' train --data $data --model linear:10 --shards 3 --replicas 2

# A batch is spun for for two seconds, so the signal comes while it measures.
if env --default-signal=INT true 2>/dev/null; then
	env --default-signal=INT "$plait" train --data $data --model "$net" --batch-size 512 --load-delay 4000 \
		--shards auto --save stopped.st >out 2>err &
	job=$!
	sleep 1
	kill -INT $job
	wait $job
	[ $? -eq 130 ] && ! grep -q Training out && [ ! -e stopped.st ] || bad 'Ctrl-C while it measures'
fi
clean 'all of them'

exit $failed
