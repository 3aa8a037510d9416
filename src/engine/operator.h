/* What an operator is: parse attributes, infer shapes, and one or more kernels that compute it.
 *
 * One operator lives in one file of engine/ops (families such as the elementwise ones share a file) and is
 * listed in ops/registry.c. Kernels are ordered fastest first; the last is the plain reference, suits
 * everything, and is what the others are tested against.
 *
 * Life of a node inside a plan:
 *     infer -> kernel chosen by suits() -> prepare() -> pack() once -> { forward()  backward() } many times
 *
 * forward and backward never allocate: memory beyond inputs and outputs is asked for in prepare. */
#ifndef FS_ENGINE_OPERATOR_H
#define FS_ENGINE_OPERATOR_H

#include "base/pool.h"
#include "engine/graph.h"
#include "engine/kernels/keep.h"

enum { FS_MAX_INPUTS = 64, FS_MAX_OUTPUTS = 16 };

/* How the gradient passes a rectifier whose unit is off. Redirected: where an item's (image's) gradient would
 * be entirely zero after the ReLU, units that are off let a positive gradient (one that wants to raise them)
 * through, so that an optimisation that starts in a dead zone can leave it (the idea is Lucid's
 * redirected_relu_grad). Guided: a gradient passes only where the unit is on and the gradient positive
 * (Springenberg et al., "Striving for Simplicity: The All Convolutional Net", 2015, arXiv:1412.6806).
 * Gradients are those of a quantity being maximised. The rule holds for Relu and Clip, fused or not. */
typedef enum fs_relu_rule { FS_RELU_PLAIN, FS_RELU_REDIRECTED, FS_RELU_GUIDED } fs_relu_rule;

/* Shape inference. Input tensors carry shape and dtype, and data where they are constants at plan time. */
typedef struct fs_op_shapes {
    const fs_graph *graph;
    const fs_node *node;
    const fs_tensor *in; /* n_in; an absent optional input has present[i] == false */
    const bool *present;
    int n_in;
    fs_tensor *out; /* n_out: infer fills shape and dtype (FS_F32 by default) */
    int n_out;
} fs_op_shapes;

/* Planning one node: what the kernel keeps and needs. Set by prepare; all zero before. */
typedef struct fs_op_setup {
    const fs_node *node;
    const fs_tensor *in, *out; /* shapes; data only for constants */
    const bool *present;
    int n_in, n_out;
    const bool *want_grad; /* [n_in] which inputs' gradients the plan asks for; all false: forward only */
    bool
        fuse_relu; /* the plan wants max(0, .) applied to the output by this kernel (only if it fuses_relu) */
    bool direct_sums; /* no transform: products are summed as the definition of the operator has them */
    int threads;
    /* results */
    uint64_t keep_in;       /* bit i: backward reads the data of input i */
    uint64_t keep_out;      /* bit i: backward reads the data of output i */
    size_t saved_bytes;     /* written by forward, read by backward (masks, argmax) */
    size_t workspace_bytes; /* scratch for one call of forward or backward, shared between nodes */
    bool keeps;             /* backward honours run->in_keep */
    size_t packed_bytes;    /* made by pack() from constants, lives as long as the plan */
} fs_op_setup;

/* Running one node. In backward, data pointers of inputs and outputs that were not kept are NULL. */
typedef struct fs_op_run {
    const fs_node *node;
    const fs_tensor *in, *out;
    const bool *present;
    int n_in, n_out;
    float *const *in_grad;        /* backward: [n_in], NULL where not wanted */
    const bool *accumulate;       /* backward: [n_in], true: add to in_grad[i] instead of overwriting it */
    const float *const *out_grad; /* backward: [n_out], NULL where nothing arrives (treat as zero) */
    const bool *want_grad;        /* as in the setup */
    void *saved, *workspace, *packed;
    fs_pool *pool;
    bool fuse_relu, direct_sums; /* as in the setup */
    int64_t out_stride; /* floats from item to item of output 0 and of its gradient, where they lie in those
                           of a Concat; only for kernels that stride_out. 0: one behind the other */
    fs_relu_rule relu_rule;
    fs_keep in_keep; /* backward: what of in_grad[0], as it is after this node, passes; only for kernels that
                        asked for it (keeps). Items are those of the first dimension */
} fs_op_run;

typedef struct fs_kernel {
    const char *name;
    bool fuses_relu; /* forward can apply the ReLU; backward receives a gradient already masked by the plan */
    bool strides_out; /* forward and backward honour run->out_stride */
    bool accumulates; /* backward honours run->accumulate; otherwise the plan adds through a scratch buffer */
    bool (*suits)(const fs_op_setup *setup);                 /* NULL: always */
    fs_status (*prepare)(fs_op_setup *setup, fs_error *err); /* NULL: nothing kept, nothing needed */
    void (*pack)(const fs_op_run *run); /* NULL when packed_bytes stays 0; leaves the pool
                                           alone: nodes are packed side by side */
    void (*forward)(const fs_op_run *run);
    void (*backward)(const fs_op_run *run); /* NULL: not differentiable (integer and shape operators) */
} fs_kernel;

typedef struct fs_operator {
    const char *type;           /* the ONNX name: "Conv" */
    int min_inputs, max_inputs; /* checked by fs_graph_finish; max -1: any */
    /* Reads and checks attributes into a parameter block of the graph's arena (*params). NULL: no parameters.
     * Errors need not name the node: the caller prefixes it. */
    fs_status (*parse)(const fs_graph *graph, const fs_node *node, const void **params, fs_error *err);
    fs_status (*infer)(const fs_op_shapes *shapes, fs_error *err);
    const fs_kernel *const *kernels; /* NULL terminated, fastest first, the reference last */
    bool is_identity;  /* Identity, Dropout (inference), Cast to float: the plan drops the node */
    bool shape_only;   /* the output depends on input shapes alone (Shape, Size): folded by the plan */
    bool item_by_item; /* item n of the output depends on item n of inputs that have as many items, on nothing
                          else */
    const char *limits; /* for the documentation: which uses that ONNX allows are refused; NULL: none */
} fs_operator;

/* NULL for an unknown type. */
const fs_operator *fs_operator_find(const char *type);
/* All operators, for documentation and tests; returns the count. */
int fs_operator_list(const fs_operator *const **out);

#endif
