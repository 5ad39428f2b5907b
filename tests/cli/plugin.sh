#!/bin/sh
# SPDX-License-Identifier: MIT
# Layers from a plug-in: every command that takes --model knows them, the bits of a training do not
# depend on how it is cut, and what is no plug-in is refused by name.
. "$SRC/tests/cli/common"

# build NAME.so FILE.c [FLAG...]
build()
{
	so=$1
	shift
	# shellcheck disable=SC2086 # lists
	$CC $CFLAGS $CPPFLAGS -I"$SRC/include" -shared -fPIC -o "$so" "$@" -lm 2>build.err ||
		{ cat build.err; echo "$so does not compile"; exit 1; }
}
build swish.so "$SRC/tests/plugin/swish.c"

data='--data synthetic:640,10,3'
words='linear:8 swish:1.5 gain linear:3'

# -- every command -------------------------------------------------------------------------------

for with in '--plugin swish.so' '--plugin ./swish.so' "--plugin=$here/swish.so" \
	'--plugin swish.so --plugin ./swish.so'; do
	# shellcheck disable=SC2086 # options
	expect 0 '^Epoch 1/1' train $data --model "$words" --epochs 1 $with
done
# shellcheck disable=SC2086 # options
{
	expect 0 'fwd/1.swish' train $data --model "$words" --steps 4 --granularity op --print-plan --plugin swish.so
	grep -q 'bwd/2.gain' out || bad 'the plan lacks the gradient of the gain'
	expect 0 '^Epoch 1/1' train $data --model "$words" --epochs 1 --plugin swish.so --save w.st
	expect 0 'samples, loss' eval $data --model "$words" --plugin swish.so --init w.st
	expect 0 'same in the three' overlap $data --model "$words" --plugin swish.so --steps 8 --warmup 4 --repeats 1
	expect 0 '^codelet' models $data --model "$words" --plugin swish.so
	expect 0 'eager' policies $data --model "$words" --plugin swish.so --policies eager --steps 10 --warmup 4 --repeats 1
	expect 0 '1.swish' trace -- train $data --model "$words" --plugin swish.so --steps 20 --granularity op

	for grain in op layer phase step; do
		expect 0 '^Epoch' train $data --model "$words" --epochs 2 --plugin swish.so --granularity $grain \
			--save $grain.st
		cmp -s $grain.st op.st || bad "other weights at granularity $grain"
	done

	# Metrics: in the line, in the log, with samples that do not count; their bits depend on no task.
	expect 0 ', score -?[0-9.]*, square [0-9.]*$' eval $data --model "$words" --plugin swish.so --init w.st \
		--metric score,square
	for grain in op layer phase step; do
		expect 0 '  score -?[0-9.]*  topk:2 [0-9.]*  ' train $data --model "$words" --epochs 2 --plugin swish.so \
			--granularity $grain --metric score,topk:2 --pad-last --batch-size 50 --shards 2 --log $grain.log
		sed -e '/"event":"config"/d' -e 's/"seconds".*//' $grain.log >$grain.sums
		cmp -s $grain.sums op.sums || bad "other metrics at granularity $grain"
	done
	grep -q '"metrics":{"score":-*[0-9.]*,"topk:2":[0-9.]*}' op.sums || { cat op.sums; bad 'the log of a plug-in metric'; }
	expect 2 'mean counts all' train $data --model "$words" --plugin swish.so --metric square --pad-last
	expect 2 'score takes no arguments' train $data --model "$words" --plugin swish.so --metric score:2
	expect 2 'unknown metric "score".*--plugin.*the metrics are mae, topk, precision, .*' train $data --model relu --metric score
	expect 2 'the metrics are mae, topk, score, square, precision, .*' train $data --model "$words" --plugin swish.so --metric swish
	expect 2 'unknown layer "score"' train $data --model score --plugin swish.so

# -- what is not there ---------------------------------------------------------------------------

	expect 2 'unknown layer "swish".*--plugin' eval $data --model "$words" --init w.st
	expect 2 'unknown layer "swish".*--plugin' train $data --model "$words"
	# The file says what its weights are of.
	expect 0 '^Epoch 1/1' train $data --model 'linear:8 swish:1.5 linear:3' --epochs 1 --plugin swish.so --save s.st
	expect 1 'weights of --model "linear:8 swish:1.5 linear:3"' eval $data --model 'linear:8 relu linear:3' \
		--init s.st --strict
	expect 2 'as in swish:1.5' train $data --model swish --plugin swish.so
	expect 2 "no option \"--plugin\"" load $data --plugin swish.so
	expect 1 'missing.so: No such file' train $data --model relu --plugin missing.so
	expect 2 'no value|needs a value' train $data --model relu --plugin
}

# A program that is linked with the shared library loads the same file.
cat >load.c <<'END'
#include <plait.h>
int main(void)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 4 });
	int status = plait_plugin_load("swish.so");

	plait_model(x, "swish:2 gain");
	if (status == 0)
		status = plait_graph_status(net);
	puts(status == 0 ? "built" : plait_error_message());
	plait_graph_destroy(net);
	return status < 0;
}
END
if [ -f "${LIB-}" ]; then
	# shellcheck disable=SC2086 # lists
	$CC $CFLAGS $CPPFLAGS -I"$SRC/include" -o load load.c "$LIB" -Wl,-rpath,"${LIB%/*}" 2>build.err ||
		{ cat build.err; echo 'a program with the library does not link'; exit 1; }
	./load >out 2>err && grep -qx built out || bad 'a program with the library'
fi

# -- what is no plug-in --------------------------------------------------------------------------

# refuse PATTERN FILE: in a training, and before all runs of a sweep.
refuse()
{
	# shellcheck disable=SC2086 # options
	{
		expect 2 "$1" train $data --model relu --plugin "$2"
		expect 2 "$1" policies $data --model relu --plugin "$2" --policies eager --repeats 1
	}
}

echo text >text.so
refuse 'plug-in text.so cannot be loaded: ' text.so
echo 'int something;' >nothing.c
build nothing.so nothing.c
refuse 'nothing.so is no plug-in: it has no function int plait_plugin\(void\)' nothing.so
echo 'int plait_plugin(void); int plait_plugin(void) { return 3; }' >mute.c
build mute.so mute.c
refuse 'plug-in mute.so: its plait_plugin\(\) returned 3: it gives no message' mute.so
# One that was compiled against another version.
mkdir -p other/plait
for header in "$SRC"/include/plait/*.h; do
	sed 's/define PLAIT_OP_ABI [0-9]*/define PLAIT_OP_ABI 7/' "$header" >"other/plait/${header##*/}"
done
cp "$SRC/tests/plugin/swish.c" "$SRC/tests/plugin/swish.h" other
# shellcheck disable=SC2086 # lists
$CC $CFLAGS $CPPFLAGS -Iother -shared -fPIC -o other.so other/swish.c -lm || exit 1
refuse 'plug-in other.so: .*"swish": its abi is 7, and PLAIT_OP_ABI is [0-9]+ here' other.so
# Two that have one name.
cp swish.so twin.so
# shellcheck disable=SC2086 # options
expect 2 'twin.so: .*"swish": another one of this name' train $data --model relu --plugin swish.so --plugin twin.so
exit $failed
