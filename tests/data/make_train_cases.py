"""Losses, optimiser steps and schedules as PyTorch has them: tests/data/train_cases.txt.

    /usr/bin/python3 tests/data/make_train_cases.py

A case is a line of words and then lines of numbers; tests/engine/train/test_optimiser.c and test_loss.c read it."""
import os

import torch

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "train_cases.txt")


def line(values):
    return " ".join("%.9g" % v for v in values) + "\n"


def losses(out):
    torch.manual_seed(1)
    for classes in (2, 5, 12):
        for smoothing in (0.0, 0.1):
            scores = (3 * torch.randn(classes)).requires_grad_()
            label = int(torch.randint(classes, (1,)))
            loss = torch.nn.functional.cross_entropy(scores[None], torch.tensor([label]), label_smoothing=smoothing)
            loss.backward()
            out.write("loss %d %d %g %.9g\n" % (classes, label, smoothing, loss.item()))
            out.write(line(scores.tolist()) + line(scores.grad.tolist()))


def optimisers(out):
    torch.manual_seed(2)
    steps, count = 6, 7
    for kind in ("sgd", "adamw"):
        for momentum, decay, clip in ((0, 0, 0), (0.9, 0, 0), (0.9, 0.05, 0), (0.9, 0.05, 1.5)):
            w = torch.nn.Parameter(torch.randn(count))
            if kind == "sgd":
                optimiser = torch.optim.SGD([w], lr=0.1, momentum=momentum, weight_decay=decay)
            else:
                optimiser = torch.optim.AdamW([w], lr=0.1, weight_decay=decay)
            out.write("optimiser %s %g %g %g %d %d\n" % (kind, momentum, decay, clip, steps, count))
            out.write(line(w.tolist()))
            for _ in range(steps):
                w.grad = torch.randn(count)
                out.write(line(w.grad.tolist()))
                if clip:
                    torch.nn.utils.clip_grad_norm_([w], clip)
                optimiser.step()
                out.write(line(w.tolist()))


def schedules(out):
    w = torch.nn.Parameter(torch.zeros(1))
    for kind in ("cosine", "step"):
        optimiser = torch.optim.SGD([w], lr=0.2)
        if kind == "cosine":
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=10)
        else:
            schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=3, gamma=0.3)
        rates = []
        for _ in range(10):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        out.write("schedule %s 0.2 10 3 0.3\n" % kind + line(rates))


with open(OUT, "w") as stream:
    losses(stream)
    optimisers(stream)
    schedules(stream)
