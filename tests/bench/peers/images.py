#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Training networks of images, as ../train.c does it in Plait: batches by index from one tensor,
Adam, one or all threads, whichever are faster; images as they are, which is PyTorch's default, and as
channels_last, which a program has to ask for.

usage: images.py JOB [DEVICE]    prints "us_per_step X us" and "channels_last_us_per_step X us"
"""
import statistics
import sys
import time

import torch
from torch import nn

from common import best_threads


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body, self.shortcut = body, shortcut or nn.Identity()

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def conv(before, after, size=3, stride=1, groups=1):
    return [nn.Conv2d(before, after, size, stride, size // 2, groups=groups, bias=False),
            nn.BatchNorm2d(after)]


def block(before, after):
    stride = 1 if before == after else 2
    body = nn.Sequential(*conv(before, after, 3, stride), nn.ReLU(), *conv(after, after))
    shortcut = nn.Sequential(*conv(before, after, 1, 2)) if stride == 2 else None
    return [Residual(body, shortcut), nn.ReLU()]


def separable(before, after, stride=1):
    return [*conv(before, before, 3, stride, before), nn.ReLU(), *conv(before, after, 1),
            nn.ReLU()]


def end(channels):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]


def cnn():
    return [nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
            nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10)]


def resnet8():
    return [*conv(3, 16), nn.ReLU(), *block(16, 16), *block(16, 32), *block(32, 64), *end(64)]


def mobilenet_small():
    return [*conv(3, 16), nn.ReLU(), *separable(16, 32), *separable(32, 64, 2),
            *separable(64, 64), *separable(64, 128, 2), *separable(128, 128), *end(128)]


# name: layers, shape of a sample, batch
JOBS = {
    "cnn": (cnn, (1, 28, 28), 64),
    "resnet8": (resnet8, (3, 32, 32), 128),
    "mobilenet-small": (mobilenet_small, (3, 32, 32), 128),
}


def step_of(layers, x, y, device):
    model = nn.Sequential(*layers()).to(device)
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr=0.001), nn.CrossEntropyLoss()
    if x.is_contiguous(memory_format=torch.channels_last):
        model = model.to(memory_format=torch.channels_last)

    def step():
        chosen = torch.randint(len(x), (BATCH,), device=device)
        optimizer.zero_grad()
        criterion(model(x[chosen]), y[chosen]).backward()
        optimizer.step()

    return step


def time_of(step, device):
    """A GPU computes while later steps are submitted: its time is that of many."""
    seconds, steps = [], 20 if device.type == "cuda" else 1
    while sum(seconds) * steps < 2:
        start = time.perf_counter()
        for _ in range(steps):
            step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append((time.perf_counter() - start) / steps)
    return statistics.median(seconds)


layers, shape, BATCH = JOBS[sys.argv[1]]
device = torch.device(sys.argv[2] if len(sys.argv) > 2 else "cpu")
torch.backends.cudnn.allow_tf32 = False  # Plait's default is float32, too
x = (torch.rand(1280, *shape) * 2 - 1).to(device)
y = torch.randint(0, 10, (1280,), device=device)
for name, images in (("", x), ("channels_last_", x.contiguous(memory_format=torch.channels_last))):
    step = step_of(layers, images, y, device)
    threads = best_threads(step, 3)
    print(f"{name}us_per_step {time_of(step, device) * 1e6:.3f} us")
    print(f"{name}threads {threads} threads")
