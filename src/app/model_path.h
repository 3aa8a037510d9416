/* What --model means: a file, the name of a public model that was pulled, or of the one that is built in.
 *
 *     char *path = NULL;
 *     fs_model_path_find(&path, "inceptionv1", &err);    //
 * "/home/a/.local/share/filterscope/models/inceptionv1.pb" fs_free(path);
 *
 * A file of that name wins. Nothing means the model that is built in. */
#ifndef FS_APP_MODEL_PATH_H
#define FS_APP_MODEL_PATH_H

#include "base/error.h"

/* The model of the program itself (base/builtin.h): the network of the picture world. */
#define FS_DEFAULT_MODEL "world"

/* Errors say what to do: how to pull a public model that is not here, or where the names are listed.
 * FS_ERROR_NOT_FOUND alone means that the text is neither a file nor a name. */
fs_status fs_model_path_find(char **out, const char *text, fs_error *err);

/* The other way: the name of the public or the built-in model whose file this is, else the path itself;
 * borrowed. What is written into a picture then works on every machine that has the model, and does not tell
 * who made it. */
const char *fs_model_path_name(const char *path);

#endif
