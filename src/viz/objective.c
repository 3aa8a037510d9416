#include "viz/objective.h"

#include "viz/clones.h"

static fs_status bind_neuron(fs_objective *out, const fs_shape *shape, int channel, int x, int y,
                             fs_error *err) {
    int64_t height = shape->rank > 2 ? shape->dim[2] : 1;
    int64_t width = shape->rank > 3 ? shape->dim[3] : 1;
    int64_t column = x < 0 ? width / 2 : x;
    int64_t row = y < 0 ? height / 2 : y;
    if (shape->rank > 4)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "objective neuron: the layer has %d dimensions, not 4",
                       shape->rank);
    if (column >= width || row >= height)
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "objective neuron: %d,%d is outside the layer's %lld by %lld units", x, y,
                       (long long)width, (long long)height);
    *out = (fs_objective){.first = (channel * height + row) * width + column, .count = 1};
    return FS_OK;
}

fs_status fs_objective_bind(fs_objective *out, fs_objective_kind kind, const fs_shape *shape, int channel,
                            int x, int y, fs_error *err) {
    char text[FS_SHAPE_TEXT];
    if (shape->rank < 2 || fs_shape_count(shape) < 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "its shape %s has no channels", fs_shape_text(shape, text));
    int64_t all = fs_shape_span(shape, 1, shape->rank), plane = fs_shape_span(shape, 2, shape->rank);
    if (kind == FS_OBJECTIVE_DEEPDREAM) {
        *out = (fs_objective){.squares = true, .count = all};
        return FS_OK;
    }
    if (channel < 0 || channel >= shape->dim[1])
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no channel %d: it has channels 0 to %lld", channel,
                       (long long)shape->dim[1] - 1);
    if (kind == FS_OBJECTIVE_NEURON)
        return bind_neuron(out, shape, channel, x, y, err);
    *out = (fs_objective){.first = channel * plane, .count = plane};
    return FS_OK;
}

void fs_objective_rectify(fs_objective *objective, fs_objective_kind kind) {
    objective->positive = kind == FS_OBJECTIVE_CHANNEL && objective->count > 1;
}

enum { CHUNK = 4096, LANES = 16 };

/* Sum of a chunk in float lanes: the order of additions is fixed, whatever the vector width. */
FS_CLONES
static double sum_chunk(const float *restrict values, int count, bool squares) {
    float lanes[LANES] = {0};
    int i = 0;
    if (squares)
        for (; i + LANES <= count; i += LANES)
            for (int k = 0; k < LANES; k++)
                lanes[k] += values[i + k] * values[i + k];
    else
        for (; i + LANES <= count; i += LANES)
            for (int k = 0; k < LANES; k++)
                lanes[k] += values[i + k];
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += lanes[k];
    for (; i < count; i++)
        sum += squares ? (double)values[i] * values[i] : (double)values[i];
    return sum;
}

/* sign: 1 or -1. */
static double sum_positive(const float *values, int64_t count, float sign) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += sign * values[i] > 0 ? (double)(sign * values[i]) : 0;
    return sum;
}

static float sign_of(const fs_objective *objective) {
    return objective->negative ? -1.0F : 1.0F;
}

double fs_objective_value(const fs_objective *objective, const float *activation) {
    const float *values = activation + objective->first;
    if (objective->positive)
        return sum_positive(values, objective->count, sign_of(objective)) / (double)objective->count;
    double sum = 0;
    for (int64_t at = 0; at < objective->count; at += CHUNK) {
        int64_t left = objective->count - at;
        sum += sum_chunk(values + at, left < CHUNK ? (int)left : CHUNK, objective->squares);
    }
    return (objective->negative ? -sum : sum) / (double)objective->count;
}

static void gradient_of_positive(const fs_objective *objective, const float *values, float share,
                                 float *out) {
    float sign = sign_of(objective);
    bool any = sum_positive(values, objective->count, sign) > 0;
    for (int64_t i = 0; i < objective->count; i++)
        out[i] += sign * values[i] > 0 || !any ? share : 0;
}

void fs_objective_gradient(const fs_objective *objective, const float *activation, double weight,
                           float *gradient) {
    const float *values = activation + objective->first;
    float *out = gradient + objective->first;
    double signed_weight = objective->negative ? -weight : weight;
    float share = (float)(signed_weight / (double)objective->count);
    if (objective->positive) {
        gradient_of_positive(objective, values, share, out);
    } else if (objective->squares) {
        float scale = (float)(2 * signed_weight / (double)objective->count);
        for (int64_t i = 0; i < objective->count; i++)
            out[i] += scale * values[i];
    } else {
        for (int64_t i = 0; i < objective->count; i++)
            out[i] += share;
    }
}
