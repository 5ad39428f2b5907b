#!/bin/sh
# SPDX-License-Identifier: MIT
# --dashboard in a terminal of script(1), beside none, and in one that cannot draw: what stays behind, what
# keys and signals do, and that figures are the same.
. "$SRC/tests/cli/common"

expect 2 '--dashboard shows one training: give it without --pool' train --data synthetic:90,4,2 --model linear:2 --dashboard --pool 2
expect 2 'without --quiet' train --data synthetic:90,4,2 --model linear:2 --dashboard --quiet
expect 2 'without --lr-find' train --data synthetic:90,4,2 --model linear:2 --dashboard --lr-find

# Where there is no terminal it prints lines.
expect 0 '^Epoch 2/2' train --data synthetic:90,4,2 --model linear:2 --epochs 2 --dashboard
! grep -q "$(printf '\033')" out err || bad 'control sequences without a terminal'

command -v script >/dev/null || { echo 'there is no script here: no terminal is tried'; [ $failed -eq 0 ]; exit; }
job='train --data synthetic:2000,20,4 --val synthetic:100,20,4 --model linear:4'

# screen KIND SIZE KEY COMMAND...: a shell command in a terminal of this kind and size, without colours, with
# a key that is typed when it has the screen; what it writes is in out, without carriage returns.
screen()
{
	kind=$1 size=$2 key=$3
	shift 3
	cat >inside <<X
stty rows ${size#*x} cols ${size%x*}
export TERM=$kind NO_COLOR=1
trap : INT
$*
echo "status \$?" \$(stty -a | grep -o -e '-*icanon' -e '-*echo ')
X
	: >raw
	{ until grep -aq 'Ctrl-C:' raw; do sleep 0.1; done; printf "$key"; sleep 100; } >keys.pipe &
	typist=$!
	timeout 100 script -qefc 'sh inside' raw <keys.pipe >out 2>err
	kill $typist 2>/dev/null
	wait $typist 2>/dev/null
	tr -d '\r' <raw >out
}

# left: what is on the screen that stays.
left()
{
	sed "s/$leave/\n@@\n/" out | sed '1,/^@@$/d'
}
mkfifo keys.pipe
enter=$(printf '\033\\[?1049h') leave=$(printf '\033\\[?1049l')

screen xterm 80x24 '' "$plait" $job --epochs 4000 --log drawn.log --dashboard
grep -q "$enter" out && grep -q "$leave" out || bad 'the other screen is not taken and given back'
grep -q 'loss  training  evaluation' out && grep -q 'F forward  B backward' out || bad 'no frame'
[ "$(left | grep -c '^Epoch [0-9]*/4000 ')" -eq 4000 ] || bad 'lines of epochs do not stay behind'
grep -q '^status 0 icanon echo' out || bad 'the terminal is not as it was'

# The losses are those of a run without it.
"$plait" $job --epochs 3 --log plain.log --quiet 2>err || bad 'a plain run'
losses() { sed -n 's/^{"event":"epoch","epoch":[1-3],.*"loss":\([^,]*\),.*"val_loss":\([^,]*\),.*/\1 \2/p' $1; }
[ "$(losses drawn.log)" = "$(losses plain.log)" ] && [ "$(losses plain.log | wc -l)" -eq 3 ] || bad 'other losses'

screen dumb 80x24 '' "$plait" $job --epochs 2 --dashboard
! grep -q "$enter" out && grep -q '^Epoch 2/2' out || bad 'TERM=dumb'
screen xterm 50x24 '' "$plait" $job --epochs 2 --dashboard
! grep -q "$enter" out && grep -q '^Epoch 2/2' out || bad 'a narrow terminal'
screen xterm 80x24 '' "$plait" $job --epochs 2 --dashboard '2>stderr'
! grep -q "$enter" out && grep -q '^Epoch 2/2' out || bad 'stderr is no terminal'

# q ends after an epoch, with the status of a run that is done; Ctrl-C after a step.
screen xterm 80x24 q "$plait" $job --epochs 1000000 --dashboard --save q.st
grep -q '^Ended here, as the key q asked for' out && grep -q '^status 0 icanon echo' out && [ -s q.st ] || bad 'the key q'
screen xterm 80x24 '\003' "$plait" $job --epochs 1000000 --dashboard
grep -q '^plait: interrupted after step' out && grep -q '^status 130 icanon echo' out || bad 'Ctrl-C'
# A failure's message is on the screen that stays.
screen xterm 80x24 '' "$plait" train --data synthetic:320,10,2 --model "'linear:2 scale:1e38 scale:1e38'" --dashboard
left | grep -q 'is not finite' || bad 'the message of a failure'
grep -q '^status 1 icanon echo' out || bad 'the terminal after a failure'

[ $failed -eq 0 ]
