#!/bin/sh
# SPDX-License-Identifier: MIT
# --bad-samples and --bad-limit of train, eval and load: what is delivered, what is told at the end,
# on standard error, in JSON and in the log, and when it is too much.
. "$SRC/tests/cli/common"
draw=$BUILD/tests/draw
LC_ALL=C # names with bytes that are no UTF-8
export LC_ALL

# says PATTERN: standard error has it.
says()
{
	grep -Eq -e "$1" err || bad "no line like: $1"
}

# -- usage -----------------------------------------------------------------------------------

"$draw" pictures 2 30
[ $? -ne 77 ] || { echo 'no images: built without libjpeg-turbo or libpng'; exit 77; }
data="--data images:pictures --transform resize:16x16"
expect 2 '--bad-samples: "skip" is none of fail, replace, mask' load --data x --bad-samples skip
expect 2 'needs --bad-samples replace or mask, as there is --bad-limit' load --data x --bad-limit 3
expect 2 '--bad-limit: "0" is no whole number from 1' load --data x --bad-samples replace --bad-limit 0

# -- nothing is bad --------------------------------------------------------------------------

expect 0 '"bad_samples":0,"bad":\[\]\}$' load $data --json --bad-samples replace
[ ! -s err ] || bad 'something is said of no bad samples'

# -- three are -------------------------------------------------------------------------------

# A name that JSON has to escape, in Latin-1.
first=$(ls pictures/a/* | sed -n 1p)
odd=$(printf 'pictures/a/0 "caf\351".%s' "${first##*.}")
head -c 100 "$first" >"$odd"
rm "$first"
: >"$(ls pictures/a/* | sed -n 5p)"
text=$(ls pictures/b/* | sed -n 1p)
echo 'hello, world' >"$text"

expect 1 '^plait: 3 bad samples left out:$' data images:pictures --png sheet.png
says "^  $text: sample 30: offset 0: expected a JPEG or PNG image"
grep -q '^  samples  *60$' out || bad 'plait data does not tell what it could see'
[ -s sheet.png ] || bad 'nor draw it'
expect 1 'plait: .*sample 0: .*offset [0-9]+: ' load $data --no-shuffle
says '^  --bad-samples replace or mask goes on'
expect 0 '^120 samples' load $data --bad-samples replace --epochs 2
says '^plait: 3 bad samples replaced:$'
says ': sample 0: offset [0-9]+: (PNG|JPEG)'
says 'a/.*: sample 4: offset 0: .*found an empty file$'
says "^  $text: sample 30: offset 0: expected a JPEG or PNG image, found 68 65 6c 6c\$"
[ "$(grep -c . err)" -eq 4 ] || bad 'four lines are expected'

reference=
for run in '1 1 2' '2 1 3' '1 16 2' '2 7 5' 'auto auto auto'; do
	set -- $run
	expect 0 '"bad_samples":3' load $data --json --hash --bad-samples replace --workers $1 --chunk $2 --prefetch $3
	hash=$(sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p' out)
	[ "$hash" = "${reference:=$hash}" ] || bad "hash $hash, expected $reference: $run"
done
if command -v python3 >python; then
	python3 - out "$text" <<'END' || bad 'the JSON is not as it should be'
import json, sys
run = json.loads(open(sys.argv[1], "rb").read().decode("utf-8"))
bad = run["bad"]
assert [one["index"] for one in bad] == [0, 4, 30] and len(bad) == run["bad_samples"]
assert bad[0]["path"].startswith('pictures/a/0 "caf\ufffd".'), bad[0]
assert bad[2]["path"] == sys.argv[2] and bad[2]["offset"] == 0 and bad[2]["times"] >= 1
assert bad[2]["message"].startswith("offset 0: expected a JPEG"), bad[2]
assert bad[2]["data"] == "images:pictures"
END
fi

expect 0 '^57 samples' load $data --bad-samples mask
says '^plait: 3 bad samples masked:$'
hash=
for run in '1 1 2' '2 7 5'; do
	set -- $run
	expect 0 '"bad_samples":3' load $data --json --hash --bad-samples mask --workers $1 --chunk $2 --prefetch $3
	masked=$(sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p' out)
	[ "$masked" = "${hash:=$masked}" ] || bad "mask: hash $masked, expected $hash: $run"
	[ "$masked" != "$reference" ] || bad 'mask does as replace'
done

# A limit of three tolerates them.
expect 0 '^60 samples' load $data --bad-samples replace --bad-limit 3
expect 1 'plait: 3 samples are bad, the limit is 2; the last: ' load $data --bad-samples replace --bad-limit 2
says '^plait: 3 bad samples replaced:$'

# -- train and eval --------------------------------------------------------------------------

net='--model linear:2'
expect 1 'sample [0-9]+: ' train $data $net --epochs 1
says '^  --bad-samples replace or mask goes on'
expect 0 '^Epoch 2/2' train $data $net --epochs 2 --bad-samples replace --log log --save w.safetensors
says '^plait: 3 bad samples replaced:$'
[ "$(grep -c '^{"event":"bad_sample","data":"images:pictures","index":[0-9]*,"path":"pictures/.*,"offset":0,"times":2,"message":".*"}$' log)" -eq 3 ] ||
	bad 'three lines in the log, each sample met in two epochs'
expect 0 '^Epoch 1/1' train $data $net --epochs 1 --bad-samples replace --val images:pictures
says '^plait: 3 bad samples replaced:$'
"$plait" train $data $net --epochs 1 --bad-samples replace --quiet >out 2>err || bad 'train --quiet'
[ ! -s err ] || bad '--quiet is not quiet'
expect 1 'limit is 1' train $data $net --epochs 1 --bad-samples replace --bad-limit 1
expect 1 'sample [0-9]+: ' eval $data $net --init w.safetensors
expect 0 '57 samples, loss' eval $data $net --init w.safetensors --bad-samples mask
says '^plait: 3 bad samples masked:$'
expect 0 '^Epoch 1/1' train $data $net --epochs 1 --bad-samples mask --log log
grep -q '"event":"epoch".*"samples":57,' log || bad 'an epoch counts 57 samples'
expect 0 '60 samples, loss' eval $data $net --init w.safetensors --bad-samples replace
says '^plait: 3 bad samples replaced:$'

# -- many, and all ---------------------------------------------------------------------------

for file in $(ls pictures/a/* | grep -v caf); do
	: >"$file"
done
expect 0 '^60 samples' load $data --bad-samples replace
says '^plait: 31 bad samples replaced:$'
says '^  and 11 more$'
for file in pictures/b/*; do
	case $file in */029.*) ;; *) : >"$file" ;; esac
done
expect 0 '^1 samples' load $data --bad-samples mask
says '^plait: 59 bad samples masked:$'
expect 1 'images:pictures: all samples of the epoch are bad' train $data $net --epochs 1 --bad-samples mask --subset 0:2
expect 1 'is bad, and so are 16 drawn in its place; the last: ' load $data --bad-samples replace

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
