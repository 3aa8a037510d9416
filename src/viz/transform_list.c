#include "viz/transform_list.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"
#include "viz/spelling.h"

enum { NAME_SIZE = 32, NUMBER_SIZE = 32, STEP_SIZE = FS_TRANSFORM_NUMBERS * NUMBER_SIZE + 16 };

typedef struct number_range {
    double low, high, initial;
} number_range;

typedef struct kind {
    const char *name;
    int needed, n; /* numbers that must be and that may be given */
    bool whole;    /* all numbers */
    number_range numbers[FS_TRANSFORM_NUMBERS];
} kind;

static const kind kinds[FS_TRANSFORM_KINDS] = {
    [FS_TRANSFORM_PAD] = {"pad", 1, 1, true, {{0, FS_TRANSFORM_GREATEST_PAD, 0}}},
    [FS_TRANSFORM_JITTER] = {"jitter", 1, 1, true, {{0, FS_TRANSFORM_GREATEST_PAD, 0}}},
    [FS_TRANSFORM_SCALE] = {"scale", 2, 3, false, {{0.1, 10, 1}, {0.1, 10, 1}, {0, 10, 0}}},
    [FS_TRANSFORM_ROTATE] =
        {"rotate", 2, 4, false, {{-360, 360, 0}, {-360, 360, 0}, {0, 360, 0}, {0, 1000, 0}}},
    [FS_TRANSFORM_CROP] = {"crop", 2, 2, false, {{0.05, 1, 1}, {0.05, 1, 1}}},
    [FS_TRANSFORM_FLIP] = {"flip", 0, 1, false, {{0, 1, 0.5}}},
    [FS_TRANSFORM_NOISE] = {"noise", 1, 1, false, {{0, 10, 0}}},
};

/* lucid: the standard set of Lucid, with its angles' five more zeros. maco: crops and noise, as the paper has
 * them; larger crops, because there is one look a step at a picture of ordinary size, and some over its edge,
 * because they would seldom see it otherwise. */
static const struct {
    const char *name, *text;
} presets[] = {{"lucid", "pad(12),jitter(8),scale(0.9,1.1,0.02),rotate(-10,10,1,5),jitter(4)"},
               {"none", ""},
               {"strong", "pad(24),jitter(16),scale(0.8,1.2,0.04),rotate(-20,20,1,5),jitter(8)"},
               {"maco", "pad(16),jitter(32),crop(0.85,1),noise(0.1)"}};

const char *const fs_transform_presets[] = {"lucid", "none", "strong", "maco", NULL};

/* ---- reading ---- */

typedef struct reader {
    const char *text, *at;
    fs_error *err;
} reader;

static int column(const reader *r) {
    return (int)(r->at - r->text) + 1;
}

static void skip_spaces(reader *r) {
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
}

static bool take(reader *r, char c) {
    skip_spaces(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static fs_status expected(const reader *r, const char *what) {
    if (*r->at == '\0')
        return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: %s is missing", column(r), what);
    return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: %s is expected, not '%.8s'", column(r), what,
                   r->at);
}

static fs_status unknown_name(const reader *r, int at, const char *name) {
    fs_spelling spelling = fs_spelling_of(name);
    for (int k = 0; k < FS_TRANSFORM_KINDS; k++)
        fs_spelling_try(&spelling, kinds[k].name);
    if (r->at[strspn(r->at, " \t")] == '\0' && at == 1)
        for (int k = 0; fs_transform_presets[k]; k++)
            fs_spelling_try(&spelling, fs_transform_presets[k]);
    if (spelling.best)
        return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: no transform '%s'; did you mean '%s'?", at,
                       name, spelling.best);
    return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: no transform '%s'", at, name);
}

static fs_status read_kind(reader *r, fs_transform_kind *out) {
    char name[NAME_SIZE] = "";
    size_t length = strspn(r->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    int at = column(r);
    if (length == 0)
        return expected(r, "a transform");
    memcpy(name, r->at, length < NAME_SIZE ? length : NAME_SIZE - 1);
    r->at += length;
    for (int k = 0; k < FS_TRANSFORM_KINDS; k++)
        if (strcmp(name, kinds[k].name) == 0) {
            *out = (fs_transform_kind)k;
            return FS_OK;
        }
    return unknown_name(r, at, name);
}

static fs_status read_number(reader *r, const kind *k, int index, double *out) {
    const number_range *range = &k->numbers[index];
    char *end = NULL;
    skip_spaces(r);
    /* strtod reads more than numbers, such as "inf" */
    bool begins = strchr("+-.0123456789", *r->at) != NULL && *r->at != '\0';
    double value = begins ? fs_c_strtod(r->at, &end) : 0;
    if (!begins || end == r->at)
        return expected(r, "a number");
    if (!(value >= range->low && value <= range->high) || (k->whole && value != rint(value)))
        return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: %s takes a %snumber in %g..%g here", column(r),
                       k->name, k->whole ? "whole " : "", range->low, range->high);
    r->at = end;
    *out = value;
    return FS_OK;
}

static fs_status read_numbers(reader *r, const kind *k, double *numbers) {
    int given = 0;
    if (take(r, '(') && !take(r, ')')) {
        do {
            if (given == k->n)
                return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: %s takes at most %d number%s",
                               column(r), k->name, k->n, k->n == 1 ? "" : "s");
            fs_status status = read_number(r, k, given, &numbers[given]);
            given++;
            if (status != FS_OK)
                return status;
        } while (take(r, ','));
        if (!take(r, ')'))
            return expected(r, "',' or ')'");
    }
    if (given < k->needed)
        return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: %s needs %d number%s", column(r), k->name,
                       k->needed, k->needed == 1 ? "" : "s");
    return FS_OK;
}

static fs_status read_step(reader *r, fs_transform_list *list) {
    fs_transform_kind which = FS_TRANSFORM_PAD;
    skip_spaces(r);
    int at = column(r);
    fs_status status = read_kind(r, &which);
    if (status != FS_OK)
        return status;
    if (list->n == FS_TRANSFORM_STEPS)
        return fs_fail(r->err, FS_ERROR_LIMIT, "column %d: more than %d transforms", at, FS_TRANSFORM_STEPS);
    fs_transform_step *step = &list->steps[list->n++];
    *step = (fs_transform_step){.kind = which};
    for (int i = 0; i < kinds[which].n; i++)
        step->numbers[i] = kinds[which].numbers[i].initial;
    status = read_numbers(r, &kinds[which], step->numbers);
    bool has_range =
        which == FS_TRANSFORM_SCALE || which == FS_TRANSFORM_ROTATE || which == FS_TRANSFORM_CROP;
    if (status == FS_OK && has_range && step->numbers[0] > step->numbers[1])
        return fs_fail(r->err, FS_ERROR_ARGUMENT, "column %d: %s goes from %g down to %g", at,
                       kinds[which].name, step->numbers[0], step->numbers[1]);
    return status;
}

static void sum_up(fs_transform_list *list) {
    double noise = 0;
    for (int i = 0; i < list->n; i++) {
        const fs_transform_step *step = &list->steps[i];
        if (step->kind == FS_TRANSFORM_PAD)
            list->growth += 2 * (int)step->numbers[0];
        else if (step->kind == FS_TRANSFORM_JITTER)
            list->growth -= (int)step->numbers[0];
        else if (step->kind == FS_TRANSFORM_NOISE)
            noise += step->numbers[0] * step->numbers[0];
    }
    list->noise = sqrt(noise);
}

static fs_status read_steps(reader *r, fs_transform_list *list) {
    fs_status status = FS_OK;
    skip_spaces(r);
    if (*r->at == '\0')
        return FS_OK;
    do
        status = read_step(r, list);
    while (status == FS_OK && take(r, ','));
    if (status == FS_OK && *r->at != '\0')
        status = expected(r, "',' or the end");
    return status;
}

fs_status fs_transform_parse(fs_transform_list *out, const char *text, fs_error *err) {
    fs_transform_list list = {0};
    reader r = {.text = text, .at = text, .err = err};
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(text, presets[i].name) == 0) {
            list.preset = presets[i].name;
            r.text = r.at = presets[i].text;
        }
    fs_status status = read_steps(&r, &list);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "--transforms");
    sum_up(&list);
    *out = list;
    return FS_OK;
}

/* ---- writing ---- */

/* The shortest decimal form that reads back as the same double. */
static void format_number(double value, char text[NUMBER_SIZE]) {
    for (int digits = 6; digits <= 17; digits++) {
        fs_c_snprintf(text, NUMBER_SIZE, "%.*g", digits, value);
        if (fs_c_strtod(text, NULL) == value)
            return;
    }
}

static void format_step(const fs_transform_step *step, char text[STEP_SIZE]) {
    const kind *k = &kinds[step->kind];
    char number[NUMBER_SIZE];
    int shown = k->n;
    while (shown > k->needed && step->numbers[shown - 1] == k->numbers[shown - 1].initial)
        shown--;
    int length = snprintf(text, STEP_SIZE, "%s", k->name);
    for (int i = 0; i < shown; i++) {
        format_number(step->numbers[i], number);
        length += snprintf(text + length, (size_t)(STEP_SIZE - length), "%c%s", i == 0 ? '(' : ',', number);
    }
    if (shown > 0)
        snprintf(text + length, (size_t)(STEP_SIZE - length), ")");
}

fs_status fs_transform_format(const fs_transform_list *list, char text[FS_OPTION_TEXT_SIZE], fs_error *err) {
    char step[STEP_SIZE];
    size_t length = 0;
    if (list->preset || list->n == 0) {
        snprintf(text, FS_OPTION_TEXT_SIZE, "%s", list->preset ? list->preset : "none");
        return FS_OK;
    }
    for (int i = 0; i < list->n; i++) {
        format_step(&list->steps[i], step);
        int added = snprintf(text + length, FS_OPTION_TEXT_SIZE - length, "%s%s", i ? "," : "", step);
        length += (size_t)added;
        if (length >= FS_OPTION_TEXT_SIZE)
            return fs_fail(err, FS_ERROR_LIMIT, "--transforms: more than %d bytes of text",
                           FS_OPTION_TEXT_SIZE - 1);
    }
    return FS_OK;
}
