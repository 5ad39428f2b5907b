#!/bin/sh
# SPDX-License-Identifier: MIT
# A policy of the user's own, the one of examples/09_policy.c: every command knows it as one of StarPU's, and
# what cannot run as it was asked for does not run.
. "$SRC/tests/cli/common"

# build FILE.c: FILE.so from it.
build()
{
	# shellcheck disable=SC2086 # lists
	$CC $CFLAGS $CPPFLAGS -shared -fPIC -o "$(basename "$1" .c).so" "$1" 2>build.err ||
		{ cat build.err; echo "$1 does not compile"; exit 1; }
}
build "$SRC/examples/09_policy.c"
mv 09_policy.so lifo.so

job='--data synthetic:640,10,3 --model linear:8'

# -- it is what runs ----------------------------------------------------------------------------

for with in '--sched-lib lifo.so' '--sched-lib ./lifo.so' "--sched-lib=$here/lifo.so"; do
	expect 0 '^Epoch 1/1' train $job --epochs 1 --sched lifo $with
done
expect 0 '^Epoch 1/1' load --data synthetic:640,10,3 --sched lifo --sched-lib lifo.so
expect 0 'same in the three' overlap $job --steps 8 --warmup 4 --repeats 1 --sched lifo --sched-lib lifo.so
expect 0 '^codelet' models $job --sched lifo --sched-lib lifo.so
expect 0 '^Epoch 1/1' train $job --epochs 1 --sched lifo --sched-lib lifo.so --save w.st
expect 0 'samples, loss' eval $job --init w.st --sched lifo --sched-lib lifo.so
"$plait" train $job --epochs 1 --log eager.log --log-every 1 --sched eager >out 2>err
"$plait" train $job --epochs 1 --log lifo.log --log-every 1 --sched lifo --sched-lib lifo.so >out 2>err
[ "$(grep -o '"loss":[^,}]*' eager.log)" = "$(grep -o '"loss":[^,}]*' lifo.log)" ] ||
	bad 'the losses are not those of eager'
expect 0 'step' trace -- train $job --steps 20 --sched lifo --sched-lib lifo.so

# -- the sweep -------------------------------------------------------------------------------------

small='--steps 10 --warmup 4 --repeats 1'
expect 0 '^[* ] lifo ' policies $job $small --policies lifo,eager --sched-lib lifo.so --csv p.csv
[ "$(grep -cE '^(lifo|eager),.*,ok$' p.csv)" -eq 2 ] || bad 'not both are measured'
STARPU_SCHED_LIB=lifo.so
export STARPU_SCHED_LIB
expect 0 '^[* ] lifo ' policies $job $small --policies lifo,eager
expect 0 '^Epoch 1/1' train $job --epochs 1 --sched lifo
expect 2 'no scheduling policy "lifoo" in StarPU or lifo.so, did you mean lifo\?; valid: .* lifo$' \
	train $job --sched lifoo
expect 2 'no scheduling policy "nope" in StarPU or lifo.so' policies $job $small --policies lifo,nope
STARPU_SCHED=nope
export STARPU_SCHED
expect 2 'STARPU_SCHED: no scheduling policy "nope"' train $job
unset STARPU_SCHED

# A library that does not list its policies: all cannot have them, which is said.
sed 's/starpu_get_sched_lib_policies/not_listed/' "$SRC/examples/09_policy.c" >unlisted.c
build unlisted.c
"$plait" policies $job --steps 1 --warmup 1 --repeats 1 --policies all --sched-lib unlisted.so >out 2>err
grep -q 'unlisted.so lists no policies of its own' err || bad 'all lacks a policy silently'

# -- libraries that are none -------------------------------------------------------------------------

STARPU_SCHED_LIB=/nowhere/x.so
expect 2 'STARPU_SCHED_LIB: policy library /nowhere/x.so cannot be loaded' train $job --sched nope
expect 2 'STARPU_SCHED_LIB: policy library /nowhere/x.so cannot be loaded' policies $job --policies eager
expect 0 '^Epoch 1/1' train $job --epochs 1 --sched-lib lifo.so --sched lifo
unset STARPU_SCHED_LIB
echo 'no library' >text.so
expect 2 'policy library text.so cannot be loaded' train $job --sched eager --sched-lib text.so
expect 1 'missing.so: No such file' load --data synthetic:640,10,3 --sched eager --sched-lib missing.so
expect 2 'policy library lifo.so was given, and no policy' train $job --sched-lib lifo.so
expect 2 'no scheduling policy "lifo"; valid' train $job --sched lifo

# Any name is given the one policy: it must not run as another. And it may not be called as one of StarPU's.
cat >any.c <<'C'
#include <starpu.h>
#include <starpu_scheduler.h>
static struct starpu_sched_policy policy = { .policy_name = NAME };
struct starpu_sched_policy *starpu_get_sched_lib_policy(const char *name)
{
	return name ? &policy : NULL;
}
C
CPPFLAGS="$CPPFLAGS -DNAME=\"mine\""
build any.c
expect 2 'any.so: asked for policy "yours", it gives one with the policy_name "mine"' \
	train $job --sched yours --sched-lib any.so
expect 2 'any.so: policy "mine" has no init_sched' train $job --sched mine --sched-lib any.so
expect 0 '^Epoch 1/1' train $job --epochs 1 --sched eager --sched-lib any.so
CPPFLAGS="${CPPFLAGS% *} -DNAME=\"prio\""
build any.c
expect 2 'any.so has a policy "prio", and so has StarPU' train $job --sched prio --sched-lib any.so
echo 'int nothing;' >nothing.c
build nothing.c
expect 2 'nothing.so is no policy library: it has no function starpu_get_sched_lib_policy' \
	policies $job --policies eager --sched-lib nothing.so

[ $failed -eq 0 ]
