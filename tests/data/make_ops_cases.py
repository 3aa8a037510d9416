#!/usr/bin/python3
"""Writes ops_cases.txt: single operators with the outputs and gradients PyTorch computes for them.

Run with Debian's python3-torch and python3-numpy:  python3 make_ops_cases.py > ops_cases.txt
The text is read by tests/engine/test_ops_cases.c; one item a line:

    case NAME OPERATOR OPSET OUTPUTS
    int|float|string|ints|floats NAME VALUES...        attributes
    tensor NAME DTYPE RANK DIMS... VALUES...
    in DTYPE free|constant RANK DIMS... VALUES...      inputs in order; "in none" for an absent one
    out DTYPE RANK DIMS... VALUES...                   expected outputs
    seed VALUES...                                     gradient of each float output, when there are gradients
    grad INPUT VALUES...                               expected gradient of an input
    end
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(5)


def smooth(*shape):
    """Random numbers for smooth functions."""
    return torch.tensor(rng.normal(size=shape).round(3), dtype=torch.float32)


def positive(*shape):
    return torch.tensor(rng.uniform(0.5, 2.0, size=shape).round(3), dtype=torch.float32)


def spaced(*shape):
    """All different and none near zero, so that small steps cross no kink."""
    n = int(np.prod(shape))
    return torch.tensor((rng.permutation(n) - n // 2 + 0.5) * 0.1, dtype=torch.float32).reshape(shape)


def ints(*values):
    return torch.tensor(values, dtype=torch.int64)


class Constant:
    """An input that is known while planning and has no gradient."""

    def __init__(self, tensor):
        self.tensor = tensor


def shortest(v):
    """The fewest digits that give the same float32."""
    text = str(np.float32(v))
    return text[:-2] if text.endswith(".0") else text


def numbers(t):
    flat = t.detach().reshape(-1).tolist()
    return " ".join(str(v) if t.dtype == torch.int64 else shortest(v) for v in flat)


def dtype(t):
    return "i64" if t.dtype == torch.int64 else "f32"


def described(t):
    return f"{t.dim()} {' '.join(map(str, t.shape))} {numbers(t)}"


def write_attribute(name, value):
    if isinstance(value, str):
        print("string", name, value)
    elif isinstance(value, bool) or isinstance(value, int):
        print("int", name, int(value))
    elif isinstance(value, float):
        print("float", name, shortest(value))
    elif isinstance(value, torch.Tensor):
        print("tensor", name, dtype(value), described(value))
    elif value and isinstance(value[0], float):
        print("floats", name, *[shortest(v) for v in value])
    else:
        print("ints", name, *value)


def case(name, op, inputs, function, opset=13, **attributes):
    leaves = []
    for x in inputs:
        if isinstance(x, Constant):
            leaves.append(x.tensor)
        elif x is not None and x.dtype == torch.float32:
            leaves.append(x.clone().requires_grad_())
        else:
            leaves.append(x)
    outputs = function(*leaves)
    if isinstance(outputs, torch.Tensor):
        outputs = [outputs]
    print("case", name, op, opset, len(outputs))
    for key, value in attributes.items():
        write_attribute(key, value)
    for given, x in zip(inputs, leaves):
        if x is None:
            print("in none")
        else:
            fixed = isinstance(given, Constant) or x.dtype == torch.int64
            print("in", dtype(x), "constant" if fixed else "free", described(x))
    for y in outputs:
        print("out", dtype(y), described(y))
    if any(y.requires_grad for y in outputs):
        loss = 0
        for y in outputs:
            seed = smooth(*y.shape)
            print("seed", numbers(seed))
            loss = loss + (seed * y).sum()
        loss.backward()
        for i, x in enumerate(leaves):
            if x is not None and x.requires_grad:
                print("grad", i, numbers(x.grad if x.grad is not None else torch.zeros_like(x)))
    print("end")


def pools():
    def window(x, f, kernel, **kw):
        return f(x, kernel, **kw)

    for name, kernel, stride, pad, dilation, ceil, shape in [
        ("3x3s2", (3, 3), (2, 2), (0, 0), (1, 1), False, (2, 3, 9, 11)),
        ("3x3s2_ceil", (3, 3), (2, 2), (0, 0), (1, 1), True, (1, 2, 8, 10)),
        ("3x3s2_padded", (3, 3), (2, 2), (1, 1), (1, 1), False, (1, 2, 7, 8)),
        ("3x3s1", (3, 3), (1, 1), (1, 1), (1, 1), False, (1, 2, 5, 6)),
        ("2x2s2", (2, 2), (2, 2), (0, 0), (1, 1), False, (2, 2, 6, 7)),
        ("2x2s2_ceil", (2, 2), (2, 2), (0, 0), (1, 1), True, (1, 2, 7, 5)),
        ("2x2s2_ceil_padded", (2, 2), (2, 2), (1, 1), (1, 1), True, (1, 1, 6, 7)),
        ("dilated", (3, 2), (1, 2), (1, 1), (2, 3), False, (1, 2, 8, 9)),
        ("tall", (5, 1), (1, 1), (2, 0), (1, 1), False, (1, 2, 6, 4)),
        ("big_window", (17, 16), (1, 3), (8, 4), (1, 1), False, (1, 1, 17, 17)),
    ]:
        attributes = dict(kernel_shape=list(kernel), strides=list(stride), pads=[*pad, *pad], dilations=list(dilation))
        if ceil:
            attributes["ceil_mode"] = 1
        case(
            "max_pool_" + name, "MaxPool", [spaced(*shape)],
            lambda x: F.max_pool2d(x, kernel, stride, pad, dilation, ceil), **attributes)
        if dilation != (1, 1):
            continue
        for include in (False, True):
            attributes = dict(kernel_shape=list(kernel), strides=list(stride), pads=[*pad, *pad],
                              count_include_pad=int(include), ceil_mode=int(ceil))
            case(
                f"average_pool_{name}_{int(include)}", "AveragePool", [smooth(*shape)],
                lambda x: F.avg_pool2d(x, kernel, stride, pad, ceil, include), **attributes)
    case("max_pool_ties", "MaxPool", [Constant(torch.ones(1, 1, 4, 4))], lambda x: F.max_pool2d(x, 2), kernel_shape=[2, 2],
         strides=[2, 2])
    case("max_pool_asymmetric", "MaxPool", [spaced(1, 2, 5, 6)],
         lambda x: F.max_pool2d(F.pad(x, (0, 2, 1, 0), value=-1e30), (2, 3), 2), kernel_shape=[2, 3], strides=[2, 2],
         pads=[1, 0, 0, 2])
    case("max_pool_same_upper", "MaxPool", [spaced(1, 2, 5, 6)],
         lambda x: F.max_pool2d(F.pad(x, (0, 1, 1, 1), value=-1e30), 3, 2), kernel_shape=[3, 3], strides=[2, 2],
         auto_pad="SAME_UPPER")
    case("average_pool_same_lower", "AveragePool", [smooth(1, 2, 6, 6)],
         lambda x: F.avg_pool2d(F.pad(x, (1, 0, 1, 0)), 3, 2) * 9 / torch.tensor([[4., 6, 6], [6, 9, 9], [6, 9, 9]]),
         kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER")
    case("average_pool_asymmetric", "AveragePool", [smooth(1, 1, 4, 4)],
         lambda x: F.avg_pool2d(F.pad(x, (1, 0, 0, 1)), 2, 1), kernel_shape=[2, 2], pads=[0, 1, 1, 0],
         count_include_pad=1)
    case("global_average", "GlobalAveragePool", [smooth(2, 3, 4, 5)], lambda x: x.mean((2, 3), keepdim=True))
    case("global_average_3d", "GlobalAveragePool", [smooth(2, 3, 7)], lambda x: x.mean(2, keepdim=True))
    case("global_max", "GlobalMaxPool", [spaced(2, 3, 4, 5)], lambda x: x.amax((2, 3), keepdim=True))


def convolutions():
    for name, x, w, b, kw in [
        ("plain", (2, 3, 6, 7), (4, 3, 3, 2), True, dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1)),
        ("padded", (1, 2, 5, 5), (3, 2, 3, 3), True, dict(stride=(2, 1), padding=(1, 2), dilation=(1, 1), groups=1)),
        ("dilated", (1, 2, 9, 8), (2, 2, 3, 2), False, dict(stride=(1, 2), padding=(2, 1), dilation=(2, 3), groups=1)),
        ("groups", (2, 4, 5, 4), (6, 2, 3, 3), True, dict(stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=2)),
        ("depthwise", (1, 3, 6, 6), (3, 1, 3, 3), True, dict(stride=(2, 2), padding=(1, 1), dilation=(1, 1), groups=3)),
        ("pointwise", (2, 5, 3, 4), (4, 5, 1, 1), True, dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1)),
    ]:
        inputs = [smooth(*x), smooth(*w)] + ([smooth(w[0])] if b else [])
        case("conv_" + name, "Conv", inputs, lambda x, w, b=None: F.conv2d(x, w, b, **kw), strides=list(kw["stride"]),
             pads=[*kw["padding"], *kw["padding"]], dilations=list(kw["dilation"]), group=kw["groups"])
    case("conv_same_upper", "Conv", [smooth(1, 2, 5, 6), smooth(2, 2, 3, 4)],
         lambda x, w: F.conv2d(F.pad(x, (1, 1, 1, 1)), w, stride=2), strides=[2, 2], auto_pad="SAME_UPPER")
    case("conv_same_lower", "Conv", [smooth(1, 1, 6, 6), smooth(2, 1, 2, 2)],
         lambda x, w: F.conv2d(F.pad(x, (1, 0, 1, 0)), w), auto_pad="SAME_LOWER")


def elementwise():
    s = (2, 3, 5)
    case("relu", "Relu", [spaced(*s)], F.relu)
    case("leaky_relu", "LeakyRelu", [spaced(*s)], lambda x: F.leaky_relu(x, 0.01))
    case("leaky_relu_alpha", "LeakyRelu", [spaced(*s)], lambda x: F.leaky_relu(x, 0.2), alpha=0.2)
    case("prelu", "PRelu", [spaced(2, 3, 4, 2), smooth(3, 1, 1)], lambda x, a: torch.where(x < 0, a * x, x))
    case("prelu_old", "PRelu", [spaced(2, 3, 4, 2), smooth(3)], lambda x, a: F.prelu(x, a), opset=6)
    case("elu", "Elu", [spaced(*s)], lambda x: F.elu(x, 1.5), alpha=1.5)
    case("selu", "Selu", [spaced(*s)], F.selu)
    case("sigmoid", "Sigmoid", [smooth(*s) * 3], torch.sigmoid)
    case("tanh", "Tanh", [smooth(*s)], torch.tanh)
    case("hard_sigmoid", "HardSigmoid", [spaced(*s)], lambda x: (0.2 * x + 0.5).clamp(0, 1))
    case("hard_sigmoid_torch", "HardSigmoid", [spaced(4, 25)], F.hardsigmoid, alpha=1.0 / 6, beta=0.5)
    case("hard_swish", "HardSwish", [spaced(4, 25)], F.hardswish, opset=14)
    case("softplus", "Softplus", [smooth(*s) * 4], F.softplus)
    case("softsign", "Softsign", [spaced(*s)], F.softsign)
    case("erf", "Erf", [smooth(*s)], torch.erf)
    case("exp", "Exp", [smooth(*s)], torch.exp)
    case("log", "Log", [positive(*s)], torch.log)
    case("sqrt", "Sqrt", [positive(*s)], torch.sqrt)
    case("reciprocal", "Reciprocal", [positive(*s)], torch.reciprocal)
    case("abs", "Abs", [spaced(*s)], torch.abs)
    case("sin", "Sin", [smooth(*s)], torch.sin)
    case("cos", "Cos", [smooth(*s)], torch.cos)
    case("neg", "Neg", [smooth(*s)], torch.neg)
    case("neg_int", "Neg", [ints(1, -2, 0)], torch.neg)
    case("floor", "Floor", [spaced(*s) + 0.02], torch.floor)
    case("ceil", "Ceil", [spaced(*s) + 0.02], torch.ceil)
    case("not", "Not", [ints(0, 1, 1)], lambda x: (x == 0).long())
    case("clip_attributes", "Clip", [spaced(*s)], lambda x: x.clamp(-1, 0.8), opset=6, min=-1.0, max=0.8)
    case("clip_low_only", "Clip", [spaced(*s)], lambda x: x.clamp(min=-0.5), opset=6, min=-0.5)
    case("clip_inputs", "Clip", [spaced(*s), Constant(torch.tensor(0.0)), Constant(torch.tensor(1.2))],
         lambda x, a, b: x.clamp(0, 1.2))
    case("clip_high_only", "Clip", [spaced(*s), None, Constant(torch.tensor(1.2))], lambda x, a, b: x.clamp(max=1.2))
    case("clip_int", "Clip", [ints(-5, 3, 9), ints(0).reshape(()), ints(7).reshape(())], lambda x, a, b: x.clamp(0, 7))
    case("identity", "Identity", [smooth(2, 3)], lambda x: x * 1)
    case("identity_int", "Identity", [ints(3, 4)], lambda x: x)
    case("dropout", "Dropout", [smooth(2, 3)], lambda x: x * 1, opset=7)


def arithmetic():
    shapes = [("same", (2, 3, 4), (2, 3, 4)), ("channel", (2, 3, 2, 2), (3, 1, 1)), ("row", (3, 4), (4,)),
              ("scalar", (2, 3), ()), ("left_scalar", (), (2, 3)), ("both", (2, 1, 3), (4, 1)),
              ("column", (3, 4), (3, 1)), ("single", (1,), (1, 1))]
    for name, a, b in shapes:
        case("add_" + name, "Add", [smooth(*a), smooth(*b)], torch.add)
        case("sub_" + name, "Sub", [smooth(*a), smooth(*b)], torch.sub)
        case("mul_" + name, "Mul", [smooth(*a), smooth(*b)], torch.mul)
        case("div_" + name, "Div", [smooth(*a), positive(*b)], torch.div)
        case("pow_" + name, "Pow", [positive(*a), smooth(*b)], torch.pow)
        case("sum_" + name, "Sum", [smooth(*a), smooth(*b)], torch.add)
        case("mean_" + name, "Mean", [smooth(*a), smooth(*b), smooth(*a)], lambda a, b, c: (a + b + c) / 3)
    case("pow_square", "Pow", [smooth(3, 3), Constant(torch.tensor(2.0))], torch.pow)
    case("pow_root", "Pow", [positive(3, 3), Constant(torch.tensor(0.5))], torch.pow)
    for name, a, b in shapes:
        both = spaced(int(np.prod(a)) + int(np.prod(b)))
        xa, xb = both[:int(np.prod(a))].reshape(a), both[int(np.prod(a)):].reshape(b)
        case("max_" + name, "Max", [xa, xb], torch.maximum)
        case("min_" + name, "Min", [xa, xb], torch.minimum)
    three = spaced(3, 4, 2)
    case("max_three", "Max", [three[0], three[1], three[2]], lambda a, b, c: torch.stack([a, b, c]).amax(0))
    case("sum_one", "Sum", [smooth(2, 2)], lambda a: a * 1)
    case("add_axis_old", "Add", [smooth(2, 3, 2, 2), smooth(3)], lambda a, b: a + b.reshape(3, 1, 1), opset=6,
         broadcast=1, axis=1)
    case("mul_axis_old", "Mul", [smooth(2, 3, 2), smooth(2, 3)], lambda a, b: a * b.reshape(2, 3, 1), opset=6,
         broadcast=1, axis=0)
    case("add_suffix_old", "Add", [smooth(2, 3, 4), smooth(3, 4)], torch.add, opset=6, broadcast=1)
    i, j = ints(7, -7, 9), ints(2)
    case("add_int", "Add", [i, j], torch.add)
    case("sub_int", "Sub", [i, j], torch.sub)
    case("mul_int", "Mul", [i, j], torch.mul)
    case("div_int", "Div", [i, j], lambda a, b: torch.div(a, b, rounding_mode="trunc"))
    case("pow_int", "Pow", [i, j], torch.pow)
    case("max_int", "Max", [i, j], torch.maximum)
    case("min_int", "Min", [i, j], torch.minimum)
    case("equal_int", "Equal", [i, ints(7)], lambda a, b: (a == b).long())
    case("equal", "Equal", [Constant(torch.tensor([1.0, 2.0])), Constant(torch.tensor([1.0, 3.0]))],
         lambda a, b: (a == b).long())
    case("less", "Less", [i, ints(7, 8, 9)], lambda a, b: (a < b).long())
    case("greater", "Greater", [i, ints(7, -8, 9)], lambda a, b: (a > b).long())
    case("less_or_equal", "LessOrEqual", [i, ints(7, -8, 9)], lambda a, b: (a <= b).long())
    case("greater_or_equal", "GreaterOrEqual", [i, ints(7, -8, 10)], lambda a, b: (a >= b).long())
    case("and", "And", [ints(0, 0, 1, 1), ints(0, 1, 0, 1)], lambda a, b: a & b)
    case("or", "Or", [ints(0, 0, 1, 1), ints(0, 1, 0, 1)], lambda a, b: a | b)
    case("where", "Where", [ints(1, 0, 1), smooth(2, 3), smooth(2, 1)], lambda c, a, b: torch.where(c != 0, a, b))
    case("where_int", "Where", [ints(1, 0, 1), ints(5, 6, 7), ints(-1)], lambda c, a, b: torch.where(c != 0, a, b))
    case("expand", "Expand", [smooth(3, 1), ints(2, 3, 4)], lambda x, s: x.expand(2, 3, 4))
    case("expand_keeps", "Expand", [smooth(2, 3), ints(1, 1)], lambda x, s: x.expand(2, 3))
    case("expand_int", "Expand", [ints(4), ints(3)], lambda x, s: x.expand(3))


def normalisations():
    c = (3,)
    bn = lambda x, s, b, m, v: F.batch_norm(x, m, v, s, b, False, 0.0, 1e-3)
    case("batch_norm", "BatchNormalization",
         [smooth(2, 3, 4, 4), smooth(*c), smooth(*c), Constant(smooth(*c)), Constant(positive(*c))], bn, epsilon=1e-3)
    case("batch_norm_vector", "BatchNormalization",
         [smooth(4, 3), smooth(*c), smooth(*c), Constant(smooth(*c)), Constant(positive(*c))], bn, epsilon=1e-3)
    case("batch_norm_old", "BatchNormalization",
         [smooth(2, 3, 2, 2), smooth(*c), smooth(*c), Constant(smooth(*c)), Constant(positive(*c))], bn, opset=6,
         epsilon=1e-3, is_test=1, spatial=1, consumed_inputs=[0, 0, 0, 1, 1])
    manual = lambda x, s, b, m, v: (x - m.view(3, 1, 1)) / (v.view(3, 1, 1) + 1e-5).sqrt() * s.view(3, 1, 1) + b.view(3, 1, 1)
    case("batch_norm_all", "BatchNormalization", [smooth(2, 3, 3, 2), smooth(*c), smooth(*c), smooth(*c), positive(*c)],
         manual)
    lrn = lambda n, a, b, k: lambda x: F.local_response_norm(x, n, a, b, k)
    case("lrn", "LRN", [smooth(2, 7, 4, 5)], lrn(5, 0.5, 0.75, 1.0), size=5, alpha=0.5)
    case("lrn_beta", "LRN", [smooth(1, 6, 3, 3)], lrn(3, 0.9, 0.6, 2.0), size=3, alpha=0.9, beta=0.6, bias=2.0)

    def lrn_even(x):  # the window reaches one channel further up than down
        square = F.pad(x * x, (0, 0, 0, 0, 1, 2))
        return x / (1 + 0.5 / 4 * sum(square[:, k:k + x.shape[1]] for k in range(4))) ** 0.75
    case("lrn_even", "LRN", [smooth(1, 6, 2, 3)], lrn_even, size=4, alpha=0.5)
    case("lrn_wide", "LRN", [smooth(1, 2, 16, 17)], lrn(9, 0.5, 0.75, 1.0), size=9, alpha=0.5)
    case("softmax", "Softmax", [smooth(2, 5)], lambda x: x.softmax(-1))
    case("softmax_axis", "Softmax", [smooth(2, 5, 3)], lambda x: x.softmax(1), axis=1)
    case("softmax_old", "Softmax", [smooth(2, 3, 4)], lambda x: x.reshape(2, 12).softmax(1).reshape(2, 3, 4), opset=9)
    case("softmax_old_axis", "Softmax", [smooth(2, 3, 4)], lambda x: x.reshape(6, 4).softmax(1).reshape(2, 3, 4),
         opset=9, axis=2)
    case("softmax_large", "Softmax", [smooth(2, 5) * 100], lambda x: x.softmax(-1))
    case("log_softmax", "LogSoftmax", [smooth(3, 4)], lambda x: x.log_softmax(-1))
    case("log_softmax_axis", "LogSoftmax", [smooth(2, 5, 3)], lambda x: x.log_softmax(1), axis=1)


def products():
    for ta in (0, 1):
        for tb in (0, 1):
            a = smooth(*((4, 3) if ta else (3, 4)))
            b = smooth(*((5, 4) if tb else (4, 5)))
            f = lambda a, b, c: 0.5 * ((a.t() if ta else a) @ (b.t() if tb else b)) + 2.0 * c
            case(f"gemm_{ta}{tb}", "Gemm", [a, b, smooth(5)], f, transA=ta, transB=tb, alpha=0.5, beta=2.0)
    for name, shape in [("matrix", (3, 5)), ("column", (3, 1)), ("row", (1, 5)), ("scalar", ()), ("one", (1,))]:
        case("gemm_bias_" + name, "Gemm", [smooth(3, 4), smooth(4, 5), smooth(*shape)], lambda a, b, c: a @ b + c)
    case("gemm_no_bias", "Gemm", [smooth(3, 4), smooth(4, 5)], torch.matmul)
    case("gemm_one_row", "Gemm", [smooth(1, 6), smooth(7, 6), smooth(7)], lambda a, b, c: a @ b.t() + c, transB=1)
    case("gemm_one_column", "Gemm", [smooth(4, 6), smooth(6, 1), smooth(1)], lambda a, b, c: a @ b + c)
    case("gemm_transposed_row", "Gemm", [smooth(6, 1), smooth(6, 3)], lambda a, b: a.t() @ b, transA=1)
    for name, a, b in [("2d", (3, 4), (4, 5)), ("batch", (2, 3, 4), (2, 4, 5)), ("shared_right", (2, 3, 4), (4, 5)),
                       ("shared_left", (3, 4), (2, 4, 5)), ("broadcast", (2, 1, 3, 4), (3, 4, 2)), ("vector", (4,), (4,)),
                       ("left_vector", (4,), (2, 4, 3)), ("right_vector", (2, 3, 4), (4,))]:
        case("matmul_" + name, "MatMul", [smooth(*a), smooth(*b)], torch.matmul)


def movements():
    case("concat", "Concat", [smooth(2, 3, 2, 2), smooth(2, 1, 2, 2), smooth(2, 2, 2, 2)],
         lambda *x: torch.cat(x, 1), axis=1)
    case("concat_negative", "Concat", [smooth(2, 3), smooth(2, 1)], lambda *x: torch.cat(x, -1), axis=-1)
    case("concat_first", "Concat", [smooth(2, 3), smooth(1, 3)], lambda *x: torch.cat(x, 0), axis=0)
    case("concat_int", "Concat", [ints(1, 2), ints(3)], lambda *x: torch.cat(x, 0), axis=0)
    case("flatten", "Flatten", [smooth(2, 3, 2, 2)], lambda x: x.flatten(1))
    case("flatten_0", "Flatten", [smooth(2, 3)], lambda x: x.reshape(1, 6), axis=0)
    case("flatten_negative", "Flatten", [smooth(2, 3, 4)], lambda x: x.reshape(6, 4), axis=-1)
    case("reshape", "Reshape", [smooth(2, 6), ints(0, -1, 3)], lambda x, s: x.reshape(2, 2, 3))
    case("reshape_old", "Reshape", [smooth(2, 6)], lambda x: x.reshape(4, 3), opset=1, shape=[4, -1])
    case("reshape_scalar", "Reshape", [smooth(1, 1), Constant(torch.zeros(0, dtype=torch.int64))],
         lambda x, s: x.reshape(()))
    case("reshape_int", "Reshape", [ints(1, 2, 3, 4), ints(2, 2)], lambda x, s: x.reshape(2, 2))
    case("squeeze", "Squeeze", [smooth(2, 1, 3, 1)], lambda x: x.squeeze())
    case("squeeze_axes", "Squeeze", [smooth(2, 1, 3, 1), ints(-1)], lambda x, a: x.squeeze(-1))
    case("squeeze_old", "Squeeze", [smooth(1, 2, 1)], lambda x: x.squeeze(0), opset=11, axes=[0])
    case("unsqueeze", "Unsqueeze", [smooth(2, 3), ints(0, -1)], lambda x, a: x.reshape(1, 2, 3, 1))
    case("unsqueeze_old", "Unsqueeze", [smooth(2, 3)], lambda x: x.reshape(2, 1, 3), opset=11, axes=[1])
    case("unsqueeze_int", "Unsqueeze", [ints(5).reshape(()), ints(0)], lambda x, a: x.reshape(1))
    case("transpose", "Transpose", [smooth(2, 3, 4)], lambda x: x.permute(2, 0, 1).contiguous(), perm=[2, 0, 1])
    case("transpose_reversed", "Transpose", [smooth(2, 3, 4)], lambda x: x.permute(2, 1, 0).contiguous())
    case("transpose_shuffle", "Transpose", [smooth(1, 2, 3, 4, 5)], lambda x: x.transpose(1, 2).contiguous(),
         perm=[0, 2, 1, 3, 4])
    case("transpose_int", "Transpose", [ints(1, 2, 3, 4).reshape(2, 2)], lambda x: x.t().contiguous(), perm=[1, 0])
    for mode in ("constant", "reflect", "edge"):
        torch_mode = {"edge": "replicate"}.get(mode, mode)
        case("pad_" + mode, "Pad", [smooth(1, 2, 4, 5), ints(0, 0, 2, 1, 0, 0, 3, 2)],
             lambda x, p: F.pad(x, (1, 2, 2, 3), torch_mode), mode=mode)
    case("pad_value", "Pad", [smooth(2, 3), ints(1, 0, 0, 2), Constant(torch.tensor(1.5))],
         lambda x, p, v: F.pad(x, (0, 2, 1, 0), value=1.5))
    case("pad_crop", "Pad", [smooth(1, 1, 4, 5), ints(0, 0, -1, 1, 0, 0, 2, -2)], lambda x, p: F.pad(x, (1, -2, -1, 2)))
    case("pad_old", "Pad", [smooth(2, 3)], lambda x: F.pad(x, (1, 2, 0, 1), value=-1.0), opset=9, pads=[0, 1, 1, 2],
         value=-1.0)
    case("pad_int", "Pad", [ints(1, 2), ints(1, 1), ints(9).reshape(())], lambda x, p, v: F.pad(x, (1, 1), value=9))
    case("gather", "Gather", [smooth(3, 4), ints(2, 0, -1, 2)], lambda x, i: x[[2, 0, 2, 2]])
    case("gather_axis", "Gather", [smooth(2, 4, 3), ints(1, 3, 3, 0).reshape(2, 2)],
         lambda x, i: x[:, i], axis=1)
    case("gather_scalar", "Gather", [smooth(2, 3), ints(-2).reshape(())], lambda x, i: x[:, 1], axis=1)
    case("gather_int", "Gather", [ints(1, 3, 224, 224), ints(2).reshape(())], lambda x, i: x[2])
    case("slice", "Slice", [smooth(4, 5), ints(1, 0), ints(3, -1)], lambda x, s, e: x[1:3, 0:-1])
    case("slice_axes", "Slice", [smooth(2, 4, 5), ints(-3), ints(2 ** 63 - 1), ints(2)],
         lambda x, s, e, a: x[:, :, -3:])
    case("slice_steps", "Slice", [smooth(2, 7, 6), ints(0, 1), ints(100, 6), ints(1, 2), ints(3, 2)],
         lambda x, s, e, a, t: x[:, 0:100:3, 1:6:2])
    case("slice_backwards", "Slice", [smooth(3, 5), ints(-1), ints(-2 ** 63), ints(1), ints(-2)],
         lambda x, s, e, a, t: x.flip(1)[:, ::2])
    case("slice_old", "Slice", [smooth(4, 5)], lambda x: x[1:3, 2:], opset=9, starts=[1, 2], ends=[3, 9], axes=[0, 1])
    case("slice_int", "Slice", [ints(1, 3, 224, 225), ints(2), ints(4)], lambda x, s, e: x[2:4])
    case("slice_empty", "Slice", [ints(1, 2), ints(2), ints(1)], lambda x, s, e: x[2:])
    case("split", "Split", [smooth(2, 6, 2)], lambda x: list(x.split(3, 1)), axis=1)
    case("split_sizes", "Split", [smooth(2, 6, 2), ints(1, 3, 2)], lambda x, s: list(x.split([1, 3, 2], 1)), axis=1)
    case("split_old", "Split", [smooth(5, 2)], lambda x: list(x.split([2, 3], 0)), opset=11, split=[2, 3])
    case("split_int", "Split", [ints(1, 2, 3, 4)], lambda x: list(x.split(2)))
    case("cast_to_int", "Cast", [Constant(torch.tensor([1.7, -1.7, 3.0]))], lambda x: x.long(), to=7)
    case("cast_to_float", "Cast", [ints(1, -2)], lambda x: x.float(), to=1)
    case("cast_to_half", "Cast", [smooth(2, 2)], lambda x: x * 1, to=10)
    case("cast_to_bool", "Cast", [ints(0, 5, -1)], lambda x: (x != 0).long(), to=9)
    case("cast_old", "Cast", [ints(0, 5, -1)], lambda x: x.float(), opset=5, to="FLOAT")


def makers():
    t = smooth(2, 3)
    case("constant", "Constant", [], lambda: t, value=t)
    case("constant_float", "Constant", [], lambda: torch.tensor(2.5), value_float=2.5)
    case("constant_floats", "Constant", [], lambda: torch.tensor([2.5, 1.0]), value_floats=[2.5, 1.0])
    case("constant_int", "Constant", [], lambda: torch.tensor(7), value_int=7)
    case("constant_ints", "Constant", [], lambda: ints(7, 8), value_ints=[7, 8])
    case("constant_of_shape", "ConstantOfShape", [ints(2, 3)], lambda s: torch.zeros(2, 3))
    case("constant_of_shape_int", "ConstantOfShape", [ints(2)], lambda s: ints(9, 9), value=ints(9))
    case("shape", "Shape", [Constant(smooth(2, 3, 4))], lambda x: ints(2, 3, 4))
    case("shape_part", "Shape", [Constant(smooth(2, 3, 4))], lambda x: ints(3), opset=15, start=1, end=-1)
    case("size", "Size", [Constant(smooth(2, 3, 4))], lambda x: torch.tensor(24))
    case("range_int", "Range", [torch.tensor(10), torch.tensor(3), torch.tensor(-2)], lambda a, b, c: ints(10, 8, 6, 4))
    case("range", "Range", [Constant(torch.tensor(v)) for v in (1.0, 2.0, 0.25)],
         lambda a, b, c: torch.tensor([1.0, 1.25, 1.5, 1.75]))
    case("reduce_mean", "ReduceMean", [smooth(2, 3, 4, 5)], lambda x: x.mean((2, 3), keepdim=True), axes=[2, 3])
    case("reduce_mean_all", "ReduceMean", [smooth(2, 3)], lambda x: x.mean(), keepdims=0)
    case("reduce_mean_middle", "ReduceMean", [smooth(2, 3, 4)], lambda x: x.mean(1), axes=[-2], keepdims=0)
    case("reduce_mean_outer", "ReduceMean", [smooth(2, 3, 4)], lambda x: x.mean((0, 2)), axes=[0, 2], keepdims=0)
    case("reduce_sum", "ReduceSum", [smooth(2, 3, 4), ints(1)], lambda x, a: x.sum(1, keepdim=True))
    case("reduce_sum_old", "ReduceSum", [smooth(2, 3, 4)], lambda x: x.sum(2, keepdim=True), opset=11, axes=[2])
    case("reduce_sum_nothing", "ReduceSum", [smooth(2, 3), None], lambda x, a: x * 1, noop_with_empty_axes=1)
    case("reduce_max", "ReduceMax", [spaced(2, 3, 4)], lambda x: x.amax(2, keepdim=True), axes=[2])
    case("reduce_min", "ReduceMin", [spaced(2, 3, 4)], lambda x: x.amin((0, 1)), axes=[0, 1], keepdims=0)
    case("reduce_prod_int", "ReduceProd", [ints(2, 3, 4)], lambda x: torch.tensor(24), keepdims=0)
    case("reduce_sum_int", "ReduceSum", [ints(2, 3, 4)], lambda x: ints(9))


def smooth_units():
    s = (2, 3, 5)
    case("gelu", "Gelu", [smooth(*s) * 2], F.gelu, opset=20)
    case("gelu_tanh", "Gelu", [smooth(*s) * 2], lambda x: F.gelu(x, approximate="tanh"), opset=20, approximate="tanh")
    case("mish", "Mish", [smooth(*s) * 2], F.mish, opset=18)
    case("mish_far", "Mish", [smooth(*s) * 30], F.mish, opset=18)
    case("celu", "Celu", [spaced(*s)], lambda x: F.celu(x, 1.5), alpha=1.5)
    case("celu_default", "Celu", [spaced(*s)], F.celu)
    case("thresholded_relu", "ThresholdedRelu", [spaced(*s)], lambda x: F.threshold(x, 0.7, 0), alpha=0.7)
    case("thresholded_relu_default", "ThresholdedRelu", [spaced(*s)], lambda x: F.threshold(x, 1, 0))
    case("selu_old", "Selu", [spaced(*s)], lambda x: 1.0507 * torch.where(x > 0, x, 1.6732 * torch.expm1(x)), opset=5)
    inside = lambda: smooth(*s).clamp(-2, 2) * 0.4
    case("tan", "Tan", [inside()], torch.tan)
    case("asin", "Asin", [inside()], torch.asin)
    case("acos", "Acos", [inside()], torch.acos)
    case("atan", "Atan", [smooth(*s)], torch.atan)
    case("sinh", "Sinh", [smooth(*s)], torch.sinh)
    case("cosh", "Cosh", [smooth(*s)], torch.cosh)
    case("asinh", "Asinh", [smooth(*s)], torch.asinh)
    case("acosh", "Acosh", [positive(*s) + 1], torch.acosh)
    case("atanh", "Atanh", [inside()], torch.atanh)
    case("erf_far", "Erf", [torch.linspace(-5, 5, 60)], torch.erf)
    case("tanh_far", "Tanh", [torch.linspace(-10, 10, 60)], torch.tanh)
    case("tanh_near", "Tanh", [torch.linspace(-0.01, 0.01, 60)], torch.tanh)
    case("sign", "Sign", [spaced(*s)], torch.sign)
    case("sign_int", "Sign", [ints(-7, 0, 9)], torch.sign)
    case("round", "Round", [spaced(*s) + 0.02], torch.round)
    case("round_halves", "Round", [Constant(torch.tensor([-1.5, -0.5, 0.5, 1.5, 2.5]))], torch.round)
    case("is_nan", "IsNaN", [Constant(torch.tensor([1.0, float("nan"), float("inf")]))], lambda x: x.isnan().long())


def resizes():
    none = Constant(torch.zeros(0))
    scales = lambda *v: Constant(torch.tensor(v))
    sized = lambda *v: ints(*v)

    def bilinear(corners, **kw):
        return lambda x, *rest: F.interpolate(x, mode="bilinear", align_corners=corners, **kw)

    x = lambda: smooth(2, 3, 4, 5)
    for name, size in [("up", (9, 7)), ("down", (3, 2)), ("mixed", (2, 11)), ("one", (1, 1)), ("same", (4, 5))]:
        case("resize_half_pixel_" + name, "Resize", [x(), none, none, sized(2, 3, *size)], bilinear(False, size=size),
             mode="linear")
        case("resize_align_corners_" + name, "Resize", [x(), None, None, sized(2, 3, *size)],
             bilinear(True, size=size), mode="linear", coordinate_transformation_mode="align_corners")
        case("resize_nearest_" + name, "Resize", [x(), none, none, sized(2, 3, *size)],
             lambda x, *r: F.interpolate(x, size, mode="nearest"), coordinate_transformation_mode="asymmetric",
             nearest_mode="floor")
        case("resize_nearest_exact_" + name, "Resize", [x(), none, none, sized(2, 3, *size)],
             lambda x, *r: F.interpolate(x, size, mode="nearest-exact"), coordinate_transformation_mode="half_pixel",
             nearest_mode="round_prefer_ceil")
    case("resize_pytorch_one", "Resize", [smooth(1, 2, 4, 4), none, none, sized(1, 2, 1, 6)],
         lambda x, *r: F.interpolate(x[:, :, :1], (1, 6), mode="bilinear"), mode="linear",
         coordinate_transformation_mode="pytorch_half_pixel")
    case("resize_scales", "Resize", [smooth(1, 2, 3, 4), none, scales(1.0, 1.0, 2.0, 1.5)],
         bilinear(False, scale_factor=(2.0, 1.5)), mode="linear")
    case("resize_scales_odd", "Resize", [smooth(1, 2, 5, 7), none, scales(1.0, 1.0, 1.7, 0.6)],
         bilinear(False, scale_factor=(1.7, 0.6)), mode="linear", coordinate_transformation_mode="pytorch_half_pixel")
    case("resize_double", "Resize", [smooth(1, 2, 3, 4), none, scales(1.0, 1.0, 2.0, 2.0)],
         lambda x, *r: F.interpolate(x, scale_factor=2, mode="nearest"))
    case("resize_1d", "Resize", [smooth(2, 3, 5), none, none, sized(2, 3, 8)],
         lambda x, *r: F.interpolate(x, 8, mode="linear"), mode="linear")
    case("resize_3d", "Resize", [smooth(1, 2, 3, 4, 3), none, none, sized(1, 2, 5, 3, 4)],
         lambda x, *r: F.interpolate(x, (5, 3, 4), mode="trilinear"), mode="linear")
    case("resize_3d_nearest", "Resize", [smooth(1, 2, 3, 4, 3), none, scales(1.0, 1.0, 2.0, 2.0, 3.0)],
         lambda x, *r: F.interpolate(x, scale_factor=(2, 2, 3), mode="nearest"), nearest_mode="floor",
         coordinate_transformation_mode="asymmetric")
    case("resize_channels", "Resize", [smooth(1, 2, 3, 4), none, none, sized(1, 4, 3, 4)],
         lambda x, *r: x.repeat_interleave(2, 1), nearest_mode="floor", coordinate_transformation_mode="asymmetric")
    case("resize_axes", "Resize", [smooth(1, 2, 3, 4), None, None, sized(5, 6)],
         lambda x, *r: F.interpolate(x, (6, 5), mode="bilinear"), opset=18, mode="linear", axes=[3, 2])
    # By hand: the places of the specification, for what PyTorch does not offer.
    pick = lambda *at: lambda x, *r: x[:, :, list(at)]
    line = lambda: smooth(1, 2, 4)
    for mode, at in [("round_prefer_floor", (0, 2)), ("round_prefer_ceil", (1, 3)), ("floor", (0, 2)),
                     ("ceil", (1, 3))]:  # places 0.5 and 2.5
        case("resize_" + mode, "Resize", [line(), none, none, sized(1, 2, 2)], pick(*at), nearest_mode=mode)
    case("resize_tf_nearest", "Resize", [line(), none, none, sized(1, 2, 2)], pick(1, 3), nearest_mode="floor",
         coordinate_transformation_mode="tf_half_pixel_for_nn")
    case("resize_corners_nearest", "Resize", [line(), none, none, sized(1, 2, 3)], pick(0, 1, 3),
         coordinate_transformation_mode="align_corners")  # places 0, 1.5, 3
    mixed = lambda w: lambda x, *r: torch.stack([(1 - f) * x[:, :, a] + f * x[:, :, min(a + 1, 3)] for a, f in w], 2)
    case("resize_asymmetric_linear", "Resize", [line(), none, none, sized(1, 2, 6)],
         mixed([(0, 0), (0, 2 / 3), (1, 1 / 3), (2, 0), (2, 2 / 3), (3, 0)]), mode="linear",
         coordinate_transformation_mode="asymmetric")
    case("resize_symmetric", "Resize", [line(), none, scales(1.0, 1.0, 0.6)], mixed([(0, 2 / 3), (2, 1 / 3)]), opset=19,
         mode="linear", coordinate_transformation_mode="half_pixel_symmetric")  # 2 of 2.4 places: 1.5 -+ 5/6
    case("resize_10", "Resize", [line(), scales(1.0, 1.0, 2.0)], pick(0, 0, 1, 1, 2, 2, 3, 3), opset=10)
    case("resize_10_linear", "Resize", [line(), scales(1.0, 1.0, 1.5)],
         mixed([(0, 0), (0, 2 / 3), (1, 1 / 3), (2, 0), (2, 2 / 3), (3, 0)]), opset=10, mode="linear")
    case("upsample_9", "Upsample", [smooth(1, 2, 3, 2), scales(1.0, 1.0, 2.0, 3.0)],
         lambda x, s: F.interpolate(x, scale_factor=(2, 3), mode="nearest"), opset=9)
    case("upsample_7", "Upsample", [smooth(1, 2, 3, 2)], lambda x: F.interpolate(x, scale_factor=2, mode="nearest"),
         opset=7, scales=[1.0, 1.0, 2.0, 2.0])
    case("upsample_1", "Upsample", [smooth(1, 2, 3, 2)], lambda x: F.interpolate(x, scale_factor=(2, 3), mode="nearest"),
         opset=1, height_scale=2.0, width_scale=3.0)
    case("upsample_linear", "Upsample", [line()],
         mixed([(0, 0), (0, 0.5), (1, 0), (1, 0.5), (2, 0), (2, 0.5), (3, 0), (3, 0)]), opset=7, mode="linear",
         scales=[1.0, 1.0, 2.0])


def group_normalisations():
    case("layer_norm", "LayerNormalization", [smooth(2, 3, 20), smooth(20), smooth(20)],
         lambda x, s, b: F.layer_norm(x, (20,), s, b), opset=17)
    case("layer_norm_no_bias", "LayerNormalization", [smooth(4, 5), smooth(5)], lambda x, s: F.layer_norm(x, (5,), s),
         opset=17, axis=-1, epsilon=1e-5)
    case("layer_norm_axis", "LayerNormalization", [smooth(2, 3, 4), smooth(3, 4), smooth(3, 4)],
         lambda x, s, b: F.layer_norm(x, (3, 4), s, b, 1e-3), opset=17, axis=1, epsilon=1e-3)

    def layer_statistics(x, s, b):
        mean, r = x.mean(-1, keepdim=True), (x.var(-1, False, keepdim=True) + 1e-5).rsqrt()
        return [(x - mean) * r * s + b, mean, r]
    case("layer_norm_statistics", "LayerNormalization", [smooth(2, 3, 6), smooth(6), smooth(6)], layer_statistics, opset=17)
    case("instance_norm", "InstanceNormalization", [smooth(2, 3, 4, 5), smooth(3), smooth(3)],
         lambda x, s, b: F.instance_norm(x, None, None, s, b), opset=6)
    case("instance_norm_1d", "InstanceNormalization", [smooth(2, 3, 7), smooth(3), smooth(3)],
         lambda x, s, b: F.instance_norm(x, None, None, s, b, eps=1e-2), opset=6, epsilon=1e-2)
    case("group_norm", "GroupNormalization", [smooth(2, 6, 3, 4), smooth(6), smooth(6)],
         lambda x, s, b: F.group_norm(x, 3, s, b), opset=21, num_groups=3)
    case("group_norm_18", "GroupNormalization", [smooth(2, 6, 3, 4), smooth(3), smooth(3)],
         lambda x, s, b: F.group_norm(x, 3, s.repeat_interleave(2), b.repeat_interleave(2)), opset=18, num_groups=3)
    case("lp_norm", "LpNormalization", [smooth(2, 3, 4)], lambda x: F.normalize(x, 2, -1))
    case("lp_norm_1", "LpNormalization", [spaced(2, 3, 4)], lambda x: F.normalize(x, 1, 1), p=1, axis=1)
    case("lp_norm_zero", "LpNormalization", [Constant(torch.zeros(2, 3))], lambda x: x)


def contractions():
    for i, (equation, *shapes) in enumerate([
        ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ijk->ik", (2, 3, 4)), ("ij", (2, 3)), ("ba", (2, 3)),
        ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
        ("bhid,bhjd->bhij", (2, 2, 3, 4), (2, 2, 5, 4)), ("bhij,bhjd->bhid", (2, 2, 3, 5), (2, 2, 5, 4)),
        ("bihd,bjhd->bhij", (2, 3, 2, 4), (2, 5, 2, 4)), ("bhij,bjhd->bihd", (2, 2, 3, 5), (2, 5, 2, 4)),
        ("ki,kj->ij", (4, 2), (4, 3)), ("ki,jk->ij", (4, 2), (3, 4)), ("ik,jk->ji", (2, 4), (3, 4)),
        ("i,j->ij", (2,), (3,)), ("i,i->", (3,), (3,)), ("i,i->i", (3,), (3,)), ("ij,kl->ik", (2, 3), (2, 4)),
        ("ij,->ij", (2, 3), ()), ("bhwc,hkc->bhwk", (2, 3, 4, 2), (3, 5, 2)), ("abc,cad->bd", (2, 3, 4), (4, 2, 3)),
    ]):
        case(f"einsum_{i}", "Einsum", [smooth(*s) for s in shapes], lambda *x: torch.einsum(equation, *x).contiguous(),
             equation=equation)
    for name, a, b in [("many_left", (3, 1, 2, 4), (1, 5, 4, 3)), ("rows", (2, 3, 1, 4), (2, 3, 4, 5)),
                       ("vector_batch", (2, 3, 4), (2, 1, 4, 5)), ("inner", (5, 1), (1, 3))]:
        case("matmul_" + name, "MatMul", [smooth(*a), smooth(*b)], torch.matmul)
    case("softmax_long", "Softmax", [smooth(3, 70)], lambda x: x.softmax(-1))
    case("softmax_inner", "Softmax", [smooth(2, 3, 40)], lambda x: x.softmax(1), axis=1)
    case("log_softmax_inner", "LogSoftmax", [smooth(2, 3, 40)], lambda x: x.log_softmax(1), axis=1)


def transposed_convolutions():
    for name, x, w, b, kw in [
        ("plain", (2, 3, 4, 5), (3, 4, 3, 2), True, dict()),
        ("stride", (1, 2, 4, 3), (2, 3, 3, 3), True, dict(stride=2, padding=1, output_padding=1)),
        ("two", (1, 3, 3, 4), (3, 2, 2, 2), True, dict(stride=2)),
        ("dilated", (1, 2, 4, 4), (2, 2, 3, 2), False, dict(stride=(1, 2), padding=(2, 1), dilation=(2, 3))),
        ("groups", (2, 4, 3, 4), (4, 3, 3, 3), True, dict(groups=2, stride=2, padding=1)),
        ("depthwise", (1, 3, 4, 4), (3, 1, 3, 3), True, dict(groups=3, stride=2, padding=1, output_padding=(1, 0))),
        ("pointwise", (2, 5, 3, 4), (5, 4, 1, 1), True, dict()),
    ]:
        pair = lambda v: list(v) if isinstance(v, tuple) else [v, v]
        attributes = dict(group=kw.get("groups", 1), strides=pair(kw.get("stride", 1)),
                          pads=pair(kw.get("padding", 0)) * 2, dilations=pair(kw.get("dilation", 1)))
        if "output_padding" in kw:
            attributes["output_padding"] = pair(kw["output_padding"])
        inputs = [smooth(*x), smooth(*w)] + ([smooth(w[1] * kw.get("groups", 1))] if b else [])
        case("conv_transpose_" + name, "ConvTranspose", inputs, lambda x, w, b=None: F.conv_transpose2d(x, w, b, **kw),
             **attributes)
    x, w = (1, 2, 3, 4), (2, 2, 3, 3)
    cut = lambda top, left, bottom, right: lambda x, w: F.pad(F.conv_transpose2d(x, w, stride=2), (-left, -right, -top, -bottom))
    case("conv_transpose_same_upper", "ConvTranspose", [smooth(*x), smooth(*w)], cut(0, 0, 1, 1), strides=[2, 2],
         auto_pad="SAME_UPPER")
    case("conv_transpose_same_lower", "ConvTranspose", [smooth(*x), smooth(*w)], cut(1, 1, 0, 0), strides=[2, 2],
         auto_pad="SAME_LOWER")
    case("conv_transpose_valid", "ConvTranspose", [smooth(*x), smooth(*w)], cut(0, 0, 0, 0), strides=[2, 2],
         auto_pad="VALID", kernel_shape=[3, 3])
    case("conv_transpose_shape", "ConvTranspose", [smooth(*x), smooth(*w)], cut(1, 2, 0, 1), strides=[2, 2],
         output_shape=[6, 6])
    case("conv_transpose_larger", "ConvTranspose", [smooth(*x), smooth(*w)], cut(0, 0, -1, 0), strides=[2, 2],
         output_shape=[8, 9])
    case("conv_transpose_asymmetric", "ConvTranspose", [smooth(*x), smooth(*w)], cut(1, 0, 0, 2), strides=[2, 2],
         pads=[1, 0, 0, 2])


def blocks():
    case("depth_to_space", "DepthToSpace", [smooth(2, 8, 2, 3)],
         lambda x: x.reshape(2, 2, 2, 2, 2, 3).permute(0, 3, 4, 1, 5, 2).reshape(2, 2, 4, 6), blocksize=2)
    case("depth_to_space_crd", "DepthToSpace", [smooth(1, 18, 2, 3)], lambda x: F.pixel_shuffle(x, 3), blocksize=3,
         mode="CRD")
    case("space_to_depth", "SpaceToDepth", [smooth(2, 2, 4, 6)],
         lambda x: x.reshape(2, 2, 2, 2, 3, 2).permute(0, 3, 5, 1, 2, 4).reshape(2, 8, 2, 3), blocksize=2)
    case("depth_to_space_int", "DepthToSpace", [ints(1, 2, 3, 4).reshape(1, 4, 1, 1)], lambda x: x.reshape(1, 1, 2, 2),
         blocksize=2)
    case("tile", "Tile", [smooth(2, 1, 3), ints(2, 3, 2)], lambda x, r: x.repeat(2, 3, 2))
    case("tile_one", "Tile", [smooth(2, 3), ints(1, 4)], lambda x, r: x.repeat(1, 4))
    case("tile_int", "Tile", [ints(1, 2), ints(3)], lambda x, r: x.repeat(3))
    case("tile_nothing", "Tile", [ints(1, 2), ints(0)], lambda x, r: x[:0])
    case("tile_old", "Tile", [smooth(2, 3), ints(2).reshape(()), ints(1).reshape(())], lambda x, t, a: x.repeat(1, 2),
         opset=1)
    case("trilu", "Trilu", [smooth(2, 3, 4)], torch.triu, opset=14)
    case("trilu_lower", "Trilu", [smooth(4, 3), ints(-1).reshape(())], lambda x, k: x.tril(-1), opset=14, upper=0)
    case("trilu_above", "Trilu", [smooth(3, 4), ints(2)], lambda x, k: x.triu(2), opset=14, upper=1)
    case("trilu_int", "Trilu", [ints(1, 2, 3, 4).reshape(2, 2)], torch.triu, opset=14)
    case("trilu_far", "Trilu", [smooth(3, 2), ints(-2 ** 63)], lambda x, k: x * 1, opset=14)
    case("eye_like", "EyeLike", [Constant(smooth(3, 4))], lambda x: torch.eye(3, 4), opset=9)
    case("eye_like_shifted", "EyeLike", [Constant(smooth(3, 4))], lambda x: torch.ones(3, 4).triu(1).tril(1).long(), opset=9,
         k=1, dtype=7)
    for mode, reverse, exclusive in [("", 0, 0), ("_reverse", 1, 0), ("_exclusive", 0, 1), ("_both", 1, 1)]:
        def running(x, axis):
            y = x.flip(1).cumsum(1).flip(1) if reverse else x.cumsum(1)
            return y - x if exclusive else y
        case("cumsum" + mode, "CumSum", [smooth(2, 4, 3), ints(1).reshape(())], running, opset=11, reverse=reverse,
             exclusive=exclusive)
    case("cumsum_int", "CumSum", [ints(1, 2, 3), ints(-1)], lambda x, a: x.cumsum(0), opset=11, exclusive=0)


def reductions():
    x = lambda: spaced(2, 3, 4)
    axes = dict(axes=[0, 2], keepdims=0)
    case("reduce_l1", "ReduceL1", [x()], lambda x: x.abs().sum((0, 2)), **axes)
    case("reduce_l2", "ReduceL2", [x()], lambda x: x.norm(dim=(0, 2)), **axes)
    case("reduce_l2_last", "ReduceL2", [smooth(3, 40)], lambda x: x.norm(dim=1, keepdim=True), axes=[-1])
    case("reduce_l2_zero", "ReduceL2", [Constant(torch.zeros(2, 3))], lambda x: x.norm(dim=1), axes=[1], keepdims=0)
    case("reduce_sum_square", "ReduceSumSquare", [x()], lambda x: (x * x).sum((0, 2)), **axes)
    case("reduce_log_sum", "ReduceLogSum", [positive(2, 3, 4)], lambda x: x.sum((0, 2)).log(), **axes)
    case("reduce_log_sum_exp", "ReduceLogSumExp", [x()], lambda x: x.logsumexp((0, 2)), **axes)
    case("reduce_log_sum_exp_large", "ReduceLogSumExp", [Constant(torch.tensor([[1000.0, 1000.0], [-1e30, -1e30]]))],
         lambda x: x.logsumexp(1, True), axes=[1])
    case("reduce_mean_18", "ReduceMean", [smooth(2, 3, 4), ints(1, 2)], lambda x, a: x.mean((1, 2), keepdim=True), opset=18)
    case("reduce_max_18", "ReduceMax", [spaced(2, 3), ints(0)], lambda x, a: x.amax(0, keepdim=True), opset=18)
    case("reduce_max_nothing", "ReduceMax", [spaced(2, 3), Constant(torch.zeros(0, dtype=torch.int64))], lambda x, a: x * 1,
         opset=18, noop_with_empty_axes=1)
    case("arg_max", "ArgMax", [Constant(spaced(2, 5, 3))], lambda x: x.argmax(1, True), axis=1)
    case("arg_min", "ArgMin", [Constant(spaced(2, 5, 3))], lambda x: x.argmin(2), axis=-1, keepdims=0)
    case("arg_max_first", "ArgMax", [ints(3, 7, 7, 1)], lambda x: ints(1))
    case("arg_max_last", "ArgMax", [ints(3, 7, 7, 1)], lambda x: ints(2), select_last_index=1)
    case("arg_min_nan", "ArgMin", [Constant(torch.tensor([1.0, float("nan"), 0.0]))], lambda x: ints(1))
    case("mod_int", "Mod", [ints(7, -7, 7, -7, 5), ints(3, 3, -3, -3, 0)], lambda a, b: ints(1, 2, -2, -1, 0))
    case("mod_int_fmod", "Mod", [ints(7, -7, 7, -7), ints(3, 3, -3, -3)], torch.fmod, fmod=1)
    a = spaced(3, 4) * 0.9
    case("mod", "Mod", [a, torch.tensor([0.7, -0.8, 1.1, 5.0])], lambda a, b: a - b * torch.trunc(a / b).detach(), fmod=1)
    case("xor", "Xor", [ints(0, 0, 1, 2), ints(0, 1, 0, 1)], lambda a, b: ((a != 0) ^ (b != 0)).long())

    def lp(x, p, k, s, pad=0, d=1):
        return F.unfold(x.reshape(-1, 1, *x.shape[2:]), k, d, pad, s).abs().pow(p).sum(1).pow(1 / p)
    case("lp_pool", "LpPool", [smooth(1, 2, 5, 6)], lambda x: lp(x, 2, (3, 2), (2, 1)).reshape(1, 2, 2, 5),
         kernel_shape=[3, 2], strides=[2, 1])
    case("lp_pool_1", "LpPool", [spaced(1, 2, 4, 4)], lambda x: lp(x, 1, (2, 2), (2, 2), 1).reshape(1, 2, 3, 3),
         kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 1, 1], p=1)
    case("lp_pool_dilated", "LpPool", [spaced(1, 1, 6, 6)], lambda x: lp(x, 3, (2, 2), (1, 1), 0, 2).reshape(1, 1, 4, 4),
         opset=18, kernel_shape=[2, 2], dilations=[2, 2], p=3)
    case("global_lp_pool", "GlobalLpPool", [smooth(2, 3, 4, 5)], lambda x: x.norm(dim=(2, 3), keepdim=True))
    case("global_lp_pool_old", "GlobalLpPool", [spaced(2, 3, 7)], lambda x: x.abs().pow(3).sum(2, True).pow(1 / 3), opset=1,
         p=3.0)


def picks():
    i = ints(1, 0, -1, 2, 2, 0).reshape(2, 3)
    wrap = i % 3
    case("gather_elements", "GatherElements", [smooth(3, 3), i], lambda x, i: x.gather(0, wrap), opset=11)
    case("gather_elements_axis", "GatherElements", [smooth(2, 3), i], lambda x, i: x.gather(1, wrap), opset=11, axis=-1)
    case("gather_elements_int", "GatherElements", [ints(5, 6, 7), ints(2, 2, 0)], lambda x, i: x[i], opset=11)
    u = smooth(2, 3)
    place = ints(0, 3, 1, 2, 1, 0).reshape(2, 3)
    case("scatter_elements", "ScatterElements", [smooth(2, 4), ints(0, 3, 1, 2, -3, 0).reshape(2, 3), u],
         lambda x, i, u: x.scatter(1, place, u), axis=1)
    case("scatter_elements_add", "ScatterElements", [smooth(3, 3), ints(0, 1, 2, 0, 2, 2).reshape(2, 3), smooth(2, 3)],
         lambda x, i, u: x.scatter_add(0, i, u), opset=16, reduction="add")
    case("scatter_elements_twice", "ScatterElements", [smooth(4), ints(1, 3, 1), smooth(3)],
         lambda x, i, u: torch.stack([x[0], u[2], x[2], u[1]]))
    case("scatter_old", "Scatter", [smooth(2, 4), place, smooth(2, 3)], lambda x, i, u: x.scatter(1, i, u), opset=9, axis=1)
    case("scatter_elements_int", "ScatterElements", [ints(1, 2, 3), ints(-1), ints(9)], lambda x, i, u: ints(1, 2, 9))
    rows = ints(0, 1, 2, 0, -1, -2).reshape(3, 2)
    case("gather_nd", "GatherND", [smooth(3, 2), rows], lambda x, i: x[[0, 2, 2], [1, 0, 0]])
    case("gather_nd_slices", "GatherND", [smooth(3, 4), ints(2, 0, 2).reshape(3, 1)], lambda x, i: x[[2, 0, 2]])
    case("gather_nd_batch", "GatherND", [smooth(2, 3, 4), ints(1, 2).reshape(2, 1)], lambda x, i: x[[0, 1], [1, 2]],
         batch_dims=1)
    case("gather_nd_batch_rows", "GatherND", [smooth(2, 3, 4), ints(1, 2, 0, 0).reshape(2, 1, 2)],
         lambda x, i: x[[0, 1], [1, 0], [2, 0]].reshape(2, 1), batch_dims=1)
    case("gather_nd_int", "GatherND", [ints(5, 6, 7), ints(1, 0).reshape(2, 1)], lambda x, i: ints(6, 5))

    def put(x, at, u, add=False):
        y = x.clone()
        return y.index_put(at, u, accumulate=add)
    case("scatter_nd", "ScatterND", [smooth(4, 3), ints(1, 0, 3, -1).reshape(2, 2), smooth(2)],
         lambda x, i, u: put(x, (torch.tensor([1, 3]), torch.tensor([0, 2])), u))
    case("scatter_nd_slices", "ScatterND", [smooth(4, 3), ints(1, -1).reshape(2, 1), smooth(2, 3)],
         lambda x, i, u: put(x, (torch.tensor([1, 3]),), u))
    case("scatter_nd_add", "ScatterND", [smooth(4, 3), ints(1, 1).reshape(2, 1), smooth(2, 3)],
         lambda x, i, u: put(x, (torch.tensor([1, 1]),), u, True), opset=16, reduction="add")
    case("scatter_nd_int", "ScatterND", [ints(0, 0, 0, 0), ints(1, 3).reshape(2, 1), ints(5, 6)],
         lambda x, i, u: ints(0, 5, 0, 6))


def old_attributes():
    """What earlier opsets wrote differently, and later ones added."""
    case("pad_wrap", "Pad", [smooth(1, 1, 3, 4), ints(0, 0, 1, 2, 0, 0, 2, 3)],
         lambda x, p: F.pad(x, (2, 3, 1, 2), "circular"), opset=19, mode="wrap")
    case("pad_wrap_far", "Pad", [smooth(3), ints(4, 7)], lambda x, p: x[[(i - 4) % 3 for i in range(14)]], opset=19,
         mode="wrap")
    case("pad_axes", "Pad", [smooth(2, 3, 4), ints(1, 0, 2, 3), None, ints(-1, 0)],
         lambda x, p, v, a: F.pad(x, (1, 2, 0, 0, 0, 3)), opset=18)
    case("pad_1", "Pad", [smooth(2, 3)], lambda x: F.pad(x, (1, 2, 0, 1)), opset=1, paddings=[0, 1, 1, 2])
    case("split_18", "Split", [smooth(7, 2)], lambda x: list(x.split([3, 3, 1], 0)), opset=18, num_outputs=3)
    case("split_input_1", "Split", [smooth(5, 2), ints(2, 3)], lambda x, s: list(x.split([2, 3], 0)), opset=1)
    case("concat_1", "Concat", [smooth(2, 1), smooth(2, 2)], lambda *x: torch.cat(x, 1), opset=1)
    case("gemm_broadcast", "Gemm", [smooth(2, 3), smooth(3, 4), smooth(4)], lambda a, b, c: a @ b + c, opset=6,
         broadcast=1)
    case("gemm_absent", "Gemm", [smooth(2, 3), smooth(3, 4), None], lambda a, b, c: a @ b, opset=11)
    case("less_axis", "Less", [Constant(smooth(2, 3, 2)), Constant(smooth(3))],
         lambda a, b: (a < b.reshape(3, 1)).long(), opset=1, broadcast=1, axis=1)
    case("and_axis", "And", [ints(0, 1, 1, 0).reshape(2, 2), ints(0, 1)], lambda a, b: a & b.reshape(2, 1), opset=1,
         broadcast=1, axis=0)
    case("pow_axis", "Pow", [positive(2, 3, 2), smooth(3)], lambda a, b: a ** b.reshape(3, 1), opset=1, broadcast=1, axis=1)
    case("pow_whole", "Pow", [smooth(2, 3), ints(3).reshape(())], torch.pow, opset=12)
    case("pow_whole_each", "Pow", [positive(2, 3), ints(3, -1, 2)], torch.pow, opset=12)
    case("prelu_one", "PRelu", [spaced(2, 3, 2), smooth(1)], lambda x, a: torch.where(x < 0, a * x, x), opset=1)
    case("dropout_1", "Dropout", [smooth(2, 3)], lambda x: x * 1, opset=1, ratio=0.3, is_test=1, consumed_inputs=[0])
    case("dropout_12", "Dropout", [smooth(2, 3), Constant(torch.tensor(0.3))], lambda x, r: x * 1, opset=12)
    case("batch_norm_14", "BatchNormalization",
         [smooth(2, 3, 2), smooth(3), smooth(3), Constant(smooth(3)), Constant(positive(3))],
         lambda x, s, b, m, v: F.batch_norm(x, m, v, s, b), opset=14, momentum=0.8, training_mode=0)
    case("slice_1", "Slice", [smooth(4, 5)], lambda x: x[1:, :-1], opset=1, starts=[1, 0], ends=[1000, -1])
    case("clip_1", "Clip", [spaced(2, 3)], lambda x: x.clamp(max=0.2), opset=1, max=0.2)
    case("hard_sigmoid_1", "HardSigmoid", [spaced(2, 3)], lambda x: (0.2 * x + 0.5).clamp(0, 1), opset=1)
    case("elu_1", "Elu", [spaced(2, 3)], F.elu, opset=1)
    case("leaky_relu_1", "LeakyRelu", [spaced(2, 3)], lambda x: F.leaky_relu(x, 0.01), opset=1)
    case("reduce_mean_1", "ReduceMean", [smooth(2, 3)], lambda x: x.mean(1), opset=1, axes=[1], keepdims=0)
    case("average_pool_19", "AveragePool", [smooth(1, 1, 6, 5)],
         lambda x: F.conv2d(x, torch.full((1, 1, 2, 2), 0.25), dilation=2), opset=19, kernel_shape=[2, 2], dilations=[2, 2])
    case("cast_1", "Cast", [Constant(torch.tensor([1.5, -2.5]))], lambda x: x.long(), opset=1, to="INT32")
    case("cast_19", "Cast", [smooth(2)], lambda x: x * 1, opset=19, to=1, saturate=0)
    case("log_softmax_old", "LogSoftmax", [smooth(2, 3, 4)], lambda x: x.reshape(2, 12).log_softmax(1).reshape(2, 3, 4),
         opset=11)
    case("max_8", "Max", [spaced(2, 3), spaced(3) + 0.02], torch.maximum, opset=8)
    case("unsqueeze_1", "Unsqueeze", [smooth(2)], lambda x: x.reshape(1, 2, 1), opset=1, axes=[0, 2])
    case("instance_norm_1", "InstanceNormalization", [smooth(1, 2, 3, 3), smooth(2), smooth(2)],
         lambda x, s, b: F.instance_norm(x, None, None, s, b), opset=1, consumed_inputs=[0])


if __name__ == "__main__":
    torch.manual_seed(1)
    for part in (convolutions, pools, elementwise, arithmetic, normalisations, products, movements, makers, smooth_units,
                 resizes, group_normalisations, contractions, transposed_convolutions, blocks, reductions, picks, old_attributes):
        part()
    sys.stdout.flush()
