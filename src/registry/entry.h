/* What is known of a public model before it is fetched: where it lies, how to recognise it, how pictures
 * become its input.
 *
 *     const fs_registry_entry *entry = fs_registry_find("inceptionv1");
 *     if (entry == NULL)
 *         return fs_registry_fail_unknown("inceptionv1", err);
 *
 * Entries are constants; everything they point at lives as long as the program. Thread safe. */
#ifndef FS_REGISTRY_ENTRY_H
#define FS_REGISTRY_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "registry/digest.h"

enum {
    FS_REGISTRY_LEVELS = 5, /* edge, texture, pattern, part, object */
    FS_REGISTRY_MAX_ARCHIVE = 64 << 20,
    FS_REGISTRY_MAX_MEMBER = 64 << 20, /* a model inside an archive */
    FS_REGISTRY_MAX_LABELS = 1 << 20,
    FS_REGISTRY_SIZE_TEXT = 24
};

typedef struct fs_registry_entry {
    const char *name;  /* what users type, and the name of the files without extension */
    const char *title; /* for people */
    const char *source;
    const char *url;
    int64_t bytes;              /* how much the URL gives */
    bool is_estimate;           /* `bytes` is only for people to read */
    const char *member;         /* the model inside a zip archive; NULL: the URL gives the model itself */
    const char *labels_member;  /* one class a line, in the same archive; NULL without */
    fs_digest_kind digest_kind; /* of the model file */
    const char *digest;         /* lower-case hexadecimal */
    int height, width;
    const char *channels; /* "RGB" or "BGR" */
    int range;            /* 1 or 255; input = (range * pixel - mean) / std, in the order of `channels` */
    double mean[3], std[3];
    const char *const *levels[FS_REGISTRY_LEVELS]; /* layer names, NULL terminated; NULL: placed by depth */
} fs_registry_entry;

extern const fs_registry_entry fs_registry_catalogue[];
extern const int fs_registry_count;

const fs_registry_entry *fs_registry_find(const char *name); /* NULL when there is none */
/* FS_ERROR_NOT_FOUND with the names that are near. */
fs_status fs_registry_fail_unknown(const char *name, fs_error *err);
/* ".onnx" or ".pb"; borrowed. */
const char *fs_registry_extension(const fs_registry_entry *entry);
/* "5.0 MB", "about 50 MB"; returns text. */
const char *fs_registry_size_text(const fs_registry_entry *entry, char text[FS_REGISTRY_SIZE_TEXT]);

#endif
