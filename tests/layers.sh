#!/bin/sh
# SPDX-License-Identifier: MIT
# A folder is a layer, and includes run one way: from later layers to earlier ones. Every source
# file must stand in a folder that is named here, and every public header must have a layer.
# Files have at most 300 lines, folders at most 25 files.
layers='base runtime image dataset transform sampler loader graph codelets gradient checkpoint plan executor scores trainer predictor cli'
# Public headers whose layer has another name: header=layer.
public='tensor=base bad_samples=loader ops=graph op=graph optimizer=graph schedule=gradient metrics=trainer run=trainer pool=trainer until=trainer'
# What a layer may include, where that is less than all layers before it.
only='codelets=base,graph,codelets'
# The command line uses the public headers and src/base. These files need more, for these reasons.
internal='
src/cli/data/view.h    decodes into the memory that decoders grow, struct plait__buffer
src/cli/data/view.c    shows samples as they are stored: plait_dataset_read wants images of one size
src/cli/data/survey.c  adds to a list of bad samples, which only loaders do otherwise
src/cli/data/pack.c    writes packed data sets, for which there is no public function
src/cli/predict/predict.c  compares what predictions take with the memory that is left
src/cli/job/names.h    keeps in metadata what predictors read there
src/cli/job/words.c    builds with as many outputs as data have classes, and saves words in one form
src/cli/model/layers.c reads the layers of a graph, for which there is no public function
src/cli/display.h      draws the bar of plait_fit, but decides itself when to draw it
'

cd "$SRC" || exit 99
status=0
find include src codelets -name '*.[ch]' -o -name '*.cu' -o -name '*.def' | sort |
	xargs grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*("|<plait)|^' /dev/null |
	awk -v layers="$layers" -v public="$public" -v only="$only" -v internal="$(echo "$internal" | tr "\n" ";")" '
	BEGIN {
		count = split(layers, name, " ")
		for (i = 1; i <= count; i++)
			rank[name[i]] = i
		n = split(public, list, " ")
		for (i = 1; i <= n; i++) {
			split(list[i], pair, "=")
			named[pair[1]] = pair[2]
		}
		n = split(only, list, " ")
		for (i = 1; i <= n; i++) {
			split(list[i], pair, "=")
			limited[pair[1]] = "," pair[2] ","
		}
		n = split(internal, list, ";")
		for (i = 1; i <= n; i++)
			if (split(list[i], pair, " ") > 1)
				excused[pair[1]] = 1
	}
	# The layer of a path, "" if there is none.
	function layer(path,    part, stem) {
		sub(/^include\//, "", path)
		split(path, part, "/")
		if (path ~ /^plait\/[a-z_]+\.h$/) {
			stem = part[2]
			sub(/\.h$/, "", stem)
			stem = stem in named ? named[stem] : stem
			return stem in rank ? stem : ""
		}
		if (part[1] == "codelets")
			return "codelets"
		if (part[1] == "src" && part[3] != "" && part[2] in rank)
			return part[2]
		return ""
	}
	function complain(text) {
		print file ":" line ": " text
		bad = 1
	}
	{
		split($0, part, ":")
		file = part[1]
		line = part[2]
		# The umbrella header includes all others.
		if (file == "include/plait.h")
			next
		from = layer(file)
		if (!(file in seen) && from == "")
			complain("this folder or header is no layer: name it in tests/layers.sh")
		seen[file] = 1
		if ($0 !~ /^[^:]*:[0-9]*:[ \t]*#[ \t]*include[ \t]*("|<plait)/ || from == "")
			next
		match($0, /["<][^">]*[">]/)
		included = substr($0, RSTART + 1, RLENGTH - 2)
		if (included == "config.h" || included == "plait.h")
			next
		to = layer(included)
		if (to == "")
			complain(included " is in no layer")
		else if (rank[to] > rank[from])
			complain(from " may not include " included ": " to " is a later layer")
		else if (from == "cli" && included !~ /^(plait|src\/base|src\/cli)\// && !(file in excused))
			complain("the command line may not include " included ": it has the public headers")
		else if (from in limited && index(limited[from], "," to ",") == 0)
			complain(from " may not include " included ": it may include " limited[from])
	}
	END { exit bad || NR == 0 }' || status=1

# What is longer, or fuller, is several things.
find src codelets -name '*.[ch]' -o -name '*.cu' -o -name '*.js' | xargs wc -l |
	awk '$2 != "total" && $1 > 300 { print $2 ": " $1 " lines, at most 300"; bad = 1 } END { exit bad }' ||
	status=1
find src codelets -type f -name '*.*' ! -name '*.o' ! -name '*.lo' ! -name '*.l[ao].d' ! -path '*/.*' |
	sed 's#/[^/]*$##' | sort | uniq -c |
	awk '$1 > 26 { print $2 ": " $1 " files, at most 25 and its local.mk"; bad = 1 } END { exit bad }' ||
	status=1
exit $status
