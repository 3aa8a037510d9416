#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/objectives/kinds.h"

const fs_term_kind *const fs_term_kinds[] = {&fs_term_channel,
                                             &fs_term_negative,
                                             &fs_term_neuron,
                                             &fs_term_logit,
                                             &fs_term_layer,
                                             &fs_term_deepdream,
                                             &fs_term_direction,
                                             &fs_term_direction_neuron,
                                             &fs_term_inversion,
                                             &fs_term_caricature,
                                             &fs_term_diversity,
                                             &fs_term_alignment,
                                             &fs_term_tv,
                                             &fs_term_l1,
                                             &fs_term_l2,
                                             &fs_term_blur,
                                             &fs_term_boundary,
                                             &fs_term_interpolate,
                                             NULL};

const fs_term_kind *fs_term_kind_find(const char *name) {
    for (int i = 0; fs_term_kinds[i]; i++)
        if (strcmp(fs_term_kinds[i]->function.name, name) == 0)
            return fs_term_kinds[i];
    return NULL;
}

static const fs_argument *argument(const fs_term *term, const char *parameter) {
    const fs_parameter *parameters = term->kind->function.parameters;
    int i = 0;
    while (parameters[i].name && strcmp(parameters[i].name, parameter) != 0)
        i++;
    assert(parameters[i].name); /* a kind asks for its own parameters */
    return &term->call->arguments[i];
}

double fs_term_number(const fs_term *term, const char *parameter) {
    return argument(term, parameter)->number;
}

const char *fs_term_text(const fs_term *term, const char *parameter) {
    return argument(term, parameter)->text;
}

bool fs_term_given(const fs_term *term, const char *parameter) {
    return argument(term, parameter)->given;
}

fs_status fs_term_fail_at(const fs_term *term, const char *parameter, fs_status status, fs_error *err) {
    int column = argument(term, parameter)->column;
    return column > 0 ? fs_error_prefix(err, status, "column %d", column) : status;
}

void fs_term_destroy(fs_term *term) {
    fs_free(term->units);
    fs_free(term->reference);
    fs_free(term->work);
    fs_free(term->sums);
    term->units = NULL;
    term->reference = term->work = NULL;
    term->sums = NULL;
}
