"""Trains a network of an ONNX file in PyTorch for a few steps on one batch and writes what it saw.

    /usr/bin/python3 torch_reference.py FOLDER STEPS RATE MOMENTUM [THREADS | sides]

FOLDER holds model.onnx, input.npy [N,C,H,W], labels.npy [N] and weights.txt, one name a line: the constants that are
trained. It is done three times: in double precision, in single, and with sums in double whose results are rounded to
single. Written: losses.npy [STEPS] and for every step and weight gradient_STEP_WEIGHT.npy (numbers from 0, the order of
weights.txt), in double precision; noise.npy [2, STEPS, weights]: how far (of its length) the gradients of the second and
the third way are from these. With THREADS, it prints pictures per second of a step in single precision instead.

With `sides` it is done in double precision alone, and at every step units are on and maxima come from where they did in
another program, so that what is left is how exactly the two compute. FOLDER then holds sides.txt, "Relu NAME" of an
output or "MaxPool NAME" of an input a line, and for the nth line side_STEP_n.bin: for a rectifier a byte for each unit,
for a pool its input in single precision. Written: sided_losses.npy, sided_gradient_STEP_WEIGHT.npy, and flips.npy
[STEPS, 4]: units, those that are on the other side in double precision, maxima that come from elsewhere, and how far the
farthest of both are from being equal, in lengths of the layer (root mean square)."""
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
            self.node = node
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


class Rounded(Network):
    """Sums in double precision, what is kept between layers in single: as exact as single precision can be."""

    def Conv(self, a, x, w, b=None):
        return super().Conv(a, x.double(), w.double(), None if b is None else b.double()).float()

    def Gemm(self, a, x, w, b=None):
        return super().Gemm(a, x.double(), w.double(), None if b is None else b.double()).float()

    def GlobalAveragePool(self, a, x):
        return super().GlobalAveragePool(a, x.double()).float()


class Sided(Network):
    """One whose rectifiers and maximum pools decide as another program did."""

    def begin(self, folder, step):
        lines = read_lines(folder, "sides.txt")
        self.files = {line: os.path.join(folder, "side_%d_%d.bin" % (step, i)) for i, line in enumerate(lines)}
        self.flips = np.zeros(4)

    def count(self, kind, differ, distance, x):
        self.flips[kind] += differ.sum().item()
        if differ.any():
            length = x.square().mean().sqrt()
            self.flips[3] = max(self.flips[3], (distance[differ].max() / length).item())

    def Relu(self, a, x):
        on = torch.from_numpy(np.fromfile(self.files["Relu " + self.node.output[0]], dtype=np.uint8)).reshape(x.shape) > 0
        z = x.detach()
        self.flips[0] += on.numel()
        self.count(1, on != (z > 0), z.abs(), z)
        return x * on

    def MaxPool(self, a, x):
        file = self.files["MaxPool " + self.node.input[0]]
        theirs = torch.from_numpy(np.fromfile(file, dtype=np.float32)).reshape(x.shape)
        pool = lambda values: F.max_pool2d(values, a["kernel_shape"], a.get("strides", [1, 1]),
                                           ceil_mode=bool(a.get("ceil_mode", 0)), return_indices=True)
        assert not any(a.get("pads", [0])), "a padded pool"
        greatest, own = pool(x.detach())
        _, winners = pool(theirs)
        chosen = x.flatten(2).gather(2, winners.flatten(2)).reshape(winners.shape)
        self.count(2, (own != winners) & (greatest > 0), greatest - chosen.detach(), x.detach())
        return chosen


def read_lines(folder, name):
    with open(os.path.join(folder, name)) as stream:
        return stream.read().split("\n")[:-1]


def train(folder, steps, rate, momentum, dtype, kind=Network, timed=False, sides=None):
    names = read_lines(folder, "weights.txt")
    network = kind(os.path.join(folder, "model.onnx"), names, dtype)
    x = torch.from_numpy(np.load(os.path.join(folder, "input.npy"))).to(dtype)
    labels = torch.from_numpy(np.load(os.path.join(folder, "labels.npy")).astype(np.int64))
    optimiser = torch.optim.SGD([network.constants[n] for n in names], lr=rate, momentum=momentum)
    losses, gradients, start = [], [], 0.0
    for step in range(steps):
        if step == 1:
            start = time.time()
        optimiser.zero_grad()
        if sides is not None:
            network.begin(folder, step)
        loss = F.cross_entropy(network(x), labels)
        loss.backward()
        losses.append(loss.item())
        if not timed:
            gradients.append([network.constants[n].grad.double().numpy().copy() for n in names])
        if sides is not None:
            sides.append(network.flips)
        optimiser.step()
    if timed:
        print("PyTorch: %.1f pictures/s" % ((steps - 1) * x.shape[0] / (time.time() - start)))
    return losses, gradients


def write(folder, prefix, losses, gradients):
    np.save(os.path.join(folder, prefix + "losses.npy"), np.array(losses, dtype=np.float32))
    for step, of_step in enumerate(gradients):
        for i, gradient in enumerate(of_step):
            name = "%sgradient_%d_%d.npy" % (prefix, step, i)
            np.save(os.path.join(folder, name), gradient.astype(np.float32))


def main(folder, steps, rate, momentum, how=""):
    if how == "sides":
        flips = []
        write(folder, "sided_", *train(folder, steps, rate, momentum, torch.float64, Sided, sides=flips))
        np.save(os.path.join(folder, "flips.npy"), np.array(flips, dtype=np.float32))
        return
    if how:
        torch.set_num_threads(int(how))
        train(folder, steps, rate, momentum, torch.float32, timed=True)
        return
    losses, exact = train(folder, steps, rate, momentum, torch.float64)
    others = [train(folder, steps, rate, momentum, torch.float32, kind)[1] for kind in (Network, Rounded)]
    noise = [[[np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(*pair)] for pair in zip(other, exact)]
             for other in others]
    np.save(os.path.join(folder, "noise.npy"), np.array(noise, dtype=np.float32))
    write(folder, "", losses, exact)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), *sys.argv[5:])
