#!/bin/sh
# SPDX-License-Identifier: MIT
# Files that cannot be read though they could be opened, and reads that never end: every format
# says where, and --timeout ends what hangs.  shim_read.c stands between plait and the system.
plait=${PLAIT:-$BUILD/src/cli/plait}
draw=$BUILD/tests/draw
case $CFLAGS in
*-fsanitize*) echo 'a sanitizer wants to be loaded first, and so does the shim'; exit 77 ;;
esac
here=$PWD/cli-read-$$
mkdir "$here" && cd "$here" || exit 99
trap 'cd / && rm -rf "$here"' EXIT
unset STARPU_SCHED XDG_CACHE_HOME PLAIT_DATA
TERM=dumb
export TERM
failed=0
$CC -Wall -shared -fPIC -o shim.so "$SRC/tests/cli/shim_read.c" -ldl || exit 99

# shimmed STATUS PATTERN VARIABLES ARGUMENTS...: plait with the shim ends so, and says so on
# stderr (grep -E).  A hang that is not ended is a failure too.
shimmed()
{
	status=$1 pattern=$2 variables=$3
	shift 3
	# shellcheck disable=SC2086
	timeout --foreground -k 5 60 env LD_PRELOAD="$here/shim.so" $variables "$plait" "$@" >out 2>err
	got=$?
	if [ $got -ne "$status" ] || ! grep -Eq -e "$pattern" err ||
		grep -Eq 'Segmentation|\[starpu\]|Assertion' err; then
		failed=$((failed + 1))
		printf 'FAILED: plait %s with %s (status %s, expected %s; pattern %s)\n' "$*" "$variables" $got \
			"$status" "$pattern"
		sed 's/^/    /' out err
	fi
}

# -- bytes -----------------------------------------------------------------------------------

{ printf '\0\0\10\3\0\0\0\020\0\0\0\10\0\0\0\10'; head -c 1024 /dev/zero; } >images
{ printf '\0\0\10\1\0\0\0\020'; for i in 1 2 3 4 5 6 7 8; do printf '\0\1'; done; } >labels
gzip -k images
shimmed 1 'images: offset 0: cannot read: Input/output error' SHIM_PATH=/images load --data idx:images,labels
# The first read looks whether it is compressed.
shimmed 1 'images.gz: offset 0: cannot read: Input/output error' 'SHIM_PATH=/images.gz SHIM_SKIP=1' \
	load --data idx:images.gz,labels
"$plait" pack --data idx:images,labels bytes.packed >out 2>err || exit 99
# Records begin at the second page.
shimmed 1 'bytes.packed: offset 4096: cannot read: Input/output error \(sample 0\)' \
	'SHIM_PATH=/bytes.packed SHIM_AT=4096' load --data packed:bytes.packed --no-shuffle
shimmed 1 'bytes.packed: offset 0: cannot read: Input/output error' SHIM_PATH=/bytes.packed \
	load --data packed:bytes.packed

# -- images ----------------------------------------------------------------------------------

"$draw" pictures 2 8
if [ $? -eq 77 ]; then
	echo 'no images: built without libjpeg-turbo or libpng'
	[ $failed -eq 0 ]
	exit
fi
data=images:pictures
shape='--transform resize:16x16'
net='linear:4 relu linear:2'
one=$(find pictures -type f | sort | sed -n 11p)
# Opening reads each image once, to see its size.
once="SHIM_PATH=$one SHIM_SKIP=1"
eio='cannot read: Input/output error'
# shellcheck disable=SC2086
{
	shimmed 1 "$one: offset 0: $eio" "$once" load --data $data $shape
	shimmed 1 "$one: offset 0: $eio" "$once" train --data $data $shape --model "$net"

	"$plait" pack --data $data images.packed >out 2>err || exit 99
	shimmed 1 "images.packed: offset 4096: $eio \(sample 0\)" 'SHIM_PATH=/images.packed SHIM_AT=4096' \
		load --data packed:images.packed $shape

	# A shard, and where the data of its third image is: behind the block of its header.
	mkdir shard
	i=0
	for file in $(find pictures -type f | sort | head -5); do
		cp "$file" "shard/$i.${file##*.}"
		echo 0 >"shard/$i.cls"
		i=$((i + 1))
	done
	third=$(cd shard && echo 2.[jp]*)
	(cd shard && tar --format=ustar -cf ../shard.tar -- *)
	block=$(tar --block-number -tf shard.tar | sed -n "s/^block \([0-9]*\): $third\$/\1/p")
	offset=$((block * 512 + 512))
	shimmed 1 "shard.tar:$third: offset $offset: $eio" "SHIM_PATH=/shard.tar SHIM_AT=$offset" \
		load --data tar:shard.tar $shape
}

# -- hangs -----------------------------------------------------------------------------------

# Two seconds: nothing else in these runs takes as long, on a busy machine too.
hangs="worker [0-9]+ has been reading sample 10 of $data \($one\) for [0-9.]+ s"
# shellcheck disable=SC2086
{
	shimmed 1 "^plait: nothing moved for [0-9.]+ s: $hangs" "$once SHIM_HANG=1" \
		load --data $data $shape --timeout 2
	shimmed 1 "$hangs" "$once SHIM_HANG=1" train --data $data $shape --model "$net" --timeout 2
	"$plait" train --data $data $shape --model "$net" --epochs 1 --save w.safetensors --timeout 1000 >out 2>err || {
		failed=$((failed + 1))
		echo 'FAILED: training with a timeout'
		cat err
	}
	shimmed 1 "$hangs" "$once SHIM_HANG=1" eval --data $data $shape --model "$net" --init w.safetensors \
		--timeout 2
}

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
