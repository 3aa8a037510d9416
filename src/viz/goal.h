/* What a render maximises: the tree of an expression over terms (viz/term.h) bound to layers of a model.
 *
 *     fs_goal_create(&goal, model, &settings, NULL, n, &err);
 *     request.n_outputs = fs_goal_outputs(goal, &request.outputs);      // one plan for all layers
 *     fs_goal_bind(goal, plan, &geometry, pool, &err);
 *     fs_plan_forward(plan, cancel, &err);
 *     fs_goal_evaluate(goal, plan, canvases, values);                   // and the gradients of the outputs
 *     fs_plan_backward(plan, rule, cancel, &err);
 *     fs_goal_add_picture_gradients(goal, canvases, NULL, canvas_grads);
 *
 * The sum of all items' values is maximised. An item's value has nothing of other items unless a term couples
 * them. Model and pool are borrowed. Nothing allocates after fs_goal_bind; one thread at a time. */
#ifndef FS_VIZ_GOAL_H
#define FS_VIZ_GOAL_H

#include "engine/plan.h"
#include "viz/render.h"
#include "viz/transform.h"

typedef struct fs_goal fs_goal;

/* channels: [n] as fs_render_create has them, NULL for the settings' own; they count where
 * fs_render_is_simple. */
fs_status fs_goal_create(fs_goal **out, const fs_model *model, const fs_render_settings *settings,
                         const int *channels, int n, fs_error *err);
void fs_goal_destroy(fs_goal *goal);

/* The values a plan has to give, each once; borrowed. At least one. */
int fs_goal_outputs(const fs_goal *goal, const int **values);

/* Checks channels and positions, reads pictures and directions. The plan has the outputs in their order. */
fs_status fs_goal_bind(fs_goal *goal, const fs_plan *plan, const fs_transform_geometry *geometry,
                       fs_pool *pool, fs_error *err);

/* After a forward: values [n], and every output's gradient of their sum. */
void fs_goal_evaluate(fs_goal *goal, fs_plan *plan, const float *canvases, double *values);

/* [n]: items in which a term that should rise has all its units off, so that other terms alone would decide;
 * as of the last evaluation, borrowed. Never one where the objective has but one term. */
const bool *fs_goal_asleep(const fs_goal *goal);
/* After an evaluation, for the sleepers: the outputs' gradients become those of the sleeping terms alone,
 * which FS_RELU_REDIRECTED then lets through. */
void fs_goal_wake(fs_goal *goal, fs_plan *plan);

/* Some terms look at the picture itself; their gradients, as of the last evaluation, are added to the
 * canvases' where wanted (NULL: everywhere). */
bool fs_goal_has_picture_terms(const fs_goal *goal);
void fs_goal_add_picture_gradients(fs_goal *goal, const float *canvases, const bool *wanted,
                                   float *canvas_grads);

#endif
