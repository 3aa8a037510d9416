#!/usr/bin/python3
"""What `filterscope export` writes, as other tools see it.

usage: export_conformance.py PROGRAM SHARED FIXTURES

Exports SqueezeNet 1.0 of the SHARED folder, the architectures of FS_ARCHITECTURES, and the small models of FIXTURES;
with and without a new classifier. Of every file that comes out:
- onnx.checker finds it valid, and strict shape inference agrees with the outputs it declares;
- nodes, attributes and weights are those of the file that went in;
- the program computes the same class scores from it as from the original, bit by bit;
- OpenCV, which shares no code with the program, loads it wherever it loads the original, and computes PyTorch's class
  scores from it.
Debian packages: python3-onnx python3-opencv python3-numpy. Exit code 77: nothing to compare with.
"""
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np

try:
    import cv2
    import onnx
    from onnx import numpy_helper
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

PROGRAM, SHARED, FIXTURES = sys.argv[1:4]
TOLERANCE = 1e-4
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)


def run(*words):
    subprocess.run([PROGRAM, words[0], "--quiet", *map(str, words[1:])], check=True)


def scores(model, x, folder):
    out = os.path.join(folder, "scores.npy")
    run("probe", "--model", model, "--input", x, "--layer", "logits", "-o", out)
    return np.load(out)


def error(ours, reference):
    return float(np.linalg.norm(ours - reference) / np.linalg.norm(reference))


def opencv(path, x):
    """Class scores, or None where OpenCV does not read the file."""
    try:
        net = cv2.dnn.readNetFromONNX(path)
    except cv2.error:
        return None
    net.setInput(x)
    return net.forward()


def check_valid(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    for declared, found in zip(model.graph.output, inferred.graph.output):
        assert declared.type.tensor_type.elem_type == found.type.tensor_type.elem_type, declared.name
        assert len(declared.type.tensor_type.shape.dim) == len(found.type.tensor_type.shape.dim), declared.name
    return model


def content(tensor):
    """Numbers as the program holds them: one floating point type."""
    array = numpy_helper.to_array(tensor)
    return array.astype(np.float32) if tensor.data_type in FLOATS else array


def attributes(node):
    result = {}
    for a in node.attribute:
        value = onnx.helper.get_attribute_value(a)
        if node.op_type == "Cast" and value in FLOATS:
            value = onnx.TensorProto.FLOAT
        if isinstance(value, onnx.TensorProto):
            value = content(value)
            value = (value.dtype.str, value.shape, value.tobytes())
        result[a.name] = list(value) if hasattr(value, "append") else value
    return result


def weights(graph):
    result = {t.name: content(t) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            result[node.output[0]] = content(node.attribute[0].t)
    return result


def half_casts(graph):
    """Casts of constants in half precision to float32: what is written has the constant, under the Cast's output."""
    half = {t.name for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT16}
    return {n.output[0]: n.input[0] for n in graph.node
            if n.op_type == "Cast" and n.input[0] in half and n.attribute[0].i == onnx.TensorProto.FLOAT}


def is_channels_last(model):
    """Then it is written channels first: other axes, fewer Transposes, the same numbers."""
    return any(a.name == "perm" and list(a.ints) == [0, 2, 3, 1] for n in model.graph.node for a in n.attribute)


def check_same(before, after):
    if is_channels_last(before):
        return
    assert [o.name for o in before.graph.output] == [o.name for o in after.graph.output]
    assert {o.domain: o.version for o in after.opset_import}[""] == before.opset_import[0].version
    assert after.ir_version >= 4 and after.producer_name == "filterscope"
    assert "name" in [entry.key for entry in after.metadata_props]
    casts = half_casts(before.graph)
    old = {tuple(n.output): n for n in before.graph.node if n.op_type != "Constant" and n.output[0] not in casts}
    new = {tuple(n.output): n for n in after.graph.node}
    assert old.keys() == new.keys()
    for outputs, node in new.items():
        assert old[outputs].op_type == node.op_type
        assert list(old[outputs].input) == list(node.input), node.name
        assert not old[outputs].name or old[outputs].name == node.name
        assert attributes(old[outputs]) == attributes(node), node.name
    kept = weights(after.graph)
    renamed = {stored: output for output, stored in casts.items()}
    for name, value in weights(before.graph).items():
        other = kept[renamed.get(name, name)]
        assert value.dtype == other.dtype and value.shape == other.shape, name
        assert value.tobytes() == other.tobytes(), name


def check_network(model, x, reference, folder):
    name = os.path.splitext(os.path.basename(model))[0]
    same, other = os.path.join(folder, "same.onnx"), os.path.join(folder, "other.onnx")
    image, known = np.load(x), opencv(model, np.load(x)) is not None
    run("export", "--model", model, "-o", same)
    check_same(onnx.load(model), check_valid(same))
    assert scores(model, x, folder).tobytes() == scores(same, x, folder).tobytes(), "another result"
    run("export", "--model", same, "--classes", 5, "--hidden", 16, "--seed", 3, "-o", other)
    check_valid(other)
    ours = scores(other, x, folder)
    assert ours.shape == (len(image), 5) and np.isfinite(ours).all()
    told = f"{name}: same graph, same scores"
    if known:
        first = error(opencv(same, image), np.load(reference))
        second = error(opencv(other, image), ours)
        told += f"; OpenCV and PyTorch differ by {first:.1e}, with a new classifier OpenCV and filterscope by {second:.1e}"
        assert first < TOLERANCE and second < TOLERANCE
    else:
        told += "; OpenCV does not read the original"
    print(told, flush=True)
    return known


def check_fixture(model, folder):
    out = os.path.join(folder, "fixture.onnx")
    run("export", "--model", model, "-o", out)
    check_same(onnx.load(model), check_valid(out))


def main():
    networks = []
    squeezenet = os.path.join(SHARED, "models/squeezenet1_0.onnx")
    if os.path.exists(squeezenet):
        reference = os.path.join(SHARED, "reference/squeezenet1_0.")
        networks.append((squeezenet, reference + "input.npy", reference + "logits.npy"))
    for path in sorted(glob.glob(os.path.join(os.environ.get("FS_ARCHITECTURES", "/nowhere"), "*.onnx"))):
        networks.append((path, path[:-5] + ".input.npy", path[:-5] + ".logits.npy"))
    # Broken ones, one with its weights elsewhere, one that no known image size suits (its output has no shape), and
    # one with channels last.
    left_out = ("bad_", "external", "odd_head", "keras")
    fixtures = [f for f in sorted(glob.glob(os.path.join(FIXTURES, "*.onnx")))
                if not os.path.basename(f).startswith(left_out)]
    with tempfile.TemporaryDirectory() as folder:
        for path in fixtures:
            check_fixture(path, folder)
        print(f"{len(fixtures)} small models: valid, same graph")
        known = sum([check_network(*network, folder) for network in networks])
    assert fixtures
    if not networks:
        print("SKIPPED: no real network beside the project")
        return 77
    assert known > 0, "OpenCV read none of them"
    return 0


if __name__ == "__main__":
    sys.exit(main())
