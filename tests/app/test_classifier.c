#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/classifier.h"

static void check_crop(int width, int height, int crop_height, int crop_width) {
    fs_image image = {0}, crop = {0};
    fs_error err = {0};
    assert_int_equal(fs_image_create(&image, width, height, 3, &err), FS_OK);
    assert_int_equal(fs_preprocess_crop(&image, crop_height, crop_width, &crop, &err), FS_OK);
    assert_int_equal(crop.width, crop_width);
    assert_int_equal(crop.height, crop_height);
    fs_image_free(&image);
    fs_image_free(&crop);
}

static void test_crop_sizes(void **state) {
    (void)state;
    check_crop(500, 375, 224, 224);
    check_crop(375, 500, 227, 227);
    check_crop(10, 12, 224, 224);
    check_crop(640, 100, 299, 299);
    check_crop(64, 64, 8, 8);
    check_crop(300, 200, 64, 96);
}

/* A picture whose left half is black and right half white keeps its edge in the middle. */
static void test_crop_is_central(void **state) {
    (void)state;
    fs_image image = {0}, crop = {0};
    fs_error err = {0};
    assert_int_equal(fs_image_create(&image, 512, 256, 3, &err), FS_OK);
    for (int y = 0; y < 256; y++)
        for (int i = 256 * 3; i < 512 * 3; i++)
            image.pixels[y * 512 * 3 + i] = 255;
    assert_int_equal(fs_preprocess_crop(&image, 224, 224, &crop, &err), FS_OK);
    assert_int_equal(crop.pixels[(100 * 224 + 111) * 3], 0);
    assert_int_equal(crop.pixels[(100 * 224 + 112) * 3], 255);
    fs_image_free(&image);
    fs_image_free(&crop);
}

static void test_crop_refuses_slivers(void **state) {
    (void)state;
    fs_image image = {0}, crop = {0};
    fs_error err = {0};
    assert_int_equal(fs_image_create(&image, 4000, 2, 3, &err), FS_OK);
    assert_int_equal(fs_preprocess_crop(&image, 224, 224, &crop, &err), FS_ERROR_LIMIT);
    fs_image_free(&image);
}

static void test_top(void **state) {
    (void)state;
    const float p[] = {0.1f, 0.4f, 0.1f, 0.3f, 0.1f};
    int order[4];
    fs_classifier_top(p, 5, 4, order);
    const int expected[] = {1, 3, 0, 2};
    assert_memory_equal(order, expected, sizeof expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crop_sizes), cmocka_unit_test(test_crop_is_central),
        cmocka_unit_test(test_crop_refuses_slivers), cmocka_unit_test(test_top)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
