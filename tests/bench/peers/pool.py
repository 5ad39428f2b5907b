#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program that examples/13_pool.c stands for, in PyTorch: four copies of a linear layer are
trained at once on the same 100 samples, a process for each, then go forward and backward over all
of them. Initial weights and data are those of the example, so both print the same.

usage: pool.py [EPOCHS]
       pool.py --vectors FILE    also writes what tests/trainer/pool_torch.c compares, after 10
                                 epochs; ../../reference/pool.txt is such a file
"""
import os
import sys
from multiprocessing import get_context

if sys.argv[1:2] == ["--vectors"]:
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../reference"))
    import shared  # chooses the kernels, so that the file is the same everywhere

import numpy as np
import torch
from torch import nn

COPIES, SAMPLES, WIDTH, BATCH = 4, 100, 10, 10


# -- what the example starts from ----------------------------------------------------------------

def data():
    """The example's uniform(): x and y in turn."""
    state, values = 1, []
    for _ in range(2 * SAMPLES * WIDTH):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values.append((state >> 40) / 2**24)
    x, y = torch.tensor(values).reshape(SAMPLES * WIDTH, 2).T.reshape(2, SAMPLES, WIDTH)
    return x.contiguous(), y.contiguous()


GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    """The finalizer of SplitMix64."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def copy_of(seed):
    """A linear layer as Plait draws it: U(-1/sqrt(K), 1/sqrt(K)), by the hash in
    src/base/random.h."""
    model = nn.Linear(WIDTH, WIDTH)
    bound = np.float32(1 / np.sqrt(WIDTH))
    for place, parameter in enumerate(model.parameters()):
        key = mix(mix(seed) ^ (place * GOLDEN + 0x632BE59BD9B4E019) % 2**64)
        drawn = [(mix((key + (j + 1) * GOLDEN) % 2**64) >> 40) / 2**24
                 for j in range(parameter.numel())]
        values = (2 * np.array(drawn, np.float32) - 1) * bound
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(values).reshape(parameter.shape))
    return model


# -- the program ---------------------------------------------------------------------------------

def train(model, x, y, epochs):
    """Returns the mean loss of the last epoch. The model's parameters lie in memory that the
    processes share, as PyTorch hands them over."""
    criterion, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(epochs):
        losses = []
        for first in range(0, SAMPLES, BATCH):
            optimizer.zero_grad()
            loss = criterion(model(x[first:first + BATCH]), y[first:first + BATCH])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return sum(losses) / len(losses)


def forward(job):
    model, x, y = job
    with torch.no_grad():
        outputs = model(x)
        return outputs.numpy(), nn.functional.mse_loss(outputs, y).item()


def backward(job):
    model, x, y = job
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    return [p.grad.numpy() for p in model.parameters()], loss.item()


def average(losses):
    return sum(losses) / len(losses)


def run(epochs):
    x, y = data()
    models = [copy_of(seed) for seed in range(COPIES)]
    initial = [[p.detach().clone().numpy() for p in model.parameters()] for model in models]
    jobs = [(model, x, y) for model in models]
    # Forked processes, which is Linux's default, make this twice as fast as spawned ones or a
    # forkserver's, which import torch again (1.4 s, 3.4 s, 3.1 s on two cores). One thread in each
    # takes no longer than several: products are small, and there are more processes than cores.
    with get_context("fork").Pool(COPIES, torch.set_num_threads, (1,)) as pool:
        trained = pool.starmap(train, [(*job, epochs) for job in jobs])
        print(f"trained:  average loss {average(trained):.4f}")
        outputs, forwards = zip(*pool.map(forward, jobs))
        print(f"forward:  average loss {average(forwards):.4f}, "
              f"first output of copy 1 {outputs[0][0, 0]:.4f}")
        gradients, backwards = zip(*pool.map(backward, jobs))
        print(f"backward: average loss {average(backwards):.4f}, "
              f"first gradient of copy 1 {gradients[0][0][0, 0]:.4f}")
    weights = [[p.detach().numpy() for p in model.parameters()] for model in models]
    return (trained, forwards, backwards), {"initial": initial, "weight": weights,
                                            "gradient": gradients,
                                            "output": [[o[:4]] for o in outputs]}


# -- the vectors ---------------------------------------------------------------------------------

def write(path, losses, tensors):
    """Lines of ten values: a copy's losses by name, and rows of its tensors one after another, the
    bias last."""
    with open(path, "w", encoding="ascii") as file:
        file.write(f"# PyTorch {torch.__version__}, float32 on a CPU; "
                   "tests/bench/peers/pool.py --vectors made this\n")
        for copy, values in enumerate(zip(*losses)):
            file.write(f"loss {copy} " + " ".join(f"{v:.9g}" for v in values) + "\n")
        file.write("average " + " ".join(f"{average(v):.9g}" for v in losses) + "\n")
        for name, copies in tensors.items():
            for copy, parts in enumerate(copies):
                for i, row in enumerate(np.concatenate([p.reshape(-1, WIDTH) for p in parts])):
                    file.write(f"{name} {copy} {i} " + " ".join(f"{v:.9g}" for v in row) + "\n")


def main():
    if sys.argv[1:2] == ["--vectors"]:
        write(sys.argv[2], *run(10))
    else:
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 10)


main()
