#!/bin/sh
# SPDX-License-Identifier: MIT
# The scale of numbers: bytes become 0 to 1 and others are taken as they are, which is said, and
# doubted where one run has both.
. "$SRC/tests/cli/common"

# npy FILE TYPE SHAPE: an array of the numbers on stdin.
npy()
{
	text="{'descr': '$2', 'fortran_order': False, 'shape': $3, }"
	{
		printf '\223NUMPY\1\0\166\0%-117s\n' "$text"
		cat
	} >"$1"
}

# Four samples of two pixels, 0 or 255, in every type; and floats from 0 to 1.
printf '\0\377\377\0\0\377\377\0' | npy u1.npy '|u1' '(4, 2)'
for i in 1 2; do printf '\0\0\377\0\377\0\0\0'; done | npy i2.npy '<i2' '(4, 2)'
for i in 1 2; do
	printf '\0\0\0\0\0\0\0\0\377\0\0\0\0\0\0\0\377\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
done | npy i8.npy '<i8' '(4, 2)'
for i in 1 2; do printf '\0\0\0\0\0\0\200\77\0\0\200\77\0\0\0\0'; done | npy f4.npy '<f4' '(4, 2)'
printf '\1\0\1\0' | npy y.npy '|u1' '(4,)'
u1=npy:u1.npy,y.npy i8=npy:i8.npy,y.npy f4=npy:f4.npy,y.npy i2=npy:i2.npy,y.npy
learn='--model linear:2 --epochs 1 --batch-size 4'

expect 0 '^  taken +u1.npy: uint8 becomes 0 to 1, divided by 255$' data $u1
expect 0 '^  taken +i8.npy: int64 is taken as it is \(only uint8 is divided by 255\)$' data $i8
expect 0 '^  taken +f4.npy: float32 is taken as it is' data $f4
expect 0 . train --data $i2 $learn --log log
grep -q '"kind":"choice","text":"i2.npy: int16 is taken as it is' log || bad 'the log has the scale'

# Two data sets of one run.
for other in $i8 $i2; do
	expect 0 . train --data $u1 --val $other $learn --log log
	doubt="samples are taken as they are, from 0 to 255, and those of $u1 are uint8, divided by 255"
	grep -q "^plait: $other: $doubt: both must have one scale$" err || bad 'a difference is said'
	grep -q '"data":"'$other'","kind":"loss","text":"'"$doubt" log || bad 'in the log too'
	expect 1 "$doubt.*--strict" train --data $u1 --val $other $learn --strict
	expect 1 "^plait: $u1: samples are uint8, divided by 255, and those of $other are taken as" \
		train --data $other --val $u1 $learn --strict
	"$plait" train --data $u1 --val $other $learn --quiet >out 2>err || bad 'quiet'
	drop_folder_warning
	[ ! -s err ] || bad 'said with --quiet'
done
# Floats from 0 to 1 are what bytes become.
expect 0 . train --data $u1 --val $f4 $learn --strict
expect 0 . train --data $f4 --val $u1 $learn --strict
expect 0 . train --data $i8 --val $f4 $learn --strict

# Data and the weights that were trained on others.
expect 0 . train --data $u1 $learn --save u1.st
expect 0 . train --data $i8 $learn --save i8.st
expect 0 . train --data $f4 $learn --save f4.st
head -c 400 u1.st | grep -q '"plait.scale":"uint8"' || bad 'the scale is in the file'
for weights in u1 f4; do
	expect 0 accuracy eval --data $u1 --model linear:2 --init $weights.st --strict
	expect 0 accuracy eval --data $f4 --model linear:2 --init $weights.st --strict
done
expect 0 accuracy eval --data $i8 --model linear:2 --init i8.st --strict
expect 1 "^plait: $i8: .*those of u1.st are uint8" eval --data $i8 --model linear:2 --init u1.st --strict
expect 1 "^plait: $u1: .*those of i8.st are taken as they are, beyond 0 to 1" \
	train --data $u1 --init i8.st $learn --strict

# In packed files as well.
expect 0 . pack --data $i8 i8.packed
expect 1 '^plait: packed:i8.packed: samples are taken as they are, from 0 to 255' \
	train --data $u1 --val packed:i8.packed $learn --strict

[ $failed -eq 0 ]
