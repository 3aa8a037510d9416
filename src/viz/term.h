/* One term of an objective: a number for every item of a batch, made from a layer's activation or from the
 * picture, and its gradient. Each kind is a table entry with its parameters and three functions; the families
 * are files of viz/objectives/, the list of all is objectives/registry.c. viz/goal.h ties terms together.
 *
 *     term.kind->bind(&term, &site, &err);              // arguments and shapes checked, memory allocated
 *     term.kind->value(&term, &view, values);           // values[i] of item i
 *     term.kind->gradient(&term, &view, weights);       // adds sum_i weights[i] * d values[i] to the
 * gradient
 *
 * value and gradient are called in turn on the same activations: gradient may use what value left in the
 * term's memory. Where items are coupled, weights of all items reach the gradient of each. Neither allocates;
 * one thread at a time. */
#ifndef FS_VIZ_TERM_H
#define FS_VIZ_TERM_H

#include "base/pool.h"
#include "engine/model.h"
#include "viz/expression.h"
#include "viz/objective.h"

typedef struct fs_term_kind fs_term_kind;

typedef enum fs_term_subject {
    FS_TERM_OF_LAYER,   /* has a parameter "layer" */
    FS_TERM_OF_LOGITS,  /* looks at the class scores */
    FS_TERM_OF_PICTURE, /* of the picture in 0..1, before transforms and preprocessing */
    FS_TERM_OF_NODES    /* joins other parts of the expression; viz/goal.c knows how */
} fs_term_subject;

typedef struct fs_term {
    const fs_term_kind *kind;
    const fs_call_node *call;
    fs_objective *units; /* [n] the units of each item; of some kinds */
    float *reference;    /* what activations are compared with */
    float *work;
    double *sums;
    int64_t count; /* of reference, or whatever the kind counts */
} fs_term;

/* What there is to know when the plan has been made. */
typedef struct fs_term_site {
    const fs_model *model;
    const fs_layer *layer; /* NULL for a term of the picture */
    fs_shape shape;        /* of the layer's activation, all items: [N,C,...] */
    bool affine;           /* the layer is affine in the image: fs_objective_rectify */
    int n;                 /* items */
    int size;              /* of the picture */
    const int *channels;   /* [n] channels of a wall, NULL: the call's own */
    /* The layer's activation for a file's picture, cropped to the render's square and seen without random
     * transforms: [C,...], fs_free. */
    fs_status (*picture)(void *context, const char *path, float **out, fs_error *err);
    void *context;
} fs_term_site;

/* What there is to see in a step. */
typedef struct fs_term_view {
    int n;
    fs_shape shape;
    int64_t count;           /* floats of an item's activation */
    const float *activation; /* [n][count] */
    float *gradient;         /* [n][count], added to */
    int size;
    const float *canvases; /* [n] canvases, viz/canvas.h */
    float *canvas_grads;   /* [n] canvases, added to where wanted */
    const bool *wanted;    /* [n], NULL for all */
    fs_pool *pool;
} fs_term_view;

struct fs_term_kind {
    fs_function function;
    fs_term_subject subject;
    fs_status (*bind)(fs_term *term, const fs_term_site *site, fs_error *err);
    void (*value)(fs_term *term, const fs_term_view *view, double *values);
    void (*gradient)(fs_term *term, const fs_term_view *view, const double *weights);
    /* Whether the units that the term wants to raise are off everywhere in the item; NULL: no such units. */
    bool (*asleep)(const fs_term *term, int item, const fs_term_view *view);
};

/* All kinds; ended by NULL. A kind begins with its function: one pointer is the other. */
extern const fs_term_kind *const fs_term_kinds[];
const fs_term_kind *fs_term_kind_find(const char *name);

/* The call's arguments by name, which must be one of the kind's parameters. */
double fs_term_number(const fs_term *term, const char *parameter);
const char *fs_term_text(const fs_term *term, const char *parameter);
bool fs_term_given(const fs_term *term, const char *parameter);
/* "column 9" before the message, where there is a text. */
fs_status fs_term_fail_at(const fs_term *term, const char *parameter, fs_status status, fs_error *err);

void fs_term_destroy(fs_term *term); /* what it allocated */

#endif
