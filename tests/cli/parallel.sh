#!/bin/sh
# SPDX-License-Identifier: MIT
# The task graph of each parallel mode, as StarPU itself tells it (FxT, and its profiling): shards do
# not wait for each other, stages work at once, and a bucket's sum waits for its own gradients only.
. "$SRC/tests/cli/common"

if "$plait" doctor | grep -Eq 'FxT traces +yes'; then sources='fxt profiling'; else sources=profiling; fi
job='--data synthetic:320,10,3 --batch-size 32 --granularity layer --model'
net='linear:16 relu linear:12 relu linear:3'

# Of step 3, for each task: its name and how many of that name came before it, its worker, and all
# tasks of the step that it has to wait for, directly (!) or through others.
cat >ways.awk <<'END_OF_AWK'
{
	name = deps = worker = ""
	for (i = 1; i <= NF; i++) {
		n = split($i, word, " ")
		if (word[1] == "Name:") name = word[2]
		if (word[1] == "JobId:") job = word[2]
		if (word[1] == "Iteration:") step = word[2]
		if (word[1] == "WorkerId:") worker = word[2]
		if (word[1] == "DependsOn:") deps = $i
	}
	names[job] = name; steps[job] = step; needs[job] = deps; workers[job] = worker
	if (job + 0 > last) last = job + 0
}
function label(job) { return names[job] "#" number[job] }
# Tasks without a step (StarPU's own, which run nowhere) hand on what they wait for.
function walk(job, direct,   word, n, i, other) {
	n = split(needs[job], word, " ")
	for (i = 2; i <= n; i++) {
		other = word[i]
		if (names[other] ~ /^_starpu/ || names[other] == "") {
			if (!(other in passed)) { passed[other] = 1; walk(other, direct) }
		} else if (steps[other] == 3) {
			if (direct) found[label(other) "!"] = 1
			if (!(label(other) in found)) { found[label(other)] = 1; walk(other, 0) }
		}
	}
}
END {
	for (job = 1; job <= last; job++)
		if (steps[job] == 3 && names[job] !~ /^_starpu/) number[job] = count[names[job]]++
	for (job = 1; job <= last; job++)
		if (steps[job] == 3 && (job in number)) {
			split("", found); split("", passed)
			walk(job, 1)
			line = label(job) " on " workers[job] ":"
			for (f in found) line = line " " f
			print line
		}
}
END_OF_AWK

# ways SOURCE NAME OPTION...: records a run, whose ways go to the file ways.
ways()
{
	source=$1 name=$2
	shift 2
	expect 0 ' tasks of ' trace --source "$source" --keep "kept-$source-$name" -- train $job "$net" "$@"
	awk -v RS= -F'\n' -f ways.awk "kept-$source-$name/tasks.rec" >ways
}
# waits TASK OTHER: whether the one waits for the other; task_of NAME: the line of a task.
waits() { grep -q "^$1 .* $2\( \|\$\)" ways; }
worker_of() { sed -n "s,^$1 on \([0-9]*\):.*,\1,p" ways; }
free() { waits "$1" "$2" && bad "$source, $name: $1 waits for $2"; }
bound() { waits "$1" "$2" || bad "$source, $name: $1 does not wait for $2: $(grep "^$1 " ways)"; }

for source in $sources; do
	ways $source shards --shards 2
	bound 'bwd/0.linear#1' 'fwd/0.linear#1'
	bound 'upd/4.linear#0' 'bwd/4.linear#0'
	bound 'upd/4.linear#0' 'bwd/4.linear#1'
	for one in fwd/0.linear fwd/2.linear fwd/4.linear loss bwd/4.linear bwd/2.linear bwd/0.linear; do
		free "$one#0" '\(fwd\|loss\|bwd\)[^ ]*#1'
		free "$one#1" '\(fwd\|loss\|bwd\)[^ ]*#0'
	done
	free 'upd/4.linear#0' 'bwd/2.linear#0'

	ways $source replicas --replicas 2 --bucket 1
	bound 'sum/4.linear#0' 'bwd/4.linear#0!'
	bound 'sum/4.linear#0' 'bwd/4.linear#1!'
	free 'sum/4.linear#0' 'bwd/2.linear#[01]'
	free 'sum/4.linear#0' 'bwd/0.linear#[01]'
	bound 'upd/4.linear#1' 'sum/4.linear#0!'
	free 'upd/4.linear#0' 'upd/4.linear#1'
	free 'upd/4.linear#1' 'upd/4.linear#0'

	ways $source stages --place '0-1:cpu0 2-:cpu1' --microbatches 4
	[ "$(worker_of 'fwd/0.linear#3')" = "$(worker_of 'bwd/0.linear.grad#0')" ] || bad "$source: stage 0 is on two workers"
	[ "$(worker_of 'fwd/2.linear#3')" = "$(worker_of 'bwd/4.linear#0')" ] || bad "$source: stage 1 is on two workers"
	[ "$(worker_of 'fwd/0.linear#0')" != "$(worker_of 'fwd/2.linear#0')" ] || bad "$source: stages share a worker"
	# While stage 1 has a microbatch, stage 0 may have the next one; but not the one after it.
	bound 'fwd/2.linear#1' 'fwd/0.linear#1'
	free 'fwd/0.linear#1' '\(fwd\|bwd\)/[24].linear#0'
	free 'fwd/2.linear#0' 'fwd/0.linear#1'
	bound 'fwd/0.linear#2' 'bwd/0.linear.grad#0'
	# Gradients of values are handed on without waiting for those of parameters.
	bound 'bwd/0.linear.grad#0' 'bwd/2.linear#0'
	free 'bwd/2.linear#0' 'bwd/[0-9].linear.grad#[0-3]'
	free 'bwd/0.linear.grad#0' 'bwd/[24].linear.grad#[0-3]'

	ways $source gpipe --place '0-1:cpu0 2-:cpu1' --microbatches 4 --pipeline-schedule gpipe
	! grep -q -- '--shards' out || bad "$source: advice that a pipeline has no use for"
	for later in 1 2 3; do free "fwd/0.linear#$later" 'bwd/[0-9].linear\(.grad\)\?#0'; done

	ways $source accumulated --accumulate 3
	bound 'fwd/0.linear#1' 'bwd/0.linear#0'
	bound 'fwd/0.linear#2' 'bwd/0.linear#1'
done

# What a stage does is computing, whatever its task is called, and so is a sum of replicas.
expect 0 '^  step +[1-9]' trace --source profiling -- train ${job%--gran*} --model "$net" --granularity step \
	--place '0-1:cpu0 2-:cpu1' --microbatches 4
! grep -q '^  other ' out || bad 'tasks of a pipeline are no phase'
expect 0 '^  update +[1-9]' trace --source profiling -- train $job "$net" --replicas 2
! grep -q '^  other ' out || bad 'tasks of replicas are no phase'

exit $failed
