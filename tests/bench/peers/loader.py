#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The loader alone, as ../loader.c does it in Plait: byte images, shuffled, normalised.

usage: loader.py [WORKERS]     prints "samples_per_second X samples/s"
"""
import sys
import time

import torch
from torch.utils.data import DataLoader, Dataset


class Images(Dataset):
    """Each sample as torchvision's ToTensor and Normalize make it."""

    def __init__(self, samples):
        self.x = torch.randint(0, 256, (samples, 28, 28), dtype=torch.uint8)
        self.y = torch.zeros(samples, dtype=torch.int64)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i].float().div_(255).sub_(0.286).div_(0.353), self.y[i]


def main():
    torch.set_num_threads(1)
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    data = Images(60000)
    loader = DataLoader(data, batch_size=128, shuffle=True, num_workers=workers)
    samples = 0
    start = time.perf_counter()
    for _, labels in loader:
        samples += len(labels)
    print(f"samples_per_second {samples / (time.perf_counter() - start):.0f} samples/s")


main()
