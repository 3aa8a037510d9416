#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>

#include "app/classifier.h"
#include "app/commands.h"
#include "app/terminal.h"

enum { MAX_IMAGES = 100000, MAX_TOP = 100 };

typedef struct settings {
    int top;
    bool json;
} settings;

static const fs_option options[] = {
    FS_OPTION_INT(settings, top, "top", 1, MAX_TOP, "5", "how many classes to print for each picture"),
    FS_OPTION_BOOL(settings, json, "json", "print a JSON list"), FS_OPTION_END};

typedef struct job {
    const fs_model *model;
    fs_classifier *classifier;
    const settings *settings;
    int top;
    cJSON *list; /* NULL when text is wanted */
} job;

static const char *label_of(const fs_model *model, int class_index) {
    return class_index < model->n_labels ? model->labels[class_index] : "";
}

static void print_text(const job *j, const char *path, const float *p, const int *order) {
    printf("%s\n", path);
    for (int n = 0; n < j->top; n++)
        printf("  %5.1f %%  %4d  %s\n", 100 * p[order[n]], order[n], label_of(j->model, order[n]));
}

static bool add_json(const job *j, const char *path, const float *p, const int *order) {
    cJSON *entry = cJSON_CreateObject();
    if (!entry || !cJSON_AddItemToArray(j->list, entry) || !cJSON_AddStringToObject(entry, "file", path))
        return false;
    cJSON *top = cJSON_AddArrayToObject(entry, "top");
    bool ok = top != NULL;
    for (int n = 0; n < j->top && ok; n++) {
        cJSON *item = cJSON_CreateObject();
        ok = item && cJSON_AddItemToArray(top, item) && cJSON_AddNumberToObject(item, "class", order[n]) &&
             cJSON_AddStringToObject(item, "label", label_of(j->model, order[n])) &&
             cJSON_AddNumberToObject(item, "probability", p[order[n]]);
    }
    return ok;
}

static fs_status classify_one(const job *j, const char *path, fs_error *err) {
    fs_image image = {0};
    const float *p = NULL;
    int order[MAX_TOP];
    fs_status status = fs_image_read(&image, path, err);
    if (status == FS_OK)
        status = fs_classifier_run(j->classifier, &image, &p, err);
    fs_image_free(&image);
    if (status != FS_OK)
        return status;
    fs_classifier_top(p, fs_classifier_classes(j->classifier), j->top, order);
    if (!j->list) {
        fs_terminal_clear();
        print_text(j, path, p, order);
    } else if (!add_json(j, path, p, order)) {
        return fs_fail_memory(err, "the list of results");
    }
    return FS_OK;
}

/* A picture that cannot be read is reported at once and does not keep the others from being classified. */
static fs_status classify_all(fs_call *call, const job *j, fs_error *err) {
    double start = fs_seconds();
    int failures = 0;
    fs_status worst = FS_OK;
    for (int i = 0; i < call->n_positional; i++) {
        fs_error one = {0};
        if (fs_progress_cancelled(&call->progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "cancelled after %d of %d pictures", i,
                           call->n_positional);
        fs_status status = classify_one(j, call->positional[i], &one);
        if (status != FS_OK && call->n_positional == 1)
            return fs_fail(err, status, "%s", one.message);
        if (status != FS_OK) {
            fs_terminal_clear();
            fprintf(stderr, "filterscope: %s\n", one.message);
            worst = status;
            failures++;
        }
        fs_progress_state state = {"classifying", i + 1, call->n_positional, fs_seconds() - start,
                                   (double)NAN};
        if (call->n_positional > 1)
            fs_progress_report(&call->progress, &state);
    }
    fs_terminal_clear();
    return failures ? fs_fail(err, worst, "%d of %d pictures could not be classified", failures,
                              call->n_positional)
                    : FS_OK;
}

static fs_status print_list(const cJSON *list, fs_error *err) {
    char *text = cJSON_Print(list);
    if (!text)
        return fs_fail_memory(err, "the list of results");
    puts(text);
    cJSON_free(text);
    return FS_OK;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    if (call->n_positional == 0)
        return fs_call_usage(call, err, "give at least one picture");
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    job j = {.settings = s};
    fs_status status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = fs_classifier_create(&j.classifier, model, pool, err);
    if (status == FS_OK && s->json && !(j.list = cJSON_CreateArray()))
        status = fs_fail_memory(err, "the list of results");
    if (status == FS_OK) {
        int classes = fs_classifier_classes(j.classifier);
        j.model = model;
        j.top = s->top < classes ? s->top : classes;
        status = classify_all(call, &j, err);
        fs_status printed = j.list ? print_list(j.list, err) : FS_OK;
        status = status == FS_OK ? printed : status;
    }
    cJSON_Delete(j.list);
    fs_classifier_destroy(j.classifier);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_classify = {.name = "classify",
                                        .arguments = "IMAGE... [options]",
                                        .summary = "labels and probabilities of pictures",
                                        .options = options,
                                        .settings_size = sizeof(settings),
                                        .max_positional = MAX_IMAGES,
                                        .positional = FS_OPTION_MEANS_FILE,
                                        .example = "classify zebra.jpg --top 3",
                                        .run = run};
