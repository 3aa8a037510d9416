/* The worker's study of a first layer's kernels: the same as the library's, stopped at once, refused with
 * words. */
#include "base/helpers.h"

#include <math.h>

#include "app/worker_study.h"
#include "worker_test.h"

static fs_study_request request_of(const fixture *f, bool effective, int null_fits) {
    return (fs_study_request){.model = f->model,
                              .layer = fs_study_layer(f->model->model, effective),
                              .effective = effective,
                              .null_fits = null_fits,
                              .seed = 4};
}

/* The study, or NULL with the reason. Progress only grows. */
static fs_kernel_study *compute(fixture *f, const fs_study_request *request, fs_error *why) {
    uint64_t generation = fs_worker_study(f->worker, request);
    assert_true(generation > 0);
    fs_kernel_study *study = NULL;
    fs_event event;
    double progress = 0;
    bool over = false;
    while (!over && poll(f, &event)) {
        assert_int_equal(event.generation, generation);
        assert_int_equal(event.job_kind, FS_WORKER_STUDY);
        if (event.kind == FS_EVENT_PROGRESS) {
            assert_true(event.done >= progress && event.done <= event.total);
            progress = event.done;
        } else {
            over = true;
            if (event.kind == FS_EVENT_STUDY)
                study = fs_kernel_study_keep(event.study);
            *why = event.error;
        }
        fs_event_release(&event);
    }
    assert_true(study == NULL || progress > 0);
    return study;
}

static void test_a_study_is_the_library_s(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    const fs_study_request request = request_of(&f, false, 12);
    fs_kernel_study *study = compute(&f, &request, &why);
    if (study == NULL)
        fail_msg("%s", why.message);
    assert_int_equal(study->model, f.model->serial);
    assert_string_equal(f.model->model->layers[study->layer].name, "conv1");
    assert_int_equal(study->kernels.count, 8);
    fs_kernels kernels = {0};
    fs_analysis analysis = {0};
    const fs_analysis_settings settings = {.null_fits = 12, .seed = 4};
    const fs_layer *layer = &f.model->model->layers[study->layer];
    assert_int_equal(fs_kernels_of_layer(&kernels, f.model->model, layer, NULL), FS_OK);
    assert_int_equal(fs_analysis_run(&analysis, &kernels, &settings, NULL, NULL, NULL), FS_OK);
    assert_memory_equal(kernels.values, study->kernels.values, 8 * 147 * sizeof(double));
    for (int i = 0; i < 8; i++) {
        assert_memory_equal(&analysis.kernels[i].fit, &study->analysis.kernels[i].fit, sizeof(fs_gabor_fit));
        assert_int_equal(analysis.kernels[i].kind, study->analysis.kernels[i].kind);
    }
    assert_int_equal(study->analysis.class_counts[FS_KERNEL_GABOR], 5);
    assert_int_equal(study->analysis.null.fits, 12);
    fs_analysis_free(&analysis);
    fs_kernels_free(&kernels);
    fs_kernel_study_release(study);
    finish(&f);
}

/* The spectrum of a striped kernel is brightest where its grating is. */
static void test_profiles_and_spectra(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    const fs_study_request request = request_of(&f, false, 0);
    fs_kernel_study *study = compute(&f, &request, &why);
    assert_non_null(study);
    const int side = study->side;
    for (int k = 0; k < 5; k++) {
        const double *power = fs_kernel_study_spectrum(study, k);
        const fs_gabor *g = &study->analysis.kernels[k].fit.gabor;
        int brightest = 0;
        for (int i = 0; i < side * side; i++)
            brightest = power[i] > power[brightest] ? i : brightest;
        assert_true(power[brightest] == 1);
        const double fx = (double)(brightest % side - side / 2) / side;
        const double fy = (double)(brightest / side - side / 2) / side;
        assert_true(fabs(hypot(fx, fy) - 1 / g->lambda) < 0.05);
        double profile[49];
        const fs_patch patch = fs_kernels_patch(&study->kernels, k);
        (void)fs_colour_split_of(&patch, profile);
        assert_memory_equal(profile, fs_kernel_study_profile(study, k), sizeof profile);
    }
    fs_kernel_study_release(study);
    finish(&f);
}

/* 3x3 kernels cannot be judged; what the next convolution sees of the picture can. */
static void test_small_kernels(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    start(&f, FS_TEST_DATA "/onnx/residual.onnx");
    fs_study_request request = request_of(&f, false, 2);
    assert_null(compute(&f, &request, &why));
    assert_non_null(strstr(why.message, "conv1"));
    assert_non_null(strstr(why.message, "3x3"));
    request = request_of(&f, true, 2);
    assert_true(request.layer > fs_study_layer(f.model->model, false));
    fs_kernel_study *study = compute(&f, &request, &why);
    if (study == NULL)
        fail_msg("%s", why.message);
    assert_true(study->effective && study->kernels.height == 5 && study->layer == request.layer);
    fs_kernel_study_release(study);
    finish(&f);
}

/* A study with a hundred thousand null fits ends when it is told to, or when something newer is wanted;
 * nothing more is heard of it. */
static void test_stopping(void **state) {
    (void)state;
    fixture f;
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    fs_study_request endless = request_of(&f, false, FS_ANALYSIS_MAX_NULL_FITS);
    fs_event event = {0};
    uint64_t first = fs_worker_study(f.worker, &endless);
    poll(&f, &event);
    assert_int_equal(event.kind, FS_EVENT_PROGRESS);
    assert_int_equal(event.generation, first);
    fs_event_release(&event);
    fs_worker_stop_study(f.worker);
    while (fs_worker_poll(f.worker, &event))
        fs_event_release(&event);
    const fs_study_request brief = request_of(&f, false, 0);
    uint64_t second = fs_worker_study(f.worker, &brief);
    while (poll(&f, &event) && event.kind != FS_EVENT_STUDY) {
        assert_int_equal(event.kind, FS_EVENT_PROGRESS);
        fs_event_release(&event);
    }
    assert_int_equal(event.generation, second);
    fs_event_release(&event);
    fs_worker_study(f.worker, &endless); /* and leaving does not wait for it */
    finish(&f);
}

/* Whatever allocation fails, the kernels and the analysis stay whose they were. */
static void test_without_memory(void **state) {
    (void)state;
    fs_kernels kernels = {0};
    fs_analysis analysis = {0};
    assert_int_equal(fs_kernels_create(&kernels, 2, 1, 5, 5, NULL), FS_OK);
    for (int i = 0; i < 50; i++)
        kernels.values[i] = sin(i);
    assert_int_equal(fs_analysis_run(&analysis, &kernels, &(fs_analysis_settings){0}, NULL, NULL, NULL),
                     FS_OK);
    fs_kernel_study *study = NULL;
    int failures = 0;
    for (;; failures++) {
        fail_from(failures);
        fs_status status = fs_kernel_study_create(&study, &kernels, &analysis, NULL);
        fail_stop();
        if (status == FS_OK)
            break;
        assert_int_equal(status, FS_ERROR_MEMORY);
        assert_null(study);
        assert_non_null(kernels.values);
    }
    assert_true(failures >= 3);
    assert_null(kernels.values);
    fs_kernel_study_release(study);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_study_is_the_library_s),
        cmocka_unit_test(test_profiles_and_spectra),
        cmocka_unit_test(test_small_kernels),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
