/* Pixels to network inputs and gradients back. */
#include "base/helpers.h"

#include <math.h>

#include "base/random.h"
#include "engine/model.h"

enum { PIXELS = 12 };

static const fs_preprocess rgb = {
    3, 4, FS_CHANNELS_RGB, 1, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
static const fs_preprocess bgr = {3, 4, FS_CHANNELS_BGR, 255, {104, 117, 123}, {1, 1, 1}};
static const fs_preprocess grey = {3, 4, FS_CHANNELS_GRAY, 255, {128, 0, 0}, {64, 1, 1}};

static void near(double a, double b) {
    if (fabs(a - b) > 1e-4 * (1 + fabs(b)))
        fail_msg("%g is not %g", a, b);
}

/* One pixel, red 10, green 20, blue 30 of 255. */
static void test_one_pixel(void **state) {
    (void)state;
    uint8_t pixel[4] = {10, 20, 30, 255};
    float out[3];
    const fs_image colour = {1, 1, 3, pixel}, with_alpha = {1, 1, 4, pixel};
    fs_preprocess_image(&bgr, &colour, out);
    near(out[0], 30 - 104);
    near(out[1], 20 - 117);
    near(out[2], 10 - 123);
    fs_preprocess_image(&rgb, &with_alpha, out);
    near(out[0], (10 / 255.0 - 0.485) / 0.229);
    near(out[1], (20 / 255.0 - 0.456) / 0.224);
    near(out[2], (30 / 255.0 - 0.406) / 0.225);
    fs_preprocess_image(&grey, &colour, out);
    near(out[0], (0.299 * 10 + 0.587 * 20 + 0.114 * 30 - 128) / 64);
}

static void test_grey_image(void **state) {
    (void)state;
    uint8_t pixels[2] = {40, 50};
    float out[6];
    const fs_image image = {2, 1, 1, pixels};
    fs_preprocess_image(&bgr, &image, out);
    near(out[0], 40 - 104);
    near(out[3], 50 - 117);
    near(out[4], 40 - 123);
    fs_preprocess_image(&grey, &image, out);
    near(out[1], (50 - 128) / 64.0);
}

/* The float path agrees with the 8-bit one. */
static void test_paths_agree(void **state) {
    (void)state;
    const fs_preprocess *all[] = {&rgb, &bgr, &grey};
    uint8_t pixels[3 * PIXELS];
    float planes[3 * PIXELS], from_bytes[3 * PIXELS], from_floats[3 * PIXELS];
    for (int i = 0; i < 3 * PIXELS; i++) {
        pixels[i] = (uint8_t)(i * 7);
        planes[i % 3 * PIXELS + i / 3] = pixels[i] / 255.0f;
    }
    const fs_image image = {4, 3, 3, pixels};
    for (int p = 0; p < 3; p++) {
        fs_preprocess_image(all[p], &image, from_bytes);
        fs_preprocess_forward(all[p], planes, PIXELS, from_floats);
        for (int i = 0; i < fs_preprocess_channels(all[p]) * PIXELS; i++)
            near(from_floats[i], from_bytes[i]);
    }
}

/* The map is affine: <gradient, backward> equals the change of <gradient, forward>. */
static void test_gradient(void **state) {
    (void)state;
    const fs_preprocess *all[] = {&rgb, &bgr, &grey};
    fs_random random;
    fs_random_seed(&random, 17, 0);
    for (int p = 0; p < 3; p++) {
        const int n = fs_preprocess_channels(all[p]) * PIXELS;
        float a[3 * PIXELS], b[3 * PIXELS], g[3 * PIXELS], back[3 * PIXELS], at_a[3 * PIXELS],
            at_b[3 * PIXELS];
        fs_random_normal(&random, a, 3 * PIXELS, 1);
        fs_random_normal(&random, b, 3 * PIXELS, 1);
        fs_random_normal(&random, g, 3 * PIXELS, 1);
        fs_preprocess_forward(all[p], a, PIXELS, at_a);
        fs_preprocess_forward(all[p], b, PIXELS, at_b);
        fs_preprocess_backward(all[p], g, PIXELS, back);
        double outer = 0, inner = 0;
        for (int i = 0; i < n; i++)
            outer += (double)g[i] * ((double)at_b[i] - at_a[i]);
        for (int i = 0; i < 3 * PIXELS; i++)
            inner += (double)back[i] * ((double)b[i] - a[i]);
        near(inner, outer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_grey_image),
        cmocka_unit_test(test_paths_agree),
        cmocka_unit_test(test_gradient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
