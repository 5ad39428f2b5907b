#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The loader alone, as ../load.c does it in Plait.

usage: load.py jpeg FOLDER [WORKERS]     torchvision's transforms, or the same by PIL without it
       load.py photos FOLDER [WORKERS]   larger ones, random parts of them at 224 x 224
       load.py bytes BATCH [WORKERS]     a sample at a time, as data sets of PyTorch are
       load.py batches BATCH             whole batches by index, without collating

Prints "samples_per_second X samples/s", from the first batch to the last one: starting the
worker processes is not part of it.
"""
import math
import os
import random
import sys
import time

import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler

MEAN = {"jpeg": (0.491, 0.482, 0.447), "photos": (0.485, 0.456, 0.406)}
STD = {"jpeg": (0.247, 0.243, 0.262), "photos": (0.229, 0.224, 0.225)}
REPEATS = {"jpeg": 1, "photos": 4}   # of the files in an epoch: few of them show little


def random_crop(image):
    """RandomCrop(32, 4), by what it calls."""
    from PIL import ImageOps

    left, top = random.randrange(9), random.randrange(9)
    return ImageOps.expand(image, 4).crop((left, top, left + 32, top + 32))


def random_resized_crop(image):
    """RandomResizedCrop(224), by what it calls."""
    from PIL import Image

    for _ in range(10):
        area = image.width * image.height * random.uniform(0.08, 1)
        aspect = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        width, height = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < width <= image.width and 0 < height <= image.height:
            left = random.randint(0, image.width - width)
            top = random.randint(0, image.height - height)
            image = image.crop((left, top, left + width, top + height))
            break
    return image.resize((224, 224), Image.Resampling.BILINEAR)


def pil_transform(kind):
    """The crop, RandomHorizontalFlip, ToTensor and Normalize, by what they call."""
    import numpy
    from PIL import Image

    crop = {"jpeg": random_crop, "photos": random_resized_crop}[kind]
    mean, std = torch.tensor(MEAN[kind]).view(3, 1, 1), torch.tensor(STD[kind]).view(3, 1, 1)

    def apply(image):
        image = crop(image)
        if random.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        x = torch.from_numpy(numpy.array(image)).permute(2, 0, 1).contiguous()
        return x.float().div_(255).sub_(mean).div_(std)

    return apply


def transform(kind):
    try:
        from torchvision import transforms
    except ImportError:
        return pil_transform(kind)
    crop = transforms.RandomCrop(32, 4) if kind == "jpeg" else transforms.RandomResizedCrop(224)
    return transforms.Compose([crop, transforms.RandomHorizontalFlip(), transforms.ToTensor(),
                               transforms.Normalize(MEAN[kind], STD[kind])])


class Files(Dataset):
    """torchvision's ImageFolder."""

    def __init__(self, folder, kind):
        items = [(entry.path, label)
                 for label, name in enumerate(sorted(os.listdir(folder)))
                 for entry in os.scandir(os.path.join(folder, name))]
        self.items = items * REPEATS[kind]
        self.transform = transform(kind)

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        from PIL import Image

        path, label = self.items[i]
        with open(path, "rb") as file:
            image = Image.open(file).convert("RGB")
        return self.transform(image), label


class Images(Dataset):
    """Byte images in memory; i is an index or a list of them."""

    def __init__(self, samples):
        self.x = torch.randint(0, 256, (samples, 28, 28), dtype=torch.uint8)
        self.y = torch.zeros(samples, dtype=torch.int64)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i].float().div_(255).sub_(0.286).div_(0.353), self.y[i]


def make_loader(kind, what, workers):
    if kind in MEAN:
        return DataLoader(Files(what, kind), batch_size=128, shuffle=True, num_workers=workers)
    data = Images(60000)
    if kind == "bytes":
        return DataLoader(data, batch_size=int(what), shuffle=True, num_workers=workers)
    return DataLoader(data, sampler=BatchSampler(RandomSampler(data), int(what), False),
                      batch_size=None)


def main():
    torch.set_num_threads(1)
    loader = make_loader(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    batches = iter(loader)
    next(batches)
    samples = 0
    start = time.perf_counter()
    for _, labels in batches:
        samples += len(labels)
    print(f"samples_per_second {samples / (time.perf_counter() - start):.0f} samples/s")


main()
