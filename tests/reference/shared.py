# SPDX-License-Identifier: MIT
"""What the scripts beside this file share.  Import it before torch: it chooses the kernels.

A sum in another order has other last digits, and libraries choose kernels by the processor and by
how many cores it has.  These here run on every x86 processor with AVX2, and make the same files.
"""
import os

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"
os.environ["OPENBLAS_CORETYPE"] = "Haswell"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
from torch import nn

torch.set_num_threads(1)


class Residual(nn.Module):
    """What residual{ body | shortcut } of a model's words is: its parameters have these names."""

    def __init__(self, *body, shortcut=()):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)
