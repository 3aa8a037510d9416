/* Network dissection on made-up channels and masks, and on a small network against a plain count. */
#include "viz_test.h"

#include "base/pool.h"
#include "engine/plan.h"
#include "tiny_model.h"
#include "viz/dissection_run.h"
#include "viz/top_values.h"

enum { SIDE = 16, LABELS = 4, PICTURES = 12 };

static const char *const names[LABELS] = {NULL, "one", "two", "three"};

static fs_image mask_of(int width, int height) {
    fs_image mask = {0};
    assert_int_equal(fs_image_create(&mask, width, height, 1, NULL), FS_OK);
    return mask;
}

static void make_masks(fs_image masks[FS_CONCEPT_KINDS]) {
    for (int k = 0; k < FS_CONCEPT_KINDS; k++)
        masks[k] = mask_of(SIDE, SIDE);
}

static void free_masks(fs_image masks[FS_CONCEPT_KINDS]) {
    for (int k = 0; k < FS_CONCEPT_KINDS; k++)
        fs_image_free(&masks[k]);
}

static void fill(fs_image *mask, int x, int y, int width, int height, int label) {
    for (int j = y; j < y + height; j++)
        for (int i = x; i < x + width; i++)
            mask->pixels[j * mask->width + i] = (uint8_t)label;
}

/* ---- quantiles ---- */

static int descending(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

static void test_top_values(void **state) {
    (void)state;
    enum { N = 5000, WANTED = 300 };
    float *values = test_normals(N, 1, 3);
    for (int i = 0; i < N; i++) /* ties, zeros of both signs, and as a rectifier leaves them */
        values[i] = i % 3 == 0 ? 0.25F * roundf(values[i] * 4) : i % 7 == 0 ? -0.0F : values[i];
    fs_top_values top = {0};
    assert_int_equal(fs_top_values_create(&top, WANTED, NULL), FS_OK);
    for (int at = 0, n = 1; at < N; at += n, n = (7 * n + 3) % 401 + 1)
        fs_top_values_add(&top, values + at, n < N - at ? n : N - at);
    qsort(values, N, sizeof *values, descending);
    for (int rank = 0; rank < WANTED; rank++)
        assert_true(fs_top_values_rank(&top, rank) == values[rank]);
    fs_top_values_free(&top);
    assert_int_equal(fs_top_values_create(&top, 3, NULL), FS_OK);
    const float few[] = {-2, -1, -3, -1};
    fs_top_values_add(&top, few, 4);
    assert_true(fs_top_values_rank(&top, 0) == -1 && fs_top_values_rank(&top, 2) == -2);
    fs_top_values_free(&top);
    fs_free(values);
}

static void test_quantile_rank(void **state) {
    (void)state;
    assert_int_equal(fs_quantile_rank(0.995, 1000), 5);
    assert_int_equal(fs_quantile_rank(0.995, 999), 4);
    assert_int_equal(fs_quantile_rank(0.5, 4), 2);
    assert_int_equal(fs_quantile_rank(0.995, 1), 0);
}

/* ---- overlaps ---- */

/* A channel that is 1 exactly where a concept is. */
static void test_perfect_channel(void **state) {
    (void)state;
    const fs_map_geometry g = {SIDE, SIDE, SIDE, SIDE, {.size = 1, .stride = 1}};
    fs_dissection_totals totals = {0};
    fs_overlap perfect = {0}, half = {0};
    fs_overlap_grid *grid = NULL;
    assert_int_equal(fs_overlap_grid_create(&grid, &g, SIDE, SIDE, NULL), FS_OK);
    for (int p = 0; p < PICTURES; p++) {
        fs_image masks[FS_CONCEPT_KINDS];
        float map[SIDE * SIDE] = {0}, left[SIDE * SIDE] = {0};
        make_masks(masks);
        fill(&masks[FS_CONCEPT_OBJECT], p % 4, 1, 8, 6, 1);
        fill(&masks[FS_CONCEPT_PART], p % 4 + 2, 2, 4, 3, 2);
        for (int i = 0; i < SIDE * SIDE; i++) {
            map[i] = masks[FS_CONCEPT_PART].pixels[i] == 2;
            left[i] = map[i] > 0 && i % SIDE < p % 4 + 4;
        }
        fs_dissection_count(&totals, masks);
        fs_overlap_add(&perfect, grid, map, 0.5, masks);
        fs_overlap_add(&half, grid, left, 0.5, masks);
        free_masks(masks);
    }
    const fs_dissection_rules rules = {
        .labels = {LABELS, LABELS, LABELS}, .names = {names, names, names}, .least_pictures = PICTURES};
    fs_dissection_channel found = {0};
    fs_dissection_rank(&found, &perfect, &totals, &rules);
    assert_int_equal(found.n_best, 2);
    assert_int_equal(found.best[0].kind, FS_CONCEPT_PART);
    assert_int_equal(found.best[0].label, 2);
    assert_true(found.best[0].iou == 1);
    assert_true(found.best[1].kind == FS_CONCEPT_OBJECT && found.best[1].iou == 0.25);
    fs_dissection_rank(&found, &half, &totals, &rules);
    assert_true(found.best[0].kind == FS_CONCEPT_PART && found.best[0].iou == 0.5);
    const fs_dissection_rules strict = {
        .labels = {LABELS, LABELS, LABELS}, .names = {names, names, names}, .least_pictures = PICTURES + 1};
    fs_dissection_rank(&found, &perfect, &totals, &strict);
    assert_int_equal(found.n_best, 0);
    fs_overlap_grid_destroy(grid);
}

/* What occurs once, or overlaps once, proves nothing; nor does what is no concept. */
static void test_chance(void **state) {
    (void)state;
    const fs_map_geometry g = {SIDE, SIDE, SIDE, SIDE, {.size = 1, .stride = 1}};
    static const char *const unnamed[LABELS] = {NULL, "one", NULL, "three"};
    fs_dissection_totals totals = {0};
    fs_overlap overlap = {0};
    fs_overlap_grid *grid = NULL;
    assert_int_equal(fs_overlap_grid_create(&grid, &g, SIDE, SIDE, NULL), FS_OK);
    for (int p = 0; p < PICTURES; p++) {
        fs_image masks[FS_CONCEPT_KINDS];
        float map[SIDE * SIDE] = {0};
        make_masks(masks);
        fill(&masks[FS_CONCEPT_TEXTURE], 0, 0, p == 0 ? 8 : 1, 4, 1);
        fill(&masks[FS_CONCEPT_PART], 0, 0, 4, 4, p < 3 ? 1 : 0);
        fill(&masks[FS_CONCEPT_OBJECT], 0, 0, 4, 4, 2);
        for (int i = 0; i < 4 * SIDE; i++) /* in the first picture on the texture, then beside it */
            map[i] = p == 0 ? masks[FS_CONCEPT_TEXTURE].pixels[i] : i % SIDE == 3;
        fs_dissection_count(&totals, masks);
        fs_overlap_add(&overlap, grid, map, 0.5, masks);
        free_masks(masks);
    }
    fs_dissection_rules rules = {
        .labels = {LABELS, LABELS, LABELS}, .names = {names, names, names}, .least_pictures = 5};
    fs_dissection_channel found = {0};
    fs_dissection_rank(&found, &overlap, &totals, &rules);
    assert_int_equal(found.n_best, 1); /* neither the texture nor the part */
    assert_true(found.best[0].kind == FS_CONCEPT_OBJECT && found.best[0].label == 2);
    rules.names[FS_CONCEPT_OBJECT] = unnamed;
    fs_dissection_rank(&found, &overlap, &totals, &rules);
    assert_int_equal(found.n_best, 0);
    fs_overlap_grid_destroy(grid);
}

/* Only some pixels are looked at: the others must be off. Strides and offsets as of deep layers, a mask of
 * another size than the input. */
static void test_grid_is_map_sample(void **state) {
    (void)state;
    enum { H = 5, W = 7, MASK_H = 37, MASK_W = 61 };
    const fs_map_geometry geometries[] = {{H, W, 64, 96, {.size = 19, .stride = 13, .offset = -3}},
                                          {H, W, 64, 96, {.size = 0}},
                                          {H, W, 640, 960, {.size = 91, .stride = 4, .offset = -40}}};
    float *map = test_normals((size_t)H * W, 1, 8);
    for (size_t n = 0; n < sizeof geometries / sizeof *geometries; n++) {
        const fs_map_geometry *g = &geometries[n];
        fs_image masks[FS_CONCEPT_KINDS];
        for (int k = 0; k < FS_CONCEPT_KINDS; k++)
            masks[k] = mask_of(MASK_W, MASK_H);
        int64_t on = 0, both = 0;
        for (int i = 0; i < MASK_W * MASK_H; i++) {
            masks[0].pixels[i] = (uint8_t)(i % 3);
            const double x = (i % MASK_W + 0.5) * g->image_width / MASK_W;
            const double y = (double)(i / MASK_W + 0.5) * g->image_height / MASK_H;
            const bool above = fs_map_sample(g, map, x, y) > 0.4;
            on += above;
            both += above && i % 3 == 2;
        }
        fs_overlap overlap = {0};
        fs_overlap_grid *grid = NULL;
        assert_int_equal(fs_overlap_grid_create(&grid, g, MASK_H, MASK_W, NULL), FS_OK);
        fs_overlap_add(&overlap, grid, map, 0.4, masks);
        assert_true(on > 0 && on < (int64_t)MASK_W * MASK_H);
        assert_int_equal(overlap.on, on);
        assert_int_equal(overlap.both.of[0][2], both);
        fs_overlap_grid_destroy(grid);
        free_masks(masks);
    }
    fs_free(map);
}

/* ---- a network ---- */

static fs_status get(void *context, int index, fs_dissection_picture *out, fs_error *err) {
    const int *broken = context;
    if (index == *broken)
        return fs_fail(err, FS_ERROR_IO, "picture %d is broken", index);
    fs_random random;
    fs_random_seed(&random, 4, (uint64_t)index);
    assert_int_equal(fs_image_create(&out->image, SIDE, SIDE, 3, NULL), FS_OK);
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        out->image.pixels[i] = (uint8_t)fs_random_int(&random, 256);
    make_masks(out->masks);
    for (int k = 0; k < FS_CONCEPT_KINDS; k++)
        for (int i = 0; i < SIDE * SIDE; i++)
            out->masks[k].pixels[i] = (uint8_t)fs_random_int(&random, LABELS);
    return FS_OK;
}

static void dissect(fs_dissection *out, tiny_model *tiny, int broken, int threads, int64_t bytes) {
    const fs_layer *const layers[] = {&tiny->layers[0], &tiny->layers[1]};
    const fs_dissection_source source = {
        PICTURES, {LABELS, LABELS, LABELS}, {names, names, names}, get, &broken};
    const fs_dissection_settings settings = {.quantile = 0.9, .bytes = bytes};
    fs_pool *pool = NULL;
    fs_error err = {0};
    assert_int_equal(fs_pool_create(&pool, threads, NULL), FS_OK);
    if (fs_dissection_run(out, &tiny->model, layers, 2, &source, &settings, pool, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_pool_destroy(pool);
}

/* Thresholds by sorting, overlaps by looking at every pixel. */
static void test_network(void **state) {
    (void)state;
    enum { AREA = SIDE * SIDE / 4, BROKEN = 5, USED = PICTURES - 1, CHANNEL = 2 };
    tiny_model tiny;
    fs_dissection d = {0};
    fs_plan *plan = NULL;
    int broken = BROKEN, used = 0;
    float *maps = fs_alloc_array((size_t)USED * AREA, sizeof *maps), *sorted;
    fs_dissection_picture pictures[USED] = {0};
    tiny_model_create(&tiny, 0);
    dissect(&d, &tiny, BROKEN, 1, 0);
    assert_true(d.pictures == USED && d.skipped == 1 && d.n_layers == 2 && d.least_pictures == 5);
    fs_plan_request request = fs_plan_request_default(tiny.model.graph, fs_shape_of(4, 1, 3, SIDE, SIDE));
    request.outputs = &tiny.layers[1].view;
    request.n_outputs = 1;
    assert_int_equal(fs_plan_create(&plan, &request, NULL), FS_OK);
    for (int p = 0; p < PICTURES; p++) {
        if (p == BROKEN)
            continue;
        assert_int_equal(get(&broken, p, &pictures[used], NULL), FS_OK);
        fs_preprocess_image(&tiny.model.preprocess, &pictures[used].image, fs_plan_input(plan));
        assert_int_equal(fs_plan_forward(plan, NULL, NULL), FS_OK);
        memcpy(maps + (ptrdiff_t)used++ * AREA, fs_plan_output(plan, 0) + (ptrdiff_t)CHANNEL * AREA,
               AREA * sizeof *maps);
    }
    const fs_dissection_channel *c = &d.layers[1].channel[CHANNEL];
    sorted = fs_alloc_array((size_t)USED * AREA, sizeof *sorted);
    memcpy(sorted, maps, (size_t)USED * AREA * sizeof *maps);
    qsort(sorted, (size_t)USED * AREA, sizeof *sorted, descending);
    const int64_t rank = fs_quantile_rank(0.9, (int64_t)USED * AREA);
    assert_true(c->threshold == (double)sorted[rank]);
    assert_true(c->greatest[0] == sorted[0]);
    assert_true(c->n_best > 0);
    const fs_map_geometry g = {SIDE / 2, SIDE / 2, SIDE, SIDE, {0}};
    int64_t on = 0, both = 0, all = 0;
    for (int p = 0; p < USED; p++)
        for (int i = 0; i < SIDE * SIDE; i++) {
            const bool is = pictures[p].masks[c->best[0].kind].pixels[i] == c->best[0].label;
            const bool above = fs_map_sample(&g, maps + (ptrdiff_t)p * AREA, i % SIDE + 0.5,
                                             (double)(i / SIDE) + 0.5) > c->threshold;
            on += above;
            all += is;
            both += is && above;
        }
    assert_float_equal(c->best[0].iou, (double)both / (double)(on + all - both), 1e-12);
    for (int p = 0; p < USED; p++)
        fs_dissection_picture_free(&pictures[p]);
    fs_plan_destroy(plan);
    fs_free(maps);
    fs_free(sorted);
    fs_dissection_free(&d);
    tiny_model_destroy(&tiny);
}

/* Neither threads nor channels that take turns change anything. */
static void test_same_result(void **state) {
    (void)state;
    tiny_model tiny;
    fs_dissection one = {0}, other = {0};
    tiny_model_create(&tiny, 0);
    dissect(&one, &tiny, -1, 1, 0);
    for (int bytes = 1; bytes <= 100000; bytes += 99999 / 3) {
        dissect(&other, &tiny, -1, 3, bytes);
        assert_int_equal(other.pictures, PICTURES);
        for (int l = 0; l < 2; l++)
            for (int c = 0; c < tiny.layers[l].channels; c++) {
                const fs_dissection_channel *a = &one.layers[l].channel[c], *b = &other.layers[l].channel[c];
                assert_true(a->threshold == b->threshold && a->n_best == b->n_best && a->n_seen == b->n_seen);
                for (int i = 0; i < a->n_best; i++)
                    assert_true(a->best[i].kind == b->best[i].kind && a->best[i].label == b->best[i].label &&
                                a->best[i].iou == b->best[i].iou);
                for (int i = 0; i < a->n_seen; i++)
                    assert_true(a->seen[i] == b->seen[i] && a->greatest[i] == b->greatest[i]);
            }
        fs_dissection_free(&other);
    }
    fs_dissection_free(&one);
    tiny_model_destroy(&tiny);
}

static fs_status bad_mask(void *context, int index, fs_dissection_picture *out, fs_error *err) {
    const int good = -1;
    (void)context;
    fs_status status = get((void *)&good, index, out, err);
    out->masks[FS_CONCEPT_PART].pixels[7] = LABELS;
    return status;
}

static void test_errors(void **state) {
    (void)state;
    tiny_model tiny;
    fs_dissection d = {0};
    fs_error err = {0};
    int none = -1;
    atomic_bool cancel = true;
    tiny_model_create(&tiny, 0);
    const fs_layer *one = &tiny.layers[0], *flat = &tiny.layers[2];
    const fs_progress progress = {.cancel = &cancel};
    const fs_examples_watch watch = {.progress = &progress};
    fs_dissection_source source = {PICTURES, {LABELS, LABELS, LABELS}, {names, names, names}, get, &none};
    const fs_dissection_settings settings = {.quantile = 0.9};
    assert_int_equal(fs_dissection_run(&d, &tiny.model, &flat, 1, &source, &settings, NULL, NULL, &err),
                     FS_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "logits"));
    assert_int_equal(fs_dissection_run(&d, &tiny.model, &one, 1, &source, &settings, NULL, &watch, &err),
                     FS_ERROR_CANCELLED);
    source.get = bad_mask;
    assert_int_equal(fs_dissection_run(&d, &tiny.model, &one, 1, &source, &settings, NULL, NULL, &err),
                     FS_ERROR_NOT_FOUND);
    assert_null(d.layers);
    tiny_model_destroy(&tiny);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_top_values),         cmocka_unit_test(test_quantile_rank),
        cmocka_unit_test(test_perfect_channel),    cmocka_unit_test(test_chance),
        cmocka_unit_test(test_grid_is_map_sample), cmocka_unit_test(test_network),
        cmocka_unit_test(test_same_result),        cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
