#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the numbered course at a small size and checks what it prints for sense.
set -u
# Beside the other logs, not in a system folder: nothing stays behind when this is killed.
dir=tests/examples.tmp
failed=0

fail()
{
	echo "FAIL: $*"
	sed 's/^/    /' "$dir/out" "$dir/err"
	failed=1
}

# run EXPECTED_STATUS EXAMPLE [ARGUMENT...]: leaves its output in $dir/out and $dir/err.
run()
{
	expected=$1 name=$2
	shift 2
	"$BUILD/examples/$name" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	# Debian 13's StarPU misses a folder of its own package and says so in every run.
	sed -i '/_perf_model_add_dir.*installation directory does not exist/d' "$dir/err"
	[ $status -eq "$expected" ] || fail "$name $*: exit status $status, expected $expected"
	[ "$expected" -ne 0 ] || [ ! -s "$dir/err" ] || fail "$name $*: it complains"
}

# says LINE: the output has exactly this line.
says()
{
	grep -qxF -- "$1" "$dir/out" || fail "$name: the line \"$1\" is missing"
}

# falls LINES: that many lines "Epoch I/N, Loss: X...", in order, the last X below the first.
falls()
{
	awk -v lines="$1" '
		/^Epoch / {
			n++
			if ($0 !~ "^Epoch " n "/" lines ", Loss: [0-9]+[.][0-9][0-9][0-9][0-9](,|$)")
				bad = 1
			loss = $4 + 0
			if (n == 1)
				first = loss
		}
		END { exit bad || n != lines || !(loss < first) }' "$dir/out" ||
		fail "$name: expected $1 lines of a loss that falls"
}

rm -rf "$dir"
mkdir -p "$dir"

run 0 01_task 1000
says 'sum of 1000 ones, times 2, times 3: 6000'

run 0 02_graph 12
says 'values is [2,3] of float32, 24 bytes'
says 'hidden     [50]'
says 'sum        [12]'
says 'in words   [2]'
grep -q '^a wrong graph: .*add.*50.*60' "$dir/out" ||
	fail 'the sticky error does not name op and shapes'

run 0 03_classify 2000 5
falls 5
# Labels are drawn by lot: no network knows better than log 2 at first.
awk '$2 == "1/5," { exit !($4 > 0.65 && $4 < 0.75) }' "$dir/out" || fail 'the first loss is not about log 2'

run 0 04_regress 100 10
falls 10
grep -q '^0.weight \[10,10\], first value -*0[.]' "$dir/out" || fail 'no weights'
grep -q '^0.bias \[10\], first value -*0[.]' "$dir/out" || fail 'no bias'
grep -q '^sample 0, output 0: target 0.9975, prediction -*[0-9]' "$dir/out" || fail 'no prediction'

. "$SRC/tests/stripes"
stripes "$dir"
export PLAIT_DATA="$dir"
run 0 05_fashion_mnist 4 "$dir/weights.safetensors"
falls 4
grep -q '^Epoch 4/4, .*Validation accuracy: 1.0000, ' "$dir/out" || fail 'ten stripes are not told apart'
for tensor in 1.weight 1.bias 3.weight 3.bias 5.weight 5.bias; do
	head -c 2000 "$dir/weights.safetensors" | tr -c '[:print:]' ' ' | grep -qF "\"$tensor\"" ||
		fail "$tensor is not in the file of weights"
done
for precision in fp32 bf16; do
	run 0 16_cnn 4 $precision
	falls 4
	grep -q '^Epoch 4/4, .*Test accuracy: 1.0000, ' "$dir/out" || fail 'stripes are not told apart'
done
rm "$dir/t10k-labels-idx1-ubyte"
run 1 05_fashion_mnist 1 "$dir/never"
grep -q 't10k-labels-idx1-ubyte' "$dir/err" || fail 'the missing file is not named'
[ ! -e "$dir/never" ] || fail 'weights were saved all the same'

run 0 06_loader 1003
says 'epoch 3 goes on at batch 8 of 16'
[ "$(grep -cxF '1003 samples, 501 of class 1, means 0.4995 0.9990 1.4985' "$dir/out")" -eq 3 ] ||
	fail 'three epochs, one of them in two parts, differ in what they hold'
[ "$(sed -n 's/^epoch . begins with//p' "$dir/out" | sort -u | wc -l)" -eq 2 ] ||
	fail 'two epochs begin alike'

"$BUILD/tests/draw" "$dir/train" 3 40 jpeg
drawn=$?
if [ $drawn -eq 77 ]; then
	echo 'no JPEG images: 07_images is not run'
elif [ $drawn -ne 0 ] || ! "$BUILD/tests/draw" "$dir/test" 3 9 jpeg; then
	fail 'images cannot be drawn'
else
	echo 'no picture' >"$(ls "$dir"/train/a/* | head -n 1)"
	run 0 07_images "images:$dir/train" "images:$dir/test" 12
	falls 12
	grep -q '^Epoch 12/12, .*Test accuracy: [01][.][0-9]*, [0-9]* images/s$' "$dir/out" || fail 'no accuracy'
	# Three discs of one colour each, which any network that learns can tell apart.
	awk '/^Epoch 12/ { sub(",", "", $7); exit !($7 >= 0.8) }' "$dir/out" || fail 'three colours are not told apart'
	says 'test image 0: a'
	grep -q "^bad: $dir/train/a/.*: offset 0: expected a JPEG" "$dir/out" || fail 'the bad image is not named'
	# A network that is small enough to wait for.
	run 2 17_resnet "images:$dir/train"
	run 1 17_resnet "images:$dir/train" "images:$dir/test" 1 resnet
	grep -q 'did you mean' "$dir/err" || fail 'nothing is said of a word that is none'
	rm -r "$dir/test/b"
	run 1 07_images "images:$dir/train" "images:$dir/nowhere" 1
	grep -q "$dir/nowhere" "$dir/err" || fail 'the missing folder is not named'
fi

run 0 08_own_task 640 45
# 45 steps of 32, all classes together.
awk '/^class/ { sum += $3 } END { exit sum != 45 * 32 }' "$dir/out" || fail 'not every sample was counted once'
# It is in both kinds of traces, once for each step.
for source in profiling fxt; do
	"$BUILD/src/cli/plait" trace --source $source --json "$dir/trace.json" -- \
		"$BUILD/examples/08_own_task" 640 45 >"$dir/out" 2>"$dir/err"
	status=$?
	if [ $status -ne 0 ] && grep -q 'without FxT' "$dir/err"; then
		echo 'this StarPU has no FxT: no trace of it'
		continue
	fi
	[ $status -eq 0 ] || fail "08_own_task traced by $source: exit status $status"
	grep -Eq '^ +histogram +45 ' "$dir/out" || fail "its codelet is not in the trace by $source"
done

run 0 10_own_loop 2
# 126 steps: their losses are read ten steps late, and every run has the same.
[ "$(grep -c '^step [0-9]*0  loss [0-9.]*$' "$dir/out")" -eq 11 ] || fail 'not every tenth loss is told'
awk '/^step/ { last = $4; if (!first) first = last } /^after/ { exit !(first > 2 * last && $4 < first) }' "$dir/out" ||
	fail 'the loss does not fall'
mv "$dir/out" "$dir/first"
run 0 10_own_loop 2
cmp -s "$dir/first" "$dir/out" || fail 'two runs differ'

"$BUILD/src/cli/plait" train --quiet --data synthetic:2000,8,4 --model 'linear:32 relu linear:4' --save "$dir/w.safetensors" ||
	fail 'no weights'
printf '%s\n' '1,2,3,4,5,6,7,8' '-1,0.5,2e-1,0,0,0,0,0' >"$dir/samples"
run 0 11_inference "$dir/w.safetensors" <"$dir/samples"
[ "$(grep -cE '^[0-3],(0\.[2-9][0-9]{3}|1\.0000)$' "$dir/out")" -eq 2 ] || fail 'not a class and its probability for each line'
# Each line is answered before the next one is there.
mkfifo "$dir/questions"
"$BUILD/examples/11_inference" "$dir/w.safetensors" <"$dir/questions" >"$dir/answers" &
exec 3>"$dir/questions"
for answers in 1 2; do
	head -n 1 "$dir/samples" >&3
	tries=0
	until [ "$(wc -l <"$dir/answers")" -eq $answers ] || [ $tries -gt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	[ "$(wc -l <"$dir/answers")" -eq $answers ] || fail "answer $answers does not come before the next question"
done
exec 3>&-
wait
run 1 11_inference "$dir/nowhere.safetensors" </dev/null
grep -q '^usage' "$dir/err" && grep -q nowhere "$dir/err" || fail 'a missing file is not named'
printf '%s\n' 1,2,3,4,5,6,7,8,0.5 8,7,6,5,4,3,2,1,-0.5 >"$dir/numbers.csv"
"$BUILD/src/cli/plait" train --quiet --data "csv:$dir/numbers.csv" --model linear:1 --loss mse --epochs 1 --save "$dir/n.safetensors" ||
	fail 'no weights'
run 1 11_inference "$dir/n.safetensors" <"$dir/samples"
grep -q '^usage.*CLASSIFIER' "$dir/err" && [ ! -s "$dir/out" ] || fail 'numbers are taken for probabilities'
printf 1,2,3,4,5,6,7,8 >"$dir/samples"
run 0 11_inference "$dir/w.safetensors" <"$dir/samples"
[ "$(wc -l <"$dir/out")" -eq 1 ] || fail 'a last line without an end is not taken'
for wrong in 1,2,3,4,5,6,7 1,2,3,4,5,6,7,8,9 1,2,3,4,5,6,7,8, '1 2 3 4 5 6 7 8' 1,2,3,x,5,6,7,8; do
	echo "$wrong" >"$dir/samples"
	run 1 11_inference "$dir/w.safetensors" <"$dir/samples"
done
echo 1,2,3 >"$dir/samples"
run 1 11_inference "$dir/w.safetensors" <"$dir/samples"
grep -qxF 'expected 8 numbers, found 1,2,3' "$dir/err" || fail 'a short line is not named'

run 0 12_own_op 640 4
falls 4
# Rounding alone: a gradient that is wrong is off by far more.
awk '/^the gradient is right to/ { ok = $6 < 1e-4 } END { exit !ok }' "$dir/out" || fail 'the gradient is not right'

run 0 13_pool 10
for line in 'trained:  average loss' 'forward:  average loss' 'backward: average loss'; do
	grep -q "^$line 0[.][0-9]*" "$dir/out" || fail "no line \"$line\""
done
# The pass forward sees the parameters after the last epoch, and both passes the same.
awk '/^trained/ { trained = $4 } /^forward/ { forward = $4 } /^backward/ { backward = $4 }
	END { exit !(forward + 0 < trained && forward == backward) }' "$dir/out" ||
	fail 'the loss does not fall, or forward and backward differ in it'
mv "$dir/out" "$dir/first"
run 0 13_pool 10
cmp -s "$dir/first" "$dir/out" || fail 'two runs differ'
run 0 13_pool 40
awk '/^forward/ { print $4 + 0 }' "$dir/first" "$dir/out" | sort -rnc || fail 'more epochs do not lower the loss'

run 0 14_parallel 640
[ "$(grep -c ' loss [0-9]' "$dir/out")" = 3 ] || fail '14_parallel: not three losses'
[ "$(sed 's/.* loss //' "$dir/out" | sort -u | wc -l)" = 1 ] || fail '14_parallel: losses differ'

run 0 15_sweep 640
[ "$(grep -c '^lr=.* loss [0-9]' "$dir/out")" = 4 ] || fail '15_sweep: not four losses'
says 'best: lr=0.1'

rm -rf "$dir"
exit $failed
