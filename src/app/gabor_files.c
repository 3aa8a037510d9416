#include "app/gabor_files.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/option.h"
#include "report/caption.h"
#include "report/gabor_card.h"
#include "report/gabor_report.h"

enum { PATH_SIZE = FS_OPTION_TEXT_SIZE + 40, CARDS_BETWEEN_REPORTS = 32 };

static const char *path_of(const fs_gabor_output *o, const char *name, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/%s", o->folder, name);
    return path;
}

/* "SqueezeNet · features.0 · weights" */
static void subject_of(const fs_gabor_output *o, char text[2 * FS_CAPTION_SIZE]) {
    const fs_fits_source *s = o->source;
    if (s->model)
        snprintf(text, (size_t)2 * FS_CAPTION_SIZE, "%.200s \u00b7 %.200s", s->model, s->layer);
    else
        snprintf(text, (size_t)2 * FS_CAPTION_SIZE, "%.400s", s->layer);
}

/* -- one picture a kernel -- */

typedef struct cards {
    const fs_gabor_output *output;
    int first;        /* the kernel that the loop's 0 stands for */
    fs_error *errors; /* [CARDS_BETWEEN_REPORTS] */
} cards;

static fs_status write_card(const fs_gabor_output *o, int index, fs_error *err) {
    char title[FS_CAPTION_SIZE], subject[2 * FS_CAPTION_SIZE], name[40], path[PATH_SIZE];
    fs_image image = {0};
    snprintf(title, sizeof title, "kernel %d", index);
    subject_of(o, subject);
    const fs_gabor_card card = {title, subject, fs_kernels_patch(o->kernels, index),
                                &o->analysis->kernels[index]};
    fs_status status = fs_gabor_card_draw(&card, &image, err);
    if (status != FS_OK)
        return status;
    snprintf(name, sizeof name, "kernels/%03d.png", index);
    status = fs_image_write_png(&image, path_of(o, name, path), NULL, 0, err);
    fs_image_free(&image);
    return status;
}

static void write_some(void *context, int first, int last, int thread) {
    const cards *c = context;
    (void)thread;
    for (int i = first; i < last; i++) {
        c->errors[i].code = FS_OK;
        if (fs_progress_cancelled(c->output->progress))
            fs_fail(&c->errors[i], FS_ERROR_CANCELLED, "stopped while the kernels' pictures were drawn");
        else
            write_card(c->output, c->first + i, &c->errors[i]);
    }
}

static fs_status write_cards(const fs_gabor_output *o, fs_error *err) {
    fs_error errors[CARDS_BETWEEN_REPORTS] = {{0}};
    cards c = {.output = o, .errors = errors};
    const double start = fs_seconds();
    const int all = o->analysis->count;
    char path[PATH_SIZE];
    fs_status status = fs_make_folder(path_of(o, "kernels", path), err);
    for (; c.first < all && status == FS_OK; c.first += CARDS_BETWEEN_REPORTS) {
        const int count = all - c.first < CARDS_BETWEEN_REPORTS ? all - c.first : CARDS_BETWEEN_REPORTS;
        if (fs_progress_cancelled(o->progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped after %d of %d kernels' pictures", c.first, all);
        fs_pool_for(o->pool, count, 1, write_some, &c);
        for (int i = 0; i < count && status == FS_OK; i++)
            if (errors[i].code != FS_OK)
                status = fs_fail(err, errors[i].code, "%s", errors[i].message);
        fs_progress_state state = {"pictures", c.first + count, all, fs_seconds() - start, (double)NAN};
        fs_progress_report(o->progress, &state);
    }
    return status;
}

/* -- all of them -- */

static fs_status write_sheet(const fs_gabor_output *o, fs_error *err) {
    char subject[2 * FS_CAPTION_SIZE], path[PATH_SIZE];
    fs_image image = {0};
    subject_of(o, subject);
    const fs_gabor_sheet sheet = {
        .title = subject,
        .subtitle = "learned above fitted, each on its own scale; number, R\u00b2 of the Gabor fit, class",
        .kernels = o->kernels,
        .analysis = o->analysis};
    fs_status status = fs_gabor_sheet_draw(&sheet, &image, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, path_of(o, "kernels.png", path), NULL, 0, err);
    fs_image_free(&image);
    return status;
}

fs_status fs_gabor_files_write(const fs_gabor_output *o, fs_error *err) {
    char path[PATH_SIZE];
    fs_status status = fs_make_folder(o->folder, err);
    if (status == FS_OK)
        status = fs_fits_write_json(o->analysis, o->source, path_of(o, "fits.json", path), err);
    if (status == FS_OK)
        status = fs_fits_write_csv(o->analysis, path_of(o, "fits.csv", path), err);
    if (status == FS_OK && o->substitution)
        status = fs_substitution_write_json(o->substitution, o->source->model, o->source->layer,
                                            o->source->seed, path_of(o, "substitution.json", path), err);
    if (status == FS_OK && o->substitution)
        status = fs_substitution_write_csv(o->substitution, path_of(o, "substitution.csv", path), err);
    if (status == FS_OK)
        status = fs_progress_check_writing(o->progress, o->folder, err);
    if (status == FS_OK)
        status = write_sheet(o, err);
    const fs_gabor_report report = {o->source, o->kernels, o->analysis, o->substitution};
    if (status == FS_OK)
        status = fs_progress_check_writing(o->progress, o->folder, err);
    if (status == FS_OK)
        status = fs_gabor_report_pdf(&report, path_of(o, "report.pdf", path), err);
    if (status == FS_OK)
        status = fs_progress_check_writing(o->progress, o->folder, err);
    if (status == FS_OK)
        status = fs_gabor_report_html(&report, path_of(o, "report.html", path), err);
    if (status == FS_OK)
        status = write_cards(o, err);
    return status;
}
