/* The files of a comparison of policies: compare.csv, compare.json and, once layers are measured,
 * compare-layers.csv; compare.png and compare.html when all is there. Formats: docs/formats.md. */
#ifndef FS_APP_FINETUNE_COMPARE_WRITE_H
#define FS_APP_FINETUNE_COMPARE_WRITE_H

#include "app/finetune_compare.h"

/* The tables of what is finished so far. */
fs_status fs_comparison_write_numbers(const fs_comparison *comparison, const fs_comparison_request *request,
                                      fs_error *err);
/* All of them. */
fs_status fs_comparison_write(const fs_comparison *comparison, const fs_comparison_request *request,
                              fs_error *err);

#endif
