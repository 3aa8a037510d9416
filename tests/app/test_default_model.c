/* The network that is built in, held to what it is for: small, at home in the picture world, with a first
 * layer of Gabor functions, and a start for another task. */
#include "base/helpers.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "app/classifier.h"
#include "app/model_path.h"
#include "app/world_source.h"
#include "base/builtin.h"
#include "engine/concepts.h"
#include "gabor/analysis.h"
#include "viz/atlas.h"

enum { PICTURES = 2000, UNSEEN_SEED = 20261, MOST_BYTES = 3000000 };

typedef struct fixture {
    fs_model *model;
    fs_pool *pool;
} fixture;

static int set_up(void **state) {
    static fixture f;
    char *path = NULL;
    fs_error err = {0};
    fs_status status = fs_model_path_find(&path, "", &err);
    if (status == FS_OK)
        status = fs_model_load(&f.model, path, &err);
    if (status == FS_OK)
        status = fs_pool_create(&f.pool, 0, &err);
    fs_free(path);
    *state = &f;
    if (status != FS_OK)
        print_error("%s\n", err.message);
    return status == FS_OK ? 0 : -1;
}

static int tear_down(void **state) {
    fixture *f = *state;
    fs_pool_destroy(f->pool);
    fs_model_destroy(f->model);
    return 0;
}

static void test_size(void **state) {
    (void)state;
    const fs_builtin_file *file = fs_builtin_find(FS_BUILTIN_PREFIX FS_DEFAULT_MODEL ".onnx");
    assert_non_null(file);
    assert_in_range(file->end - file->bytes, 1, MOST_BYTES);
}

/* Every level has layers, under its own name. */
static void test_levels(void **state) {
    const fixture *f = *state;
    static const char *const names[] = {"edge1", "texture1", "pattern1", "part1", "object1"};
    for (int level = FS_LEVEL_EDGE; level <= FS_LEVEL_OBJECT; level++) {
        fs_error err = {0};
        const fs_layer *layer = fs_model_layer(f->model, names[level], &err);
        if (!layer)
            fail_msg("%s", err.message);
        assert_int_equal(layer->level, level);
    }
    const fs_layer *first = fs_model_layer(f->model, "edge1", NULL);
    assert_int_equal(first->field.size, 9);
    assert_int_equal(first->field.stride, 2);
    assert_int_equal(f->model->n_labels, fs_world_classes(FS_WORLD_A));
}

/* Each layer behind its ReLU is a chapter of an atlas, also where the next has as many channels. */
static void test_chapters(void **state) {
    const fixture *f = *state;
    static const char *const expected[] = {"edge1", "texture1", "texture2", "pattern1", "pattern2",
                                           "part1", "part2",    "object1",  "logits"};
    size_t n = 0;
    for (int l = 0; l < f->model->n_layers; l++) {
        if (!fs_atlas_is_chapter(f->model, l))
            continue;
        assert_true(n < sizeof expected / sizeof *expected);
        assert_string_equal(f->model->layers[l].name, expected[n++]);
    }
    assert_int_equal(n, sizeof expected / sizeof *expected);
}

static int classify(fs_classifier *classifier, fs_pictures *pictures, int item) {
    const float *probabilities;
    fs_image image = {0};
    fs_error err = {0};
    int top = -1;
    if (fs_pictures_view(pictures, item, &image, &err) != FS_OK ||
        fs_classifier_run(classifier, &image, &probabilities, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_classifier_top(probabilities, fs_classifier_classes(classifier), 1, &top);
    fs_image_free(&image);
    return top;
}

static void test_accuracy(void **state) {
    const fixture *f = *state;
    const fs_world_source_request request = {
        .seed = UNSEEN_SEED, .n_train = 1, .n_val = PICTURES, .side = f->model->preprocess.height};
    fs_world_source *source = NULL;
    fs_pictures *pictures = NULL;
    fs_classifier *classifier = NULL;
    fs_error err = {0};
    if (fs_world_source_create(&source, &request, &err) != FS_OK ||
        fs_pictures_create(&pictures, source->dataset, &f->model->preprocess, 0, &err) != FS_OK ||
        fs_classifier_create(&classifier, f->model, f->pool, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_world_source_attach(source, pictures);
    int right = 0;
    for (int i = 0; i < PICTURES; i++)
        right += classify(classifier, pictures, 1 + i) == source->dataset->val.items[i].label;
    print_message("%d of %d unseen pictures right\n", right, PICTURES);
    assert_true(right >= 0.95 * PICTURES);
    fs_classifier_destroy(classifier);
    fs_pictures_destroy(pictures);
    fs_world_source_destroy(source);
}

static void test_first_layer(void **state) {
    const fixture *f = *state;
    fs_kernels kernels = {0};
    fs_analysis analysis = {0};
    fs_error err = {0};
    const fs_analysis_settings settings = fs_analysis_settings_default();
    if (fs_kernels_of_layer(&kernels, f->model, fs_kernels_first_layer(f->model, NULL), &err) != FS_OK ||
        fs_analysis_run(&analysis, &kernels, &settings, f->pool, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    int oriented = 0;
    for (int k = 0; k < analysis.count; k++) {
        const fs_kernel_analysis *kernel = &analysis.kernels[k];
        oriented +=
            (kernel->kind == FS_KERNEL_GABOR || kernel->kind == FS_KERNEL_EDGE) && kernel->fit.r2 >= 0.8;
    }
    print_message("%d of %d kernels are gabor or edge with an R2 of at least 0.8\n", oriented,
                  analysis.count);
    assert_int_equal(analysis.class_counts[FS_KERNEL_DEAD], 0);
    assert_true(2 * oriented >= analysis.count);
    fs_analysis_free(&analysis);
    fs_kernels_free(&kernels);
}

/* Channels with a concept of a kind, by the depth of their layer. */
typedef struct concept_census {
    int n;
    double depth; /* sum over layers of depth times share of the layer's channels */
    double share; /* sum of shares */
} concept_census;

/* Rows of dissection.csv, layer after layer: layer, level, channel, threshold, concept, kind, IoU. */
static void take_census(FILE *csv, concept_census census[FS_CONCEPT_KINDS]) {
    char line[1024], layer[64], before[64] = "";
    int channels = 0, depth = -1, of[FS_CONCEPT_KINDS] = {0};
    assert_non_null(fgets(line, sizeof line, csv)); /* the heading */
    for (bool more = true; more;) {
        char kind[64] = "";
        double iou = 0;
        more = fgets(line, sizeof line, csv) != NULL;
        if (more)
            assert_true(sscanf(line, "%63[^,],%*[^,],%*[^,],%*[^,],%*[^,],%63[^,],%lf", layer, kind, &iou) >=
                        1);
        if (!more || strcmp(layer, before) != 0) {
            for (int k = 0; k < FS_CONCEPT_KINDS; k++) {
                const double share = channels > 0 ? (double)of[k] / channels : 0;
                census[k].n += of[k];
                census[k].depth += depth * share;
                census[k].share += share;
                of[k] = 0;
            }
            snprintf(before, sizeof before, "%s", layer);
            channels = 0;
            depth++;
        }
        channels++;
        for (int k = 0; k < FS_CONCEPT_KINDS; k++)
            of[k] += iou >= 0.1 && strcmp(kind, fs_concept_kind_name((fs_concept_kind)k)) == 0;
    }
}

/* Textures come first, then parts, then objects. */
static void test_concepts(void **state) {
    (void)state;
    char command[512];
    concept_census census[FS_CONCEPT_KINDS] = {{0}};
    snprintf(command, sizeof command, "'%s' dissect --all --world a --pictures 2000 --quiet -o %s",
             FS_PROGRAM, scratch_path("dissection"));
    assert_int_equal(system(command), 0);
    FILE *csv = fopen(scratch_path("dissection/dissection.csv"), "r");
    assert_non_null(csv);
    take_census(csv, census);
    fclose(csv);
    double depth[FS_CONCEPT_KINDS];
    int all = 0;
    for (int k = 0; k < FS_CONCEPT_KINDS; k++) {
        assert_true(census[k].n > 0);
        all += census[k].n;
        depth[k] = census[k].depth / census[k].share;
        print_message("%d channels have a %s as their concept, at a mean depth of %.2f layers\n", census[k].n,
                      fs_concept_kind_name((fs_concept_kind)k), depth[k]);
    }
    assert_true(all >= 30);
    assert_true(depth[FS_CONCEPT_TEXTURE] < depth[FS_CONCEPT_PART]);
    assert_true(depth[FS_CONCEPT_PART] < depth[FS_CONCEPT_OBJECT]);
}

/* Percent right at the end of a run of the program: "out: 91.8 % of 600 pictures right". */
static double finetune(const char *out, const char *more) {
    char command[1024], line[512];
    double percent = -1;
    snprintf(command, sizeof command,
             "'%s' finetune --world b --drawn 120 --val-drawn 600 --seed 1 %s -o %s 2>&1", FS_PROGRAM, more,
             scratch_path(out));
    FILE *said = popen(command, "r");
    assert_non_null(said);
    while (fgets(line, sizeof line, said))
        if (strstr(line, "pictures right"))
            (void)sscanf(strchr(line, ' '), "%lf %% of", &percent);
    assert_int_equal(pclose(said), 0);
    print_message("finetune %s: %.1f %%\n", more, percent);
    return percent;
}

/* Twenty pictures of each of six new classes: what was learned helps, within the same number of epochs. */
static void test_second_task(void **state) {
    (void)state;
    const double tuned = finetune("tuned", "--freeze head --epochs 30"),
                 scratch = finetune("scratch", "--scratch --epochs 30");
    assert_true(scratch > 0 && tuned >= scratch + 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_chapters),
        cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_first_layer),
        cmocka_unit_test_setup_teardown(test_concepts, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_second_task, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
