#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the fuzz targets: a second each in make check, always with the same seed; longer, with
# seeds of their own and a corpus that stays, in make fuzz.
names=${FUZZ_NAMES-}
seconds=${FUZZ_SECONDS-}
corpus=${FUZZ_CORPUS-}
folder=$BUILD/tests/fuzz
how=
if [ -z "$names" ]; then
	names=$(cd "$folder" 2>/dev/null && ls fuzz-* 2>/dev/null | grep -v '[.]' | sed 's/^fuzz-//')
	seconds=1
	how=-seed=1
fi
if [ -z "$names" ] || [ ! -x "$folder/seeds" ]; then
	echo 'no fuzz targets: they need a clang with libFuzzer (Debian: clang)'
	exit 77
fi
if [ -z "$corpus" ]; then
	corpus=$(mktemp -d) || exit 99
	trap 'rm -rf "$corpus"' EXIT
fi
"$folder/seeds" "$corpus" || exit 99
export PLAIT_ASSERT=1

# An image may take what plait__image_decode allows; no reader may ask for more at once
# because a file says so.
failed=0
for name in $names; do
	mkdir -p "$corpus/$name"
	log=$corpus/$name.log
	"$folder/fuzz-$name" $how -max_total_time="$seconds" -max_len=16384 -timeout=20 \
		-rss_limit_mb=2048 -malloc_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$folder/$name-" "$corpus/$name" >"$log" 2>&1
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ $status -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
		echo "$name: $runs inputs"
	else
		tail -n 60 "$log"
		echo "$name: FAILED with status $status"
		failed=1
	fi
done
exit $failed
