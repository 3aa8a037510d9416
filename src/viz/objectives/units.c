/* Channel, negative channel, neuron, logit, layer: means over units that lie side by side (viz/objective.h).
 * Source: Olah, Mordvintsev, Schubert, "Feature Visualization", Distill 2017; the layer's mean of squares:
 * Mordvintsev, Olah, Tyka, "Inceptionism", 2015. */
#include "base/alloc.h"
#include "viz/objectives/kinds.h"

static fs_status bind_as(fs_term *term, const fs_term_site *site, fs_objective_kind kind, const char *unit,
                         fs_error *err) {
    bool placed = kind == FS_OBJECTIVE_NEURON;
    int x = placed ? (int)fs_term_number(term, "x") : -1, y = placed ? (int)fs_term_number(term, "y") : -1;
    term->units = fs_calloc((size_t)site->n, sizeof *term->units);
    if (!term->units)
        return fs_fail_memory(err, "the units of an objective");
    for (int i = 0; i < site->n; i++) {
        int channel = !unit ? 0 : site->channels ? site->channels[i] : (int)fs_term_number(term, unit);
        fs_status status = fs_objective_bind(&term->units[i], kind, &site->shape, channel, x, y, err);
        if (status != FS_OK) {
            fs_error_prefix(err, status, "layer '%s'", site->layer->name);
            return fs_term_fail_at(term, unit ? unit : "layer", status, err);
        }
        if (site->affine)
            fs_objective_rectify(&term->units[i], kind);
    }
    return FS_OK;
}

static fs_status bind_channel(fs_term *term, const fs_term_site *site, fs_error *err) {
    return bind_as(term, site, FS_OBJECTIVE_CHANNEL, "channel", err);
}

/* The opposite of a rectified channel is its negative part: minus the positive part is content with zero. */
static fs_status bind_negative(fs_term *term, const fs_term_site *site, fs_error *err) {
    fs_status status = bind_channel(term, site, err);
    for (int i = 0; status == FS_OK && i < site->n; i++)
        term->units[i].negative = true;
    return status;
}

static fs_status bind_neuron(fs_term *term, const fs_term_site *site, fs_error *err) {
    return bind_as(term, site, FS_OBJECTIVE_NEURON, "channel", err);
}

static fs_status bind_logit(fs_term *term, const fs_term_site *site, fs_error *err) {
    return bind_as(term, site, FS_OBJECTIVE_LOGIT, "class", err);
}

static fs_status bind_layer(fs_term *term, const fs_term_site *site, fs_error *err) {
    return bind_as(term, site, FS_OBJECTIVE_DEEPDREAM, NULL, err);
}

static void value(fs_term *term, const fs_term_view *view, double *values) {
    for (int i = 0; i < view->n; i++)
        values[i] = fs_objective_value(&term->units[i], view->activation + view->count * i);
}

static void gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    for (int i = 0; i < view->n; i++)
        fs_objective_gradient(&term->units[i], view->activation + view->count * i, weights[i],
                              view->gradient + view->count * i);
}

static bool asleep(const fs_term *term, int item, const fs_term_view *view) {
    const fs_objective *units = &term->units[item];
    const float *activation = view->activation + view->count * item + units->first;
    int64_t k = 0;
    while (k < units->count && activation[k] == 0)
        k++;
    return k == units->count && !units->negative && !units->squares;
}

#define KIND(name_, subject_, bind_, ...)                                                                    \
    {                                                                                                        \
        .function = {.name = (name_), .parameters = {__VA_ARGS__}}, .subject = (subject_), .bind = (bind_),  \
        .value = value, .gradient = gradient, .asleep = asleep                                               \
    }

const fs_term_kind fs_term_channel =
    KIND("channel", FS_TERM_OF_LAYER, bind_channel, FS_TERM_LAYER, FS_TERM_UNIT("channel"));
const fs_term_kind fs_term_negative =
    KIND("negative", FS_TERM_OF_LAYER, bind_negative, FS_TERM_LAYER, FS_TERM_UNIT("channel"));
const fs_term_kind fs_term_neuron = KIND("neuron", FS_TERM_OF_LAYER, bind_neuron, FS_TERM_LAYER,
                                         FS_TERM_UNIT("channel"), FS_TERM_PLACE("x"), FS_TERM_PLACE("y"));
const fs_term_kind fs_term_logit = KIND("logit", FS_TERM_OF_LOGITS, bind_logit, FS_TERM_UNIT("class"));
const fs_term_kind fs_term_layer = KIND("layer", FS_TERM_OF_LAYER, bind_layer, FS_TERM_LAYER);
const fs_term_kind fs_term_deepdream = KIND("deepdream", FS_TERM_OF_LAYER, bind_layer, FS_TERM_LAYER);
