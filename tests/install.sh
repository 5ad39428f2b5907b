#!/bin/sh
# SPDX-License-Identifier: MIT
# What README says of installing: into a prefix given to make, which is then moved. The program of README is
# built from it by pkg-config alone, and the installed examples by their Makefile.
here=$PWD/install-$$
mkdir "$here" && cd "$here" || exit 99
trap 'cd / && rm -rf "$here"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
make=${MAKE:-make}

"$make" -C "$BUILD" install prefix="$here/first" >log 2>&1 || { tail -n 20 log; echo 'make install fails'; exit 1; }
mv first moved
PLAIT_PC=$here/moved/lib/pkgconfig
[ -f "$PLAIT_PC/plait.pc" ] || { echo "there is no $PLAIT_PC/plait.pc"; exit 1; }
! grep -q "$here/first" "$PLAIT_PC/plait.pc" || { echo 'plait.pc has the prefix in it'; exit 1; }
export PLAIT_PC
(mkdir program && cd program && sh "$SRC/tests/readme.sh") || exit 1

cp -r moved/share/doc/plait/examples course && cd course || exit 1
# StarPU's folder is not on PKG_CONFIG_PATH: plait.pc says where it is.
"$make" CC="$CC" CFLAGS="$CFLAGS" PKG_CONFIG_PATH="$PLAIT_PC" >../log 2>&1 || { cat ../log; echo 'the installed examples do not build'; exit 1; }
./01_task 1000 >out 2>err && grep -qxF 'sum of 1000 ones, times 2, times 3: 6000' out || { cat out err; exit 1; }
./03_classify 640 2 >out 2>err || { cat out err; exit 1; }
"$here/moved/bin/plait" train --data synthetic:640,10,2 --model linear:2 --epochs 1 --sched lifo \
	--sched-lib 09_policy.so >out 2>err || { cat out err; exit 1; }
"$make" clean >../log 2>&1 && [ ! -e 01_task ] || { cat ../log; echo 'make clean leaves programs'; exit 1; }

cd "$here" || exit 1
mv moved first
"$make" -C "$BUILD" uninstall prefix="$here/first" >log 2>&1 || { tail -n 20 log; echo 'make uninstall fails'; exit 1; }
[ -z "$(find first -type f)" ] || { find first -type f; echo 'make uninstall leaves files'; exit 1; }
