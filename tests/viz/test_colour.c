#include "viz_test.h"

#include "viz/colour.h"

enum { COUNT = 257 };

static void expected_pixel(const fs_colour_matrix *matrix, const double t[3], double rgb[3]) {
    for (int i = 0; i < 3; i++) {
        double x = 0;
        for (int k = 0; k < 3; k++)
            x += matrix->m[i][k] * t[k];
        rgb[i] = 1 / (1 + exp(-x));
    }
}

static void test_forward_is_the_sigmoid_of_the_product(void **state) {
    float *t = test_normals((size_t)3 * COUNT, 4, 0), pixels[4 * COUNT];
    const float *planes[3] = {t, t + COUNT, t + 2 * COUNT};
    (void)state;
    t[0] = 500;
    t[1] = -500;
    t[2] = 0;
    fs_colour_forward(&fs_colour_decorrelated, planes, COUNT, pixels);
    for (int i = 0; i < COUNT; i++) {
        double in[3] = {planes[0][i], planes[1][i], planes[2][i]}, rgb[3];
        expected_pixel(&fs_colour_decorrelated, in, rgb);
        for (int c = 0; c < 3; c++)
            assert_close(pixels[4 * i + c], rgb[c], 1e-6, 1);
        assert_true(pixels[4 * i + 3] == 0);
    }
    fs_free(t);
}

static void test_colours_have_the_published_matrix(void **state) {
    const fs_colour_matrix *c = &fs_colour_decorrelated;
    (void)state;
    assert_close(c->m[0][0], 0.5628326, 1e-5, 1);
    assert_close(c->m[0][1], 0.1948266, 1e-5, 1);
    assert_close(c->m[1][1], 0, 1e-9, 1);
    assert_close(c->m[1][2], -0.1082370, 1e-5, 1);
    assert_close(c->m[2][1], -0.1948266, 1e-5, 1);
    assert_close(c->m[2][2], 0.0649422, 1e-5, 1);
}

static void check_gradient(const fs_colour_matrix *matrix) {
    float *t = test_normals((size_t)3 * COUNT, 1, 1), *seed = test_normals((size_t)4 * COUNT, 1, 2);
    float *grad = test_normals((size_t)3 * COUNT, 1, 3), pixels[4 * COUNT];
    const float *planes[3] = {t, t + COUNT, t + 2 * COUNT};
    float *const grads[3] = {grad, grad + COUNT, grad + 2 * COUNT};
    fs_colour_forward(matrix, planes, COUNT, pixels);
    fs_colour_backward(matrix, pixels, seed, COUNT, grads);
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < 3; k++) {
            double h = 1e-5, plus[3], minus[3], numeric = 0;
            double t_plus[3] = {planes[0][i], planes[1][i], planes[2][i]};
            double t_minus[3] = {planes[0][i], planes[1][i], planes[2][i]};
            t_plus[k] += h;
            t_minus[k] -= h;
            expected_pixel(matrix, t_plus, plus);
            expected_pixel(matrix, t_minus, minus);
            for (int c = 0; c < 3; c++)
                numeric += seed[4 * i + c] * (plus[c] - minus[c]) / (2 * h);
            assert_close(grads[k][i], numeric, 1e-5, 1);
        }
    fs_free(t);
    fs_free(seed);
    fs_free(grad);
}

static void test_gradient_decorrelated(void **state) {
    (void)state;
    check_gradient(&fs_colour_decorrelated);
}

static void test_gradient_identity(void **state) {
    (void)state;
    check_gradient(&fs_colour_identity);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_is_the_sigmoid_of_the_product),
        cmocka_unit_test(test_colours_have_the_published_matrix),
        cmocka_unit_test(test_gradient_decorrelated),
        cmocka_unit_test(test_gradient_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
