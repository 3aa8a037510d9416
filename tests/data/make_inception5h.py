#!/usr/bin/env python3
"""Writes a network with the nodes, names and shapes of tensorflow_inception_graph.pb (inception5h, Lucid's InceptionV1)
and seeded weights, and what the same network gives in PyTorch.

usage: make_inception5h.py OUT_DIR       (Debian packages: python3-torch python3-numpy)

Writes OUT_DIR/inception5h.pb (54 MB), inception5h.input.npy, .logits.npy (softmax2_pre_activation), .grad.npy (of
logit 7, with respect to the input) and .layers.txt: the layers people look at, with the level each belongs to. Weights
start as He et al. (2015) have it, so that activations keep their size, and the image is one for which no maximum or ReLU
is decided by rounding: PyTorch's gradients in float32 and float64 agree.
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

import graphdef

# Channels of the branches: 1x1, 3x3 bottleneck, 3x3, 5x5 bottleneck, 5x5, reduction after the pool.
BLOCKS = {
    "mixed3a": (64, 96, 128, 16, 32, 32),
    "mixed3b": (128, 128, 192, 32, 96, 64),
    "mixed4a": (192, 96, 204, 16, 48, 64),
    "mixed4b": (160, 112, 224, 24, 64, 64),
    "mixed4c": (128, 128, 256, 24, 64, 64),
    "mixed4d": (112, 144, 288, 32, 64, 64),
    "mixed4e": (256, 160, 320, 32, 128, 128),
    "mixed5a": (256, 160, 320, 48, 128, 128),
    "mixed5b": (384, 192, 384, 48, 128, 128),
}
POOLS_AFTER = {"mixed3b": "maxpool4", "mixed4e": "maxpool10"}
CLASSES = 1008
RADIUS, BIAS, ALPHA, BETA = 5, 1.0, 1e-4, 0.5

LEVELS = [("edge", ["conv2d0_pre_relu", "conv2d0"]), ("texture", ["mixed3a"]), ("pattern", ["mixed4a"]),
          ("part", ["mixed4b", "mixed4c"]), ("object", ["mixed4d", "mixed4e", "mixed5a", "mixed5b", "softmax2"])]


class Builder:
    """Adds every node to the file and computes it in PyTorch at the same time. The weights come first in the file."""

    def __init__(self):
        self.weights, self.graph = graphdef.Graph(), graphdef.Graph()
        self.random = np.random.default_rng(20151)
        self.value = {}

    def parameters(self, name, *shape):
        fan_in = int(np.prod(shape[:-1]))
        w = self.random.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        b = self.random.normal(0, 0.05, shape[-1:]).astype(np.float32)
        for suffix, array in (("w", w), ("b", b)):
            self.weights.const(f"{name}_{suffix}", array)
        return torch.from_numpy(w), torch.from_numpy(b)

    def done(self, name, value):
        self.value[name] = value
        return name

    def conv(self, name, source, size, channels, stride=1):
        x = self.value[source]
        w, b = self.parameters(name, size, size, x.shape[1], channels)
        pre = name + "_pre_relu"
        self.graph.add("Conv2D", pre + "/conv", [source, name + "_w"], T=graphdef.Type(graphdef.FLOAT), padding="SAME",
                       strides=[1, stride, stride, 1], use_cudnn_on_gpu=True)
        self.graph.add("BiasAdd", pre, [pre + "/conv", name + "_b"], T=graphdef.Type(graphdef.FLOAT))
        self.graph.add("Relu", name, [pre], T=graphdef.Type(graphdef.FLOAT))
        w = w.permute(3, 2, 0, 1).to(x.dtype)
        y = F.conv2d(same(x, size, stride), w, b.to(x.dtype), stride)
        self.done(pre, y)
        return self.done(name, F.relu(y))

    def max_pool(self, name, source, stride):
        self.graph.add("MaxPool", name, [source], ksize=[1, 3, 3, 1], padding="SAME", strides=[1, stride, stride, 1])
        return self.done(name, F.max_pool2d(same(self.value[source], 3, stride, float("-inf")), 3, stride))

    def average_pool(self, name, source, size, stride):
        self.graph.add("AvgPool", name, [source], T=graphdef.Type(graphdef.FLOAT), ksize=[1, size, size, 1],
                       padding="VALID", strides=[1, stride, stride, 1])
        return self.done(name, F.avg_pool2d(self.value[source], size, stride))

    def lrn(self, name, source):
        self.graph.add("LRN", name, [source], depth_radius=RADIUS, bias=BIAS, alpha=ALPHA, beta=BETA)
        size = 2 * RADIUS + 1
        return self.done(name, F.local_response_norm(self.value[source], size, ALPHA * size, BETA, BIAS))

    def block(self, name, source):
        one, three_in, three, five_in, five, pooled = BLOCKS[name]
        a = self.conv(name + "_1x1", source, 1, one)
        b = self.conv(name + "_3x3", self.conv(name + "_3x3_bottleneck", source, 1, three_in), 3, three)
        c = self.conv(name + "_5x5", self.conv(name + "_5x5_bottleneck", source, 1, five_in), 5, five)
        d = self.conv(name + "_pool_reduce", self.max_pool(name + "_pool", source, 1), 1, pooled)
        self.graph.ints(name + "/concat_dim", 3)
        self.graph.add("Concat", name, [name + "/concat_dim", a, b, c, d], N=4, T=graphdef.Type(graphdef.FLOAT))
        return self.done(name, torch.cat([self.value[v] for v in (a, b, c, d)], 1))

    def reshape(self, source, size):
        name = source + "/reshape"
        self.graph.ints(name + "/shape", [-1, size])
        self.graph.add("Reshape", name, [source, name + "/shape"], T=graphdef.Type(graphdef.FLOAT))
        x = self.value[source]
        x = x.permute(0, 2, 3, 1) if x.dim() == 4 else x
        return self.done(name, x.reshape(-1, size))

    def dense(self, name, result, source, channels):
        x = self.value[source]
        w, b = self.parameters(name, x.shape[1], channels)
        self.graph.add("MatMul", result + "/matmul", [source, name + "_w"], T=graphdef.Type(graphdef.FLOAT),
                       transpose_a=False, transpose_b=False)
        self.graph.add("BiasAdd", result, [result + "/matmul", name + "_b"], T=graphdef.Type(graphdef.FLOAT))
        return self.done(result, x @ w.to(x.dtype) + b.to(x.dtype))

    def softmax(self, number, source):
        logits = self.dense(f"softmax{number}", f"softmax{number}_pre_activation", source, CLASSES)
        self.graph.add("Softmax", f"softmax{number}", [logits], T=graphdef.Type(graphdef.FLOAT))
        return self.done(f"softmax{number}", torch.softmax(self.value[logits], 1))

    def side_head(self, number, source):
        pool = self.average_pool(f"head{number}_pool", source, 5, 3)
        x = self.conv(f"head{number}_bottleneck", pool, 1, 128)
        hidden = self.dense(f"nn{number}", f"nn{number}_pre_relu", self.reshape(x, 2048), 1024)
        self.graph.add("Relu", f"nn{number}", [hidden], T=graphdef.Type(graphdef.FLOAT))
        self.done(f"nn{number}", F.relu(self.value[hidden]))
        self.softmax(number, self.reshape(f"nn{number}", 1024))

    def network(self, image):
        self.graph.placeholder("input", None)
        self.value = {"input": image}
        x = self.conv("conv2d0", "input", 7, 64, 2)
        x = self.lrn("localresponsenorm0", self.max_pool("maxpool0", x, 2))
        x = self.conv("conv2d2", self.conv("conv2d1", x, 1, 64), 3, 192)
        x = self.max_pool("maxpool1", self.lrn("localresponsenorm1", x), 2)
        for name in BLOCKS:
            x = self.block(name, x)
            if name in POOLS_AFTER:
                x = self.max_pool(POOLS_AFTER[name], x, 2)
        x = self.average_pool("avgpool0", x, 7, 1)
        self.side_head(0, "mixed4a")
        self.side_head(1, "mixed4d")
        self.softmax(2, self.reshape("avgpool0", 1024))
        for number, name in enumerate(("output", "output1", "output2")):
            self.graph.add("Identity", name, [f"softmax{number}"], T=graphdef.Type(graphdef.FLOAT))
        return self.value["softmax2_pre_activation"]

    def save(self, path):
        # The file has the placeholder first, then the weights, then the rest.
        file = graphdef.Graph()
        file.nodes = self.graph.nodes[:1] + self.weights.nodes + self.graph.nodes[1:]
        file.save(path)


def same(x, size, stride, fill=0.0):
    """TensorFlow's SAME: ceil(in / stride) outputs, the odd place of padding at the end."""
    pads = []
    for side in (x.shape[3], x.shape[2]):
        total = max((-(-side // stride) - 1) * stride + size - side, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=fill)


def run(image):
    builder = Builder()
    image = image.detach().clone().requires_grad_(True)
    logits = builder.network(image)
    return builder, logits.detach().numpy(), torch.autograd.grad(logits[0, 7], image)[0].numpy()


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    image = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(21))
    builder, logits, grad = run(image)
    builder.save(f"{out}/inception5h.pb")
    for key, value in (("input", image.numpy()), ("logits", logits), ("grad", grad)):
        np.save(f"{out}/inception5h.{key}.npy", value)
    with open(f"{out}/inception5h.layers.txt", "w", encoding="utf-8") as file:
        for level, names in LEVELS:
            for name in names:
                channels = builder.value[name].shape[1]
                file.write(f"{name} {channels} {level}\n")
    exact = run(image.double())[2]
    print("inception5h", f"float32 against float64: {np.linalg.norm(grad - exact) / np.linalg.norm(exact):.1e}")


if __name__ == "__main__":
    main()
