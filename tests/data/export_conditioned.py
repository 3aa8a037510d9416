#!/usr/bin/env python3
"""Export torchvision models with weights under which the input gradient is well conditioned, with reference tensors.

usage: export_conditioned.py OUT_DIR NAME...

The library's own initialisation of some models (GoogLeNet) lets the activations shrink until maximum pooling chooses
among near-equal values: rounding alone then changes the input gradient by more than half of its length, in
PyTorch too (float32 against float64). Here convolutions start as He et al. (2015) have it, batch-norm statistics
are made non-trivial, and a head that starts at zero (vision transformers) does not. Writes OUT_DIR/NAME.onnx, NAME.input.npy, NAME.logits.npy and NAME.grad.npy (of logit 7), and
prints how far PyTorch's float32 gradient is from its float64 one.
Debian packages: python3-torch python3-torchvision python3-numpy.
"""
import os
import sys

import numpy as np
import torch
import torchvision.models as zoo


def build(name):
    torch.manual_seed(7)
    extra = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    model = getattr(zoo, name)(weights=None, **extra).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
        if isinstance(module, torch.nn.Linear) and not module.weight.any():
            torch.nn.init.normal_(module.weight, 0, 0.05)
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
    return model


def gradient(model, x):
    x = x.detach().clone().requires_grad_(True)
    logits = model(x)
    return logits.detach().numpy(), torch.autograd.grad(logits[0, 7], x)[0].numpy()


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for name in sys.argv[2:]:
        model = build(name)
        x = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(11))
        logits, grad = gradient(model, x)
        torch.onnx.export(model, x, f"{out}/{name}.onnx", opset_version=13, input_names=["input"],
                          output_names=["logits"])
        for key, value in (("input", x.numpy()), ("logits", logits), ("grad", grad)):
            np.save(f"{out}/{name}.{key}.npy", value)
        exact = gradient(model.double(), x.double())[1]
        print(name, f"float32 against float64: {np.linalg.norm(grad - exact) / np.linalg.norm(exact):.1e}")


if __name__ == "__main__":
    main()
