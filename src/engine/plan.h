/* A plan: one graph at one input shape, for chosen outputs and gradients, ready to run many times.
 *
 *     fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, 1, 3, 224, 224));
 *     request.outputs = &layer; request.n_outputs = 1; request.input_gradient = true;
 *     fs_plan_create(&plan, &request, &err);
 *     fill(fs_plan_input(plan));
 *     fs_plan_forward(plan, NULL, &err);
 *     fill(fs_plan_output_gradient(plan, 0));   // d(quantity)/d(output), all of it
 *     fs_plan_backward(plan, FS_RELU_PLAIN, NULL, &err);
 *     use(fs_plan_input_gradient(plan));
 *
 * Only the nodes needed for the outputs are kept; shape arithmetic is folded; batch normalisation is merged
 * into the convolution before it and ReLU into the kernel before it where nobody looks between; all buffers
 * lie in one arena with reuse. Creation allocates everything: running never does. A plan borrows its graph.
 * One thread runs a plan at a time. */
#ifndef FS_ENGINE_PLAN_H
#define FS_ENGINE_PLAN_H

#include "base/progress.h"
#include "engine/operator.h"

typedef struct fs_plan fs_plan;

typedef enum fs_kernel_choice {
    FS_KERNELS_FAST,
    FS_KERNELS_REFERENCE /* the plain kernel of every operator, no fusion: what the fast ones are tested
                            against */
} fs_kernel_choice;

typedef struct fs_plan_request {
    const fs_graph *graph;
    int start;          /* the value the caller gives: the image, or one that every way from it passes */
    fs_shape input;     /* of it; [N,C,H,W] for an image */
    const int *outputs; /* value numbers */
    int n_outputs;
    bool input_gradient;
    const int *weights; /* value numbers of constants whose gradient is wanted */
    int n_weights;
    fs_kernel_choice kernels;
    /* Fast kernels without transforms (Winograd's), so that sums round as they do elsewhere: a unit whose sum
     * is within rounding of zero is then on or off as in other programs. For comparisons; slower. */
    bool direct_sums;
    int group_size; /* images that go through the network together, if it treats each by itself; a divisor of
                       N; 0: as many as suit the caches */
    fs_pool *pool;  /* borrowed; NULL: the calling thread alone */
} fs_plan_request;

fs_plan_request fs_plan_request_default(const fs_graph *graph, fs_shape input);

/* Errors name the node at which the input size, a shape or an attribute does not work. */
fs_status fs_plan_create(fs_plan **out, const fs_plan_request *request, fs_error *err);
void fs_plan_destroy(fs_plan *plan);

float *fs_plan_input(fs_plan *plan); /* filled by the caller before each forward; kept by it */
/* To be read between forward and backward: then its memory is used again. */
const float *fs_plan_output(const fs_plan *plan, int index);
fs_shape fs_plan_output_shape(const fs_plan *plan, int index);

/* Both return FS_ERROR_CANCELLED as soon as *cancel is seen true between nodes (NULL: never). */
fs_status fs_plan_forward(fs_plan *plan, const atomic_bool *cancel, fs_error *err);

/* Backward follows one forward with the same input. The gradient of each output is given in
 * fs_plan_output_gradient, which is filled as a whole before each backward and after forward: both use its
 * memory for other things. NULL when no gradient was requested. */
float *fs_plan_output_gradient(fs_plan *plan, int index);
/* Sets it to zero, and returns it. */
float *fs_plan_clear_output_gradient(fs_plan *plan, int index);
fs_status fs_plan_backward(fs_plan *plan, fs_relu_rule rule, const atomic_bool *cancel, fs_error *err);
const float *fs_plan_input_gradient(const fs_plan *plan);
const float *fs_plan_weight_gradient(const fs_plan *plan, int index);

/* Call after the numbers inside the graph's constants changed: repacks what kernels derived from them. */
void fs_plan_weights_changed(fs_plan *plan);
/* The same where only the weights of the request changed, as training does it: nothing else is repacked. */
void fs_plan_trained(fs_plan *plan);

/* Shapes of all values at an input shape, without planning anything: out has graph->n_values elements, shape
 * and dtype are filled, data is NULL; shape.rank is -1 where the value cannot be computed at this size (a
 * fixed-size head above a larger image, say) or does not depend on a known one. */
fs_status fs_plan_infer_shapes(const fs_graph *graph, fs_shape input, fs_tensor *out, fs_error *err);

/* What the plan costs, for bench and tests. */
typedef struct fs_plan_info {
    int steps;             /* nodes that run */
    int groups;            /* of images, which run one after the other */
    size_t buffer_bytes;   /* activations, gradients, saved and scratch memory, after reuse */
    size_t unshared_bytes; /* the same without reuse */
    size_t packed_bytes;
    double forward_flops,
        backward_flops; /* multiply and add counted separately, convolutions and products only */
} fs_plan_info;
fs_plan_info fs_plan_get_info(const fs_plan *plan);

/* Time of each node, for `bench`: seconds summed over runs since profiling was switched on. */
typedef struct fs_plan_step_time {
    const char *node, *op, *kernel;
    double forward_seconds, backward_seconds;
    double forward_flops, backward_flops;
} fs_plan_step_time;
void fs_plan_set_profiling(fs_plan *plan, bool on);
int fs_plan_step_times(const fs_plan *plan, const fs_plan_step_time **out);

#endif
