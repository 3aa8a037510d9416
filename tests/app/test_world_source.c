/* Drawn pictures as a data set: the same ones again, others when they are drawn afresh, none to validate on
 * that is trained on. */
#include "base/helpers.h"

#include <stdlib.h>

#include "app/world_source.h"
#include "base/random.h"

enum { SIDE = 32, FLOATS = 3 * SIDE * SIDE };

static const fs_preprocess how = {
    .height = SIDE, .width = SIDE, .range = 1, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.25F, 0.25F, 0.25F}};
static const fs_augment_settings whole = {.least_area = 1, .aspect = 1};

typedef struct set {
    fs_world_source *source;
    fs_pictures *pictures;
} set;

static set make(uint64_t seed, bool afresh) {
    const fs_world_source_request request = {
        .set = FS_WORLD_B, .seed = seed, .n_train = 12, .n_val = 6, .side = SIDE, .afresh = afresh};
    set s = {0};
    fs_error err = {0};
    if (fs_world_source_create(&s.source, &request, &err) != FS_OK ||
        fs_pictures_create(&s.pictures, s.source->dataset, &how, 1 << 20, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_world_source_attach(s.source, s.pictures);
    return s;
}

static void discard(set *s) {
    fs_pictures_destroy(s->pictures);
    fs_world_source_destroy(s->source);
}

static void input(const set *s, int item, const fs_augment_settings *augment, uint64_t stream, float *out) {
    fs_random random;
    fs_error err = {0};
    fs_random_seed(&random, 1, stream);
    if (fs_pictures_input(s->pictures, item, augment, &random, out, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void test_items(void **state) {
    (void)state;
    set s = make(1, false), other = make(2, false), afresh = make(1, true);
    const fs_dataset *d = s.source->dataset;
    assert_int_equal(d->n_classes, fs_world_classes(FS_WORLD_B));
    assert_int_equal(d->train.n, 12);
    assert_int_equal(d->val.n, 6);
    for (int i = 0; i < 12; i++)
        assert_int_equal(d->train.items[i].label, i % d->n_classes);
    assert_true(fs_dataset_fingerprint(d) != fs_dataset_fingerprint(other.source->dataset));
    assert_true(fs_dataset_fingerprint(d) != fs_dataset_fingerprint(afresh.source->dataset));
    discard(&s);
    discard(&other);
    discard(&afresh);
}

static void test_pictures(void **state) {
    (void)state;
    set s = make(1, false), again = make(1, false);
    float a[FLOATS], b[FLOATS];
    input(&s, 3, NULL, 0, a);
    input(&again, 3, NULL, 0, b);
    assert_memory_equal(a, b, sizeof a);
    input(&s, 12 + 3, NULL, 0, b); /* the same class and number, but to validate on */
    assert_memory_not_equal(a, b, sizeof a);
    input(&s, 3, &whole, 1, a);
    input(&s, 3, &whole, 2, b);
    assert_memory_equal(a, b, sizeof a); /* one picture, which nothing changes */
    discard(&s);
    discard(&again);
}

static void test_afresh(void **state) {
    (void)state;
    set s = make(1, true), fixed = make(1, false);
    float a[FLOATS], b[FLOATS];
    input(&s, 3, &whole, 1, a);
    input(&s, 3, &whole, 2, b);
    assert_memory_not_equal(a, b, sizeof a);
    input(&s, 3, &whole, 1, b);
    assert_memory_equal(a, b, sizeof a);
    input(&s, 14, NULL, 1, a); /* what is validated on stays */
    input(&fixed, 14, NULL, 2, b);
    assert_memory_equal(a, b, sizeof a);
    discard(&s);
    discard(&fixed);
}

static void test_refusal(void **state) {
    (void)state;
    const fs_world_source_request request = {.n_train = 1, .n_val = 1, .side = 8};
    fs_world_source *source = NULL;
    fs_error err = {0};
    assert_int_equal(fs_world_source_create(&source, &request, &err), FS_ERROR_LIMIT);
    assert_null(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_afresh),
        cmocka_unit_test(test_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
