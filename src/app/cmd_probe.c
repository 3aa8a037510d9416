#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "base/alloc.h"
#include "base/npy.h"
#include "engine/plan.h"

typedef struct settings {
    char input[FS_OPTION_TEXT_SIZE], layer[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int channel;
    bool grad, raw, reference;
} settings;

static const fs_option options[] = {
    FS_OPTION_FILE(settings, input, "input", "", ".npy file [N,C,H,W] of preprocessed network input"),
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer to read"),
    FS_OPTION_INT(settings, channel, "channel", -1, 1 << 24, "-1",
                  "channel whose mean is differentiated, with --grad"),
    FS_OPTION_BOOL(settings, grad, "grad",
                   "write the gradient of the channel's mean with respect to the input"),
    FS_OPTION_BOOL(settings, raw, "raw",
                   "the input is RGB pixels in 0..1: preprocess it first, as the sidecar says"),
    FS_OPTION_BOOL(settings, reference, "reference",
                   "compute with the plain kernels instead of the fast ones"),
    FS_OPTION_FILE(settings, output, "output", "", ".npy file to write (-o)"),
    FS_OPTION_END};

static fs_status check(fs_call *call, const settings *s, fs_error *err) {
    if (!*s->input || !*s->layer || !*s->output)
        return fs_call_usage(call, err, "--input, --layer and -o are needed");
    if (s->grad != (s->channel >= 0))
        return fs_call_usage(call, err, "--grad and --channel go together");
    return FS_OK;
}

static fs_status read_input(const settings *s, const fs_model *model, fs_npy *out, fs_error *err) {
    fs_npy npy = {0};
    fs_status status = fs_npy_read(&npy, s->input, err);
    if (status != FS_OK)
        return status;
    int channels = s->raw ? 3 : fs_preprocess_channels(&model->preprocess);
    bool good = npy.rank == 4 && npy.dim[1] == channels;
    for (int d = 0; d < npy.rank; d++)
        good = good && npy.dim[d] > 0;
    if (!good) {
        fs_npy_free(&npy);
        return fs_fail(err, FS_ERROR_FORMAT, "%s: not of shape [N,%d,H,W]", s->input, channels);
    }
    *out = npy;
    return FS_OK;
}

static void fill_input(const settings *s, const fs_model *model, const fs_npy *npy, float *input) {
    int64_t pixels = npy->dim[2] * npy->dim[3];
    int64_t planes = fs_preprocess_channels(&model->preprocess);
    if (!s->raw)
        memcpy(input, npy->data, (size_t)(npy->dim[0] * planes * pixels) * sizeof(float));
    for (int64_t n = 0; n < npy->dim[0] && s->raw; n++)
        fs_preprocess_forward(&model->preprocess, npy->data + n * 3 * pixels, pixels,
                              input + n * planes * pixels);
}

/* d(mean over positions of one channel)/d(output): 1/positions on that channel of every image. */
static void seed_channel(fs_plan *plan, int channel) {
    fs_shape shape = fs_plan_output_shape(plan, 0);
    int64_t channels = shape.rank > 1 ? shape.dim[1] : shape.dim[0];
    int64_t positions = shape.rank > 2 ? fs_shape_span(&shape, 2, shape.rank) : 1;
    int64_t images = shape.rank > 1 ? shape.dim[0] : 1;
    float *seed = fs_plan_clear_output_gradient(plan, 0);
    for (int64_t n = 0; n < images; n++)
        for (int64_t i = 0; i < positions; i++)
            seed[(n * channels + channel) * positions + i] = 1.0f / (float)positions;
}

static fs_status write_gradient(const settings *s, const fs_model *model, const fs_plan *plan,
                                const fs_npy *npy, fs_error *err) {
    const float *grad = fs_plan_input_gradient(plan);
    if (!s->raw)
        return fs_npy_write(s->output, npy->rank, npy->dim, grad, err);
    int64_t pixels = npy->dim[2] * npy->dim[3], planes = fs_preprocess_channels(&model->preprocess);
    float *rgb = fs_alloc_array((size_t)(npy->dim[0] * 3 * pixels), sizeof *rgb);
    if (!rgb)
        return fs_fail_memory(err, "the gradient");
    for (int64_t n = 0; n < npy->dim[0]; n++)
        fs_preprocess_backward(&model->preprocess, grad + n * planes * pixels, pixels, rgb + n * 3 * pixels);
    fs_status status = fs_npy_write(s->output, npy->rank, npy->dim, rgb, err);
    fs_free(rgb);
    return status;
}

static fs_status probe(fs_call *call, const fs_model *model, const fs_layer *layer, const fs_npy *npy,
                       fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    fs_shape input = {4, {npy->dim[0], fs_preprocess_channels(&model->preprocess), npy->dim[2], npy->dim[3]}};
    fs_plan_request request = fs_plan_request_default(model->graph, input);
    request.outputs = &layer->view;
    request.n_outputs = 1;
    request.input_gradient = s->grad;
    request.direct_sums = true;
    request.pool = pool;
    request.kernels = s->reference ? FS_KERNELS_REFERENCE : FS_KERNELS_FAST;
    fs_plan *plan = NULL;
    fs_status status = fs_plan_create(&plan, &request, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", model->path);
    fill_input(s, model, npy, fs_plan_input(plan));
    status = fs_plan_forward(plan, call->progress.cancel, err);
    if (status == FS_OK && s->grad) {
        seed_channel(plan, s->channel);
        status = fs_plan_backward(plan, FS_RELU_PLAIN, call->progress.cancel, err);
        if (status == FS_OK)
            status = write_gradient(s, model, plan, npy, err);
    } else if (status == FS_OK) {
        fs_shape shape = fs_plan_output_shape(plan, 0);
        status = fs_npy_write(s->output, shape.rank, shape.dim, fs_plan_output(plan, 0), err);
    }
    fs_plan_destroy(plan);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    fs_npy npy = {0};
    const fs_layer *layer = NULL;
    fs_status status = check(call, s, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = fs_call_find_layer(model, s->layer, s->channel, &layer, err);
    if (status == FS_OK)
        status = read_input(s, model, &npy, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = probe(call, model, layer, &npy, pool, err);
    fs_npy_free(&npy);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_probe = {
    .name = "probe",
    .arguments = "--input X.npy --layer L [--channel C --grad] -o OUT.npy [options]",
    .summary = "a layer's activation, or the gradient of a channel, for a given input",
    .options = options,
    .settings_size = sizeof(settings),
    .example = "probe --input pictures.npy --layer features.8 -o activation.npy",
    .run = run};
