#!/bin/sh
# SPDX-License-Identifier: MIT
# plait pack: what is wrong on its command line, what it prints and leaves, and training from
# what it wrote, which must not differ from training from the source.
. "$SRC/tests/cli/common"
prefix=pack

expect 0 '^usage: plait pack --data SPEC OUT' --help
expect 2 'pack: needs --data SPEC'
expect 2 'pack: needs --data SPEC' out.plk
expect 2 'pack: needs --data SPEC' out.plk --data
expect 2 'pack: needs --data SPEC' out.plk --data --raw
expect 2 'pack: needs a file to write' --data synthetic:10,2,2
expect 2 'no option "--row", did you mean --raw\?; the options are' --row
expect 2 'needs one file to write, found "a" and "b"' --data synthetic:10,2,2 a b
expect 2 'no data set format "synthetics"' --data synthetics:10,2,2 out.plk
expect 1 'none.npy: cannot open' --data npy:none.npy,y.npy out.plk
expect 1 'out.plk' --data synthetic:10,2,2 no-such-folder/out.plk
expect 1 'is a folder' --data synthetic:10,2,2 .
expect 1 'found a pipe or a device' --data synthetic:10,2,2 /dev/null
if [ -n "$(find . -name '*plk*')" ]; then
	echo 'FAILED: a run that failed left something behind'
	failed=$((failed + 1))
fi

expect 0 '^out.plk: 320 samples float32 \[10\], 2 classes, 0\.0 MB$' --data synthetic:320,10,2 out.plk
if [ "$(ls)" != "$(printf 'err\nout\nout.plk')" ]; then
	echo "FAILED: left behind: $(ls)"
	failed=$((failed + 1))
fi
expect 0 '^again.plk: 320 samples float32' again.plk --data=packed:out.plk
"$plait" pack --data synthetic:320,10,2 quiet.plk --quiet >out 2>&1
if [ -s out ] || ! cmp -s quiet.plk out.plk; then
	echo 'FAILED: --quiet prints something, or the same data are not packed the same'
	failed=$((failed + 1))
fi

for data in synthetic:320,10,2 packed:out.plk packed:again.plk; do
	"$plait" train --data "$data" --model 'linear:8 relu linear:2' --epochs 2 --log log.jsonl \
		--log-every 1 >out 2>&1 || sed 's/^/    /' out
	grep '"event":"step"' log.jsonl >"$(echo "$data" | tr ':,.' ---).steps"
done
for steps in packed-*.steps; do
	if ! [ -s "$steps" ] || ! cmp -s "$steps" synthetic-320-10-2.steps; then
		echo "FAILED: $steps: losses are not those of the source"
		failed=$((failed + 1))
	fi
done

# A damaged file is said to be.
printf 'x' | dd of=out.plk bs=1 seek=9000 conv=notrunc 2>/dev/null
expect 1 'out.plk: sample [0-9]+: offset [0-9]+: .*checksum' --data packed:out.plk more.plk
# It is one bad sample, of floats too, and a file that is cut while it is used has some more.
prefix=
expect 1 'out.plk: sample [0-9]+: offset [0-9]+: .*checksum' load --data packed:out.plk
expect 0 '"bad_samples":1,.*"path":"out.plk","offset":[0-9]+' load --data packed:out.plk --json --bad-samples mask
"$plait" train --data packed:again.plk --model linear:2 --epochs 1 --batch-size 4 --prefetch 2 \
	--load-delay 20000 --bad-samples mask --log cut.jsonl --log-every 1 >out 2>err &
while kill -0 $! 2>/dev/null && ! grep -q '"event":"step"' cut.jsonl 2>/dev/null; do sleep 0.1; done
truncate -s 9000 again.plk
wait $! || bad 'a file that is cut while it is used'
grep -q '"path":"again.plk","offset":[0-9]*,.*expected [0-9]* more bytes, found the end' cut.jsonl ||
	bad 'no word of the end of the file'
exit $((failed > 0))
