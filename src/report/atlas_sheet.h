/* Contact sheets of an atlas, as PNG pages and PDF.
 *
 *     fs_atlas_sheets(atlas, &layers[0], NULL, &err);     // FOLDER/LAYER/sheet-001.png ..., FOLDER/LAYER.pdf
 *     fs_atlas_overview(atlas, NULL, &err);               // FOLDER/overview-001.png ..., FOLDER/overview.pdf
 *
 * A sheet has eight columns of tiles, each with its channel, what the channel is called where that is known,
 * and the objective that was reached; a tile that diverged says so. The overview has a row for each layer,
 * with some of its channels evenly chosen, under the layers' levels as chapters. Both are made from what the
 * atlas says is drawn; tiles that are still open are left out. Both stop between two pages when the progress
 * says so (NULL: they do not).
 *
 * One thread at a time. */
#ifndef FS_REPORT_ATLAS_SHEET_H
#define FS_REPORT_ATLAS_SHEET_H

#include "viz/atlas.h"

fs_status fs_atlas_sheets(const fs_atlas *atlas, const fs_atlas_layer *layer, const fs_progress *progress,
                          fs_error *err);
fs_status fs_atlas_overview(const fs_atlas *atlas, const fs_progress *progress, fs_error *err);

#endif
