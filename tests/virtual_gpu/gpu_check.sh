#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/gpu-check on the virtual GPU: what it says when all is well, when a test fails, when time
# is short, when it is stopped, and where there is no GPU.
[ -x "$BUILD/tests/gpu/plait-gpu" ] || { echo 'skipped: built without CUDA, or with a StarPU without'; exit 77; }
here=$PWD/gpu-check-$$
mkdir "$here" && cd "$here" || exit 99
trap 'cd / && rm -rf "$here"' EXIT
unset PARTS PROGRAMS BUDGET OUT WORK ROUNDS PLAIT_PREFIX
# None with PyTorch is looked for.
export PYTHON=false
build=$(cd "$BUILD" && pwd)
check=$SRC/tests/gpu-check
tests=0 broken=0

# ok CONDITION WHAT
ok()
{
	tests=$((tests + 1))
	if eval "$1"; then
		echo "ok $tests - $2"
	else
		broken=1
		echo "not ok $tests - $2"
		sed 's/^/#   /' report
	fi
}

# check NAME=VALUE... ARGUMENT...: leaves report, status and the folder out.
check()
{
	rm -rf out
	env OUT=out "$@" >report 2>&1
	status=$?
}

line()
{
	grep -q "$1" report
}

# -- all is well -------------------------------------------------------------------------------------

check PROGRAMS=plan/run ROUNDS=1 BUDGET=120 sh "$check" --virtual "$build"
ok '[ $status -eq 0 ] && line "^nothing failed$"' 'status 0'
ok 'line VIRTUAL' 'the report says that the GPU is none'
ok '[ "$(sed -n "s/^part \([a-z]*\): .* [0-9]* s$/\1/p" report | tr "\n" " ")" = "tests sanitizer bench trace models " ]' \
	'each part in its order, with a line'
ok 'line "^  PASS  plan/run  *[1-9]"' 'the test program'
ok 'line "^  SKIP  compute-sanitizer "' 'the sanitizer is left out'
ok 'line "^  PASS  steps on the GPU" && line "^      |.*Plait .* us "' 'a figure'
ok 'line "^  PASS  trace by profiling .* computing is on CUDA"' 'a trace'
ok '[ -s out/trace-profiling.html ] && [ -s out/logs.tar.gz ]' 'the page of the trace and the logs'
ok 'line "^  PASS  models .*cuda"' 'a performance model'
ok 'cmp -s report out/results.txt' 'the results file has all of it'
mv out first

# -- a build with programs of our own ----------------------------------------------------------------

# What gpu-check needs of a build and asks of plait, and test programs that fail, hang, skip, and end early.
mkdir -p fake/src/cli fake/tests/gpu/plain/a fake/tests/codelets
printf '#!/bin/sh\necho version 1.4\necho FxT traces no\necho CUDA workers 1\n' >fake/tests/gpu/plait-gpu
chmod +x fake/tests/gpu/plait-gpu
ln -s "$build/tests/codelets/ops_gpu" "$build/tests/codelets/cudnn_gpu" fake/tests/codelets/
printf 'a/%s\n' good bad early none slow >fake/tests/gpu/programs
# program NAME COMMAND
program()
{
	printf '#!/bin/sh\n%s\n' "$2" >"fake/tests/gpu/plain/a/$1.gpu"
	chmod +x "fake/tests/gpu/plain/a/$1.gpu"
}
program good 'echo 1..1; echo ok 1 - x; [ "$PLAIT_ASSERT:$STARPU_NCUDA" = 1:1 ] && [ -f "$SRC/tests/gpu-check" ]'
program bad 'echo 1..2; echo ok 1 - x; echo not ok 2 - y; exit 1'
program early 'echo ok 1 - x; kill -SEGV $$'
program none 'echo "1..0 # SKIP no GPU"'
program slow 'echo $$ >"$SLOW"; echo ok 1 - x; exec sleep 60'
SLOW=$here/slow.pid
export SLOW

check PARTS=tests PROGRAMS='a/good a/bad a/early a/none a/gone' sh "$check" --virtual fake
ok '[ $status -eq 1 ]' 'a test program that fails makes status 1'
ok 'line "^  FAIL  a/bad  *1 passed, 1 failed" && line "^      | not ok 2 - y"' 'it is named, and what failed'
ok 'line "^  FAIL  a/early .* signal 11"' 'one that crashes after a test that passed fails'
ok 'line "^  FAIL  a/none .*no GPU"' 'one that skips all fails: there is a GPU'
ok 'line "^  FAIL  a/gone .*no program"' 'one that is not there fails'
ok 'line "^  PASS  a/good " && [ "$(grep -c "  PASS  " report)" -eq 1 ]' 'the good one alone passes'
ok 'line "^4 failed: a/bad, a/early, a/none, a/gone$"' 'the end names them'

# -- little time -------------------------------------------------------------------------------------

# Some seconds more than such a run takes here.
check PARTS=tests PROGRAMS=a/good sh "$check" --virtual fake
budget=$(($(sed -n 's/^results: .* \([0-9]*\) s of .*/\1/p' report) + 6))
check BUDGET=$budget PARTS=tests PROGRAMS='a/slow a/good' sh "$check" --virtual fake
ok '[ $status -eq 0 ] && line "^2 left out, see SKIP$"' 'what is left out is told'
ok 'line "^  SKIP  a/slow .*1 passed, then cut off" && line "^  SKIP  a/good .*no time left"' 'cut off, and not begun'
ok '! line "  PASS  "' 'neither passes'
ok '! kill -0 "$(cat slow.pid)" 2>/dev/null' 'what was cut off is ended'
check BUDGET=1 PROGRAMS='a/good a/bad' sh "$check" --virtual fake
ok '[ $status -eq 0 ] && ! line "  PASS  \|  FAIL  "' 'no time at all: nothing passes'
ok '[ "$(grep -c "^part [a-z]*: 0 passed, 0 failed, [1-9]" report)" -eq 5 ]' 'each part says so'

# Without timeout, which not every machine has.
mkdir bin
ln -s /usr/bin/* /bin/* bin/ 2>/dev/null
rm bin/timeout
check PATH="$here/bin" BUDGET=$budget PARTS=tests PROGRAMS='a/good a/slow' sh "$check" --virtual fake
ok 'line "^  PASS  a/good " && line "^  SKIP  a/slow .*cut off"' 'the same without a program timeout'
ok '! kill -0 "$(cat slow.pid)" 2>/dev/null' 'what was cut off is ended there too'

# -- stopped -----------------------------------------------------------------------------------------

rm -rf out slow.pid
OUT=out PROGRAMS='a/good a/slow' sh "$check" --virtual fake >report 2>&1 &
running=$!
while [ ! -s slow.pid ]; do sleep 0.2; done
kill -TERM $running
wait $running
status=$?
ok '[ $status -eq 143 ]' 'TERM in the middle: status 143'
ok 'grep -q "^  PASS  a/good " out/results.txt' 'what was done stays in the results'
ok 'grep -q "^stopped by TERM in part tests, " out/results.txt' 'and where it was stopped'
sleep 0.5
ok '! kill -0 "$(cat slow.pid)" 2>/dev/null' 'what ran is ended'

# -- no GPU, wrong usage -----------------------------------------------------------------------------

printf '#!/bin/sh\necho "NVIDIA-SMI has failed" >&2; exit 9\n' >nvidia-smi && chmod +x nvidia-smi
check PATH="$here:$PATH" sh "$check" "$build"
ok '[ $status -eq 77 ] && line "no GPU here: NVIDIA-SMI has failed"' 'no GPU: 77, and what nvidia-smi says'
check PARTS=nonsense sh "$check" --virtual fake
ok '[ $status -eq 2 ]' 'a part that there is not: 2'
check sh "$check" "$here/no-such-build"
ok '[ $status -eq 2 ]' 'a build that there is not: 2'

# -- bringing it along -------------------------------------------------------------------------------

# The programs of the first run, of which fewer, as a build to gather.
(cd first/work && mv played "$here")
echo plan/run >played/build/tests/gpu/programs
check sh "$check" --gather played/build along
ok '[ $status -eq 0 ] && line "^along: [0-9]*.[0-9] MB, " && [ -s along/build.tar.gz ]' 'a folder is gathered'
ok '! tar -tzf along/build.tar.gz | grep "/lib\(c\|cuda\|cublas\|cudnn\).so\|starpu/\|/sampling"' \
	'no library of glibc, the driver or the toolkit in it, and nothing that StarPU measured'
ok 'tar -tzf along/build.tar.gz | grep -q "build/lib/libstarpu-"' 'but StarPU'
rm -rf played/build
check PATH="$here/played/bin:$PATH" PARTS=tests PROGRAMS=plan/run sh along/tests/gpu-check along/build
ok '[ $status -eq 0 ] && line "PASS  plan/run"' 'what was gathered runs'
check sh "$check" --gather fake other
ok '[ $status -eq 1 ] && line "no fake/src/cli/plait: make check" ' 'a build that lacks programs is not gathered'

echo "1..$tests"
exit $broken
