/* Whole renders on a network of two convolutions. */
#include "viz_test.h"

#include "base/image.h"
#include "engine/plan.h"
#include "tiny_model.h"
#include "viz/planes.h"
#include "viz/render.h"
#include "viz/transform.h"

static tiny_model tiny;
static fs_pool *pool;

static int group_setup(void **state) {
    (void)state;
    tiny_model_create(&tiny, -0.2F);
    return fs_pool_create(&pool, 2, NULL) == FS_OK ? 0 : -1;
}

static int group_teardown(void **state) {
    (void)state;
    tiny_model_destroy(&tiny);
    fs_pool_destroy(pool);
    return 0;
}

static fs_render_settings settings_for(const char *layer, int channel) {
    fs_render_settings s;
    fs_options_defaults(fs_render_options, &s);
    snprintf(s.layer, sizeof s.layer, "%s", layer);
    s.channel = channel;
    s.size = 24;
    return s;
}

static void set_transforms(fs_render_settings *s, const char *text) {
    snprintf(s->transforms, sizeof s->transforms, "%s", text);
}

static void set_objective(fs_render_settings *s, const char *text) {
    snprintf(s->objective, sizeof s->objective, "%s", text);
}

static fs_render *create(const fs_model *model, const fs_render_settings *s, const int *channels, int n) {
    fs_render *render = NULL;
    fs_error err = {0};
    if (fs_render_create(&render, model, s, channels, n, pool, &err) != FS_OK)
        fail_msg("%s", err.message);
    return render;
}

static void advance(fs_render *render, int steps) {
    fs_error err = {0};
    for (int i = 0; i < steps; i++)
        if (fs_render_step(render, NULL, &err) != FS_OK)
            fail_msg("%s", err.message);
}

static fs_image picture(const fs_render *render, int item, fs_render_which which) {
    fs_image image;
    assert_int_equal(fs_render_image(render, item, which, &image, NULL), FS_OK);
    return image;
}

static size_t image_bytes(const fs_image *image) {
    return (size_t)image->width * (size_t)image->height * (size_t)image->channels;
}

static int greatest_difference(const fs_image *a, const fs_image *b) {
    int most = 0;
    for (size_t i = 0; i < image_bytes(a); i++) {
        int difference = abs(a->pixels[i] - b->pixels[i]);
        most = difference > most ? difference : most;
    }
    return most;
}

/* ---- it maximises ---- */

static void check_rises(fs_render_settings s, double least) {
    fs_render *render = create(&tiny.model, &s, NULL, 1);
    assert_true(isnan(fs_render_objective(render, 0)));
    advance(render, 1);
    double start = fs_render_objective(render, 0), sum = 0;
    advance(render, 59);
    for (int i = 0; i < 20; i++) { /* a mean: transforms shift what a single neuron sees */
        advance(render, 1);
        sum += fs_render_objective(render, 0) / 20;
    }
    assert_int_equal(fs_render_steps_done(render), 80);
    if (!(sum > start + least))
        fail_msg("%s of %s: from %g to %g", s.objective, fs_planes_names[s.param], start, sum);
    fs_render_destroy(render);
}

static void test_every_objective_rises(void **state) {
    static const char *const words[4] = {"channel", "neuron", "logit", "deepdream"};
    (void)state;
    for (int param = FS_PARAM_FFT; param <= FS_PARAM_PIXEL; param++)
        for (int objective = 0; objective < 4; objective++)
            for (int transforms = 0; transforms < 3; transforms++) {
                fs_render_settings s = settings_for("two", 2);
                s.param = param;
                set_objective(&s, words[objective]);
                set_transforms(&s, fs_transform_presets[transforms]);
                s.rate = 0.1;
                /* this network's neurons and logits hang on the pixel: no picture suits all shifts */
                bool moves = objective == 0 || objective == 3;
                if (moves || strcmp(s.transforms, "none") == 0)
                    check_rises(s, moves ? 0.03 : 2);
            }
}

/* With its own rate and transforms, and with a list of all kinds of them. */
static void test_every_parametrisation_rises(void **state) {
    (void)state;
    for (int param = 0; param < FS_PARAM_KINDS; param++)
        for (int round = 0; round < 3; round++) {
            fs_render_settings s = settings_for("two", 2);
            s.param = param;
            s.correlated = round == 1;
            if (param ==
                FS_PARAM_MACO) { /* the mean over a picture hangs on magnitudes; a single place does not */
                set_objective(&s, "neuron");
                set_transforms(&s, round == 2 ? "none" : "noise(0.02)");
            } else if (round == 2)
                set_transforms(&s,
                               "pad(4),jitter(3),scale(0.9,1.1),rotate(-5,5),crop(0.8,1),flip,noise(0.02)");
            check_rises(s, 0.02);
        }
}

/* One seed, one picture, and a batch changes nothing: for noise and crops too. */
static void test_every_parametrisation_repeats(void **state) {
    const int channels[2] = {4, 1};
    (void)state;
    for (int param = 0; param < FS_PARAM_KINDS; param++) {
        fs_render_settings s = settings_for("two", 1);
        s.param = param;
        fs_render *a = create(&tiny.model, &s, NULL, 1), *b = create(&tiny.model, &s, NULL, 1);
        fs_render *batch = create(&tiny.model, &s, channels, 2);
        s.seed = 1;
        fs_render *other = create(&tiny.model, &s, NULL, 1);
        fs_render *const renders[4] = {a, b, batch, other};
        fs_image images[4];
        for (int i = 0; i < 4; i++) {
            advance(renders[i], 8);
            images[i] = picture(renders[i], i == 2, FS_RENDER_LAST);
        }
        assert_int_equal(greatest_difference(&images[0], &images[1]), 0);
        assert_in_range(greatest_difference(&images[0], &images[2]), 0, 2);
        assert_true(greatest_difference(&images[0], &images[3]) > 2);
        for (int i = 0; i < 4; i++) {
            fs_image_free(&images[i]);
            fs_render_destroy(renders[i]);
        }
    }
}

/* maco's picture is transparent where the gradient seldom went, and uses the range of bytes. */
static void test_figures(void **state) {
    fs_render_settings s = settings_for("two", 1);
    (void)state;
    s.size = 40;
    for (int round = 0; round < 3; round++) {
        fs_image figure, plain;
        int opaque = 0, clear = 0, darkest = 255, lightest = 0;
        s.param = round == 0 ? FS_PARAM_FFT : FS_PARAM_MACO;
        s.opaque = round == 1;
        fs_render *render = create(&tiny.model, &s, NULL, 1);
        advance(render, 10);
        plain = picture(render, 0, FS_RENDER_LAST);
        assert_int_equal(fs_render_figure(render, 0, &figure, NULL), FS_OK);
        assert_int_equal(plain.channels, 3);
        assert_int_equal(figure.channels, round == 2 ? 4 : 3);
        for (int i = 0; i < 40 * 40; i++) {
            const uint8_t *pixel = figure.pixels + (ptrdiff_t)i * figure.channels;
            assert_memory_equal(pixel, plain.pixels + (ptrdiff_t)3 * i, 3);
            darkest = pixel[1] < darkest ? pixel[1] : darkest;
            lightest = pixel[1] > lightest ? pixel[1] : lightest;
            opaque += figure.channels == 4 && pixel[3] == 255;
            clear += figure.channels == 4 && pixel[3] < 128;
        }
        if (round > 0)
            assert_true(darkest < 25 && lightest > 230);
        if (round == 2)
            assert_true(opaque >= 40 * 40 / 5 && opaque < 40 * 40 / 3 && clear > 0);
        fs_image_free(&figure);
        fs_image_free(&plain);
        fs_render_destroy(render);
        fs_image whole;
        s.steps = 10;
        for (s.variants = 1; s.variants < 3; s.variants++) {
            assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &whole, NULL, NULL), FS_OK);
            assert_int_equal(whole.channels, round == 2 ? 4 : 3);
            fs_image_free(&whole);
        }
        s.variants = 1;
    }
}

static void test_odd_sizes_and_correlated_colours(void **state) {
    const int sizes[] = {8, 9, 17, 31, 63};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fs_render_settings s = settings_for("one", 1);
        s.size = sizes[i];
        s.correlated = i % 2;
        set_transforms(&s, fs_transform_presets[i % 3]);
        check_rises(s, 0.05);
    }
}

/* The picture the channel likes is liked more than any of many random ones: seen by the network without
 * transforms. */
static double mean_activation(const fs_image *image, const fs_layer *layer, int channel) {
    fs_plan *plan = NULL;
    fs_plan_request request =
        fs_plan_request_default(tiny.model.graph, fs_shape_of(4, 1, 3, image->height, image->width));
    request.outputs = &layer->value;
    request.n_outputs = 1;
    assert_int_equal(fs_plan_create(&plan, &request, NULL), FS_OK);
    fs_preprocess_image(&tiny.model.preprocess, image, fs_plan_input(plan));
    assert_int_equal(fs_plan_forward(plan, NULL, NULL), FS_OK);
    fs_shape shape = fs_plan_output_shape(plan, 0);
    int64_t count = fs_shape_span(&shape, 2, 4);
    const float *values = fs_plan_output(plan, 0) + count * channel;
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    fs_plan_destroy(plan);
    return sum / (double)count;
}

static void test_picture_beats_noise(void **state) {
    fs_render_settings s = settings_for("two", 1);
    fs_image image, noise;
    fs_random random;
    double objective = 0;
    (void)state;
    s.steps = 100;
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &image, &objective, NULL), FS_OK);
    double liked = mean_activation(&image, &tiny.layers[1], 1);
    fs_random_seed(&random, 3, 0);
    assert_int_equal(fs_image_create(&noise, s.size, s.size, 3, NULL), FS_OK);
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < image_bytes(&noise); i++)
            noise.pixels[i] = (uint8_t)fs_random_int(&random, 256);
        assert_true(mean_activation(&noise, &tiny.layers[1], 1) < liked);
    }
    assert_true(objective > 0);
    fs_image_free(&image);
    fs_image_free(&noise);
}

/* ---- it repeats ---- */

static void test_same_seed_same_bytes(void **state) {
    fs_render_settings s = settings_for("two", 3);
    fs_image a, b, c;
    (void)state;
    s.steps = 40;
    s.seed = 77;
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &a, NULL, NULL), FS_OK);
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &b, NULL, NULL), FS_OK);
    s.seed = 78;
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &c, NULL, NULL), FS_OK);
    assert_memory_equal(a.pixels, b.pixels, image_bytes(&a));
    assert_true(greatest_difference(&a, &c) > 20);
    fs_image_free(&a);
    fs_image_free(&b);
    fs_image_free(&c);
}

/* An item draws from its own stream. Few steps: rounding differs between batch sizes and grows with each. */
static void test_a_channel_looks_the_same_in_a_batch(void **state) {
    const int channels[4] = {2, TINY_DEAD, 0, 3};
    fs_render_settings s = settings_for("two", 0);
    fs_render *batch = create(&tiny.model, &s, channels, 4);
    (void)state;
    advance(batch, 24);
    for (int i = 0; i < 4; i++) {
        s.channel = channels[i];
        fs_render *alone = create(&tiny.model, &s, NULL, 1);
        advance(alone, 24);
        fs_image a = picture(batch, i, FS_RENDER_LAST), b = picture(alone, 0, FS_RENDER_LAST);
        assert_in_range(greatest_difference(&a, &b), 0, 3);
        assert_close(fs_render_objective(batch, i), fs_render_objective(alone, 0), 1e-3,
                     1 + fabs(fs_render_objective(alone, 0)));
        fs_image_free(&a);
        fs_image_free(&b);
        fs_render_destroy(alone);
    }
    fs_render_destroy(batch);
}

static void test_best_is_the_picture_of_the_highest_objective(void **state) {
    fs_render_settings s = settings_for("two", 1);
    fs_render *render = create(&tiny.model, &s, NULL, 1);
    fs_image best = picture(render, 0, FS_RENDER_BEST);
    double highest = -INFINITY;
    (void)state;
    for (int i = 0; i < 60; i++) {
        fs_image before = picture(render, 0, FS_RENDER_LAST);
        advance(render, 1);
        if (fs_render_objective(render, 0) > highest) {
            highest = fs_render_objective(render, 0);
            memcpy(best.pixels, before.pixels, image_bytes(&best));
        }
        fs_image_free(&before);
        fs_image now = picture(render, 0, FS_RENDER_BEST);
        assert_memory_equal(now.pixels, best.pixels, image_bytes(&best));
        fs_image_free(&now);
    }
    fs_image_free(&best);
    fs_render_destroy(render);
}

/* ---- expressions ---- */

/* A word with its options is a call, bit for bit. */
static void test_words_are_calls(void **state) {
    static const char *const calls[4] = {"channel(two, 2)", "neuron(two, 2, x=1, y=3)", "logit(2)",
                                         "1*deepdream(two) + 0"};
    static const char *const words[4] = {"channel", "neuron", "logit", "deepdream"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        fs_render_settings word = settings_for("two", 2), call = settings_for("", 2);
        fs_image a, b;
        double of_word = 0, of_call = 1;
        set_objective(&word, words[i]);
        set_objective(&call, calls[i]);
        word.steps = call.steps = 20;
        word.x = 1;
        word.y = 3;
        assert_int_equal(fs_render_picture(&tiny.model, &word, pool, NULL, &a, &of_word, NULL), FS_OK);
        assert_int_equal(fs_render_picture(&tiny.model, &call, pool, NULL, &b, &of_call, NULL), FS_OK);
        assert_memory_equal(a.pixels, b.pixels, image_bytes(&a));
        assert_true(of_word == of_call);
        fs_image_free(&a);
        fs_image_free(&b);
    }
}

static void test_expressions_rise(void **state) {
    static const char *const objectives[] = {
        "channel(two, 2) - 0.5*channel(two, 1)",
        "-channel(one, 2)",
        "negative(one, 2)",
        "direction(one, 2, from=3, power=1)",
        "interpolate(channel(two, 2), channel(one, 3)) - 0.1*tv()",
        "channel(two, 2) * channel(one, 1)",
        "channel(two, 2) - blur() - boundary(width=4)",
    };
    (void)state;
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        fs_render_settings s = settings_for("", 0);
        set_objective(&s, objectives[i]);
        check_rises(s, 0);
    }
}

/* The Gram matrix of the layer "one" as it sees a picture. */
static void gram_of(const fs_image *image, double gram[TINY_ONE][TINY_ONE]) {
    fs_plan *plan = NULL;
    fs_plan_request request =
        fs_plan_request_default(tiny.model.graph, fs_shape_of(4, 1, 3, image->height, image->width));
    request.outputs = &tiny.layers[0].value;
    request.n_outputs = 1;
    assert_int_equal(fs_plan_create(&plan, &request, NULL), FS_OK);
    fs_preprocess_image(&tiny.model.preprocess, image, fs_plan_input(plan));
    assert_int_equal(fs_plan_forward(plan, NULL, NULL), FS_OK);
    size_t positions = (size_t)image->height * (size_t)image->width;
    const float *values = fs_plan_output(plan, 0);
    for (size_t i = 0; i < TINY_ONE; i++)
        for (size_t k = 0; k < TINY_ONE; k++)
            gram[i][k] = test_dot(values + i * positions, values + k * positions, positions);
    fs_plan_destroy(plan);
}

static double cosine(double a[TINY_ONE][TINY_ONE], double b[TINY_ONE][TINY_ONE]) {
    double ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < TINY_ONE; i++)
        for (int k = 0; k < TINY_ONE; k++) {
            ab += a[i][k] * b[i][k];
            aa += a[i][k] * a[i][k];
            bb += b[i][k] * b[i][k];
        }
    return ab / sqrt(aa * bb);
}

/* Of two variants: how alike their Gram matrices are, and how far their pixels lie apart. */
static double likeness_of_variants(const char *objective, double *apart) {
    double first[TINY_ONE][TINY_ONE], second[TINY_ONE][TINY_ONE];
    fs_render_settings s = settings_for("", 0);
    set_objective(&s, objective);
    set_transforms(&s, "none");
    fs_render *render = create(&tiny.model, &s, NULL, 2);
    advance(render, 60);
    fs_image a = picture(render, 0, FS_RENDER_LAST), b = picture(render, 1, FS_RENDER_LAST);
    gram_of(&a, first);
    gram_of(&b, second);
    *apart = 0;
    for (size_t i = 0; i < image_bytes(&a); i++)
        *apart += abs(a.pixels[i] - b.pixels[i]) / (double)image_bytes(&a);
    fs_image_free(&a);
    fs_image_free(&b);
    fs_render_destroy(render);
    return cosine(first, second);
}

static void test_variants_are_coupled(void **state) {
    double apart = 0, alike = 0, unused = 0;
    (void)state;
    double free = likeness_of_variants("channel(one, 2)", &apart);
    double diverse = likeness_of_variants("channel(one, 2) - 2*diversity(one)", &unused);
    likeness_of_variants("channel(one, 2) + 100*alignment(one)", &alike);
    if (!(diverse < free - 0.1))
        fail_msg("likeness %g with diversity, %g without", diverse, free);
    if (!(alike < apart / 2))
        fail_msg("apart by %g with alignment, %g without", alike, apart);
}

/* The first variant is the picture alone; the strip has all of them, and repeats. */
static void test_variants_make_a_strip(void **state) {
    fs_render_settings s = settings_for("two", 2);
    fs_image one, strip, again;
    (void)state;
    s.steps = 12;
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &one, NULL, NULL), FS_OK);
    s.variants = 3;
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &strip, NULL, NULL), FS_OK);
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &again, NULL, NULL), FS_OK);
    assert_memory_equal(strip.pixels, again.pixels, image_bytes(&strip));
    assert_true(strip.width == 3 * 24 + 2 * 4 && strip.height == 24);
    int most = 0, apart = 0;
    for (int y = 0; y < 24; y++) {
        const uint8_t *row = strip.pixels + (ptrdiff_t)3 * strip.width * y,
                      *own = one.pixels + (ptrdiff_t)3 * 24 * y;
        for (int k = 0; k < 3 * 24; k++) {
            int difference = abs(row[k] - own[k]), next = abs(row[k] - row[k + 3 * 28]);
            most = difference > most ? difference : most;
            apart = next > apart ? next : apart;
        }
        for (int k = 3 * 24; k < 3 * 28; k++)
            assert_int_equal(row[k], 255);
    }
    assert_in_range(most, 0, 3); /* rounding differs between batch sizes */
    assert_true(apart > 20);
    s.variants = 32;
    s.size = 4096;
    fs_error err = {0};
    assert_int_equal(fs_render_picture(&tiny.model, &s, pool, NULL, &again, NULL, &err), FS_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "32 pictures of 4096 pixels"));
    fs_image_free(&one);
    fs_image_free(&strip);
    fs_image_free(&again);
}

/* ---- dead units ---- */

/* Nothing is redirected where something passes: a sleeping term is woken beside one that is awake, and one
 * that cannot be woken does not stop the other. */
static double awake_beside(float bias, const char *objective) {
    tiny_model dead;
    tiny_model_create(&dead, bias);
    fs_render_settings s = settings_for("", 0);
    set_objective(&s, objective);
    fs_render *render = create(&dead.model, &s, NULL, 1);
    advance(render, 300);
    double value = fs_render_objective(render, 0);
    fs_render_destroy(render);
    tiny_model_destroy(&dead);
    return value;
}

static void test_redirection_of_one_term_of_two(void **state) {
    (void)state;
    double woken = awake_beside(-0.9F, "1000*channel(two, 5) + 0.0001*channel(two, 1)");
    double other = awake_beside(-1e6F, "1000*channel(two, 5) + channel(two, 1)");
    if (!(woken > 0.1 && other > 0.03))
        fail_msg("%g, %g", woken, other);
}

/* A penalty of the picture has a gradient where the network has none, and does not hide that it has none. */
static void test_redirection_beside_a_penalty(void **state) {
    tiny_model dead;
    tiny_model_create(&dead, -0.9F);
    fs_render_settings s = settings_for("", 0);
    set_objective(&s, "channel(two, 5) - 0.001*l2()");
    fs_render *render = create(&dead.model, &s, NULL, 1);
    (void)state;
    advance(render, 300);
    assert_true(fs_render_objective(render, 0) > 0.004);
    fs_render_destroy(render);
    tiny_model_destroy(&dead);
}

static double dead_objective_after(float bias, int steps, double first_value[1]) {
    tiny_model dead;
    tiny_model_create(&dead, bias);
    fs_render_settings s = settings_for("two", TINY_DEAD);
    fs_render *render = create(&dead.model, &s, NULL, 1);
    advance(render, 1);
    first_value[0] = fs_render_objective(render, 0);
    advance(render, steps - 1);
    double value = fs_render_objective(render, 0);
    fs_render_destroy(render);
    tiny_model_destroy(&dead);
    return value;
}

static void test_redirection_wakes_a_dead_channel(void **state) {
    double first = NAN;
    (void)state;
    assert_true(dead_objective_after(-0.3F, 100, &first) > 0.01);
    assert_true(first == 0);
}

/* So deep that the first phase does not do it. */
static void test_redirection_goes_on_until_alive(void **state) {
    double first = NAN;
    (void)state;
    assert_true(dead_objective_after(-0.9F, 17, &first) == 0);
    assert_true(dead_objective_after(-0.9F, 300, &first) > 0.005);
}

static void test_hopeless_channel_stays_finite(void **state) {
    double first = NAN;
    (void)state;
    assert_true(dead_objective_after(-1e6F, 60, &first) == 0);
}

/* ---- it stops ---- */

static void test_cancelled_step_changes_nothing(void **state) {
    fs_render_settings s = settings_for("two", 1);
    fs_render *stopped = create(&tiny.model, &s, NULL, 1), *straight = create(&tiny.model, &s, NULL, 1);
    atomic_bool cancel = true;
    fs_error err = {0};
    (void)state;
    advance(stopped, 5);
    assert_int_equal(fs_render_step(stopped, &cancel, &err), FS_ERROR_CANCELLED);
    assert_int_equal(fs_render_steps_done(stopped), 5);
    advance(stopped, 5);
    advance(straight, 10);
    fs_image a = picture(stopped, 0, FS_RENDER_LAST), b = picture(straight, 0, FS_RENDER_LAST);
    assert_memory_equal(a.pixels, b.pixels, image_bytes(&a));
    fs_image_free(&a);
    fs_image_free(&b);
    fs_render_destroy(stopped);
    fs_render_destroy(straight);
}

static void check_diverged(float bad, int param) {
    tiny_model broken;
    tiny_model_create(&broken, bad);
    fs_render_settings s = settings_for("two", TINY_DEAD);
    fs_error err = {0};
    set_objective(&s, "deepdream");
    s.param = param;
    fs_render *render = create(&broken.model, &s, NULL, 1);
    fs_image before = picture(render, 0, FS_RENDER_LAST);
    assert_int_equal(fs_render_step(render, NULL, &err), FS_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "step 1"));
    assert_int_equal(fs_render_steps_done(render), 0);
    fs_image after = picture(render, 0, FS_RENDER_LAST);
    assert_memory_equal(before.pixels, after.pixels, image_bytes(&before));
    fs_image_free(&before);
    fs_image_free(&after);
    fs_render_destroy(render);
    tiny_model_destroy(&broken);
}

static void test_diverged_step_changes_nothing(void **state) {
    const float bad[] = {NAN, INFINITY, 3e38F};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (int param = 0; param < FS_PARAM_KINDS; param++)
            check_diverged(bad[i], param);
}

static void count_report(void *context, const fs_progress_state *state) {
    int *reports = context;
    assert_true(state->total == 12 && state->done == ++*reports);
}

static void test_picture_reports_progress_and_stops(void **state) {
    fs_render_settings s = settings_for("two", 1);
    atomic_bool cancel = false;
    int reports = 0;
    fs_progress progress = {.report = count_report, .context = &reports, .cancel = &cancel};
    fs_image image;
    (void)state;
    s.steps = 12;
    assert_int_equal(fs_render_picture(&tiny.model, &s, NULL, &progress, &image, NULL, NULL), FS_OK);
    assert_int_equal(reports, 12);
    fs_image_free(&image);
    cancel = true;
    assert_int_equal(fs_render_picture(&tiny.model, &s, NULL, &progress, &image, NULL, NULL),
                     FS_ERROR_CANCELLED);
}

/* ---- errors ---- */

static void expect_error(const fs_render_settings *s, int n, fs_status status, const char *part) {
    fs_render *render = NULL;
    fs_error err = {0};
    assert_int_equal(fs_render_create(&render, &tiny.model, s, NULL, n, pool, &err), status);
    assert_null(render);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not name '%s'", err.message, part);
}

static void test_errors_name_what_is_wrong(void **state) {
    (void)state;
    fs_render_settings s = settings_for("three", 0);
    expect_error(&s, 1, FS_ERROR_NOT_FOUND, "three");
    s = settings_for("", 0);
    expect_error(&s, 1, FS_ERROR_ARGUMENT, "layer");
    s = settings_for("two", TINY_TWO);
    expect_error(&s, 1, FS_ERROR_NOT_FOUND, "layer 'two': no channel 6");
    s = settings_for("two", -1);
    expect_error(&s, 1, FS_ERROR_NOT_FOUND, "no channel -1");
    s = settings_for("two", 0);
    set_objective(&s, "neuron");
    s.x = 500;
    expect_error(&s, 1, FS_ERROR_ARGUMENT, "500");
    s = settings_for("", TINY_CLASSES);
    set_objective(&s, "logit");
    expect_error(&s, 1, FS_ERROR_NOT_FOUND, "layer 'logits': no channel 4");
    s = settings_for("two", 0);
    s.size = 7;
    expect_error(&s, 1, FS_ERROR_ARGUMENT, "size 7");
    s.size = 24;
    s.rate = NAN;
    expect_error(&s, 1, FS_ERROR_ARGUMENT, "rate");
    s.rate = 0.05;
    set_transforms(&s, "jitter(24)");
    expect_error(&s, 1, FS_ERROR_ARGUMENT, "--transforms: 'jitter(24)' leaves nothing of 24 pixels");
    set_transforms(&s, "jitter(2),blur(3)");
    expect_error(&s, 1, FS_ERROR_ARGUMENT, "column 11: no transform 'blur'");
    set_transforms(&s, "none");
    expect_error(&s, 0, FS_ERROR_ARGUMENT, "0 pictures");
}

typedef struct failing {
    int left;
    bool refused;
} failing;

static int refuse(size_t size, void *context) {
    failing *f = context;
    (void)size;
    if (f->left-- > 0)
        return 1;
    f->refused = true;
    return 0;
}

static void check_allocations(fs_render_settings s) {
    bool refused = true;
    for (int allowed = 0; refused; allowed++) {
        failing f = {.left = allowed};
        fs_render *render = NULL;
        fs_error err = {0};
        fs_alloc_set_hook(refuse, &f);
        fs_status status = fs_render_create(&render, &tiny.model, &s, NULL, 1, NULL, &err);
        fs_alloc_set_hook(NULL, NULL);
        assert_int_equal(status, f.refused ? FS_ERROR_MEMORY : FS_OK);
        assert_true(f.refused == (render == NULL));
        fs_render_destroy(render);
        refused = f.refused;
        assert_true(allowed < 10000);
    }
}

static void test_every_allocation_may_fail(void **state) {
    (void)state;
    for (int param = 0; param < FS_PARAM_KINDS; param++) {
        fs_render_settings s = settings_for("two", 0);
        s.param = param;
        check_allocations(s);
    }
    fs_render_settings s = settings_for("", 0);
    set_objective(&s, "channel(two, 0) - diversity(one) + direction(two, 1) + alignment(one) - blur()");
    check_allocations(s);
}

static void test_defaults(void **state) {
    fs_render_settings s;
    fs_error err = {0};
    (void)state;
    fs_options_defaults(fs_render_options, &s);
    assert_string_equal(s.layer, "");
    assert_true(s.channel == 0 && s.variants == 1 && fs_render_is_simple(&s) && s.x == -1 && s.y == -1);
    assert_true(s.size == 224 && s.steps == 256 && s.rate == 0 && s.param == FS_PARAM_FFT && !s.correlated);
    assert_true(strcmp(s.transforms, "auto") == 0 && s.seed == 0 && !s.opaque);
    assert_int_equal(fs_options_set(fs_render_options, &s, "objective", "deepdream", &err), FS_OK);
    assert_string_equal(s.objective, "deepdream");
    assert_int_equal(fs_options_set(fs_render_options, &s, "size", "4097", &err), FS_ERROR_ARGUMENT);
}

/* What is left to the parametrisation becomes its own; what is given stays, in its canonical spelling. */
static void test_resolve(void **state) {
    fs_render_settings s;
    fs_error err = {0};
    (void)state;
    fs_options_defaults(fs_render_options, &s);
    assert_int_equal(fs_render_resolve(&s, &err), FS_OK);
    assert_true(s.rate == 0.05 && strcmp(s.transforms, "lucid") == 0);
    s.param = FS_PARAM_MACO; /* once chosen, it stays */
    assert_int_equal(fs_render_resolve(&s, &err), FS_OK);
    assert_true(s.rate == 0.05 && strcmp(s.transforms, "lucid") == 0);
    fs_options_defaults(fs_render_options, &s);
    s.param = FS_PARAM_MACO;
    assert_int_equal(fs_render_resolve(&s, &err), FS_OK);
    assert_string_equal(s.transforms, "maco");
    set_transforms(&s, " pad( 3 ) ,flip");
    s.rate = 0.3;
    assert_int_equal(fs_render_resolve(&s, &err), FS_OK);
    assert_string_equal(s.transforms, "pad(3),flip");
    assert_true(s.rate == 0.3);
    set_transforms(&s, "pad(3),flap");
    assert_int_equal(fs_render_resolve(&s, &err), FS_ERROR_ARGUMENT);
    assert_string_equal(err.message, "--transforms: column 8: no transform 'flap'; did you mean 'flip'?");
    assert_string_equal(s.transforms, "pad(3),flap");
    s.param = FS_PARAM_KINDS;
    assert_int_equal(fs_render_resolve(&s, &err), FS_ERROR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_objective_rises),
        cmocka_unit_test(test_every_parametrisation_rises),
        cmocka_unit_test(test_every_parametrisation_repeats),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_odd_sizes_and_correlated_colours),
        cmocka_unit_test(test_picture_beats_noise),
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_a_channel_looks_the_same_in_a_batch),
        cmocka_unit_test(test_best_is_the_picture_of_the_highest_objective),
        cmocka_unit_test(test_words_are_calls),
        cmocka_unit_test(test_expressions_rise),
        cmocka_unit_test(test_variants_are_coupled),
        cmocka_unit_test(test_variants_make_a_strip),
        cmocka_unit_test(test_redirection_of_one_term_of_two),
        cmocka_unit_test(test_redirection_beside_a_penalty),
        cmocka_unit_test(test_redirection_wakes_a_dead_channel),
        cmocka_unit_test(test_redirection_goes_on_until_alive),
        cmocka_unit_test(test_hopeless_channel_stays_finite),
        cmocka_unit_test(test_cancelled_step_changes_nothing),
        cmocka_unit_test(test_diverged_step_changes_nothing),
        cmocka_unit_test(test_picture_reports_progress_and_stops),
        cmocka_unit_test(test_errors_name_what_is_wrong),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_resolve),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
