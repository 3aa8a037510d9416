#!/usr/bin/env python3
"""Training steps of SqueezeNet 1.0 in PyTorch: SGD with momentum on all layers, random pictures of 224 pixels.

usage: peer_train.py BATCH STEPS THREADS [channels_last]       (Debian packages: python3-torch python3-torchvision)

Prints pictures per second of the best step and of the median one. Dropout is left out, as filterscope does.
"""
import statistics
import sys
import time

import torch
import torchvision.models as zoo

batch, steps, threads = (int(word) for word in sys.argv[1:4])
torch.set_num_threads(threads)
torch.manual_seed(1)
net = zoo.squeezenet1_0(weights=None).train()
for module in net.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
x, labels = torch.randn(batch, 3, 224, 224), torch.arange(batch) % 1000
if "channels_last" in sys.argv:
    net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
optimiser = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
seconds = []
for _ in range(steps + 1):
    start = time.perf_counter()
    optimiser.zero_grad()
    torch.nn.functional.cross_entropy(net(x), labels).backward()
    optimiser.step()
    seconds.append(time.perf_counter() - start)
print(f"{batch / min(seconds[1:]):.2f} {batch / statistics.median(seconds[1:]):.2f}")
