/* The real SqueezeNet against the tensors that PyTorch computed: activations, gradients, and the accuracy of
 * the classifier on the photographs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/classifier.h"
#include "base/npy.h"
#include "engine/kernels/isa.h"
#include "engine/model.h"
#include "engine/plan.h"
#include "shared_material.h"

static const double activation_tolerance = 1e-4, gradient_tolerance = 1e-3;
/* A few units of this input are within rounding of zero: one of features.4 (channel 13, row 27, column 21) is
 * -5.3e-5 in float64 and +7.9e-5 in PyTorch's float32, and whether its ReLU is on decides 1.03e-3 of the
 * gradient of features.8. Sums taken directly with fused multiply-adds round as in PyTorch; the transforms of
 * the fast kernels, and processors without such instructions, round otherwise. */
static const double rounded_gradient_tolerance = 3e-3;
/* 68.0 % top-1 in PyTorch on the same 200 photographs. */
static const double expected_accuracy = 68.0, accuracy_tolerance = 1.0;

typedef struct fixture {
    fs_model *model;
    fs_pool *pool;
    fs_npy input;
} fixture;

static int set_up(void **state) {
    static fixture f;
    char path[1024];
    fs_error err = {0};
    *state = NULL;
    if (!shared_has("models/squeezenet1_0.onnx"))
        return 0;
    if (fs_model_load(&f.model, shared_path(path, sizeof path, "models/squeezenet1_0.onnx"), &err) != FS_OK ||
        fs_npy_read(&f.input, shared_path(path, sizeof path, "reference/squeezenet1_0.input.npy"), &err) !=
            FS_OK ||
        fs_pool_create(&f.pool, 0, &err) != FS_OK) {
        print_error("%s\n", err.message);
        return -1;
    }
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    fixture *f = *state;
    if (f) {
        fs_npy_free(&f->input);
        fs_pool_destroy(f->pool);
        fs_model_destroy(f->model);
    }
    return 0;
}

static fs_plan *plan_for(const fixture *f, const char *name, bool gradient, bool direct,
                         fs_kernel_choice kernels) {
    fs_error err = {0};
    const fs_layer *layer = fs_model_layer(f->model, name, &err);
    if (!layer)
        fail_msg("%s", err.message);
    fs_shape shape = fs_shape_of(4, 1, 3, (int)f->input.dim[2], (int)f->input.dim[3]);
    fs_plan_request request = fs_plan_request_default(f->model->graph, shape);
    request.outputs = &layer->value;
    request.n_outputs = 1;
    request.input_gradient = gradient;
    request.direct_sums = direct;
    request.pool = f->pool;
    request.kernels = kernels;
    fs_plan *plan = NULL;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    memcpy(fs_plan_input(plan), f->input.data, (size_t)fs_shape_count(&shape) * sizeof(float));
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    return plan;
}

/* |ours - reference| / |reference| over the positions that the reference keeps: every step-th row and column.
 */
static double relative_error(const float *ours, const fs_shape *shape, const fs_npy *reference, int step) {
    int64_t planes = fs_shape_span(shape, 0, 2);
    int64_t h = shape->rank > 2 ? shape->dim[2] : 1, w = shape->rank > 3 ? shape->dim[3] : 1;
    double difference = 0, norm = 0;
    int64_t at = 0;
    for (int64_t p = 0; p < planes; p++)
        for (int64_t y = 0; y < h; y += step)
            for (int64_t x = 0; x < w; x += step, at++) {
                double r = reference->data[at], d = ours[(p * h + y) * w + x] - r;
                difference += d * d;
                norm += r * r;
            }
    int64_t count = 1;
    for (int d = 0; d < reference->rank; d++)
        count *= reference->dim[d];
    assert_int_equal(at, count);
    assert_true(norm > 0);
    return sqrt(difference / norm);
}

static void read_reference(fs_npy *out, const char *name) {
    char relative[256], path[1024];
    fs_error err = {0};
    snprintf(relative, sizeof relative, "reference/squeezenet1_0.%s.npy", name);
    if (fs_npy_read(out, shared_path(path, sizeof path, relative), &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void check_activation(const fixture *f, const char *layer, const char *name, int step,
                             fs_kernel_choice kernels) {
    fs_npy reference = {0};
    read_reference(&reference, name);
    fs_plan *plan = plan_for(f, layer, false, false, kernels);
    fs_shape shape = fs_plan_output_shape(plan, 0);
    double error = relative_error(fs_plan_output(plan, 0), &shape, &reference, step);
    print_message("%s: relative error %.2e\n", layer, error);
    assert_true(error < activation_tolerance);
    fs_plan_destroy(plan);
    fs_npy_free(&reference);
}

/* PyTorch's features.1 is a ReLU in place: what was recorded as the output of features.0, and differentiated
 * as such, is the rectified tensor, our features.1. */
static const char recorded_stem[] = "features.0", stem_after_relu[] = "features.1";

static void test_activations(void **state) {
    static const char *const layers[] = {"features.3", "features.5", "features.8", "features.12"};
    if (!*state)
        skip();
    check_activation(*state, stem_after_relu, recorded_stem, 4, FS_KERNELS_FAST);
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        check_activation(*state, layers[i], layers[i], 4, FS_KERNELS_FAST);
    check_activation(*state, "logits", "logits", 1, FS_KERNELS_FAST);
}

static void test_reference_kernels(void **state) {
    if (!*state)
        skip();
    check_activation(*state, "features.5", "features.5", 4, FS_KERNELS_REFERENCE);
}

static void check_gradient_with(const fixture *f, const char *layer, int channel, const char *name,
                                bool direct) {
    fs_npy reference = {0};
    fs_error err = {0};
    read_reference(&reference, name);
    fs_plan *plan = plan_for(f, layer, true, direct, FS_KERNELS_FAST);
    fs_shape shape = fs_plan_output_shape(plan, 0);
    int64_t positions = fs_shape_span(&shape, 2, shape.rank);
    float *seed = fs_plan_clear_output_gradient(plan, 0) + channel * positions;
    for (int64_t i = 0; i < positions; i++)
        seed[i] = 1.0f / (float)positions;
    assert_int_equal(fs_plan_backward(plan, FS_RELU_PLAIN, NULL, &err), FS_OK);
    fs_shape input = fs_shape_of(4, 1, 3, (int)f->input.dim[2], (int)f->input.dim[3]);
    double error = relative_error(fs_plan_input_gradient(plan), &input, &reference, 3);
    print_message("%s, %s: relative error %.2e\n", name, direct ? "direct sums" : "fast", error);
    bool same_rounding = direct && fs_cpu_isa() != FS_ISA_GENERIC;
    assert_true(error < (same_rounding ? gradient_tolerance : rounded_gradient_tolerance));
    fs_plan_destroy(plan);
    fs_npy_free(&reference);
}

static void check_gradient(const fixture *f, const char *layer, int channel, const char *name) {
    check_gradient_with(f, layer, channel, name, true);
    check_gradient_with(f, layer, channel, name, false);
}

static void test_gradients(void **state) {
    if (!*state)
        skip();
    check_gradient(*state, stem_after_relu, 7, "grad.features.0.channel7");
    check_gradient(*state, "features.5", 20, "grad.features.5.channel20");
    check_gradient(*state, "features.8", 100, "grad.features.8.channel100");
    check_gradient(*state, "features.12", 33, "grad.features.12.channel33");
    check_gradient(*state, "logits", 281, "grad.logit281");
}

/* The fast convolution with each instruction set the machine has is tested with the kernels; here the whole
 * network at a size other than its own, forward only, both kernel choices against each other. */
static void test_other_size(void **state) {
    if (!*state)
        skip();
    fixture f = *(fixture *)*state;
    f.input.dim[2] = 160;
    f.input.dim[3] = 131;
    fs_plan *fast = plan_for(&f, "features.8", false, false, FS_KERNELS_FAST);
    fs_plan *plain = plan_for(&f, "features.8", false, false, FS_KERNELS_REFERENCE);
    fs_shape shape = fs_plan_output_shape(fast, 0);
    fs_npy as_reference = {.rank = 4, .data = (float *)fs_plan_output(plain, 0)};
    memcpy(as_reference.dim, shape.dim, sizeof shape.dim);
    double error = relative_error(fs_plan_output(fast, 0), &shape, &as_reference, 1);
    print_message("160x131: fast against plain %.2e\n", error);
    assert_true(error < 1e-5);
    fs_plan_destroy(fast);
    fs_plan_destroy(plain);
}

static bool classify_right(fs_classifier *classifier, const char *file, int expected) {
    char relative[512], path[1024];
    fs_error err = {0};
    fs_image image = {0};
    const float *p = NULL;
    int top = -1;
    snprintf(relative, sizeof relative, "images/%s", file);
    if (fs_image_read(&image, shared_path(path, sizeof path, relative), &err) != FS_OK ||
        fs_classifier_run(classifier, &image, &p, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_classifier_top(p, fs_classifier_classes(classifier), 1, &top);
    fs_image_free(&image);
    return top == expected;
}

static void test_accuracy(void **state) {
    const fixture *f = *state;
    if (!f || !shared_has("images/classes.tsv"))
        skip();
    char path[1024], line[512], file[400];
    fs_error err = {0};
    fs_classifier *classifier = NULL;
    assert_int_equal(fs_classifier_create(&classifier, f->model, f->pool, &err), FS_OK);
    FILE *list = fopen(shared_path(path, sizeof path, "images/classes.tsv"), "r");
    assert_non_null(list);
    int total = 0, right = 0, expected;
    while (fgets(line, sizeof line, list)) {
        if (sscanf(line, "%399[^\t]\t%d", file, &expected) != 2)
            continue;
        total++;
        right += classify_right(classifier, file, expected);
    }
    fclose(list);
    double accuracy = 100.0 * right / total;
    print_message("top-1: %d of %d, %.1f %%\n", right, total, accuracy);
    assert_int_equal(total, 200);
    assert_true(fabs(accuracy - expected_accuracy) <= accuracy_tolerance);
    fs_classifier_destroy(classifier);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations), cmocka_unit_test(test_reference_kernels),
        cmocka_unit_test(test_gradients), cmocka_unit_test(test_other_size), cmocka_unit_test(test_accuracy)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
