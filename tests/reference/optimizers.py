# SPDX-License-Identifier: MIT
"""Optimizers that not every PyTorch has, written from their papers, for make.py.

Of the computation only what the papers say is here, in float32 and one tensor at a time.
"""
import math

import torch


def moments(state, p, names):
    """State tensors of these names, zero at first."""
    for name in names:
        state.setdefault(name, torch.zeros_like(p))
    state["step"] = state.get("step", 0) + 1
    return [state[name] for name in names]


class Rule(torch.optim.Optimizer):
    """step() calls update(p, its gradient, its state, its group)."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                self.update(p, p.grad, self.state[p], group)


class Lamb(Rule):
    """You et al., arXiv 1904.00962, algorithm 2; phi is the identity."""

    def __init__(self, params, lr, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "decay": weight_decay})

    def update(self, p, g, state, group):
        m, v = moments(state, p, ["m", "v"])
        beta1, beta2 = group["betas"]
        m.mul_(beta1).add_(g, alpha=1 - beta1)
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        r = (m / (1 - beta1 ** state["step"])) / (
            (v / (1 - beta2 ** state["step"])).sqrt() + group["eps"])
        r += group["decay"] * p
        w_norm, r_norm = p.norm().item(), r.norm().item()
        ratio = w_norm / r_norm if w_norm > 0 and r_norm > 0 else 1.0
        p.add_(r, alpha=-group["lr"] * ratio)


class Lion(Rule):
    """Chen et al., arXiv 2302.06675, program 1."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "decay": weight_decay})

    def update(self, p, g, state, group):
        (m,) = moments(state, p, ["m"])
        beta1, beta2 = group["betas"]
        p.mul_(1 - group["lr"] * group["decay"])
        p.add_((m * beta1 + g * (1 - beta1)).sign(), alpha=-group["lr"])
        m.mul_(beta2).add_(g, alpha=1 - beta2)


def orthogonal(x, steps, eps):
    """Newton and Schulz's iteration, quintic; kellerjordan.github.io/posts/muon."""
    if x.shape[0] > x.shape[1]:
        return orthogonal(x.t(), steps, eps).t()
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        a = x @ x.t()
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return x


class Muon(Rule):
    """torch.optim.Muon of later versions, with float32 for its bfloat16, for weights of linear layers
    and of convolutions; AdamW for the others, which have one dimension or are those of norms."""

    def __init__(self, params, lr, momentum=0.95, weight_decay=0.1, eps=1e-7, steps=5, match_rms=False):
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": weight_decay, "eps": eps,
                                  "steps": steps, "match_rms": match_rms})

    def update(self, p, g, state, group):
        if p.ndim in (2, 4):
            self.update_matrix(p, g, state, group)
            return
        m, v = moments(state, p, ["m", "v"])
        p.mul_(1 - group["lr"] * group["decay"])
        m.mul_(0.9).add_(g, alpha=1 - 0.9)
        v.mul_(0.999).addcmul_(g, g, value=1 - 0.999)
        size = v.sqrt() / math.sqrt(1 - 0.999 ** state["step"]) + group["eps"]
        p.addcdiv_(m, size, value=-group["lr"] / (1 - 0.9 ** state["step"]))

    def update_matrix(self, p, g, state, group):
        (m,) = moments(state, p, ["m"])
        m.lerp_(g, 1 - group["momentum"])
        x = g.lerp(m, group["momentum"]).flatten(1)
        rows, columns = x.shape
        ratio = 0.2 * math.sqrt(max(rows, columns)) if group["match_rms"] else math.sqrt(
            max(1, rows / columns))
        x = orthogonal(x, group["steps"], group["eps"])
        p.mul_(1 - group["lr"] * group["decay"])
        p.add_(x.view_as(p), alpha=-group["lr"] * ratio)
