#!/bin/sh
# SPDX-License-Identifier: MIT
# What is wrong of the options of the parallel modes is refused with a message that says what is right,
# exit status 2 and no file, by every command that has them.
. "$SRC/tests/cli/common"

tidy=yes
data='--data synthetic:64,10,2'
net='linear:8 relu linear:2'
"$plait" train $data --model "$net" --epochs 1 --quiet --save good.st >out 2>err || bad 'no weights'

# wrong PATTERN COMMAND OPTION...: the command refuses the option.
wrong()
{
	pattern=$1 command=$2
	shift 2
	case $command in
	predict) expect 2 "$pattern" predict $data --init good.st --out no.csv "$@" ;;
	eval) expect 2 "$pattern" eval $data --model "$net" --init good.st "$@" ;;
	train) expect 2 "$pattern" train $data --model "$net" --epochs 1 --save no.st "$@" ;;
	*) expect 2 "$pattern" $command $data --model "$net" "$@" ;;
	esac
	[ ! -e no.st ] && [ ! -e no-1.st ] && [ ! -e no.csv ] || bad "$what: a file was written"
	rm -f no.st no-*.st no.csv
}

# -- values ----------------------------------------------------------------------------------------

# options COMMAND: those that take a number.
options()
{
	case $1 in
	train) echo 'shards microbatches accumulate replicas bucket pool' ;;
	eval | predict) echo 'shards microbatches' ;;
	*) echo 'shards microbatches accumulate replicas bucket' ;;
	esac
}
# The table of options is one for all commands: train alone gets all values.
for command in train eval predict policies overlap models; do
	for option in $(options $command); do
		for value in 0 x -1 1.5 1e3 0x10 2x ' 2' 1025x 99999999999999999999; do
			[ $command = train ] || [ ${#value} -eq 1 ] || continue
			wrong "$command: --$option: \"$value\" is no (whole number from 1 to|number of bytes, at least 1,)" \
				$command --$option "$value"
		done
		wrong "$command: --$option needs a value: --$option [NB]" $command --$option ''
		wrong "$command: --$option needs a value: --$option [NB]" $command --$option
		wrong "$command: --$option was given twice" $command --$option 2 --$option 3
	done
	[ $command = train ] || continue
	wrong "$command: --pipeline-schedule: \"1F1B\" is none of 1f1b, gpipe; did you mean 1f1b" $command --pipeline-schedule 1F1B
	wrong "$command: --place needs a value" $command --place
	wrong "$command: --place was given twice" $command --place 0:cpu0 --place 2:cpu1
	for value in , 1, ,1 1,,2 auto,1 cpu0: cpu0:x cpu0:0 1,cpu0:-1; do
		wrong "$command: --shards: \"$value\" is no whole number from 1 to 1000000" $command --shards "$value"
	done
	wrong "$command: --shards: \"2,:3\" has \":3\", which is no DEVICE:SIZE" $command --shards 2,:3
	wrong "$command: --shards: .* lists more than [0-9]+ sizes" $command --shards "$(seq -s, 1 100)"
	wrong "$command: --shards: .* is too long" $command --shards "$(seq -s, 1 1000)"
done
for option in '--accumulate 2' '--replicas 2' '--bucket 1' '--pool 2' '--sweep lr=1' --val-overlap; do
	for command in eval predict; do
		# shellcheck disable=SC2086 # an option and its value
		wrong "$command: no option \"${option% *}\" \(train has it\)" $command $option
	done
done

# -- places, and what a batch cannot be cut into ---------------------------------------------------------

# More words: tests/trainer/place.c.
for command in train eval models; do
	wrong '"0-3" names no layers of this network: it has 0 to 2' $command --place 0-3:cpu0
	wrong '"cpu0,1:cpu1" is no device: any, cpu, cuda' $command --place 0:cpu0,1:cpu1
	wrong '"0" is no LAYERS:DEVICE' $command --place '0 :cpu0'
	wrong 'layer 1 is placed twice: place it once' $command --place '0-1:cpu0 1-:cpu1'
	wrong 'placed on cpu2, and this run has 2 CPU workers and 0 CUDA workers' $command --place 0:cpu2
	wrong 'placed on cuda, and this run has' $command --place 1-:cuda
	wrong 'placed on cpu1, and this run has 1 CPU worker and' $command --ncpu 1 --shards cpu0:1,cpu1:1
	wrong 'shard 1: "gpu0" is no device: any, cpu, cuda' $command --shards 1,gpu0:1
	wrong '1024 shards of a batch of 32 samples: .* take fewer, or batches of 1024 samples' $command --shards 1024
	wrong '40 shards in all microbatches .* batches of 40 samples' $command --shards 2 --microbatches 20
	wrong 'a step has 1048576 shards, must be at most 1024' $command --shards 1024 --microbatches 1024
	wrong 'must be 1 where a task computes several steps' $command --granularity run:2 --microbatches 2
	wrong 'all layers, and some are placed' $command --granularity run:2 --place 0:cpu0
done

# -- what does not go together ------------------------------------------------------------------------

wrong '3 shards of 2 replicas, must be as many of each' train --replicas 2 --shards 2,1,1
wrong '64 shards of a batch of 32 samples' train --replicas 64
wrong 'a step has 2048 shards' train --replicas 32 --microbatches 32 --accumulate 2
wrong 'needs --replicas N, at least 2, as there is --bucket' train --bucket 1M
wrong 'drop_last leaves out the short batch: nothing is left' train --accumulate 2 --batch-size 64 --drop-last
wrong 'needs --val SPEC, as there is --val-overlap' train --val-overlap --pool 2
wrong '--val-overlap takes no value' train --val synthetic:64,10,2 --val-overlap=1
wrong '--val-overlap belongs to --overlap full' train --val synthetic:64,10,2 --val-overlap --overlap off --pool 2
wrong '"shards" is no option to sweep' train --sweep shards=1,2
wrong '"" is no option to sweep' train --sweep =1
wrong '--sweep accumulate: "0" is no whole number' train --sweep accumulate=1,0
wrong '--sweep lr: a value is missing' train --sweep 'lr=0.1|'
# A member that cannot be cut so leaves the others.
expect 2 'batch-size=1: 2 shards of a batch of 1 samples' train $data --model "$net" --epochs 1 --shards 2 \
	--sweep batch-size=1,64 --save some.st
[ ! -e some-1.st ] && [ -s some-2.st ] || bad 'the other member has no weights'
expect 2 'seed=1: fwd/stage0 is placed on cpu9' trace --source profiling -- train $data --model "$net" --pool 2 --place 0:cpu9

exit $failed
