#!/bin/sh
# SPDX-License-Identifier: MIT
# The program: exit status and message of everything that can be wrong on its command
# line, its log, its files, Ctrl-C, and standard streams that cannot be written.
. "$SRC/tests/cli/common"
man=$SRC/src/cli/plait.1

# The seed problem, small.
data=synthetic:320,10,2
net='linear:8 relu linear:2'

# train STATUS PATTERN ARGUMENTS...: the same with data, network and epochs, where they are not given.
train()
{
	status=$1 pattern=$2
	shift 2
	case " $* " in *' --data'[\ =]*) ;; *) set -- "$@" --data "$data" ;; esac
	case " $* " in *' --model'[\ =]*) ;; *) set -- "$@" --model "$net" ;; esac
	case " $* " in *' --epochs'[\ =]*) ;; *) set -- "$@" --epochs 1 ;; esac
	expect "$status" "$pattern" train "$@"
}

# -- usage -------------------------------------------------------------------------------

expect 0 '^usage: plait COMMAND' --help
expect 0 '^usage: plait COMMAND' help
expect 0 '^plait [0-9.]+ \(StarPU 1\.' --version
expect 0 '^usage: plait train' help train
expect 0 '^usage: plait eval' eval --help
expect 0 '^usage: plait doctor' help doctor
expect 2 '^usage: plait COMMAND'
expect 2 'no command "trian", did you mean train' trian
expect 2 '  eval ' nonsense
expect 2 'no command "nonsense"' help nonsense
expect 2 'takes no arguments' doctor now
expect 2 'needs --data SPEC' train
expect 2 'needs --model WORDS' train --data "$data"
expect 2 'needs --init FILE' eval --data "$data" --model "$net"
expect 2 '--save and --log name one file|--log and --save name one file' train --data "$data" --model "$net" --log same --save same
expect 2 'needs --log FILE' train --data "$data" --model "$net" --log-every 2
expect 2 'no option "--epoch", did you mean --epochs' train --epoch 3
expect 2 '--granularity.*' train --nonsense
expect 2 'no option "-e"' train -e 3
expect 2 'no option "--epochs" \(train has it\)' eval --epochs 3
expect 2 'what is "relu"' train --data "$data" --model linear:8 relu
train 2 '--quiet takes no value' --quiet=yes

# Of two values one would be ignored; an option without a value says the same twice.
expect 2 'train: --data was given twice' train --data "$data" --model "$net" --data=other
train 2 'train: --epochs was given twice' --epochs 1 --epochs=1
expect 2 'pack: --data was given twice' pack --data "$data" out --data "$data"
expect 2 'overlap: --json was given twice' overlap --data "$data" --model "$net" --json --json file
expect 2 'train: --lr was given twice' trace -- train --data "$data" --model "$net" --lr 1 --lr 2
train 0 '^Epoch 1/1' --drop-last --drop-last
train 2 '--momentum belongs to --optimizer sgd, rmsprop or muon, not to adam' --momentum 0.9
train 2 '--centered belongs to --optimizer rmsprop, not to lion' --optimizer lion --centered
train 2 '--beta2 belongs to --optimizer adam, .* or muon, not to adagrad' --optimizer adagrad --beta2 0.9
train 2 '--nesterov belongs to --optimizer sgd, not to muon' --optimizer muon --nesterov
train 2 '--adjust-lr: "no" is none of original, match-rms-adamw' --optimizer muon --adjust-lr no

# Every option in the help: in the manual, and with its value missing or empty.
"$plait" train --help >help
[ "$(wc -l <help)" -le 60 ] && grep -q '^What$' help && grep -q -e '--help-all  *[0-9]* more' help ||
	{ : >out; : >err; bad 'the short help'; }
! grep -q -e '^  --chunk' help || { : >out; : >err; bad 'what few need is in the short help'; }
"$plait" models --help | sed -n 's/^  \(--[a-z0-9-]*\).*/\1/p' | tr '\n' ' ' >help
[ "$(cat help)" = '--data --model --plugin --loss --label-smoothing --focal-gamma --class-weights --ignore-label --optimizer --clip-norm --clip-value --skip-outliers --batch-size --precision --shards --place --replicas --bucket --microbatches --accumulate --pipeline-schedule --granularity --json --all --reset --help-all --help ' ] ||
	{ cat help; : >out; : >err; bad 'the help of models'; }
expect 2 'no option "--bogus"; the options are' train --bogus
expect 2 'no option "--verbose"; the options are' train --verbose
"$plait" train --help-all >help
[ "$(awk 'length > 80' help | wc -l)" -eq 0 ] || { bad 'help wider than 80 columns'; }
sed 's/\\-/-/g; s/\\~/ /g' "$man" >manual
for option in $(sed -n 's/^  \(--[a-z0-9-]*\).*/\1/p' help); do
	grep -Eq -e "^\.BI? .*${option}( |\$)" manual || { : >out; : >err; bad "$option is not in the manual"; }
done
[ "$(grep -c '^  --' help)" -ge 26 ] || bad 'help has lost options'
for option in $(sed -n 's/^  \(--[a-z0-9-]*\) [A-Z].*/\1/p' help); do
	expect 2 "$option needs a value" train $option
done
expect 2 '--data needs a value' train --data=
expect 2 '--data needs a value' train --data --quiet
words=$(sed -n '/^WORDS are/,/[.]$/ { s/^WORDS are one a layer://; s/[.]$//; p; }' help)
[ "$(echo $words | wc -w)" -ge 12 ] || bad 'the help has lost layers'
for word in $words; do
	grep -q "$word" manual || { : >out; : >err; bad "layer $word is not in the manual"; }
done

# -- values --------------------------------------------------------------------------------

for option in --epochs --batch-size --workers --prefetch --shards --log-every; do
	for value in 0 10x; do
		train 2 "$option: \"$value\" is no whole number from" "$option=$value"
	done
done
for value in -3 x ' 10' +5 0x10 1.5 1e3 99999999999999999999; do
	train 2 "--epochs: \".*\" is no whole number from 1 to 1000000" "--epochs=$value"
done
train 2 '--prefetch: "1" is no whole number from 2 to 1024, nor auto' --prefetch 1
for value in -1 x 99999999999999999999; do
	train 2 "--seed: \"$value\" is no whole number" "--seed=$value"
done
for option in --lr --momentum --weight-decay --beta1 --eps --alpha; do
	for value in nan -1; do
		train 2 "$option: \"$value\" is no number" --optimizer sgd "$option=$value"
	done
done
for value in inf x 10x 0x10 1e999 '1 2' --1 ' 1'; do
	train 2 "--lr: \"$value\" is no number" "--lr=$value"
done
train 2 '--loss: "mess" is none of cross-entropy, mse, l1, huber, bce, nll; did you mean mse' --loss mess
train 2 '--optimizer: "adm" is none of sgd, adam, adamw, rmsprop, .*; did you mean adam' --optimizer adm
train 2 '--granularity: "x" is none of auto, op, layer, phase, step, run:N' --granularity x
for value in run run: run:0 run:-1 run:1x run:x run:1048577 run:99999999999999999999; do
	train 2 "--granularity: \"$value\" is not run:N: N steps of a task, 1 to 1048576" --granularity $value
done
for value in 1 1, 1,2,3 '1,2;3' '1;2;3' '1,2;3,4,5' 1,0 '1;-2' x,1 1,x 1,2x '1,2;' nan,1; do
	train 2 '--normalize: ".*" (must be MEAN,STD|has a standard deviation)' --normalize="$value"
done
train 2 'no scheduling policy "dmdaz", did you mean dmda\?; valid: .* eager .* dmdas' --sched dmdaz
expect 2 'unknown layer "rleu", did you mean "relu"' train --data "$data" --model 'linear:8 rleu linear:2'
expect 2 'model' train --data "$data" --model 'linear:0'
expect 2 'no parameters' train --data "$data" --model relu
expect 2 'no data set format "foo".*fashion-mnist.*csv' train --data foo:1,2 --model "$net"
expect 2 'synthetic' train --data synthetic:1 --model "$net"

# The first line says what is trained, and what with; --ncpu goes before STARPU_NCPU.
train 0 '^Training: 320 samples, 106 parameters; policy prio, 1 CPU worker, 2 shards$' --ncpu 1 --sched prio --shards 2
head -n 1 out | grep -q '^Training: ' || bad 'train does not open with what it trains'
train 0 '^Training: .*; policy eager, 2 CPU workers, 1 shard$' --shards 1
train 2 '--ncpu: "0" is no whole number from 1 to 1024' --ncpu 0
train 0 '^Epoch 1/1' --ncpu 20
grep -Eq 'warning: 20 CPU workers on [0-9]+ cores? wait for each other(, and take long to start)?; --ncpu [0-9]+ gives each its own$' err ||
	[ "$(nproc)" -ge 20 ] || bad '20 CPU workers are not warned of'
"$plait" train --data "$data" --model "$net" --steps 1 --ncpu 20 --quiet >out 2>err && [ ! -s err ] ||
	bad 'a warning under --quiet'
expect 0 '^Epoch 1/1' load --data "$data" --ncpu 1

# A report is whole or the old one; a pipe and a device are written as they are.
"$plait" models --data "$data" --model "$net" --json old.json >out 2>err && cp old.json good.json || bad 'a report'
(trap '' XFSZ; ulimit -f 0 && "$plait" models --data "$data" --model "$net" --json old.json) >/dev/null 2>&1 &&
	bad 'a report that does not fit'
cmp -s old.json good.json && [ "$(ls old.json*)" = old.json ] || bad 'a report that cannot be written has destroyed the old one'
expect 0 . models --data "$data" --model "$net" --json /dev/null
"$plait" models --data "$data" --model "$net" --json /dev/stdout 2>err | grep -q '^{' || bad 'a report into a pipe'

# A log stays until the run has begun.
echo old >run.log
train 1 'classes|inputs|missing' --data csv:missing.csv --log run.log
train 1 'in step 1' --model 'linear:2 scale:1e38 scale:1e38' --log run.log
[ "$(cat run.log)" = old ] || bad 'a run without a step has emptied the log'
train 0 '^Epoch 1/1' --log run.log
[ "$(head -c 17 run.log)" = '{"event":"config"' ] || bad 'the log has not begun anew'

# What is allowed and most often a mistake gets a line of advice.
advised()
{
	grep -Eq "$1" err || bad "no advice \"$1\""
}
expect 0 '^Epoch 1/1' train --data "$data" --model 'linear:5' --epochs 1
advised 'advice: the network has 5 outputs, .* has 2 classes: linear:2 at the end is enough'
expect 0 '^Epoch 1/1' train --data "$data" --model 'linear:2 softmax ' --epochs 1
advised 'advice: cross-entropy has a softmax inside'
expect 0 '^Epoch 1/1  loss -[0-9.]+  accuracy [0-9.]+ ' train --data "$data" --model 'linear:2 softmax' --loss nll --epochs 1
advised 'advice: nll takes log-probabilities: end --model with log-softmax'
expect 0 '^Epoch 1/1' train --data "$data" --model 'linear:2 log-softmax' --loss nll --epochs 1
[ ! -s err ] || bad 'advice without a reason to a loss that is right'
train 0 '^Epoch 1/1'
[ ! -s err ] || bad 'advice without a reason'
expect 1 'README: offset 0: .*: this is no safetensors file' eval --data "$data" --model "$net" --init "$SRC/README"

# All options together, with values that are right.
train 0 '^Epoch 1/1  loss ' --val=synthetic:64,10,2 --loss cross-entropy --optimizer sgd --lr 1e-2 --momentum .5 \
	--weight-decay 0 --batch-size 16 --seed 9223372036854775807 --no-shuffle --drop-last --normalize 0.5,0.25 \
	--workers 1 --prefetch 2 --shards 1 --granularity op --sched eager --log-every 3 --log all.jsonl
train 0 '^Epoch 1/1  loss ' --val=synthetic:61,10,2 --batch-size 16 --pad-last
train 2 'drop_last leaves out .* pad_last fills it up' --drop-last --pad-last

# Measured: a power of two that the data have, and that fits.
train 0 '^Batch size: (256|128|64|32|16|8|4|2|1), [0-9]+ samples/s, the fastest of [0-9] from [0-9]+ to 256$' --batch-size auto
train 0 '^Epoch 1/1 ' --batch-size auto
train 0 'the fastest of 1 from 2 to 2$' --batch-size auto --subset 0:3 --shards 2
train 0 'the fastest of [0-9] from [0-9]+ to 32; larger ones do not fit$' --batch-size auto --memory-limit 4k
train 1 'batch-size auto: no batch fits in memory' --batch-size auto --memory-limit 100
train 1 '^plait: --model: the network has 3 outputs' --batch-size auto --data synthetic:100,10,4 --model linear:3
train 2 'batches have at most 256 samples here, which are fewer than --shards and --microbatches need, 1000' --batch-size auto --shards 1000
"$plait" train --data "$data" --model "$net" --epochs 1 --batch-size auto --quiet --save auto.safetensors >out 2>err &&
	[ ! -s out ] && [ -s auto.safetensors ] || bad 'auto: --quiet and --save'
expect 2 'no whole number' eval --data "$data" --model "$net" --init b.safetensors --batch-size auto

train 0 '^Epoch 1/1 ' --prefetch auto --shards auto --granularity auto --optimizer adamw
train 0 'plan' --print-plan
train 0 'granularity run:2, 1 shard, a task and a load for so many steps; of one step:' --print-plan --granularity run:2
train 2 '2 shards and microbatches, must be 1 where a task computes several steps' --granularity run:2 --shards 2
train 0 'granularity step, 2 shards \(3,1\), 3 tasks a step' --print-plan --shards 3,1
train 0 'batch 64, granularity step, 1 shard of 2 microbatches, 1f1b, 3 tasks a step' --print-plan --accumulate 2
train 0 '2 shards of 3 microbatches, gpipe, 7 tasks a step' --print-plan --shards 2 --microbatches 3 --pipeline-schedule gpipe
train 0 '^step/stage1 ' --print-plan --place '0-1:cpu0 2-:cpu1' --microbatches 2 --granularity step
train 2 'placed on cpu7, and this run has 2 CPU workers and 0 CUDA workers' --place 0:cpu7
train 2 'a task of 2 steps has all layers, and some are placed' --place 0:cpu0 --granularity run:2
train 2 '"tpu0" is no device: any, cpu, cuda' --place 0:tpu0
train 2 '"9" names no layers of this network: it has 0 to' --place 9:cpu0
train 2 '"0" is no LAYERS:DEVICE' --place 0
train 2 '2 shards and microbatches, must be 1 where a task computes' --granularity run:2 --accumulate 2
train 2 '64 shards in all microbatches of a batch of 32 samples: shard 0 would always be empty; take fewer, or batches of 64 samples$' --microbatches 64
train 2 '24 shards in all microbatches .* take fewer, or accumulate batches of 12 samples$' --batch-size 4 --shards 4 --microbatches 3 --accumulate 2
train 0 '^Epoch 1/1' --batch-size 12 --shards 4 --microbatches 3 --accumulate 2
train 0 '^upd/2.linear .* RW:par/2.weight@1 ' --print-plan --replicas 2 --granularity layer --bucket 1
train 2 '3 shards of 2 replicas, must be as many of each' --replicas 2 --shards 3
train 0 '2 shards \(1,3\)' --print-plan --shards cpu0:1,cpu1:3
train 2 'shard 1: "gpu" is no device' --shards 1,gpu:3
train 2 'is no DEVICE:SIZE' --shards :3,1
train 2 '3 shards of a batch of 32 samples: shard 0 would always be empty' --shards 1,50,50
for value in 3, ,1 0,1 3,x 1025 1000001,1 x; do
	train 2 "--shards: \"$value\" is no whole number from 1 to" --shards $value
done
for grain in step run:3 auto; do
	"$plait" train --data synthetic:1000,10,2 --val "$data" --model "$net" --epochs 3 --quiet --log-every 1 \
		--granularity $grain --save grain-$grain.st --log grain.jsonl 2>err || bad "granularity $grain"
	sed -e '/"event":"config"/d' -e 's/"seconds":[^}]*"val_loss"/"val_loss"/' grain.jsonl >grain-$grain.txt
	cmp -s grain-$grain.txt grain-step.txt || bad "granularity $grain: another log"
	cmp -s grain-$grain.st grain-step.st || bad "granularity $grain: other weights"
done
for grain in layer run:3; do
	train 0 '^  snapshot .* of the parameters, for validation$' --val "$data" --val-overlap --granularity $grain \
		--print-plan --quiet
	"$plait" train --data synthetic:1000,10,2 --val "$data" --model "$net" --epochs 3 --quiet --log-every 1 \
		--granularity $grain --val-overlap --save beside.st --log beside.jsonl 2>err || bad "--val-overlap, $grain"
	sed -e '/"event":"config"/d' -e 's/"seconds":[^}]*"val_loss"/"val_loss"/' beside.jsonl >beside.txt
	for event in step epoch; do
		grep "\"event\":\"$event\"" beside.txt >beside.$event
		grep "\"event\":\"$event\"" grain-step.txt | cmp -s - beside.$event || bad "--val-overlap, $grain: another $event"
	done
	cmp -s beside.st grain-step.st || bad "--val-overlap, $grain: other weights"
	[ "$(tail -n 1 beside.txt)" = "$(tail -n 1 beside.epoch)" ] || bad "--val-overlap, $grain: an epoch is not told last"
done
train 2 'needs --val SPEC, as there is --val-overlap' --val-overlap
train 2 'val-overlap belongs to --overlap full, not to load' --val "$data" --val-overlap --overlap load
[ "$(wc -l <grain-step.txt)" -ge 96 ] || bad 'not all steps are in the log'
"$plait" train --data "$data" --model "$net" --quiet >out 2>err || bad '--quiet fails'
drop_folder_warning
[ ! -s out ] && [ ! -s err ] || bad '--quiet is not'

# -- data and network that do not fit --------------------------------------------------------

expect 1 'has 7 classes' train --data synthetic:100,10,7 --model "$net"
train 1 'mse needs targets.*take --loss cross-entropy' --loss mse
expect 2 'unknown layer "log-sftmax", did you mean "log-softmax"[?].* leaky-relu, ' train --data "$data" --model 'linear:2 log-sftmax'
printf '%s\n' 0,1,cat 1,0,dog >pets.csv
printf '%s\n' 1,0,dog >dogs.csv
printf '%s\n' 1,0,cat >cats.csv
expect 1 'csv:pets.csv: class 0, cat, is none of the 1 classes of csv:dogs.csv' train --data csv:dogs.csv --val csv:pets.csv --model linear:2
# Some of the names are numbered as in the training data: tests/cli/names.sh.
expect 0 'val loss' train --data csv:pets.csv --val csv:cats.csv --model linear:2
expect 0 'val loss' train --data csv:pets.csv --val csv:pets.csv --model linear:2 --epochs 1
printf '%s\n' a,b,y 0.5,1,0.25 1,2,0.75 2,1,1.5 >targets.csv
expect 1 'cross-entropy needs class labels.*take --loss mse' train --data csv:targets.csv --model linear:1
expect 1 '--loss nll needs class labels.*take --loss mse' train --data csv:targets.csv --model linear:1 --loss nll
expect 1 'has 2 outputs.*has 1 target ' train --data csv:targets.csv --model linear:2 --loss mse
expect 0 '^Epoch 1/1  loss [0-9.]+  [0-9.]+ s' train --data csv:targets.csv --model linear:1 --loss mse --epochs 1 \
	--log mse.jsonl
! grep -q accuracy mse.jsonl || bad 'accuracy under mse'
train 1 '\[5\].*\[10\]' --val synthetic:64,5,2
train 1 'labels are 0 to 6' --val synthetic:64,10,7
train 1 'channel|\[10\]' --normalize '1,2;1,2'
expect 1 'nowhere' train --data idx:nowhere,nowhere --model "$net"
expect 1 'nowhere.npy' train --data npy:nowhere.npy,nowhere.npy --model "$net"
: >empty
expect 1 'empty' train --data idx:empty,empty --model "$net"
# Two samples of one byte, of which the second has label 200 ...
printf '\0\0\10\3\0\0\0\2\0\0\0\1\0\0\0\1ab' >images
printf '\0\0\10\1\0\0\0\2\1\310' >labels
# ... and a network of two outputs.
expect 1 'has 201 classes' train --data idx:images,labels --model linear:2
train 1 'step [0-9]+ .*not finite|not finite in step' --lr 1e30 --log nan.jsonl --log-every 1 --save nan.safetensors
grep -q 'lower learning rate' err || bad 'no advice'
train 1 'in step 1 .*: first seen in the output of 2.scale$' --model 'linear:2 scale:1e38 scale:1e38'
[ ! -e nan.safetensors ] || bad 'weights that are no numbers were saved'

# -- weights ---------------------------------------------------------------------------------

train 0 '^Epoch' --save a.safetensors --seed 3
expect 0 '^synthetic:320,10,2: 320 samples, loss [0-9.]+, accuracy [01]\.[0-9]{4}$' \
	eval --data "$data" --model "$net" --init a.safetensors --log eval.jsonl
cp out eval.out
# The same weights again: a step of learning rate 0 changes nothing.
train 0 '^Epoch' --init a.safetensors --save b.safetensors --optimizer sgd --lr 0
cmp a.safetensors b.safetensors || bad 'weights have changed on the way'
expect 0 320 eval --data "$data" --model "$net" --init b.safetensors --batch-size 7 --workers 1 --granularity op
cmp out eval.out || bad 'loss or accuracy depend on the batch size'
expect 1 '\[3,8\]' eval --data "$data" --model 'linear:8 relu linear:3' --init a.safetensors
"$plait" eval --data "$data" --model "$net" --init a.safetensors --quiet >out 2>err || bad 'eval --quiet fails'
[ ! -s out ] && [ ! -s err ] || bad 'eval --quiet is not'
expect 0 '^plan: evaluate' eval --data "$data" --model "$net" --init a.safetensors --print-plan
expect 1 'nowhere' eval --data "$data" --model "$net" --init nowhere
expect 1 'empty' eval --data "$data" --model "$net" --init empty
train 1 'no folder nowhere' --save nowhere/x
train 1 'is a folder' --save .
train 1 'nowhere' --log nowhere/x
train 1 'save: .*/dev/null: expected a file to replace' --save /dev/null
! grep -q . out || bad 'found only after training that --save cannot be'
train 1 'save: .*name too long' --save "$(printf '%0254d' 0)"
! grep -q . out || bad 'found only after training that the name is too long'
ls | grep -q '\.tmp-' && bad 'the trial of --save left a file'

# -- the log ---------------------------------------------------------------------------------

[ "$(grep -c '"event":"step"' all.jsonl)" -eq 6 ] || bad 'not every third of 20 steps is logged'
grep -Eq '^\{"event":"step","epoch":1,"step":3,"loss":[0-9.]+,"lr":[0-9.]+\}$' all.jsonl || bad 'a step in the log'
number='[0-9.e+-]+'
grep -Eq "^\{\"event\":\"epoch\",\"epoch\":1,\"steps\":20,\"samples\":320,\"loss\":$number,\"accuracy\":$number,\
\"seconds\":$number,\"samples_per_second\":$number,\"load_wait_percent\":$number,\
\"lr\":$number,\"val_loss\":$number,\"val_accuracy\":$number\}\$" all.jsonl || bad 'an epoch in the log'
grep -Eq "^\{\"event\":\"eval\",.*\"samples\":320,\"loss\":$number,\"accuracy\":$number" eval.jsonl || bad 'the log of eval'
! grep -Eiq ':-?(nan|inf)' ./*.jsonl || bad 'the log is no JSON'
if python3 -c '' 2>/dev/null; then
	python3 -c 'import json, sys
for name in sys.argv[1:]:
    for line in open(name):
        json.loads(line, parse_constant=lambda word: sys.exit(name + ": " + word))' ./*.jsonl || bad 'the log is no JSON'
fi

mkfifo pipe
train 1 'pipe: cannot be written' --log pipe
cat pipe >read.jsonl &
reader=$!
# A pipe without a reader is refused, and cat may not have opened it yet.
tries=0
until "$plait" train --data "$data" --model "$net" --epochs 1 --log pipe --quiet 2>err || [ $tries -ge 100 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
[ $tries -lt 100 ] || { bad 'a pipe that is read is refused'; kill $reader; }
wait $reader
grep -q '"event":"epoch"' read.jsonl || bad 'the log in a pipe'

# -- Ctrl-C ----------------------------------------------------------------------------------

# interrupt ARGUMENTS...: sends SIGINT when the log has its first line.
interrupt()
{
	rm -f long.jsonl
	# Without --default-signal a background command of a script ignores SIGINT.
	env --default-signal=INT "$plait" train --data "$data" --model "$net" --epochs 1000000 --log long.jsonl \
		--quiet "$@" >out 2>err &
	job=$!
	tries=0
	until [ -s long.jsonl ] || [ $tries -ge 20 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill -INT $job
	wait $job
	got=$?
}
if env --default-signal=INT true 2>/dev/null; then
	interrupt --save interrupted.safetensors
	[ $got -eq 130 ] || bad "status $got after Ctrl-C, expected 130"
	grep -Eq 'interrupted after step [1-9][0-9]*; weights saved to interrupted.safetensors' err || bad 'message after Ctrl-C'
	expect 0 '320 samples' eval --data "$data" --model "$net" --init interrupted.safetensors
	interrupt
	[ $got -eq 130 ] || bad "status $got after Ctrl-C without --save, expected 130"
	# A program that was started with SIGINT ignored, as by nohup, goes on ignoring it.
	env --ignore-signal=INT "$plait" train --data "$data" --model "$net" --epochs 3000 --log ignored.jsonl --quiet \
		>out 2>err &
	job=$!
	until [ -s ignored.jsonl ] || ! kill -0 $job 2>/dev/null; do sleep 0.05; done
	kill -INT $job
	wait $job || bad 'an ignored SIGINT ended the run'
fi

# -- where it runs ---------------------------------------------------------------------------

mkdir tmp
(
	failed=0
	STARPU_HOME=/dev/null HOME=/dev/null TMPDIR=$here/tmp
	export STARPU_HOME HOME TMPDIR
	train 0 '^Epoch'
	TMPDIR=/dev/null
	train 1 'set STARPU_HOME'
	exit $failed
) || failed=$((failed + 1))
for value in nonsense help graph_test; do
	STARPU_SCHED=$value
	export STARPU_SCHED
	train 2 'STARPU_SCHED'
	train 0 '^Epoch' --sched eager
done
STARPU_SCHED=
train 0 '^Epoch'
unset STARPU_SCHED
for TERM in '' dumb nonsense xterm; do
	train 0 '^Epoch'
	[ ! -s err ] || bad "TERM='$TERM' draws a bar in a file"
done
(failed=0; STARPU_NCPU=x; train 2 'STARPU_NCPU: "x" is no number'; STARPU_NCPU=0 STARPU_NCUDA=0
	train 2 'STARPU_NCPU is set'; exit $failed) ||
	failed=$((failed + 1))
# More workers than cores make the start itself slow: the warning comes before it.
(failed=0; STARPU_NCPU=20; train 2 'no scheduling policy "none-such"' --sched none-such
	grep -Eq 'warning: 20 CPU workers on [0-9]+ cores? wait for each other(, and take long to start)?; --ncpu' err ||
		[ "$(nproc)" -ge 20 ] || bad 'no warning of STARPU_NCPU=20 before the start'
	STARPU_NCPU=100000; train 2 '100000 CPU workers \(STARPU_NCPU\), this StarPU was built for at most'; exit $failed) ||
	failed=$((failed + 1))
(failed=0; unset TERM; train 0 '^Epoch'; exit $failed) || failed=$((failed + 1))
expect 0 '^  CPU workers +[0-9]' doctor
for word in Machine packages 'NUMA node' cores caches binding 'CPU limit' 'memory limit' version CUDA FxT MPI scheduler \
	oneDNN Fashion-MNIST; do
	grep -q "$word" out || bad "doctor says nothing of $word"
done
[ "$(awk 'length > 80' out | wc -l)" -eq 0 ] || bad 'doctor is wider than 80 columns'
(failed=0; PLAIT_DATA=/nonexistent; export PLAIT_DATA; expect 0 'apt-get install dataset-fashion-mnist' doctor; exit $failed) ||
	failed=$((failed + 1))
(failed=0; STARPU_LIMIT_MAX_SUBMITTED_TASKS=9; export STARPU_LIMIT_MAX_SUBMITTED_TASKS
	expect 1 'STARPU_LIMIT_MAX_SUBMITTED_TASKS' doctor; exit $failed) || failed=$((failed + 1))

# -- standard streams ------------------------------------------------------------------------

# stream STATUS PATTERN WHAT: the run that has just ended, and what it said.
stream()
{
	got=$?
	[ $got -eq "$1" ] && { [ -z "$2" ] || grep -q "$2" err; } || bad "$3: status $got, expected $1"
}
: >out
if [ -c /dev/full ]; then
	"$plait" train --data "$data" --model "$net" >/dev/full 2>err
	stream 1 'standard output: No space' 'stdout is full'
	"$plait" --help >/dev/full 2>err
	stream 1 'standard output: No space' 'help, stdout is full'
	"$plait" train --data "$data" --model "$net" --log /dev/full --log-every 1 >out 2>err
	stream 1 '/dev/full: cannot be written' 'the log is full'
fi
"$plait" train --data "$data" --model "$net" --epochs 1 --log stdout.jsonl --log-every 1 >&- 2>err
stream 1 'standard output' 'stdout is closed'
! grep -q Epoch stdout.jsonl || bad 'the log took the place of a closed stdout'
"$plait" train --data "$data" --model "$net" --epochs 1 --quiet >&- 2>err
stream 0 '' 'stdout is closed and not needed'
# A reader who leaves, and a limit on the size of files.
{ "$plait" train --data "$data" --model "$net" --epochs 2000 --save piped.safetensors 2>err; echo $? >piped; } | head -n 1 >out
(exit "$(cat piped)")
stream 1 'standard output: Broken pipe' 'stdout is a pipe that nobody reads'
expect 0 '320 samples' eval --data "$data" --model "$net" --init piped.safetensors
(ulimit -f 200 && exec "$plait" train --data "$data" --model 'linear:10000 linear:2' --epochs 1 --quiet --save limited) \
	2>&1 | cat >err
grep -q 'limited: cannot write: File too large' err || bad 'a file beyond the limit'
[ ! -e limited ] || bad 'a file beyond the limit is there'
"$plait" train --data "$data" --model "$net" --epochs 1 <&- >out 2>&-
stream 0 '' 'stdin and stderr are closed'

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
