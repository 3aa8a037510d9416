#include "app/dissect_source.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/text.h"

enum { MAX_CONCEPTS_BYTES = 1 << 20, SPLITS = 2 };

static const char *const mask_names[FS_CONCEPT_KINDS] = {"textures", "parts", "classes"};
static const fs_world_mask world_masks[FS_CONCEPT_KINDS] = {FS_WORLD_TEXTURES, FS_WORLD_PARTS,
                                                            FS_WORLD_CLASSES};
static const char *const splits[SPLITS] = {"train", "val"};

struct fs_dissect_source {
    fs_dissection_source source;
    const char *names[FS_CONCEPT_KINDS][FS_DISSECTION_LABELS]; /* NULL: no concept */
    fs_arena *arena;
    /* drawn */
    fs_world_set set;
    uint64_t seed;
    int size;
    /* from a folder */
    char *folder;
    fs_folder *files[SPLITS];
};

const fs_dissection_source *fs_dissect_source_get(const fs_dissect_source *source) {
    return &source->source;
}

static fs_status create(fs_dissect_source **out, fs_error *err) {
    fs_dissect_source *s = fs_calloc(1, sizeof *s);
    if (!s || !(s->arena = fs_arena_create())) {
        fs_free(s);
        return fs_fail_memory(err, "pictures with masks");
    }
    for (int k = 0; k < FS_CONCEPT_KINDS; k++)
        s->source.names[k] = s->names[k];
    s->source.context = s;
    *out = s;
    return FS_OK;
}

void fs_dissect_source_destroy(fs_dissect_source *source) {
    if (!source)
        return;
    for (int i = 0; i < SPLITS; i++)
        fs_folder_destroy(source->files[i]);
    fs_arena_destroy(source->arena);
    fs_free(source->folder);
    fs_free(source);
}

/* A swatch is of a class that is called as its texture: the texture is the concept, there is no object. */
static void forget_swatches(fs_dissect_source *s) {
    const char *const *textures = s->names[FS_CONCEPT_TEXTURE];
    const char **objects = s->names[FS_CONCEPT_OBJECT];
    for (int i = 0; i < s->source.labels[FS_CONCEPT_OBJECT]; i++)
        for (int k = 0; k < s->source.labels[FS_CONCEPT_TEXTURE] && objects[i]; k++)
            if (textures[k] && strcmp(textures[k], objects[i]) == 0)
                objects[i] = NULL;
}

/* ---- drawn ---- */

static fs_status draw(void *context, int index, fs_dissection_picture *out, fs_error *err) {
    const fs_dissect_source *s = context;
    const fs_world_request request = {s->seed, (uint64_t)index, s->set, s->size, true};
    fs_world_picture picture = {0};
    fs_status status = fs_world_draw(&picture, &request, err);
    if (status != FS_OK)
        return status;
    *out = (fs_dissection_picture){.image = picture.image};
    out->masks[FS_CONCEPT_TEXTURE] = picture.textures;
    out->masks[FS_CONCEPT_PART] = picture.parts;
    out->masks[FS_CONCEPT_OBJECT] = picture.classes;
    return FS_OK;
}

fs_status fs_dissect_source_world(fs_dissect_source **out, fs_world_set set, uint64_t seed, int size, int n,
                                  fs_error *err) {
    fs_dissect_source *s = NULL;
    fs_status status = create(&s, err);
    if (status != FS_OK)
        return status;
    s->set = set;
    s->seed = seed;
    s->size = size;
    s->source.n_pictures = n;
    s->source.get = draw;
    for (int k = 0; k < FS_CONCEPT_KINDS; k++) {
        s->source.labels[k] = fs_world_labels(world_masks[k]);
        for (int label = 1; label < s->source.labels[k]; label++)
            s->names[k][label] = fs_world_label_name(world_masks[k], label);
    }
    s->names[FS_CONCEPT_OBJECT][fs_world_clutter_label()] = NULL;
    forget_swatches(s);
    *out = s;
    return FS_OK;
}

/* ---- from a folder ---- */

static const fs_folder_file *file_of(const fs_dissect_source *s, int index, const char **split) {
    const int first = s->files[0] ? s->files[0]->n_files : 0, second = s->files[1] ? s->files[1]->n_files : 0;
    const int file = (int)((int64_t)index * (first + second) / s->source.n_pictures);
    const int which = file >= first;
    *split = splits[which];
    return &s->files[which]->files[which ? file - first : file];
}

/* Grey as stb_image gives it, three times the same. */
static fs_status read_mask(fs_image *out, const char *path, fs_error *err) {
    fs_image read = {0};
    fs_status status = fs_image_read(&read, path, err);
    if (status == FS_OK)
        status = fs_image_create(out, read.width, read.height, 1, err);
    for (int64_t i = 0; status == FS_OK && i < (int64_t)read.width * read.height; i++)
        out->pixels[i] = read.pixels[i * read.channels];
    fs_image_free(&read);
    return status;
}

static fs_status read_picture(void *context, int index, fs_dissection_picture *out, fs_error *err) {
    const fs_dissect_source *s = context;
    const char *split;
    const fs_folder_file *file = file_of(s, index, &split);
    fs_dissection_picture picture = {0};
    fs_status status = fs_image_read(&picture.image, file->path, err);
    for (int k = 0; k < FS_CONCEPT_KINDS && status == FS_OK; k++) {
        fs_text path = {0};
        fs_text_add(&path, "%s/masks/%s/%s", s->folder, mask_names[k], file->name);
        status = fs_text_broken(&path) ? fs_fail_memory(err, "the name of a mask")
                                       : read_mask(&picture.masks[k], path.bytes, err);
        fs_text_free(&path);
    }
    if (status == FS_OK)
        *out = picture;
    else
        fs_dissection_picture_free(&picture);
    return status;
}

static fs_status read_names(fs_dissect_source *s, int kind, const cJSON *root, fs_error *err) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, mask_names[kind]), *item;
    const int n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    int label = 0;
    if (n < 1 || n > FS_DISSECTION_LABELS)
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' must be a list of 1 to %d names", mask_names[kind],
                       FS_DISSECTION_LABELS);
    cJSON_ArrayForEach(item, list) {
        if (!cJSON_IsString(item) || !fs_concept_is_name(item->valuestring))
            return fs_fail(err, FS_ERROR_FORMAT, "'%s' must hold names of at most %d bytes", mask_names[kind],
                           FS_CONCEPT_MAX_NAME);
        const bool concept = label > 0 && strcmp(item->valuestring, "clutter") != 0;
        if (concept && !(s->names[kind][label] = fs_arena_strdup(s->arena, item->valuestring)))
            return fs_fail_memory(err, "concepts");
        label++;
    }
    s->source.labels[kind] = n;
    return FS_OK;
}

static fs_status read_concepts(fs_dissect_source *s, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_text path = {0};
    fs_text_add(&path, "%s/concepts.json", s->folder);
    if (fs_text_broken(&path))
        return fs_fail_memory(err, "a file name");
    fs_status status = fs_file_read(&bytes, &size, path.bytes, MAX_CONCEPTS_BYTES, err);
    if (status == FS_OK) {
        cJSON *root = NULL;
        status = fs_json_parse(&root, (const char *)bytes, size, err);
        for (int k = 0; k < FS_CONCEPT_KINDS && status == FS_OK; k++)
            status = read_names(s, k, root, err);
        cJSON_Delete(root);
        if (status != FS_OK)
            fs_error_prefix(err, status, "%s", path.bytes);
        else
            forget_swatches(s);
    }
    fs_free(bytes);
    fs_text_free(&path);
    return status;
}

/* One of the two may have no pictures. */
static fs_status list_files(fs_dissect_source *s, int n, fs_error *err) {
    fs_error why = {0};
    int found = 0;
    for (int i = 0; i < SPLITS; i++) {
        fs_text path = {0};
        fs_text_add(&path, "%s/%s", s->folder, splits[i]);
        if (fs_text_broken(&path))
            return fs_fail_memory(err, "a file name");
        if (fs_folder_list(&s->files[i], path.bytes, &why) == FS_OK)
            found += s->files[i]->n_files;
        fs_text_free(&path);
    }
    if (found == 0)
        return fs_fail(err, why.code, "%s", why.message);
    s->source.n_pictures = n < found ? n : found;
    return FS_OK;
}

fs_status fs_dissect_source_folder(fs_dissect_source **out, const char *folder, int n, fs_error *err) {
    fs_dissect_source *s = NULL;
    fs_status status = create(&s, err);
    if (status != FS_OK)
        return status;
    s->source.get = read_picture;
    s->folder = fs_strdup(folder);
    status = s->folder ? read_concepts(s, err) : fs_fail_memory(err, "a file name");
    if (status == FS_OK)
        status = list_files(s, n, err);
    if (status == FS_OK)
        *out = s;
    else
        fs_dissect_source_destroy(s);
    return status;
}
