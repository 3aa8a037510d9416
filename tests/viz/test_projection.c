#include "viz_test.h"

#include "base/helpers.h"
#include "viz/projection.h"

enum { GROUPS = 4, EACH = 40, N = GROUPS * EACH, CHANNELS = 6 };

/* Points along two orthogonal directions: the components must be those, the longer first. */
static void test_pca(void **state) {
    (void)state;
    static const float first[4] = {0.5F, 0.5F, 0.5F, 0.5F}, second[4] = {0.5F, -0.5F, 0.5F, -0.5F};
    float *a = test_normals(50, 3, 1), *b = test_normals(50, 1, 2), points[50][4], out[50][3];
    double mean_a = 0, mean_b = 0, ab = 0, aa = 0;
    for (int i = 0; i < 50; i++) {
        mean_a += a[i] / 50.0;
        mean_b += b[i] / 50.0;
    }
    for (int i = 0; i < 50; i++) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
    }
    for (int i = 0; i < 50; i++) { /* uncorrelated, so that the axes are exact */
        b[i] -= (float)(ab / aa * a[i]);
        for (int c = 0; c < 4; c++)
            points[i][c] = a[i] * first[c] + b[i] * second[c] + 7;
    }
    assert_int_equal(fs_project_pca(out[0], points[0], 50, 4, 3, NULL), FS_OK);
    mean_b -= ab / aa * mean_a;
    for (int i = 0; i < 50; i++) {
        assert_close(out[i][0], a[i] - mean_a, 1e-4, 3);
        assert_close(fabs(out[i][1]), fabs(b[i] - mean_b), 1e-4, 3);
        assert_close(out[i][2], 0, 1e-4, 1);
    }
    fs_free(a);
    fs_free(b);
}

static void test_pca_of_little(void **state) {
    (void)state;
    float out[6], one[5] = {1, 2, 3, 4, 5}, same[10] = {1, 2, 3, 4, 5, 1, 2, 3, 4, 5};
    fs_error err = {0};
    assert_int_equal(fs_project_pca(out, one, 1, 5, 3, NULL), FS_OK);
    assert_true(out[0] == 0 && out[1] == 0 && out[2] == 0);
    assert_int_equal(fs_project_pca(out, same, 2, 5, 3, NULL), FS_OK);
    for (int i = 0; i < 6; i++)
        assert_true(fabsf(out[i]) < 1e-6F);
    assert_int_equal(fs_project_pca(out, one, 1, 5000, 1, &err), FS_ERROR_LIMIT);
}

static float *make_groups(void) {
    float *points = test_normals((size_t)N * CHANNELS, 0.3F, 3);
    for (int i = 0; i < N; i++)
        points[i * CHANNELS + i % GROUPS] += 4;
    return points;
}

static double distance(const float *plane, int i, int j) {
    return hypot(plane[2 * i] - plane[2 * j], plane[2 * i + 1] - plane[2 * j + 1]);
}

/* Every point's nearest neighbours in the plane are of its own group. */
static void test_tsne_keeps_groups(void **state) {
    (void)state;
    float *points = make_groups(), plane[2 * N];
    fs_tsne_settings settings = fs_tsne_defaults();
    settings.steps = 300;
    settings.perplexity = 10;
    assert_int_equal(fs_project_tsne(plane, points, N, CHANNELS, &settings, NULL, NULL, NULL), FS_OK);
    for (int i = 0; i < N; i++) {
        double own = 0, other = INFINITY;
        for (int j = 0; j < N; j++) {
            if (j % GROUPS == i % GROUPS)
                own += distance(plane, i, j) / EACH;
            else
                other = fmin(other, distance(plane, i, j));
        }
        assert_true(isfinite(own));
        assert_true(own < other);
    }
    fs_free(points);
}

static void test_tsne_does_not_depend_on_threads(void **state) {
    (void)state;
    float *points = make_groups(), alone[2 * N], together[2 * N];
    fs_tsne_settings settings = {.perplexity = 12, .steps = 60};
    fs_pool *pool = NULL;
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    assert_int_equal(fs_project_tsne(alone, points, N, CHANNELS, &settings, NULL, NULL, NULL), FS_OK);
    assert_int_equal(fs_project_tsne(together, points, N, CHANNELS, &settings, pool, NULL, NULL), FS_OK);
    assert_memory_equal(alone, together, sizeof alone);
    fs_pool_destroy(pool);
    fs_free(points);
}

/* Equal points have no neighbourhoods to keep; nothing may leave the finite numbers. */
static void test_tsne_of_equals(void **state) {
    (void)state;
    float points[10 * CHANNELS] = {0}, plane[20];
    fs_tsne_settings settings = {.perplexity = 30, .steps = 50};
    assert_int_equal(fs_project_tsne(plane, points, 10, CHANNELS, &settings, NULL, NULL, NULL), FS_OK);
    for (int k = 0; k < 20; k++)
        assert_true(isfinite(plane[k]));
    assert_int_equal(fs_project_tsne(plane, points, 3, CHANNELS, &settings, NULL, NULL, NULL),
                     FS_ERROR_LIMIT);
    atomic_bool cancel = true;
    const fs_progress progress = {.cancel = &cancel};
    assert_int_equal(fs_project_tsne(plane, points, 10, CHANNELS, &settings, NULL, &progress, NULL),
                     FS_ERROR_CANCELLED);
}

static void test_memory(void **state) {
    (void)state;
    float *points = test_normals((size_t)12 * CHANNELS, 1, 4), plane[24];
    fs_tsne_settings settings = {.perplexity = 3, .steps = 2};
    for (int allocation = 0, refused = 1; refused; allocation++) {
        fail_from(allocation);
        fs_status status = fs_project_tsne(plane, points, 12, CHANNELS, &settings, NULL, NULL, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
    }
    fs_free(points);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pca),
                                       cmocka_unit_test(test_pca_of_little),
                                       cmocka_unit_test(test_tsne_keeps_groups),
                                       cmocka_unit_test(test_tsne_does_not_depend_on_threads),
                                       cmocka_unit_test(test_tsne_of_equals),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
