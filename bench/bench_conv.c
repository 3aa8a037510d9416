/* How fast the convolution kernel is on the layers of SqueezeNet 1.0 and GoogLeNet, one image at 224x224:
 *
 *     bench_conv [repetitions [name]]
 *
 * Each figure is the least time of several runs. The peak is measured: independent multiply-adds in
 * registers, on each thread at once, with the widest vectors the kernels use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/progress.h"
#include "base/random.h"
#include "engine/kernels/conv_direct.h"
#include "engine/kernels/micro.h"
#include "engine/ops/window.h"

typedef struct layer {
    const char *name;
    int channels, size, out_channels, kernel, stride, pad;
    int times; /* how often the network has it, up to features.8; 0: another network */
} layer;

static const layer layers[] = {
    {"squeeze conv1", 3, 224, 96, 7, 2, 0, 1},       {"fire3 squeeze", 96, 54, 16, 1, 1, 0, 1},
    {"fire3-4 expand1", 16, 54, 64, 1, 1, 0, 2},     {"fire3-4 expand3", 16, 54, 64, 3, 1, 1, 2},
    {"fire4 squeeze", 128, 54, 16, 1, 1, 0, 1},      {"fire5 squeeze", 128, 54, 32, 1, 1, 0, 1},
    {"fire5 expand1", 32, 54, 128, 1, 1, 0, 1},      {"fire5 expand3", 32, 54, 128, 3, 1, 1, 1},
    {"fire7 squeeze", 256, 27, 32, 1, 1, 0, 1},      {"fire7 expand1", 32, 27, 128, 1, 1, 0, 1},
    {"fire7 expand3", 32, 27, 128, 3, 1, 1, 1},      {"fire8 squeeze", 256, 27, 48, 1, 1, 0, 1},
    {"fire8 expand1", 48, 27, 192, 1, 1, 0, 1},      {"fire8 expand3", 48, 27, 192, 3, 1, 1, 1},
    {"googlenet conv1", 3, 224, 64, 7, 2, 3, 0},     {"googlenet conv3", 64, 56, 192, 3, 1, 1, 0},
    {"googlenet 3a 3x3", 96, 28, 128, 3, 1, 1, 0},   {"googlenet 4b 5x5", 24, 14, 64, 5, 1, 2, 0},
    {"googlenet 4a 16", 480, 14, 16, 1, 1, 0, 0},    {"googlenet 4c 1x1", 512, 14, 128, 1, 1, 0, 0},
    {"googlenet 4e 3x3", 160, 14, 320, 3, 1, 1, 0},  {"googlenet 5b 3x3", 192, 7, 384, 3, 1, 1, 0},
    {"squeeze 12 expand3", 64, 13, 256, 3, 1, 1, 0}, {"googlenet 5b 1x1", 832, 7, 384, 1, 1, 0, 0},
    {"resnet 3x3", 256, 14, 256, 3, 1, 1, 0},        {"resnet 3x3/2", 128, 56, 128, 3, 2, 1, 0},
    {"resnet 1x1/2", 256, 56, 512, 1, 2, 0, 0},
};

typedef struct bench {
    fs_node node;
    fs_window window;
    fs_tensor in[3], out[1];
    bool present[3], want_grad[3], accumulate[3];
    float *x_grad, *y_grad;
    float *in_grad[3];
    const float *out_grad[1];
    fs_op_run run;
    double flops;
} bench;

static float *numbers(size_t count, fs_random *random) {
    float *data = fs_alloc_array(count + 16, sizeof *data);
    if (data == NULL)
        exit(1);
    for (size_t i = 0; i < count; i++)
        data[i] = (float)fs_random_range(random, -1, 1);
    return data;
}

static void make_tensors(bench *b, const layer *l, fs_random *random) {
    int out = (l->size + 2 * l->pad - l->kernel) / l->stride + 1;
    *b = (bench){.present = {true, true, true}, .want_grad = {true}};
    b->window = (fs_window){.kernel = {l->kernel, l->kernel},
                            .stride = {l->stride, l->stride},
                            .dilation = {1, 1},
                            .pad = {l->pad, l->pad, l->pad, l->pad},
                            .group = 1};
    b->node = (fs_node){.name = l->name, .params = &b->window};
    b->in[0].shape = fs_shape_of(4, 1, l->channels, l->size, l->size);
    b->in[1].shape = fs_shape_of(4, l->out_channels, l->channels, l->kernel, l->kernel);
    b->in[2].shape = fs_shape_of(1, l->out_channels);
    b->out[0].shape = fs_shape_of(4, 1, l->out_channels, out, out);
    for (int i = 0; i < 3; i++)
        b->in[i].data = numbers((size_t)fs_tensor_count(&b->in[i]), random);
    b->out[0].data = numbers((size_t)fs_tensor_count(&b->out[0]), random);
    b->x_grad = numbers((size_t)fs_tensor_count(&b->in[0]), random);
    b->y_grad = numbers((size_t)fs_tensor_count(&b->out[0]), random);
    b->in_grad[0] = b->x_grad;
    b->out_grad[0] = b->y_grad;
    b->flops = 2.0 * l->out_channels * out * out * l->channels * l->kernel * l->kernel;
}

static bool make(bench *b, const layer *l, fs_pool *pool) {
    fs_random random;
    fs_random_seed(&random, 1, 0);
    make_tensors(b, l, &random);
    fs_op_setup setup = {.node = &b->node,
                         .in = b->in,
                         .out = b->out,
                         .present = b->present,
                         .n_in = 3,
                         .n_out = 1,
                         .want_grad = b->want_grad,
                         .threads = fs_pool_threads(pool)};
    if (!fs_conv_direct_kernel.suits(&setup))
        return false;
    setup.fuse_relu = true;
    if (fs_conv_direct_kernel.prepare(&setup, NULL) != FS_OK)
        return false;
    b->run = (fs_op_run){.node = &b->node,
                         .in = b->in,
                         .out = b->out,
                         .present = b->present,
                         .n_in = 3,
                         .n_out = 1,
                         .in_grad = b->in_grad,
                         .accumulate = b->accumulate,
                         .out_grad = b->out_grad,
                         .want_grad = b->want_grad,
                         .workspace = fs_calloc(1, setup.workspace_bytes),
                         .packed = fs_calloc(1, setup.packed_bytes),
                         .pool = pool,
                         .fuse_relu = true};
    if (b->run.workspace == NULL || b->run.packed == NULL)
        return false;
    fs_conv_direct_kernel.pack(&b->run);
    return true;
}

static void dispose(bench *b) {
    for (int i = 0; i < 3; i++)
        fs_free(b->in[i].data);
    fs_free(b->out[0].data);
    fs_free(b->x_grad);
    fs_free(b->y_grad);
    fs_free(b->run.workspace);
    fs_free(b->run.packed);
}

static double least_seconds(void (*pass)(const fs_op_run *run), const fs_op_run *run, int repetitions) {
    double least = 1e9;
    for (int i = 0; i < repetitions; i++) {
        double start = fs_seconds();
        pass(run);
        double seconds = fs_seconds() - start;
        least = seconds < least ? seconds : least;
    }
    return least;
}

/* The micro-kernel on data in the first-level cache is the fastest multiply-add loop there is here. */
typedef struct peak_job {
    const fs_micro_set *micro;
    int calls;
} peak_job;

enum { PEAK_TAPS = 256 };

static void peak_body(void *context, int first, int last, int thread) {
    (void)first;
    (void)last;
    (void)thread;
    const peak_job *job = context;
    _Alignas(FS_ALIGNMENT) float source[FS_MICRO_MAX_VECTORS * FS_MICRO_MAX_LANES] = {1};
    _Alignas(FS_ALIGNMENT) float weights[PEAK_TAPS * FS_MICRO_MAX_CHANNELS] = {1};
    _Alignas(FS_ALIGNMENT) float out[FS_MICRO_MAX_CHANNELS * FS_MICRO_MAX_VECTORS * FS_MICRO_MAX_LANES];
    int32_t offset[PEAK_TAPS] = {0};
    int size = job->micro->block, vectors = job->micro->vectors[size], lanes = job->micro->lanes;
    fs_micro_args args = {.source = source,
                          .offset = offset,
                          .taps = PEAK_TAPS,
                          .weights = weights,
                          .out = out,
                          .out_stride = vectors * lanes,
                          .channels = size};
    for (int v = 0; v < vectors; v++) {
        args.mask[v] = (uint32_t)((UINT64_C(1) << lanes) - 1);
        args.place[v] = v * lanes;
    }
    for (int i = 0; i < job->calls; i++)
        job->micro->run[size][vectors](&args);
}

static double measure_peak(fs_pool *pool) {
    peak_job job = {fs_micro_set_for(fs_cpu_isa()), 2000};
    int threads = fs_pool_threads(pool), size = job.micro->block;
    double flops = 2.0 * threads * job.calls * PEAK_TAPS * size * job.micro->vectors[size] * job.micro->lanes;
    double least = 1e9;
    for (int i = 0; i < 10; i++) {
        double start = fs_seconds();
        fs_pool_for(pool, threads, 1, peak_body, &job);
        double seconds = fs_seconds() - start;
        least = seconds < least ? seconds : least;
    }
    return flops / least;
}

static void measure(fs_pool *pool, int repetitions, const char *only) {
    double peak = measure_peak(pool), total[2] = {0};
    printf("%d thread(s), %s, peak %.0f GFLOP/s\n", fs_pool_threads(pool), fs_isa_name(fs_cpu_isa()),
           peak * 1e-9);
    printf("%-18s %9s %8s %6s   %9s %8s %6s\n", "layer", "forward", "GFLOP/s", "peak", "backward", "GFLOP/s",
           "peak");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        bench b;
        if (only != NULL && strstr(layers[i].name, only) == NULL)
            continue;
        if (!make(&b, &layers[i], pool))
            continue;
        double forward = least_seconds(fs_conv_direct_kernel.forward, &b.run, repetitions);
        double backward = least_seconds(fs_conv_direct_kernel.backward, &b.run, repetitions);
        printf("%-18s %6.3f ms %8.1f %5.0f%%   %6.3f ms %8.1f %5.0f%%\n", layers[i].name, forward * 1e3,
               b.flops / forward * 1e-9, 100 * b.flops / forward / peak, backward * 1e3,
               b.flops / backward * 1e-9, 100 * b.flops / backward / peak);
        total[0] += layers[i].times * forward;
        total[1] += layers[i].times * backward;
        dispose(&b);
    }
    printf("SqueezeNet 1.0 to features.8: %.2f ms forward, %.2f ms backward, %.2f ms\n\n", total[0] * 1e3,
           total[1] * 1e3, (total[0] + total[1]) * 1e3);
}

int main(int argc, char **argv) {
    int repetitions = argc > 1 ? atoi(argv[1]) : 30;
    const char *only = argc > 2 ? argv[2] : NULL;
    fs_pool *two = NULL;
    if (repetitions < 1 || fs_pool_create(&two, 2, NULL) != FS_OK)
        return 1;
    measure(NULL, repetitions, only);
    measure(two, repetitions, only);
    fs_pool_destroy(two);
    return 0;
}
