#include "base/option.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/text.h"

enum { NUMBER_SIZE = 32 };

/* The shortest decimal form that reads back as the same double. */
static const char *format_double(double value, char text[NUMBER_SIZE]) {
    for (int digits = 6; digits <= 17; digits++) {
        fs_c_snprintf(text, NUMBER_SIZE, "%.*g", digits, value);
        if (fs_c_strtod(text, NULL) == value)
            break;
    }
    return text;
}

static const char *format_bound(const fs_option *option, double bound, char text[NUMBER_SIZE]) {
    if (option->kind == FS_OPTION_KIND_INT)
        fs_c_snprintf(text, NUMBER_SIZE, "%.0f", bound);
    else
        format_double(bound, text);
    return text;
}

static fs_status set_number(const fs_option *option, void *place, const char *value, fs_error *err) {
    bool whole = option->kind == FS_OPTION_KIND_INT;
    double number = 0;
    long long integer = 0;
    bool good = whole ? fs_parse_int(value, &integer) : fs_parse_double(value, &number);
    if (whole)
        number = (double)integer;
    if (!good || !(number >= option->low && number <= option->high)) {
        char low[NUMBER_SIZE], high[NUMBER_SIZE];
        return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: '%s' is not a %snumber in %s..%s", option->name, value,
                       whole ? "whole " : "", format_bound(option, option->low, low),
                       format_bound(option, option->high, high));
    }
    if (whole)
        *(int *)place = (int)integer;
    else
        *(double *)place = number;
    return FS_OK;
}

static fs_status set_u64(const fs_option *option, uint64_t *place, const char *value, fs_error *err) {
    char *end = NULL;
    errno = 0;
    bool digits = value[0] != '\0' && strspn(value, "0123456789") == strlen(value);
    unsigned long long number = digits ? strtoull(value, &end, 10) : 0;
    if (!digits || errno != 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: '%s' is not a whole number in 0..%llu", option->name,
                       value, (unsigned long long)UINT64_MAX);
    *place = number;
    return FS_OK;
}

static fs_status set_bool(const fs_option *option, bool *place, const char *value, fs_error *err) {
    bool yes = strcmp(value, "true") == 0;
    if (!yes && strcmp(value, "false") != 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: '%s' is not true or false", option->name, value);
    *place = yes;
    return FS_OK;
}

static fs_status set_choice(const fs_option *option, int *place, const char *value, fs_error *err) {
    char list[FS_ERROR_MESSAGE_SIZE / 2] = "";
    size_t length = 0;
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *place = i;
            return FS_OK;
        }
        int added =
            fs_c_snprintf(list + length, sizeof list - length, "%s%s", i > 0 ? ", " : "", option->choices[i]);
        length += added > 0 ? (size_t)added : 0;
        length = length < sizeof list ? length : sizeof list - 1;
    }
    return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: '%s' is not one of %s", option->name, value, list);
}

static fs_status set_text(const fs_option *option, char *place, const char *value, fs_error *err) {
    size_t length = strlen(value);
    if (length >= FS_OPTION_TEXT_SIZE)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: %zu bytes of text is over the limit of %d",
                       option->name, length, FS_OPTION_TEXT_SIZE - 1);
    memmove(place, value, length + 1);
    return FS_OK;
}

static fs_status set_value(const fs_option *option, void *settings, const char *value, fs_error *err) {
    void *place = (char *)settings + option->offset;
    if (value == NULL && option->kind == FS_OPTION_KIND_BOOL)
        value = "true"; /* a flag on the command line */
    if (value == NULL)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: needs a value", option->name);
    switch (option->kind) {
    case FS_OPTION_KIND_INT:
    case FS_OPTION_KIND_DOUBLE:
        return set_number(option, place, value, err);
    case FS_OPTION_KIND_U64:
        return set_u64(option, place, value, err);
    case FS_OPTION_KIND_BOOL:
        return set_bool(option, place, value, err);
    case FS_OPTION_KIND_CHOICE:
        return set_choice(option, place, value, err);
    case FS_OPTION_KIND_TEXT:
        return set_text(option, place, value, err);
    }
    return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: an option of unknown kind", option->name);
}

void fs_options_defaults(const fs_option *table, void *settings) {
    for (const fs_option *option = table; option->name != NULL; option++) {
        fs_status status = set_value(option, settings, option->initial != NULL ? option->initial : "", NULL);
        assert(status == FS_OK); /* a default outside its own range is a mistake in the table */
        (void)status;
    }
}

const fs_option *fs_options_find(const fs_option *table, const char *name) {
    for (const fs_option *option = table; option->name != NULL; option++)
        if (strcmp(option->name, name) == 0)
            return option;
    return NULL;
}

fs_status fs_options_set(const fs_option *table, void *settings, const char *name, const char *value,
                         fs_error *err) {
    const fs_option *option = fs_options_find(table, name);
    if (option == NULL)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--%s: no such option", name);
    return set_value(option, settings, value, err);
}

static const char *choice_name(const fs_option *option, int index) {
    for (int i = 0; option->choices[i] != NULL; i++)
        if (i == index)
            return option->choices[i];
    return "";
}

const char *fs_option_format(const fs_option *option, const void *settings, char text[FS_OPTION_VALUE_SIZE]) {
    const void *place = (const char *)settings + option->offset;
    char number[NUMBER_SIZE];
    const char *value = number;
    switch (option->kind) {
    case FS_OPTION_KIND_INT:
        fs_c_snprintf(number, sizeof number, "%d", *(const int *)place);
        break;
    case FS_OPTION_KIND_DOUBLE:
        format_double(*(const double *)place, number);
        break;
    case FS_OPTION_KIND_U64:
        fs_c_snprintf(number, sizeof number, "%llu", (unsigned long long)*(const uint64_t *)place);
        break;
    case FS_OPTION_KIND_BOOL:
        value = *(const bool *)place ? "true" : "false";
        break;
    case FS_OPTION_KIND_CHOICE:
        value = choice_name(option, *(const int *)place);
        break;
    case FS_OPTION_KIND_TEXT:
        value = place;
        break;
    }
    size_t length = strnlen(value, FS_OPTION_VALUE_SIZE - 1);
    memmove(text, value, length);
    text[length] = '\0';
    return text;
}

bool fs_options_equal(const fs_option *table, const void *a, const void *b) {
    char first[FS_OPTION_VALUE_SIZE], second[FS_OPTION_VALUE_SIZE];
    for (const fs_option *option = table; option->name != NULL; option++)
        if (strcmp(fs_option_format(option, a, first), fs_option_format(option, b, second)) != 0)
            return false;
    return true;
}
