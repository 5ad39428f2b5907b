#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes layers.txt beside this file: what single layers compute in PyTorch, and their gradients.

Inputs are small whole numbers, so that windows have several largest ones, made by formulas that
tests/gradient/layers.c has too. Of each case there is a line with its name, Plait's word and the shape
of a sample; then y, and the gradient of the sum of y dy by x.

usage: layers.py [FOLDER]        (needs PyTorch and NumPy)
"""
import os
import sys

import numpy as np
import torch
from torch import nn

SAMPLES = 5


def numbers(n, factor, modulus):
    """Whole numbers around 0, in an order without a pattern."""
    return ((np.arange(n, dtype=np.int64) * factor + 7) % 10007 % modulus - modulus // 2).astype(np.float32)


def sample_values(shape, kind):
    x = numbers(SAMPLES * int(np.prod(shape)), 7919, 7)
    if kind == "nan":
        x[::5], x[1::11], x[2::13] = np.nan, -np.inf, np.inf
    if kind == "low":
        x[:] = -np.inf
    return torch.from_numpy(x.reshape(SAMPLES, *shape))


class Transpose(nn.Module):
    """Dimensions are those of a sample."""

    def __init__(self, *dims):
        super().__init__()
        self.dims = [1 + dim for dim in dims]

    def forward(self, x):
        return x.transpose(*self.dims)


# name: Plait's word, the layer, the shape of a sample, what is among the numbers.
CASES = {
    "max": ("maxpool:2", nn.MaxPool2d(2), (3, 6, 4), "plain"),
    "max-odd": ("maxpool:2", nn.MaxPool2d(2), (3, 5, 7), "nan"),
    "max-ceil": ("maxpool:2,ceil_mode=1", nn.MaxPool2d(2, ceil_mode=True), (2, 5, 7), "nan"),
    "max-overlap": ("maxpool:3,stride=2,pad=1", nn.MaxPool2d(3, 2, 1), (3, 7, 6), "plain"),
    "max-overlap-nan": ("maxpool:3,stride=1,pad=1", nn.MaxPool2d(3, 1, 1), (1, 7, 6), "nan"),
    "max-ceil-left-out": ("maxpool:2,stride=3,pad=1,ceil_mode=1",
                          nn.MaxPool2d(2, 3, 1, ceil_mode=True), (2, 5, 6), "plain"),
    "max-dilated": ("maxpool:3x2,stride=1x2,dilation=2x3,pad=1x0",
                    nn.MaxPool2d((3, 2), (1, 2), (1, 0), (2, 3)), (5, 7, 8), "nan"),
    "avg": ("avgpool:2", nn.AvgPool2d(2), (3, 6, 4), "plain"),
    "avg-odd": ("avgpool:2", nn.AvgPool2d(2), (3, 5, 7), "nan"),
    "avg-ceil": ("avgpool:2,ceil_mode=1", nn.AvgPool2d(2, ceil_mode=True), (2, 5, 7), "plain"),
    "avg-overlap": ("avgpool:3,stride=2,pad=1", nn.AvgPool2d(3, 2, 1), (3, 7, 6), "plain"),
    "avg-overlap-ceil": ("avgpool:3x4,stride=2x3,pad=1x2,ceil_mode=1",
                         nn.AvgPool2d((3, 4), (2, 3), (1, 2), ceil_mode=True), (3, 8, 6), "plain"),
    "avg-without-padding": ("avgpool:3,stride=2,pad=1,ceil_mode=1,count_include_pad=0",
                            nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False),
                            (2, 6, 7), "plain"),
    "global-avg": ("global_avgpool", nn.AdaptiveAvgPool2d(1), (3, 6, 4), "plain"),
    "global-avg-plane": ("global_avgpool", nn.AdaptiveAvgPool2d(1), (1, 5, 7), "plain"),
    "max-low": ("maxpool:3,stride=2,pad=1", nn.MaxPool2d(3, 2, 1), (2, 5, 5), "low"),
    "transpose": ("transpose:0,1", Transpose(0, 1), (3, 5, 4), "plain"),
    "transpose-ends": ("transpose:0,2", Transpose(0, 2), (3, 5, 4), "plain"),
    "transpose-last": ("transpose:3,2", Transpose(3, 2), (2, 3, 5, 4), "plain"),
}


def write(file, name, word, layer, shape, kind):
    x = sample_values(shape, kind).requires_grad_()
    y = layer(x)
    dy = torch.from_numpy(numbers(y.numel(), 3571, 101)).reshape(y.shape)
    y.backward(dy)
    file.write(f"case {name} {word} {kind} {'x'.join(map(str, shape))}\n")
    for values in (y, x.grad):
        file.write(" ".join(f"{v:.9g}" for v in values.detach().numpy().ravel()) + "\n")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    torch.set_num_threads(1)
    with open(os.path.join(folder, "layers.txt"), "w", encoding="ascii") as file:
        file.write(f"# PyTorch {torch.__version__}, float32 on a CPU; layers.py made this\n")
        for name, case in CASES.items():
            write(file, name, *case)


main()
