/* Loss, optimisers and schedules against PyTorch's numbers (tests/data/make_train_cases.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/train/loss.h"
#include "engine/train/optimiser.h"
#include "engine/train/schedule.h"

enum { MOST = 16 };

static FILE *open_cases(void) {
    FILE *file = fopen(FS_TEST_DATA "/train_cases.txt", "r");
    assert_non_null(file);
    return file;
}

/* Goes on behind the next "word kind"; false at the end of the file. */
static bool next_case(FILE *file, const char *word) {
    char line[1024];
    const size_t length = strlen(word);
    long at = ftell(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, word, length) == 0 && line[length] == ' ')
            return fseek(file, at + (long)length, SEEK_SET) == 0;
        at = ftell(file);
    }
    return false;
}

static void read_numbers(FILE *file, float *out, int count) {
    for (int i = 0; i < count; i++)
        assert_int_equal(fscanf(file, "%f", &out[i]), 1);
}

static void test_loss(void **state) {
    (void)state;
    FILE *file = open_cases();
    int cases = 0;
    for (; next_case(file, "loss"); cases++) {
        int classes, label;
        float smoothing, expected, scores[MOST], gradient[MOST], wanted[MOST];
        assert_int_equal(fscanf(file, "%d %d %f %f", &classes, &label, &smoothing, &expected), 4);
        assert_in_range(classes, 2, MOST);
        read_numbers(file, scores, classes);
        read_numbers(file, wanted, classes);
        const double loss = fs_cross_entropy(scores, classes, label, (double)smoothing, gradient);
        assert_float_equal(loss, expected, 1e-5);
        for (int k = 0; k < classes; k++)
            assert_float_equal(gradient[k], wanted[k], 1e-6);
    }
    assert_int_equal(cases, 6);
    fclose(file);
}

static void test_loss_of_extreme_scores(void **state) {
    (void)state;
    const float scores[3] = {1e4F, -1e4F, 0};
    float p[3];
    assert_float_equal(fs_cross_entropy(scores, 3, 1, 0, NULL), 2e4, 1e-3);
    assert_float_equal(fs_cross_entropy(scores, 3, 0, 0, NULL), 0, 1e-9);
    fs_softmax(scores, 3, p);
    assert_float_equal(p[0], 1, 0);
    assert_float_equal(p[1], 0, 0);
    assert_int_equal(fs_label_rank(scores, 3, 1), 2);
    assert_int_equal(fs_label_rank((float[]){1, 1, 1}, 3, 1), 1);
}

static void test_optimisers(void **state) {
    (void)state;
    FILE *file = open_cases();
    int cases = 0;
    for (; next_case(file, "optimiser"); cases++) {
        char kind[16];
        int steps, count;
        float momentum, decay, clip, weight[MOST], gradient[MOST], wanted[MOST];
        assert_int_equal(fscanf(file, "%15s %f %f %f %d %d", kind, &momentum, &decay, &clip, &steps, &count),
                         6);
        read_numbers(file, weight, count);
        fs_optimiser_settings settings = fs_optimiser_defaults();
        settings.kind = strcmp(kind, "sgd") == 0 ? FS_OPTIMISER_SGD : FS_OPTIMISER_ADAMW;
        settings.momentum = (double)momentum;
        settings.weight_decay = (double)decay;
        settings.clip = (double)clip;
        /* in two parts, so that the norm and the state run over several parameters */
        const fs_optimiser_parameter parameters[2] = {{weight, gradient, 3, 1, true},
                                                      {weight + 3, gradient + 3, count - 3, 1, true}};
        fs_optimiser *optimiser = NULL;
        assert_int_equal(fs_optimiser_create(&optimiser, &settings, parameters, 2, NULL), FS_OK);
        for (int s = 0; s < steps; s++) {
            read_numbers(file, gradient, count);
            read_numbers(file, wanted, count);
            fs_optimiser_step(optimiser, 0.1, NULL);
            for (int i = 0; i < count; i++)
                assert_float_equal(weight[i], wanted[i], 1e-5);
        }
        assert_int_equal(fs_optimiser_steps(optimiser), steps);
        fs_optimiser_destroy(optimiser);
    }
    assert_int_equal(cases, 8);
    fclose(file);
}

/* A smaller rate and no decay hold for a parameter alone. */
static void test_parameters_of_their_own(void **state) {
    (void)state;
    float weight[2] = {1, 1}, gradient[2] = {1, 1};
    fs_optimiser_settings settings = fs_optimiser_defaults();
    settings.weight_decay = 0.5;
    const fs_optimiser_parameter parameters[2] = {{weight, gradient, 1, 1, true},
                                                  {weight + 1, gradient + 1, 1, 0.1, false}};
    fs_optimiser *optimiser = NULL;
    assert_int_equal(fs_optimiser_create(&optimiser, &settings, parameters, 2, NULL), FS_OK);
    assert_float_equal(fs_optimiser_step(optimiser, 0.1, NULL), sqrt(2), 1e-6);
    assert_float_equal(weight[0], 1 - 0.1 * 1.5, 1e-6);
    assert_float_equal(weight[1], 1 - 0.01, 1e-6);
    fs_optimiser_destroy(optimiser);
}

static void test_schedules(void **state) {
    (void)state;
    FILE *file = open_cases();
    int cases = 0;
    for (; next_case(file, "schedule"); cases++) {
        char kind[16];
        int steps, period;
        float rate, gamma, wanted[MOST];
        assert_int_equal(fscanf(file, "%15s %f %d %d %f", kind, &rate, &steps, &period, &gamma), 5);
        read_numbers(file, wanted, steps);
        const fs_schedule schedule = {strcmp(kind, "step") == 0 ? FS_SCHEDULE_STEP : FS_SCHEDULE_COSINE,
                                      (double)rate,
                                      steps,
                                      0,
                                      period,
                                      (double)gamma};
        for (int s = 0; s < steps; s++)
            assert_float_equal(fs_schedule_rate(&schedule, s), wanted[s], 1e-6);
        fs_schedule warm = schedule;
        warm.steps += 4;
        warm.warm_up = 4;
        for (int s = 0; s < 4; s++)
            assert_float_equal(fs_schedule_rate(&warm, s), rate * (float)(s + 1) / 4, 1e-6);
        for (int s = 0; s < steps; s++)
            assert_float_equal(fs_schedule_rate(&warm, s + 4), wanted[s], 1e-6);
    }
    assert_int_equal(cases, 2);
    fclose(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss), cmocka_unit_test(test_loss_of_extreme_scores),
        cmocka_unit_test(test_optimisers), cmocka_unit_test(test_parameters_of_their_own),
        cmocka_unit_test(test_schedules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
