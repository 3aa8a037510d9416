/* The substitution test: kernels of a layer replaced by their fits, in several ways, and what it does to the
 * network. This file makes the kernels and holds the numbers; who runs the network fills them in.
 *
 *     fs_kernels replaced = {0};
 *     fs_substitutes substitutes = {0};
 *     fs_substitutes_create(&substitutes, &kernels, &analysis, &err);
 *     fs_substitutes_make(&substitutes, &fs_variant_table[i], seed, replaced.values);
 *
 * A variant chooses kernels by class and says what stands in their place and in the place of the others:
 *   fit        the Gabor fit in colour: one geometry, each channel's own amplitude and offset
 *   rank one   the kernel's colour times the Gabor fit of its profile
 *   blob       the kernel's colour times the elliptic Gaussian fitted to its profile
 *   zeros
 *   noise      independent normal numbers, scaled to the kernel's norm
 *   shuffled   its own pixels in another order, the same for all colours
 * Biases and all other layers stay as they are. */
#ifndef FS_GABOR_SUBSTITUTION_H
#define FS_GABOR_SUBSTITUTION_H

#include "gabor/analysis.h"

typedef enum fs_substitute {
    FS_SUBSTITUTE_LEARNED,
    FS_SUBSTITUTE_FIT,
    FS_SUBSTITUTE_RANK_ONE,
    FS_SUBSTITUTE_BLOB,
    FS_SUBSTITUTE_ZERO,
    FS_SUBSTITUTE_NOISE,
    FS_SUBSTITUTE_SHUFFLED
} fs_substitute;

typedef enum fs_variant_choice { FS_CHOICE_ALL, FS_CHOICE_GABOR, FS_CHOICE_GABOR_EDGE } fs_variant_choice;

typedef struct fs_variant {
    const char *name;  /* in files: "gabor_fit_rest_zero" */
    const char *title; /* for people */
    fs_variant_choice choice;
    fs_substitute chosen, others;
} fs_variant;
enum { FS_VARIANTS = 11 };
extern const fs_variant fs_variant_table[FS_VARIANTS];
/* Whether it has random numbers in it and is repeated with several seeds. */
bool fs_variant_is_random(const fs_variant *variant);

typedef struct fs_substitutes {
    const fs_kernels *kernels; /* borrowed */
    const fs_analysis *analysis;
    fs_kernels blobs;
} fs_substitutes;
fs_status fs_substitutes_create(fs_substitutes *out, const fs_kernels *kernels, const fs_analysis *analysis,
                                fs_error *err);
void fs_substitutes_free(fs_substitutes *substitutes);
/* out: [count][channels][height][width]. Returns how many kernels the variant chooses. */
int fs_substitutes_make(const fs_substitutes *substitutes, const fs_variant *variant, uint64_t seed,
                        double *out);

/* -- what it does to the network -- */

typedef struct fs_repeated {
    double mean, spread; /* over repeats; the sample's standard deviation, 0 for one */
} fs_repeated;

typedef struct fs_variant_result {
    int chosen, repeats;
    fs_repeated change;     /* ||W' - W||^2 / ||W||^2 over the layer */
    fs_repeated top1, top5; /* shares of the labelled pictures; NaN without labels */
    fs_repeated agreement;  /* share of pictures whose first class is the original's */
    fs_repeated divergence; /* mean of KL(original || variant) = sum p ln(p / q), nats */
    fs_repeated *cka;       /* [n_layers] */
} fs_variant_result;

typedef struct fs_substitution {
    int pictures, labelled, compared; /* compared: pictures that CKA is taken over */
    int unreadable;
    double top1, top5; /* of the original; NaN without labels */
    int n_layers;
    char **layers; /* names of those that are compared */
    fs_variant_result results[FS_VARIANTS];
} fs_substitution;

fs_status fs_substitution_create(fs_substitution *out, const char *const *layers, int n_layers,
                                 fs_error *err);
void fs_substitution_free(fs_substitution *substitution);

/* docs/formats.md has the fields. model and layer: names; seed: of the random variants. */
fs_status fs_substitution_write_json(const fs_substitution *s, const char *model, const char *layer,
                                     uint64_t seed, const char *path, fs_error *err);
fs_status fs_substitution_write_csv(const fs_substitution *s, const char *path, fs_error *err);

#endif
