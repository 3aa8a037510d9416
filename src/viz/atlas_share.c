/* What rank 0 knows of an atlas, told to the other processes. */
#include <string.h>

#include "base/alloc.h"
#include "viz/atlas_private.h"

typedef struct record {
    int layer; /* of the model */
    fs_atlas_tile tile;
} record;

static int count_tiles(const fs_atlas *atlas) {
    int n = 0;
    for (int l = 0; l < atlas->n_layers; l++)
        n += atlas->layers[l].n_tiles;
    return n;
}

static void fill_records(const fs_atlas *atlas, record *out) {
    for (int l = 0; l < atlas->n_layers; l++)
        for (int t = 0; t < atlas->layers[l].n_tiles; t++)
            *out++ =
                (record){(int)(atlas->layers[l].layer - atlas->model->layers), atlas->layers[l].tiles[t]};
}

/* The tiles of one layer, first of those records. Returns how many they are. */
static int count_layer(const record *records, int n) {
    int count = 0;
    while (count < n && records[count].layer == records[0].layer)
        count++;
    return count;
}

static fs_status take_layer(fs_atlas *atlas, const record *records, int n, fs_error *err) {
    fs_atlas_layer *entry = NULL;
    fs_atlas_tile *tiles = fs_alloc_array((size_t)n, sizeof *tiles);
    fs_status status = tiles != NULL ? FS_OK : fs_fail_memory(err, "an atlas");
    if (status == FS_OK)
        status = fs_atlas_entry(&entry, atlas, &atlas->model->layers[records[0].layer], err);
    if (status != FS_OK) {
        fs_free(tiles);
        return status;
    }
    for (int t = 0; t < n; t++)
        tiles[t] = records[t].tile;
    fs_free(entry->tiles);
    entry->tiles = tiles;
    entry->n_tiles = n;
    return FS_OK;
}

static fs_status take_records(fs_atlas *atlas, const record *records, int n, fs_error *err) {
    fs_status status = FS_OK;
    for (int at = 0, count; at < n && status == FS_OK; at += count) {
        count = count_layer(records + at, n - at);
        status = take_layer(atlas, records + at, count, err);
    }
    return status;
}

fs_status fs_atlas_share(fs_atlas *atlas, fs_error *err) {
    fs_cluster *cluster = atlas->request.cluster;
    if (fs_cluster_size(cluster) == 1)
        return FS_OK;
    const bool tells = fs_cluster_rank(cluster) == 0;
    int n = tells ? count_tiles(atlas) : 0;
    fs_cluster_broadcast(cluster, &n, sizeof n);
    record *records = fs_calloc((size_t)n + 1, sizeof *records);
    fs_status status =
        fs_cluster_agree(cluster, records != NULL ? FS_OK : fs_fail_memory(err, "an atlas"), err);
    if (status == FS_OK && tells)
        fill_records(atlas, records);
    if (status == FS_OK) {
        fs_cluster_broadcast(cluster, records, (size_t)n * sizeof *records);
        status = tells ? FS_OK : take_records(atlas, records, n, err);
        status = fs_cluster_agree(cluster, status, err);
    }
    fs_free(records);
    return status;
}
