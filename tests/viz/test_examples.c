/* Examples of the channels of a small network over a folder of noise, against a plain search. */
#include <sys/stat.h>
#include <unistd.h>

#include "viz_test.h"

#include "base/file.h"
#include "base/folder.h"
#include "base/helpers.h"
#include "tiny_model.h"
#include "viz/example_view.h"
#include "viz/examples_cache.h"

enum { PICTURES = 60, PLANE = TINY_SIDE * TINY_SIDE / 4 };

static char root[] = FS_SCRATCH "/filterscope-examples-XXXXXX";

typedef struct bench {
    tiny_model tiny;
    fs_folder *folder;
    fs_activation *activation;
    fs_examples *examples;
} bench;

static void write_noise(const char *name, uint64_t stream) {
    fs_image image = {0};
    fs_random random;
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    fs_random_seed(&random, 5, stream);
    assert_int_equal(fs_image_create(&image, 24, 20, 3, NULL), FS_OK);
    for (int i = 0; i < 24 * 20 * 3; i++)
        image.pixels[i] = (uint8_t)fs_random_int(&random, 256);
    assert_int_equal(fs_image_write_png(&image, path, NULL, 0, NULL), FS_OK);
    fs_image_free(&image);
}

static void open_bench(bench *b) {
    fs_error err = {0};
    memset(b, 0, sizeof *b);
    tiny_model_create(&b->tiny, 0);
    if (fs_folder_list(&b->folder, root, &err) != FS_OK ||
        fs_activation_create(&b->activation, &b->tiny.model, &b->tiny.layers[1], NULL, &err) != FS_OK ||
        fs_examples_create(&b->examples, b->activation, b->folder->n_files, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void close_bench(bench *b) {
    fs_examples_destroy(b->examples);
    fs_activation_destroy(b->activation);
    fs_folder_destroy(b->folder);
    tiny_model_destroy(&b->tiny);
}

static int skipped;
static void count_skipped(void *context, const char *path, const char *why) {
    (void)context;
    assert_non_null(strstr(path, "broken.jpg"));
    assert_non_null(strstr(why, "broken.jpg"));
    skipped++;
}

static void run_all(bench *b, fs_pool *pool) {
    fs_error err = {0};
    fs_examples_watch watch = {.skipped = count_skipped};
    skipped = 0;
    if (fs_examples_run(b->examples, b->activation, b->folder, pool, &watch, &err) != FS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(skipped, 1);
}

static void test_folder(void **state) {
    (void)state;
    fs_folder *folder = NULL;
    fs_error err = {0};
    assert_int_equal(fs_folder_list(&folder, root, &err), FS_OK);
    assert_int_equal(folder->n_files, PICTURES + 1); /* the hidden one and the text are not there */
    assert_string_equal(folder->files[0].name, "a/00.png");
    assert_string_equal(folder->files[PICTURES].name, "broken.jpg");
    for (int i = 1; i < folder->n_files; i++)
        assert_true(strcmp(folder->files[i - 1].name, folder->files[i].name) < 0);
    assert_int_equal(folder->files[PICTURES].bytes, 7);
    fs_folder_destroy(folder);
    assert_int_equal(fs_folder_list(&folder, "/no/such/folder", &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "/no/such/folder"));
    assert_int_equal(fs_folder_list(&folder, "", &err), FS_ERROR_IO);
    char path[256];
    snprintf(path, sizeof path, "%s/empty", root);
    assert_int_equal(fs_folder_list(&folder, path, &err), FS_ERROR_NOT_FOUND);
    snprintf(path, sizeof path, "%s/broken.jpg", root);
    assert_int_equal(fs_folder_list(&folder, path, &err), FS_ERROR_ARGUMENT);
}

typedef struct found {
    int image, high, low;
    float greatest, least;
} found;

static int falling(const void *a, const void *b) {
    const found *x = a, *y = b;
    if (x->greatest != y->greatest)
        return x->greatest > y->greatest ? -1 : 1;
    return x->image - y->image;
}

static int rising(const void *a, const void *b) {
    const found *x = a, *y = b;
    if (x->least != y->least)
        return x->least < y->least ? -1 : 1;
    if (x->greatest != y->greatest)
        return x->greatest < y->greatest ? -1 : 1;
    return x->image - y->image;
}

/* The same by brute force for one channel. */
static void search(bench *b, int channel, found *all) {
    for (int i = 0; i < PICTURES; i++) {
        fs_image image = {0};
        assert_int_equal(fs_image_read(&image, b->folder->files[i].path, NULL), FS_OK);
        assert_int_equal(fs_activation_run(b->activation, &image, NULL, NULL), FS_OK);
        fs_image_free(&image);
        const float *map = fs_activation_map(b->activation, channel);
        all[i] = (found){.image = i, .greatest = -INFINITY, .least = INFINITY};
        for (int p = 0; p < PLANE; p++) {
            all[i].greatest = fmaxf(all[i].greatest, map[p]);
            all[i].least = fminf(all[i].least, map[p]);
        }
    }
}

static void test_lists(void **state) {
    (void)state;
    bench b;
    fs_pool *pool = NULL;
    int alive = 0;
    open_bench(&b);
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    run_all(&b, pool);
    assert_int_equal(fs_examples_used(b.examples), PICTURES);
    assert_true(fs_examples_skipped(b.examples, PICTURES));
    for (int c = 0; c < TINY_TWO; c++) {
        found all[PICTURES];
        fs_example list[FS_EXAMPLES_KEPT];
        search(&b, c, all);
        qsort(all, PICTURES, sizeof *all, falling);
        assert_int_equal(fs_examples_list(b.examples, FS_EXAMPLES_TOP, c, 0, list, 100), FS_EXAMPLES_KEPT);
        for (int i = 0; i < FS_EXAMPLES_KEPT; i++) {
            assert_int_equal(list[i].image, all[i].image);
            assert_true(list[i].value == all[i].greatest);
        }
        int positive = 0; /* the first ones, since they fall */
        while (positive < PICTURES && all[positive].greatest > 0)
            positive++;
        double threshold = 0; /* of a channel that is off everywhere */
        if (positive > 0)
            threshold = (all[(positive - 1) / 2].greatest + (double)all[positive / 2].greatest) / 2;
        alive += positive > 0;
        assert_close(fs_examples_threshold(b.examples, c), threshold, 1e-12, threshold);
        assert_int_equal(fs_examples_list(b.examples, FS_EXAMPLES_THRESHOLD, c, threshold, list, 9), 9);
        for (int i = 0; i < 9; i++) { /* nobody outside the list is nearer than its last */
            double distance = fabs(list[i].value - threshold);
            int nearer = 0;
            for (int k = 0; k < PICTURES; k++)
                nearer += fabs(all[k].greatest - threshold) < distance;
            assert_true(nearer <= i);
        }
        qsort(all, PICTURES, sizeof *all, rising);
        fs_examples_list(b.examples, FS_EXAMPLES_BOTTOM, c, 0, list, FS_EXAMPLES_KEPT);
        for (int i = 0; i < FS_EXAMPLES_KEPT; i++)
            assert_int_equal(list[i].image, all[i].image);
        assert_int_equal(fs_examples_values(b.examples, c)->total, PICTURES * PLANE);
        assert_int_equal(fs_examples_greatest(b.examples, c)->total, PICTURES);
    }
    assert_true(alive > TINY_TWO / 2);
    fs_pool_destroy(pool);
    close_bench(&b);
}

static bool same_file(const char *a, const char *b) {
    uint8_t *x = NULL, *y = NULL;
    size_t nx = 0, ny = 0;
    assert_int_equal(fs_file_read(&x, &nx, a, 1 << 24, NULL), FS_OK);
    assert_int_equal(fs_file_read(&y, &ny, b, 1 << 24, NULL), FS_OK);
    bool same = nx == ny && memcmp(x, y, nx) == 0;
    fs_free(x);
    fs_free(y);
    return same;
}

static void stop_at_twenty(void *context, const fs_progress_state *progress) {
    atomic_store((atomic_bool *)context, progress->done >= 20);
}

/* Interrupted, written, read and continued: the same bytes as in one go. */
static void test_cache_continues(void **state) {
    (void)state;
    bench b;
    uint64_t key = 0;
    char whole[256], half[256];
    fs_error err = {0};
    snprintf(whole, sizeof whole, "%s/whole", root);
    snprintf(half, sizeof half, "%s/half", root);
    open_bench(&b);
    assert_int_equal(fs_examples_key(&key, &b.tiny.model, &b.tiny.layers[1], b.folder, &err), FS_OK);
    run_all(&b, NULL);
    assert_int_equal(fs_examples_save(b.examples, key, whole, &err), FS_OK);
    close_bench(&b);

    atomic_bool stop = false;
    fs_progress progress = {.report = stop_at_twenty, .context = &stop, .cancel = &stop};
    fs_examples_watch watch = {.progress = &progress};
    open_bench(&b);
    assert_int_equal(fs_examples_run(b.examples, b.activation, b.folder, NULL, &watch, &err),
                     FS_ERROR_CANCELLED);
    assert_int_equal(fs_examples_done(b.examples), 20);
    assert_int_equal(fs_examples_save(b.examples, key, half, &err), FS_OK);
    fs_examples_destroy(b.examples);
    b.examples = NULL;
    assert_int_equal(fs_examples_load(&b.examples, b.activation, b.folder->n_files, key, half, &err), FS_OK);
    run_all(&b, NULL);
    assert_int_equal(fs_examples_save(b.examples, key, half, &err), FS_OK);
    assert_true(same_file(whole, half));
    unlink(whole);
    unlink(half);
    close_bench(&b);
}

static void test_key_follows_its_parts(void **state) {
    (void)state;
    bench b;
    uint64_t key = 0, other = 0;
    open_bench(&b);
    assert_int_equal(fs_examples_key(&key, &b.tiny.model, &b.tiny.layers[1], b.folder, NULL), FS_OK);
    assert_int_equal(fs_examples_key(&other, &b.tiny.model, &b.tiny.layers[0], b.folder, NULL), FS_OK);
    assert_true(key != other);
    b.folder->files[3].modified++;
    assert_int_equal(fs_examples_key(&other, &b.tiny.model, &b.tiny.layers[1], b.folder, NULL), FS_OK);
    assert_true(key != other);
    b.folder->files[3].modified--;
    b.tiny.model.preprocess.mean[0] = 0.1F;
    assert_int_equal(fs_examples_key(&other, &b.tiny.model, &b.tiny.layers[1], b.folder, NULL), FS_OK);
    assert_true(key != other);
    close_bench(&b);
}

/* A byte changed anywhere, a cut, another key: refused. */
static void test_damaged_cache(void **state) {
    (void)state;
    bench b;
    char path[256];
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_examples *loaded = NULL;
    snprintf(path, sizeof path, "%s/cache", root);
    open_bench(&b);
    int n = b.folder->n_files;
    run_all(&b, NULL);
    assert_int_equal(fs_examples_save(b.examples, 77, path, NULL), FS_OK);
    assert_int_equal(fs_examples_load(&loaded, b.activation, n, 78, path, NULL), FS_ERROR_FORMAT);
    assert_int_equal(fs_examples_load(&loaded, b.activation, n - 1, 77, path, NULL), FS_ERROR_LIMIT);
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 24, NULL), FS_OK);
    for (size_t at = 0; at < size; at += 1 + at / 8) {
        bytes[at] ^= 0x41;
        assert_int_equal(fs_file_write(path, bytes, size, NULL), FS_OK);
        assert_int_equal(fs_examples_load(&loaded, b.activation, n, 77, path, NULL), FS_ERROR_FORMAT);
        bytes[at] ^= 0x41;
    }
    for (size_t length = 0; length < size; length += size / 5) {
        assert_int_equal(fs_file_write(path, bytes, length, NULL), FS_OK);
        assert_int_equal(fs_examples_load(&loaded, b.activation, n, 77, path, NULL), FS_ERROR_FORMAT);
    }
    fs_free(bytes);
    unlink(path);
    close_bench(&b);
}

static fs_status everything(bench *b, const char *path) {
    uint64_t key = 1;
    fs_examples_watch watch = {0};
    fs_example_view view = {0};
    fs_examples *loaded = NULL;
    fs_status status = fs_folder_list(&b->folder, root, NULL);
    if (status == FS_OK)
        status = fs_activation_create(&b->activation, &b->tiny.model, &b->tiny.layers[1], NULL, NULL);
    if (status == FS_OK)
        status = fs_examples_create(&b->examples, b->activation, 3, NULL);
    if (status == FS_OK)
        status = fs_examples_run(b->examples, b->activation, b->folder, NULL, &watch, NULL);
    if (status == FS_OK)
        status = fs_examples_key(&key, &b->tiny.model, &b->tiny.layers[1], b->folder, NULL);
    if (status == FS_OK)
        status = fs_examples_save(b->examples, key, path, NULL);
    if (status == FS_OK)
        status = fs_examples_load(&loaded, b->activation, 3, key, path, NULL);
    if (status == FS_OK)
        status = fs_example_view_make(&view, b->activation, b->folder->files[0].path, 0, 0, 1, NULL, NULL);
    fs_examples_destroy(loaded);
    fs_image_free(&view.picture);
    return status;
}

/* Whichever allocation fails, it is an error and nothing leaks. */
static void test_without_memory(void **state) {
    (void)state;
    char path[256];
    bool refused = true;
    snprintf(path, sizeof path, "%s/cache", root);
    for (int n = 0; refused; n++) {
        bench b = {0};
        tiny_model_create(&b.tiny, 0);
        fail_from(n);
        fs_status status = everything(&b, path);
        refused = fail_stop();
        assert_int_equal(status == FS_OK, !refused); /* a decoder without memory knows no picture */
        close_bench(&b);
        unlink(path);
    }
}

/* The whole of a large folder is drawn from evenly: the sample's mean image is near the middle. */
static void test_sample_is_uniform(void **state) {
    (void)state;
    enum { MANY = 8000 };
    bench b;
    float maps[TINY_TWO * PLANE] = {0};
    double sum = 0;
    fs_examples *e = NULL;
    fs_example list[FS_EXAMPLES_SAMPLE];
    open_bench(&b);
    assert_int_equal(fs_examples_create(&e, b.activation, MANY, NULL), FS_OK);
    for (int i = 0; i < MANY; i++) {
        maps[0] = (float)(i + 1);
        fs_examples_add(e, maps, NULL);
    }
    int n = fs_examples_list(e, FS_EXAMPLES_THRESHOLD, 0, 0, list, FS_EXAMPLES_SAMPLE);
    assert_int_equal(n, FS_EXAMPLES_SAMPLE);
    for (int i = 0; i < n; i++) {
        assert_true(list[i].value == (float)(list[i].image + 1));
        sum += list[i].image;
    }
    /* four standard errors of the mean of a uniform sample */
    assert_close(sum / n, MANY / 2.0, 4 * MANY / sqrt(12.0 * n), 1);
    fs_examples_destroy(e);
    close_bench(&b);
}

static void test_window(void **state) {
    (void)state;
    fs_map_geometry g = {.height = 8, .width = 8, .image_height = 32, .image_width = 32, .field = {7, 4, -2}};
    fs_window w = fs_map_window(&g, 3 * 8 + 2, 1); /* row 3: -2 + 12, column 2: -2 + 8 */
    assert_int_equal(w.x, 6);
    assert_int_equal(w.y, 10);
    assert_int_equal(w.width, 7);
    assert_int_equal(w.height, 7);
    w = fs_map_window(&g, 0, 1); /* moved inside */
    assert_int_equal(w.x, 0);
    w = fs_map_window(&g, 63, 2);
    assert_int_equal(w.width, 14);
    assert_int_equal(w.x, 32 - 14);
    w = fs_map_window(&g, 5, 6);
    assert_int_equal(w.width, 32);
}

/* At the centre of a unit's field the map has that unit's value; half way, the mean of two. */
static void test_sampling(void **state) {
    (void)state;
    fs_map_geometry g = {.height = 2, .width = 3, .image_height = 16, .image_width = 16, .field = {5, 4, -1}};
    const float map[] = {1, 3, 7, 11, 13, 17};
    assert_close(fs_map_sample(&g, map, 1.5 + 4, 1.5), 3, 1e-12, 1);
    assert_close(fs_map_sample(&g, map, 1.5 + 2, 1.5 + 4), 12, 1e-12, 1);
    assert_close(fs_map_sample(&g, map, 1.5, 1.5 + 2), 6, 1e-12, 1);
    assert_close(fs_map_sample(&g, map, -100, 100), 11, 1e-12, 1);
}

static int set_up(void **state) {
    (void)state;
    char path[256];
    if (!mkdtemp(root))
        return -1;
    static const char *const folders[] = {"a", "b", "empty"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", root, folders[i]);
        mkdir(path, 0777);
    }
    for (int i = 0; i < PICTURES; i++) {
        snprintf(path, sizeof path, "%s/%02d.png", i % 3 ? "a" : "b", i);
        if (i == 0)
            snprintf(path, sizeof path, "a/00.png");
        write_noise(path, (uint64_t)i);
    }
    write_noise(".hidden.png", 99);
    snprintf(path, sizeof path, "%s/broken.jpg", root);
    assert_int_equal(fs_file_write(path, "no jpeg", 7, NULL), FS_OK);
    snprintf(path, sizeof path, "%s/notes.txt", root);
    assert_int_equal(fs_file_write(path, "text", 4, NULL), FS_OK);
    snprintf(path, sizeof path, "%s/b/loop", root);
    return symlink("..", path);
}

static int tear_down(void **state) {
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder),          cmocka_unit_test(test_lists),
        cmocka_unit_test(test_cache_continues), cmocka_unit_test(test_key_follows_its_parts),
        cmocka_unit_test(test_damaged_cache),   cmocka_unit_test(test_sample_is_uniform),
        cmocka_unit_test(test_without_memory),  cmocka_unit_test(test_window),
        cmocka_unit_test(test_sampling)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
