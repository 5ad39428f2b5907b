#!/bin/sh
# SPDX-License-Identifier: MIT
# plait trace: runs that it records by either source, traces that are there, every file that it
# writes, what it refuses, and that it leaves nothing behind.
. "$SRC/tests/cli/common"
tidy=1
check=$BUILD/tests/cli/trace_report

# checked MODE ARGUMENTS...: what trace_report.c thinks of a file.
checked()
{
	"$check" "$@" >out 2>err || bad "$*"
}

job='--data synthetic:3200,20,4 --model'
model='linear:64 relu linear:4'
steps=60

if "$plait" doctor | grep -Eq 'FxT traces +yes'; then sources='fxt profiling'; else sources=profiling; fi

# -- runs of its own ------------------------------------------------------------------------------

for source in $sources; do
	expect 0 'Where the wall time went' trace --source $source --json $source.json --html $source.html \
		--perfetto $source.perfetto --svg $source.svg --keep kept-$source -- \
		train $job "$model" --steps $steps --granularity layer
	grep -q 'tracing cost .* a step, .* without' out || bad "$source: the cost of tracing is not told"
	grep -Eq '^  fwd/0.linear +60 ' out || bad "$source: not 60 tasks forward"
	checked report $source.json $source $steps
	checked perfetto $source.perfetto
	grep -q '</html>' $source.html || bad "$source: the page has no end"
	grep -q '</svg>' $source.svg || bad "$source: the picture has no end"
	if command -v xmllint >/dev/null; then xmllint --noout $source.svg || bad "$source: no XML"; fi
	grep -q ' $' out && bad "$source: a line ends in blanks"
	# What was kept says the same again.
	expect 0 'Where the wall time went' trace --json again.json kept-$source
	cmp -s $source.json again.json || bad "$source: the folder that was kept has another report"
done
for file in paje.trace dag.dot tasks.rec trace.rec data.rec run.json; do
	[ "$sources" = profiling ] || [ -s kept-fxt/$file ] || bad "$file is not kept"
done
if [ "$sources" != profiling ]; then
	# The FxT file alone, as from anywhere.
	cp kept-fxt/prof_file_* alone
	expect 0 'Where the wall time went' trace --json again.json --keep kept-again alone
	[ -s kept-again/paje.trace ] || bad 'a file is not converted into --keep'
	checked report again.json fxt $steps
	head -c 20000 alone >cut
	expect 1 'truncated|no FxT file' trace cut
	# Half of it, alone and where run.json tells how long the run was.
	head -c $(($(wc -c <alone) / 2)) alone >half
	expect 1 'truncated: it ends while' trace half
	expect 0 'The trace is truncated' trace --partial half
	mkdir halves
	cp half kept-fxt/run.json halves
	expect 1 "truncated: it has [0-9]+ of the run's $steps steps" trace halves/half
	expect 0 'fwd/0.linear +2 ' trace --steps 11:13 kept-fxt
fi
expect 0 'a task takes|without FxT' trace -- train $job "$model" --steps $steps

# Tasks of several steps count as all of them: 100 batches are 14 tasks of 7 and one of 2.
for source in $sources; do
	expect 0 ' for 30 tasks of 100 steps: ' trace --source $source --json run.json --perfetto run.perfetto \
		--html run.html --svg run.svg --keep run-$source -- train $job "$model" --epochs 1 --granularity run:7
	grep -q '"steps": 100,' run.json || bad "$source: not 100 steps"
	checked perfetto run.perfetto
	grep -q '"name":"steps 8 to 14"' run.perfetto || bad "$source: no steps 8 to 14"
	expect 0 ' of 7 steps: ' trace --steps 9:12 run-$source
	expect 1 'no task of steps 101 to 101' trace --steps 101:102 run-$source
done

mkfifo pipe
expect 1 'pipe: no trace: expected a file or a folder' trace pipe
expect 1 '/dev/null: no trace: expected a file' trace /dev/null

# What was recorded, cut between two tasks; and a run whose files may not grow.
cp -r kept-profiling cut-between
sed -n "1,$(grep -n '^$' kept-profiling/tasks.rec | sed -n 100p | cut -d: -f1)p" \
	kept-profiling/tasks.rec >cut-between/tasks.rec
expect 1 "truncated: it has [0-9]+ of the run's $steps steps" trace cut-between
expect 0 'The trace is truncated' trace --partial cut-between
for source in $sources; do
	(
		ulimit -f 20
		expect 1 "truncated: it has [0-9]+ of the run's $steps steps" trace --source $source -- \
			train $job "$model" --steps $steps --granularity step
		exit $failed
	) || failed=1
done

# A program of any kind; what it prints and its exit status are its own.
expect 0 'tracing cost +not measured; about' trace --json program.json --keep kept-program -- \
	"$plait" train $job "$model" --steps 20 --granularity layer
grep -q "StarPU's profiling" out || bad 'a program is not recorded by profiling'
grep -q ' $' out && bad 'a line ends in blanks'
grep -q '"about_us_per_task": 0.4' program.json || bad 'what recording costs is not in the JSON'
expect 0 'fwd' trace --source profiling -- "$plait" train $job "$model" --steps 20 --granularity layer
expect 1 'data.*nowhere|nowhere' trace -- train --data csv:nowhere --model "$model"
expect 1 'cannot be run' trace --source profiling -- ./nowhere
expect 1 'not there|recorded nothing' trace --source profiling -- true

# -- what it refuses ------------------------------------------------------------------------------

expect 2 'usage|needs|FILE' trace
expect 2 'is none of|did you mean' trace --source fxtt -- train $job "$model"
expect 2 'no option' trace -- train $job "$model" --no-such-option
expect 2 '--html and --json name one file|--json and --html name one file' trace --json x --html x kept-profiling
expect 2 'is recorded already' trace --source profiling kept-profiling
expect 2 '--keep is for' trace --keep other kept-profiling
expect 2 'count from 1' trace --steps 0:3 kept-profiling
expect 1 'no task of steps' trace --steps 900:901 kept-profiling
expect 1 'no folder nowhere' trace --json nowhere/x kept-profiling
# A report that cannot be written costs none of the others.
if [ -c /dev/full ]; then
	expect 1 '/dev/full: cannot' trace --json /dev/full --html other.html --perfetto other.perfetto \
		--svg other.svg kept-profiling
	for file in other.html other.perfetto other.svg; do
		[ -s $file ] || bad "a full disk for --json took $file"
	done
fi
expect 1 'nowhere: No such file' trace nowhere
for option in --json --html --perfetto --svg; do
	expect 2 'a file of the folder' trace $option kept-profiling/tasks.rec kept-profiling
done
expect 0 'Where the wall time went' trace --json kept-profiling/report.json kept-profiling
# A folder with one trace takes no other one, and what cannot be written is told before the run.
expect 1 'has .* of another trace' trace --keep kept-profiling -- train $job "$model" --steps $steps
expect 1 'no folder nowhere' trace --html nowhere/x -- "$plait" train $job "$model" --log never.jsonl
expect 2 'name one file' trace --json both -- train $job "$model" --log both
[ ! -e never.jsonl ] && [ ! -e both ] || bad 'a run began though its report cannot be written'
mkdir empty
expect 1 'no trace: it has no tasks.rec' trace empty
echo 'this is no trace' >text
expect 1 'no FxT file|no FxT, which' trace text

# -- Ctrl-C: what was run until then is reported on --------------------------------------------------

# Loads spin, so that few tasks are recorded until the run is interrupted.
if env --default-signal=INT true 2>/dev/null && command -v pkill >/dev/null; then
	env --default-signal=INT "$plait" trace --source profiling -- train $job "$model" --steps 20000 --load-delay 2000 >out 2>err &
	pid=$!
	sleep 3
	kill -INT $pid
	# The job is in the foreground with it, where a terminal's Ctrl-C reaches both.
	pkill -INT -P $pid
	wait $pid
	got=$?
	[ $got -eq 130 ] || bad "Ctrl-C: status $got"
	grep -q 'Where the wall time went' out || bad 'Ctrl-C: no report'
	clean Ctrl-C
else
	echo 'env cannot restore signals, or there is no pkill: Ctrl-C is not tested'
fi

[ $failed -eq 0 ] && echo "plait trace records by $sources, reports and cleans up"
exit $((failed > 0))
