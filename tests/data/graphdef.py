"""Writes TensorFlow GraphDef files without TensorFlow: protobuf's wire format, as far as a frozen graph needs it.

    g = Graph()
    x = g.placeholder("input", [None, None, None, 3])
    w = g.const("w", np.zeros((3, 3, 3, 4), np.float32))
    g.add("Conv2D", "conv", [x, w], strides=[1, 1, 1, 1], padding="SAME")
    g.save("conv.pb")

Field numbers are those of tensorflow/core/framework (graph, node_def, attr_value, tensor, tensor_shape, types).
"""
import struct

import numpy as np

FLOAT, DOUBLE, INT32, UINT8, STRING, INT64, BOOL, BFLOAT16, HALF = 1, 2, 3, 4, 7, 9, 10, 14, 19
OF_NUMPY = {np.dtype(np.float32): FLOAT, np.dtype(np.float64): DOUBLE, np.dtype(np.int32): INT32,
            np.dtype(np.uint8): UINT8, np.dtype(np.int64): INT64, np.dtype(bool): BOOL, np.dtype(np.float16): HALF}


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    return varint(field << 3) + varint(int(n))


def real(field, x):
    return varint(field << 3 | 5) + struct.pack("<f", x)


def block(field, payload):
    payload = payload.encode() if isinstance(payload, str) else bytes(payload)
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def shape(dims):
    """None: a rank that is not known; a dimension of None is open."""
    if dims is None:
        return number(3, 1)
    return b"".join(block(2, number(1, -1 if d is None else d)) for d in dims)


def tensor(array, dtype=None):
    array = np.asarray(array)
    return (number(1, dtype or OF_NUMPY[array.dtype]) + block(2, shape(array.shape)) + block(4, array.tobytes()))


def typed(dtype, dims, **fields):
    """A tensor with its numbers in a typed field, e.g. float_val=[1.5]; fewer than elements: the last repeats."""
    numbers = {"float_val": 5, "double_val": 6, "int_val": 7, "int64_val": 10, "bool_val": 11, "half_val": 13}
    out = number(1, dtype) + block(2, shape(dims))
    for name, values in fields.items():
        if name == "float_val":
            packed = struct.pack(f"<{len(values)}f", *values)
        elif name == "double_val":
            packed = struct.pack(f"<{len(values)}d", *values)
        else:
            packed = b"".join(varint(int(v)) for v in values)
        out += block(numbers[name], packed)
    return out


class Type(int):
    """An attribute that is a type."""


class Shape:
    """An attribute that is a shape."""

    def __init__(self, dims):
        self.dims = dims


class Raw(bytes):
    """An attribute given as the encoded tensor."""


def value(v):
    if isinstance(v, Raw):
        return block(8, v)
    if isinstance(v, Type):
        return number(6, v)
    if isinstance(v, Shape):
        return block(7, shape(v.dims))
    if isinstance(v, bool):
        return number(5, v)
    if isinstance(v, int):
        return number(3, v)
    if isinstance(v, float):
        return real(4, v)
    if isinstance(v, str):
        return block(2, v)
    if isinstance(v, list):
        return block(1, block(3, b"".join(varint(i) for i in v)) if v else b"")
    raise TypeError(type(v))


class Graph:
    def __init__(self):
        self.nodes = []

    def add(self, op, name, inputs=(), **attributes):
        out = block(1, name) + block(2, op) + b"".join(block(3, i) for i in inputs)
        for key, v in attributes.items():
            out += block(5, block(1, key) + block(2, value(v)))
        self.nodes.append(out)
        return name

    def placeholder(self, name, dims, dtype=FLOAT):
        return self.add("Placeholder", name, dtype=Type(dtype), shape=Shape(dims))

    def const(self, name, array):
        array = np.asarray(array)
        return self.add("Const", name, dtype=Type(OF_NUMPY[array.dtype]), value=Raw(tensor(array)))

    def ints(self, name, numbers):
        return self.const(name, np.asarray(numbers, np.int32))

    def bytes(self):
        return b"".join(block(1, node) for node in self.nodes) + block(4, number(1, 21))

    def save(self, path):
        with open(path, "wb") as file:
            file.write(self.bytes())
