/* An untrained network from one line of text, to be trained from scratch: convolutions with ReLU and max
 * pools in a row, behind them global average pooling and a linear classifier.
 *
 *     edge1=32@9/2 max texture1=48@3 max object1=256@3
 *
 * `NAME=CHANNELS@KERNEL/STRIDE` is a square convolution with bias and ReLU, padded so that stride 1 keeps
 * the size; the stride may be left out. The layer NAME is what the ReLU gives, NAME.conv what the convolution
 * gives. A name that begins with a level (edge, texture, pattern, part, object) belongs to it. `max` is a
 * max pool of 3 pixels and stride 2.
 *
 *     const fs_plain_network network = {"edge1=32@9/2 max object1=64@3", 128, 24, seed};
 *     fs_plain_network_write(&network, "start.onnx", &err);
 *
 * Kernels start as fs_model_initialise makes them. */
#ifndef FS_ENGINE_TRAIN_PLAIN_NETWORK_H
#define FS_ENGINE_TRAIN_PLAIN_NETWORK_H

#include "engine/model.h"

enum { FS_PLAIN_NETWORK_MAX_LAYERS = 100, FS_PLAIN_NETWORK_MAX_CHANNELS = 4096 };

typedef struct fs_plain_network {
    const char *text;
    int side; /* of the pictures it is made for, in pixels */
    int classes;
    uint64_t seed;
} fs_plain_network;

/* Writes it as ONNX, with its sidecar. Errors name the word of the text that is wrong. */
fs_status fs_plain_network_write(const fs_plain_network *network, const char *path, fs_error *err);

#endif
