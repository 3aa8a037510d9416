#!/usr/bin/env python3
"""Export the InceptionV1-shaped network of the peer's timing script to ONNX: the same layers, for ourselves to run.

usage: export_inceptionv1.py OUT.onnx        (Debian packages: python3-torch python3-torchvision)

The shape of GoogLeNet without batch norm, random weights; layers are called conv1, conv3, inception3a .. inception5b.
"""
import sys

import torch
import torchvision.models as zoo

net = zoo.googlenet(weights=None, aux_logits=False, init_weights=False).eval()
for module in net.modules():
    if isinstance(getattr(module, "bn", None), torch.nn.BatchNorm2d):
        module.bn = torch.nn.Identity()
torch.onnx.export(net, torch.zeros(1, 3, 224, 224), sys.argv[1], opset_version=13, input_names=["input"],
                  output_names=["logits"])
