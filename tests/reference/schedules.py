#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes schedules.txt beside this file: the learning rates of 200 steps under PyTorch's schedulers.

First come the losses of epochs, which plateaus are told. Of each case there is a line with its name,
Plait's word, the rate and the momentum that the optimizer begins with, the steps of an epoch and those of
the warm-up; then the rate of each step, and the momentum of each where the schedule changes it.

usage: schedules.py [FOLDER]        (needs PyTorch and NumPy)
"""
import os
import sys
import warnings

import numpy as np
import torch
from torch.optim import lr_scheduler as schedules

STEPS = 200
EPOCH = 7  # steps


def losses():
    """They fall, stay, and fall a little, with noise: whole numbers over 1024."""
    epoch = np.arange(STEPS // EPOCH + 1)
    level = np.where(epoch < 6, 2048 - 200 * epoch, np.where(epoch < 16, 1048, 900))
    return (level + (epoch * 7919 + 13) % 23) / 1024


def per_step(make):
    return lambda optimizer: (make(optimizer), "step")


def per_epoch(make):
    return lambda optimizer: (make(optimizer), "epoch")


def one_cycle(**options):
    return per_step(lambda o: schedules.OneCycleLR(o, total_steps=STEPS, **options))


def restarts(t_0, t_mult=1, **options):
    """Of epochs, with the part of the epoch that is over."""
    return lambda o: (schedules.CosineAnnealingWarmRestarts(o, t_0, t_mult, **options), "part")


def plateau(**options):
    return lambda o: (schedules.ReduceLROnPlateau(o, **options), "loss")


def sequence(warmup, make):
    return per_step(lambda o: schedules.SequentialLR(
        o, [schedules.LinearLR(o, 1 / warmup, total_iters=warmup - 1), make(o)], [warmup]))


# name: Plait's word, the scheduler, rate, momentum (of Adam: beta1), steps of the warm-up.
CASES = {
    "constant": ("constant", per_step(lambda o: schedules.LambdaLR(o, lambda t: 1)), 0.1, 0, 0),
    "constant-warmup": ("constant", per_step(
        lambda o: schedules.LinearLR(o, 1 / 12, total_iters=11)), 0.3, 0, 12),
    "step": ("step:3", per_epoch(lambda o: schedules.StepLR(o, 3)), 0.1, 0, 0),
    "step-half": ("step:5,0.5", per_epoch(lambda o: schedules.StepLR(o, 5, 0.5)), 2, 0, 0),
    "step-each": ("step:step_size=1,gamma=0.97",
                  per_epoch(lambda o: schedules.StepLR(o, 1, 0.97)), 1e-3, 0, 0),
    "multistep": ("multistep:4,9,15,gamma=0.3",
                  per_epoch(lambda o: schedules.MultiStepLR(o, [4, 9, 15], 0.3)), 0.05, 0, 0),
    "multistep-one": ("multistep:1", per_epoch(lambda o: schedules.MultiStepLR(o, [1])), 0.05, 0, 0),
    "exponential": ("exponential:0.9",
                    per_epoch(lambda o: schedules.ExponentialLR(o, 0.9)), 0.1, 0, 0),
    "linear": ("linear", per_step(
        lambda o: schedules.LinearLR(o, 1, 0, total_iters=STEPS)), 0.1, 0, 0),
    "linear-up": ("linear:0.25,1", per_step(
        lambda o: schedules.LinearLR(o, 0.25, 1, total_iters=STEPS)), 0.1, 0, 0),
    "linear-part": ("linear:1,0.1,total_steps=150", per_step(
        lambda o: schedules.LinearLR(o, 1, 0.1, total_iters=150)), 0.1, 0, 0),
    "linear-warmup": ("linear", sequence(
        20, lambda o: schedules.LinearLR(o, 1, 0, total_iters=STEPS - 20)), 0.1, 0, 20),
    "cosine": ("cosine", per_step(
        lambda o: schedules.CosineAnnealingLR(o, STEPS)), 0.1, 0, 0),
    "cosine-least": ("cosine:0.003", per_step(
        lambda o: schedules.CosineAnnealingLR(o, STEPS, 0.003)), 0.1, 0, 0),
    "cosine-goes-on": ("cosine:0.01,total_steps=60", per_step(
        lambda o: schedules.CosineAnnealingLR(o, 60, 0.01)), 0.1, 0, 0),
    "cosine-warmup": ("cosine", sequence(
        17, lambda o: schedules.CosineAnnealingLR(o, STEPS - 17)), 0.1, 0, 17),
    "restarts": ("cosine-restarts:4", restarts(4), 0.1, 0, 0),
    "restarts-longer": ("cosine-restarts:3,2,eta_min=0.001", restarts(3, 2, eta_min=0.001), 0.1, 0, 0),
    "onecycle": ("onecycle:0.1", one_cycle(max_lr=0.1), 0.01, 0.9, 0),
    "onecycle-own-rate": ("onecycle", one_cycle(max_lr=0.02), 0.02, 0.9, 0),
    "onecycle-three": ("onecycle:0.1,three_phase=1", one_cycle(max_lr=0.1, three_phase=True), 0.01, 0.9, 0),
    "onecycle-line": ("onecycle:0.1,anneal_linear=1,pct_start=0.45", one_cycle(
        max_lr=0.1, anneal_strategy="linear", pct_start=0.45), 0.01, 0.9, 0),
    "onecycle-all": (
        "onecycle:1,pct_start=0.25,div_factor=10,final_div_factor=100,base_momentum=0.5,max_momentum=0.8",
        one_cycle(max_lr=1, pct_start=0.25, div_factor=10, final_div_factor=100, base_momentum=0.5,
                  max_momentum=0.8), 0.01, 0.9, 0),
    "onecycle-kept": ("onecycle:0.1,cycle_momentum=0", one_cycle(
        max_lr=0.1, cycle_momentum=False), 0.01, 0.9, 0),
    "plateau": ("plateau:2,0.5", plateau(patience=2, factor=0.5), 0.1, 0, 0),
    "plateau-default": ("plateau", plateau(), 0.1, 0, 0),
    "plateau-cooldown": ("plateau:1,0.5,cooldown=3", plateau(patience=1, factor=0.5, cooldown=3), 0.1, 0, 0),
    "plateau-absolute": ("plateau:0,0.7,threshold=0.01,threshold_abs=1,min_lr=0.02", plateau(
        patience=0, factor=0.7, threshold=0.01, threshold_mode="abs", min_lr=0.02), 0.1, 0, 0),
    "plateau-eps": ("plateau:0,0.9,eps=0.005", plateau(patience=0, factor=0.9, eps=0.005), 0.1, 0, 0),
    "lambda": ("lambda", per_step(lambda o: schedules.LambdaLR(o, lambda t: 0.95 ** t)), 0.1, 0, 0),
}
# What counts epochs goes on beside a warm-up: two schedulers of one optimizer.
BESIDE = {"step-warmup": ("step:2,0.5", per_epoch(lambda o: schedules.StepLR(o, 2, 0.5)), 0.1, 0, 25)}


def make_optimizer(lr, momentum):
    parameter = torch.zeros(1, requires_grad=True)
    parameter.grad = torch.zeros(1)
    return torch.optim.SGD([parameter], lr=lr, momentum=momentum)


def advance(scheduler, when, t, loss):
    """Goes on to step t."""
    if when == "step":
        scheduler.step()
    elif when == "part":
        scheduler.step(t // EPOCH + t % EPOCH / EPOCH)
    elif t % EPOCH == 0:
        scheduler.step(*([loss[t // EPOCH - 1]] if when == "loss" else []))


def follow(optimizer, scheduler, when, beside):
    rates, momenta, loss = [], [], losses()
    for t in range(STEPS):
        if t > 0:
            advance(scheduler, when, t, loss)
            if beside:
                beside.step()
        optimizer.step()
        rates.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["momentum"])
    return rates, momenta


def put(file, name, values):
    file.write(f"{name} {' '.join(f'{v:.12g}' for v in values)}\n")


def write(file, name, word, make, lr, momentum, warmup):
    optimizer = make_optimizer(lr, momentum)
    scheduler, when = make(optimizer)
    beside = schedules.LinearLR(optimizer, 1 / warmup, total_iters=warmup - 1) if name in BESIDE else None
    rates, momenta = follow(optimizer, scheduler, when, beside)
    file.write(f"case {name} {word} {lr:g} {momentum:g} {EPOCH} {warmup}\n")
    put(file, "lr", rates)
    if len(set(momenta)) > 1:
        put(file, "momentum", momenta)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    warnings.simplefilter("ignore")
    with open(os.path.join(folder, "schedules.txt"), "w", encoding="ascii") as file:
        file.write(f"# PyTorch {torch.__version__}; schedules.py made this\n")
        put(file, "loss", losses())
        for name, case in {**CASES, **BESIDE}.items():
            write(file, name, *case)


main()
