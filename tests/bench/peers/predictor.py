#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long one sample takes, as ../predictor.c does it in Plait: each call is timed, median and
99th percentile are told. One thread, no gradients; the network as it is and as frozen TorchScript,
whichever is faster.

usage: predictor.py SIZE...    prints "predictor_us X us" and "predictor_99_us X us"
"""
import sys
import time

import torch
from torch import nn

CALLS = 20000


def network(sizes):
    layers = []
    for k, m in zip(sizes, sizes[1:]):
        layers += [nn.Linear(k, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1]).eval()


def times(net, x):
    for _ in range(1000):
        net(x)
    us = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        net(x)
        us.append((time.perf_counter() - begin) * 1e6)
    return sorted(us)


def main():
    sizes = [int(size) for size in sys.argv[1:]]
    torch.set_num_threads(1)
    x = torch.tensor([[(i % 7) / 7 for i in range(sizes[0])]])
    net = network(sizes)
    with torch.inference_mode():
        frozen = torch.jit.freeze(torch.jit.trace(net, x))
        us = min(times(net, x), times(frozen, x), key=lambda t: t[CALLS // 2])
    print(f"predictor_us {us[CALLS // 2]:.3f} us")
    print(f"predictor_99_us {us[CALLS // 100 * 99]:.3f} us")


main()
