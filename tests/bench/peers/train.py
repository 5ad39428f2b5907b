#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One training, as ../train.c does it in Plait: an epoch to warm up, then the job's epochs;
again until half a second is spent, and the median of these.

usage: train.py JOB [DEVICE]    prints "us_per_step X us"

The seed jobs are the program Plait started from, DataLoader and all. The larger ones take
their batches by index from one tensor, which is faster than any DataLoader; with the DEVICE cuda
it lies on the GPU.
"""
import statistics
import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from common import best_threads

# name: sizes of the layers, samples, batch, epochs, loader workers (None: no DataLoader)
JOBS = {
    "seed": ([10, 50, 2], 10000, 32, 5, 0),
    "seed-4-workers": ([10, 50, 2], 10000, 32, 5, 4),
    "mlp": ([784, 200, 100, 60, 30, 10], 6000, 100, 8, None),
    "wide": ([784, 512, 512, 10], 6400, 128, 5, None),
    "tiny": ([4, 4, 2], 32, 16, 2, None),
}


def network(sizes):
    layers = []
    for k, m in zip(sizes, sizes[1:]):
        layers += [nn.Linear(k, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def by_index(x, y, batch):
    """Shuffled batches straight from the tensors."""
    for chosen in torch.randperm(len(x), device=x.device).split(batch):
        yield x[chosen], y[chosen]


class Batches:
    """Something to iterate over once an epoch."""

    def __init__(self, x, y, batch):
        self.x, self.y, self.batch = x, y, batch

    def __iter__(self):
        return by_index(self.x, self.y, self.batch)


def main():
    sizes, samples, batch, epochs, workers = JOBS[sys.argv[1]]
    device = torch.device(sys.argv[2] if len(sys.argv) > 2 else "cpu")
    x, y = torch.rand(samples, sizes[0]) * 2 - 1, torch.randint(0, sizes[-1], (samples,))
    if workers is None:
        x, y = x.to(device), y.to(device)
        loader = Batches(x, y, batch)
    else:
        loader = DataLoader(TensorDataset(x, y), batch_size=batch, shuffle=True,
                            num_workers=workers)
    model, criterion = network(sizes).to(device), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

    def step(inputs, labels):
        optimizer.zero_grad()
        loss = criterion(model(inputs.to(device)), labels.to(device))
        loss.backward()
        optimizer.step()
        return loss

    threads = best_threads(lambda: step(x[:batch], y[:batch]))
    for inputs, labels in loader:
        step(inputs, labels)
    if device.type == "cuda":
        torch.cuda.synchronize()
    trainings = []
    while sum(trainings) < 0.5:
        start = time.perf_counter()
        for _ in range(epochs):
            for inputs, labels in loader:
                step(inputs, labels)
        if device.type == "cuda":
            torch.cuda.synchronize()
        trainings.append(time.perf_counter() - start)
    steps = epochs * -(-samples // batch)
    print(f"us_per_step {statistics.median(trainings) * 1e6 / steps:.3f} us")
    print(f"threads {threads} threads")


main()
