#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes scores.txt beside this file: outputs, answers, and what scikit-learn says of them.

Each case is a line "case NAME KIND OUTPUTS ROWS FLAGS", then a line for each sample (its answers,
then its outputs, floats with all their digits), then lines "KEY VALUE..." of what is expected.
KIND is that of enum plait_scores_kind; FLAGS are p (outputs are probabilities), i:LABEL (samples
of that label do not count) and w (a first column says which samples count).

usage: make.py [FILE]          (needs scikit-learn and NumPy)
"""
import os
import sys
import warnings

import numpy as np
import sklearn
from sklearn import metrics

CLASSES, BINARY, NUMBERS = 1, 2, 3
BINS = 15

rng = np.random.default_rng(7)


def floats(x):
    """What is written and what is scored are the same float32 numbers."""
    return np.asarray(x, dtype=np.float32)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def calibration_error(confidence, right):
    """Guo et al. 2017, as in their code: bins are (low, high]."""
    edge = np.linspace(0, 1, BINS + 1)
    error = 0.0
    for low, high in zip(edge[:-1], edge[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += abs(right[inside].mean() - confidence[inside].mean()) * inside.mean()
    return error


def area(answer, p):
    """NaN where one kind is missing, which scikit-learn refuses."""
    return metrics.roc_auc_score(answer, p) if 0 < answer.sum() < len(answer) else np.nan


class Case:
    def __init__(self, name, kind, answers, outputs, probabilities=False, ignored=None, counts=None):
        outputs = floats(outputs)
        self.rows, self.lines = len(outputs), []
        flags = ["p"] if probabilities else []
        flags += [f"i:{ignored}"] if ignored is not None else []
        flags += ["w"] if counts is not None else []
        self.lines.append(f"case {name} {kind} {outputs.shape[1]} {self.rows} {','.join(flags) or '-'}")
        for i in range(self.rows):
            words = [] if counts is None else [str(int(counts[i]))]
            words += ["%.9g" % v for v in np.atleast_1d(answers[i])]
            words += ["%.9g" % v for v in outputs[i]]
            self.lines.append(" ".join(words))
        keep = np.ones(self.rows, bool) if counts is None else np.asarray(counts, bool)
        if ignored is not None:
            keep &= np.asarray(answers) != ignored
        self.answers = np.asarray(answers)[keep]
        self.outputs = outputs[keep].astype(np.float64)
        self.say("samples", keep.sum())

    def say(self, key, *values):
        self.lines.append(key + " " + " ".join("%.17g" % v for v in values))

    def averages(self, y, said, labels=None):
        for name, average in ("macro", "macro"), ("micro", "micro"), ("class", None):
            p, r, f, _ = metrics.precision_recall_fscore_support(
                y, said, average=average, labels=labels if average is None else None, zero_division=0)
            for key, value in ("precision", p), ("recall", r), ("f1", f):
                self.say(f"{name}_{key}", *np.atleast_1d(value))
        self.say("accuracy", metrics.accuracy_score(y, said))


def classes(name, y, x, probabilities=False, top=True, **options):
    case = Case(name, CLASSES, y, x, probabilities, **options)
    y, x = case.answers, case.outputs
    p = x if probabilities else softmax(x)
    n, said = x.shape[1], x.argmax(axis=1)
    case.averages(y, said, labels=range(n))
    case.say("confusion", *metrics.confusion_matrix(y, said, labels=range(n)).ravel())
    areas = [area(y == c, p[:, 1] if n == 2 else p[:, c]) for c in range(n)]
    if n == 2:
        areas[0] = areas[1]
    case.say("class_auroc", *areas)
    if n == 2:
        whole = metrics.roc_auc_score(y, p[:, 1])
    elif not np.isnan(areas).any() and not probabilities:
        whole = metrics.roc_auc_score(y, p, multi_class="ovr")
    else:  # scikit-learn refuses classes without samples, and rounded probabilities
        whole = np.nanmean(areas)
    case.say("auroc", whole)
    case.say("ece", calibration_error(p[np.arange(len(p)), said], said == y))
    # Of equal outputs scikit-learn takes the last ones, and of two classes it wants one score.
    for k in range(1, n if top and n > 2 else 1):
        case.say(f"top{k}", metrics.top_k_accuracy_score(y, x, k=k, labels=range(n)))
    return case


def binary(name, y, x, probabilities=False, **options):
    case = Case(name, BINARY, y, x, probabilities, **options)
    y, x = case.answers.astype(int), case.outputs
    p = x if probabilities else sigmoid(x)
    said = (p > 0.5).astype(int)
    if x.shape[1] == 1:
        y, p, said = y.ravel(), p.ravel(), said.ravel()
        case.averages(y, said, labels=[0, 1])
        case.say("confusion", *metrics.confusion_matrix(y, said, labels=[0, 1]).ravel())
        areas = [area(y, p)] * 2
        case.say("auroc", areas[0])
    else:
        case.averages(y, said)
        areas = [area(y[:, c], p[:, c]) for c in range(y.shape[1])]
        case.say("auroc", metrics.roc_auc_score(y, p) if not np.isnan(areas).any() else np.nanmean(areas))
    case.say("class_auroc", *areas)
    case.say("ece", calibration_error(np.maximum(p, 1 - p).ravel(), (said == y).ravel()))
    return case


def numbers(name, t, x, **options):
    case = Case(name, NUMBERS, floats(t), x, **options)
    t, x = case.answers.astype(np.float64), case.outputs
    case.say("mae", metrics.mean_absolute_error(t, x))
    case.say("mse", metrics.mean_squared_error(t, x))
    case.say("rmse", metrics.mean_squared_error(t, x, squared=False))
    case.say("r2", metrics.r2_score(t, x))
    case.say("output_r2", *metrics.r2_score(t, x, multioutput="raw_values"))
    case.say("output_mae", *metrics.mean_absolute_error(t, x, multioutput="raw_values"))
    case.say("output_rmse", *metrics.mean_squared_error(t, x, multioutput="raw_values", squared=False))
    return case


def logits(rows, n, y, push):
    x = rng.normal(0, 1.5, (rows, n))
    x[np.arange(rows), y] += push
    return x


def quarters(x):
    """Many of these are equal."""
    return np.round(x * 4) / 4


def all_cases():
    y = rng.integers(0, 3, 80)
    yield classes("three", y, logits(80, 3, y, 1))
    y = rng.integers(0, 5, 120)
    yield classes("ties", y, quarters(logits(120, 5, y, 1) / 2), top=False)
    # Class 6 is never an answer, and neither that nor 5 is ever said.
    y = rng.choice([0, 0, 0, 0, 1, 1, 2, 3, 5], 90)
    x = logits(90, 7, y, 1)
    x[:, 5:] -= 30
    yield classes("rare", y, x)
    y = rng.integers(0, 2, 70)
    yield classes("two", y, logits(70, 2, y, 1))
    yield classes("sure", y, 40 * logits(70, 2, y, 1))
    y = rng.integers(0, 4, 60)
    p = softmax(logits(60, 4, y, 1))
    yield classes("probabilities", y, np.round(p * 32) / 32, probabilities=True, top=False)
    y = rng.integers(0, 10, 150)
    yield classes("ignored", y, logits(150, 10, y, 2), ignored=3, counts=rng.integers(0, 4, 150) > 0)
    y = rng.integers(0, 2, (75, 1))
    yield binary("yes", y, rng.normal(0, 1, (75, 1)) + y)
    yield binary("yes_ties", y, quarters(rng.normal(0, 1, (75, 1)) + y))
    yield binary("yes_probabilities", y, np.round(sigmoid(rng.normal(0, 1, (75, 1)) + y) * 16) / 16,
                 probabilities=True)
    y = rng.integers(0, 2, (64, 4)) * np.array([1, 1, 0, 1])
    x = rng.normal(-0.3, 1, (64, 4)) + y
    yield binary("several", y, x)
    y[:, 2] = rng.integers(0, 2, 64)
    yield binary("several_counted", y, x, counts=rng.integers(0, 3, 64) > 0)
    t = rng.normal(3, 2, (50, 1))
    yield numbers("number", t, t + rng.normal(0, 1, (50, 1)))
    # Far from 0, where sums of squares alone would lose it; one that is the same in all.
    t = rng.normal(0, 1, (60, 3)) + np.array([1e4, 0, 0])
    t[:, 1] = 2
    yield numbers("numbers", t, t + rng.normal(0, 0.3, (60, 3)))
    t = floats(np.full((5, 2), 0.1))
    yield numbers("constant", t, np.stack([t[:, 0], t[:, 0] + np.arange(5, dtype=np.float32)], axis=1))
    t = rng.normal(0, 1, (40, 2))
    yield numbers("counted", t, t * 0.5, counts=rng.integers(0, 2, 40))


def main():
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scores.txt")
    warnings.simplefilter("ignore")
    with open(sys.argv[1] if len(sys.argv) > 1 else here, "w") as out:
        out.write(f"# scikit-learn {sklearn.__version__}, in float64; make.py made this\n")
        for case in all_cases():
            out.write("\n".join(case.lines) + "\n")


main()
