#!/bin/sh
# SPDX-License-Identifier: MIT
# --config and --print-config: a run repeats itself from a file, and from its log; what is wrong.
. "$SRC/tests/cli/common"

# figures LOG: steps and epochs of a log, without times.
figures()
{
	grep -E '^{"event":"(step|epoch)"' "$1" | sed 's/,"seconds":.*"load_wait_percent":[^,]*//'
}

# same LOG LOG: they are of the same run, to the last digit.
same()
{
	figures "$1" >one
	figures "$2" >two
	[ "$(grep -c . one)" -gt 4 ] && cmp -s one two || bad "$1 and $2 differ"
}

cat >run.conf <<'X'
# A comment, and an empty line.

data = synthetic:300,8,3    # made up
model = "linear:16
	relu linear:3"
optimizer=sgd
lr	=	0.05
momentum = 0.9
nesterov
drop-last = true
pad-last = false
epochs = 2
log-every = 4
X
expect 0 '^Epoch 2/2' train --config run.conf --log file.log
expect 0 '^Epoch 2/2' train --data synthetic:300,8,3 --model 'linear:16 relu linear:3' --optimizer sgd --lr 0.05 \
	--momentum 0.9 --nesterov --drop-last --epochs 2 --log-every 4 --log line.log
same file.log line.log
expect 0 '^Epoch 2/2' train --config file.log --log log.log
same file.log log.log
expect 0 '^Epoch 2/2' train --config file.log
printf '\357\273\277' | cat - run.conf | sed 's/$/\r/' >dos.conf
expect 0 '^Epoch 2/2' train --config dos.conf --log dos.log
same file.log dos.log

# What is printed says the same, and what the command line says counts more.
expect 0 '^lr = 0.5$' train --config run.conf --lr 0.5 --log p.log --print-config
cp out printed.conf
expect 0 '^# seed = 0 ' train --config run.conf --log p.log --print-config
expect 0 '^# weight-decay = 0 ' train --config run.conf --log p.log --print-config
! grep -q '^lr = 0.05$' printed.conf || bad 'the rate of the file is there too'
expect 0 '^Epoch 2/2' train --config printed.conf --lr 0.05 --log printed.log
same file.log printed.log
expect 0 '^lr = 0.5$' train --config printed.conf --print-config
cmp -s out printed.conf || bad 'what is printed is printed otherwise from a file'

# All of it may be given: without the # the defaults are a file too.
sed -n 's/^# \([a-z-]* = [^ ].*\)/\1/p' printed.conf >defaults.conf
[ "$(grep -c . defaults.conf)" -gt 20 ] || bad 'few options have defaults'
sed -i '/^huber-delta\|^adjust-lr/d' defaults.conf # of another loss, and another optimizer
expect 0 '^Epoch 2/2' train --config defaults.conf --data synthetic:300,8,3 --model 'linear:16 relu linear:3' \
	--optimizer sgd --lr 0.05 --momentum 0.9 --nesterov --drop-last --epochs 2 --log-every 4 --log defaults.log
same file.log defaults.log

# Any value can be written.
odd='a "b" #c
 d '
expect 0 '^data = "a ""b"" #c$' train --data "$odd" --model linear:2 --print-config
cp out odd.conf
expect 0 '^data = "a ""b"" #c$' train --config odd.conf --print-config
cmp -s out odd.conf || bad 'an odd value is not what it was'
expect 0 '^sweep = seed=1,2$' train --data synthetic:9,2,2 --model linear:2 --sweep lr=1,2 --sweep seed=1,2 --print-config
cp out sweep.conf
expect 0 'seed=2' train --config sweep.conf --log sweep.log
expect 0 '^sweep = seed=3,4$' train --config sweep.log --sweep seed=3,4 --print-config
[ "$(grep -c ^sweep out)" -eq 1 ] || bad 'the command line replaces all values'

# The log's first line.
head -n 1 file.log | grep -q '^{"event":"config","version":"[0-9.]*","command":"train","options":{"data":"synthetic:300,8,3","model":"linear:16\\u000a' ||
	bad 'the first line of a log'
head -n 1 file.log | grep -q '"defaults":{.*"batch-size":"32","seed":"0"' || bad 'defaults in the log'

# Another command takes what it shares with train.
expect 0 'median|steps' policies --config run.conf --policies eager --steps 5 --repeats 1

# wrong LINE PATTERN: a file with this line at its end is refused.
wrong()
{
	{ cat run.conf; printf '%s\n' "$1"; } >wrong.conf
	expect 2 "train: wrong.conf:14: $2" train --config wrong.conf
}
wrong 'epoch = 3' 'no option "--epoch", did you mean --epochs'
wrong 'seed = many' '--seed: "many" is no whole number'
wrong 'lr = 0.1' '--lr was given twice'
wrong 'shards' '--shards needs a value'
wrong 'shards =' '--shards needs a value'
wrong 'shards 2' '"shards" is followed by no ='
wrong 'no-shuffle = yes' '--no-shuffle is true or false, not "yes"'
wrong 'val = "synthetic:9,8,3' 'a quote that begins a value has none at its end'
wrong 'val = "synthetic:9,8,3" or so' 'text follows the quote'
wrong 'config = other.conf' '--config stands on the command line'
wrong '= 3' 'no option "--"'
expect 1 'absent.conf' train --config absent.conf
expect 1 'cannot be read|directory' train --config .
echo '{"event":"epoch"}' >old.log
expect 2 'no options are on the first line of this log' train --config old.log
head -c 70 file.log >cut.log
expect 2 'no options are on the first line' train --config cut.log
head -c 2000 /dev/zero >zero.conf
expect 1 'is no file of options' train --config zero.conf
expect 2 '--log file.log is the file that --config reads' train --config file.log --log file.log

[ $failed -eq 0 ]
