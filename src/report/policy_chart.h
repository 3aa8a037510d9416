/* Several ways to train one network, side by side in one picture: how many pictures each gets right, how
 * validation went over time, and how far each layer was moved.
 *
 *     const fs_policy policies[] = {{.name = "head", .right = 143, .pictures = 153, ...}, ...};
 *     const fs_policy_chart chart = {.title = "SqueezeNet on hymenoptera", .policies = policies, .n = 5,
 * ...}; fs_policy_chart_draw(&chart, &image, &err);
 *
 * Everything is borrowed for the call. One thread at a time. */
#ifndef FS_REPORT_POLICY_CHART_H
#define FS_REPORT_POLICY_CHART_H

#include "report/page.h"

enum { FS_POLICY_CHART_MOST = FS_LEVEL_COUNT }; /* as many as there are colours */

typedef struct fs_policy {
    const char *name;
    int right, pictures;      /* of the validation pictures, with the best weights */
    const double *seconds;    /* [n_epochs] rising */
    const double *accuracies; /* [n_epochs] 0..1, validation */
    int n_epochs;             /* at least 1 */
    int best;                 /* an epoch */
    const double *cka;        /* [n_layers]; NaN makes a gap */
} fs_policy;

typedef struct fs_policy_chart {
    const char *title, *subtitle;
    const fs_policy *policies;
    int n; /* 1..FS_POLICY_CHART_MOST */
    const char *const *layers;
    int n_layers; /* 0: nothing was measured, and the chart of layers is left out */
} fs_policy_chart;

fs_status fs_policy_chart_draw(const fs_policy_chart *chart, fs_image *out, fs_error *err);

/* sqrt(p (1 - p) / n) of right answers among n pictures. */
double fs_policy_standard_error(int right, int pictures);

#endif
