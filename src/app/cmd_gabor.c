#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/gabor_files.h"
#include "app/gabor_lab.h"
#include "app/gabor_substitute.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "gabor/effective.h"

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], effective[FS_OPTION_TEXT_SIZE], images[FS_OPTION_TEXT_SIZE],
        labels[FS_OPTION_TEXT_SIZE], make[FS_OPTION_TEXT_SIZE], fit[FS_OPTION_TEXT_SIZE],
        crop[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int null_fits, size, repeats;
    bool substitute;
} settings;

static const fs_option options[] = {
    FS_OPTION_LAYER(settings, layer, "layer", "",
                    "convolution whose kernels are fitted; the default is the model's first"),
    FS_OPTION_LAYER(settings, effective, "effective", "",
                    "layer whose effective kernels are fitted: the gradients of its units in the picture"),
    FS_OPTION_FOLDER(settings, images, "images", "",
                     "folder of photographs: for --substitute to test with, for --effective to average the "
                     "gradients over (without it, at mid-grey)"),
    FS_OPTION_BOOL(settings, substitute, "substitute",
                   "replace the kernels by their fits and test what the network still knows"),
    FS_OPTION_FILE(settings, labels, "labels", "",
                   "table of the photographs' classes, lines of file, tab, number; the default is the "
                   "folder's classes.tsv, or its subfolders' names"),
    FS_OPTION_INT(settings, repeats, "repeats", 1, FS_SUBSTITUTE_MAX_REPEATS, "5",
                  "seeds of the random controls of --substitute"),
    FS_OPTION_INT(settings, null_fits, "null", 0, FS_ANALYSIS_MAX_NULL_FITS, "200",
                  "fits of shuffled kernels, for what noise reaches"),
    FS_OPTION_TEXT(settings, make, "make", "",
                   "LAMBDA,THETA,PSI,SIGMA,GAMMA: make a kernel; more of them make a bank"),
    FS_OPTION_INT(settings, size, "size", 1, FS_GABOR_LAB_MAX_SIDE, "15", "side of the kernels to make"),
    FS_OPTION_FILE(settings, fit, "fit", "", ".npy file of kernels, or picture, to fit instead of a model's"),
    FS_OPTION_TEXT(settings, crop, "crop", "", "X,Y,WIDTH,HEIGHT: the part of the file to fit"),
    FS_OPTION_FILE(settings, output, "output", "",
                   "folder for the report, or the file to make (.npy or .png) (-o)"),
    FS_OPTION_END};

static fs_status check(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    const int jobs = (*s->layer != 0) + (*s->effective != 0) + (*s->make != 0) + (*s->fit != 0);
    if (jobs > 1)
        return fs_call_usage(call, err, "--layer, --effective, --make and --fit exclude each other");
    if (*s->images && !*s->effective && !s->substitute)
        return fs_call_usage(call, err, "--images goes together with --effective or --substitute");
    if (s->substitute && (*s->effective || *s->make || *s->fit))
        return fs_call_usage(call, err, "--substitute replaces kernels of a layer, see --layer");
    if (s->substitute && (!*s->images || !*s->output))
        return fs_call_usage(call, err, "--substitute needs --images and -o");
    if (*s->labels && !s->substitute)
        return fs_call_usage(call, err, "--labels goes together with --substitute");
    if (*s->crop && !*s->fit)
        return fs_call_usage(call, err, "--crop goes together with --fit");
    if (call->n_positional > 0 && !*s->make)
        return fs_call_usage(call, err, "'%.100s' is not an option", call->positional[0]);
    if (!*s->output && !*s->fit)
        return fs_call_usage(call, err, "-o is needed");
    return FS_OK;
}

/* -- making kernels -- */

/* All words that describe a kernel: those after --make, however often it stands there, and the positional
 * ones. */
static int list_specs(const fs_call *call, const char **specs) {
    int count = 0;
    for (int i = 0; i < call->argc && count < FS_GABOR_LAB_MAX_BANK; i++) {
        if (strcmp(call->argv[i], "--") == 0)
            break;
        if (strcmp(call->argv[i], "--make") == 0 && i + 1 < call->argc)
            specs[count++] = call->argv[++i];
        else if (strncmp(call->argv[i], "--make=", strlen("--make=")) == 0)
            specs[count++] = call->argv[i] + strlen("--make=");
    }
    for (int i = 0; i < call->n_positional && count < FS_GABOR_LAB_MAX_BANK; i++)
        specs[count++] = call->positional[i];
    return count;
}

static fs_status make(const fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    const char *specs[FS_GABOR_LAB_MAX_BANK];
    int count = list_specs(call, specs);
    return fs_gabor_lab_make(specs, count, s->size, s->output, err);
}

/* -- fitting -- */

static void print_classes(const fs_analysis *a, const char *what) {
    printf("%s: %d %s of %dx%d:", what, a->count, a->count == 1 ? "kernel" : "kernels", a->height, a->width);
    const char *between = " ";
    for (int c = 0; c < FS_KERNEL_CLASSES; c++)
        if (a->class_counts[c] > 0) {
            printf("%s%d %s", between, a->class_counts[c], fs_kernel_class_name((fs_kernel_class)c));
            between = ", ";
        }
    printf("; median R2 %.3f", a->median_r2);
    if (a->null.fits > 0)
        printf(", shuffled kernels reach %.3f (95 %%)", a->null.quantile95[FS_MODEL_GABOR]);
    printf("\n");
}

static void print_kernel(const fs_kernel_analysis *k) {
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
        printf("  %-10s %10.4f", fs_gabor_parameter_name((fs_gabor_parameter)p),
               fs_gabor_get(&k->fit.gabor, (fs_gabor_parameter)p));
        if (isfinite(k->fit.stderror[p]))
            printf("  %.4f to %.4f\n", k->fit.low[p], k->fit.high[p]);
        else
            printf("  at a bound, or undetermined\n");
    }
}

/* What is fitted: kernels, where they come from, and for --substitute the network they belong to. */
typedef struct subject {
    const fs_kernels *kernels;
    const fs_fits_source *source;
    fs_model *model;
    const fs_layer *layer;
    fs_pool *pool;
} subject;

static fs_status substitute(const fs_call *call, const subject *w, const fs_analysis *analysis,
                            fs_substitution *out, fs_error *err) {
    const settings *s = call->settings;
    const fs_gabor_substitute_job job = {.model = w->model,
                                         .layer = w->layer,
                                         .kernels = w->kernels,
                                         .analysis = analysis,
                                         .images = s->images,
                                         .labels = s->labels,
                                         .seed = call->common.seed,
                                         .repeats = s->repeats,
                                         .pool = w->pool,
                                         .progress = &call->progress};
    fs_status status = fs_gabor_substitute(out, &job, err);
    fs_terminal_clear();
    if (status == FS_OK && out->unreadable > 0 && !call->common.quiet)
        fprintf(stderr, "filterscope: %s: %d pictures could not be read\n", s->images, out->unreadable);
    return status;
}

static void print_substitution(const fs_substitution *s) {
    printf("%d pictures, %d of known class\n%-40s %7s %7s %9s %7s\n", s->pictures, s->labelled, "variant",
           "top-1", "top-5", "agreement", "KL");
    printf("%-40s %7.3f %7.3f %9.3f %7.3f\n", "as learned", s->top1, s->top5, 1.0, 0.0);
    for (int v = 0; v < FS_VARIANTS; v++) {
        const fs_variant_result *r = &s->results[v];
        printf("%-40s %7.3f %7.3f %9.3f %7.3f\n", fs_variant_table[v].title, r->top1.mean, r->top5.mean,
               r->agreement.mean, r->divergence.mean);
    }
}

static fs_status write_all(const fs_call *call, const subject *w, const fs_analysis *analysis,
                           fs_error *err) {
    const settings *s = call->settings;
    fs_substitution substitution = {0};
    fs_status status = s->substitute ? substitute(call, w, analysis, &substitution, err) : FS_OK;
    if (status == FS_OK && *s->output) {
        const fs_gabor_output output = {
            s->output, w->kernels,     analysis, w->source, s->substitute ? &substitution : NULL,
            w->pool,   &call->progress};
        status = fs_gabor_files_write(&output, err);
        fs_terminal_clear();
    }
    if (status == FS_OK) {
        print_classes(analysis, w->source->layer);
        if (*s->fit && analysis->count == 1)
            print_kernel(&analysis->kernels[0]);
        if (s->substitute)
            print_substitution(&substitution);
    }
    fs_substitution_free(&substitution);
    return status;
}

static fs_status fit(const fs_call *call, const subject *w, fs_error *err) {
    const settings *s = call->settings;
    const fs_analysis_settings how = {.null_fits = s->null_fits, .seed = call->common.seed};
    fs_analysis analysis = {0};
    fs_status status = fs_analysis_run(&analysis, w->kernels, &how, w->pool, &call->progress, err);
    fs_terminal_clear();
    if (status != FS_OK)
        return status == FS_ERROR_CANCELLED ? status : fs_error_prefix(err, status, "%s", w->source->layer);
    status = write_all(call, w, &analysis, err);
    fs_analysis_free(&analysis);
    return status;
}

static fs_status fit_file(const fs_call *call, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    fs_kernels kernels = {0};
    fs_fits_source source = {NULL, s->fit, "file", call->common.seed};
    fs_status status = fs_gabor_lab_read(&kernels, s->fit, s->crop, err);
    if (status == FS_OK)
        status = fit(call, &(subject){.kernels = &kernels, .source = &source, .pool = pool}, err);
    fs_kernels_free(&kernels);
    return status;
}

/* -- kernels of a model -- */

static fs_status read_effective(const fs_call *call, const fs_model *model, const fs_layer *layer,
                                fs_pool *pool, fs_kernels *out, fs_error *err) {
    const settings *s = call->settings;
    fs_folder *folder = NULL;
    fs_status status = *s->images ? fs_folder_list(&folder, s->images, err) : FS_OK;
    if (status != FS_OK)
        return status;
    status = fs_kernels_effective(out, model, layer, folder, pool, &call->progress, err);
    fs_folder_destroy(folder);
    return status == FS_OK || status == FS_ERROR_CANCELLED ? status
                                                           : fs_error_prefix(err, status, "%s", model->path);
}

static fs_status fit_layer(fs_call *call, fs_model *model, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const char *name = *s->effective ? s->effective : s->layer;
    const fs_layer *layer = NULL;
    fs_kernels kernels = {0};
    fs_status status = FS_OK;
    if (*name)
        status = fs_call_find_layer(model, name, -1, &layer, err);
    else if (!(layer = fs_kernels_first_layer(model, err)))
        status = FS_ERROR_NOT_FOUND;
    if (status == FS_OK)
        status = *s->effective ? read_effective(call, model, layer, pool, &kernels, err)
                               : fs_kernels_of_layer(&kernels, model, layer, err);
    if (status == FS_OK) {
        fs_fits_source source = {model->name, layer->name, *s->effective ? "effective" : "weights",
                                 call->common.seed};
        status = fit(call, &(subject){&kernels, &source, model, layer, pool}, err);
    }
    fs_kernels_free(&kernels);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    fs_status status = check(call, err);
    if (status != FS_OK || *s->make)
        return status == FS_OK ? make(call, err) : status;
    if (!*s->fit)
        status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = *s->fit ? fit_file(call, pool, err) : fit_layer(call, model, pool, err);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_gabor = {
    .name = "gabor",
    .arguments =
        "[--layer L [--substitute --images DIR] | --effective L [--images DIR] | --fit FILE | --make "
        "NUMBERS...] -o OUT [options]",
    .summary = "Gabor functions fitted to a layer's kernels, and how much they explain",
    .options = options,
    .settings_size = sizeof(settings),
    .max_positional = FS_GABOR_LAB_MAX_BANK,
    .example = "gabor --layer edge1 -o fits",
    .run = run};
