#!/bin/sh
# SPDX-License-Identifier: MIT
# Includes run one way, from later layers to earlier ones. A file belongs to the
# layer that its name starts with (dataset_idx.c: dataset); "a=b" puts what starts
# with a into layer b.
kin='random=base hash=base number=base file=base json=base image=base crc32c=base
policy=runtime memory=runtime pool=loader cache=loader
replace=base record=runtime phases=executor packed=dataset permutation=sampler bad_samples=loader ring=loader
ops=graph op=graph model=graph store=plan program=executor segment=executor
session=trainer diagnose=trainer progress=trainer'
layers='base runtime tensor dataset transform sampler loader graph autodiff plan executor optimizer metrics checkpoint trainer cli'
# codelets/ is a room of its own: it knows these layers and its own headers.
codelets='base tensor graph'

cd "$SRC" || exit 99
find include src codelets -name '*.[ch]' -o -path 'codelets/*' -name '*.cu*' | sort |
	xargs grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*("|<plait)' /dev/null |
	awk -v kin="$kin" -v layers="$layers" -v codelets="$codelets" '
	BEGIN {
		count = split(layers, name, " ")
		for (i = 1; i <= count; i++)
			rank[name[i]] = i
		n = split(kin, list, " ")
		for (i = 1; i <= n; i++) {
			split(list[i], pair, "=")
			rank[pair[1]] = rank[pair[2]]
			of[pair[1]] = pair[2]
		}
		n = split(codelets, list, " ")
		for (i = 1; i <= n; i++)
			allowed[list[i]] = 1
	}
	# The layer of a path, "" for a file that stands outside of the order.
	function layer(path,    stem, i, best) {
		if (path ~ /(^|\/)cli\//)
			return "cli"
		stem = path
		sub(/^.*\//, "", stem)
		sub(/\..*$/, "", stem)
		best = ""
		for (i in rank)
			if ((stem == i || index(stem, i "_") == 1) && length(i) > length(best))
				best = i
		return best in of ? of[best] : best
	}
	{
		split($0, part, ":")
		file = part[1]
		match($0, /["<][^">]*[">]/)
		included = substr($0, RSTART + 1, RLENGTH - 2)
		if (included == "config.h" || included == "plait.h")
			next
		to = layer(included)
		if (file ~ /^codelets\//) {
			if (included !~ /^codelets\// && !(to in allowed) && included !~ /ops?\.(h|def)$/) {
				print file ":" part[2] ": codelets may not include " included
				bad = 1
			}
			next
		}
		from = layer(file)
		if (from != "" && to != "" && rank[to] > rank[from]) {
			print file ":" part[2] ": " from " may not include " included " (" to " is a later layer)"
			bad = 1
		}
	}
	END { exit bad || NR == 0 }'
