#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes losses.txt beside this file: what single losses are in PyTorch, and their gradients.

Outputs, targets and labels are made by formulas that tests/gradient/reference.h and losses_torch.c
have too; that file has the losses by their names here.  PyTorch computes in float64.  Of each loss
there is a line with its name and the kind of the outputs, the line y with the loss and the line dx with
its gradient by the outputs.

usage: losses.py [FOLDER]        (needs PyTorch and NumPy)
"""
import os
import sys

import layers

import numpy as np
import torch
from torch.nn import functional

OUTPUTS = 6
WEIGHTS = torch.tensor([1, 2, 0.5, 0, 3, 0.25], dtype=torch.float64)

LABELS = torch.from_numpy((7 * np.arange(layers.SAMPLES) + 3) % OUTPUTS)
COUNT = layers.SAMPLES * OUTPUTS
# Some are the outputs themselves, or a delta away from them.
TARGETS = torch.from_numpy(layers.numbers(COUNT, 3571, 97) / 16).reshape(-1, OUTPUTS)
# From no, 0, to yes, 1.
ANSWERS = torch.from_numpy((layers.numbers(COUNT, 3571, 5) + 2) / 4).reshape(-1, OUTPUTS)


def cross_entropy(**options):
    return lambda x: functional.cross_entropy(x, LABELS, **options)


def nll(x):
    return functional.nll_loss(x, LABELS)


# name: the loss as a function of outputs, the kind of these.
LOSSES = {
    "cross-entropy": (cross_entropy(), "fine"),
    "cross-entropy-far": (cross_entropy(), "far"),
    "cross-entropy-scaled": (lambda x: 1.5 * cross_entropy()(x), "fine"),
    "smoothed": (cross_entropy(label_smoothing=0.125), "fine"),
    "smoothed-far": (cross_entropy(label_smoothing=0.125), "far"),
    "smoothed-wholly": (cross_entropy(label_smoothing=1.0), "fine"),
    "class-weights": (cross_entropy(weight=WEIGHTS), "fine"),
    "ignored": (cross_entropy(ignore_index=4), "fine"),
    "ignored-none": (cross_entropy(ignore_index=-100), "fine"),
    "smoothed-class-weights": (cross_entropy(label_smoothing=0.25, weight=WEIGHTS), "fine"),
    "smoothed-ignored": (cross_entropy(label_smoothing=0.25, ignore_index=4), "fine"),
    "class-weights-ignored": (cross_entropy(weight=WEIGHTS, ignore_index=5), "fine"),
    "all-options": (cross_entropy(label_smoothing=0.25, weight=WEIGHTS, ignore_index=5), "fine"),
    "all-options-scaled": (
        lambda x: -0.5 * cross_entropy(label_smoothing=0.25, weight=WEIGHTS, ignore_index=5)(x), "fine"),
    "nll": (nll, "fine"),
    "nll-scaled": (lambda x: 1.5 * nll(x), "fine"),
    "nll-of-log-softmax": (lambda x: nll(functional.log_softmax(x, -1)), "fine"),
    "nll-of-log-softmax-far": (lambda x: nll(functional.log_softmax(x, -1)), "far"),
    "mse": (lambda x: functional.mse_loss(x, TARGETS), "fine"),
    "mse-scaled": (lambda x: 1.5 * functional.mse_loss(x, TARGETS), "fine"),
    "l1": (lambda x: functional.l1_loss(x, TARGETS), "fine"),
    "l1-scaled": (lambda x: 1.5 * functional.l1_loss(x, TARGETS), "fine"),
    "huber": (lambda x: functional.huber_loss(x, TARGETS), "fine"),
    "huber-delta": (lambda x: functional.huber_loss(x, TARGETS, delta=0.25), "fine"),
    "huber-scaled": (lambda x: 1.5 * functional.huber_loss(x, TARGETS), "fine"),
    "bce-with-logits": (lambda x: functional.binary_cross_entropy_with_logits(x, ANSWERS), "fine"),
    "bce-with-logits-far": (lambda x: functional.binary_cross_entropy_with_logits(x, ANSWERS), "far"),
    "bce-with-logits-scaled": (
        lambda x: 1.5 * functional.binary_cross_entropy_with_logits(x, ANSWERS), "fine"),
    "sum": (lambda x: 2 * (x * x).sum(), "fine"),
    "mean": (lambda x: 2 * (x * x).mean(), "fine"),
}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "losses.txt"), "w", encoding="ascii") as file:
        file.write(f"# PyTorch {torch.__version__}, float64 on a CPU; losses.py made this\n")
        for name, (loss, kind) in LOSSES.items():
            x = layers.sample_values((OUTPUTS,), kind).requires_grad_()
            y = loss(x)
            y.backward()
            file.write(f"loss {name} {kind}\n")
            layers.write_numbers(file, "y", y)
            layers.write_numbers(file, "dx", x.grad)


main()
