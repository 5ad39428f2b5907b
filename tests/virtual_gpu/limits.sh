#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/cli/limits.sh on the virtual GPU: what drives a GPU needs no larger stack and no more open files.
export PLAIT="$BUILD/tests/gpu/plait-gpu"
[ -x "$PLAIT" ] || { echo 'skipped: built without CUDA, or with a StarPU without'; exit 77; }
exec sh "$SRC/tests/virtual_gpu/run" sh "$SRC/tests/cli/limits.sh"
