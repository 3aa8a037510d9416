#include "app/atlas_make.h"

#include "app/atlas_sheets.h"
#include "app/tile_store.h"
#include "base/alloc.h"
#include "base/file.h"
#include "registry/digest.h"

enum { CHUNK = 1 << 20 };

/* ---- the model's fingerprint ---- */

static fs_status digest_file(fs_digest *digest, fs_file_reader *reader, uint8_t *chunk, fs_error *err) {
    size_t size = fs_file_reader_size(reader);
    fs_status status = FS_OK;
    for (size_t at = 0; at < size && status == FS_OK; at += CHUNK) {
        size_t n = size - at < CHUNK ? size - at : CHUNK;
        status = fs_file_reader_read(reader, at, chunk, n, err);
        if (status == FS_OK)
            status = fs_digest_update(digest, chunk, n, err);
    }
    return status;
}

static fs_status fingerprint(char text[FS_DIGEST_TEXT], const char *path, fs_error *err) {
    fs_file_reader *reader = NULL;
    fs_digest *digest = NULL;
    uint8_t *chunk = fs_alloc(CHUNK);
    fs_status status = chunk != NULL ? FS_OK : fs_fail_memory(err, path);
    if (status == FS_OK)
        status = fs_file_reader_create(&reader, path, SIZE_MAX / 2, err);
    if (status == FS_OK)
        status = fs_digest_create(&digest, FS_DIGEST_SHA256, (int64_t)fs_file_reader_size(reader), err);
    if (status == FS_OK)
        status = digest_file(digest, reader, chunk, err);
    if (status == FS_OK)
        status = fs_digest_finish(digest, text, err);
    fs_digest_destroy(digest);
    fs_file_reader_destroy(reader);
    fs_free(chunk);
    return status;
}

/* ---- the atlas ---- */

void fs_atlas_job_defaults(fs_atlas_job *job) {
    fs_options_defaults(fs_render_options, &job->render);
    (void)fs_options_set(fs_render_options, &job->render, "size", FS_ATLAS_SIZE, NULL);
    (void)fs_options_set(fs_render_options, &job->render, "steps", FS_ATLAS_STEPS, NULL);
}

static fs_status add_one(const fs_atlas_job *job, fs_atlas *atlas, fs_error *err) {
    fs_status status = fs_atlas_add(atlas, job->layer, job->channels, job->per_layer, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", fs_atlas_model(atlas)->path);
}

static fs_status add_all(const fs_atlas_job *job, fs_atlas *atlas, fs_error *err) {
    const fs_model *model = fs_atlas_model(atlas);
    const fs_atlas_layer *layers;
    fs_error why = {0};
    for (int l = 0; l < model->n_layers; l++) {
        if (!fs_atlas_is_chapter(model, l))
            continue;
        fs_status status = fs_atlas_add(atlas, &model->layers[l], NULL, job->per_layer, &why);
        if (status == FS_ERROR_MEMORY)
            return fs_fail_memory(err, "an atlas");
        if (status != FS_OK && job->left_out != NULL)
            job->left_out(job->context, why.message);
    }
    if (fs_atlas_layers(atlas, &layers) > 0)
        return FS_OK;
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: none of its layers can be rendered%s%.200s", model->path,
                   *why.message ? ": " : "", why.message);
}

/* What is to be drawn is rank 0's to know. */
static fs_status plan(fs_atlas_made *made, const fs_atlas_job *job, fs_atlas *atlas, fs_error *err) {
    if (fs_cluster_rank(job->cluster) != 0)
        return FS_OK;
    fs_status status = job->layer != NULL ? add_one(job, atlas, err) : add_all(job, atlas, err);
    if (status == FS_OK && job->resume)
        status = fs_atlas_resume(atlas, err);
    made->before = fs_atlas_count(atlas, FS_ATLAS_DRAWN);
    return status;
}

static fs_status draw(fs_atlas_made *made, const fs_atlas_job *job, fs_atlas *atlas, fs_error *err) {
    fs_status status = fs_atlas_run(atlas, job->pool, job->at_once, job->progress, err);
    if (status == FS_OK)
        status = fs_atlas_write_sheets(atlas, job->progress, err);
    made->drawn = fs_atlas_count(atlas, FS_ATLAS_DRAWN);
    made->diverged = fs_atlas_count(atlas, FS_ATLAS_DIVERGED);
    return status;
}

fs_status fs_atlas_make(fs_atlas_made *out, fs_model *model, const fs_atlas_job *job, fs_error *err) {
    char text[FS_DIGEST_TEXT];
    fs_atlas *atlas = NULL;
    fs_atlas_made made = {0};
    const fs_atlas_request request = {.folder = job->folder,
                                      .fingerprint = text,
                                      .store = fs_tile_store(model),
                                      .cluster = job->cluster,
                                      .render = job->render};
    fs_status status = fingerprint(text, model->path, err);
    if (status == FS_OK)
        status = fs_atlas_create(&atlas, model, &request, err);
    if (status == FS_OK)
        status = plan(&made, job, atlas, err);
    status = fs_cluster_agree(job->cluster, status, err);
    if (status == FS_OK)
        status = draw(&made, job, atlas, err);
    fs_atlas_destroy(atlas);
    if (status == FS_OK)
        *out = made;
    return status;
}
