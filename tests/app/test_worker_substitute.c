/* The worker's substitution of kernels by their fits, against the classifier itself, and exports of the Gabor
 * view. */
#include <math.h>

#include "app/classifier.h"
#include "app/worker_study.h"
#include "app/worker_substitute.h"
#include "base/alloc.h"
#include "base/file.h"
#include "worker_test.h"

#define GABORS FS_TEST_DATA "/onnx/gabors.onnx"
#define IMAGES FS_TEST_DATA "/images"

static fs_kernel_study *study_of(fixture *f) {
    const fs_study_request request = {
        .model = f->model, .layer = fs_study_layer(f->model->model, false), .null_fits = 2, .seed = 1};
    assert_true(fs_worker_study(f->worker, &request) > 0);
    fs_kernel_study *study = NULL;
    fs_event event;
    while (study == NULL && poll(f, &event)) {
        assert_int_not_equal(event.kind, FS_EVENT_FAILED);
        if (event.kind == FS_EVENT_STUDY)
            study = fs_kernel_study_keep(event.study);
        fs_event_release(&event);
    }
    return study;
}

/* NULL: it failed. */
static fs_substituted *substitute(fixture *f, fs_kernel_study *study, int kernel, const char *images,
                                  int index, fs_error *why) {
    const fs_substitute_request request = {
        .model = f->model, .study = study, .kernel = kernel, .images = images, .index = index};
    const uint64_t generation = fs_worker_substitute(f->worker, &request);
    assert_true(generation > 0);
    fs_substituted *result = NULL;
    fs_event event;
    for (bool over = false; !over && poll(f, &event);) {
        assert_true(event.generation == generation);
        if (event.kind == FS_EVENT_SUBSTITUTED)
            result = fs_substituted_keep(event.substituted);
        if (event.kind == FS_EVENT_FAILED)
            *why = event.error;
        over = event.kind == FS_EVENT_SUBSTITUTED || event.kind == FS_EVENT_FAILED;
        fs_event_release(&event);
    }
    return result;
}

static double sum_of(const fs_substituted *r, bool after) {
    double sum = 0;
    for (int i = 0; i < r->n_classes; i++)
        sum += after ? r->classes[i].after : r->classes[i].before;
    return sum;
}

/* What stands under "before" is what `classify` says of the file, and stays so when all is over. */
static void check_before(const fixture *f, const fs_substituted *r) {
    fs_classifier *classifier = NULL;
    const float *probabilities = NULL;
    fs_image image = {0};
    char path[512];
    snprintf(path, sizeof path, "%s/%s", IMAGES, r->picture);
    assert_int_equal(fs_image_read(&image, path, NULL), FS_OK);
    assert_int_equal(fs_classifier_create(&classifier, f->model->model, NULL, NULL), FS_OK);
    assert_int_equal(fs_classifier_run(classifier, &image, &probabilities, NULL), FS_OK);
    for (int i = 0; i < r->n_classes; i++)
        assert_true(fabs((double)probabilities[r->classes[i].index] - r->classes[i].before) < 1e-5);
    fs_classifier_destroy(classifier);
    fs_image_free(&image);
}

static void test_classes_before_and_after(void **state) {
    fixture f;
    (void)state;
    start(&f, GABORS);
    fs_error why = {0};
    fs_kernel_study *study = study_of(&f);
    assert_non_null(study);
    fs_substituted *all = substitute(&f, study, -1, "", 3, &why);
    if (all == NULL)
        fail_msg("%s", why.message);
    assert_int_equal(all->kernel, -1);
    assert_int_equal(all->replaced, 8);
    assert_int_equal(all->n_classes, 5); /* all there are */
    assert_true(fabs(sum_of(all, false) - 1) < 1e-5);
    assert_true(fabs(sum_of(all, true) - 1) < 1e-5);
    assert_true(all->divergence > 0 && all->change > 0 && all->change < 1);
    assert_non_null(strstr(all->picture, "drawn: "));
    assert_int_equal(all->crop.width, f.model->model->preprocess.width);
    for (int i = 1; i < all->n_classes; i++)
        assert_true(all->classes[i].before <= all->classes[i - 1].before);
    for (int i = 0; i < all->n_classes; i++)
        assert_true(all->classes[i].after <= all->classes[all->first_after].after);
    fs_substituted *one = substitute(&f, study, 2, "", 3, &why);
    assert_int_equal(one->replaced, 1);
    assert_true(one->change < all->change);
    for (int i = 0; i < 5; i++) /* the same picture, of the same model */
        assert_true(one->classes[i].before == all->classes[i].before);
    fs_substituted_release(one);
    fs_substituted_release(all);
    fs_kernel_study_release(study);
    finish(&f);
}

/* Pictures go round either way; a folder that is not there is named. */
static void test_pictures(void **state) {
    fixture f;
    (void)state;
    start(&f, GABORS);
    fs_error why = {0};
    fs_kernel_study *study = study_of(&f);
    fs_substituted *first = substitute(&f, study, 0, IMAGES, 0, &why);
    if (first == NULL)
        fail_msg("%s", why.message);
    check_before(&f, first);
    fs_substituted *drawn = substitute(&f, study, 0, "", -1, &why),
                   *same = substitute(&f, study, 0, "", FS_SUBSTITUTE_DRAWN - 1, &why);
    assert_non_null(drawn);
    assert_string_equal(drawn->picture, same->picture);
    assert_memory_equal(drawn->crop.pixels, same->crop.pixels, (size_t)drawn->crop.width);
    fs_substituted_release(first);
    fs_substituted_release(drawn);
    fs_substituted_release(same);
    assert_null(substitute(&f, study, 0, "/nonexistent/pictures", 0, &why));
    assert_non_null(strstr(why.message, "/nonexistent/pictures"));
    assert_null(substitute(&f, study, 99, "", 0, &why));
    fs_kernel_study_release(study);
    finish(&f);
}

static void export(fixture *f, const fs_kernel_export_request *request, fs_event_kind expected, char *said,
                   size_t size) {
    fs_event event;
    const uint64_t generation = fs_worker_export_kernel(f->worker, request);
    assert_true(generation > 0);
    assert_true(poll(f, &event));
    assert_true(event.generation == generation);
    assert_int_equal(event.kind, expected);
    snprintf(said, size, "%s", event.path != NULL ? event.path : event.error.message);
    fs_event_release(&event);
}

static void test_exports(void **state) {
    fixture f;
    (void)state;
    start(&f, GABORS);
    fs_kernel_study *study = study_of(&f);
    char folder[] = FS_SCRATCH "/fs-gabor-export-XXXXXX", card[128], fits[128], again[128],
         said[FS_ERROR_MESSAGE_SIZE];
    assert_non_null(mkdtemp(folder));
    snprintf(card, sizeof card, "%s/a.b.png", folder);
    snprintf(fits, sizeof fits, "%s/fits.csv", folder);
    const fs_kernel_export_request request = {
        .model = f.model, .study = study, .kernel = 3, .card = card, .fits = fits};
    export(&f, &request, FS_EVENT_SAVED, said, sizeof said);
    assert_non_null(strstr(said, card));
    assert_non_null(strstr(said, fits));
    fs_image image = {0};
    assert_int_equal(fs_image_read(&image, card, NULL), FS_OK);
    assert_true(image.width > 200);
    fs_image_free(&image);
    uint8_t *text = NULL;
    size_t size, lines = 0;
    assert_int_equal(fs_file_read(&text, &size, fits, 1 << 20, NULL), FS_OK);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    assert_int_equal(lines, 1 + 8);
    fs_free(text);
    export(&f, &request, FS_EVENT_SAVED, said, sizeof said); /* overwrites nothing */
    snprintf(again, sizeof again, "%s/a.b-2.png", folder);
    assert_non_null(strstr(said, again));
    unlink(again);
    snprintf(again, sizeof again, "%s/fits-2.csv", folder);
    assert_int_equal(unlink(again), 0);
    unlink(card);
    unlink(fits);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left */
    export(&f, &request, FS_EVENT_FAILED, said, sizeof said);
    assert_non_null(strstr(said, folder));
    fs_kernel_study_release(study);
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_before_and_after),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_exports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
