#!/usr/bin/python3
"""What `filterscope shift` says against NumPy, end to end.

usage: shift_conformance.py PROGRAM DATA

A small ONNX network and a perturbed copy of it, twelve pictures of exactly the size that is cropped without resampling:
the activations are those of `filterscope probe`, the numbers are computed here from the definitions. One minibatch, so
that the order of the pictures does not matter.
Debian packages: python3-onnx python3-numpy python3-pil. Exit code 77: nothing to compare with.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
    from PIL import Image
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

IMAGES, TOLERANCE = 12, 1e-4


def hsic1(k, l):
    n, one = len(k), np.ones(len(k))
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    return (np.trace(k @ l) + one @ k @ one * (one @ l @ one) / ((n - 1) * (n - 2))
            - 2 / (n - 2) * one @ k @ l @ one) / (n * (n - 3))


def cka(x, y):
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    k, l = x @ x.T, y @ y.T
    return hsic1(k, l) / np.sqrt(hsic1(k, k) * hsic1(l, l))


def pooled(x):
    return x.reshape(*x.shape[:2], -1).mean(2)


def procrustes(x, y):
    x, y = pooled(x), pooled(y)
    x, y = x - x.mean(0), y - y.mean(0)
    return 2 - 2 * np.linalg.svd((x / np.linalg.norm(x)).T @ (y / np.linalg.norm(y)), compute_uv=False).sum()


def channels(x):
    return np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)


def score(a, b):
    covariance = ((a - a.mean()) * (b - b.mean())).mean()
    spread = a.var() + b.var() + (a.mean() - b.mean()) ** 2
    return 1 - 2 * covariance / spread if spread > 0 else 0.0


def perturb(source, target):
    model, random, weights = onnx.load(source), np.random.default_rng(4), {}
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim >= 2:
            changed = (values * 1.1 + random.normal(scale=0.5 * values.std(), size=values.shape)).astype(np.float32)
            weights[values.shape] = (values.astype(float), changed.astype(float))
            tensor.CopyFrom(numpy_helper.from_array(changed, tensor.name))
    onnx.save(model, target)
    return weights


def main():
    program, data = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        inside = lambda *names: os.path.join(folder, *names)
        run = lambda *words: subprocess.run([program, *words, "--quiet"], check=True, stderr=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE).stdout
        before, after = os.path.join(data, "squeeze.onnx"), inside("after.onnx")
        perturb(before, after)
        layers = json.loads(run("layers", "--model", before, "--json"))
        side = json.load(open(before[:-5] + ".json")) if os.path.exists(before[:-5] + ".json") else {}
        if side:
            json.dump(side, open(inside("after.json"), "w"))
        model = onnx.load(before)
        size = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][2:]
        size = side.get("input", {}).get("size", size if all(size) else [224, 224])
        # The shorter side that preprocessing resizes to; pictures that have it are cropped alone.
        short = 256 if 224 <= size[0] <= 256 else (size[0] * 256 + 112) // 224
        random, pixels = np.random.default_rng(5), []
        os.mkdir(inside("pictures"))
        for i in range(IMAGES):
            coarse = random.integers(0, 256, (6, 6, 3), dtype=np.uint8)
            picture = Image.fromarray(coarse).resize((short, short), Image.BICUBIC)
            picture.save(inside("pictures", f"{i:02}.png"))
            at = (short - size[0]) // 2
            pixels.append(np.asarray(picture)[at:at + size[0], at:at + size[1]] / 255)
        about = side.get("input", {})
        order = {"BGR": [2, 1, 0], "RGB": [0, 1, 2]}[about.get("channels", "RGB")]
        mean = np.array(about.get("mean", [0.485, 0.456, 0.406]))
        std = np.array(about.get("std", [0.229, 0.224, 0.225]))
        batch = (np.stack(pixels)[..., order] * about.get("range", 1) - mean) / std
        batch = np.moveaxis(batch, 3, 1).astype(np.float32)
        answers = {}
        for name, path in (("before", before), ("after", after)):
            for layer in layers:
                rows = []
                for i in range(IMAGES):
                    np.save(inside("in.npy"), batch[i:i + 1])
                    run("probe", "--model", path, "--input", inside("in.npy"), "--layer", layer["name"], "-o",
                        inside("out.npy"))
                    rows.append(np.load(inside("out.npy")).astype(float))
                answers[name, layer["name"]] = np.concatenate(rows)
        run("shift", "--before", before, "--after", after, "--images", inside("pictures"), "--all-layers", "--top", "0",
            "--batch", str(2 * IMAGES), "-o", inside("out"))
        shift = json.load(open(inside("out", "shift.json"), encoding="utf-8"))
        filters = list(csv.DictReader(open(inside("out", "filters.csv"), encoding="utf-8")))
    names = [layer["layer"] for layer in shift["layers"]]
    assert names == [layer["name"] for layer in layers] and shift["images"] == IMAGES
    worst = 0
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            expected = cka(answers["before", a], answers["after", b])
            worst = max(worst, abs(shift["cka"][i][j] - expected))
        x, y = answers["before", a], answers["after", a]
        assert abs(shift["layers"][i]["procrustes"] - procrustes(x, y)) < TOLERANCE, a
        scores = [score(p, q) for p, q in zip(channels(x), channels(y))]
        assert abs(shift["layers"][i]["median_score"] - np.median(scores)) < TOLERANCE, a
    assert worst < TOLERANCE, f"CKA differs by {worst}"
    assert filters and [float(f["score"]) for f in filters] == sorted((float(f["score"]) for f in filters), reverse=True)
    for f in filters:
        x, y = (channels(answers[v, f["layer"]])[int(f["channel"])] for v in ("before", "after"))
        assert abs(float(f["score"]) - score(x, y)) < TOLERANCE, f
        if f["correlation"]:
            assert abs(float(f["correlation"]) - np.corrcoef(x, y)[0, 1]) < TOLERANCE, f
    print(f"{len(names)} layers, {len(filters)} filters; CKA within {worst:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
