#!/bin/sh
# SPDX-License-Identifier: MIT
# plait load and plait data: what they print, what of it may not depend on how the loader is
# run, transforms on the command line, and what can be wrong there.
. "$SRC/tests/cli/common"
draw=$BUILD/tests/draw
man=$SRC/src/cli/plait.1

# Samples without any library for images: 60 of [8,8] bytes in three classes, all different.
i=0
{
	printf '\0\0\10\3\0\0\0\074\0\0\0\10\0\0\0\10'
	while [ $i -lt 60 ]; do
		printf "\\$(printf %03o $((i * 4)))\\200\\377\\0%060d" $((i * i))
		i=$((i + 1))
	done
} >images
{
	printf '\0\0\10\1\0\0\0\074'
	for i in $(seq 20); do printf '\0\1\2'; done
} >labels
idx=idx:images,labels

# -- usage -----------------------------------------------------------------------------------

expect 0 '^usage: plait load' help load
expect 0 '^usage: plait data' data --help
expect 2 'load: needs --data SPEC' load
expect 2 'data: needs SPEC' data
expect 2 'what is "labels"\? one specification' data $idx labels
expect 2 'what is "labels"' load labels
expect 2 'no option "--model" \(train has it\)' load --model linear:2
expect 2 'no option "--hash" \(load has it\)' data $idx --hash
expect 2 'no option "--png" \(data has it\)' load --data $idx --png x
expect 2 'no option "--jsn", did you mean --json' load --jsn
for value in 0 -1 x 1.5; do
	expect 2 "--chunk: \"$value\" is no whole number from 1 to [0-9]*, nor auto" load --data $idx --chunk=$value
done
expect 2 'needs --val SPEC, as there is --val-transform' train --data $idx --model linear:3 --val-transform flip
for command in data load; do
	"$plait" $command --help-all >help
	[ "$(awk 'length > 80' help | wc -l)" -eq 0 ] || { : >out; : >err; bad "help of $command wider than 80 columns"; }
	sed 's/\\-/-/g; s/\\~/ /g' "$man" >manual
	for option in $(sed -n 's/^  \(--[a-z-]*\).*/\1/p' help); do
		grep -Eq -e "^\.BI? .*${option}( |\$)" manual ||
			{ : >out; : >err; bad "$option of $command is not in the manual"; }
	done
done
sed -n '/^STEPS/,/^SPEC/s/^  \([a-z-]*\).*/\1/p' help >steps
for word in $(cat steps); do
	grep -q "$(echo "$word" | sed 's/-/\\\\-/g')" "$man" || { : >out; : >err; bad "$word is not in the manual"; }
done

# -- classes ---------------------------------------------------------------------------------

# A label may be as large as its type holds: it costs neither lines nor memory.
for label in 50000000 2147483646; do
	{ for i in 1 2 3; do echo "$i,$i"; done; echo "4,$label"; } >large.csv
	expect 0 "^csv:large.csv" data csv:large.csv
	[ "$(wc -l <out)" -lt 15 ] || bad 'more lines than classes with samples'
	grep -q "^ *$label  *1$" out && grep -q "$((label + 1 - 4)) without samples" out || bad "$label"
	expect 0 'samples/s' load --data csv:large.csv --sampler balanced
	expect 1 "csv:large.csv has $((label + 1)) classes .the largest label is $label" \
		train --data csv:large.csv --model linear:10
done
for i in $(seq 0 999); do echo "$i,$((i * 2))"; done >many.csv
expect 0 '^ +0 +1$' data csv:many.csv
[ "$(wc -l <out)" -le 40 ] || bad 'more than a screenful'
grep -q '976 more' out && grep -q '^ *1998  *1$' out && grep -q '999 without samples' out || bad 'first and last'

# -- what is delivered -----------------------------------------------------------------------

# hash ARGUMENTS...: into $hash.
hash()
{
	expect 0 '"hash":"[0-9a-f]{16}"' load --hash --json "$@"
	hash=$(sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p' out)
}

# same FIRST ARGUMENTS...: the hash is FIRST.
same()
{
	first=$1
	shift
	hash "$@"
	[ "$hash" = "$first" ] || bad "hash $hash, expected $first: $*"
}

# differs FIRST ARGUMENTS...: the hash is not FIRST.
differs()
{
	first=$1
	shift
	hash "$@"
	[ "$hash" != "$first" ] || bad "the same hash: $*"
}

# invariant ARGUMENTS...: one hash however the loader is run.  Each choice meets each other one,
# in a few runs more than there are choices in pairs.
invariant()
{
	hash "$@"
	reference=$hash
	for workers in 1 2 4; do
		for policy in eager lws dmdas; do
			for chunk in 1 7 auto; do
				# Two depths by turns.
				prefetch=$((prefetch == 2 ? 6 : 2))
				same $reference "$@" --workers $workers --sched $policy --chunk $chunk \
					--prefetch $prefetch
			done
		done
	done
}

prefetch=2
invariant --data $idx --transform 'crop:8,2 flip cutout:2 normalize:0.3;0.5' --batch-size 16 --seed 3
differs $reference --data $idx --transform 'crop:8,2 flip cutout:2 normalize:0.3;0.5' --batch-size 16 --seed 4
differs $reference --data $idx --transform 'crop:8,2 flip cutout:2' --batch-size 16 --seed 3
differs $reference --data $idx --transform 'crop:8,2 flip cutout:2 normalize:0.3;0.5' --batch-size 16 --seed 3 --no-shuffle
hash --data $idx --no-shuffle
plain=$hash
same $plain --data $idx --no-shuffle --transform flip:0
same $plain --data $idx --no-shuffle --seed 9
same $plain --data $idx --no-shuffle --normalize 0,1
differs $plain --data $idx --no-shuffle --normalize 0,2
differs $plain --data $idx --no-shuffle --batch-size 7 # labels come after each batch's images
differs $plain --data $idx --no-shuffle --drop-last

# Bytes as they are: what is cropped and drawn counts, what is left to the device does not.
invariant --data $idx --slots uint8 --transform 'crop:8,2 flip cutout:2' --batch-size 16
differs $reference --data $idx --slots float32 --transform 'crop:8,2 flip cutout:2' --batch-size 16
differs $reference --data $idx --slots uint8 --transform 'crop:8,2 flip cutout:4' --batch-size 16
same $reference --data $idx --slots uint8 --transform 'crop:8,2 flip cutout:2 normalize:0.3;0.5' --batch-size 16 \
	--normalize 0,2

# A label or a byte that is another: the hash tells.
{ head -c 30 labels; printf '\0'; tail -c +32 labels; } >other
cmp -s labels other && bad 'the label is not another'
differs $plain --data idx:images,other --no-shuffle
{ head -c 100 images; printf x; tail -c +102 images; } >other
differs $plain --data idx:other,labels --no-shuffle

# Epochs: the first is the same whether others follow or not, and the second is another.
hash --data $idx --batch-size 16
first=$hash
hash --data $idx --batch-size 16 --epochs 2
grep -q "\"epoch_hashes\":\\[\"$first\",\"" out || bad 'the first epoch depends on their number'
! grep -q "\"epoch_hashes\":\\[\"$first\",\"$first\"" out || bad 'two epochs are the same'
[ "$hash" != "$first" ] || bad 'the hash of two epochs is that of the first'
grep -q '"samples":120,' out || bad 'two epochs of 60 samples'
expect 0 "^Epoch 1/1  [0-9.]+ s  [0-9]+ samples/s  hash $first\$" load --data $idx --batch-size 16 --hash
grep -Eq '^60 samples in [0-9.]+ s: [0-9]+ samples/s; the first batch after [0-9.]+ ms$' out || bad 'no summary'
grep -Eq 'fetch [0-9.]+ us, decode [0-9.]+ us, transform [0-9.]+ us a sample' out || bad 'no stages'
hash --data $idx --batch-size 7 --drop-last
grep -q '"samples":56,' out || bad '56 samples with --drop-last'
hash --data $idx --batch-size 7 --pad-last
grep -q '"samples":60,' out || bad '60 samples with --pad-last'
differs $hash --data $idx --batch-size 7
expect 0 '^\{"samples":60,"seconds":[0-9.]+,"samples_per_second":[0-9.e+]+,"first_batch_ms":[0-9.]+[,}]' load --data $idx --json
cp out one.json
[ "$(wc -l <one.json)" -eq 1 ] || bad 'the JSON is not one line'
hash --data $idx --epochs 3
cp out three.json
if python3 -c '' 2>/dev/null; then
	python3 -c 'import json, sys
for name in sys.argv[1:]:
    run = json.load(open(name))
    assert run["samples"] > 0 and 0 < run["first_batch_ms"] / 1000 <= run["seconds"]
    assert abs(run["samples"] / run["seconds"] / run["samples_per_second"] - 1) < 1e-3 # 6 digits printed
    assert len(run.get("epoch_hashes", [])) in (0, 3)' one.json three.json >out 2>err || bad 'the JSON'
fi

# What the loader may take.
expect 0 '^Loader: [2-8] slots of [0-9.]+ KiB; limit [0-9.]+ [GT]iB$' load --data $idx
expect 0 '"cache_samples":0,"cache_bytes":0,"memory_limit":3145728[,}]' load --data $idx --json --memory-limit 3M
! grep -q Loader out || bad 'a line that is no JSON'
expect 0 '^Loader: [2-8] slots of [0-9.]+ KiB; limit 100 KiB$' train --data $idx --model linear:3 --epochs 1 --memory-limit 100k
[ "$(sed -n 's/:.*//p' out | head -2 | tr '\n' ' ')" = 'Training Loader ' ] || bad 'job and loader are not told first'
"$plait" train --data $idx --model linear:3 --epochs 1 --quiet >out 2>err && [ ! -s out ] || bad 'the loader is told though quiet'
expect 1 '300 batches of 32 samples need .* lower the batch size or prefetch' load --data $idx --prefetch 300 --memory-limit 1M
expect 1 '2 batches of 32 samples need' train --data $idx --model linear:3 --memory-limit 1k
expect 2 'in memory already' load --data $idx --cache raw
expect 2 'is none of none, raw, decoded; did you mean decoded' load --data $idx --cache decode
expect 2 'no option "--cache" \(train has it\)' eval --cache raw
for value in 0 -1 1.5G G 1K 1Gi 8388608T 99999999999999999999; do
	expect 2 "--memory-limit: \"$value\" is no number of bytes" load --data $idx --memory-limit=$value
done

# Data without labels or images.
printf '%s\n' a,b,y 0.5,1,0.25 1,2,0.75 2,1,1.5 >targets.csv
hash --data csv:targets.csv
first=$hash
printf '%s\n' a,b,y 0.5,1,0.25 1,2,0.75 2,1,1.75 >targets.csv
differs $first --data csv:targets.csv
expect 0 '^ +targets +1 a sample' data csv:targets.csv
expect 0 '^3 samples' load --data csv:targets.csv

# -- what is wrong ---------------------------------------------------------------------------

expect 2 '--transform ".*flop".*did you mean "flip".*resize' load --data $idx --transform 'crop:8,2 flop'
expect 2 '--transform ' train --data $idx --model linear:3 --transform 'crop:0'
expect 2 '--val-transform ' train --data $idx --val $idx --model linear:3 --val-transform 'x'
expect 1 'crop:9.*' load --data $idx --transform crop:9
expect 1 'transforms are for uint8 images' load --data synthetic:10,4,2 --transform flip
expect 2 '--slots: "int8" is none of float32, uint8; did you mean uint8' load --data $idx --slots int8
expect 2 'synthetic:10,4,2: samples are float32: a batch of uint8' load --data synthetic:10,4,2 --slots uint8
expect 2 'samples are float32: a batch of uint8' train --data synthetic:10,4,2 --model linear:2 --slots uint8
expect 2 'no scheduling policy "x"' load --data $idx --sched x
expect 1 'channel' load --data $idx --normalize '1,2;1,2'
expect 1 'nowhere' data idx:nowhere,nowhere
expect 2 'no data set format' data nowhere:x
expect 1 'a picture needs images' data synthetic:10,4,2 --png x.png

# Ctrl-C, when the first epoch is over.  Without --default-signal a background command of a
# script ignores it.
if env --default-signal=INT true 2>/dev/null; then
	rm out
	env --default-signal=INT "$plait" load --data $idx --epochs 1000000 >out 2>err &
	job=$!
	until [ -s out ] || ! kill -0 $job 2>/dev/null; do sleep 0.05; done
	kill -INT $job
	wait $job
	got=$?
	head -3 out >begin && mv begin out # not all of a hundred thousand lines, should it be shown
	[ $got -eq 130 ] || bad "status $got after Ctrl-C, expected 130"
	grep -Eq 'interrupted after [1-9][0-9]* samples' err || bad 'message after Ctrl-C'
fi

# -- plait data ------------------------------------------------------------------------------

# mean and deviation of the bytes, by awk.
tail -c +17 images | od -An -v -tu1 | awk '
	{ for (i = 1; i <= NF; i++) { n++; s += $i / 255; q += ($i / 255) ^ 2 } }
	END { printf "%.4f %.4f\n", s / n, sqrt(q / n - (s / n) ^ 2) }' >expected
read -r mean deviation <expected
expect 0 '^  samples +60$' data $idx
grep -Eq '^  shape +\[1,8,8\] of uint8$' out || bad 'shape'
grep -Eq "^  mean +$mean\$" out || bad "mean $mean"
grep -Eq "^  deviation +$deviation\$" out || bad "deviation $deviation"
[ "$(grep -Ec '^ +[012] +20$' out)" -eq 3 ] || bad 'classes'

# -- training and evaluating with transforms -------------------------------------------------

net='linear:8 relu linear:3'
expect 0 '^Epoch 1/1  loss' train --data $idx --val $idx --model "$net" --epochs 1 --transform 'crop:8,2 flip' \
	--save w.safetensors --chunk 3
# The transform has random words only, so validation has none, as eval without --transform.
validation=$(sed -n 's/.*val.* loss \([0-9.]*\).*/\1/p' out)
[ -n "$validation" ] || validation=$(grep -Eo 'validation[^0-9]*[0-9.]+' out | grep -Eo '[0-9.]+$')
expect 0 "^$idx: 60 samples, loss $validation," eval --data $idx --model "$net" --init w.safetensors
expect 0 "^$idx: 60 samples, loss $validation," eval --data $idx --model "$net" --init w.safetensors --transform flip:0
expect 0 '60 samples' eval --data $idx --model "$net" --init w.safetensors --transform flip:1
! grep -q "loss $validation," out || bad 'eval does not heed --transform'
# From slots of bytes: the very same losses, and weights of the same names.
for slots in float32 uint8; do
	expect 0 '^Epoch 2/2  loss' train --data $idx --val $idx --model "$net" --epochs 2 --batch-size 16 \
		--transform 'crop:8,2 flip normalize:0.3;0.5' --normalize 0.1,1.5 --slots $slots \
		--log $slots.log --log-every 1 --save $slots.safetensors
	grep -Eo '"(step|loss|val_loss|val_accuracy)":[^,}]*' $slots.log >$slots.losses
done
[ "$(grep -c step uint8.losses)" -ge 8 ] || bad 'steps in the log'
cmp -s float32.losses uint8.losses || bad 'losses depend on --slots'
cmp -s float32.safetensors uint8.safetensors || bad 'weights depend on --slots'
expect 0 '60 samples, loss' eval --data $idx --model "$net" --init w.safetensors --transform 'normalize:0.3;0.5'
cp out floats
expect 0 '60 samples, loss' eval --data $idx --model "$net" --init w.safetensors --transform 'normalize:0.3;0.5' --slots uint8
cmp -s floats out || bad 'eval depends on --slots'
expect 2 'normalizes the bytes of its input by other numbers' train --data $idx --val $idx --model "$net" \
	--slots uint8 --transform 'normalize:0.3;0.5' --val-transform 'normalize:0.3;0.4'

expect 0 '^Epoch 1/1  loss' train --data $idx --val $idx --model "$net" --epochs 1 --transform 'crop:4 flip' \
	--val-transform center-crop:4
expect 1 '--val-transform is needed.*\[1,4,4\].*\[1,8,8\]' train --data $idx --val $idx --model "$net" --transform 'crop:4 flip'
expect 1 '\[1,4,4\]|\[4,4\]' train --data $idx --val $idx --model "$net" --transform 'center-crop:4' --val-transform 'center-crop:5'

# -- folders of images -----------------------------------------------------------------------

"$draw" pictures 3 25
if [ $? -eq 77 ]; then
	echo 'no images: built without libjpeg-turbo or libpng'
else
	invariant --data images:pictures --transform 'resize:24 crop:20,2 flip color-jitter:0.2,0.2,0.2' --batch-size 16
	# Whatever the cache keeps, and however much of it.
	steps='resize:24 crop:20,2 flip color-jitter:0.2,0.2,0.2'
	"$plait" pack --data images:pictures kept.images >out 2>err || bad 'pack'
	"$plait" pack --data $idx kept.planes >out 2>err || bad 'pack'
	workers=1
	for data in images:pictures packed:kept.images packed:kept.planes; do
		[ $data != packed:kept.planes ] || steps='crop:8,2 flip'
		hash --data $data --transform "$steps" --batch-size 16 --epochs 3
		reference=$hash
		for cache in none raw decoded; do
			for limit in 310k 330k 10M; do
				workers=$((3 - workers))
				same $reference --data $data --transform "$steps" --batch-size 16 --epochs 3 --cache $cache \
					--memory-limit $limit --prefetch 4 --workers $workers
			done
		done
	done
	steps='resize:24 crop:20'
	expect 0 '^Loader: [2-8] slots of [0-9.]+ KiB; cache decoded, up to [89].[0-9] MiB; limit 10 MiB$' \
		load --data images:pictures --transform "$steps" --cache decoded --memory-limit 10M
	grep -Eq '^Cache: 75 of 75 samples, decoded in [0-9.]+ KiB$' out || bad 'what is kept'
	expect 0 '"cache_samples":75,"cache_bytes":[1-9][0-9]*,"memory_limit":10485760[,}]' \
		load --json --data images:pictures --transform "$steps" --cache raw --memory-limit 10M
	expect 0 '"cache_samples":([1-9]|[1-6][0-9]),' \
		load --json --data images:pictures --transform "$steps" --cache raw --memory-limit 700k --prefetch 4
	expect 1 'images differ in size \(pictures/.* has [0-9]+ x [0-9]+ pixels, height x width, pictures/.*\): a transform' \
		load --data images:pictures
	expect 1 'images differ in size' load --data images:pictures --transform resize:24
	expect 0 '^  samples +75$' data images:pictures --png sheet.png
	grep -Eq '^  shape +\[3,H,W\] of uint8, H 20 to 26, W 24 to 34$' out || bad 'sizes'
	[ "$(grep -Ec '^ +[012] +25  [abc]$' out)" -eq 3 ] || bad 'classes by name'
	# The sheet is an image itself: 10 columns of 96 pixels with 4 between, and 10 for a label.
	mkdir -p sheets/x && mv sheet.png sheets/x
	expect 0 '^  shape +\[3,334,1004\] of uint8$' data images:sheets
	# Only some images of a folder are looked at to find out whether sizes differ. Image 2 of 100 is
	# not one of them: that it is larger is found when it is read, before it overwrites others.
	mkdir -p odd/x
	picture=$(find pictures -name '*.png' | sort | sed -n 1p)
	[ -n "$picture" ] || picture=$(find pictures -type f | sort | sed -n 1p)
	i=100
	while [ $i -lt 200 ]; do
		cp "$picture" "odd/x/$i.${picture##*.}"
		i=$((i + 1))
	done
	cp sheets/x/sheet.png "odd/x/102.${picture##*.}"
	expect 1 'sample 2: .*102.*334 x 1004 pixels \(height x width\), where .*/x/1[0-9]*\.' load --data images:odd --no-shuffle
	expect 1 'sample 2: .*334 x 1004 pixels \(height x width\), where' load --data images:odd --no-shuffle --transform flip
	expect 0 '^100 samples' load --data images:odd --transform resize:16x16
	expect 0 samples data $idx --png grey.png
	mv grey.png sheets/x/sheet.png
	# [8,8] are drawn in cells of 96; grey pictures are read as RGB.
	expect 0 '^  shape +\[3,334,1004\] of uint8$' data images:sheets
	# The label is drawn: of a class's name what has room, in ASCII.
	mkdir labelled
	for name in cat cot 'caf?' "$(printf 'caf\303\251')" abcdefghijklmnopq abcdefghijklmnXYZ abcdefghijklmn..; do
		rm -rf labelled/* && mkdir "labelled/$name" && cp "$picture" "labelled/$name"
		expect 0 '^  samples +1$' data images:labelled --png "$name.sheet"
	done
	! cmp -s cat.sheet cot.sheet || bad 'the label is not drawn'
	cmp -s 'caf?.sheet' "$(printf 'caf\303\251.sheet')" || bad 'a letter that is not ASCII is no ?'
	cmp -s abcdefghijklmnopq.sheet abcdefghijklmnXYZ.sheet || bad 'a long name is not cut'
	cmp -s abcdefghijklmnopq.sheet abcdefghijklmn...sheet || bad 'a cut name does not end in ..'
	expect 1 'no folder nowhere' data $idx --png nowhere/x.png
	expect 0 '^Epoch 1/1  loss' train --data images:pictures --val images:pictures --model "$net" --epochs 1 \
		--transform 'resize:20x20 flip'
	expect 1 '--val-transform is needed: "", .*differ in size' train --data images:pictures --val images:pictures \
		--model "$net" --transform 'random-resized-crop:16 flip'
	expect 0 '^Epoch 1/1  loss' train --data images:pictures --val images:pictures --model "$net" --epochs 1 \
		--transform 'random-resized-crop:16 flip' --val-transform 'resize:20 center-crop:16'
	head -c 300 pictures/b/001.jpg >part
	mv part pictures/b/001.jpg
	expect 1 'b/001.jpg' load --data images:pictures --transform resize:20x20
	expect 1 'b/001.jpg' data images:pictures
fi

# -- Fashion-MNIST, if it is there -----------------------------------------------------------

if "$plait" data fashion-mnist:test >out 2>err; then
	grep -Eq '^ +9 +1000  Ankle boot$' out || bad 'classes of Fashion-MNIST'
	hash --data fashion-mnist:test --transform 'crop:28,2 flip' --batch-size 100
	for choice in '1 eager 1 2' '2 lws 7 6' '4 dmdas auto 2'; do
		set -- $choice
		same "$hash" --data fashion-mnist:test --transform 'crop:28,2 flip' --batch-size 100 --workers $1 \
			--sched $2 --chunk $3 --prefetch $4
	done
fi

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
