#include "viz/objective_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/text.h"
#include "viz/goal.h"

static const double diversity_share = 0.05, usual_value = 2000;

/* A name of a layer as the parser reads it back: between quotes unless it is plain. */
static void add_name(fs_text *text, const char *name) {
    if (*name && strpbrk(name, ",()\" \t\\=") == NULL) {
        fs_text_add(text, "%s", name);
        return;
    }
    fs_text_add(text, "\"");
    for (const char *c = name; *c; c++)
        fs_text_add(text, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    fs_text_add(text, "\"");
}

static void add_simple(fs_text *text, const fs_render_settings *s) {
    if (strcmp(s->objective, "logit") == 0) {
        fs_text_add(text, "logit(%d)", s->channel);
        return;
    }
    fs_text_add(text, "%s(", s->objective);
    add_name(text, s->layer);
    if (strcmp(s->objective, "deepdream") != 0)
        fs_text_add(text, ", %d", s->channel);
    if (strcmp(s->objective, "neuron") == 0 && s->x >= 0)
        fs_text_add(text, ", x=%d", s->x);
    if (strcmp(s->objective, "neuron") == 0 && s->y >= 0)
        fs_text_add(text, ", y=%d", s->y);
    fs_text_add(text, ")");
}

const char *fs_objective_text(const fs_render_settings *settings, char text[FS_EXPRESSION_SIZE]) {
    fs_text built = {0};
    if (fs_render_is_simple(settings))
        add_simple(&built, settings);
    bool fits = !fs_text_broken(&built) && built.length > 0 && built.length < FS_EXPRESSION_SIZE;
    snprintf(text, FS_EXPRESSION_SIZE, "%s", fits ? built.bytes : settings->objective);
    fs_text_free(&built);
    return text;
}

fs_status fs_objective_check(const fs_model *model, const fs_render_settings *settings, fs_error *err) {
    fs_goal *goal = NULL;
    fs_status status = fs_goal_create(&goal, model, settings, NULL, 1, err);
    if (status == FS_OK)
        fs_goal_destroy(goal);
    return status;
}

int fs_objective_error_column(const fs_error *error) {
    int column = 0;
    const char *place = strstr(error->message, "--objective: column ");
    if (place == NULL || sscanf(place, "--objective: column %7d:", &column) != 1)
        return 0;
    return column > 0 && column <= FS_EXPRESSION_SIZE ? column : 0;
}

static double two_digits(double value) {
    double unit = pow(10, floor(log10(value)) - 1);
    return round(value / unit) * unit;
}

fs_status fs_objective_vary(fs_render_settings *out, const fs_render_settings *settings,
                            const fs_layer *layer, int n, double reached, fs_error *err) {
    fs_render_settings varied = *settings;
    varied.variants = n;
    char objective[FS_EXPRESSION_SIZE];
    fs_text text = {0};
    bool has_positions = layer->shape.rank > 2 && layer->shape.dim[2] != 1;
    if (has_positions) {
        double weight = diversity_share * fabs(isfinite(reached) && reached != 0 ? reached : usual_value);
        fs_text_add(&text, "%s - %.6g*diversity(", fs_objective_text(settings, objective),
                    two_digits(weight));
        add_name(&text, settings->layer);
        fs_text_add(&text, ")");
        if (fs_text_broken(&text) || text.length >= sizeof varied.objective) {
            fs_text_free(&text);
            return fs_fail(err, FS_ERROR_LIMIT, "the objective is too long to ask for diversity as well");
        }
        memcpy(varied.objective, text.bytes, text.length + 1);
        fs_text_free(&text);
    }
    *out = varied;
    return FS_OK;
}
