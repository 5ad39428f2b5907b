#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes layers.txt beside this file: what single layers compute in PyTorch, and their gradients.

Inputs and parameters are small whole numbers, so that windows have several largest ones, or sixteenths
of them, made by formulas that tests/gradient/reference.h has too.  PyTorch computes in float64: what
differs from it is what Plait rounds.  Of each case there is a line with its name, the kind of numbers,
whether it trains or evaluates, the shape of a sample and Plait's words.  Lines of numbers follow: y, the
gradient dx of the sum of y dy by x, that by each parameter, and the buffers after it.

usage: layers.py [FOLDER]        (needs PyTorch and NumPy)
"""
import os
import sys

from shared import Residual

import numpy as np
import torch
from torch import nn

SAMPLES = 5


def numbers(n, factor, modulus):
    """Whole numbers around 0, in an order without a pattern."""
    return ((np.arange(n, dtype=np.int64) * factor + 7) % 10007 % modulus - modulus // 2).astype(np.float64)


def sample_values(shape, kind):
    n = SAMPLES * int(np.prod(shape))
    x = numbers(n, 7919, 97 if kind in ("fine", "odd", "far") else 7)
    if kind == "fine":
        x /= 16
    if kind == "odd":
        x = x / 8 + 1 / 16
    if kind == "nan":
        x[::5], x[1::11], x[2::13] = np.nan, -np.inf, np.inf
    if kind == "low":
        x[:] = -np.inf
    return torch.from_numpy(x.reshape(SAMPLES, *shape))


def set_parameters(net):
    """Each has numbers of another modulus, so that none can stand for another."""
    with torch.no_grad():
        for i, p in enumerate(net.parameters()):
            p.copy_(torch.from_numpy(numbers(p.numel(), 4801, 5 + 2 * i)).reshape(p.shape))
        for name, buffer in net.named_buffers():
            if not name.endswith("num_batches_tracked"):
                value = numbers(buffer.numel(), 6007, 5) + (3 if name.endswith("var") else 0)
                buffer.copy_(torch.from_numpy(value))


class Transpose(nn.Module):
    """Dimensions are those of a sample."""

    def __init__(self, *dims):
        super().__init__()
        self.dims = [1 + dim for dim in dims]

    def forward(self, x):
        return x.transpose(*self.dims)


class Concat(nn.Module):
    """x, and what another layer makes of it behind it, along a dimension of a sample."""

    def __init__(self, dim, layer):
        super().__init__()
        self.dim, self.layer = 1 + dim, layer

    def forward(self, x):
        return torch.cat([x, self.layer(x)], self.dim)


class Reshape(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(len(x), *self.shape)


# name: Plait's words, a layer or a list of them, the shape of a sample, the kind of numbers.
POOLS = {
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
}
CONVOLUTIONS = {
    "conv": ("conv:4,3,pad=1", nn.Conv2d(3, 4, 3, padding=1), (3, 5, 4), "plain"),
    "conv-plane": ("conv:3,5,pad=2", nn.Conv2d(1, 3, 5, padding=2), (1, 6, 5), "plain"),
    "conv-strided": ("conv:4,3,stride=2,bias=0", nn.Conv2d(3, 4, 3, 2, bias=False), (3, 7, 6), "plain"),
    "conv-odd": ("conv:5,3x2,stride=2x3,pad=1x2,dilation=2x1",
                 nn.Conv2d(3, 5, (3, 2), (2, 3), (1, 2), (2, 1)), (3, 7, 8), "plain"),
    "conv-whole": ("conv:4,4x5", nn.Conv2d(3, 4, (4, 5)), (3, 4, 5), "plain"),
    "conv-point": ("conv:6,1", nn.Conv2d(5, 6, 1), (5, 3, 4), "plain"),
    "conv-point-strided": ("conv:4,1,stride=2,bias=0", nn.Conv2d(6, 4, 1, 2, bias=False), (6, 5, 5),
                           "plain"),
    "conv-groups": ("conv:6,3,groups=3,pad=1", nn.Conv2d(6, 6, 3, padding=1, groups=3), (6, 4, 5),
                    "plain"),
    "conv-depthwise": ("conv:5,3,groups=5,pad=1", nn.Conv2d(5, 5, 3, padding=1, groups=5), (5, 5, 4),
                       "plain"),
    "conv-depthwise-strided": ("conv:5,3,groups=5,stride=2,pad=1,bias=0",
                               nn.Conv2d(5, 5, 3, 2, 1, groups=5, bias=False), (5, 7, 6), "plain"),
    "conv-depthwise-multiplied": ("conv:8,3x2,groups=4,dilation=1x2",
                                  nn.Conv2d(4, 8, (3, 2), dilation=(1, 2), groups=4), (4, 5, 5), "plain"),
}
NORMS = {
    "batchnorm": ("batchnorm", nn.BatchNorm2d(5), (5, 3, 2), "fine"),
    "batchnorm-options": ("batchnorm:eps=0.1,momentum=0.3", nn.BatchNorm2d(3, 0.1, 0.3), (3, 3, 2), "fine"),
    "batchnorm-vector": ("batchnorm", nn.BatchNorm1d(7), (7,), "fine"),
    "batchnorm-eval": ("batchnorm", nn.BatchNorm2d(5).eval(), (5, 3, 2), "fine"),
    "batchnorm-options-eval": ("batchnorm:eps=0.1,momentum=0.3", nn.BatchNorm2d(3, 0.1, 0.3).eval(),
                               (3, 3, 2), "fine"),
    "batchnorm-vector-eval": ("batchnorm", nn.BatchNorm1d(7).eval(), (7,), "fine"),
    "layernorm": ("layernorm", nn.LayerNorm(6), (3, 6), "fine"),
    "layernorm-image": ("layernorm:dims=3,eps=0.1", nn.LayerNorm([3, 2, 4], 0.1), (3, 2, 4), "fine"),
    "layernorm-plain": ("layernorm:affine=0", nn.LayerNorm(9, elementwise_affine=False), (9,), "fine"),
    "groupnorm": ("groupnorm:2", nn.GroupNorm(2, 4), (4, 3, 2), "fine"),
    "groupnorm-options": ("groupnorm:3,eps=0.1,affine=0", nn.GroupNorm(3, 6, 0.1, False), (6, 2, 2), "fine"),
    "groupnorm-one": ("groupnorm:1", nn.GroupNorm(1, 3), (3, 2, 3), "fine"),
    "groupnorm-vector": ("groupnorm:2", nn.GroupNorm(2, 8), (8,), "fine"),
}
# Fine numbers are from -3 to 3, odd ones, which are never whole, from -6 to 6, far ones from -48 to 48.
# At 3 PyTorch's hardswish has a slope of 1.5, or of 1 where it takes several numbers at once.
ACTIVATIONS = {
    "relu": ("relu", nn.ReLU(), (20,), "fine"),
    "leaky-relu": ("leaky-relu", nn.LeakyReLU(), (20,), "fine"),
    "leaky-relu-slope": ("leaky-relu:0.2", nn.LeakyReLU(0.2), (20,), "fine"),
    "gelu": ("gelu", nn.GELU(), (20,), "fine"),
    "gelu-far": ("gelu", nn.GELU(), (20,), "far"),
    "tanh": ("tanh", nn.Tanh(), (20,), "fine"),
    "tanh-far": ("tanh", nn.Tanh(), (20,), "far"),
    "sigmoid": ("sigmoid", nn.Sigmoid(), (20,), "fine"),
    "sigmoid-far": ("sigmoid", nn.Sigmoid(), (20,), "far"),
    "silu": ("silu", nn.SiLU(), (20,), "fine"),
    "silu-far": ("silu", nn.SiLU(), (20,), "far"),
    "hardswish": ("hardswish", nn.Hardswish(), (20,), "odd"),
    "softmax": ("softmax", nn.Softmax(-1), (3, 5), "fine"),
    "softmax-far": ("softmax", nn.Softmax(-1), (11,), "far"),
    "log-softmax": ("log-softmax", nn.LogSoftmax(-1), (3, 5), "fine"),
    "log-softmax-far": ("log-softmax", nn.LogSoftmax(-1), (11,), "far"),
}
SHAPES = {
    "linear": ("linear:4", nn.Linear(7, 4), (7,), "plain"),
    "transpose": ("transpose:0,1", Transpose(0, 1), (3, 5, 4), "plain"),
    "transpose-ends": ("transpose:0,2", Transpose(0, 2), (3, 5, 4), "plain"),
    "transpose-last": ("transpose:3,2", Transpose(3, 2), (2, 3, 5, 4), "plain"),
    "flatten": ("flatten", nn.Flatten(), (2, 3, 4), "plain"),
    "reshape": ("reshape:4x-1", Reshape(4, 6), (2, 3, 4), "plain"),
    "concat": ("concat:0 scale:-2", Concat(0, lambda x: -2 * x), (2, 3, 4), "plain"),
    "concat-height": ("concat:1 maxpool:2x1", Concat(1, nn.MaxPool2d((2, 1))), (3, 4, 3), "plain"),
    "concat-width": ("concat:2 maxpool:1x2", Concat(2, nn.MaxPool2d((1, 2))), (3, 2, 6), "plain"),
    "concat-vector": ("concat:0 relu", Concat(0, nn.ReLU()), (9,), "plain"),
}
# A convolution's image lies in another order than its shape says, which no layer behind it may show.
NETWORKS = {
    "conv-flatten": ("conv:4,2 flatten linear:3", [nn.Conv2d(2, 4, 2), nn.Flatten(), nn.Linear(24, 3)],
                     (2, 3, 4), "plain"),
    "conv-reshape": ("conv:4,2 reshape:3x8", [nn.Conv2d(2, 4, 2), Reshape(3, 8)], (2, 3, 4), "plain"),
    "conv-transpose": ("conv:4,2 transpose:0,2", [nn.Conv2d(2, 4, 2), Transpose(0, 2)], (2, 3, 4), "plain"),
    "conv-layernorm": ("conv:4,2 layernorm:dims=3", [nn.Conv2d(2, 4, 2), nn.LayerNorm([4, 2, 3])],
                       (2, 3, 4), "plain"),
    "conv-groupnorm": ("conv:4,2 groupnorm:2", [nn.Conv2d(2, 4, 2), nn.GroupNorm(2, 4)], (2, 3, 4), "plain"),
    "residual": ("residual{ conv:3,3,pad=1 relu }", Residual(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()),
                 (3, 3, 4), "plain"),
    "residual-shortcut": ("residual{ conv:4,3,stride=2,pad=1 | maxpool:2 conv:4,1 }",
                          Residual(nn.Conv2d(3, 4, 3, 2, 1),
                                   shortcut=[nn.MaxPool2d(2), nn.Conv2d(3, 4, 1)]), (3, 4, 4), "plain"),
}
CASES = {**POOLS, **CONVOLUTIONS, **NORMS, **ACTIVATIONS, **SHAPES, **NETWORKS}


def write_numbers(file, key, values):
    text = " ".join(f"{v:.9g}" for v in values.detach().double().numpy().ravel())
    file.write(f"{key} {text}\n")


def write(file, name, words, layers, shape, kind):
    net = nn.Sequential(*(layers if isinstance(layers, list) else [layers])).double()
    trains = all(layer.training for layer in net)
    set_parameters(net)
    x = sample_values(shape, kind).requires_grad_()
    y = net(x)
    dy = torch.from_numpy(numbers(y.numel(), 3571, 101)).reshape(y.shape)
    y.backward(dy)
    lines = [("y", y), ("dx", x.grad)] + [("d" + key, p.grad) for key, p in net.named_parameters()]
    file.write(f"case {name} {kind} {'train' if trains else 'eval'} {'x'.join(map(str, shape))} {words}\n")
    for key, values in lines + list(net.named_buffers()):
        write_numbers(file, key, values)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "layers.txt"), "w", encoding="ascii") as file:
        file.write(f"# PyTorch {torch.__version__}, float64 on a CPU; layers.py made this\n")
        for name, case in CASES.items():
            write(file, name, *case)


if __name__ == "__main__":
    main()
