#!/usr/bin/env python3
"""Writes the small TensorFlow graphs of tests/data/graphdef: good ones with what PyTorch or NumPy computes for them, and
broken ones (bad_*.pb).

usage: make_graphdef_fixtures.py [OUT_DIR]        (Debian packages: python3-torch python3-numpy)

Good: NAME.pb, NAME.input.npy [N,C,H,W], NAME.output.npy, which is [N,C,H,W] too where the graph's output is a map.
Weights are seeded; the same script writes the same bytes.
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from graphdef import (BFLOAT16, BOOL, DOUBLE, FLOAT, HALF, INT32, INT64, STRING, UINT8, Graph, Raw, Shape, Type, block,
                      number, tensor, typed)

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "graphdef")
RNG = np.random.default_rng(9)


def rand(*shape, scale=1.0):
    return RNG.normal(0, scale, shape).astype(np.float32)


def nchw(x):
    return torch.as_tensor(x).permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def oihw(w):
    return torch.as_tensor(w).permute(3, 2, 0, 1)


def pad_same(x, kernel, stride, dilation=(1, 1), fill=0.0):
    pads = []
    for axis in (1, 0):
        side, k = x.shape[2 + axis], (kernel[axis] - 1) * dilation[axis] + 1
        total = max((-(-side // stride[axis]) - 1) * stride[axis] + k - side, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=fill)


def save(name, graph, image, output):
    """image: NHWC; output: torch tensor, NCHW where it is a map."""
    graph.save(os.path.join(OUT, name + ".pb"))
    np.save(os.path.join(OUT, name + ".input.npy"), np.ascontiguousarray(nchw(image).numpy()))
    np.save(os.path.join(OUT, name + ".output.npy"), np.ascontiguousarray(torch.as_tensor(output).numpy()))


def start(height, width, channels=3, declared=True):
    g = Graph()
    g.placeholder("input", [None, height, width, channels] if declared else None)
    return g, rand(1, height, width, channels)


def conv(g, name, source, w, **attributes):
    g.const(name + "_w", w)
    attributes = {"strides": [1, 1, 1, 1], "padding": "SAME", **attributes}
    return g.add("Conv2D", name, [source, name + "_w"], T=Type(FLOAT), **attributes)


# ---- windows ----

def conv_same():
    g, x = start(7, 10)
    w, b = rand(3, 2, 3, 5), rand(5)
    conv(g, "conv/conv", "input", w, strides=[1, 2, 3, 1])
    g.const("b", b)
    g.add("BiasAdd", "conv", ["conv/conv", "b"])
    g.add("Relu", "relu", ["conv"])
    y = F.relu(F.conv2d(pad_same(nchw(x), (3, 2), (2, 3)), oihw(w), torch.tensor(b), (2, 3)))
    save("conv_same", g, x, y)


def conv_valid():
    """The bias is added by an Add; the weights are read through an Identity, as freezing leaves them."""
    g, x = start(9, 8)
    w, b = rand(3, 3, 3, 5), rand(5)
    g.const("conv/weights", w)
    g.add("Identity", "conv/weights/read", ["conv/weights"], T=Type(FLOAT), _class="loc:@conv/weights")
    g.add("Conv2D", "conv/Conv2D", ["input", "conv/weights/read"], strides=[1, 2, 1, 1], padding="VALID",
          data_format="NHWC", dilations=[1, 1, 1, 1])
    g.const("conv/bias", b)
    g.add("AddV2", "conv/add", ["conv/Conv2D", "conv/bias"])
    g.add("Elu", "elu", ["conv/add"])
    save("conv_valid", g, x, F.elu(F.conv2d(nchw(x), oihw(w), torch.tensor(b), (2, 1))))


def conv_explicit():
    g, x = start(6, 5)
    w = rand(3, 3, 3, 2)
    conv(g, "conv", "input", w, padding="EXPLICIT", explicit_paddings=[0, 0, 1, 0, 0, 2, 0, 0])
    save("conv_explicit", g, x, F.conv2d(F.pad(nchw(x), (0, 2, 1, 0)), oihw(w)))


def conv_dilated():
    g, x = start(9, 11)
    w = rand(3, 3, 3, 2)
    conv(g, "conv", "input", w, dilations=[1, 2, 3, 1])
    save("conv_dilated", g, x, F.conv2d(pad_same(nchw(x), (3, 3), (1, 1), (2, 3)), oihw(w), dilation=(2, 3)))


def conv_cut_apart():
    """A dilated convolution as TensorFlow 1 writes it; the size is odd, so that there is a crop."""
    g, x = start(9, 7)
    w, b = rand(3, 3, 3, 2), rand(2)
    g.ints("block", [2, 2])
    g.ints("paddings", [[2, 3], [2, 3]])
    g.ints("crops", [[0, 1], [0, 1]])
    g.add("SpaceToBatchND", "cut", ["input", "block", "paddings"])
    conv(g, "inner", "cut", w, padding="VALID")
    g.add("BatchToSpaceND", "conv", ["inner", "block", "crops"])
    g.const("b", b)
    g.add("BiasAdd", "biased", ["conv", "b"])
    save("conv_cut_apart", g, x, F.conv2d(nchw(x), oihw(w), torch.tensor(b), padding=2, dilation=2))


def conv_channels_first():
    g = Graph()
    g.placeholder("input", [None, 3, 6, 7])
    x = rand(1, 6, 7, 3)
    w, b, c = rand(3, 3, 3, 4), rand(4), rand(4)
    conv(g, "conv/conv", "input", w, data_format="NCHW", strides=[1, 1, 1, 2])
    g.const("b", b)
    g.add("BiasAdd", "conv", ["conv/conv", "b"], data_format="NCHW")
    g.add("Relu", "relu", ["conv"])
    g.add("MaxPool", "pool", ["relu"], ksize=[1, 1, 2, 2], strides=[1, 1, 2, 2], padding="VALID", data_format="NCHW")
    g.const("c", c)
    g.add("BiasAdd", "shifted", ["pool", "c"], data_format="NCHW")
    y = F.relu(F.conv2d(pad_same(nchw(x), (3, 3), (1, 2)), oihw(w), torch.tensor(b), (1, 2)))
    save("conv_channels_first", g, x, F.max_pool2d(y, 2) + torch.tensor(c).reshape(1, 4, 1, 1))


def depthwise():
    g, x = start(7, 8)
    w, b = rand(3, 3, 3, 2), rand(6)
    g.const("w", w)
    g.add("DepthwiseConv2dNative", "filters", ["input", "w"], strides=[1, 2, 2, 1], padding="SAME")
    g.const("b", b)
    g.add("BiasAdd", "biased", ["filters", "b"])
    g.add("Relu6", "relu6", ["biased"])
    weight = torch.tensor(w).permute(2, 3, 0, 1).reshape(6, 1, 3, 3)
    y = F.conv2d(pad_same(nchw(x), (3, 3), (2, 2)), weight, torch.tensor(b), 2, groups=3)
    save("depthwise", g, x, F.relu6(y))


def pools():
    """Everything is negative, so that padding with zeros would show; averages leave the padding out."""
    g, x = start(8, 9)
    x = -np.abs(x) - 1
    g.add("MaxPool", "max", ["input"], ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
    g.add("AvgPool", "average", ["max"], ksize=[1, 3, 3, 1], strides=[1, 2, 1, 1], padding="SAME")
    a = F.max_pool2d(pad_same(nchw(x), (3, 2), (2, 2), fill=-np.inf), (3, 2), 2)
    ones = pad_same(torch.ones_like(a), (3, 3), (2, 1))
    y = F.avg_pool2d(pad_same(a, (3, 3), (2, 1)), 3, (2, 1)) / F.avg_pool2d(ones, 3, (2, 1))
    save("pools", g, x, y)


def lrn():
    g, x = start(4, 5, channels=3)
    w = rand(1, 1, 3, 9)
    conv(g, "conv", "input", w)
    g.add("LRN", "lrn", ["conv"], depth_radius=2, bias=1.5, alpha=0.3, beta=0.6)
    y = F.conv2d(nchw(x), oihw(w))
    save("lrn", g, x, F.local_response_norm(y, 5, 0.3 * 5, 0.6, 1.5))


def batch_norms():
    g, x = start(5, 6)
    w = rand(1, 1, 3, 4)
    p = {key: rand(4) for key in ("scale", "offset", "mean")}
    p["variance"] = np.abs(rand(4)) + 0.5
    conv(g, "conv", "input", w)
    for key, array in p.items():
        g.const(key, array)
    g.add("FusedBatchNormV3", "norm", ["conv", "scale", "offset", "mean", "variance"], epsilon=0.01, is_training=False)
    g.add("BatchNormWithGlobalNormalization", "old", ["norm", "mean", "variance", "offset", "scale"],
          variance_epsilon=0.02, scale_after_normalization=False)
    g.add("BatchNormWithGlobalNormalization", "old_scaled", ["old", "mean", "variance", "offset", "scale"],
          variance_epsilon=0.03, scale_after_normalization=True)
    t = {key: torch.tensor(array) for key, array in p.items()}
    y = F.conv2d(nchw(x), oihw(w))
    y = F.batch_norm(y, t["mean"], t["variance"], t["scale"], t["offset"], eps=0.01)
    y = F.batch_norm(y, t["mean"], t["variance"], None, t["offset"], eps=0.02)
    y = F.batch_norm(y, t["mean"], t["variance"], t["scale"], t["offset"], eps=0.03)
    save("batch_norms", g, x, y)


def resize():
    g, x = start(4, 5)
    g.ints("size", [7, 9])
    g.add("ResizeBilinear", "bilinear", ["input", "size"], align_corners=False, half_pixel_centers=True)
    g.ints("double", [14, 18])
    g.add("ResizeNearestNeighbor", "nearest", ["bilinear", "double"], align_corners=False, half_pixel_centers=False)
    y = F.interpolate(nchw(x), (7, 9), mode="bilinear", align_corners=False)
    save("resize", g, x, F.interpolate(y, (14, 18), mode="nearest"))


# ---- joining, moving ----

def concats():
    g, x = start(5, 4)
    wa, wb = rand(1, 1, 3, 2), rand(3, 3, 3, 3)
    conv(g, "a", "input", wa)
    conv(g, "b", "input", wb)
    g.ints("first/concat_dim", 3)
    g.add("Concat", "first", ["first/concat_dim", "a", "b"], N=2)
    g.ints("last/axis", -1)
    g.add("Identity", "last/axis/read", ["last/axis"])
    g.add("ConcatV2", "last", ["b", "first", "last/axis/read"], N=2)
    a, b = F.conv2d(nchw(x), oihw(wa)), F.conv2d(nchw(x), oihw(wb), padding=1)
    save("concats", g, x, torch.cat([b, a, b], 1))


def splits():
    g, x = start(4, 6)
    w = rand(1, 1, 3, 6)
    conv(g, "conv", "input", w)
    g.ints("axis", 3)
    g.add("Split", "halves", ["axis", "conv"], num_split=2)
    g.ints("sizes", [1, 2])
    g.ints("last", -1)
    g.add("SplitV", "parts", ["halves:1", "sizes", "last"], num_split=2)
    g.add("ConcatV2", "joined", ["parts:1", "halves", "parts:0", "last"], N=3)
    y = F.conv2d(nchw(x), oihw(w))
    save("splits", g, x, torch.cat([y[:, 4:], y[:, :3], y[:, 3:4]], 1))


def pads():
    g, x = start(5, 6)
    w = rand(3, 3, 3, 2)
    g.ints("p1", [[0, 0], [1, 2], [0, 1], [0, 0]])
    g.add("Pad", "zeros", ["input", "p1"])
    g.const("v", np.float32(0.7))
    g.add("PadV2", "constant", ["zeros", "p1", "v"])
    g.add("MirrorPad", "mirror", ["constant", "p1"], mode="REFLECT")
    conv(g, "conv", "mirror", w, padding="VALID")
    t = F.pad(F.pad(nchw(x), (0, 1, 1, 2)), (0, 1, 1, 2), value=0.7)
    save("pads", g, x, F.conv2d(F.pad(t, (0, 1, 1, 2), mode="reflect"), oihw(w)))


def slices():
    g, x = start(8, 9, declared=False)
    w = rand(1, 1, 3, 5)
    conv(g, "conv", "input", w)
    g.ints("begin", [0, 1, -2, 1])
    g.ints("end", [0, 7, -9, 0])
    g.ints("step", [1, 2, -3, 1])
    g.add("StridedSlice", "strided", ["conv", "begin", "end", "step"], begin_mask=1, end_mask=9)  # [:, 1:7:2, -2:-9:-3, 1:]
    g.ints("b2", [0, 0, 2])
    g.ints("e2", [0, 0, 3])
    g.ints("s2", [1, 1, 1])
    g.add("StridedSlice", "one", ["strided", "b2", "e2", "s2"], begin_mask=1, end_mask=1, ellipsis_mask=2,
          shrink_axis_mask=4)  # [:, ..., 2]
    g.ints("three", 3)
    g.add("ExpandDims", "back", ["one", "three"])
    g.ints("sb", [0, 1, 0, 1])
    g.ints("ss", [1, 2, -1, -1])
    g.add("Slice", "part", ["strided", "sb", "ss"])
    g.ints("which", [2, 0])
    g.add("GatherV2", "picked", ["part", "which", "three"])
    g.ints("b3", [0, 1])
    g.ints("e3", [0, 3])
    g.ints("s3", [1, 1])
    g.add("StridedSlice", "rows", ["back", "b3", "e3", "s3"], begin_mask=1, end_mask=1)
    g.add("Add", "sum", ["picked", "rows"])
    y = F.conv2d(nchw(x), oihw(w))[:, 1:, 1:7:2].flip(3)[:, :, :, 1:8:3]
    save("slices", g, x, y[:, [3, 1], 1:3] + y[:, 2:3, 1:3])


def turned():
    """Height and width exchanged, a dimension taken away and put back."""
    g, x = start(4, 6)
    w = rand(2, 2, 3, 3)
    g.ints("order", [0, 2, 1, 3])
    g.add("Transpose", "turned", ["input", "order"])
    g.add("Squeeze", "map", ["turned"], squeeze_dims=[0])
    g.ints("zero", 0)
    g.add("ExpandDims", "image", ["map", "zero"])
    conv(g, "conv", "image", w, padding="VALID")
    save("turned", g, x, F.conv2d(nchw(x).transpose(2, 3), oihw(w)))


# ---- heads ----

def mean_head():
    g, x = start(6, 5)
    wc, w, b = rand(3, 3, 3, 4), rand(7, 4), rand(7)
    conv(g, "conv", "input", wc)
    g.add("Relu", "relu", ["conv"])
    g.ints("axes", [1, 2])
    g.add("Mean", "mean", ["relu", "axes"], keep_dims=False)
    g.const("w", w)
    g.add("MatMul", "logits/MatMul", ["mean", "w"], transpose_a=False, transpose_b=True)
    g.const("b", b)
    g.add("Add", "logits", ["logits/MatMul", "b"])
    g.add("Softmax", "softmax", ["logits"])
    y = F.relu(F.conv2d(nchw(x), oihw(wc), padding=1)).mean((2, 3))
    save("mean_head", g, x, torch.softmax(y @ torch.tensor(w).T + torch.tensor(b), 1))


def flatten_head():
    """The size of the flattened map is computed from its shape, as Keras and slim write it."""
    g, x = start(4, 3)
    wc, w = rand(1, 1, 3, 2), rand(24, 5)
    conv(g, "conv", "input", wc)
    g.add("Shape", "shape", ["conv"], T=Type(FLOAT), out_type=Type(INT32))
    for name, value in (("b", [0]), ("e", [1]), ("s", [1]), ("rest_b", [1]), ("rest_e", [4])):
        g.ints(name, value)
    g.add("StridedSlice", "count", ["shape", "b", "e", "s"], shrink_axis_mask=1)
    g.add("StridedSlice", "rest", ["shape", "rest_b", "rest_e", "s"])
    g.ints("zero", [0])
    g.add("Prod", "size", ["rest", "zero"], keep_dims=False)
    g.add("Pack", "target", ["count", "size"], N=2, axis=0)
    g.add("Reshape", "flat", ["conv", "target"])
    g.const("w", w)
    g.add("MatMul", "logits", ["flat", "w"])
    g.add("LogSoftmax", "scores", ["logits"])
    y = nhwc(F.conv2d(nchw(x), oihw(wc))).reshape(1, 24) @ torch.tensor(w)
    save("flatten_head", g, x, torch.log_softmax(y, 1))


def arithmetic():
    g, x = start(3, 4)
    c = np.abs(rand(3)) + 0.5
    g.const("c", c)
    g.const("two", np.float32(2))
    steps = [("Square", ["input"]), ("SquaredDifference", ["Square", "c"]), ("AddV2", ["SquaredDifference", "two"]),
             ("Rsqrt", ["AddV2"]), ("RealDiv", ["input", "Rsqrt"]), ("LeakyRelu", ["RealDiv"]), ("Tanh", ["LeakyRelu"]),
             ("Sigmoid", ["Tanh"]), ("Log", ["Sigmoid"]), ("Neg", ["Log"]), ("Sqrt", ["Neg"]), ("Exp", ["Sqrt"]),
             ("Softplus", ["Exp"]), ("Selu", ["Tanh"]), ("Sub", ["Softplus", "Selu"]), ("Abs", ["Sub"]),
             ("Pow", ["Abs", "two"]), ("Mul", ["Pow", "c"]), ("Maximum", ["Mul", "input"]), ("Minimum", ["Maximum", "two"]),
             ("Erf", ["Minimum"]), ("AddN", ["Erf", "Mul", "input"])]
    for op, inputs in steps:
        g.add(op, op, inputs, **({"alpha": 0.25} if op == "LeakyRelu" else {}))
    t, s = torch.tensor(x), torch.tensor(c)
    r = F.leaky_relu(t / torch.rsqrt((t * t - s) ** 2 + 2), 0.25)
    th = torch.tanh(r)
    m = (F.softplus(torch.exp(torch.sqrt(-torch.log(torch.sigmoid(th))))) - F.selu(th)).abs() ** 2 * s
    y = torch.erf(torch.minimum(torch.maximum(m, t), torch.tensor(2.0))) + m + t
    save("arithmetic", g, x, nchw(y))


def reductions():
    """Over channels and over a row, kept and dropped dimensions, a scalar axis."""
    g, x = start(4, 5)
    g.ints("channels", 3)
    g.ints("rows", [1])
    g.add("Max", "max", ["input", "channels"], keep_dims=True)
    g.add("Sub", "shifted", ["input", "max"])
    g.add("Sum", "sum", ["shifted", "rows"], keep_dims=False)
    g.ints("columns", [-2])
    g.add("Min", "min", ["sum", "columns"], keep_dims=False)
    t = torch.tensor(x)
    save("reductions", g, x, (t - t.amax(3, keepdim=True)).sum(1).amin(1))


def types():
    """Constants in every type and form: raw bytes, typed fields, fewer numbers than elements, none at all."""
    g, x = start(2, 3)
    half = np.array([1.5, -0.25, 2**-20], np.float16)
    bits = [int(v) for v in half.view(np.uint16)]
    forms = {
        "raw_half": tensor(half),
        "half": typed(HALF, [3], half_val=bits),
        "bfloat16": typed(BFLOAT16, [3], half_val=[0x3FC0, 0xBE80, 0x4040]),  # 1.5, -0.25, 3
        "raw_bfloat16": number(1, BFLOAT16) + block(2, block(2, number(1, 3))) + block(4, bytes.fromhex("c03f80be4040")),
        "double": typed(DOUBLE, [3], double_val=[0.5, 1.5, 2.5]),
        "spread": typed(FLOAT, [3], float_val=[1.0, 2.0]),
        "zeros": typed(FLOAT, [3]),
        "bytes": typed(UINT8, [3], int_val=[1, 200, 255]),
        "raw_ints": tensor(np.array([4, 5, -6], np.int64)),
        "ints": typed(INT64, [3], int64_val=[7, -8]),
        "bools": typed(BOOL, [3], bool_val=[1, 0, 1]),
    }
    whole = {"bytes": UINT8, "raw_ints": INT64, "ints": INT64, "bools": BOOL}
    summed = []
    for name, form in forms.items():
        g.add("Const", name, dtype=Type(FLOAT), value=Raw(form))
        if name in whole:
            g.add("Cast", name + "_float", [name], SrcT=Type(whole[name]), DstT=Type(FLOAT))
        summed.append(name + "_float" if name in whole else name)
    g.add("AddN", "sum", summed)
    g.ints("dims", [3])
    g.const("fill_value", np.float32(0.125))
    g.add("Fill", "filled", ["dims", "fill_value"])
    g.add("Mul", "scaled", ["sum", "filled"])
    g.add("Mul", "output", ["input", "scaled"])
    total = 2 * half.astype(np.float32) + 2 * np.array([1.5, -0.25, 3]) + [0.5, 1.5, 2.5] + [1, 2, 2]
    total = total + [1, 200, 255] + [4, 5, -6] + [7, -8, -8] + [1, 0, 1]
    save("types", g, x, nchw(x * total.astype(np.float32) * np.float32(0.125)))


def leftovers():
    """Two classifiers and what training leaves behind: savers, summaries, a loss, variables, control inputs. The deeper
    classifier comes first in the file."""
    g, x = start(4, 4, declared=False)
    g.placeholder("labels", [None], INT32)
    w, d = rand(3, 3, 3, 4), rand(4, 6)
    g.add("NoOp", "init")
    g.add("VariableV2", "global_step", dtype=Type(INT32), shape=Shape([]))
    g.add("Assert", "check", ["finite", "global_step"])
    conv(g, "conv", "input:0", w)
    g.add("CheckNumerics", "finite", ["conv:0", "^init", "^check"], message="not finite")
    g.ints("axes", [1, 2])
    g.add("Relu", "relu", ["finite"])
    g.add("Mean", "deep_mean", ["relu", "axes"], keep_dims=False)
    g.const("d", d)
    g.add("MatMul", "deep_logits", ["deep_mean", "d"])
    g.add("Softmax", "deep", ["deep_logits"])
    g.add("Identity", "deep_output", ["deep"])
    g.add("StopGradient", "deep_alias", ["deep_output"])
    g.add("Mean", "side_mean", ["finite", "axes"], keep_dims=False)
    g.add("Softmax", "side", ["side_mean"])
    g.add("Identity", "side_output", ["side"])
    g.ints("zero", 0)
    g.add("ArgMax", "prediction", ["deep", "zero"])
    g.add("SparseSoftmaxCrossEntropyWithLogits", "loss", ["deep_logits", "labels"])
    g.add("Const", "tag", dtype=Type(STRING))
    g.add("HistogramSummary", "summary", ["tag", "relu"])
    y = F.relu(F.conv2d(nchw(x), oihw(w), padding=1)).mean((2, 3))
    save("leftovers", g, x, torch.softmax(y @ torch.tensor(d), 1))


def branches():
    """A block of branches, named as inception5h names them."""
    g, x = start(9, 8)

    def unit(name, source, channels, size, w_in):
        w, b = rand(size, size, w_in, channels), rand(channels)
        conv(g, name + "_pre_relu/conv", source, w)
        g.const(name + "_b", b)
        g.add("BiasAdd", name + "_pre_relu", [name + "_pre_relu/conv", name + "_b"])
        g.add("Relu", name, [name + "_pre_relu"])
        return lambda t: F.relu(F.conv2d(t, oihw(w), torch.tensor(b), padding=size // 2))

    first = unit("conv0", "input", 4, 3, 3)
    one = unit("mixed_1x1", "conv0", 2, 1, 4)
    bottleneck = unit("mixed_3x3_bottleneck", "conv0", 3, 1, 4)
    three = unit("mixed_3x3", "mixed_3x3_bottleneck", 4, 3, 3)
    g.ints("mixed/concat_dim", 3)
    g.add("Concat", "mixed", ["mixed/concat_dim", "mixed_1x1", "mixed_3x3"], N=2)
    second = unit("conv1", "mixed", 5, 3, 6)
    g.ints("axes", [1, 2])
    g.add("Mean", "conv1/mean", ["conv1", "axes"], keep_dims=False)
    t = first(nchw(x))
    y = second(torch.cat([one(t), three(bottleneck(t))], 1))
    save("branches", g, x, y.mean((2, 3)))


# ---- broken ----

def bad(name, change):
    g = Graph()
    g.placeholder("input", [None, 8, 8, 3])
    change(g)
    g.save(os.path.join(OUT, f"bad_{name}.pb"))


def broken():
    w = rand(3, 3, 3, 2)

    def with_weight(form):
        def change(g):
            g.add("Const", "w", dtype=Type(FLOAT), value=Raw(form))
            g.add("Conv2D", "conv", ["input", "w"], strides=[1, 1, 1, 1], padding="SAME")
        return change

    def with_conv(**attributes):
        return lambda g: conv(g, "conv", "input", w, **attributes)

    def add(*nodes):
        def change(g):
            for op, name, inputs, *attributes in nodes:
                g.add(op, name, inputs, **(attributes[0] if attributes else {}))
        return change

    def variable(g):
        g.add("VarHandleOp", "conv/kernel", dtype=Type(FLOAT), shape=Shape([3, 3, 3, 2]))
        g.add("ReadVariableOp", "conv/read", ["conv/kernel"])
        g.add("Conv2D", "conv", ["input", "conv/read"], strides=[1, 1, 1, 1], padding="SAME")

    bad("variable", variable)
    bad("cycle", add(("Add", "a", ["input", "b"]), ("Relu", "b", ["a"]), ("Relu", "c", ["b"])))
    bad("missing", add(("Relu", "relu", ["nobody"]), ("Add", "sum", ["input", "relu"])))
    bad("twice", add(("Relu", "relu", ["input"]), ("Relu", "relu", ["input"])))
    bad("operator", add(("FractionalMaxPool", "pool", ["input"])))
    bad("branch", add(("Switch", "switch", ["input", "input"]), ("Relu", "relu", ["switch"])))
    bad("port", add(("Relu", "relu", ["input"]), ("Tanh", "tanh", ["relu:3"])))
    bad("inputs", add(("Relu", "relu", ["input", "input"])))
    bad("name", add(("Relu", "a:1", ["input"])))
    bad("second_image", lambda g: (g.placeholder("other", [None, 8, 8, 3]), g.add("Add", "sum", ["input", "other"])))
    bad("second_input", lambda g: (g.placeholder("keep", []), g.add("Mul", "product", ["input", "keep"])))
    bad("no_output", lambda g: None)
    bad("attributes", lambda g: g.add("Relu", "relu", ["input"], **{f"a{i}": i for i in range(65)}))
    bad("huge", with_weight(number(1, FLOAT) + block(2, b"".join(block(2, number(1, 1 << 40)) for _ in range(4)))))
    bad("spread", with_weight(typed(FLOAT, [1 << 10, 1 << 10, 3, 1 << 6], float_val=[1.0])))
    bad("spread_often", lambda g: [with_spread(g, i) for i in range(40)])
    bad("negative", with_weight(typed(FLOAT, [3, 3, None, 2], float_val=[1.0])))
    bad("short", with_weight(number(1, FLOAT) + block(2, block(2, number(1, 9))) + block(4, b"1234")))
    bad("numbers", with_weight(typed(FLOAT, [2], float_val=[1.0, 2.0, 3.0])))
    bad("weight_type", with_weight(tensor(np.ones((3, 3, 3, 2), np.int32))))
    bad("weight_rank", with_weight(tensor(np.ones((3, 3, 3), np.float32))))
    bad("element", with_weight(number(1, STRING) + block(2, b"")))
    bad("no_value", add(("Const", "w", []), ("Conv2D", "conv", ["input", "w"], {"strides": [1, 1, 1, 1],
                                                                                 "padding": "SAME"})))
    bad("padding", with_conv(padding="FULL"))
    bad("padding_kind", with_conv(padding=[1, 1]))
    bad("strides", with_conv(strides="two"))
    bad("stride_count", with_conv(strides=[1, 2]))
    bad("stride_images", with_conv(strides=[2, 1, 1, 1]))
    bad("stride_negative", with_conv(strides=[1, -1, 1, 1]))
    bad("layout", with_conv(data_format="CHWN"))
    bad("explicit", with_conv(padding="EXPLICIT", explicit_paddings=[0, 0, -1, 0, 0, 2, 0, 0]))
    bad("radius", add(("LRN", "lrn", ["input"], {"depth_radius": -4})))
    bad("training", lambda g: ([g.const(n, rand(3)) for n in "abcd"],
                               g.add("FusedBatchNorm", "norm", ["input", *"abcd"], is_training=True)))
    bad("axis", add(("Relu", "axis", ["input"]), ("ConcatV2", "joined", ["input", "input", "axis"])))
    bad("mirror", lambda g: (g.ints("p", [[0, 0]] * 4), g.add("MirrorPad", "pad", ["input", "p"], mode="SYMMETRIC")))
    bad("cut", lambda g: (g.ints("b", [2, 2]), g.ints("p", [[0, 0], [0, 0]]),
                          g.add("SpaceToBatchND", "cut", ["input", "b", "p"])))
    bad("split", lambda g: (g.ints("axis", 3), g.add("Split", "split", ["axis", "input"], num_split=1 << 40)))
    bad("slice", lambda g: ([g.ints(n, v) for n, v in (("b", [0]), ("e", [1]), ("s", [0]))],
                            g.add("StridedSlice", "slice", ["input", "b", "e", "s"])))

    def rank(g):
        g.nodes.clear()
        g.placeholder("input", [None, 64])
        g.add("Relu", "relu", ["input"])

    bad("rank", rank)


def with_spread(g, i):
    g.add("Const", f"w{i}", value=Raw(typed(FLOAT, [1 << 22], float_val=[1.0])))
    g.add("Add", f"a{i}", ["input", f"w{i}"])


def main():
    os.makedirs(OUT, exist_ok=True)
    for case in (conv_same, conv_valid, conv_explicit, conv_dilated, conv_cut_apart, conv_channels_first, depthwise, pools,
                 lrn, batch_norms, resize, concats, splits, pads, slices, turned, mean_head, flatten_head, arithmetic,
                 reductions, types, leftovers, branches):
        case()
    broken()


if __name__ == "__main__":
    main()
