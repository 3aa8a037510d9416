/* Points of a small network over a folder of noise, and the atlas made of them. */
#include "viz_test.h"

#include "base/file.h"
#include "base/helpers.h"
#include "base/npy.h"
#include "tiny_model.h"
#include "viz/activation_atlas.h"

enum { PICTURES = 8, SIDE = TINY_SIDE / 2, PER_IMAGE = 5, POINTS = PICTURES * PER_IMAGE };

typedef struct bench {
    tiny_model tiny;
    fs_folder *folder;
    fs_activation *activation;
    fs_points points;
    int written, read;
} bench;

static void write_noise(const char *name, uint64_t stream) {
    fs_image image = {0};
    fs_random random;
    fs_random_seed(&random, 5, stream);
    assert_int_equal(fs_image_create(&image, 20, 20, 3, NULL), FS_OK);
    for (int i = 0; i < 20 * 20 * 3; i++)
        image.pixels[i] = (uint8_t)fs_random_int(&random, 256);
    assert_int_equal(fs_image_write_png(&image, scratch_path(name), NULL, 0, NULL), FS_OK);
    fs_image_free(&image);
}

static void collect(fs_points *out, bench *b, int most, int per_image) {
    const fs_points_settings settings = {.most = most, .per_image = per_image, .seed = 3};
    fs_error err = {0};
    if (fs_points_collect(out, b->activation, b->folder, &settings, NULL, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static int set_up(void **state) {
    bench *b = calloc(1, sizeof *b);
    fs_error err = {0};
    scratch_create();
    assert_int_equal(fs_make_folder(scratch_path("photos"), NULL), FS_OK);
    for (int i = 0; i < PICTURES; i++) {
        char name[32];
        snprintf(name, sizeof name, "photos/%d.png", i);
        write_noise(name, (uint64_t)i);
    }
    put_file(scratch_path("photos/broken.jpg"), "nothing", 7);
    tiny_model_create(&b->tiny, 0);
    if (fs_folder_list(&b->folder, scratch_path("photos"), &err) != FS_OK ||
        fs_activation_create(&b->activation, &b->tiny.model, &b->tiny.layers[1], NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    collect(&b->points, b, POINTS, PER_IMAGE);
    *state = b;
    return 0;
}

static int tear_down(void **state) {
    bench *b = *state;
    fs_points_free(&b->points);
    fs_activation_destroy(b->activation);
    fs_folder_destroy(b->folder);
    tiny_model_destroy(&b->tiny);
    free(b);
    return scratch_teardown(state);
}

/* Each vector is the layer's answer at its place; places are inside the rim and differ. */
static void test_points(void **state) {
    bench *b = *state;
    const fs_points *p = &b->points;
    assert_int_equal(p->n, POINTS);
    assert_int_equal(p->channels, TINY_TWO);
    assert_int_equal(p->used, PICTURES);
    assert_int_equal(p->skipped, 1);
    for (int i = 0; i < p->n; i++) {
        fs_image image = {0};
        const int row = p->positions[i] / SIDE, column = p->positions[i] % SIDE;
        assert_true(row > 0 && row < SIDE - 1 && column > 0 && column < SIDE - 1);
        for (int j = 0; j < i; j++)
            assert_false(p->images[j] == p->images[i] && p->positions[j] == p->positions[i]);
        assert_int_equal(fs_image_read(&image, b->folder->files[p->images[i]].path, NULL), FS_OK);
        assert_int_equal(fs_activation_run(b->activation, &image, NULL, NULL), FS_OK);
        for (int c = 0; c < TINY_TWO; c++)
            assert_true(p->vectors[i * TINY_TWO + c] == fs_activation_map(b->activation, c)[p->positions[i]]);
        fs_image_free(&image);
    }
}

static void test_second_moment(void **state) {
    bench *b = *state;
    double sums[TINY_TWO][TINY_TWO] = {{0}};
    for (int f = 0; f < PICTURES; f++) {
        fs_image image = {0};
        assert_int_equal(fs_image_read(&image, b->folder->files[f].path, NULL), FS_OK);
        assert_int_equal(fs_activation_run(b->activation, &image, NULL, NULL), FS_OK);
        for (int c = 0; c < TINY_TWO; c++)
            for (int d = 0; d < TINY_TWO; d++)
                sums[c][d] += test_dot(fs_activation_map(b->activation, c),
                                       fs_activation_map(b->activation, d), SIDE * SIDE);
        fs_image_free(&image);
    }
    for (int c = 0; c < TINY_TWO; c++)
        for (int d = 0; d < TINY_TWO; d++)
            assert_close(b->points.second[c * TINY_TWO + d], sums[c][d] / (PICTURES * SIDE * SIDE), 1e-4, 1);
}

static void test_points_are_bounded(void **state) {
    bench *b = *state;
    fs_points few = {0}, all = {0};
    collect(&few, b, 3, 0); /* fewer than pictures: every third one */
    assert_int_equal(few.n, 3);
    assert_int_equal(few.images[1], 3);
    fs_points_free(&few);
    collect(&all, b, 4000, 0); /* more than there are */
    assert_int_equal(all.n, PICTURES * (SIDE - 2) * (SIDE - 2));
    fs_points_free(&all);
}

/* ---- the atlas ---- */

static fs_status write_plain(void *context, const fs_render_settings *settings, double objective,
                             const fs_image *image, const char *path, fs_error *err) {
    bench *b = context;
    char text[2 * FS_OPTION_TEXT_SIZE];
    b->written++;
    assert_true(image->width == settings->size);
    const int n = snprintf(text, sizeof text, "%.17g %s", objective, settings->objective);
    return fs_file_write(path, text, (size_t)n, err);
}

static fs_render_settings current;

static fs_status read_plain(void *context, fs_render_settings *settings, double *objective, const char *path,
                            fs_error *err) {
    bench *b = context;
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *rest = NULL;
    b->read++;
    fs_status status = fs_file_read(&bytes, &size, path, 1 << 16, err);
    if (status != FS_OK)
        return status;
    *objective = strtod((char *)bytes, &rest);
    *settings = current;
    snprintf(settings->objective, sizeof settings->objective, "%s", rest + 1);
    fs_free(bytes);
    return FS_OK;
}

static fs_activation_atlas_request request_of(bench *b, const char *folder) {
    fs_activation_atlas_request request = {.folder = folder,
                                           .grid = 2,
                                           .least = 3,
                                           .whiten = true,
                                           .power = 2,
                                           .store = {b, write_plain, read_plain}};
    fs_options_defaults(fs_render_options, &request.render);
    request.render.size = 12;
    request.render.steps = 3;
    current = request.render;
    return request;
}

/* The first 20 points into one corner, the next 18 into the opposite one, two alone into a third. */
static void place(float *plane) {
    for (int i = 0; i < POINTS; i++) {
        plane[2 * i] = i < 20 ? 0 : 1;
        plane[2 * i + 1] = i >= 20 && i < 38 ? 1 : 0;
    }
}

static fs_activation_atlas *make(bench *b, const fs_activation_atlas_request *request) {
    float plane[2 * POINTS];
    fs_activation_atlas *atlas = NULL;
    fs_error err = {0};
    place(plane);
    if (fs_activation_atlas_create(&atlas, &b->tiny.model, &b->tiny.layers[1], &b->points, plane, request,
                                   &err) != FS_OK)
        fail_msg("%s", err.message);
    return atlas;
}

static void check_nearest(const bench *b, const fs_atlas_cell *cell, int first, int last) {
    assert_true(cell->n_nearest > 0);
    for (int i = 0; i < cell->n_nearest; i++) {
        assert_in_range(cell->nearest[i], first, last - 1);
        for (int k = 0; k < i; k++)
            assert_int_not_equal(b->points.images[cell->nearest[k]], b->points.images[cell->nearest[i]]);
    }
}

static void test_cells(void **state) {
    bench *b = *state;
    const fs_atlas_cell *cells;
    const fs_activation_atlas_request request = request_of(b, scratch_path("atlas"));
    fs_activation_atlas *atlas = make(b, &request);
    assert_int_equal(fs_activation_atlas_cells(atlas, &cells), 2);
    assert_true(cells[0].row == 0 && cells[0].column == 0 && cells[0].count == 20);
    assert_true(cells[1].row == 1 && cells[1].column == 1 && cells[1].count == 18);
    check_nearest(b, &cells[0], 0, 20);
    check_nearest(b, &cells[1], 20, 38);
    assert_int_equal(cells[0].n_nearest, 4); /* five points of each of four pictures */
    fs_activation_atlas_destroy(atlas);
}

/* (second moment + 0.1 mean diagonal) direction = mean of the cell's vectors. */
static void test_directions(void **state) {
    bench *b = *state;
    const fs_activation_atlas_request request = request_of(b, scratch_path("atlas"));
    fs_activation_atlas *atlas = make(b, &request);
    fs_npy npy = {0};
    double trace = 0;
    assert_int_equal(fs_activation_atlas_run(atlas, NULL, NULL, NULL), FS_OK);
    assert_int_equal(fs_npy_read(&npy, scratch_path("atlas/cells/00-00.npy"), NULL), FS_OK);
    assert_int_equal(npy.dim[0], TINY_TWO);
    for (int c = 0; c < TINY_TWO; c++)
        trace += b->points.second[c * (TINY_TWO + 1)];
    for (int c = 0; c < TINY_TWO; c++) {
        double mean = 0, product = 0.1 * trace / TINY_TWO * npy.data[c];
        for (int i = 0; i < 20; i++)
            mean += b->points.vectors[i * TINY_TWO + c] / 20.0;
        product += test_dot(b->points.second + (ptrdiff_t)c * TINY_TWO, npy.data, TINY_TWO);
        assert_close(product, mean, 1e-4, 1);
    }
    fs_npy_free(&npy);
    fs_activation_atlas_destroy(atlas);
}

static void test_kept_cells(void **state) {
    bench *b = *state;
    const fs_atlas_cell *cells;
    fs_activation_atlas_request request = request_of(b, scratch_path("atlas"));
    fs_activation_atlas *atlas = make(b, &request);
    assert_int_equal(fs_activation_atlas_run(atlas, NULL, NULL, NULL), FS_OK);
    assert_int_equal(b->written, 2);
    fs_activation_atlas_cells(atlas, &cells);
    const double objective = cells[1].objective;
    assert_true(isfinite(objective) && cells[1].state == FS_ATLAS_DRAWN);
    fs_activation_atlas_destroy(atlas);

    request.keep = true;
    atlas = make(b, &request);
    assert_int_equal(fs_activation_atlas_run(atlas, NULL, NULL, NULL), FS_OK);
    assert_int_equal(b->written, 2);
    fs_activation_atlas_cells(atlas, &cells);
    assert_true(cells[1].objective == objective && cells[1].state == FS_ATLAS_DRAWN);
    fs_activation_atlas_destroy(atlas);

    request.whiten = false; /* other directions */
    atlas = make(b, &request);
    assert_int_equal(fs_activation_atlas_run(atlas, NULL, NULL, NULL), FS_OK);
    assert_int_equal(b->written, 4);
    fs_activation_atlas_destroy(atlas);
    request.power = 3; /* the same directions, another objective */
    atlas = make(b, &request);
    assert_int_equal(fs_activation_atlas_run(atlas, NULL, NULL, NULL), FS_OK);
    assert_int_equal(b->written, 6);
    fs_activation_atlas_destroy(atlas);
}

static void test_stops(void **state) {
    bench *b = *state;
    atomic_bool cancel = true;
    const fs_progress progress = {.cancel = &cancel};
    fs_error err = {0};
    fs_activation_atlas_request request = request_of(b, scratch_path("atlas"));
    fs_activation_atlas *atlas = make(b, &request);
    assert_int_equal(fs_activation_atlas_run(atlas, NULL, &progress, &err), FS_ERROR_CANCELLED);
    assert_non_null(strstr(err.message, "2 of 2"));
    fs_activation_atlas_destroy(atlas);
    request.least = 21;
    float plane[2 * POINTS];
    place(plane);
    assert_int_equal(fs_activation_atlas_create(&atlas, &b->tiny.model, &b->tiny.layers[1], &b->points, plane,
                                                &request, &err),
                     FS_ERROR_NOT_FOUND);
}

static void test_memory(void **state) {
    bench *b = *state;
    const fs_activation_atlas_request request = request_of(b, scratch_path("atlas"));
    const fs_points_settings settings = {.most = POINTS, .per_image = PER_IMAGE};
    float plane[2 * POINTS];
    place(plane);
    for (int allocation = 0, refused = 1; refused; allocation++) {
        fs_activation_atlas *atlas = NULL;
        fs_points points = {0};
        fail_from(allocation);
        fs_status status = fs_points_collect(&points, b->activation, b->folder, &settings, NULL, NULL, NULL);
        if (status == FS_OK)
            status = fs_activation_atlas_create(&atlas, &b->tiny.model, &b->tiny.layers[1], &points, plane,
                                                &request, NULL);
        refused = fail_stop();
        if (status != FS_ERROR_MEMORY)
            assert_int_equal(status, FS_OK);
        fs_activation_atlas_destroy(atlas);
        fs_points_free(&points);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_points, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_second_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_points_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_directions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kept_cells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
