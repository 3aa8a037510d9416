#!/usr/bin/env python3
"""Writes the small ONNX files of tests/data/onnx: good ones of several exporters' habits, and broken ones.

usage: make_onnx_fixtures.py OUT_DIR        (Debian packages: python3-onnx python3-numpy)
Weights are seeded; the same script writes the same bytes.
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "onnx")
RNG = np.random.default_rng(5)


def weight(name, *shape):
    return numpy_helper.from_array(RNG.normal(0, 0.3, shape).astype(np.float32), name)


def image(name="data", shape=("n", 3, "h", "w")):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def output(name, rank=2):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * rank)


def save(name, nodes, outputs, inputs=None, initializers=(), opset=13, change=None):
    graph = helper.make_graph(nodes, "fixture", inputs or [image()], outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="")
    model.ir_version = 7
    if change:
        change(model)
    with open(os.path.join(OUT, name + ".onnx"), "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


class Net:
    """Nodes named by module path, as torch.onnx.export writes them."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, op, path, inputs, out=None, shapes=(), **attributes):
        names = [f"{path.strip('/').replace('/', '.')}.{kind}" for kind, _ in zip(("weight", "bias"), shapes)]
        self.weights += [weight(n, *s) for n, s in zip(names, shapes)]
        node = f"{path}/{op}"
        value = out or node + "_output_0"
        self.nodes.append(helper.make_node(op, list(inputs) + names, [value], name=node, **attributes))
        return value

    def conv(self, path, x, cin, cout, k, **attributes):
        return self.add("Conv", path, [x], shapes=[(cout, cin, k, k), (cout,)], kernel_shape=[k, k], **attributes)


def squeeze():
    """SqueezeNet's shape in small."""
    net = Net()
    x = net.conv("/features/features.0", "data", 3, 4, 3, strides=[2, 2])
    x = net.add("Relu", "/features/features.1", [x])
    x = net.add("MaxPool", "/features/features.2", [x], kernel_shape=[3, 3], strides=[2, 2])
    for i, cin in ((3, 4), (4, 6)):
        base = f"/features/features.{i}"
        s = net.conv(base + "/squeeze", x, cin, 2, 1)
        s = net.add("Relu", base + "/squeeze_activation", [s])
        a = net.add("Relu", base + "/expand1x1_activation", [net.conv(base + "/expand1x1", s, 2, 3, 1)])
        b = net.add("Relu", base + "/expand3x3_activation",
                    [net.conv(base + "/expand3x3", s, 2, 3, 3, pads=[1, 1, 1, 1])])
        x = net.add("Concat", base, [a, b], axis=1)
    x = net.conv("/classifier/classifier.1", x, 6, 5, 1)
    x = net.add("GlobalAveragePool", "/classifier/classifier.3", [x])
    net.add("Flatten", "", [x], out="logits")
    save("squeeze", net.nodes, [output("logits")], initializers=net.weights)


def residual():
    """ResNet's naming: stages of blocks, a reused activation, a linear head."""
    net = Net()
    x = net.add("Relu", "/relu", [net.conv("/conv1", "data", 3, 4, 3, pads=[1, 1, 1, 1])])
    for i in range(2):
        base = f"/layer1/layer1.{i}"
        y = net.add("Relu", base + "/relu", [net.conv(base + "/conv1", x, 4, 4, 3, pads=[1, 1, 1, 1])])
        y = net.conv(base + "/conv2", y, 4, 4, 3, pads=[1, 1, 1, 1])
        x = net.add("Relu", base + "/relu_1", [net.add("Add", base, [y, x])])
    x = net.add("Flatten", "", [net.add("GlobalAveragePool", "/avgpool", [x])])
    net.add("Gemm", "/fc", [x], out="scores", shapes=[(5, 4), (5,)], transB=1)
    save("residual", net.nodes, [output("scores")], initializers=net.weights)


def caffe():
    """Old habits: weights listed as inputs, nodes without names, named values, a Softmax, fixed sizes."""
    weights = [weight("conv1_w", 4, 3, 5, 5), weight("conv1_b", 4), weight("fc_w", 3, 4), weight("fc_b", 3)]
    nodes = [
        helper.make_node("Conv", ["data", "conv1_w", "conv1_b"], ["conv1_1"], kernel_shape=[5, 5], pads=[2, 2, 2, 2]),
        helper.make_node("Relu", ["conv1_1"], ["conv1_2"]),
        helper.make_node("GlobalAveragePool", ["conv1_2"], ["pool1_1"]),
        helper.make_node("Flatten", ["pool1_1"], ["flat_1"]),
        helper.make_node("Dropout", ["flat_1"], ["drop_1", "drop_mask"]),
        helper.make_node("Gemm", ["drop_1", "fc_w", "fc_b"], ["fc_1"], transB=1),
        helper.make_node("Softmax", ["fc_1"], ["prob_1"]),
    ]
    inputs = [image("data", (1, 3, 20, 24))]
    inputs += [helper.make_tensor_value_info(w.name, TensorProto.FLOAT, w.dims) for w in weights]
    save("caffe", nodes, [output("prob_1")], inputs, weights, opset=7)


def numbered():
    """PyTorch before 1.13: running numbers for values."""
    weights = [weight("features.0.weight", 4, 3, 3, 3), weight("features.0.bias", 4)]
    nodes = [
        helper.make_node("Conv", ["input.1", "features.0.weight", "features.0.bias"], ["12"], name="Conv_0",
                         kernel_shape=[3, 3]),
        helper.make_node("Relu", ["12"], ["input.4"], name="Relu_1"),
        helper.make_node("GlobalAveragePool", ["input.4"], ["14"], name="GlobalAveragePool_2"),
        helper.make_node("Flatten", ["14"], ["15"], name="Flatten_3"),
    ]
    save("numbered", nodes, [output("15")], [image("input.1", (1, 3, 16, 16))], weights)


def geometry():
    """Linear, so that gradients show receptive fields: strides, dilation, uneven padding, auto_pad, averages."""
    net = Net()
    x = net.conv("/a", "data", 3, 2, 3, strides=[2, 2], pads=[1, 0, 0, 1])
    y = net.add("AveragePool", "/b", [x], kernel_shape=[2, 2], strides=[2, 2])
    y = net.conv("/c", y, 2, 2, 3, dilations=[2, 2], pads=[2, 2, 2, 2])
    y = net.add("Conv", "/d", [y], shapes=[(2, 2, 1, 5), (2,)], kernel_shape=[1, 5], auto_pad="SAME_UPPER")
    z = net.conv("/e", x, 2, 2, 1, strides=[2, 2])
    net.add("Concat", "/f", [y, z], out="joined", axis=1)
    save("geometry", net.nodes, [output("joined", 4)], initializers=net.weights)


def enlarging():
    """Linear, with layers that make the map larger again in different ways, or smaller without a window."""
    net = Net()
    x = net.conv("/a", "data", 3, 4, 3, strides=[2, 2], pads=[1, 1, 1, 1])

    def resize(path, factor, **attributes):
        net.weights.append(numpy_helper.from_array(np.array([1, 1, factor, factor], np.float32), path + ".scales"))
        net.add("Resize", path, [x, "", path + ".scales"], out=path[1:], **attributes)

    resize("/nearest", 2, coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    resize("/linear", 2, mode="linear")
    resize("/smaller", 0.5, mode="linear")
    net.add("ConvTranspose", "/even", [x], out="even", shapes=[(4, 2, 4, 4), (2,)], strides=[2, 2], pads=[1, 1, 1, 1])
    net.add("ConvTranspose", "/odd", [x], out="odd", shapes=[(4, 2, 3, 3), (2,)], strides=[2, 2], pads=[1, 1, 1, 1],
            output_padding=[1, 1])
    net.add("DepthToSpace", "/space", [x], out="space", blocksize=2)
    net.add("SpaceToDepth", "/depth", [x], out="depth", blocksize=2)
    net.add("InstanceNormalization", "/norm", [x], out="norm", shapes=[(4,), (4,)])
    names = ("nearest", "linear", "smaller", "even", "odd", "space", "depth", "norm")
    save("enlarging", net.nodes, [output(n, 4) for n in names], initializers=net.weights)


def channels_last():
    """ConvNeXt's block: linear layers and a normalisation over channels that were moved to the end."""
    net = Net()
    x = net.conv("/a", "data", 3, 4, 2, strides=[2, 2])
    y = net.conv("/b", x, 4, 4, 3, pads=[1, 1, 1, 1])
    y = net.add("Transpose", "/last", [y], perm=[0, 2, 3, 1])
    y = net.add("LayerNormalization", "/norm", [y], shapes=[(4,), (4,)], axis=-1)
    y = net.add("MatMul", "/linear", [y], shapes=[(4, 6)])
    matrix = net.add("Transpose", "/turned", [], shapes=[(4, 6)], perm=[1, 0])
    y = net.add("MatMul", "/narrow", [y, matrix])
    y = net.add("Transpose", "/first", [y], perm=[0, 3, 1, 2])
    y = net.add("Add", "/c", [x, y], out="block")
    z = net.add("Transpose", "/mixed", [y], perm=[0, 3, 2, 1])
    net.add("Relu", "/d", [z], out="mixed")
    save("channels_last", net.nodes, [output("block", 4), output("mixed", 4)], initializers=net.weights, opset=17)


def fixed_head():
    """Open dimensions, but a linear layer that counts on 32x32 images (head) or on none that is usual (odd)."""
    for name, features in (("fixed_head", 2 * 15 * 15), ("odd_head", 2 * 7 * 7)):
        net = Net()
        x = net.conv("/a", "data", 3, 2, 3, strides=[2, 2])
        x = net.add("Flatten", "", [x])
        net.add("Gemm", "/fc", [x], out="logits", shapes=[(3, features), (3,)], transB=1)
        save(name, net.nodes, [output("logits")], initializers=net.weights)


def grey():
    net = Net()
    x = net.conv("/a", "data", 1, 2, 3)
    net.add("Relu", "/b", [x], out="y")
    save("grey", net.nodes, [output("y", 4)], [image("data", (1, "c", 12, 12))], net.weights)


def types():
    """One tensor of every form: name_FORM."""
    t = TensorProto
    values = np.array([[0.5, -2.0, 3.0]])
    tensors = [
        helper.make_tensor("f32_typed", t.FLOAT, [1, 3], values.ravel()),
        numpy_helper.from_array(values.astype(np.float32), "f32_raw"),
        helper.make_tensor("f64_typed", t.DOUBLE, [1, 3], values.ravel()),
        numpy_helper.from_array(values, "f64_raw"),
        helper.make_tensor("f16_typed", t.FLOAT16, [1, 3], values.astype(np.float16).ravel()),
        numpy_helper.from_array(values.astype(np.float16), "f16_raw"),
        numpy_helper.from_array(np.array([6e-8, 65504, np.inf, -0.0]).astype(np.float16), "f16_edges"),
        helper.make_tensor("bf16_raw", t.BFLOAT16, [1, 3],
                           (values.astype(np.float32).view(np.uint32) >> 16).astype("<u2").tobytes(), raw=True),
        numpy_helper.from_array(np.array([7, -9], np.int64), "i64_raw"),
        helper.make_tensor("i64_typed", t.INT64, [2], [7, -9]),
        numpy_helper.from_array(np.array([7, -9], np.int32), "i32_raw"),
        helper.make_tensor("i32_typed", t.INT32, [2], [7, -9]),
        numpy_helper.from_array(np.array([7, 255], np.uint8), "u8_raw"),
        helper.make_tensor("u8_typed", t.UINT8, [2], [7, 255]),
        numpy_helper.from_array(np.array([True, False]), "bool_raw"),
        helper.make_tensor("bool_typed", t.BOOL, [2], [1, 0]),
        numpy_helper.from_array(np.array(4.0, np.float32), "scalar"),
        numpy_helper.from_array(np.zeros((0, 2), np.float32), "empty"),
    ]
    bf16 = t(name="bf16_typed", data_type=t.BFLOAT16, dims=[1, 3])
    bf16.int32_data.extend(int(v) for v in values.astype(np.float32).view(np.uint32).ravel() >> 16)
    nodes = [
        helper.make_node("Constant", [], ["c_tensor"],
                         value=numpy_helper.from_array(values.astype(np.float32), "inner")),
        helper.make_node("Constant", [], ["c_float"], value_float=1.5),
        helper.make_node("Constant", [], ["c_int"], value_int=-3),
        helper.make_node("Constant", [], ["c_ints"], value_ints=[4, 5]),
        helper.make_node("Constant", [], ["c_floats"], value_floats=[0.25, 8]),
        helper.make_node("Relu", ["data"], ["y"]),
    ]
    save("types", nodes, [output("y", 4)], initializers=tensors + [bf16])


def kinds():
    """Element types that must fit together: a stretch of float64, int32 arithmetic on the shape, booleans."""
    t, array = TensorProto, numpy_helper.from_array
    node = helper.make_node
    weights = [array(np.array([0.5], np.float64), "half"), array(np.array([1], np.int64), "one"),
               array(np.array([3], np.int32), "three"), array(np.array([True]), "yes")]
    nodes = [
        node("Cast", ["data"], ["wide"], name="widen", to=t.DOUBLE),
        node("Mul", ["wide", "half"], ["halved"], name="halve"),
        node("Shape", ["data"], ["size"], name="measure"),
        node("Gather", ["size", "one"], ["channels"], name="choose", axis=0),
        node("Cast", ["channels"], ["channels32"], name="narrow", to=t.INT32),
        node("Equal", ["channels32", "three"], ["is_three"], name="compare"),
        node("And", ["is_three", "yes"], ["both"], name="join"),
        node("ConstantOfShape", ["one"], ["filled"], name="fill", value=helper.make_tensor("v", t.DOUBLE, [1], [0.25])),
        node("ConstantOfShape", ["one"], ["counted"], name="count", value=helper.make_tensor("v", t.INT32, [1], [3])),
        node("Sub", ["counted", "three"], ["zero"], name="subtract"),
        node("Cast", ["zero"], ["zero64"], name="widen_again", to=t.DOUBLE),
        node("Where", ["both", "halved", "filled"], ["chosen"], name="where"),
        node("Add", ["chosen", "zero64"], ["sum"], name="add"),
        node("Cast", ["sum"], ["single"], name="end", to=t.FLOAT),
        node("Relu", ["single"], ["y"], name="relu"),
    ]
    save("kinds", nodes, [output("y", 4)], [image("data", ("batch", 3, 8, 8))], weights)


def external():
    data = RNG.normal(0, 1, 4 * 3 * 3 * 3 + 4).astype("<f4")
    with open(os.path.join(OUT, "external.bin"), "wb") as file:
        file.write(b"\0" * 64 + data.tobytes())

    def tensor(name, dims, entries):
        result = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims, data_location=TensorProto.EXTERNAL)
        for key, value in entries.items():
            result.external_data.add(key=key, value=str(value))
        return result

    def variant(name, **entries):
        where = {"location": "external.bin", "offset": 64, "length": 432, **entries}
        tensors = [tensor("w", [4, 3, 3, 3], where),
                   tensor("b", [4], {"location": "external.bin", "offset": 64 + 432})]
        node = helper.make_node("Conv", ["data", "w", "b"], ["y"], name="conv", kernel_shape=[3, 3])
        save(name, [node], [output("y", 4)], initializers=tensors)

    variant("external")
    variant("bad_external_escape", location="../external.bin")
    variant("bad_external_absolute", location="/etc/hostname")
    variant("bad_external_missing", location="nothing.bin")
    variant("bad_external_end", offset=1000)
    variant("bad_external_offset", offset=-4)
    variant("bad_external_length", length=431)


def broken():
    relu = helper.make_node("Relu", ["data"], ["y"], name="only")
    y = [output("y", 4)]

    def dims(values, data=b"\0" * 16):
        return TensorProto(name="x", data_type=TensorProto.FLOAT, dims=values, raw_data=data)

    node = helper.make_node
    save("bad_cycle", [node("Add", ["data", "b"], ["a"], name="first"), node("Relu", ["a"], ["b"], name="second"),
                       node("Relu", ["b"], ["y"], name="third")], y)
    save("bad_missing", [node("Add", ["data", "nowhere"], ["y"], name="sum")], y)
    save("bad_twice", [relu, node("Relu", ["data"], ["y"], name="again")], y)
    save("bad_output", [relu], [output("z", 4)])
    save("bad_negative", [relu], y, initializers=[dims([-2, 2])])
    save("bad_enormous", [relu], y, initializers=[dims([1 << 40, 1 << 40])])
    save("bad_claim", [relu], y, initializers=[dims([1 << 15, 1 << 15])])
    save("bad_raw", [relu], y, initializers=[dims([2, 2], b"\0" * 15)])
    save("bad_typed", [relu], y, initializers=[TensorProto(name="x", data_type=1, dims=[3], float_data=[1, 2])])
    save("bad_type", [relu], y, initializers=[TensorProto(name="x", data_type=8, dims=[1], string_data=[b"a"])])
    save("bad_rank", [relu], y, initializers=[dims([1] * 9, b"\0" * 4)])
    save("bad_duplicate", [relu], y, initializers=[dims([2, 2]), dims([2, 2])])
    save("bad_two_inputs", [node("Add", ["left", "right"], ["y"], name="sum")], y, [image("left"), image("right")])
    save("bad_input_rank", [relu], y, [image("data", (1, 3))])
    save("bad_domain", [node("Relu", ["data"], ["y"], name="only", domain="com.example")], y)
    save("bad_operator", [node("Einmalig", ["data"], ["y"], name="only")], y)
    branch = helper.make_graph([node("Relu", ["data"], ["z"])], "branch", [], [output("z", 4)])
    save("bad_subgraph", [node("If", ["data"], ["y"], name="choice", then_branch=branch, else_branch=branch)], y)

    def no_graph(model):
        model.ClearField("graph")

    def function(model):
        model.functions.add(name="f")

    def sparse(model):
        model.graph.sparse_initializer.add()

    save("bad_no_graph", [relu], y, change=no_graph)
    save("bad_function", [relu], y, change=function)
    save("bad_sparse", [relu], y, change=sparse)


class LastNet:
    """Channels last: convolutions between two Transposes, as Keras' networks look in ONNX before anybody tidies up."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, op, name, inputs, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name + ":0"], name=name, **attributes))
        return name + ":0"

    def const(self, name, values):
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def random(self, name, *shape):
        self.weights.append(weight(name, *shape))
        return name

    def first(self, op, name, x, *rest, **attributes):
        """An operator that knows channels first alone."""
        x = self.add("Transpose", name + "__to", [x], perm=[0, 3, 1, 2])
        x = self.add(op, name + "__first", [x, *rest], **attributes)
        return self.add("Transpose", name, [x], perm=[0, 2, 3, 1])

    def conv(self, name, x, cin, cout, k, **attributes):
        x = self.first("Conv", name + "/Conv2D", x, self.random(name + "/kernel", cout, cin, k, k),
                       kernel_shape=[k, k], **attributes)
        return self.add("Add", name + "/BiasAdd", [x, self.random(name + "/bias", cout)])


def keras():
    """Everything that moves over to channels first, and a Reshape, which does not."""
    net = LastNet()
    x = net.add("Pad", "stem_pad", ["input_1", net.const("stem_pads", np.array([0, 1, 0, 0, 0, 0, 1, 0]))])
    x = net.conv("stem", x, 3, 6, 3, strides=[2, 2], auto_pad="SAME_UPPER")
    norm = [net.const(f"bn/{n}", RNG.uniform(0.5, 1.5, 6).astype(np.float32)) for n in ("gamma", "beta", "mean", "var")]
    x = net.first("BatchNormalization", "bn", x, *norm)
    x = net.add("Clip", "relu6", [x, net.const("zero", np.float32(0)), net.const("six", np.float32(6))])
    a = net.conv("branch_a", x, 6, 4, 1)
    b = net.conv("branch_b", net.add("Relu", "branch_b_relu", [x]), 6, 3, 3, auto_pad="SAME_UPPER")
    x = net.add("Concat", "mixed", [a, b], axis=-1)
    x = net.first("MaxPool", "pool", x, kernel_shape=[2, 2], strides=[2, 2])
    gate = net.add("ReduceMean", "se_mean", [x], axes=[1, 2], keepdims=1)
    gate = net.add("Sigmoid", "se_gate", [net.conv("se", gate, 7, 7, 1)])
    x = net.add("Mul", "se_scale", [x, gate])
    mean = net.add("ReduceMean", "ln_mean", [x], axes=[3], keepdims=1)
    x = net.add("Sub", "ln", [x, mean])
    x = net.add("PRelu", "prelu", [x, net.random("alpha", 1, 1, 7)])
    x = net.add("Mul", "map_scale", [x, net.random("scale", 6, 7, 1)])
    parts = helper.make_node("Split", [x, net.const("sizes", np.array([3, 4]))], ["left:0", "right:0"], name="parts",
                             axis=3)
    net.nodes.append(parts)
    x = net.add("Concat", "swapped", ["right:0", "left:0"], axis=3)
    x = net.add("Slice", "crop", [x, net.const("starts", np.array([1, 1])), net.const("ends", np.array([5, 7])),
                                  net.const("axes", np.array([1, -1]))])
    x = net.conv("late", x, 6, 6, 3, auto_pad="SAME_UPPER")
    x = net.add("Softmax", "over_channels", [x], axis=-1)
    flat = net.add("Reshape", "flatten", [x, net.const("flat_shape", np.array([-1, 4 * 7 * 6]))])
    flat = net.add("MatMul", "dense_a", [flat, net.random("dense_a/kernel", 4 * 7 * 6, 5)])
    pooled = net.add("ReduceMean", "pooled", [x], axes=[1, 2], keepdims=0)
    x = net.add("Add", "dense", [flat, net.add("MatMul", "dense_b", [pooled, net.random("dense_b/kernel", 6, 5)])])
    net.add("Softmax", "predictions", [x], axis=-1)
    save("keras", net.nodes, [output("predictions:0")], [image("input_1", (None, 25, 29, 3))], net.weights)


def tokens():
    """A transformer in small: patches become tokens [N,T,C], heads attend, a map [N,H,W,C] comes last."""
    net = LastNet()  # its nodes have plain names
    x = net.add("Conv", "patches", ["image", net.random("patch_w", 8, 3, 4, 4)], kernel_shape=[4, 4], strides=[4, 4])
    x = net.add("Reshape", "grid", [x, net.const("grid_shape", np.array([0, 8, 16]))])
    x = net.add("Transpose", "tokens", [x], perm=[0, 2, 1])
    x = net.add("LayerNormalization", "norm", [x, net.random("norm_w", 8), net.random("norm_b", 8)], axis=-1)
    heads = {}
    for name, perm in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
        y = net.add("MatMul", name, [x, net.random(name + "_w", 8, 8)])
        y = net.add("Reshape", name + "_split", [y, net.const(name + "_shape", np.array([0, 16, 2, 4]))])
        heads[name] = net.add("Transpose", name + "_heads", [y], perm=perm)
    y = net.add("Softmax", "attention", [net.add("MatMul", "scores", [heads["query"], heads["key"]])], axis=-1)
    y = net.add("Transpose", "attended", [net.add("MatMul", "mixed", [y, heads["value"]])], perm=[0, 2, 1, 3])
    y = net.add("Reshape", "joined", [y, net.const("joined_shape", np.array([0, 16, 8]))])
    x = net.add("Add", "block", [x, y])
    m = net.add("Reshape", "map", [x, net.const("map_shape", np.array([0, 4, 4, 8]))])
    m = net.add("Relu", "hidden", [net.add("MatMul", "wider", [m, net.random("wider_w", 8, 12)])])
    x = net.add("ReduceMean", "pooled", [m], axes=[1, 2], keepdims=0)
    net.add("Gemm", "logits", [x, net.random("head_w", 12, 5)])
    save("tokens", net.nodes, [output("logits:0")], [image("image", ("n", 3, 16, 16))], net.weights, opset=17)


def gabors():
    """A first layer as trained networks have them: striped kernels of 7x7, a blob, an edge, noise."""
    y, x = np.mgrid[-3:4, -3:4].astype(float)
    net = Net()
    value = net.conv("/conv1", "data", 3, 8, 7, strides=[2, 2], pads=[3, 3, 3, 3])
    kernels = RNG.normal(0, 0.01, (8, 3, 7, 7))
    for i in range(5):
        theta, across = 0.2 + 0.6 * i, x * np.cos(0.2 + 0.6 * i) + y * np.sin(0.2 + 0.6 * i)
        along = y * np.cos(theta) - x * np.sin(theta)
        kernels[i] += np.exp(-(across**2 + 0.8 * along**2) / 8) * np.cos(2 * np.pi * across / (3 + 0.5 * i) + i)
    kernels[5] += np.array([0.5, -0.4, 0.1])[:, None, None] * np.exp(-(x**2 + y**2) / 4)
    kernels[6] += x * np.exp(-(x**2 + y**2) / 8) / 2
    kernels[7] = RNG.normal(0, 0.3, (3, 7, 7))
    net.weights[0] = numpy_helper.from_array(kernels.astype(np.float32), net.weights[0].name)
    value = net.add("Relu", "/relu1", [value])
    value = net.add("Relu", "/relu2", [net.conv("/conv2", value, 8, 6, 3, pads=[1, 1, 1, 1])])
    value = net.add("GlobalAveragePool", "/pool", [net.conv("/classifier", value, 6, 5, 1)])
    net.add("Flatten", "", [value], out="logits")
    save("gabors", net.nodes, [output("logits")], initializers=net.weights)


def main():
    os.makedirs(OUT, exist_ok=True)
    assert onnx.__version__
    for make in (squeeze, residual, caffe, numbered, geometry, fixed_head, grey, types, external, broken, kinds,
                 enlarging, channels_last, keras, tokens, gabors):
        make()


if __name__ == "__main__":
    main()
