/* Rendered pictures of a real network excite their channels more than any photograph does: SqueezeNet 1.0, 24
 * channels spread over four layers, default settings, against 200 photographs of ImageNet's classes. The
 * final 8-bit picture is judged, fed in as it is, without transforms. At least 23 of the 24 have to win. */
#include "viz_test.h"

#include <dirent.h>

#include "base/image.h"
#include "engine/plan.h"
#include "shared_material.h"
#include "viz/render.h"

enum { STEPS = 256, WARM_STEPS = 126 };
enum { LAYERS = 4, PER_LAYER = 6, CHANNELS = LAYERS * PER_LAYER, SIDE = 224, SHORTER = 256, LEAST_WINS = 23 };

static const char *const layer_names[LAYERS] = {"features.3", "features.5", "features.8", "features.12"};

typedef struct judge {
    fs_model *model;
    const fs_layer *layers[LAYERS];
    fs_plan *plan; /* to all four layers */
    fs_pool *pool;
} judge;

static int channel_of(const judge *j, int layer, int i) {
    return (2 * i + 1) * j->layers[layer]->channels / (2 * PER_LAYER);
}

static void judge_create(judge *j) {
    char path[1024];
    int outputs[LAYERS];
    fs_error err = {0};
    assert_int_equal(fs_pool_create(&j->pool, 0, NULL), FS_OK);
    if (fs_model_load(&j->model, shared_path(path, sizeof path, "models/squeezenet1_0.onnx"), &err) != FS_OK)
        fail_msg("%s", err.message);
    for (int l = 0; l < LAYERS; l++) {
        j->layers[l] = fs_model_layer(j->model, layer_names[l], &err);
        assert_non_null(j->layers[l]);
        outputs[l] = j->layers[l]->value;
    }
    fs_plan_request request = fs_plan_request_default(j->model->graph, fs_shape_of(4, 1, 3, SIDE, SIDE));
    request.outputs = outputs;
    request.n_outputs = LAYERS;
    request.pool = j->pool;
    if (fs_plan_create(&j->plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void judge_destroy(judge *j) {
    fs_plan_destroy(j->plan);
    fs_model_destroy(j->model);
    fs_pool_destroy(j->pool);
}

/* The mean activation of all chosen channels. */
static void look_at(const judge *j, const fs_image *image, double out[LAYERS][PER_LAYER]) {
    assert_true(image->width == SIDE && image->height == SIDE);
    fs_preprocess_image(&j->model->preprocess, image, fs_plan_input(j->plan));
    assert_int_equal(fs_plan_forward(j->plan, NULL, NULL), FS_OK);
    for (int l = 0; l < LAYERS; l++) {
        fs_shape shape = fs_plan_output_shape(j->plan, l);
        int64_t count = fs_shape_span(&shape, 2, 4);
        for (int i = 0; i < PER_LAYER; i++) {
            const float *values = fs_plan_output(j->plan, l) + count * channel_of(j, l, i);
            out[l][i] = 0;
            for (int64_t k = 0; k < count; k++)
                out[l][i] += values[k] / (double)count;
        }
    }
}

static fs_image photograph(const char *name) {
    char path[1024], file[512];
    fs_image raw, resized, cropped;
    snprintf(file, sizeof file, "images/%s", name);
    assert_int_equal(fs_image_read(&raw, shared_path(path, sizeof path, file), NULL), FS_OK);
    int shorter = raw.width < raw.height ? raw.width : raw.height;
    int width = (int)((int64_t)raw.width * SHORTER / shorter),
        height = (int)((int64_t)raw.height * SHORTER / shorter);
    assert_int_equal(fs_image_resize(&resized, &raw, width, height, NULL), FS_OK);
    assert_int_equal(
        fs_image_crop(&cropped, &resized, (width - SIDE) / 2, (height - SIDE) / 2, SIDE, SIDE, NULL), FS_OK);
    fs_image_free(&raw);
    fs_image_free(&resized);
    return cropped;
}

static int is_photograph(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".JPEG") == 0;
}

static void judge_photographs(const judge *j, double most[LAYERS][PER_LAYER]) {
    char path[1024];
    struct dirent **entries;
    int count = scandir(shared_path(path, sizeof path, "images"), &entries, is_photograph, alphasort);
    assert_true(count >= 200);
    for (int k = 0; k < count; k++) {
        double seen[LAYERS][PER_LAYER];
        fs_image image = photograph(entries[k]->d_name);
        look_at(j, &image, seen);
        for (int i = 0; i < CHANNELS; i++)
            most[i / PER_LAYER][i % PER_LAYER] =
                fmax(most[i / PER_LAYER][i % PER_LAYER], seen[i / PER_LAYER][i % PER_LAYER]);
        fs_image_free(&image);
        free(entries[k]);
    }
    free(entries);
}

/* What pictures of a layer's channels, made in so many steps, make of those channels. */
static void judge_layer(const judge *j, int layer, fs_render_schedule schedule, int steps,
                        double activation[PER_LAYER]) {
    fs_render_settings settings;
    fs_render *render = NULL;
    fs_error err = {0};
    int channels[PER_LAYER];
    fs_options_defaults(fs_render_options, &settings);
    snprintf(settings.layer, sizeof settings.layer, "%s", layer_names[layer]);
    settings.schedule = schedule;
    settings.steps = steps;
    for (int i = 0; i < PER_LAYER; i++)
        channels[i] = channel_of(j, layer, i);
    if (fs_render_create(&render, j->model, &settings, channels, PER_LAYER, j->pool, &err) != FS_OK)
        fail_msg("%s", err.message);
    while (fs_render_steps_done(render) < settings.steps)
        if (fs_render_step(render, NULL, &err) != FS_OK)
            fail_msg("%s", err.message);
    for (int i = 0; i < PER_LAYER; i++) {
        double seen[LAYERS][PER_LAYER];
        fs_image image;
        assert_int_equal(fs_render_image(render, i, FS_RENDER_LAST, &image, &err), FS_OK);
        look_at(j, &image, seen);
        activation[i] = seen[layer][i];
        fs_image_free(&image);
    }
    fs_render_destroy(render);
}

static void test_pictures_beat_photographs(void **state) {
    judge j;
    double most[LAYERS][PER_LAYER];
    double ratios = 0; /* sum of the logarithms of warm-up / constant */
    int wins = 0;
    (void)state;
    if (!shared_has("models/squeezenet1_0.onnx") || !shared_has("images"))
        skip();
    judge_create(&j);
    for (int i = 0; i < CHANNELS; i++)
        most[i / PER_LAYER][i % PER_LAYER] = -INFINITY;
    judge_photographs(&j, most);
    for (int layer = 0; layer < LAYERS; layer++) {
        double constant[PER_LAYER], warm[PER_LAYER];
        judge_layer(&j, layer, FS_RENDER_RATE_CONSTANT, STEPS, constant);
        judge_layer(&j, layer, FS_RENDER_RATE_WARM_UP, WARM_STEPS, warm);
        for (int i = 0; i < PER_LAYER; i++) {
            wins += constant[i] > most[layer][i];
            ratios += log(warm[i] / constant[i]);
            printf("%s channel %d: picture %.4g, with warm-up %.4g, best photograph %.4g\n",
                   layer_names[layer], channel_of(&j, layer, i), constant[i], warm[i], most[layer][i]);
        }
    }
    judge_destroy(&j);
    printf("%d of %d pictures win; %d steps with warm-up reach %.3f of what %d constant ones do\n", wins,
           CHANNELS, WARM_STEPS, exp(ratios / CHANNELS), STEPS);
    assert_true(wins >= LEAST_WINS);
    assert_true(ratios >= 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pictures_beat_photographs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
