#!/usr/bin/python3
"""`gabor --substitute` on SqueezeNet against PyTorch and NumPy.

usage: substitute_conformance.py PROGRAM SHARED

The network is run anew in PyTorch, its first kernels made from the numbers in fits.json; agreement, divergence, top-1,
top-5 and the layers' CKA of the variants without random numbers must come out the same. CKA is computed from the formula
of Song et al. (2012) over explicit Gram matrices.
Debian packages: python3-torch python3-onnx python3-pil python3-numpy. Exit code 77: nothing to compare with.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import torch
    from onnx import numpy_helper
    from PIL import Image
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

PICTURES, K, SIDE, RESIZED = 24, 7, 227, 256
MEAN = np.array([104, 117, 123], np.float32).reshape(3, 1, 1)
VARIANTS = ("fit", "rank_one", "gabor_edge_fit", "gabor_edge_fit_rest_zero", "gabor_zero")
COMPARED = ("features.0", "features.3", "features.8", "features.12", "logits")


def read_picture(path):
    """The shorter side to 256, the middle 227, blue first, the mean taken off."""
    picture = Image.open(path).convert("RGB")
    w, h = picture.size
    size = (RESIZED, int(RESIZED * h / w)) if w <= h else (int(RESIZED * w / h), RESIZED)
    picture = picture.resize(size, Image.BILINEAR)
    x, y = int(round((size[0] - SIDE) / 2)), int(round((size[1] - SIDE) / 2))
    pixels = np.asarray(picture.crop((x, y, x + SIDE, y + SIDE)), np.float32).transpose(2, 0, 1)
    return torch.from_numpy(pixels[::-1] - MEAN)


def run(graph, constants, pictures):
    """Outputs of all nodes, a node at a time."""
    values = {graph.input[0].name: pictures}
    for node in graph.node:
        a = {x.name: onnx.helper.get_attribute_value(x) for x in node.attribute}
        i = [values[n] if n in values else constants[n] for n in node.input if n]
        if node.op_type == "Conv":
            out = torch.nn.functional.conv2d(i[0], i[1], i[2], a.get("strides", [1, 1]), a.get("pads", [0, 0])[:2])
        elif node.op_type == "MaxPool":
            out = torch.nn.functional.max_pool2d(i[0], a["kernel_shape"], a["strides"], ceil_mode=bool(a.get("ceil_mode")))
        elif node.op_type == "Relu":
            out = torch.relu(i[0])
        elif node.op_type == "Concat":
            out = torch.cat(i, a["axis"])
        elif node.op_type == "GlobalAveragePool":
            out = i[0].mean((2, 3), keepdim=True)
        elif node.op_type in ("Flatten", "Reshape"):
            out = i[0].flatten(1)
        else:
            sys.exit(f"{node.op_type}: not known here")
        values[node.output[0]] = out
    return values


def gram(values):
    x = values.flatten(2).mean(2).double().numpy() if values.dim() == 4 else values.double().numpy()
    x = x - x.mean(0)
    k = x @ x.T
    np.fill_diagonal(k, 0)
    return k


def hsic(k, l):
    n, one = len(k), np.ones(len(k))
    return (np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / (n - 1) / (n - 2) - 2 / (n - 2) * (one @ k @ l @ one)) / n / (n - 3)


def cka(a, b):
    k, l = gram(a), gram(b)
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


def gabor(g, amplitude, offset):
    y, x = np.mgrid[:K, :K] - (K - 1) / 2
    c, s = np.cos(g["theta_rad"]), np.sin(g["theta_rad"])
    across = (x - g["x0_px"]) * c + (y - g["y0_px"]) * s
    along = (y - g["y0_px"]) * c - (x - g["x0_px"]) * s
    envelope = np.exp(-(across**2 + (g["gamma"] * along) ** 2) / (2 * g["sigma_px"] ** 2))
    return amplitude * envelope * np.cos(2 * np.pi * across / g["lambda_px"] + g["psi_rad"]) + offset


def kernels_of(variant, learned, fits):
    """Blue first, as the network has them."""
    out = learned.copy()
    for fit in fits["kernels"]:
        k, c = fit["channel"], fit["class"]
        if variant == "rank_one":
            profile = gabor(fit, fit["amplitude"], fit["offset"])
            out[k] = [fit["colour"][2 - i] * profile for i in range(3)]
        elif variant == "fit" or (variant.startswith("gabor_edge_fit") and c in ("gabor", "edge")):
            amplitude, offset = fit["in_colour_amplitude"], fit["in_colour_offset"]
            out[k] = [gabor(fit["in_colour"], amplitude[2 - i], offset[2 - i]) for i in range(3)]
        elif variant == "gabor_edge_fit_rest_zero" or (variant == "gabor_zero" and c == "gabor"):
            out[k] = 0
    return out


def measure(name, variant, original, now, truth, failures):
    p, q = (torch.softmax(v["logits"].double(), 1) for v in (original, now))
    top = q.topk(5, 1).indices
    found = {"divergence": float((p * (p / q).log()).sum(1).mean()),
             "agreement": float((top[:, 0] == p.argmax(1)).double().mean()),
             "top1": float((top[:, 0] == truth).double().mean()),
             "top5": float((top == truth[:, None]).any(1).double().mean())}
    allowed = {"divergence": 0.01 + 0.02 * found["divergence"], "agreement": 1.01 / PICTURES, "top1": 1.01 / PICTURES,
               "top5": 1.01 / PICTURES}
    for what, value in found.items():
        if abs(variant[what] - value) > allowed[what]:
            failures.append(f"{name}: {what} is {variant[what]:.4f}, here {value:.4f}")
    by_layer = {entry["layer"]: entry["value"] for entry in variant["cka"]}
    for layer in COMPARED:
        value = cka(original[layer], now[layer])
        if abs(by_layer[layer] - value) > 0.01:
            failures.append(f"{name}: CKA of {layer} is {by_layer[layer]:.4f}, here {value:.4f}")
        found[layer] = value
    print(name, {k: round(float(v), 4) for k, v in found.items()})


def by_layer(values):
    """Under the names of the program's layers: /features/features.3/Concat_output_0 is features.3."""
    named = dict(values)
    for name, value in values.items():
        parts = [p for p in name.split("/") if p]
        for layer in COMPARED:
            if len(parts) > 2 and parts[-2] == layer:
                named[layer] = value
    named["logits"] = list(values.values())[-1]
    return named


def main():
    program, shared = sys.argv[1:]
    model = os.path.join(shared, "models", "squeezenet1_0.onnx")
    if not os.path.exists(model):
        print("SKIPPED: no model")
        sys.exit(77)
    graph = onnx.load(model).graph
    constants = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    first = next(n for n in graph.node if n.op_type == "Conv").input[1]
    learned = constants[first].numpy().copy()
    with open(os.path.join(shared, "images", "classes.tsv"), encoding="utf-8") as table:
        classes = dict(line.split("\t") for line in table.read().splitlines()[1:])
    names = sorted(n for n in os.listdir(os.path.join(shared, "images")) if n in classes)[::8][:PICTURES]
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        images, out = os.path.join(folder, "images"), os.path.join(folder, "out")
        os.mkdir(images)
        for name in names:
            shutil.copy(os.path.join(shared, "images", name), images)
        shutil.copy(os.path.join(shared, "images", "classes.tsv"), images)
        subprocess.run([program, "gabor", "--quiet", "--null", "0", "--repeats", "1", "--model", model, "--substitute",
                        "--images", images, "-o", out], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(out, "fits.json"), encoding="utf-8") as f:
            fits = json.load(f)
        with open(os.path.join(out, "substitution.json"), encoding="utf-8") as f:
            result = json.load(f)
        pictures = torch.stack([read_picture(os.path.join(images, n)) for n in names])
        truth = torch.tensor([int(classes[n]) for n in names])
        with torch.no_grad():
            original = by_layer(run(graph, constants, pictures))
            for variant in result["variants"]:
                if variant["name"] not in VARIANTS:
                    continue
                constants[first] = torch.from_numpy(kernels_of(variant["name"], learned, fits).astype(np.float32))
                now = by_layer(run(graph, constants, pictures))
                measure(variant["name"], variant, original, now, truth, failures)
    print("\n".join(failures) if failures else "all measures agree")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
