/* Whole architectures against PyTorch: every NAME.onnx and NAME.pb of a folder made by the export scripts
 * (FS_ARCHITECTURES), with NAME.input.npy, NAME.logits.npy and NAME.grad.npy (of logit 7). */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/npy.h"
#include "base/pool.h"
#include "base/random.h"
#include "engine/model.h"
#include "engine/plan.h"

enum { DIFFERENTIATED_LOGIT = 7, NEARBY_INPUTS = 48 };
static const double logit_tolerance = 1e-3, gradient_tolerance = 2e-3;
/* A unit whose sum is within rounding of zero may be on in PyTorch and off here, which moves the gradient by
 * a finite step. So PyTorch's gradient may also be that of an input this close to the given one (relative,
 * per pixel): a wrong gradient stays wrong there. */
static const float nearby = 3e-7f;

static double relative_error(const float *ours, const fs_npy *reference) {
    int64_t count = 1;
    for (int d = 0; d < reference->rank; d++)
        count *= reference->dim[d];
    double difference = 0, norm = 0;
    for (int64_t i = 0; i < count; i++) {
        double d = ours[i] - (double)reference->data[i];
        difference += d * d;
        norm += (double)reference->data[i] * reference->data[i];
    }
    if (norm == 0) /* a logit that a ReLU holds at zero */
        return difference == 0 ? 0 : INFINITY;
    return sqrt(difference / norm);
}

static void read_npy(fs_npy *out, const char *folder, const char *name, const char *what) {
    char path[1024];
    fs_error err = {0};
    snprintf(path, sizeof path, "%s/%s.%s.npy", folder, name, what);
    if (fs_npy_read(out, path, &err) != FS_OK)
        fail_msg("%s", err.message);
}

/* direct: with gradients, by kernels that round as PyTorch's do; otherwise forward alone, by the fastest. */
static fs_plan *make_plan(const fs_model *model, const fs_npy *input, bool direct, fs_pool *pool) {
    fs_error err = {0};
    fs_shape shape = fs_shape_of(4, 1, 3, (int)input->dim[2], (int)input->dim[3]);
    fs_plan_request request = fs_plan_request_default(model->graph, shape);
    const fs_layer *logits = fs_model_logits(model);
    if (!logits)
        fail_msg("%s: an image of the default size does not reach the logits", model->path);
    int value = logits->value;
    request.outputs = &value;
    request.n_outputs = 1;
    request.input_gradient = request.direct_sums = direct;
    request.pool = pool;
    fs_plan *plan = NULL;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s: %s", model->path, err.message);
    memcpy(fs_plan_input(plan), input->data, (size_t)fs_shape_count(&shape) * sizeof(float));
    return plan;
}

static double gradient_error(fs_plan *plan, const fs_npy *grad) {
    fs_error err = {0};
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    fs_plan_clear_output_gradient(plan, 0)[DIFFERENTIATED_LOGIT] = 1;
    assert_int_equal(fs_plan_backward(plan, FS_RELU_PLAIN, NULL, &err), FS_OK);
    return relative_error(fs_plan_input_gradient(plan), grad);
}

static double nearest_gradient_error(fs_plan *plan, const fs_npy *input, const fs_npy *grad) {
    double best = gradient_error(plan, grad);
    int64_t count = input->dim[1] * input->dim[2] * input->dim[3];
    fs_random random;
    fs_random_seed(&random, 1, 0);
    for (int n = 0; n < NEARBY_INPUTS && best >= gradient_tolerance; n++) {
        float *x = fs_plan_input(plan);
        fs_random_normal(&random, x, (int)count, nearby);
        for (int64_t i = 0; i < count; i++)
            x[i] = input->data[i] * (1 + x[i]);
        best = fmin(best, gradient_error(plan, grad));
    }
    return best;
}

static void check_architecture(const char *folder, const char *file, fs_pool *pool) {
    char name[256];
    char path[1024];
    fs_error err = {0};
    fs_model *model = NULL;
    fs_npy input = {0}, logits = {0}, grad = {0};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(name, sizeof name, "%.*s", (int)(strrchr(file, '.') - file), file);
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    read_npy(&input, folder, name, "input");
    read_npy(&logits, folder, name, "logits");
    read_npy(&grad, folder, name, "grad");
    fs_plan *plan = make_plan(model, &input, false, pool);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    double forward = relative_error(fs_plan_output(plan, 0), &logits);
    fs_plan_destroy(plan);
    plan = make_plan(model, &input, true, pool);
    double backward = nearest_gradient_error(plan, &input, &grad);
    print_message("%-20s logits %.2e, input gradient %.2e\n", name, forward, backward);
    assert_true(forward < logit_tolerance);
    assert_true(backward < gradient_tolerance);
    fs_plan_destroy(plan);
    fs_npy_free(&input);
    fs_npy_free(&logits);
    fs_npy_free(&grad);
    fs_model_destroy(model);
}

static void test_architectures(void **state) {
    (void)state;
    const char *folder = getenv("FS_ARCHITECTURES");
    DIR *dir = folder ? opendir(folder) : NULL;
    if (!dir) {
        printf("SKIPPED: FS_ARCHITECTURES names no folder of exported architectures\n");
        skip();
    }
    fs_error err = {0};
    fs_pool *pool = NULL;
    assert_int_equal(fs_pool_create(&pool, 0, &err), FS_OK);
    int checked = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || (strcmp(dot, ".onnx") != 0 && strcmp(dot, ".pb") != 0))
            continue;
        check_architecture(folder, entry->d_name, pool);
        checked++;
    }
    closedir(dir);
    fs_pool_destroy(pool);
    assert_true(checked > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_architectures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
