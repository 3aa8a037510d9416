/* DepthToSpace and SpaceToDepth: blocks of b x b pixels become channels and back, a transpose of the map seen
 * with six dimensions. The depth [N, b*b*C, H, W] is read as [N, b, b, C, H, W] (mode DCR and SpaceToDepth)
 * or [N, C, b, b, H, W] (CRD); the space [N, C, H*b, W*b] as [N, C, H, b, W, b]. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

enum { BLOCK_LIMIT = 65535 };

typedef struct params {
    int64_t block;
    bool to_space, channels_first;
} params;

static fs_status read_params(const fs_graph *graph, const fs_node *node, bool to_space, const void **out,
                             fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->to_space = to_space;
    if ((status = fs_op_int(node, "blocksize", 0, 1, BLOCK_LIMIT, &p->block, err)) != FS_OK)
        return status;
    if (p->block == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute 'blocksize' is missing");
    const char *mode = fs_node_string(node, "mode", "DCR");
    p->channels_first = strcmp(mode, "CRD") == 0;
    if (!p->channels_first && strcmp(mode, "DCR") != 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "mode '%s' is not supported", mode);
    *out = p;
    return FS_OK;
}

static fs_status parse_to_space(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_params(graph, node, true, out, err);
}

static fs_status parse_to_depth(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_params(graph, node, false, out, err);
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status = fs_op_need_rank(s, 0, 4, 4, err);
    if (status != FS_OK)
        return status;
    const int64_t b = p->block;
    fs_shape y = s->in[0].shape;
    char text[FS_SHAPE_TEXT];
    if (p->to_space ? y.dim[1] % (b * b) != 0 : y.dim[2] % b != 0 || y.dim[3] % b != 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%s does not divide into blocks of %lld",
                       fs_shape_text(&y, text), (long long)b);
    y.dim[1] = p->to_space ? y.dim[1] / (b * b) : y.dim[1] * b * b;
    for (int i = 2; i < 4; i++)
        y.dim[i] = p->to_space ? y.dim[i] * b : y.dim[i] / b;
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

/* Over one of the two in memory order, with the strides of the other. */
static fs_walk walk_over(const fs_op_run *run, bool space) {
    const params *p = run->node->params;
    const fs_shape *wide = p->to_space ? &run->out[0].shape : &run->in[0].shape;
    const int64_t b = p->block, n = wide->dim[0], c = wide->dim[1], h = wide->dim[2] / b,
                  w = wide->dim[3] / b;
    /* Dimensions of the space, and where each is in the depth. */
    const fs_shape as_space = {6, {n, c, h, b, w, b}};
    fs_shape as_depth = {6, {n, b, b, c, h, w}};
    int place[6] = {0, 3, 4, 1, 5, 2};
    if (p->channels_first) {
        memcpy(as_depth.dim, (int64_t[]){n, c, b, b, h, w}, 6 * sizeof(int64_t));
        memcpy(place, (int[]){0, 1, 4, 2, 5, 3}, sizeof place);
    }
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(space ? &as_depth : &as_space, dense);
    fs_walk walk;
    fs_walk_begin(&walk, space ? &as_space : &as_depth, 1);
    for (int i = 0; i < 6; i++)
        walk.stride[0][space ? i : place[i]] = dense[space ? place[i] : i];
    return walk;
}

static void forward(const fs_op_run *run) {
    const params *p = run->node->params;
    const fs_walk walk = walk_over(run, p->to_space);
    fs_walk_copy(&walk, run->pool, run->out[0].data, run->in[0].data, fs_dtype_size(run->out[0].dtype));
}

static void backward(const fs_op_run *run) {
    const params *p = run->node->params;
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const fs_walk walk = walk_over(run, !p->to_space);
    fs_walk_pull(&walk, run->pool, run->in_grad[0], run->out_grad[0], run->accumulate[0]);
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_depth_to_space = {
    .type = "DepthToSpace",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse_to_space,
    .infer = infer,
    .kernels = kernels,
};
const fs_operator fs_op_space_to_depth = {
    .type = "SpaceToDepth",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse_to_depth,
    .infer = infer,
    .kernels = kernels,
};
