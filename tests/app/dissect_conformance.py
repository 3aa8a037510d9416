#!/usr/bin/python3
"""What `filterscope dissect` says against NumPy, end to end.

usage: dissect_conformance.py PROGRAM DATA

A small ONNX network and a folder of drawn pictures with masks: activations are those of `filterscope probe`, thresholds,
enlargement, overlaps and the choice of concepts are computed here from their definitions (docs/dissection.md).
Debian packages: python3-numpy python3-pil. Exit code 77: nothing to compare with.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

IMAGES, SIZE, QUANTILE, LEAST_PICTURES = 72, 64, 0.9, 4
MASKS = (("texture", "textures"), ("part", "parts"), ("object", "classes"))


def enlarge(maps, field):
    """[C,h,w] to [C,SIZE,SIZE], bilinear between the centres of receptive fields, constant beyond the outermost."""
    axes = []
    for n in maps.shape[1:]:
        centre = field["offset"] + field["size"] / 2
        at = np.clip((np.arange(SIZE) + 0.5 - centre) / field["stride"], 0, n - 1)
        low = at.astype(int)
        axes.append((low, np.minimum(low + 1, n - 1), at - low))
    (top, bottom, v), (left, right, u) = axes
    v = v[:, None]
    above = (1 - u) * maps[:, top][:, :, left] + u * maps[:, top][:, :, right]
    below = (1 - u) * maps[:, bottom][:, :, left] + u * maps[:, bottom][:, :, right]
    return (1 - v) * above + v * below


def expected(maps, field, masks, names):
    """For each channel its threshold and {(kind, name): IoU} of all candidates."""
    count = maps.shape[0] * maps.shape[2] * maps.shape[3]
    ordered = np.sort(np.moveaxis(maps, 1, 0).reshape(maps.shape[1], -1), 1)
    thresholds = ordered[:, int(np.ceil(QUANTILE * count)) - 1]
    on = np.stack([enlarge(m, field) > thresholds[:, None, None] for m in maps.astype(float)])
    result = [{} for _ in thresholds]
    for kind, _ in MASKS:
        for label in range(1, len(names[kind])):
            is_it = masks[kind] == label
            is_no_object = kind == "object" and names[kind][label] in ["clutter", *names["texture"]]
            if is_no_object or (is_it.mean((1, 2)) >= 0.001).sum() < LEAST_PICTURES:
                continue
            both = (on & is_it[:, None]).sum((2, 3))
            total = both.sum(0)
            iou = total / (on.sum((0, 2, 3)) + is_it.sum() - total)
            for c in np.flatnonzero((total > 0) & (2 * both.max(0) <= total)):
                result[c][kind, names[kind][label]] = iou[c]
    return thresholds, result


def main():
    program, data = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        inside = lambda *parts: os.path.join(folder, *parts)
        run = lambda *words: subprocess.run([program, *words, "--quiet"], check=True, stdout=subprocess.PIPE).stdout
        model = inside("model.onnx")
        shutil.copy(os.path.join(data, "squeeze.onnx"), model)
        json.dump({"input": {"size": [SIZE, SIZE]}}, open(inside("model.json"), "w"))
        run("world", "--n", str(IMAGES), "--size", str(SIZE), "--seed", "7", "--split", "1", "-o", inside("world"))
        run("dissect", "--model", model, "--all", "--data", inside("world"), "--quantile", str(QUANTILE),
            "--least-pictures", str(LEAST_PICTURES), "-o", inside("out"))
        found = json.load(open(inside("out", "dissection.json"), encoding="utf-8"))
        lists = json.load(open(inside("world", "concepts.json"), encoding="utf-8"))
        names = {kind: lists[mask] for kind, mask in MASKS}
        files = sorted((os.path.join(c, f) for c in os.listdir(inside("world", "train"))
                        for f in os.listdir(inside("world", "train", c))))
        read = lambda *parts: np.asarray(Image.open(inside("world", *parts)))
        masks = {kind: np.stack([read("masks", mask, f) for f in files]) for kind, mask in MASKS}
        pixels = np.stack([read("train", f) for f in files]).astype(np.float32) / 255
        np.save(inside("in.npy"), np.ascontiguousarray(np.moveaxis(pixels, 3, 1)))
        fields = {layer["name"]: layer["receptive_field"] for layer in json.loads(run("layers", "--model", model, "--json"))}
        compared = 0
        for layer in found["layers"]:
            run("probe", "--model", model, "--raw", "--input", inside("in.npy"), "--layer", layer["layer"], "-o",
                inside("out.npy"))
            thresholds, concepts = expected(np.load(inside("out.npy")), fields[layer["layer"]], masks, names)
            assert len(layer["channels"]) == len(thresholds)
            for c, channel in enumerate(layer["channels"]):
                where = f"{layer['layer']} {c}"
                assert abs(channel["threshold"] - thresholds[c]) <= 1e-4 * max(1, abs(thresholds[c])), where
                said = [m for m in [channel, *channel["next"]] if m["concept"] is not None]
                best = sorted(concepts[c].values(), reverse=True)[:4]
                assert len(said) == len(best), where
                for m, iou in zip(said, best):
                    assert abs(m["iou"] - iou) < 2e-3, (where, m, iou)
                    assert abs(concepts[c][m["kind"], m["concept"]] - m["iou"]) < 2e-3, (where, m)
                    compared += 1
    assert compared > 50, compared
    print(f"{len(found['layers'])} layers, {compared} overlaps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
