#!/usr/bin/python3
"""Features of two networks for three minibatches, and what NumPy says about their similarity: tests/data/cka.

usage: make_cka_fixture.py
Debian package: python3-numpy. Written straight from the formulas in src/viz/cka.h, procrustes.h; in float64.
"""
import os

import numpy as np

BATCHES, N = 3, 9
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cka")


def hsic1(k, l):
    """Song et al. 2012, equation 5."""
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    one = np.ones(n)
    return (np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
            - 2 / (n - 2) * (one @ k @ l @ one)) / (n * (n - 3))


def minibatch_cka(x, y):
    sums = np.zeros(3)
    for b in range(BATCHES):
        xb, yb = x[b * N:(b + 1) * N], y[b * N:(b + 1) * N]
        k, l = xb @ xb.T, yb @ yb.T
        sums += hsic1(k, l), hsic1(k, k), hsic1(l, l)
    return sums[0] / np.sqrt(sums[1] * sums[2])


def procrustes(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    return 2 - 2 * np.linalg.svd(x.T @ y, compute_uv=False).sum()


def main():
    random = np.random.default_rng(11)
    images = random.normal(size=(BATCHES * N, 5))
    layers = {}
    for net in "ab":
        for layer, width in enumerate((12, 40)):
            mixed = np.tanh(images @ random.normal(size=(5, width)))
            noisy = mixed + random.normal(scale=0.4, size=(BATCHES * N, width)) + 3
            layers[f"{net}{layer}"] = noisy.astype("<f4")
    layers["b0"] = (layers["b0"] + layers["a0"]).astype("<f4")
    for name, values in layers.items():
        np.save(os.path.join(HERE, name + ".npy"), values)
    pairs = [(layers[f"a{i}"].astype(float), layers[f"b{j}"].astype(float)) for i in range(2) for j in range(2)]
    np.save(os.path.join(HERE, "cka.npy"), np.array([minibatch_cka(*p) for p in pairs], "<f4").reshape(2, 2))
    same = [procrustes(*pairs[0]), procrustes(*pairs[3])]
    np.save(os.path.join(HERE, "procrustes.npy"), np.array(same, "<f4"))


if __name__ == "__main__":
    main()
