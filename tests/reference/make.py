#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the reference vectors beside this file: the losses of whole trainings in PyTorch.

Data and initial weights are integer hashes scaled by exact steps, so that
tests/trainer/reference_runs.c computes the very same floats, and only results are stored. Of each
training that is: the loss of every step, and of the trained network the sum, the sum of
squares and four values of each parameter, its name and shape if the network is an nn.Sequential, the
name, the sum and two values of each buffer, and what it answers to its first four samples when it
evaluates.

Networks of pictures have a hundred thousand units.  Where one is so close to the corner of a relu, or
two are so close to each other in a maxpool, that rounding decides, the training ends elsewhere.  So these
are trained in float64 with a key by which none comes so close: the file says how close one came.
float32 is off by some 1e-6 there, and by 2e-7 in cnn.

usage: make.py [FOLDER]        (needs PyTorch and NumPy; writes FOLDER/NAME.txt)
"""
import os
import sys

from shared import Residual

import numpy as np
import torch
from torch import nn

from optimizers import Lamb, Lion, Muon


def mix(z):
    """The finalizer of SplitMix64, on arrays of uint64 that wrap around."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def unit(key, n):
    """n numbers in [0,1), multiples of 2^-16."""
    i = np.arange(1, n + 1, dtype=np.uint64)
    z = mix(np.uint64(key << 32) + i * np.uint64(0x9E3779B97F4A7C15))
    return (z >> np.uint64(48)).astype(np.float32) / np.float32(65536)


def signed(key, *shape):
    """Numbers in [-1,1)."""
    return (2 * unit(key, int(np.prod(shape))) - 1).reshape(shape)


def features(key, samples, count):
    return signed(key, samples, count)


def images(key, samples, pixels):
    """Noise, with every tenth pixel a little brighter; which tenth, the class says."""
    label = 7 * np.arange(samples) % 10
    stripe = (np.arange(pixels)[None, :] + 3 * label[:, None]) % 10 == 0
    noise = unit(key, samples * pixels).reshape(samples, pixels)
    return (noise * 0.875 + stripe * 0.125).astype(np.float32), label


def pictures(key, samples, *shape):
    """Noise from -2 to 2, with some pixels brighter by 4: which ones, the class says."""
    pixels = int(np.prod(shape))
    label = 7 * np.arange(samples) % 10
    bright = np.arange(pixels)[None, :] % (label[:, None] + 2) == 0
    return (2 * signed(key, samples, pixels) + 4 * bright).astype(np.float32).reshape(-1, *shape), label


def octants(x, classes):
    """A class by the signs of the first three features."""
    return ((x[:, 0] > 0) + 2 * (x[:, 1] > 0) + 4 * (x[:, 2] > 0)) % classes


def shifted(key, x, outputs):
    """A target vector: the next features, halved, and noise."""
    i = (np.arange(outputs) + 1) % x.shape[1]
    return x[:, i] / 2 + signed(key, x.shape[0], outputs) / 4


class Around(nn.Module):
    """x goes around a layer, scaled, and what comes out is a softmax under mse."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 5)

    def forward(self, x):
        h = torch.relu(self.a(x))
        h = h + 0.5 * torch.tanh(self.b(h))
        return torch.softmax(self.c(h), dim=-1)


def residuals():
    inner = Residual(nn.Linear(24, 24), nn.ReLU())
    return nn.Sequential(
        nn.Linear(12, 16), nn.ReLU(),
        Residual(nn.Linear(16, 16), nn.GELU(), nn.Linear(16, 16)), nn.ReLU(),
        Residual(nn.Linear(16, 24), nn.Tanh(), inner, nn.Linear(24, 8), shortcut=[nn.Linear(16, 8)]),
        nn.ReLU(), nn.Linear(8, 4))


def normalized():
    return nn.Sequential(
        nn.BatchNorm1d(12), nn.Linear(12, 16), nn.BatchNorm1d(16, momentum=0.3), nn.ReLU(),
        nn.Linear(16, 8, bias=False), nn.BatchNorm1d(8, eps=1e-3), nn.Tanh(), nn.Linear(8, 4))


def sample_norms():
    """Layernorms of a vector and of an image, groupnorms of an image and of a vector.  With SGD at
    0.1 in the place of Adam float64 in PyTorch ends elsewhere than float32: it would compare nothing.
    """
    return nn.Sequential(
        nn.Linear(12, 36), nn.LayerNorm(36), nn.GELU(),
        nn.Unflatten(1, (4, 3, 3)), nn.GroupNorm(2, 4, eps=1e-3), nn.ReLU(), nn.LayerNorm([4, 3, 3]),
        nn.Flatten(), nn.Linear(36, 16), nn.GroupNorm(4, 16), nn.Tanh(), nn.Linear(16, 4))


def conv_norm(*sizes, **options):
    """As networks with norms have them, where a bias would be subtracted again."""
    return [nn.Conv2d(*sizes, **options, bias=False), nn.BatchNorm2d(sizes[1])]


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10)).double()


def resnet8():
    """He et al., "Deep residual learning", for CIFAR: one block of each size."""
    layers = [*conv_norm(3, 16, 3, padding=1), nn.ReLU()]
    for before, channels in (16, 16), (16, 32), (32, 64):
        stride = channels // before
        shortcut = conv_norm(before, channels, 1, stride=stride) if stride > 1 else ()
        layers += [Residual(*conv_norm(before, channels, 3, stride=stride, padding=1), nn.ReLU(),
                            *conv_norm(channels, channels, 3, padding=1), shortcut=shortcut), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)).double()


def mobilenet_small():
    """Howard et al., "MobileNets": a depthwise convolution and a pointwise one, five times."""
    layers = [*conv_norm(3, 16, 3, padding=1), nn.ReLU()]
    for before, channels, stride in (16, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 128, 1):
        layers += [*conv_norm(before, before, 3, stride=stride, padding=1, groups=before), nn.ReLU(),
                   *conv_norm(before, channels, 1), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)).double()


class Corners:
    """How close units of a network come to where a gradient jumps."""

    def __init__(self, net):
        self.closest = float("inf")
        for module in net.modules():
            if isinstance(module, nn.ReLU):
                module.register_forward_pre_hook(lambda _, x: self.meet(x[0].abs()))
            if isinstance(module, nn.MaxPool2d):
                module.register_forward_pre_hook(lambda pool, x: self.meet_windows(pool, x[0]))

    def meet(self, distances):
        self.closest = min(self.closest, distances.min().item())

    def meet_windows(self, pool, x):
        """Of windows that do not overlap.  All that are 0 have no gradient, whichever is chosen."""
        assert pool.stride == pool.kernel_size and pool.padding == 0
        windows = nn.functional.unfold(x.flatten(0, 1)[:, None], pool.kernel_size, stride=pool.stride)
        largest, second = windows.topk(2, dim=1).values.unbind(1)
        self.meet((largest - second)[largest > 0])
def smooth():
    """A vector's norm, and activations that have no bend: optimizers are compared on it."""
    return nn.Sequential(
        nn.Linear(20, 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 24), nn.Tanh(),
        nn.Linear(24, 5))


class RoundedProduct(torch.autograd.Function):
    """x W^T of factors rounded to bfloat16, added in float32; so are its gradients."""

    @staticmethod
    def forward(ctx, x, w):
        x, w = x.bfloat16().float(), w.bfloat16().float()
        ctx.save_for_backward(x, w)
        return x @ w.t()

    @staticmethod
    def backward(ctx, dy):
        x, w = ctx.saved_tensors
        dy = dy.bfloat16().float()
        return dy @ w, dy.t() @ x


class RoundedLinear(nn.Linear):
    """What a layer is with PLAIT_PRECISION_BF16: nothing of the bias is rounded."""

    def forward(self, x):
        return RoundedProduct.apply(x, self.weight) + self.bias


def mlp(*sizes, activations, bias=True, linear=nn.Linear):
    layers = []
    for i, (k, m) in enumerate(zip(sizes, sizes[1:])):
        layers.append(linear(k, m, bias=bias))
        if i < len(activations):
            layers.append(activations[i]())
    return nn.Sequential(*layers)


class Scale(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return x * self.factor


def eightfold():
    return nn.Sequential(*mlp(10, 16, 4, activations=[nn.Tanh]), Scale(8))


def set_weights(net, key):
    """U(-1/sqrt(K), 1/sqrt(K)) of a unit's K inputs, as nn.Linear and nn.Conv2d draw them, and of what
    has no inputs the same as of the layer before.  In networks of pictures a norm's weights are around
    1, not 0, and its biases around 2.5, so that few units are near a corner."""
    bound = np.float32(1)
    around = {}
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            around[norm.weight], around[norm.bias] = np.float32(1), np.float32(2.5)
    for p, parameter in enumerate(net.parameters()):
        if parameter.ndim in (2, 4):
            bound = np.float32(1 / np.sqrt(np.float64(parameter[0].numel())))
        value = bound * signed(key + 16 + p, *parameter.shape) + around.get(parameter, np.float32(0))
        assert value.dtype == np.float32
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(value))


def questions(key, x, outputs):
    """Of each output, how far the answer is yes: by a feature, and noise; 0 to 1."""
    i = (np.arange(outputs) + 1) % x.shape[1]
    return ((x[:, i] > 0) * 3 + unit(key, x.shape[0] * outputs).reshape(-1, outputs)) / np.float32(4)


def classify(key, samples, count, classes):
    x = features(key, samples, count)
    return x, octants(x, classes)


def regress(key, samples, count, outputs):
    x = features(key, samples, count)
    return x, shifted(key + 1, x, outputs)


def ask(key, samples, count, outputs):
    x = features(key, samples, count)
    return x, questions(key + 1, x, outputs)


# What is not the mean square error of targets, nor the plain cross entropy of labels.
LOSSES = {
    "l1-sgd": nn.L1Loss(),
    "huber-momentum": nn.HuberLoss(delta=0.25),
    "bce-adam": nn.BCEWithLogitsLoss(),
    "classes-sgd": nn.CrossEntropyLoss(weight=torch.tensor([1, 2, 0.5, 0, 3]), ignore_index=2),
    "smooth-sgd": nn.CrossEntropyLoss(label_smoothing=0.1),
    "smooth-classes-adam": nn.CrossEntropyLoss(
        weight=torch.tensor([1, 2, 0.5, 0, 3]), ignore_index=1, label_smoothing=0.2),
    "logs-sgd": nn.NLLLoss(),
}

# What does not keep its rate: the scheduler of an optimizer over so many steps.
SCHEDULES = {
    "onecycle-adam": lambda o, steps: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.01, total_steps=steps),
}

# What clips the gradients of its parameters before each step.
CLIPS = {
    "clip-norm-adam": lambda p: torch.nn.utils.clip_grad_norm_(p, 1.5),
    "clip-norm-momentum": lambda p: torch.nn.utils.clip_grad_norm_(p, 2.0),
    "clip-value-momentum": lambda p: torch.nn.utils.clip_grad_value_(p, 0.3),
}

# name: network, data, optimizer, batch size, epochs, key: 64 times it is that of the data and
# the weights. norms-adam has one of its own choice: with others float64 in PyTorch ends elsewhere than
# float32, as Adam amplifies roundings, and nothing would be compared.  So has lion, as a sign may
# turn.  Those of networks of pictures keep units away from corners.
RELU = nn.ReLU
RUNS = {
    "seed-adam": (
        lambda: mlp(10, 50, 2, activations=[RELU]),
        lambda key: classify(key, 2048, 10, 2),
        lambda p: torch.optim.Adam(p, lr=0.001), 32, 2, 1),
    "linear-sgd": (
        lambda: mlp(10, 10, activations=[]),
        lambda key: regress(key, 100, 10, 10),
        lambda p: torch.optim.SGD(p, lr=0.01), 10, 8, 2),
    "linear-momentum": (
        lambda: mlp(10, 10, activations=[]),
        lambda key: regress(key, 100, 10, 10),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.001), 10, 8, 3),
    "linear-nesterov": (
        lambda: mlp(10, 10, activations=[]),
        lambda key: regress(key, 100, 10, 10),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
        10, 8, 4),
    "deep-adamw": (
        lambda: mlp(20, 32, 24, 16, 5, activations=[nn.GELU, nn.Tanh, nn.Sigmoid]),
        lambda key: classify(key, 205, 20, 5),
        lambda p: torch.optim.AdamW(p, lr=0.003, weight_decay=0.1), 16, 6, 5),
    "no-bias-single": (
        lambda: mlp(12, 20, 3, activations=[RELU], bias=False),
        lambda key: regress(key, 40, 12, 3),
        lambda p: torch.optim.Adam(p, lr=0.002, weight_decay=0.01), 1, 2, 6),
    "images-adam": (
        lambda: mlp(784, 200, 100, 60, 30, 10, activations=[RELU] * 4),
        lambda key: images(key, 3200, 784),
        lambda p: torch.optim.Adam(p, lr=0.001), 100, 2, 7),
    "residual-sgd": (
        Around,
        lambda key: regress(key, 333, 8, 5),
        lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.5), 32, 7, 8),
    "l1-sgd": (
        lambda: mlp(10, 16, 4, activations=[nn.Tanh]),
        lambda key: regress(key, 150, 10, 4),
        lambda p: torch.optim.SGD(p, lr=0.01), 16, 8, 9),
    "huber-momentum": (
        lambda: mlp(10, 16, 4, activations=[nn.Tanh]),
        lambda key: regress(key, 150, 10, 4),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), 16, 8, 10),
    "bce-adam": (
        lambda: mlp(10, 24, 6, activations=[RELU]),
        lambda key: ask(key, 150, 10, 6),
        lambda p: torch.optim.Adam(p, lr=0.003), 16, 8, 11),
    "classes-sgd": (
        lambda: mlp(8, 20, 5, activations=[nn.Tanh]),
        lambda key: classify(key, 205, 8, 5),
        lambda p: torch.optim.SGD(p, lr=0.2), 16, 6, 12),
    "smooth-sgd": (
        lambda: mlp(8, 20, 5, activations=[nn.Tanh]),
        lambda key: classify(key, 205, 8, 5),
        lambda p: torch.optim.SGD(p, lr=0.2), 16, 6, 13),
    "smooth-classes-adam": (
        lambda: mlp(8, 20, 5, activations=[RELU]),
        lambda key: classify(key, 205, 8, 5),
        lambda p: torch.optim.Adam(p, lr=0.003), 16, 6, 14),
    "residual-words": (
        residuals,
        lambda key: classify(key, 250, 12, 4),
        lambda p: torch.optim.Adam(p, lr=0.003), 20, 6, 15),
    "bf16-momentum": (
        lambda: mlp(40, 300, 20, 5, activations=[RELU, nn.Tanh], linear=RoundedLinear),
        lambda key: classify(key, 640, 40, 5),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), 64, 3, 16),
    "batchnorm-sgd": (
        normalized,
        lambda key: classify(key, 250, 12, 4),
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.5, weight_decay=0.001), 25, 7, 17),
    "norms-adam": (
        sample_norms,
        lambda key: classify(key, 250, 12, 4),
        lambda p: torch.optim.Adam(p, lr=0.003), 20, 6, 16),
    "onecycle-adam": (
        lambda: mlp(10, 24, 3, activations=[nn.Tanh]),
        lambda key: classify(key, 150, 10, 3),
        lambda p: torch.optim.Adam(p, lr=0.001), 16, 8, 18),
    "logs-sgd": (
        lambda: mlp(12, 32, 24, 16, 6,
                    activations=[nn.SiLU, nn.Hardswish, lambda: nn.LeakyReLU(0.2),
                                 lambda: nn.LogSoftmax(dim=-1)]),
        lambda key: classify(key, 237, 12, 6),
        lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.5), 16, 6, 19),
    "cnn-momentum": (
        cnn,
        lambda key: pictures(key, 20, 1, 28, 28),
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9), 2, 3, 143),
    "resnet8-momentum": (
        resnet8,
        lambda key: pictures(key, 40, 3, 32, 32),
        lambda p: torch.optim.SGD(p, lr=0.003, momentum=0.9, weight_decay=0.0005), 4, 3, 37),
    "mobilenet-small-nesterov": (
        mobilenet_small,
        lambda key: pictures(key, 40, 3, 32, 32),
        lambda p: torch.optim.SGD(p, lr=0.003, momentum=0.9, nesterov=True, weight_decay=0.0005),
        4, 3, 65),
    "rmsprop": (
        smooth, lambda key: classify(key, 205, 20, 5),
        lambda p: torch.optim.RMSprop(p, lr=0.001, weight_decay=0.001), 16, 16, 20),
    "rmsprop-centered": (
        smooth, lambda key: classify(key, 205, 20, 5),
        lambda p: torch.optim.RMSprop(p, lr=0.0003, alpha=0.9, eps=0.001, momentum=0.8, centered=True),
        16, 16, 21),
    "adagrad": (
        smooth, lambda key: classify(key, 205, 20, 5),
        lambda p: torch.optim.Adagrad(p, lr=0.03, lr_decay=0.01, initial_accumulator_value=0.001,
                                      weight_decay=0.001), 16, 16, 22),
    # Its loop over single tensors has a factor too many in some versions, that over all has not.
    "nadam": (
        smooth, lambda key: classify(key, 205, 20, 5),
        lambda p: torch.optim.NAdam(p, lr=0.002, weight_decay=0.001, foreach=True), 16, 16, 23),
    "lamb": (
        smooth, lambda key: classify(key, 205, 20, 5), lambda p: Lamb(p, lr=0.01), 16, 16, 24),
    "lion": (
        smooth, lambda key: classify(key, 205, 20, 5),
        lambda p: Lion(p, lr=0.0005, weight_decay=0.1), 16, 16, 39),
    "muon": (
        smooth, lambda key: classify(key, 205, 20, 5),
        lambda p: Muon(p, lr=0.003), 16, 16, 26),
    "muon-match-rms": (
        smooth, lambda key: classify(key, 205, 20, 5),
        lambda p: Muon(p, lr=0.002, weight_decay=0.01, match_rms=True), 16, 16, 27),
    # Outputs times 8 make gradients large; norms are above the largest in some steps only.
    "clip-norm-adam": (
        eightfold, lambda key: regress(key, 150, 10, 4),
        lambda p: torch.optim.Adam(p, lr=0.01), 16, 8, 28),
    "clip-norm-momentum": (
        eightfold, lambda key: regress(key, 150, 10, 4),
        lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.5), 16, 8, 29),
    "clip-value-momentum": (
        eightfold, lambda key: regress(key, 150, 10, 4),
        lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.5), 16, 8, 30),
}


def train(name, net, x, y, optimizer, batch, epochs):
    loss_of = LOSSES.get(name, nn.MSELoss() if y.is_floating_point() else nn.CrossEntropyLoss())
    losses, steps = [], epochs * -(-len(x) // batch)
    scheduler = SCHEDULES[name](optimizer, steps) if name in SCHEDULES else None
    for _ in range(epochs):
        for first in range(0, len(x), batch):
            optimizer.zero_grad()
            loss = loss_of(net(x[first:first + batch]), y[first:first + batch])
            loss.backward()
            if name in CLIPS:
                CLIPS[name](net.parameters())
            optimizer.step()
            if scheduler:
                scheduler.step()
            losses.append(loss.item())
    return losses


def write(path, name, net, losses, outputs, corners):
    dtype = str(next(net.parameters()).dtype).split(".")[1]
    with open(path, "w", encoding="ascii") as file:
        file.write(f"# {name}: PyTorch {torch.__version__}, {dtype} on a CPU; make.py made this\n")
        if dtype == "float64":
            file.write(f"# No unit comes closer to a corner than {corners.closest:.1e}.\n")
        for i, loss in enumerate(losses):
            file.write(f"loss {i + 1} {loss:.9g}\n")
        for p, parameter in enumerate(net.parameters()):
            v = parameter.detach().double().numpy().ravel()
            file.write(f"sums {p} {v.sum():.9g} {(v * v).sum():.9g}\n")
            for i in (0, len(v) // 3, len(v) // 2, len(v) - 1):
                file.write(f"value {p} {i} {v[i]:.9g}\n")
        if isinstance(net, nn.Sequential):
            for p, (key, value) in enumerate(net.named_parameters()):
                file.write(f"name {p} {key} [{','.join(map(str, value.shape))}]\n")
        for b, (key, value) in enumerate(net.named_buffers()):
            v = value.double().numpy().ravel()
            file.write(f"buffer {b} {key} {v.sum():.9g} {v[0]:.9g} {v[-1]:.9g}\n")
        for i, value in enumerate(outputs):
            file.write(f"output {i} {value:.9g}\n")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    np.seterr(over="ignore")
    for name, (network, data, optimizer, batch, epochs, key) in RUNS.items():
        key *= 64
        net = network()
        set_weights(net, key)
        corners = Corners(net)
        x, y = (torch.from_numpy(np.ascontiguousarray(a)) for a in data(key))
        x = x.to(next(net.parameters()).dtype)
        losses = train(name, net, x, y, optimizer(net.parameters()), batch, epochs)
        outputs = net.eval()(x[:4]).detach().numpy().ravel()
        write(os.path.join(folder, name + ".txt"), name, net, losses, outputs, corners)
        print(f"{name}: {len(losses)} steps, loss {losses[0]:.6g} to {losses[-1]:.6g}")


main()
