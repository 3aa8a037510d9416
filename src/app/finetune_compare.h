/* The policies of fine-tuning against each other: each trains the same network on the same pictures for as
 * many joint epochs, into a folder of its own, and is then held against the original network layer by layer.
 *
 *     const fs_comparison_request request = {.model = "squeezenet1_0.onnx", .output = "out", ...};
 *     fs_finetune_compare(&comparison, &request, &err);
 *     show(comparison.runs[0].outcome.accuracy, comparison.runs[0].cka[3]);
 *     fs_comparison_free(&comparison);
 *
 * compare.csv and compare.json are written after every policy, the picture and the page at the end. Of
 * several processes (scene.cluster) each trains whole policies alone, as rank 0 hands them out, in the folder
 * that they share, and has them measured likewise; rank 0 alone has the comparison and writes it. One thread
 * at a time. docs/training.md says what is compared, docs/formats.md what the files hold. */
#ifndef FS_APP_FINETUNE_COMPARE_H
#define FS_APP_FINETUNE_COMPARE_H

#include "app/finetune_run.h"

typedef struct fs_comparison_request {
    const char *model; /* the file of the original */
    const char *output;
    const fs_finetune_recipe *recipe;
    const fs_finetune_scene *scene;
    bool policies[FS_POLICIES]; /* which */
    void *context;
    /* Begins on this process; may be NULL. */
    void (*policy)(void *context, fs_finetune_policy policy, int number, int count);
} fs_comparison_request;

typedef struct fs_comparison_run {
    fs_finetune_policy policy;
    fs_finetune_outcome outcome;
    double *cka; /* [n_layers]; NULL before it is measured */
} fs_comparison_run;

typedef struct fs_comparison {
    fs_model *original;
    fs_comparison_run runs[FS_POLICIES]; /* in the order of policies */
    int n, wanted;                       /* policies that are trained, and those asked for */
    bool complete;       /* all of them, and their layers measured where there are pictures enough */
    const char **layers; /* names, of the original's */
    int n_layers;        /* 0: not measured yet */
    int pictures;        /* that CKA was measured on */
} fs_comparison;

/* Stopped: FS_ERROR_CANCELLED, and the files have the policies that are finished. */
fs_status fs_finetune_compare(fs_comparison *out, const fs_comparison_request *request, fs_error *err);
void fs_comparison_free(fs_comparison *comparison); /* a zeroed one is fine */

/* The folder of one of the policies in `output`. */
enum { FS_COMPARISON_FOLDER_SIZE = FS_OPTION_TEXT_SIZE + 16 };
const char *fs_comparison_folder(const char *output, fs_finetune_policy policy,
                                 char out[FS_COMPARISON_FOLDER_SIZE]);

#endif
