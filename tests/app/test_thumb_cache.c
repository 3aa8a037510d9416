/* Thumbnails on disk: what was rendered once is there at once, unless anything about it is different. */
#include "app/thumb_cache.h"
#include "base/alloc.h"
#include "worker_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"

static fs_render_settings settings_of(const fs_model *model) {
    fs_render_settings settings;
    memset(&settings, 0, sizeof settings);
    fs_options_defaults(fs_render_options, &settings);
    snprintf(settings.layer, sizeof settings.layer, "%s", model->layers[0].name);
    settings.channel = 1;
    settings.size = 32;
    settings.steps = 6;
    return settings;
}

static void remove_all(const char *folder) {
    char command[256];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void test_read_and_write(void **state) {
    (void)state;
    fs_model *model = NULL;
    fs_thumb_cache *cache = NULL;
    fs_image image = {0}, other = {0};
    double objective = 0;
    char folder[] = FS_SCRATCH "/fs-thumb-cache-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(fs_model_load(&model, MODEL, NULL), FS_OK);
    assert_int_equal(fs_thumb_cache_open(&cache, folder, model, NULL), FS_OK);
    fs_render_settings settings = settings_of(model);
    assert_int_equal(fs_image_create(&image, 32, 32, 3, NULL), FS_OK);
    for (int i = 0; i < 32 * 32 * 3; i++)
        image.pixels[i] = (uint8_t)(i * 7);
    assert_false(fs_thumb_cache_read(cache, 0, &settings, &other, &objective));
    fs_thumb_cache_write(cache, 0, &settings, &image, 12.5);
    assert_true(fs_thumb_cache_read(cache, 0, &settings, &other, &objective));
    assert_true(objective == 12.5);
    assert_memory_equal(other.pixels, image.pixels, 32 * 32 * 3);
    fs_image_free(&other);
    settings.seed = 9; /* the same name, made otherwise */
    assert_false(fs_thumb_cache_read(cache, 0, &settings, &other, &objective));
    settings.seed = settings_of(model).seed;
    settings.channel = 2;
    assert_false(fs_thumb_cache_read(cache, 0, &settings, &other, &objective));
    settings.channel = 1;
    assert_false(fs_thumb_cache_read(cache, 1, &settings, &other, &objective));
    fs_thumb_cache_close(cache);
    model->preprocess.mean[0] += 0.1F; /* another network for all that matters */
    assert_int_equal(fs_thumb_cache_open(&cache, folder, model, NULL), FS_OK);
    assert_false(fs_thumb_cache_read(cache, 0, &settings, &other, &objective));
    fs_thumb_cache_close(cache);
    fs_image_free(&image);
    fs_model_destroy(model);
    remove_all(folder);
}

/* All bytes of a file may be wrong, and the folder may not be there or not be writable. */
static void test_what_is_not_whole(void **state) {
    (void)state;
    fs_model *model = NULL;
    fs_thumb_cache *cache = NULL;
    fs_image image = {0};
    double objective = 0;
    char folder[] = FS_SCRATCH "/fs-thumb-cache-XXXXXX", command[256];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(fs_model_load(&model, MODEL, NULL), FS_OK);
    assert_int_equal(fs_thumb_cache_open(&cache, folder, model, NULL), FS_OK);
    fs_render_settings settings = settings_of(model);
    assert_int_equal(fs_image_create(&image, 32, 32, 3, NULL), FS_OK);
    memset(image.pixels, 99, 32 * 32 * 3);
    fs_thumb_cache_write(cache, 0, &settings, &image, 1);
    fs_image_free(&image);
    snprintf(command, sizeof command, "for f in %s/thumbs/*/0000/*.png; do truncate -s 300 \"$f\"; done",
             folder);
    assert_int_equal(system(command), 0);
    assert_false(fs_thumb_cache_read(cache, 0, &settings, &image, &objective));
    fs_thumb_cache_close(cache);
    assert_int_equal(fs_thumb_cache_open(&cache, "/proc/nowhere", model, NULL), FS_OK);
    assert_int_equal(fs_image_create(&image, 32, 32, 3, NULL), FS_OK);
    fs_thumb_cache_write(cache, 0, &settings, &image, 1);
    fs_image_free(&image);
    assert_false(fs_thumb_cache_read(cache, 0, &settings, &image, &objective));
    fs_thumb_cache_close(cache);
    fs_model_destroy(model);
    remove_all(folder);
}

/* Pictures of the wall until it is done; how many were published before they were finished. */
static int run_wall(const char *folder, uint8_t pixels[4][32 * 32 * 3]) {
    fs_worker *worker = NULL;
    const fs_worker_options options = {.threads = 1, .cache_folder = folder};
    assert_int_equal(fs_worker_create(&worker, &options, NULL), FS_OK);
    fixture f = {.worker = worker};
    fs_event event;
    assert_true(fs_worker_load(worker, MODEL) > 0);
    assert_true(poll(&f, &event));
    assert_int_equal(event.kind, FS_EVENT_MODEL);
    f.model = fs_shared_model_keep(event.model);
    fs_event_release(&event);
    const int channels[] = {2, 3, 0, 1};
    const fs_wall_request request = {.model = f.model,
                                     .settings = settings_of(f.model->model),
                                     .batch = 2,
                                     .channels = channels,
                                     .n_channels = 4};
    assert_true(fs_worker_wall(worker, &request) > 0);
    int finished = 0, cached = 0;
    for (bool over = false; !over && poll(&f, &event);) {
        if (event.kind == FS_EVENT_PICTURE && fs_picture_finished(event.picture)) {
            if (event.picture->channel == 2)
                assert_int_equal(finished, 0); /* the first that was asked for */
            memcpy(pixels[event.picture->channel], event.picture->image.pixels, 32 * 32 * 3);
            finished++;
            cached += event.picture->rate == 0;
        }
        over = event.kind == FS_EVENT_DONE;
        fs_event_release(&event);
    }
    assert_int_equal(finished, 4);
    fs_shared_model_release(f.model);
    fs_worker_destroy(worker);
    return cached;
}

static void test_walls_of_two_runs(void **state) {
    (void)state;
    static uint8_t first[4][32 * 32 * 3], second[4][32 * 32 * 3];
    char folder[] = FS_SCRATCH "/fs-thumb-cache-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(run_wall(folder, first), 0);
    assert_int_equal(run_wall(folder, second), 4);
    assert_memory_equal(first, second, sizeof first);
    remove_all(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_and_write),
        cmocka_unit_test(test_what_is_not_whole),
        cmocka_unit_test(test_walls_of_two_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
