#!/bin/sh
# SPDX-License-Identifier: MIT
# Names of classes go with weights, and labels are compared by them wherever they meet.
. "$SRC/tests/cli/common"

# rows NAMES...: a sample for each, which a linear network tells apart.
rows()
{
	for name in "$@"; do
		case $name in
		cat | 0) echo "1,0,0,$name" ;;
		dog | 1) echo "0,1,0,$name" ;;
		*) echo "0,0,1,$name" ;;
		esac
	done
}

rows cat dog fox fox dog cat >abc.csv
rows fox cat fox >ac.csv
rows dog fox >bc.csv
rows cat wolf >other.csv
rows 0 1 2 >numbers.csv
rows 2 1 >val_numbers.csv
learn='--model linear:3 --optimizer sgd --lr 1 --epochs 60 --batch-size 6'

expect 0 . train --data csv:abc.csv $learn --save abc.st
head -c 400 abc.st | grep -q '"plait.model":"linear:3"' || bad 'the layers are in the file'
head -c 400 abc.st | grep -q '"plait.input":"\[3\]"' || bad "the input's shape is in the file"
head -c 400 abc.st | grep -Fq '"plait.classes":"cat\u000adog\u000afox"' || bad 'the names are in the file'
for data in abc ac bc; do
	expect 0 'accuracy 1.0000' eval --data csv:$data.csv --model linear:3 --init abc.st
done
expect 1 'other.csv: class 1, wolf, is none of the 3 classes of abc.st \(cat, dog ...\)' \
	eval --data csv:other.csv --model linear:3 --init abc.st
expect 1 'wolf, is none of the 3 classes of abc.st' train --data csv:other.csv --init abc.st $learn

# Of fewer classes, and weights that are trained on: the numbers of the weights are kept.
expect 0 . train --data csv:bc.csv --init abc.st $learn --save on.st
head -c 400 on.st | grep -Fq '"plait.classes":"cat\u000adog\u000afox"' || bad 'the names are kept'
expect 0 'accuracy 1.0000' eval --data csv:bc.csv --model linear:3 --init on.st

# Validation.
for data in ac bc; do
	expect 0 'acc[a-z]* 1.00' train --data csv:abc.csv --val csv:$data.csv $learn --log log
	grep -q '"val_accuracy":1[,}]' log || bad "validation on $data"
	grep -q '"event":"note","data":"csv:'$data'.csv","kind":"choice","text":"classes are numbered as in' log ||
		bad 'the log says so'
done
expect 1 '^plait: --val csv:other.csv: class 1, wolf, is none of the 3 classes of csv:abc.csv' \
	train --data csv:abc.csv --val csv:other.csv $learn
expect 1 'labels are numbers, those of csv:abc.csv are names \(the first name is cat\)' \
	train --data csv:abc.csv --val csv:val_numbers.csv $learn
expect 1 'labels are names, those of csv:numbers.csv are numbers' \
	train --data csv:numbers.csv --val csv:abc.csv $learn
expect 0 . train --data csv:numbers.csv --val csv:val_numbers.csv $learn --save numbers.st

# Names against numbers: said, and an error where one is asked for.
doubt='labels are numbers, and abc.st has names of classes, the first cat: label 0'
expect 0 'accuracy 1.0000' eval --data csv:numbers.csv --model linear:3 --init abc.st --log log
grep -q "$doubt" err || bad 'numbers with weights of names are doubted'
grep -q '"event":"note".*"kind":"loss".*'"$doubt" log || bad 'in the log too'
"$plait" eval --data csv:numbers.csv --model linear:3 --init abc.st --quiet >out 2>err || bad 'quiet'
drop_folder_warning
[ ! -s err ] || bad 'said with --quiet'
expect 1 "$doubt.*--strict" eval --data csv:numbers.csv --model linear:3 --init abc.st --strict
expect 0 'accuracy 1.0000' eval --data csv:abc.csv --model linear:3 --init numbers.st
grep -q 'numbers.st was trained on numbers as labels' err || bad 'names with weights of numbers are doubted'

# Weights of others have no names, and work as ever.
sed 's/plait\./other./g' abc.st >none.st
expect 0 'accuracy 1.0000' eval --data csv:abc.csv --model linear:3 --init none.st --strict
[ ! -s err ] || bad 'weights without names are no matter'

# Any bytes may be in a name.
printf '1,0,"a\\b"\n0,1,"\351t\351"\n1,0,"a\\b"\n' >odd.csv
printf '0,1,"\351t\351"\n' >odd1.csv
expect 0 . train --data csv:odd.csv --model linear:2 --optimizer sgd --lr 1 --epochs 60 --save odd.st
expect 0 'accuracy 1.0000' eval --data csv:odd1.csv --model linear:2 --init odd.st --strict

# Names of features go with weights as well, and must be the same in the same order.
table()
{
	echo "$1"
	rows cat dog fox fox dog cat
}
table p,q,r,kind >pqr.csv
table q,p,r,kind >qpr.csv
table p,q,s,kind >pqs.csv
expect 0 . train --data csv:pqr.csv --val csv:pqr.csv $learn --save pqr.st
head -c 600 pqr.st | grep -Fq '"plait.features":"p\u000aq\u000ar"' || bad 'features are in the file'
expect 0 'accuracy 1.0000' eval --data csv:pqr.csv --model linear:3 --init pqr.st
expect 0 'accuracy 1.0000' eval --data csv:abc.csv --model linear:3 --init pqr.st
expect 1 'qpr.csv: feature 0 is "q", in pqr.st it is "p"' \
	eval --data csv:qpr.csv --model linear:3 --init pqr.st
expect 1 'pqs.csv: feature 2 is "s", in pqr.st it is "r"' \
	train --data csv:pqs.csv $learn --init pqr.st
expect 1 '^plait: --val csv:qpr.csv: feature 0 is "q", in csv:pqr.csv it is "p"' \
	train --data csv:pqr.csv --val csv:qpr.csv $learn
expect 0 . train --data csv:pqr.csv --val csv:abc.csv $learn

# Names as macOS writes them, letter and accent apart: the same names.
printf '%b' 'p\0303\0251,q,r,kind\n1,0,0,caf\0303\0251\n0,1,0,\0355\0225\0234\n0,0,1,x\n' >nfc.csv
printf '%b' 'pe\0314\0201,q,r,kind\n1,0,0,cafe\0314\0201\n' >nfd.csv
printf '%b' '0,1,0,\0341\0204\0222\0341\0205\0241\0341\0206\0253\n0,0,1,x\n' >>nfd.csv
printf '%b' '1,0,0,cafe\0314\0200\n0,0,1,x\n' >grave.csv
expect 0 'acc[a-z]* 1.00' train --data csv:nfc.csv --val csv:nfd.csv $learn --save nfc.st
expect 0 'accuracy 1.0000' eval --data csv:nfd.csv --model linear:3 --init nfc.st
expect 1 'is none of the 3 classes of nfc.st' eval --data csv:grave.csv --model linear:3 --init nfc.st
tail -n +2 nfc.csv | cat nfd.csv - >twins.csv
expect 0 'missing +two classes are named caf' data csv:twins.csv
expect 1 'two classes are named .*\(Unicode.s NFD\), one as others do \(NFC\): rename one.*--strict' \
	train --data csv:twins.csv --model linear:5 --strict
expect 0 . data csv:nfd.csv
! grep -q missing out || bad 'names that are no twins are doubted'

# Numbers too large for labels.
printf '1,2147483647\n2,0\n' >large.csv
expect 1 'not all whole numbers from 0 to 2147483646 .*too large for labels' \
	train --data csv:large.csv --model linear:2

# Packed files keep names, and are numbered anew as well.
expect 0 . pack --data csv:ac.csv ac.packed
expect 0 'accuracy 1.0000' eval --data packed:ac.packed --model linear:3 --init abc.st
expect 0 . pack --data csv:pqr.csv pqr.packed
expect 0 . pack --data csv:qpr.csv qpr.packed
expect 0 'accuracy 1.0000' eval --data packed:pqr.packed --model linear:3 --init pqr.st
expect 1 'packed:qpr.packed: feature 0 is "q", in pqr.st it is "p"' \
	eval --data packed:qpr.packed --model linear:3 --init pqr.st
expect 1 '^plait: --val packed:qpr.packed: feature 0 is "q", in csv:pqr.csv it is "p"' \
	train --data csv:pqr.csv --val packed:qpr.packed $learn

# A run is not resumed on a table whose columns have changed places, packed or not.
for data in csv:table packed:table; do
	case $data in csv:*) cp pqr.csv table ;; *) cp pqr.packed table ;; esac
	rm -f state
	expect 0 . load --data $data --batch-size 2 --batches 1 --state state
	case $data in csv:*) cp qpr.csv table ;; *) cp qpr.packed table ;; esac
	expect 1 'not the data that' load --data $data --batch-size 2 --batches 1 --state state
done

# Weights of other layers that have the same shapes.
expect 0 . train --data csv:abc.csv --model 'linear:4 relu linear:3' --epochs 1 --save relu.st
expect 0 . eval --data csv:abc.csv --model ' linear:4  relu linear:3' --init relu.st --strict
[ ! -s err ] || bad 'a doubt about the same layers'
expect 0 . eval --data csv:abc.csv --model 'linear:4 tanh linear:3' --init relu.st --log doubt.jsonl
grep -q 'relu.st has weights of --model "linear:4 relu linear:3", and other layers' err ||
	bad 'weights of other layers are taken without a word'
grep -q 'other layers are asked for' doubt.jsonl || bad 'the log does not have the doubt'
expect 1 'other layers are asked for; --strict' \
	eval --data csv:abc.csv --model 'linear:4 tanh linear:3' --init relu.st --strict
expect 1 'other layers are asked for; --strict' \
	train --data csv:abc.csv --model 'linear:4 gelu linear:3' --init relu.st --strict --epochs 1
expect 0 . eval --data csv:numbers.csv --model 'linear:4 tanh linear:3' --init relu.st --log both.jsonl
grep -q 'asked for; labels are numbers' both.jsonl || bad 'the log does not have both doubts'

# No name of a file moves the terminal's cursor, wherever it is printed.
odd=$(printf 'a\033[31m.csv')
printf 'p,q,r,kind\n1,2,3,a\n3,2,1,b\n' >"$odd"
expect 0 'taken +a.x1b\[31m.csv: line 1 is taken as the header' data "csv:$odd"
! grep -q "$(printf '\033')" out || bad 'an escape sequence reaches the terminal'

[ $failed -eq 0 ]
