# SPDX-License-Identifier: MIT
# The pages of the program as C strings:
#   awk -v dir=FOLDER -v phases=phases.def -f embed-pages.awk NAME...
# NAME.html becomes cli_page_NAME_head and cli_page_NAME_tail, which are what stands before and
# after the data; files that it links to (page.css, page.js) are written in place of the links.
# The line that says COLOURS OF PHASES becomes a variable of CSS for each phase in phases.def.
# No gsub with backslashes in it: awks differ there.
BEGIN {
	print "/* Made by embed-pages.awk. */\n#include \"src/cli/page/page.h\""
	for (i = 1; i < ARGC; i++)
		embed_page(ARGV[i])
}

function embed_page(name,    line, at, file)
{
	file = dir "/" name ".html"
	begin_string("cli_page_" name "_head")
	while ((status = (getline line < file)) > 0) {
		at = index(line, "<script type=\"application/json\" id=\"data\">")
		if (at > 0) {
			at = index(line, "</script>")
			put(substr(line, 1, at - 1), "")
			end_string()
			begin_string("cli_page_" name "_tail")
			put(substr(line, at), "\\n")
		} else if (line ~ /^<link rel="stylesheet" href="[a-z_]+\.css">$/) {
			embed_file(line, "style")
		} else if (line ~ /^<script src="[a-z_]+\.js"><\/script>$/) {
			embed_file(line, "script")
		} else {
			put(line, "\\n")
		}
	}
	check(file)
	end_string()
}

# The file that the link names, in <tag>.
function embed_file(link, tag,    part, line, file)
{
	split(link, part, "\"")
	file = dir "/" (tag == "style" ? part[4] : part[2])
	put("<" tag ">", "\\n")
	while ((status = (getline line < file)) > 0)
		if (line ~ /COLOURS OF PHASES/)
			put_colours(phases)
		else
			put(line, "\\n")
	check(file)
	put("</" tag ">", "\\n")
}

# Lines such as PLAIT__PHASE(LOAD, "load", 4477aa); the page has a colour of its own for idle.
function put_colours(file,    line, part)
{
	while ((status = (getline line < file)) > 0)
		if (line ~ /^PLAIT__PHASE\(/ && split(line, part, "\"") == 3 && part[2] != "idle")
			put("  --" part[2] ": #" substr(part[3], 3, 6) ";", "\\n")
	check(file)
}

function check(file)
{
	if (status < 0) {
		print "embed-pages.awk: cannot read " file > "/dev/stderr"
		exit 1
	}
	close(file)
}

function begin_string(name)
{
	print "\nconst char " name "[] ="
}

function end_string()
{
	print "\t\"\";"
}

function put(line, end)
{
	print "\t\"" behind_backslash(behind_backslash(line, "\\"), "\"") end "\""
}

# The line with a backslash before every such character.
function behind_backslash(line, character,    at, done)
{
	done = ""
	while ((at = index(line, character)) > 0) {
		done = done substr(line, 1, at - 1) "\\" character
		line = substr(line, at + 1)
	}
	return done line
}
