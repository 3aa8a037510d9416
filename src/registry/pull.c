#include "registry/pull.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "registry/archive.h"
#include "registry/download.h"
#include "registry/labels.h"
#include "registry/part.h"
#include "registry/sidecar_write.h"
#include "registry/store.h"
#include "registry/verify.h"

static const char labels_ending[] = ".labels.txt";

typedef struct pull {
    const fs_registry_entry *entry;
    const fs_pull_options *options;
    char *part_path, *model, *sidecar, *labels;
    fs_part part;
    bool wrote_sidecar, wrote_labels; /* to be taken back if the model does not get into place */
} pull;

fs_pull_options fs_pull_options_default(void) {
    const fs_download usual = fs_download_default();
    return (fs_pull_options){.connect_seconds = usual.connect_seconds, .stall_seconds = usual.stall_seconds};
}

/* ---- what stands beside the model ---- */

static fs_status write_sidecar(pull *p, fs_error *err) {
    char *text = NULL;
    if (fs_file_exists(p->sidecar))
        return FS_OK;
    fs_status status = fs_registry_sidecar_text(
        &text, p->entry, p->entry->labels_member ? fs_path_base(p->labels) : NULL, err);
    if (status == FS_OK)
        status = fs_file_write(p->sidecar, text, strlen(text), err);
    p->wrote_sidecar = status == FS_OK;
    fs_free(text);
    return status;
}

static fs_status write_labels(pull *p, fs_archive *archive, fs_error *err) {
    uint8_t *text = NULL;
    size_t size = 0;
    const bool had_labels = fs_file_exists(p->labels);
    if (p->entry->labels_member == NULL)
        return FS_OK;
    fs_status status =
        fs_archive_read_all(archive, p->entry->labels_member, FS_REGISTRY_MAX_LABELS, &text, &size, err);
    if (status != FS_OK)
        return status;
    status = fs_registry_check_labels((const char *)text, size, err);
    if (status == FS_OK)
        status = fs_file_write(p->labels, text, size, err);
    p->wrote_labels = status == FS_OK && !had_labels;
    fs_free(text);
    return status;
}

static void take_back(const pull *p) {
    if (p->wrote_sidecar)
        unlink(p->sidecar);
    if (p->wrote_labels)
        unlink(p->labels);
}

/* ---- a model that is the download itself ---- */

static fs_status place_plain(pull *p, fs_error *err) {
    fs_status status = fs_registry_verify(p->entry, p->part.fd, p->options->progress, err);
    if (status == FS_OK)
        status = write_sidecar(p, err);
    return status == FS_OK ? fs_part_rename(&p->part, p->model, err) : status;
}

/* ---- a model inside an archive ---- */

static fs_status copy_member(const pull *p, fs_archive *archive, fs_digest *digest, FILE *to, fs_error *err) {
    uint8_t *chunk = fs_alloc(FS_VERIFY_CHUNK);
    fs_status status = chunk ? FS_OK : fs_fail_memory(err, "a zip archive");
    for (size_t got = 1; status == FS_OK && got > 0;) {
        if (fs_progress_cancelled(p->options->progress))
            status = fs_fail(err, FS_ERROR_CANCELLED, "stopped while the archive was unpacked");
        if (status == FS_OK)
            status = fs_archive_read(archive, chunk, FS_VERIFY_CHUNK, &got, err);
        if (status == FS_OK)
            status = fs_digest_update(digest, chunk, got, err);
        if (status == FS_OK && fwrite(chunk, 1, got, to) != got)
            status = fs_fail(err, FS_ERROR_IO, "%s: %s", p->model, strerror(errno));
    }
    fs_free(chunk);
    return status;
}

/* Into a temporary file, which becomes the model when `*out` is committed. */
static fs_status unpack_model(const pull *p, fs_archive *archive, fs_file_writer **out, fs_error *err) {
    int64_t size = 0;
    char computed[FS_DIGEST_TEXT];
    fs_digest *digest = NULL;
    fs_file_writer *writer = NULL;
    fs_status status = fs_archive_enter(archive, p->entry->member, FS_REGISTRY_MAX_MEMBER, &size, err);
    if (status == FS_OK)
        status = fs_digest_create(&digest, p->entry->digest_kind, size, err);
    if (status == FS_OK)
        status = fs_file_writer_create(&writer, p->model, err);
    if (status == FS_OK)
        status = copy_member(p, archive, digest, fs_file_writer_stream(writer), err);
    if (status == FS_OK)
        status = fs_digest_finish(digest, computed, err);
    if (status == FS_OK)
        status = fs_registry_check_digest(p->entry, computed, err);
    fs_digest_destroy(digest);
    if (status == FS_OK)
        *out = writer;
    else
        fs_file_writer_abandon(writer);
    return status;
}

static fs_status place_member(pull *p, fs_error *err) {
    fs_archive *archive = NULL;
    fs_file_writer *writer = NULL;
    fs_status status = fs_archive_open(&archive, p->part_path, err);
    if (status == FS_OK)
        status = unpack_model(p, archive, &writer, err);
    if (status == FS_OK)
        status = write_labels(p, archive, err);
    if (status == FS_OK)
        status = write_sidecar(p, err);
    fs_archive_close(archive);
    if (status != FS_OK) {
        fs_file_writer_abandon(writer);
        return status;
    }
    status = fs_file_writer_commit(writer, err);
    if (status == FS_OK)
        fs_part_discard(&p->part);
    return status;
}

/* ---- the whole ---- */

static fs_status fetch(pull *p, fs_error *err) {
    const fs_registry_entry *entry = p->entry;
    char label[64];
    snprintf(label, sizeof label, "pulling %.40s, MB", entry->name);
    const fs_download request = {.url = p->options->from ? p->options->from : entry->url,
                                 .size = entry->is_estimate ? 0 : entry->bytes,
                                 .limit = FS_REGISTRY_MAX_ARCHIVE,
                                 .estimate = entry->bytes,
                                 .connect_seconds = p->options->connect_seconds,
                                 .stall_seconds = p->options->stall_seconds,
                                 .label = label,
                                 .progress = p->options->progress};
    fs_status status = fs_download_run(&request, p->part.fd, err);
    if (status == FS_OK)
        status = entry->member ? place_member(p, err) : place_plain(p, err);
    if (status == FS_ERROR_FORMAT || status == FS_ERROR_LIMIT)
        fs_part_discard(&p->part);
    if (status != FS_OK)
        take_back(p);
    return status;
}

/* Whether all of it is there already; a model that fails the check counts as absent. */
static fs_status find_there(const pull *p, bool *there, fs_error *err) {
    *there = false;
    const int fd = open(p->model, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? FS_OK : fs_fail(err, FS_ERROR_IO, "%s: %s", p->model, strerror(errno));
    fs_status status = fs_registry_verify(p->entry, fd, p->options->progress, err);
    close(fd);
    if (status == FS_ERROR_FORMAT)
        return FS_OK;
    *there = status == FS_OK && (p->entry->labels_member == NULL || fs_file_exists(p->labels));
    return status;
}

static fs_status run(pull *p, fs_pull_outcome *outcome, fs_error *err) {
    bool there = false;
    fs_status status = fs_part_open(&p->part, p->part_path, err);
    if (status != FS_OK)
        return status;
    status = find_there(p, &there, err);
    if (status == FS_OK)
        status = there ? write_sidecar(p, err) : fetch(p, err);
    if (status == FS_OK)
        *outcome = there ? FS_PULL_WAS_THERE : FS_PULL_FETCHED;
    fs_part_close(&p->part);
    return status;
}

fs_status fs_registry_pull(const fs_registry_entry *entry, const char *folder, const fs_pull_options *options,
                           fs_pull_outcome *outcome, fs_error *err) {
    pull p = {.entry = entry, .options = options};
    fs_status status = fs_make_folder(folder, err);
    p.part_path = fs_registry_path(folder, entry, ".part");
    p.model = fs_registry_model_path(folder, entry);
    p.sidecar = fs_registry_path(folder, entry, ".json");
    p.labels = fs_registry_path(folder, entry, labels_ending);
    if (status == FS_OK && !(p.part_path && p.model && p.sidecar && p.labels))
        status = fs_fail_memory(err, "a file name");
    if (status == FS_OK)
        status = run(&p, outcome, err);
    fs_free(p.part_path);
    fs_free(p.model);
    fs_free(p.sidecar);
    fs_free(p.labels);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", entry->name);
}
