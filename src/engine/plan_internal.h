/* What the files of the planner share. Stages, in order, one file each:
 *
 *     plan_resolve.c  which nodes are needed; shapes; constants folded; identities dropped -> steps
 *     plan_fuse.c     batch normalisation into convolution, ReLU into the kernel before it; kernels chosen
 *     plan_concat.c   inputs of a Concat that are made where they will lie
 *     plan_relu.c     which nodes drop gradients at units that a merged ReLU turned off
 *     plan_memory.c   lifetimes of every buffer and their places in one arena
 *     plan.c          the public functions: create, run, look
 */
#ifndef FS_ENGINE_PLAN_INTERNAL_H
#define FS_ENGINE_PLAN_INTERNAL_H

#include "engine/ops/relu.h"
#include "engine/plan.h"

/* A value inside a plan. The first graph->n_values are the graph's; folded weights are appended behind them.
 */
typedef struct plan_value {
    fs_tensor tensor; /* data: constants at once, the rest when memory is laid out */
    bool known;       /* shape and dtype are known */
    bool constant;    /* data is fixed before the first run */
    bool owned;       /* data is a block of this plan */
    bool trainable;   /* a weight whose gradient is wanted */
    bool needs_grad;
    bool requested; /* one of the plan's outputs */
    int alias;      /* the value that holds the data: itself, or what an identity passed on */
    int users;      /* steps that read it */
    float *grad;
    uint32_t *mask; /* which units of it merged ReLUs left on, where a gradient passes them (plan_relu.c) */
    bool is_inside; /* data and gradient are a part of those of value `inside` (plan_concat.c) */
    int inside;
    size_t inside_offset; /* bytes */
} plan_value;

typedef struct plan_step {
    const fs_node *node;
    const fs_node *norm; /* the batch normalisation merged into this convolution, or NULL */
    int plain_weight, plain_bias;
    const fs_kernel *kernel;
    bool dead;
    int64_t out_stride; /* see fs_op_run */
    bool in_place;      /* its output is where its inputs are: nothing to run */
    int n_in, n_out;
    int *in, *out;                     /* value numbers, FS_NO_VALUE where absent */
    fs_tensor *in_tensor, *out_tensor; /* forward: everything */
    fs_tensor *kept_in, *kept_out;     /* backward: data only where the kernel asked to keep it */
    bool *present, *want_grad, *accumulate;
    bool any_grad;
    float **in_grad,
        **scratch; /* scratch[i]: where the gradient goes first when the kernel cannot add it itself */
    const float **out_grad;
    /* Of a ReLU merged into the kernel, where a gradient passes it (ops/relu.h): */
    uint32_t *relu_mask;
    int mask_value;      /* the value that has the mask; FS_NO_VALUE: there is none */
    bool relu_by_reader; /* what arrives has been dropped already, by the rule FS_RELU_PLAIN */
    bool drops;          /* is such a reader, of its first input */
    fs_op_setup setup;
    fs_op_run forward, backward;
    double forward_flops, backward_flops;
} plan_step;

/* Where a buffer of the first group lies, and how far the next group's is from it; 0: they share it. */
typedef struct plan_place {
    void **target; /* receives the address */
    size_t offset, step;
} plan_place;

struct fs_plan {
    const fs_graph *graph;
    fs_pool *pool;
    fs_kernel_choice kernels;
    fs_arena *arena;
    int start;            /* the value that is given */
    fs_shape input_shape; /* of a group */
    int groups;           /* of images that run one after the other (plan_groups.c); 1: all at once */
    bool input_gradient, direct_sums;
    int64_t folded_integers; /* large ones, while only shapes are asked for */

    plan_value *values;
    int n_values, max_values;
    plan_step *steps;
    int n_steps;

    int *outputs;  /* canonical value numbers */
    float **seeds; /* [outputs]: what the caller gives; the value's gradient itself where nothing joins it */
    int n_outputs;
    int *weights;
    float **weight_grads;
    int n_weights;

    uint8_t *buffers; /* one block for everything that runs */
    plan_place *places;
    int n_places;
    uint8_t *packed;
    fs_plan_info info;

    bool profiling;
    fs_plan_step_time *times;
};

void *fs_plan_array(fs_plan *plan, int count, size_t size); /* zeroed, from the plan's arena */

/* Marks nodes, infers shapes, folds constants, and leaves the live steps in plan->steps. `tolerant`: a node
 * that does not work leaves its outputs unknown instead of failing, and no steps are made. */
fs_status fs_plan_resolve(fs_plan *plan, bool tolerant, fs_error *err);
/* Recounts users, drops steps nobody needs, and marks what needs gradients. */
void fs_plan_mark_live(fs_plan *plan);

fs_status fs_plan_fuse(fs_plan *plan, fs_error *err);
fs_status fs_plan_choose_kernels(fs_plan *plan, fs_error *err);
void fs_plan_refold(fs_plan *plan); /* recomputes folded weights from the graph's */

/* makers[v]: the step that makes value v, or NULL; NULL when memory is short. */
plan_step **fs_plan_makers(fs_plan *plan);
/* Marks the values that may lie inside another, and the steps that have nothing to do then. */
bool fs_plan_join_concats(fs_plan *plan); /* false: memory is short */
/* The value in whose memory this one lies, itself if it is in no other, and where in it (bytes). */
int fs_plan_place(const fs_plan *plan, int value, size_t *offset);

/* After the concats. False: memory is short. */
bool fs_plan_share_relus(fs_plan *plan);
/* The units of a step's merged ReLU, and where they are in the mask of the value that has it (words). */
fs_relu_items fs_plan_relu_items(const fs_plan *plan, const plan_step *step, size_t *offset);

fs_status fs_plan_layout(fs_plan *plan, fs_error *err);
/* Points everything to the buffers of a group. Between runs a plan is bound to its first one. */
void fs_plan_bind(fs_plan *plan, int group);

/* After fs_plan_mark_live, for a plan of all images: how many of them make a group. `wanted`: as in the
 * request. */
int fs_plan_group_size(const fs_plan *plan, int wanted);

#endif
