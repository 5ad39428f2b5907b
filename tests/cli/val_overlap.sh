#!/bin/sh
# SPDX-License-Identifier: MIT
# plait trace of validation beside training, by either source: the report counts all steps, and what
# StarPU says that tasks have waited for is what a snapshot is for.
. "$SRC/tests/cli/common"

if "$plait" doctor | grep -Eq 'FxT traces +yes'; then sources='fxt profiling'; else sources=profiling; fi
# 6 steps and 4 of validation in each of 3 epochs.
job='--data synthetic:96,10,2 --val synthetic:64,10,2 --batch-size 16 --epochs 3 --val-overlap'

for source in $sources; do
	expect 0 ' tasks of 30 steps: ' trace --source $source --keep kept-$source --perfetto $source.perfetto -- \
		train $job --model 'linear:8 relu linear:2' --granularity layer
	grep -Eq '^  snapshot +6 ' out || bad "$source: not 6 snapshots"
	grep -q '"name":"snapshot"' $source.perfetto || bad "$source: no snapshot in the timeline"
	# StarPU puts tasks that run nowhere in between, which wait for others.
	awk -v RS= -F'\n' '
		{
			name = deps = ""
			for (i = 1; i <= NF; i++) {
				n = split($i, word, " ")
				if (word[1] == "Name:") name = word[2]
				if (word[1] == "JobId:") job = word[2]
				if (word[1] == "Iteration:") step = word[2]
				if (word[1] == "DependsOn:") deps = $i
			}
			names[job] = name; steps[job] = step; needs[job] = deps
			if (name ~ /^bwd/) trains[step] = 1
			if (job > last) last = job
		}
		function waits(job, what, depth,   word, n, i, found) {
			n = split(needs[job], word, " ")
			for (i = 2; i <= n; i++)
				found += names[word[i]] ~ what ||
					(names[word[i]] ~ /^_starpu_sync/ && depth < 3 && waits(word[i], what, depth + 1))
			return found > 0
		}
		END {
			for (job = 1; job <= last; job++) {
				if (names[job] == "snapshot" && !waits(job, "^upd", 0)) print job ": a snapshot before updates"
				if (names[job] ~ /^fwd/ && !trains[steps[job]]) {
					evaluates++
					if (!waits(job, "^snapshot", 0)) print job ": no snapshot for validation"
					if (waits(job, "^upd", 0)) print job ": validation reads what is trained"
				}
				held += names[job] ~ /^upd/ && waits(job, "^snapshot", 0)
			}
			if (evaluates != 24) print evaluates " forward tasks of validation"
			if (held < 4) print held " updates wait for a snapshot"
		}' kept-$source/tasks.rec >wrong
	[ ! -s wrong ] || bad "$source: $(head -n 3 wrong)"
done
# At granularity step training and validation have names of their own.
expect 0 '^  fwd +12 ' trace --source profiling -- train $job --model linear:2 --granularity step
grep -Eq '^  step +18 ' out || bad 'not 18 steps of training'

exit $failed
