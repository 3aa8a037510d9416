#include <stdio.h>
#include <string.h>

#include "engine/import/graphdef_private.h"

static const FsGraphdef__Value *find(const fs_graphdef_node *node, const char *key) {
    for (size_t i = 0; i < node->def->n_attr; i++)
        if (strcmp(node->def->attr[i]->key, key) == 0)
            return node->def->attr[i]->value;
    return NULL;
}

static fs_status fail_kind(const char *key, const char *expected, fs_error *err) {
    return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' is not %s", key, expected);
}

fs_status fs_graphdef_int(const fs_graphdef_node *node, const char *key, int64_t fallback, int64_t *out,
                          fs_error *err) {
    const FsGraphdef__Value *value = find(node, key);
    if (value && value->kind_case != FS_GRAPHDEF__VALUE__KIND_I)
        return fail_kind(key, "a whole number", err);
    *out = value ? value->i : fallback;
    return FS_OK;
}

fs_status fs_graphdef_float(const fs_graphdef_node *node, const char *key, float fallback, float *out,
                            fs_error *err) {
    const FsGraphdef__Value *value = find(node, key);
    if (value && value->kind_case != FS_GRAPHDEF__VALUE__KIND_F)
        return fail_kind(key, "a number", err);
    *out = value ? value->f : fallback;
    return FS_OK;
}

fs_status fs_graphdef_bool(const fs_graphdef_node *node, const char *key, bool fallback, bool *out,
                           fs_error *err) {
    const FsGraphdef__Value *value = find(node, key);
    if (value && value->kind_case != FS_GRAPHDEF__VALUE__KIND_B)
        return fail_kind(key, "true or false", err);
    *out = value ? value->b : fallback;
    return FS_OK;
}

fs_status fs_graphdef_type(const fs_graphdef_node *node, const char *key, int *out, fs_error *err) {
    const FsGraphdef__Value *value = find(node, key);
    if (value && value->kind_case != FS_GRAPHDEF__VALUE__KIND_TYPE)
        return fail_kind(key, "a type", err);
    *out = value ? value->type : 0;
    return FS_OK;
}

bool fs_graphdef_says(const fs_graphdef_node *node, const char *key, const char *fallback, const char *text) {
    const FsGraphdef__Value *value = find(node, key);
    if (!value)
        return strcmp(fallback, text) == 0;
    return value->kind_case == FS_GRAPHDEF__VALUE__KIND_S && value->s.len == strlen(text) &&
           memcmp(value->s.data, text, value->s.len) == 0;
}

const char *fs_graphdef_text(const fs_graphdef_node *node, const char *key, char out[32]) {
    const FsGraphdef__Value *value = find(node, key);
    const bool text = value && value->kind_case == FS_GRAPHDEF__VALUE__KIND_S;
    snprintf(out, 32, "%.*s",
             text && value->s.len < 31 ? (int)value->s.len
             : text                    ? 31
                                       : 0,
             text && value->s.len ? (const char *)value->s.data : "");
    return out;
}

fs_status fs_graphdef_ints(const fs_graphdef_node *node, const char *key, const int64_t **out, int *count,
                           fs_error *err) {
    const FsGraphdef__Value *value = find(node, key);
    *out = NULL;
    *count = -1;
    if (!value)
        return FS_OK;
    if (value->kind_case != FS_GRAPHDEF__VALUE__KIND_LIST || !value->list || value->list->n_s ||
        value->list->n_f)
        return fail_kind(key, "a list of whole numbers", err);
    if (value->list->n_i > FS_GRAPHDEF_MAX_LIST)
        return fs_fail(err, FS_ERROR_LIMIT, "attribute '%s' has %zu numbers, more than %d", key,
                       value->list->n_i, FS_GRAPHDEF_MAX_LIST);
    *out = value->list->i;
    *count = (int)value->list->n_i;
    return FS_OK;
}

const fs_graphdef_tensor *fs_graphdef_tensor_of(const fs_graphdef_node *node, const char *key) {
    const FsGraphdef__Value *value = find(node, key);
    return value && value->kind_case == FS_GRAPHDEF__VALUE__KIND_TENSOR ? value->tensor : NULL;
}

const FsGraphdef__Shape *fs_graphdef_shape_of(const fs_graphdef_node *node, const char *key) {
    const FsGraphdef__Value *value = find(node, key);
    return value && value->kind_case == FS_GRAPHDEF__VALUE__KIND_SHAPE ? value->shape : NULL;
}
