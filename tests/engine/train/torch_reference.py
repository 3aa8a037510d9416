"""Trains a network of an ONNX file in PyTorch for a few steps on one batch and writes what it saw.

    /usr/bin/python3 torch_reference.py FOLDER STEPS RATE MOMENTUM [threads]

FOLDER holds model.onnx, input.npy [N,C,H,W], labels.npy [N] and weights.txt, one name a line: the constants that are
trained. It is done twice, in double precision and in single. Written: losses.npy [STEPS] and for every step and weight
gradient_STEP_WEIGHT.npy (numbers from 0, the order of weights.txt), in double precision; noise.npy [STEPS, weights]: how
far (of its length) the gradient in single precision is from it. With `threads`, it prints pictures per second of a step
in single precision instead."""
import os
import sys
import time

import numpy as np
import onnx
import torch
from onnx import numpy_helper

F = torch.nn.functional


class Network:
    """Computes an ONNX graph node by node; its weights are parameters."""

    def __init__(self, path, trained, dtype):
        graph = onnx.load(path).graph
        self.nodes = graph.node
        self.constants = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
        self.input = [i.name for i in graph.input if i.name not in self.constants][0]
        self.output = graph.output[0].name
        for name, value in self.constants.items():
            if value.is_floating_point():
                self.constants[name] = value.to(dtype)
        for name in trained:
            self.constants[name].requires_grad_()

    def __call__(self, x):
        values = dict(self.constants)
        values[self.input] = x
        for node in self.nodes:
            given = [values[name] if name else None for name in node.input]
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = getattr(self, node.op_type)(attributes, *given)
        return values[self.output]

    @staticmethod
    def padded(x, a, fill=0.0):
        top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
        return F.pad(x, (left, right, top, bottom), value=fill) if top or left or bottom or right else x

    def Conv(self, a, x, w, b=None):
        return F.conv2d(self.padded(x, a), w, b, a.get("strides", [1, 1]), 0, a.get("dilations", [1, 1]), a.get("group", 1))

    def Relu(self, a, x):
        return F.relu(x)

    def MaxPool(self, a, x):
        return F.max_pool2d(self.padded(x, a, -float("inf")), a["kernel_shape"], a.get("strides", [1, 1]),
                            ceil_mode=bool(a.get("ceil_mode", 0)))

    def BatchNormalization(self, a, x, scale, shift, mean, variance):
        return F.batch_norm(x, mean, variance, scale, shift, False, 0, a.get("epsilon", 1e-5))

    def Concat(self, a, *inputs):
        return torch.cat(inputs, a["axis"])

    def Add(self, a, x, y):
        return x + y

    def Dropout(self, a, x, *rest):
        return x

    def GlobalAveragePool(self, a, x):
        return x.mean((2, 3), keepdim=True)

    def Flatten(self, a, x):
        return x.flatten(a.get("axis", 1))

    def Gemm(self, a, x, w, b=None):
        y = x @ (w.T if a.get("transB", 0) else w)
        return y if b is None else y + b


def train(folder, steps, rate, momentum, dtype, timed=False):
    with open(os.path.join(folder, "weights.txt")) as stream:
        names = stream.read().split("\n")[:-1]
    network = Network(os.path.join(folder, "model.onnx"), names, dtype)
    x = torch.from_numpy(np.load(os.path.join(folder, "input.npy"))).to(dtype)
    labels = torch.from_numpy(np.load(os.path.join(folder, "labels.npy")).astype(np.int64))
    optimiser = torch.optim.SGD([network.constants[n] for n in names], lr=rate, momentum=momentum)
    losses, gradients, start = [], [], 0.0
    for step in range(steps):
        if step == 1:
            start = time.time()
        optimiser.zero_grad()
        loss = F.cross_entropy(network(x), labels)
        loss.backward()
        losses.append(loss.item())
        if not timed:
            gradients.append([network.constants[n].grad.double().numpy().copy() for n in names])
        optimiser.step()
    if timed:
        print("PyTorch: %.1f pictures/s" % ((steps - 1) * x.shape[0] / (time.time() - start)))
    return losses, gradients


def main(folder, steps, rate, momentum, threads=0):
    if threads:
        torch.set_num_threads(threads)
        train(folder, steps, rate, momentum, torch.float32, timed=True)
        return
    losses, exact = train(folder, steps, rate, momentum, torch.float64)
    _, single = train(folder, steps, rate, momentum, torch.float32)
    noise = [[np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(*pair)] for pair in zip(single, exact)]
    np.save(os.path.join(folder, "noise.npy"), np.array(noise, dtype=np.float32))
    np.save(os.path.join(folder, "losses.npy"), np.array(losses, dtype=np.float32))
    for step, gradients in enumerate(exact):
        for i, gradient in enumerate(gradients):
            np.save(os.path.join(folder, "gradient_%d_%d.npy" % (step, i)), gradient.astype(np.float32))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), *map(int, sys.argv[5:]))
