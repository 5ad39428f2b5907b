#!/bin/sh
# SPDX-License-Identifier: MIT
# The commands of README, as a reader copies them, in their order: all that are not in the list below end well.
# They have small data under README's names: Fashion-MNIST is ten stripes, DIR a folder of drawn images.
here=$PWD/readme-commands-$$
mkdir "$here" && cd "$here" || exit 99
trap 'cd / && rm -rf "$here"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR PLAIT_RECORD STARPU_SCHED XDG_CACHE_HOME
HOME=$here/home PLAIT_DATA=$here/stripes
export HOME PLAIT_DATA

# What is not run, with the reason, and what is run in a smaller form: PATTERN|skip REASON, PATTERN|sed SCRIPT.
cat >list <<'END'
^./quickstart|skip it installs packages, by network and as root
^sudo |skip it needs root; tests/install.sh installs into a prefix
^autoreconf|skip it takes minutes; this build was made so
--libs plait) -o prog|skip it needs Plait in the system; the prefix below is as good
$(build-aux/get-starpu)|sed s|^export.*|:|
--cflags starpu-1.4|sed s|$(pkg-config.*)|$CPPFLAGS|
^make -C build install|sed s|^make -C build|"${MAKE:-make}" -s -C "$BUILD"|
--gpu-memory-limit|skip it needs a GPU; tests/virtual_gpu/cli.sh has one
--policies all|sed s/--policies all/--policies eager,plait/
^./plait policies|sed s/ [.][.][.] / ... --steps 10 --warmup 4 --repeats 1 /
^./plait overlap|sed s/ [.][.][.] / ... --steps 10 --warmup 4 --repeats 1 /
crop:28|sed s/crop:28/crop:16/g
crop:32,4|sed s/crop:32/crop:16/g
^./plait|sed s/ [.][.][.]\( \|$\)/ --data synthetic:640,10,3 --model linear:8 /
END

# A line of commands up to its remark, which two blanks or a # begin; a line goes on after a backslash.
awk '/^```/ { fence = !fence; next }
	fence || !/^    / { next }
	{
		sub(/^ */, "")
		line = more ? more " " $0 : $0
		sub(/ *#.*/, "", line)
	}
	/\\$/ { sub(/ *\\$/, "", line); more = line; next }
	{
		more = ""
		sub(/  +[^ ].*$/, "", line)
		if (line ~ /^(\.\/|cc |sudo |make |export |autoreconf )/)
			print line
	}' "$SRC/README" | sed 's/ *$//' >commands
[ "$(wc -l <commands)" -ge 25 ] || { cat commands; echo 'README has lost its commands'; exit 1; }

# A clone, built.
ln -s "$BUILD" build
ln -s "$SRC/include" "$SRC/examples" "$SRC/build-aux" .
ln -s "$BUILD/src/cli/plait" plait
mkdir home stripes
. "$SRC/tests/stripes"
stripes stripes
images=true
"$BUILD/tests/draw" DIR-train 3 40 jpeg && "$BUILD/tests/draw" DIR-test 3 9 jpeg && mkdir DIR &&
	mv DIR-train DIR/train && mv DIR-test DIR/test || images=false
awk '/^```/ { inside = $0 == "```c" && ++count == 1; next } inside' "$SRC/README" |
	sed 's/fashion-mnist:train/synthetic:320,784,10/' >prog.c

status=0
while IFS= read -r command; do
	run=$command skip=
	while IFS= read -r entry; do
		pattern=${entry%%|*} what=${entry#*|}
		printf '%s\n' "$command" | grep -q -e "$pattern" || continue
		case $what in
		skip*) skip=${what#skip } ;;
		sed*) run=$(printf '%s\n' "$run" | sed "${what#sed }") ;;
		esac
	done <list
	case $command in *images:DIR*) $images || skip='no JPEG images can be drawn' ;; esac
	[ -z "$skip" ] || { echo "not run: $command ($skip)"; continue; }
	# Options that export go on to the commands below; the compiler of the tests is cc.
	cat >one.sh <<END
[ ! -f exports ] || . ./exports
cc() { $CC $CFLAGS "\$@"; }
$run
END
	case $run in export*) echo "$run" >>exports ;; esac
	sh -e one.sh >out 2>err </dev/null && continue
	echo "FAILED: $command"
	[ "$run" = "$command" ] || echo "    run as: $run"
	sed 's/^/    /' out err | tail -n 20
	status=1
done <commands

# Both programs that were linked find their library.
LD_LIBRARY_PATH= ./prog >out 2>err || { cat err; echo 'prog does not run'; status=1; }
exit $status
