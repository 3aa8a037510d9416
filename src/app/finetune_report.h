/* What `finetune` leaves behind besides the model and the log: metrics.json, curves.png, confusion.png and
 * mistakes.png. Formats: docs/formats.md. */
#ifndef FS_APP_FINETUNE_REPORT_H
#define FS_APP_FINETUNE_REPORT_H

#include "engine/train/finetune.h"
#include "engine/train/metrics.h"

typedef struct fs_finetune_report {
    const char *output, *data; /* folders */
    const fs_model *model;
    const fs_dataset *dataset;
    fs_pictures *pictures;
    const fs_finetune_settings *settings;
    const fs_finetune_result *result;
} fs_finetune_report;

/* The curves alone are for a run that was stopped. */
fs_status fs_finetune_write_curves(const fs_finetune_report *report, fs_error *err);
fs_status fs_finetune_write_metrics(const fs_finetune_report *report, const fs_metrics *metrics,
                                    fs_error *err);
fs_status fs_finetune_write_confusion(const fs_finetune_report *report, const fs_metrics *metrics,
                                      fs_error *err);
fs_status fs_finetune_write_mistakes(const fs_finetune_report *report, const fs_metrics *metrics,
                                     fs_error *err);

#endif
