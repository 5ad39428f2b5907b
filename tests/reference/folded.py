#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes folded.txt beside this file: what networks whose convolutions have a batchnorm behind them
compute in PyTorch when they evaluate.

Samples, targets, parameters and running values are multiples of powers of 2, made by formulas that
tests/trainer/folded.c has too. Of each case there is a line with its name, the shape of a sample, the
kind of its running values, how many batchnorms are in a convolution, and Plait's words; then the
outputs, and their mean square error.

usage: folded.py [FOLDER]        (needs PyTorch and NumPy)
"""
import os
import sys

import numpy as np
import torch
from torch import nn

SAMPLES = 3


def numbers(n, factor, modulus, number=0):
    """Whole numbers around 0, in an order without a pattern; others for each parameter."""
    i = np.arange(n, dtype=np.int64)
    return ((i * factor + 7 + 131 * number) % 10007 % modulus - modulus // 2).astype(np.float32)


def running(n, number, kind):
    """Mean and variance.  Extreme: every fourth mean is large, and some variances are 0 or nearly so."""
    mean, var = numbers(n, 3571, 41, number) / 8, (np.abs(numbers(n, 7919, 33, number)) + 8) / 16
    if kind == "extreme":
        mean[::4] *= 64
        var[::3], var[1::5] = 0, 2.0**-30
    return mean, var


class Residual(nn.Module):
    def __init__(self, *body, shortcut):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def conv(*args, **kwargs):
    return nn.Conv2d(*args, **kwargs)


def norm(channels, eps=1e-5):
    return nn.BatchNorm2d(channels, eps=eps)


# name: the shape of a sample, the kind of running values, batchnorms that are folded, Plait's words,
# PyTorch's layers.
CASES = {
    "one": ((3, 7, 5), "extreme", 1, "conv:6,3,pad=1 batchnorm",
            lambda: [conv(3, 6, 3, padding=1), norm(6)]),
    "strided": ((4, 9, 8), "extreme", 1, "conv:5,3x2,stride=2x1,bias=0 batchnorm",
                lambda: [conv(4, 5, (3, 2), stride=(2, 1), bias=False), norm(5)]),
    "groups": ((6, 11, 10), "extreme", 1, "conv:9,3,groups=3,pad=2,dilation=2 batchnorm:eps=1e-3",
               lambda: [conv(6, 9, 3, groups=3, padding=2, dilation=2), norm(9, eps=1e-3)]),
    "depthwise": ((7, 8, 9), "extreme", 1, "conv:7,3,pad=1,groups=7,bias=0 batchnorm",
                  lambda: [conv(7, 7, 3, padding=1, groups=7, bias=False), norm(7)]),
    "one-channel": ((2, 6, 5), "extreme", 1, "conv:1,1 batchnorm", lambda: [conv(2, 1, 1), norm(1)]),
    "many-weights": ((16, 4, 4), "extreme", 1, "conv:8,3 batchnorm",
                     lambda: [conv(16, 8, 3), norm(8)]),
    "one-pixel": ((5, 3, 3), "extreme", 1, "conv:33,3,bias=0 batchnorm",
                  lambda: [conv(5, 33, 3, bias=False), norm(33)]),
    "separable": ((3, 12, 12), "plain", 3,
                  "conv:8,3,pad=1,bias=0 batchnorm relu conv:8,3,pad=1,groups=8,bias=0 batchnorm relu "
                  "conv:12,1,bias=0 batchnorm relu global-avgpool flatten linear:4",
                  lambda: [conv(3, 8, 3, padding=1, bias=False), norm(8), nn.ReLU(),
                           conv(8, 8, 3, padding=1, groups=8, bias=False), norm(8), nn.ReLU(),
                           conv(8, 12, 1, bias=False), norm(12), nn.ReLU(),
                           nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 4)]),
    "residual": ((3, 11, 12), "plain", 4,
                 "conv:8,3,pad=1 batchnorm relu residual{ conv:8,3,pad=1,stride=2 batchnorm relu "
                 "conv:8,3,pad=1 batchnorm | conv:8,1,stride=2,bias=0 batchnorm } relu flatten linear:4",
                 lambda: [conv(3, 8, 3, padding=1), norm(8), nn.ReLU(),
                          Residual(conv(8, 8, 3, padding=1, stride=2), norm(8), nn.ReLU(),
                                   conv(8, 8, 3, padding=1), norm(8),
                                   shortcut=[conv(8, 8, 1, stride=2, bias=False), norm(8)]),
                          nn.ReLU(), nn.Flatten(), nn.Linear(288, 4)]),
}


def set_values(net, kind):
    with torch.no_grad():
        for p, parameter in enumerate(net.parameters()):
            value = numbers(parameter.numel(), 3571, 101, p) / 64
            parameter.copy_(torch.from_numpy(value.reshape(parameter.shape)))
        layers = [layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d)]
        for i, layer in enumerate(layers):
            mean, var = running(layer.num_features, i, kind)
            layer.running_mean.copy_(torch.from_numpy(mean))
            layer.running_var.copy_(torch.from_numpy(var))


def write(file, name, shape, kind, folded, words, layers):
    net = nn.Sequential(*layers())
    set_values(net, kind)
    x = numbers(SAMPLES * int(np.prod(shape)), 7919, 7).reshape(SAMPLES, *shape)
    with torch.no_grad():
        y = net.eval()(torch.from_numpy(x))
        target = torch.from_numpy(numbers(y.numel(), 3571, 101) / 16).reshape(y.shape)
        loss = nn.MSELoss()(y, target).item()
    file.write(f"case {name} {'x'.join(map(str, shape))} {kind} {folded} {words}\n")
    file.write(" ".join(f"{v:.9g}" for v in y.numpy().ravel()) + "\n")
    file.write(f"{loss:.9g}\n")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    torch.set_num_threads(1)
    with open(os.path.join(folder, "folded.txt"), "w", encoding="ascii") as file:
        file.write(f"# PyTorch {torch.__version__}, float32 on a CPU; folded.py made this\n")
        for name, case in CASES.items():
            write(file, name, *case)


main()
