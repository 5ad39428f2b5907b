#!/bin/sh
# SPDX-License-Identifier: MIT
# The pages in a browser: all tasks are drawn, nothing complains, a hostile name stays a name, and
# wheel, keys, pointers and tables do what they should.  Needs chromium.
pages=${PAGES:-$BUILD/tests/cli/pages}
here=$PWD/pages-browser-$$
mkdir "$here" && cd "$here" || exit 99
trap 'cd / && rm -rf "$here"' EXIT
browser=$(command -v chromium) || { echo 'there is no chromium here'; exit 77; }
failed=0

bad()
{
	failed=$((failed + 1))
	printf 'FAILED: %s\n' "$1"
	grep -Ev ':(ERROR|WARNING):(dbus|ui|media|sandbox)/' err | tail -n 20 | sed 's/^/    err: /'
}

# browse SIZE URL OPTION...: without any network; what it prints is in out, its messages in err.
browse()
{
	size=$1 url=$2
	shift 2
	rm -rf profile
	timeout -k 5 90 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync \
		--hide-scrollbars --user-data-dir="$here/profile" --virtual-time-budget=20000 \
		--window-size="$size" --enable-logging=stderr "$@" "$url" >out 2>err
	status=$?
	[ $status -eq 0 ] || bad "chromium $* $url ended with $status"
	! grep -q 'CONSOLE' err || bad "$url: messages in the console"
}

# looks SIZE URL BYTES: a picture of the page is no sheet of one colour, which would be smaller.
looks()
{
	rm -f shot.png
	browse "$1" "$2" --screenshot="$here/shot.png"
	bytes=$(wc -c <shot.png 2>/dev/null || echo 0)
	[ "$bytes" -gt "$3" ] || bad "$2 at $1: a picture of $bytes bytes"
}

# shows URL NUMBER: the page is complete, and no name became an element of it.
shows()
{
	browse 1600,1200 "$1" --dump-dom
	grep -q "<html[^>]* data-ready=\"$2\"" out || bad "$1: not $2 drawn: $(grep -o '<html[^>]*>' out)"
	! grep -Eq '<[bi] id="?evil|data-evil' out || bad "$1: a name became an element"
}

# sample KIND SIZE NAME: a page of sample data (pages_data.c).
sample()
{
	"$pages" "$1" "$2" "$3" 2>err || bad "$3 is not written"
}

sample trace 2500 trace.html
sample trace 0 empty.html
sample policies 50 policies.html

shows "file://$here/trace.html" 20000
# Four steps and a task of the fifth: what is not seen is not drawn.
shows "file://$here/trace.html#from=100.5&to=500.5" 33
shows "file://$here/empty.html" 0
shows "file://$here/policies.html" 45
# Batches differ, so times of a sample are compared; one bar is too long; what is unknown is not named.
grep -q 'Time of a sample' out || bad 'policies.html: the times of steps are compared'
[ "$(grep -o 'class="arrow"' out | wc -l)" -eq 1 ] || bad 'policies.html: not one bar is too long'
sed -n '/<footer/q; /<header/,$p' out | grep -v '<script' >text
! grep -Eq 'null|NaN|undefined|Infinity|0 workers' text || bad 'policies.html: a value that is none is shown'

# Curves of training and evaluation, of a pool and of another run; one panel has no evaluation.
for i in 1 2; do
	"$BUILD/src/cli/plait" train --data synthetic:300,8,3 --val synthetic:60,8,3 --model linear:3 --quiet --epochs 3 \
		--lr 0.0$i --log run$i.log --log-every 2 2>err || bad 'a log'
done
"$BUILD/src/cli/plait" runs run1.log run2.log --html runs.html >out 2>err || bad 'runs.html is not written'
shows "file://$here/runs.html" 3
sed -n '/<footer/q; /<header/,$p' out | grep -v '<script' >text
! grep -Eq 'null|NaN|undefined|Infinity' text || bad 'runs.html: a value that is none is shown'
[ "$(grep -o 'lr=0.0[12]</text>' text | wc -l)" -eq 6 ] || bad 'runs.html: not each chart names both runs'

# prints NAME HEAD COUNT: on paper a table's head is whole, and on so many sheets at least.
prints()
{
	browse 1600,1200 "file://$here/$1.html" --no-pdf-header-footer --print-to-pdf="$here/$1.pdf"
	pdftotext -layout $1.pdf text && [ "$(grep -Ec "$2" text)" -ge $3 ] ||
		bad "$1 in print: under $3 heads like $2"
}

if command -v pdftotext >/dev/null; then
	prints trace 'deviation, .+s +Gflop/s' 1
	prints policies 'policy +workers.* idle +runs' 2
else
	echo 'there is no pdftotext here: print is not tested'
fi

# The browser's own words for a blank page of these sizes are under 10,000 bytes.
looks 1600,1200 "file://$here/trace.html" 40000
looks 380,1200 "file://$here/trace.html" 20000
looks 1600,1200 "file://$here/policies.html" 40000
looks 380,1200 "file://$here/policies.html" 20000

# Nothing is wider than a narrow window, apart from tables in frames of their own.
for page in trace policies runs; do
	{
		cat $page.html
		echo '<script>addEventListener("load", () => { document.documentElement.dataset.over =
			document.documentElement.scrollWidth - innerWidth; });</script>'
	} >narrow.html
	browse 500,900 "file://$here/narrow.html" --dump-dom
	grep -Eq '<html[^>]* data-over="(0|-[0-9]+)"' out || bad "$page is wider than its window: $(grep -o '<html[^>]*>' out)"
done

{ cat trace.html; echo '<script>'; cat "$SRC/tests/cli/pages_drive.js"; echo '</script>'; } >drive.html
browse 1200,900 "file://$here/drive.html" --dump-dom
drive=$(sed -n 's/.*<html[^>]* data-drive="\([^"]*\)".*/\1/p' out)
case $drive in
'' | *=false*) bad "as a reader: ${drive:-no result}" ;;
esac
[ "$(echo "$drive" | wc -w)" -eq 12 ] || bad "not 12 results: $drive"

[ $failed -eq 0 ] || exit 1
echo "all tasks are drawn; $drive"
