/* What a session consists of. */
#include "app/session.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "viz/render.h"

static const char *const views[] = {"wall", "channel", "gabor", "finetune", "picture", NULL};
static const char *const tabs[] = {"render",      "variants",    "examples", "tuning",
                                   "attribution", "activations", "weights",  NULL};
static const char *const variant_counts[] = {"2", "4", "6", "9", NULL};
static const char *const whiches[] = {"top", "bottom", "threshold", NULL};
static const char *const methods[] = {"gradient", "smoothgrad", "guided", "integrated", "gradcam", NULL};
static const char *const stimuli[] = {"grating", "patch", NULL};
static const char *const picture_tabs[] = {"maps", "place", "files", NULL};
static const char *const overlays[] = {"none",       "gradient", "smoothgrad", "guided",
                                       "integrated", "gradcam",  NULL};
static const char *const finetune_tabs[] = {"recipe", "filters", "cka", "kernels", NULL};

#define MOST_SCROLL 1e7
#define MOST_NUMBER 1e12

#define TEXT(member, help) FS_OPTION_TEXT(PART, member, #member, "", help)
#define NUMBER(member, low, high, initial, help)                                                             \
    FS_OPTION_DOUBLE(PART, member, #member, low, high, initial, help)
#define WHOLE(member, low, high, initial, help) FS_OPTION_INT(PART, member, #member, low, high, initial, help)
#define CHOICE(member, choices, initial, help) FS_OPTION_CHOICE(PART, member, #member, choices, initial, help)
#define FLAG(member, help) FS_OPTION_BOOL(PART, member, #member, help)

#define PART fs_session_window
static const fs_option window[] = {
    TEXT(model, "path of the model; builtin:/ for the one inside the program"),
    TEXT(layer, "the chosen one"),
    WHOLE(channel, 0, 1000000000, "0", "the chosen one"),
    CHOICE(view, views, "wall", "what is open"),
    FLAG(in_wall, "whether the keyboard is in the wall rather than in the list"),
    NUMBER(list_scroll, 0, MOST_SCROLL, "0", "of the list of layers, pixels"),
    NUMBER(wall_scroll, 0, MOST_SCROLL, "0", "of the wall, pixels"),
    NUMBER(wall_zoom, 0.5, 4, "1", "of the wall's tiles"),
    FS_OPTION_U64(PART, seed, "seed", "0", "of everything that is random"),
    WHOLE(lesson, 0, 64, "0", "stop of the class mode, 0: off"),
    FLAG(notes, "whether class mode shows the notes for who speaks"),
    FS_OPTION_END};
#undef PART

#define PART fs_session_panels
static const fs_option panels[] = {
    CHOICE(tab, tabs, "render", "beside an open channel"),
    CHOICE(variants, variant_counts, "4", "how many"),
    TEXT(images, "folder of the examples"),
    TEXT(photograph, "for attribution and activations"),
    CHOICE(examples, whiches, "top", "which ones"),
    FLAG(own_threshold, "whether the threshold is not the usual one"),
    NUMBER(threshold, -MOST_NUMBER, MOST_NUMBER, "0", "activation near which examples lie"),
    CHOICE(method, methods, "smoothgrad", "of attribution"),
    FLAG(explain_class, "whether the class is explained rather than the channel"),
    CHOICE(stimulus, stimuli, "grating", "of the tuning"),
    FLAG(weights_to, "whether weights that lead on are shown where there is room for one kind"),
    NUMBER(settings_scroll, 0, MOST_SCROLL, "0", "of the render settings, pixels"),
    FS_OPTION_END};
#undef PART

#define PART fs_session_gabor
static const fs_option gabor[] = {FLAG(effective, "whether gradients in the picture are fitted"),
                                  WHOLE(null_fits, 0, 100000, "200", "of shuffled kernels"),
                                  WHOLE(kernel, -1, 1000000000, "-1", "the chosen one, -1: none yet"),
                                  NUMBER(lambda, -MOST_NUMBER, MOST_NUMBER, "0", "slider, pixels"),
                                  NUMBER(theta, -MOST_NUMBER, MOST_NUMBER, "0", "slider, radians"),
                                  NUMBER(psi, -MOST_NUMBER, MOST_NUMBER, "0", "slider, radians"),
                                  NUMBER(sigma, -MOST_NUMBER, MOST_NUMBER, "0", "slider, pixels"),
                                  NUMBER(gamma, -MOST_NUMBER, MOST_NUMBER, "0", "slider"),
                                  NUMBER(x0, -MOST_NUMBER, MOST_NUMBER, "0", "slider, pixels"),
                                  NUMBER(y0, -MOST_NUMBER, MOST_NUMBER, "0", "slider, pixels"),
                                  NUMBER(scroll, 0, MOST_SCROLL, "0", "of the kernels, pixels"),
                                  FLAG(substitute, "whether Gabor functions stand in for kernels"),
                                  FLAG(substitute_all, "all of them rather than the chosen one"),
                                  FS_OPTION_END};
#undef PART

#define PART fs_session_finetune
static const fs_option finetune[] = {
    TEXT(data, "folder of pictures to train on"),
    TEXT(folder, "to save into"),
    WHOLE(head_epochs, 1, 100000, "30", "of the head alone"),
    WHOLE(joint_epochs, 1, 100000, "6", "of the joint stage"),
    NUMBER(head_rate, 0, 1000, "0.001", "highest learning rate of the head alone"),
    NUMBER(joint_rate, 0, 1000, "0", "and of the joint stage, 0: the usual one"),
    WHOLE(look_side, 8, 4096, "96", "pixels a side of the filters that moved"),
    WHOLE(look_steps, 1, 100000, "64", "steps of their renders"),
    CHOICE(tab, finetune_tabs, "recipe", "beside the curves"),
    TEXT(watched, "layer whose filters are looked at; empty: all"),
    NUMBER(scroll, 0, MOST_SCROLL, "0", "of the layers' switches, pixels"),
    FS_OPTION_END};
#undef PART

#define PART fs_session_picture
static const fs_option picture[] = {
    CHOICE(tab, picture_tabs, "maps", "beside the picture"),
    CHOICE(overlay, overlays, "none", "over the picture"),
    NUMBER(opacity, 0, 1, "0.65", "of the overlay"),
    FS_OPTION_INT(PART, class_index, "class", -1, 1000000000, "-1", "to explain, -1: the likeliest"),
    NUMBER(brush, 0.02, 0.6, "0.14", "the side of its square, a share of the picture's"),
    FLAG(has_place, "whether a place of the picture is chosen"),
    NUMBER(x, 0, FS_SESSION_MAX_SIDE, "0", "the place, pixels of what the network sees"),
    NUMBER(y, 0, FS_SESSION_MAX_SIDE, "0", "and down"),
    FS_OPTION_END};
#undef PART

const fs_session_part fs_session_parts[] = {{"window", window, offsetof(fs_session, window)},
                                            {"render", fs_render_options, offsetof(fs_session, render)},
                                            {"panels", panels, offsetof(fs_session, panels)},
                                            {"gabor", gabor, offsetof(fs_session, gabor)},
                                            {"finetune", finetune, offsetof(fs_session, finetune)},
                                            {"picture", picture, offsetof(fs_session, picture)},
                                            {NULL, NULL, 0}};

void fs_session_init(fs_session *session) {
    memset(session, 0, sizeof *session);
    for (const fs_session_part *part = fs_session_parts; part->key != NULL; part++)
        fs_options_defaults(part->fields, (char *)session + part->offset);
}

void fs_session_free(fs_session *session) {
    for (int i = 0; i < session->n_unfrozen; i++)
        fs_free(session->unfrozen[i]);
    fs_free(session->unfrozen);
    fs_free(session->covered);
    fs_session_init(session);
}

fs_status fs_session_add_unfrozen(fs_session *session, const char *layer, fs_error *err) {
    if (session->n_unfrozen == FS_SESSION_MAX_UNFROZEN)
        return fs_fail(err, FS_ERROR_LIMIT, "'finetune.unfrozen' has more than %d layers",
                       FS_SESSION_MAX_UNFROZEN);
    if (session->unfrozen == NULL)
        session->unfrozen = fs_calloc(FS_SESSION_MAX_UNFROZEN, sizeof *session->unfrozen);
    char *copy = session->unfrozen != NULL ? fs_strdup(layer) : NULL;
    if (copy == NULL)
        return fs_fail_memory(err, "the unfrozen layers");
    session->unfrozen[session->n_unfrozen++] = copy;
    return FS_OK;
}

fs_status fs_session_make_covered(fs_session *session, int n, fs_error *err) {
    if (n > FS_SESSION_MAX_RUNS)
        return fs_fail(err, FS_ERROR_LIMIT, "'picture.covered' has more than %d runs of pixels",
                       FS_SESSION_MAX_RUNS);
    if (n == 0)
        return FS_OK;
    session->covered = fs_calloc((size_t)n, sizeof *session->covered);
    if (session->covered == NULL)
        return fs_fail_memory(err, "what is covered of the picture");
    session->n_covered = n;
    return FS_OK;
}

fs_status fs_session_copy(fs_session *out, const fs_session *session, fs_error *err) {
    fs_session copy = *session;
    copy.unfrozen = NULL;
    copy.covered = NULL;
    copy.n_unfrozen = copy.n_covered = 0;
    fs_status status = fs_session_make_covered(&copy, session->n_covered, err);
    if (status == FS_OK && session->n_covered > 0)
        memcpy(copy.covered, session->covered, (size_t)session->n_covered * sizeof *copy.covered);
    for (int i = 0; status == FS_OK && i < session->n_unfrozen; i++)
        status = fs_session_add_unfrozen(&copy, session->unfrozen[i], err);
    if (status != FS_OK)
        fs_session_free(&copy);
    *out = copy;
    return status;
}
