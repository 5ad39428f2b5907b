#!/bin/sh
# SPDX-License-Identifier: MIT
# A header is guarded by a name that no other header has: PLAIT_..._H where it is installed or the
# program's, PLAIT__..._H where it is internal. Two headers with one guard hide each other.
cd "$SRC" || exit 99
find include src codelets tests -name '*.h' | sort | xargs awk '
	function end_file() {
		if (file != "" && guard == "")
			complain(file ": no #ifndef that guards it")
	}
	function complain(text) {
		print text
		bad = 1
	}
	FNR == 1 {
		end_file()
		file = FILENAME
		guard = ""
	}
	guard == "" && /^#ifndef / {
		guard = $2
		if (guard !~ /^PLAIT_(_?[A-Z0-9]+)+_H$/ && guard != "PLAIT_H")
			complain(file ": the guard " guard " is not of the form PLAIT_..._H")
		if (guard in owner)
			complain(file ": " owner[guard] " has the guard " guard " too")
		owner[guard] = file
		expect = FNR + 1
	}
	guard != "" && FNR == expect && ($1 != "#define" || $2 != guard)  {
		complain(file ":" FNR ": #define " guard " must follow its #ifndef")
	}
	END {
		end_file()
		exit bad || NR == 0
	}'
