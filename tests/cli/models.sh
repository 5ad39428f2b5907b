#!/bin/sh
# SPDX-License-Identifier: MIT
# plait models: what StarPU has learned is shown, what is suspicious is flagged, and --reset removes
# what was shown and nothing else.
. "$SRC/tests/cli/common"
unset STARPU_PERF_MODEL_DIR
STARPU_HOME=$here
export STARPU_HOME

files()
{
	find "$here/.starpu" -path '*/codelets/*' -type f -name "$1*" | wc -l
}

job='--data synthetic:3200,10,3 --granularity layer'
one='--model linear:8'
two='--model linear:9'

expect 0 'has learned nothing of this job yet' models $job $one
grep -q '^fwd/0.linear .*nothing learned' out || bad 'codelets are not listed'
expect 0 'nothing to remove' models $job $one --reset

for model in "$one" "$two"; do
	STARPU_CALIBRATE=1 "$plait" train $job $model --steps 60 --sched dmda --quiet || bad "training $model"
done
expect 0 'Models are in ' models $job $one --json m.json
# The count is not certain: StarPU starts a model again if too many samples are far from its mean.
for name in fwd/0.linear bwd/0.linear upd/0.linear; do
	awk -v name=$name '$1 == name && $2 ~ /^cpu/ && $3 > 0 && $4 > 0 { found = 1 } END { exit !found }' out ||
		bad "$name has no model"
	grep -q "\"name\": \"$name\"" m.json || bad "$name is not in the JSON"
done
expect 0 '^fwd_[0-9a-f]* ' models $job $one --all

# A history of fifty with one run that took a hundred times as long: StarPU's own text, edited.
model=$(find "$here/.starpu" -path '*/codelets/*' -name 'fwd_*' -type f | head -n 1)
awk '/^# hash/ { print; getline; $5 = 100 * $4; $8 = 50; print; next } { print }' "$model" >edited && cp edited "$model"
expect 0 ' spikes$' models $job --all $one
grep -q '^spikes: the deviation is over a third' out || bad 'the flag is not explained'

# A file that was cut off, which ends StarPU's own readers.
cp "$model" whole
head -c 300 whole >"$model"
expect 0 ' broken$' models $job --all $one --json m.json
grep -q '^broken: the file is damaged' out || bad 'a broken file is not explained'
grep -q '"flag": "broken"' m.json || bad 'a broken file is not in the JSON'

# Whoever runs tasks sets it aside, under any policy, and goes on.
for sched in eager dmda; do
	head -c 300 whole >"$model"
	expect 0 '' train $job $one --steps 20 --sched $sched
	grep -q "$model: line [0-9]*: damaged performance model.*set aside as $model.damaged" err ||
		bad "$sched: a damaged model is not named"
	head -c 300 whole | cmp -s - "$model.damaged" || bad "$sched: a damaged model is not kept aside"
done
expect 0 '' train $job $one --steps 20
! grep -q damaged err || bad 'a model that was set aside is damaged still'
# What StarPU knows of the machine: it ends the process where a file is damaged.
bus=$(find "$here/.starpu/sampling/bus" -name '*.config' | sed 's/\.config$//')
cp "$bus.config" config && cp "$bus.affinity" affinity
for damage in config: 'config:x y z' 'config:2 # Number of CPUs' affinity: 'affinity:no head'; do
	file=${damage%%:*}
	printf '%s' "${damage#*:}" >"$bus.$file"
	expect 0 '' train $job $one --steps 2
	grep -q "$bus.$file: line [0-9]*: damaged file of StarPU's.*set aside as $bus.$file.damaged" err ||
		bad "a damaged $file ($damage) is not named"
	[ -f "$bus.$file.damaged" ] || bad "a damaged $file ($damage) is not kept aside"
	cmp -s "$bus.$file" "$file" || bad "$file is not written anew ($damage)"
	rm -f "$bus.$file.damaged"
	expect 0 '' train $job $one --steps 2
	! grep -q damaged err || bad "$file is damaged still ($damage)"
done

rm "$model.damaged"
head -c 300 whole >"$model"
expect 0 ' broken$' models $job --all $one

before=$(files '')
expect 0 '^removed .*/fwd_' models $job $one --reset
removed=$(grep -c '^removed ' out)
[ "$removed" -ge 3 ] && [ "$(files '')" -eq $((before - removed)) ] ||
	bad "of $before models $removed were removed, $(files '') are left"
expect 0 '^fwd/0.linear +cpu' models $job $two
expect 0 '^fwd/0.linear .*nothing learned' models $job $one
expect 0 '^removed .*/fwd_' models $job $one --reset --all
[ "$(files fwd_)" -eq 0 ] || bad 'a model is left after --reset --all'
expect 2 'needs --model' models $job
expect 2 'no option "--reste", did you mean --reset' models $job $one --reste

# Without STARPU_HOME all that StarPU writes is in Plait's folder of the user's cache, where models are found.
unset STARPU_HOME
mkdir home
HOME=$here/home
export HOME
expect 0 '^Epoch' train $job $one --steps 60 --sched dmda
[ "$(ls -A home) $(ls -A home/.cache) $(ls -A home/.cache/plait)" = '.cache plait starpu' ] ||
	bad "there is more than the cache in the home folder: $(find home -maxdepth 2)"
expect 0 "^Models are in $here/home/.cache/plait/starpu/" models $job $one
expect 0 '^fwd/0.linear +cpu' models $job $one

[ $failed -eq 0 ] && echo 'plait models shows, flags and resets'
exit $((failed > 0))
