#!/usr/bin/python3
"""The Gabor fits of SqueezeNet's first layer against SciPy's.

usage: scipy_conformance.py PROGRAM SHARED

For each of the 96 kernels scipy.optimize.curve_fit starts from FS_SCIPY_STARTS random points (64; 200 have been tried)
inside the same bounds; the program's R2 must reach the best of them but for 0.005. The profile of a kernel is its first
right singular vector. A second computation of R2 from the parameters in fits.json checks the convention of angles and
coordinates, a kernel that is made that of OpenCV.
Debian packages: python3-scipy python3-onnx python3-opencv python3-numpy. Exit code 77: nothing to compare with.
"""
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import warnings

try:
    import cv2
    import numpy as np
    import onnx
    from onnx import numpy_helper
    from scipy.optimize import OptimizeWarning, curve_fit
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

STARTS, TOLERANCE, K = int(os.environ.get("FS_SCIPY_STARTS", 64)), 0.005, 7
NAMES = ("lambda_px", "theta_rad", "psi_rad", "sigma_px", "gamma", "x0_px", "y0_px", "amplitude", "offset")
Y, X = (c.ravel() for c in np.mgrid[:K, :K] - (K - 1) / 2)
LOW = np.array([2, -10, -20, 0.5, 0.2, -K / 2, -K / 2, -np.inf, -np.inf])
HIGH = np.array([2 * K, 10, 20, K, 5, K / 2, K / 2, np.inf, np.inf])


def parts(wavelength, theta, psi, sigma, gamma, x0, y0):
    c, s = np.cos(theta), np.sin(theta)
    across, along = (X - x0) * c + (Y - y0) * s, (Y - y0) * c - (X - x0) * s
    phase = 2 * np.pi * across / wavelength + psi
    return c, s, across, along, np.exp(-(across**2 + (gamma * along) ** 2) / (2 * sigma**2)), phase


def gabor(_, *p):
    _, _, _, _, envelope, phase = parts(*p[:7])
    return p[7] * envelope * np.cos(phase) + p[8]


def jacobian(_, *p):
    wavelength, _, _, sigma, gamma = p[:5]
    c, s, across, along, envelope, phase = parts(*p[:7])
    even, odd, wave = p[7] * envelope * np.cos(phase), p[7] * envelope * np.sin(phase), 2 * np.pi / wavelength
    by_across, by_along = -even * across / sigma**2 - odd * wave, -even * gamma**2 * along / sigma**2
    return np.stack([odd * wave * across / wavelength, by_across * along - by_along * across, -odd,
                     even * (across**2 + (gamma * along) ** 2) / sigma**3, -even * gamma * along**2 / sigma**2,
                     -by_across * c + by_along * s, -by_across * s - by_along * c,
                     envelope * np.cos(phase), np.ones_like(X)], 1)


def r2(values, fitted):
    return 1 - ((values - fitted) ** 2).sum() / ((values - values.mean()) ** 2).sum()


def best_of_scipy(job):
    seed, values = job
    warnings.simplefilter("ignore", OptimizeWarning)
    random, best = np.random.default_rng(seed), -np.inf
    values = values / values.std()
    for _ in range(STARTS):
        start = [random.uniform(2, 2 * K), random.uniform(0, np.pi), random.uniform(-np.pi, np.pi),
                 random.uniform(0.5, K), random.uniform(0.2, 5), random.uniform(-K / 2, K / 2),
                 random.uniform(-K / 2, K / 2), random.uniform(0.5, 3), 0]
        try:
            found, _ = curve_fit(gabor, None, values, start, jac=jacobian, bounds=(LOW, HIGH), max_nfev=200)
        except RuntimeError:  # no convergence
            continue
        best = max(best, r2(values, gabor(None, *found)))
    return best


def weights(path):
    graph = onnx.load(path).graph
    name = next(n for n in graph.node if n.op_type == "Conv").input[1]
    return next(numpy_helper.to_array(t) for t in graph.initializer if t.name == name).astype(float)


def check_opencv(program):
    """The same angles; OpenCV writes the kernel turned by half a turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kernel.npy")
        subprocess.run([program, "gabor", "--make", "6,0.7,0.9,2.5,0.6", "--size", "15", "-o", path], check=True)
        ours = np.load(path)
    theirs = cv2.getGaborKernel((15, 15), sigma=2.5, theta=0.7, lambd=6, gamma=0.6, psi=0.9)
    assert np.allclose(ours, theirs[::-1, ::-1], atol=1e-6), "OpenCV's kernel is another one"


def main():
    program, shared = sys.argv[1:3]
    check_opencv(program)
    model = os.path.join(shared, "models/squeezenet1_0.onnx")
    if not os.path.exists(model):
        print("SKIPPED: models/squeezenet1_0.onnx is not beside the project")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "gabor", "--quiet", "--model", model, "-o", folder], check=True)
        with open(os.path.join(folder, "fits.json"), encoding="utf-8") as file:
            kernels = json.load(file)["kernels"]
    w = weights(model)
    if json.load(open(model[:-5] + ".json", encoding="utf-8"))["input"].get("channels") == "BGR":
        w = w[:, ::-1]
    assert len(kernels) == len(w) == 96
    profiles = []
    for kernel, values in zip(kernels, w.reshape(len(w), 3, -1)):
        u, s, vt = np.linalg.svd(values, full_matrices=False)
        sign = 1 if u[:, 0].sum() > 0 else -1
        assert np.allclose(kernel["colour"], sign * u[:, 0], atol=1e-5), kernel["channel"]
        assert abs(kernel["rank1_energy"] - s[0] ** 2 / (s**2).sum()) < 1e-5
        profiles.append(sign * s[0] * vt[0])
        again = r2(profiles[-1], gabor(None, *(kernel[name] for name in NAMES)))
        assert abs(again - kernel["r2"]) < 1e-4, f"kernel {kernel['channel']}: {again} from its parameters"
    with multiprocessing.Pool() as pool:
        oracle = pool.map(best_of_scipy, enumerate(profiles), chunksize=4)
    differences = np.array([k["r2"] for k in kernels]) - oracle
    print(f"R2 minus the best of {STARTS} starts: {differences.min():.2e} to {differences.max():.2e}; "
          f"median R2 {np.median([k['r2'] for k in kernels]):.3f}")
    assert differences.min() > -TOLERANCE, f"kernel {differences.argmin()}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
