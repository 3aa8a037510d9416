/* Pictures of the world: the same on any thread, of every class in turn, whole, and with everything in them
 * that the tables promise. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "base/pool.h"
#include "world/world.h"

enum { SIZE = 64, ROUNDS = 40 };

static fs_world_picture draw(fs_world_set set, uint64_t index, int size, bool masks) {
    const fs_world_request request = {.seed = 11, .index = index, .set = set, .size = size, .masks = masks};
    fs_world_picture picture;
    fs_error err = {0};
    if (fs_world_draw(&picture, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    return picture;
}

static bool same(const fs_image *a, const fs_image *b) {
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->channels, b->channels);
    return memcmp(a->pixels, b->pixels, (size_t)a->width * (size_t)a->height * (size_t)a->channels) == 0;
}

/* ---- determinism ---- */

typedef struct gallery {
    fs_world_picture pictures[48];
} gallery;

/* Last first, so that the order differs from the caller's loop too. */
static void draw_backwards(void *context, int first, int last, int thread) {
    gallery *g = context;
    (void)thread;
    for (int i = last - 1; i >= first; i--)
        g->pictures[47 - i] = draw(FS_WORLD_A, (uint64_t)(47 - i), SIZE, true);
}

static void test_threads_and_order(void **state) {
    (void)state;
    fs_pool *pool = NULL;
    gallery g;
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    fs_pool_for(pool, 48, 5, draw_backwards, &g);
    for (int i = 0; i < 48; i++) {
        fs_world_picture alone = draw(FS_WORLD_A, (uint64_t)i, SIZE, true);
        assert_true(same(&alone.image, &g.pictures[i].image));
        assert_true(same(&alone.classes, &g.pictures[i].classes));
        assert_true(same(&alone.parts, &g.pictures[i].parts));
        assert_true(same(&alone.textures, &g.pictures[i].textures));
        fs_world_picture_free(&alone);
        fs_world_picture_free(&g.pictures[i]);
    }
    fs_pool_destroy(pool);
}

static void test_masks_leave_the_picture_alone(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 30; i++) {
        fs_world_picture with = draw(FS_WORLD_B, i, SIZE, true), without = draw(FS_WORLD_B, i, SIZE, false);
        assert_true(same(&with.image, &without.image));
        assert_null(without.classes.pixels);
        assert_null(without.parts.pixels);
        assert_null(without.textures.pixels);
        fs_world_picture_free(&with);
        fs_world_picture_free(&without);
    }
}

static void test_others_differ(void **state) {
    (void)state;
    const fs_world_request base = {.seed = 1, .index = 24, .set = FS_WORLD_A, .size = SIZE};
    fs_world_request others[3] = {base, base, base};
    fs_world_picture first, other;
    others[0].seed = 2;
    others[1].index = 48; /* the same class */
    others[2].set = FS_WORLD_B;
    assert_int_equal(fs_world_draw(&first, &base, NULL), FS_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fs_world_draw(&other, &others[i], NULL), FS_OK);
        assert_false(same(&first.image, &other.image));
        fs_world_picture_free(&other);
    }
    fs_world_picture_free(&first);
}

/* ---- what is in them ---- */

typedef struct census {
    int counts[FS_WORLD_MASKS][256]; /* pictures that have the label */
} census;

static void count(census *c, const fs_world_picture *picture) {
    const fs_image *const masks[FS_WORLD_MASKS] = {&picture->classes, &picture->parts, &picture->textures};
    for (int m = 0; m < FS_WORLD_MASKS; m++) {
        bool seen[256] = {false};
        for (int i = 0; i < SIZE * SIZE; i++)
            seen[masks[m]->pixels[i]] = true;
        for (int i = 0; i < 256; i++)
            c->counts[m][i] += seen[i];
    }
}

/* Parts lie on things, which are all of parts or of a texture; the thing is large enough to see; nothing of
 * it is cut off by the picture's edge. */
static void check_masks(const fs_world_picture *p, int own) {
    int area = 0;
    for (int i = 0; i < SIZE * SIZE; i++) {
        const int label = p->classes.pixels[i], x = i % SIZE, y = i / SIZE;
        assert_true(label == 0 || label == own || label == fs_world_clutter_label());
        if (p->parts.pixels[i] != 0)
            assert_int_not_equal(label, 0);
        if (label != own)
            continue;
        assert_true(p->parts.pixels[i] != 0 || p->textures.pixels[i] != 0);
        if (x == 0 || y == 0 || x == SIZE - 1 || y == SIZE - 1)
            fail_msg("%s is cut off at (%d, %d)", fs_world_label_name(FS_WORLD_CLASSES, own), x, y);
        area++;
    }
    if (area < SIZE * SIZE / 50)
        fail_msg("%s has %d pixels", fs_world_label_name(FS_WORLD_CLASSES, own), area);
}

static void test_everything_occurs(void **state) {
    (void)state;
    census *c = calloc(1, sizeof *c);
    for (int set = FS_WORLD_A; set <= FS_WORLD_B; set++) {
        const int n = fs_world_classes((fs_world_set)set);
        for (int i = 0; i < n * ROUNDS; i++) {
            fs_world_picture p = draw((fs_world_set)set, (uint64_t)i, SIZE, true);
            assert_int_equal(p.class_index, i % n);
            check_masks(&p, fs_world_class_label((fs_world_set)set, p.class_index));
            count(c, &p);
            fs_world_picture_free(&p);
        }
    }
    for (int m = 0; m < FS_WORLD_MASKS; m++)
        for (int i = 0; i < 256; i++) {
            const bool known = i < fs_world_labels((fs_world_mask)m);
            if (known != (c->counts[m][i] > 0))
                fail_msg("mask %d: label %d is in %d pictures", m, i, c->counts[m][i]);
        }
    for (int i = 1; i < fs_world_clutter_label(); i++) /* classes take turns */
        assert_int_equal(c->counts[FS_WORLD_CLASSES][i], ROUNDS);
    free(c);
}

static void test_names_are_unique(void **state) {
    (void)state;
    for (int m = 0; m < FS_WORLD_MASKS; m++)
        for (int i = 0; i < fs_world_labels((fs_world_mask)m); i++)
            for (int k = 0; k < i; k++)
                assert_string_not_equal(fs_world_label_name((fs_world_mask)m, i),
                                        fs_world_label_name((fs_world_mask)m, k));
    assert_true(fs_world_classes(FS_WORLD_A) >= 20);
    assert_string_equal(fs_world_class_name(FS_WORLD_B, 0),
                        fs_world_label_name(FS_WORLD_CLASSES, fs_world_class_label(FS_WORLD_B, 0)));
}

/* ---- colour tells little ---- */

/* Mean colour of the thing (or with `thing` false of what is around it). */
static void mean_colour(const fs_world_picture *p, bool thing, double mean[3]) {
    const int own = fs_world_class_label(FS_WORLD_A, p->class_index);
    double n = 0;
    mean[0] = mean[1] = mean[2] = 0;
    for (int i = 0; i < SIZE * SIZE; i++)
        if ((p->classes.pixels[i] == own) == thing) {
            for (int c = 0; c < 3; c++)
                mean[c] += p->image.pixels[3 * i + c];
            n++;
        }
    for (int c = 0; c < 3; c++)
        mean[c] /= n;
}

static int nearest(double (*centres)[3], int n, const double colour[3]) {
    int best = 0;
    double least = INFINITY;
    for (int k = 0; k < n; k++) {
        double d = 0;
        for (int c = 0; c < 3; c++)
            d += (centres[k][c] - colour[c]) * (centres[k][c] - colour[c]);
        if (d < least) {
            least = d;
            best = k;
        }
    }
    return best;
}

/* Classes guessed by the nearest mean colour of half of the pictures, tried on the other half: a guess of
 * nothing is right once in 40. */
static void colour_test(bool thing, double most) {
    enum { CLASSES = 40 };
    double centres[CLASSES][3] = {{0}}, mean[3];
    int right = 0;
    assert_int_equal(fs_world_classes(FS_WORLD_A), CLASSES);
    for (int i = 0; i < 2 * CLASSES * ROUNDS / 2; i++) {
        fs_world_picture p = draw(FS_WORLD_A, (uint64_t)i, SIZE, true);
        mean_colour(&p, thing, mean);
        if (i < CLASSES * ROUNDS / 2)
            for (int c = 0; c < 3; c++)
                centres[p.class_index][c] += mean[c] / (ROUNDS / 2.0);
        else
            right += nearest(centres, CLASSES, mean) == p.class_index;
        fs_world_picture_free(&p);
    }
    const double accuracy = right / (CLASSES * ROUNDS / 2.0);
    print_message("by the mean colour of the %s: %.3f\n", thing ? "thing" : "background", accuracy);
    assert_true(accuracy < most);
}

static void test_colour_does_not_tell_the_class(void **state) {
    (void)state;
    colour_test(true, 0.15);
    colour_test(false, 0.09);
}

/* ---- errors ---- */

static void test_bad_requests(void **state) {
    (void)state;
    static const int sizes[] = {-1, 0, FS_WORLD_MIN_SIZE - 1, FS_WORLD_MAX_SIZE + 1, 1 << 30};
    fs_world_picture picture = {.class_index = 77};
    fs_image image = {0};
    fs_error err = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const fs_world_request request = {.size = sizes[i]};
        assert_int_equal(fs_world_draw(&picture, &request, &err), FS_ERROR_ARGUMENT);
    }
    const fs_world_request absent = {.size = 64, .set = (fs_world_set)7};
    assert_int_equal(fs_world_draw(&picture, &absent, &err), FS_ERROR_ARGUMENT);
    assert_int_equal(picture.class_index, 77);
    assert_int_equal(fs_world_draw_texture(&image, 0, 1, 64, &err), FS_ERROR_NOT_FOUND);
    assert_int_equal(fs_world_draw_texture(&image, 99, 1, 64, &err), FS_ERROR_NOT_FOUND);
    assert_int_equal(fs_world_draw_part(&image, -3, 1, 64, &err), FS_ERROR_NOT_FOUND);
    assert_int_equal(fs_world_draw_part(&image, 3, 1, 0, &err), FS_ERROR_ARGUMENT);
    assert_null(image.pixels);
}

static void test_extremes(void **state) {
    (void)state;
    const fs_world_request small = {UINT64_MAX, UINT64_MAX, FS_WORLD_B, FS_WORLD_MIN_SIZE, true};
    const fs_world_request large = {0, 5, FS_WORLD_A, FS_WORLD_MAX_SIZE, true};
    fs_world_picture picture;
    assert_int_equal(fs_world_draw(&picture, &small, NULL), FS_OK);
    fs_world_picture_free(&picture);
    assert_int_equal(fs_world_draw(&picture, &large, NULL), FS_OK);
    assert_int_equal(picture.image.width, FS_WORLD_MAX_SIZE);
    fs_world_picture_free(&picture);
}

static void test_short_of_memory(void **state) {
    (void)state;
    const fs_world_request request = {.size = SIZE, .masks = true};
    for (int allowed = 0;; allowed++) {
        fs_world_picture picture = {0};
        fs_error err = {0};
        fail_from(allowed);
        const fs_status status = fs_world_draw(&picture, &request, &err);
        if (!fail_stop()) {
            assert_int_equal(status, FS_OK);
            fs_world_picture_free(&picture);
            assert_true(allowed > 0);
            return;
        }
        assert_int_equal(status, FS_ERROR_MEMORY);
        assert_null(picture.image.pixels);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_order), cmocka_unit_test(test_masks_leave_the_picture_alone),
        cmocka_unit_test(test_others_differ),     cmocka_unit_test(test_everything_occurs),
        cmocka_unit_test(test_names_are_unique),  cmocka_unit_test(test_colour_does_not_tell_the_class),
        cmocka_unit_test(test_bad_requests),      cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_short_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
