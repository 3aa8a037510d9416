#!/usr/bin/env python3
"""Export torchvision models with weights under which the input gradient is well conditioned, with reference tensors.

usage: export_conditioned.py OUT_DIR NAME[@OPSET][+half] ...

The library's own initialisation lets the activations of some models shrink until maximum pooling chooses among
near-equal values (GoogLeNet), explode (ResNet-50), or starts the head at zero (transformers): rounding alone then
changes the input gradient by more than half of its length, in PyTorch too, or there is nothing to compare. Here
convolutions start as He et al. (2015) have it, batch-norm statistics are made non-trivial, and heads, class tokens,
positions and layer scales are random. +half stores the weights as 16-bit floats, as a converted file has them.
Writes OUT_DIR/NAME.onnx, NAME.input.npy, NAME.logits.npy and NAME.grad.npy (of logit 7), and prints how far
PyTorch's float32 gradient is from its float64 one: seeds are tried until that is little. The default opset is 13; another becomes part of the name.
Debian packages: python3-torch python3-torchvision python3-numpy, python3-onnx for +half.
"""
import copy
import os
import sys

import numpy as np
import torch
import torchvision.models as zoo
from torch import nn

SIZES = {"inception_v3": 299}
SEEDS, WELL_CONDITIONED = range(7, 27), 4e-4


def build(name, seed):
    torch.manual_seed(seed)
    extra = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = getattr(zoo, name)(weights=None, **extra).eval()
    for path, parameter in model.named_parameters():
        last = path.split(".")[-1]
        if last in ("class_token", "pos_embedding", "relative_position_bias_table"):
            parameter.data.normal_(0, 0.5)
        elif last == "layer_scale":
            parameter.data.uniform_(0.2, 0.6)
    for path, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.normal_(module.bias, 0, 0.1)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, module.in_features**-0.5)
            if module.bias is not None:
                nn.init.normal_(module.bias, 0, 0.1)
        elif isinstance(module, (nn.LayerNorm, nn.BatchNorm2d)):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            if path.endswith("bn3"):  # what a bottleneck adds stays small, or fifty layers explode
                module.weight.data.mul_(0.2)
    return model


def gradient(model, x):
    x = x.detach().clone().requires_grad_(True)
    logits = model(x)
    return logits.detach().numpy(), torch.autograd.grad(logits[0, 7], x)[0].numpy()


def store_as_half(path):
    """Weights as float16, cast to float32 where they are used."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(path)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
        casts.append(helper.make_node("Cast", [name + "_half"], [name], name=name + "_cast", to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)


def round_to_half(model):
    for parameter in list(model.parameters()) + list(model.buffers()):
        if parameter.is_floating_point():
            parameter.data = parameter.data.half().float()


def conditioned(name, half):
    """The model of the first seed for which rounding does not matter, input, logits, gradient and its error."""
    size = SIZES.get(name, 224)
    x = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(11))
    for seed in SEEDS:
        model = build(name, seed)
        if half:
            round_to_half(model)
        logits, grad = gradient(model, x)
        exact = gradient(copy.deepcopy(model).double(), x.double())[1]
        error = np.linalg.norm(grad - exact) / np.linalg.norm(exact)
        if error < WELL_CONDITIONED:
            return model, x, logits, grad, error
    raise SystemExit(f"{name}: no seed gives a gradient that rounding leaves alone")


def export(out, request):
    name, half = request.removesuffix("+half"), request.endswith("+half")
    name, _, opset = name.partition("@")
    model, x, logits, grad, error = conditioned(name, half)
    file = name + (f".opset{opset}" if opset else "") + (".half" if half else "")
    # Exporting for inference merges batch norms into weights, which would be rounded again.
    mode = torch.onnx.TrainingMode.PRESERVE if half else torch.onnx.TrainingMode.EVAL
    torch.onnx.export(model, x, f"{out}/{file}.onnx", opset_version=int(opset or 13), input_names=["input"],
                      output_names=["logits"], do_constant_folding=not half, training=mode)
    if half:
        store_as_half(f"{out}/{file}.onnx")
    for key, value in (("input", x.numpy()), ("logits", logits), ("grad", grad)):
        np.save(f"{out}/{file}.{key}.npy", value)
    print(f"{file}: logits {logits.std():.2g}, float32 against float64: {error:.1e}", flush=True)


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for request in sys.argv[2:]:
        export(out, request)


if __name__ == "__main__":
    main()
