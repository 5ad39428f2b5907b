#!/bin/sh
# SPDX-License-Identifier: MIT
# What README, HACKING.md and doc/*.md name in backticks exists: paths from the top of the tree,
# functions and types of Plait's, options, and the program's commands.  Names with a blank of their
# own, such as <op>, are left out.
cd "$SRC" || exit 99
names=$(mktemp) && tree=$(mktemp) || exit 99
trap 'rm -f "$names" "$tree"' EXIT

# Blocks of code are no prose: between fences, and indented.
awk '/^```/ { fence = !fence; next }
	!fence && !/^    / {
		n = split($0, part, "`")
		for (i = 2; i <= n; i += 2)
			if (part[i] !~ /[<>*]/)
				print FILENAME ":" FNR "\t" part[i]
	}' README HACKING.md doc/*.md >"$names"
# All words that sources and makefiles have.
find include src codelets examples tests quickstart Makefile.am configure.ac -type f \
	! -path 'tests/docs.sh' ! -path 'tests/bench/results/*' ! -name '*.o' ! -name '*.lo' ! -name '*.a' |
	xargs grep -hoE '[A-Za-z_][A-Za-z0-9_]+|--[a-z][a-z-]+' 2>/dev/null | LC_ALL=C sort -u >"$tree"

status=0
complain()
{
	echo "$1: \`$2\`: no such $3 in the tree"
	status=1
}
has()
{
	LC_ALL=C grep -qxF -e "$1" "$tree"
}
tab=$(printf '\t')
while IFS="$tab" read -r place name; do
	case $name in
	src/*|include/*|codelets/*|examples/*|tests/*|doc/*|build-aux/*|.ci/*)
		path=${name%%[ ,:]*}
		# A test program is named without its .c.
		case $path in *.log) path=${path%.log}.c ;; esac
		[ -e "$path" ] || [ -e "$path.c" ] || complain "$place" "$path" path ;;
	esac
	for word in $name; do
		word=${word%%[=,;(]*}
		case $word in
		--?*) has "$word" || complain "$place" "$word" option ;;
		plait_[a-z]*|plait__[a-z]*|PLAIT_[A-Z]*|cli_[a-z]*)
			has "${word%%[!A-Za-z0-9_]*}" || complain "$place" "$word" name ;;
		esac
	done
	case $name in
	*plait\ [a-z]*)
		command=${name##*plait }
		command=${command%% *}
		grep -q "^	{ \"$command\", cli_" src/cli/main.c || complain "$place" "$command" command ;;
	make\ [a-z]*)
		goal=${name#make }
		goal=${goal%% *}
		case $goal in
		check|dist|distcheck|install) ;;
		*) cat Makefile.am doc/local.mk tests/local.mk tests/fuzz/local.mk | grep -q "^$goal:" ||
			complain "$place" "make $goal" goal ;;
		esac ;;
	esac
done <"$names"
[ -s "$names" ] || exit 99
exit $status
