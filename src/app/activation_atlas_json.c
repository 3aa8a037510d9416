#include "app/activation_atlas_json.h"

#include <inttypes.h>
#include <math.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

static void add_photographs(fs_text *text, const fs_activation_atlas_report *r, const fs_atlas_cell *cell) {
    const int width = r->points->map.width;
    fs_text_add(text, ", \"photographs\": [");
    for (int i = 0; i < cell->n_nearest; i++) {
        const int point = cell->nearest[i];
        fs_text_add(text, "%s{\"file\": ", i ? ", " : "");
        fs_text_add_json(text, r->folder->files[r->points->images[point]].name);
        fs_text_add(text, ", \"position\": [%d, %d]}", r->points->positions[point] / width,
                    r->points->positions[point] % width);
    }
    fs_text_add(text, "]}");
}

static fs_status add_name(fs_text *text, const fs_atlas_cell *cell, const char *ending, fs_error *err) {
    char *name = fs_activation_atlas_name(cell, ending);
    if (!name)
        return fs_fail_memory(err, "the index of an activation atlas");
    fs_text_add_json(text, name);
    fs_free(name);
    return FS_OK;
}

static fs_status add_cell(fs_text *text, const fs_activation_atlas_report *r, const fs_atlas_cell *cell,
                          fs_error *err) {
    const bool drawn = cell->state == FS_ATLAS_DRAWN;
    fs_text_add(text, "  {\"row\": %d, \"column\": %d, \"count\": %d, \"file\": ", cell->row, cell->column,
                cell->count);
    fs_status status = FS_OK;
    if (drawn)
        status = add_name(text, cell, ".png", err);
    else
        fs_text_add(text, "null");
    fs_text_add(text, ", \"direction\": ");
    if (status == FS_OK)
        status = add_name(text, cell, ".npy", err);
    if (drawn && isfinite(cell->objective))
        fs_text_add(text, ", \"objective\": %.17g", cell->objective);
    else
        fs_text_add(text, ", \"objective\": null");
    add_photographs(text, r, cell);
    return status;
}

static void add_head(fs_text *text, const fs_activation_atlas_report *r) {
    const fs_activation_atlas_request *q = r->request;
    fs_text_add(text, "{\"format\": 1,\n \"model\": ");
    fs_text_add_json(text, r->model->name);
    fs_text_add(text, ",\n \"layer\": ");
    fs_text_add_json(text, r->layer->name);
    fs_text_add(text, ",\n \"level\": \"%s\"", fs_level_name(r->layer->level));
    fs_text_add(text, ",\n \"images\": %d, \"skipped\": %d, \"points\": %d", r->points->used,
                r->points->skipped, r->points->n);
    fs_text_add(text, ",\n \"projection\": \"%s\", \"grid\": %d, \"least\": %d", r->projection, q->grid,
                q->least);
    fs_text_add(text, ", \"whitened\": %s, \"power\": %.9g", q->whiten ? "true" : "false", q->power);
    fs_text_add(text, ",\n \"size\": %d, \"steps\": %d, \"seed\": %" PRIu64 ",\n \"cells\": [",
                q->render.size, q->render.steps, q->render.seed);
}

fs_status fs_activation_atlas_write_json(const fs_activation_atlas_report *r, const char *path,
                                         fs_error *err) {
    const fs_atlas_cell *cells;
    const int n = fs_activation_atlas_cells(r->atlas, &cells);
    fs_text text = {0};
    fs_status status = FS_OK;
    const char *comma = "\n";
    add_head(&text, r);
    for (int i = 0; i < n && status == FS_OK; i++) {
        if (cells[i].state == FS_ATLAS_OPEN)
            continue;
        fs_text_add(&text, "%s", comma);
        status = add_cell(&text, r, &cells[i], err);
        comma = ",\n";
    }
    fs_text_add(&text, "]}\n");
    if (status == FS_OK && fs_text_broken(&text))
        status = fs_fail_memory(err, "the index of an activation atlas");
    if (status == FS_OK)
        status = fs_file_write(path, text.bytes, text.length, err);
    fs_text_free(&text);
    return status;
}
