# SPDX-License-Identifier: MIT
"""What the peers share: giving PyTorch its best."""
import os
import time

import torch


def best_threads(step, steps=50):
    """Sets the number of threads, one or all cores, with which so many steps are faster; returns it."""
    cores = len(os.sched_getaffinity(0))
    best = None
    for threads in sorted({1, cores}):
        torch.set_num_threads(threads)
        for _ in range(steps // 2):
            step()
        start = time.perf_counter()
        for _ in range(steps):
            step()
        seconds = time.perf_counter() - start
        if best is None or seconds < best[0]:
            best = (seconds, threads)
    torch.set_num_threads(best[1])
    return best[1]
