/* The true classes of a folder's pictures.
 *
 *     int *classes = NULL;                       // [folder->n_files], -1 where unknown; fs_free
 *     fs_picture_labels(&classes, folder, "photographs", "", model, n_classes, &err);
 *
 * From a table of lines "file<TAB>class", the file as it is named from the folder on, the class a number; a
 * first line that says "file<TAB>class" is passed over. Without a table given, DIR/classes.tsv where there is
 * one; else the first folder of a picture's name ("tabby/1.jpg"), where it is a label of the model, whole or
 * up to its first comma, or a synset that the label begins with, case and '_' for ' ' aside. */
#ifndef FS_APP_PICTURE_LABELS_H
#define FS_APP_PICTURE_LABELS_H

#include "base/folder.h"
#include "engine/model.h"

fs_status fs_picture_labels(int **out, const fs_folder *folder, const char *path, const char *table,
                            const fs_model *model, int n_classes, fs_error *err);

#endif
