#!/bin/sh
# SPDX-License-Identifier: MIT
# plait policies and plait overlap: what they write, what they refuse, and what they leave behind.
. "$SRC/tests/cli/common"
tidy=1

job='--data synthetic:640,10,3 --model linear:8'
small='--steps 10 --warmup 4'

# -- policies ----------------------------------------------------------------------------------

header='policy,ncpu,granularity,prefetch,batch_size,repeat,step_us,samples_per_second,status'
expect 0 '^[* ] (eager|plait|lws) ' policies $job $small --repeats 2 --policies eager,plait,lws \
	--ncpu 1,2 --csv p.csv --json p.json --html p.html
[ "$(head -n 1 p.csv)" = "$header" ] || bad 'the header of the CSV'
awk -F, 'NR > 1 {
		rows++
		key[$1 "," $2 "," $6]++
		if (NF != 9 || $3 != "auto" || $4 != "auto" || $5 != 32 || $7 + 0 <= 0 || $9 != "ok")
			wrong = 1
		# Samples per second are those of the step time.
		r = $8 * $7 / 32e6
		if (r < 0.999 || r > 1.001)
			wrong = 1
	} END { for (k in key) { keys++; if (key[k] != 1) wrong = 1 }; exit wrong || rows != 12 || keys != 12 }' p.csv ||
	bad 'rows of the CSV'
for key in policy ncpu granularity prefetch batch_size status step_us ratio idle_percent \
	load_wait_percent tasks_per_second group noise_percent runs; do
	grep -q "\"$key\":" p.json || bad "$key is not in the JSON"
done
grep -q '</html>' p.html || bad 'the page has no end'
! grep -Eq '(src|href)="?https?:' p.html || bad 'the page asks a network'

# A configuration that cannot run is told and does not stop the others.
expect 0 'failed: .*2 shards of a batch of 1' policies $job $small --repeats 2 --policies eager \
	--shards 2 --batch-sizes 1,32 --csv p.csv
[ "$(grep -c ',failed$' p.csv)" -eq 2 ] && [ "$(grep -c ',ok$' p.csv)" -eq 2 ] ||
	bad 'the CSV has not what failed and what did not'
# One that takes too long is ended; if all are, that is a failure.
expect 1 'not one configuration' policies $job $small --policies eager --repeats 2 --max-run 0.3 --load-delay 200000 --csv q.csv
[ "$(grep -c ',timeout$' q.csv)" -eq 2 ] || bad 'the CSV does not tell the timeouts'
# Where nothing was measured, files that have figures keep them.
cp p.csv q.csv
cp p.json q.json
expect 1 'q.csv: stays as it was' policies $job $small --policies eager --repeats 1 --max-run 0.3 \
	--load-delay 200000 --csv q.csv --json q.json
cmp -s p.csv q.csv && cmp -s p.json q.json || bad 'a sweep without a figure has replaced old ones'
# A report that cannot be written costs none of the others.
if [ -c /dev/full ]; then
	expect 1 '/dev/full: cannot be written' policies $job $small --policies eager --repeats 1 \
		--csv /dev/full --json other.json --html other.html
	[ -s other.json ] && [ -s other.html ] || bad 'a full disk for --csv took the other reports'
	expect 1 '/dev/full: cannot be written' policies $job $small --policies eager --repeats 1 \
		--json /dev/full --html third.html
	[ -s third.html ] || bad 'a full disk for --json took the page'
fi
expect 0 'there was no time for|skipped' policies $job --steps 100000 --policies eager,prio --repeats 50 --max-time 2
expect 0 'One run each tells nothing of noise' policies $job $small --policies eager --repeats 1
expect 0 'Two runs each tell too little of noise' policies $job $small --policies eager --repeats 2
grep -q 'warning: --repeats 2' err || bad 'no warning of two repeats'
# All granularities and prefetches, in one table.
expect 0 '^[* ] eager +op +4 ' policies $job $small --policies eager --repeats 1 \
	--granularities op,step,run:4 --prefetches auto,4 --csv grains.csv
grep -q '^eager,[0-9]*,run:4,4,' grains.csv || bad 'no run:4 in the CSV file'

expect 2 'no scheduling policy "eagre", did you mean eager' policies $job --policies eagre
expect 2 'no scheduling policy ""' policies $job --policies eager,
expect 2 '1024' policies $job --ncpu 0
expect 2 'is none of' policies $job --granularities step,stepp
expect 2 'is not run:N' policies $job --granularities step,run:
expect 2 'a task has one step here' overlap $job --granularity run:2
expect 2 '--prefetches' policies $job --prefetches 1
expect 2 '--csv and --html name one file|--html and --csv name one file' policies $job --csv x --html x
expect 2 'train has it' policies $job --save x
expect 2 'needs --model' policies --data synthetic:10,2,2
expect 1 'no folder nowhere' policies $job $small --policies eager --repeats 1 --csv nowhere/p.csv
expect 1 'missing.csv: cannot open' policies --data csv:missing.csv --model linear:2 $small --policies eager --repeats 1

# -- overlap ------------------------------------------------------------------------------------

expect 0 '"full_step_us"' overlap $job $small --repeats 1 --json
for key in off_step_us load_step_us full_step_us load_alone_us compute_alone_us ideal_us; do
	grep -Eq "\"$key\": [0-9.]+,?\$" out || bad "$key is not in the JSON"
done
head -c 1 out | grep -q '{' || bad 'more than JSON is printed'
awk '/_alone_us/ { v = $2 + 0; if (v > most) most = v } /"ideal_us"/ { ideal = $2 + 0 }
	END { exit ideal != most }' out || bad 'ideal is not the larger of the two'
grep -q '"same_loss": true' out || bad 'losses are not the same'
# So few steps that the figures are anything: then they are called noise, or cannot be had.
for steps in 1 1 1 1 2 2; do
	"$plait" overlap $job --steps $steps --warmup 1 --repeats 1 >out 2>err || grep -q 'too few to measure' err ||
		bad "overlap of $steps steps"
	! grep -q 'Assertion\|invariant' err out || bad 'few steps break an assertion'
	ratio=$(sed -n 's/.*--overlap full .* step  *\([0-9.]*\) x ideal.*/\1/p' out)
	case $ratio in 0.[0-8]*) grep -q 'the difference is noise' out || bad 'noise is not told' ;; esac
done
expect 0 'ideal .* the slower of the two' overlap $job $small --repeats 2 --json o.json --load-delay 300
grep -q '"ideal_us"' o.json || bad 'no JSON in the file'
# Loads that spin longer than anything here computes: loading alone takes so long at least, by two
# workers half of it.
awk '/"load_alone_us"/ { exit $2 + 0 < 150 }' o.json || bad 'the delay is not felt'
expect 0 'median of 1' overlap $job $small --repeats 1 --ncpu 20
grep -q 'warning: 20 CPU workers' err || [ "$(nproc)" -ge 20 ] || bad '20 CPU workers are not warned of'
(failed=0; STARPU_NCPU=100000; expect 1 'not one' policies $job $small --policies eager --repeats 1
	grep -q 'failed: .*100000 CPU workers (STARPU_NCPU)' out || bad 'policies runs with STARPU_NCPU=100000'
	STARPU_NCPU=20; expect 0 eager policies $job $small --policies eager --repeats 1
	grep -q 'warning: 20 CPU workers' err || [ "$(nproc)" -ge 20 ] || bad 'policies does not warn of STARPU_NCPU=20'
	exit $failed) || failed=$((failed + 1))
expect 2 'no option "--overlap"' overlap $job --overlap off
expect 1 'missing.csv' overlap --data csv:missing.csv --model linear:2

# -- Ctrl-C ----------------------------------------------------------------------------------------

# Started in the background a shell's child ignores it, so env puts it right where it can.
if env --default-signal=INT true 2>/dev/null; then
	env --default-signal=INT "$plait" policies $job --steps 10000000 --policies eager >out 2>err &
	pid=$!
	sleep 1
	kill -INT $pid
	wait $pid
	got=$?
	[ $got -eq 130 ] || bad "Ctrl-C: status $got"
	grep -q 'interrupted' err || bad 'Ctrl-C is not told'
	clean Ctrl-C
	"$plait" policies $job --steps 10000000 --policies eager >out 2>err &
	pid=$!
	sleep 1
	kill -TERM $pid
	wait $pid
	clean SIGTERM
else
	echo 'env cannot restore signals here: Ctrl-C is not tested'
fi

[ $failed -eq 0 ] && echo 'plait policies and overlap do as they say'
exit $((failed > 0))
