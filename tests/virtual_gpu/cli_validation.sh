#!/bin/sh
# SPDX-License-Identifier: MIT
# The program on the virtual GPU: the memory that training and its validation take there together.
. "$SRC/tests/virtual_gpu/cli_common"

# As many samples as a batch has, so that validation takes no longer than a step.
set -- train --data "$data" --model "$net" --steps 2 --val synthetic:500,1000,10
limited "$@" --batch-size 500
# Room for training and not for validation; not for training. Parameters and their like are 12 MiB, two
# values of products 8 MiB, and 16 slots 8 kB a sample: 54 MiB at 500.
for limit in 48M:400:450 32M:180:210; do
	most=${limit%%:*} range=${limit#*:}
	expect 1 "leaves ${most%M} MiB of memory and this run needs 54 MiB there, 12 MiB of them" \
		"$@" --batch-size 500 --gpu-memory-limit "$most"
	told "${range%:*}" "${range#*:}" "$@" --gpu-memory-limit "$most"
done

[ $failed -eq 0 ] || echo "$failed failed"
[ $failed -eq 0 ]
