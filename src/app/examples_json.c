#include "app/examples_json.h"

#include <inttypes.h>

#include "base/file.h"
#include "base/text.h"

static void add_list(fs_text *text, const fs_examples_report *r, fs_examples_which which, const char *name) {
    fs_example list[FS_EXAMPLES_KEPT];
    int n = fs_examples_list(r->examples, which, r->channel, r->threshold, list, r->top);
    fs_text_add(text, "  \"%s\": [", name);
    for (int i = 0; i < n; i++) {
        fs_window w = fs_map_window(&r->geometry, list[i].position, r->context);
        fs_text_add(text, "%s\n    {\"file\": ", i ? "," : "");
        fs_text_add_json(text, r->folder->files[list[i].image].name);
        fs_text_add(text, ", \"value\": %.9g, \"position\": [%d, %d], \"crop\": [%d, %d, %d, %d]}",
                    (double)list[i].value, list[i].position / r->geometry.width,
                    list[i].position % r->geometry.width, w.x, w.y, w.width, w.height);
    }
    fs_text_add(text, "\n  ],\n");
}

static void add_histogram(fs_text *text, const char *name, const fs_histogram *h) {
    fs_text_add(text,
                "    \"%s\": {\"total\": %" PRIu64 ", \"zeros\": %" PRIu64
                ", \"least\": %.9g, \"greatest\": %.9g, \"first\": %.17g, \"width\": %.17g, \"counts\": [",
                name, h->total, h->zeros, (double)h->low, (double)h->high, fs_histogram_low(h, 0),
                fs_histogram_low(h, 1) - fs_histogram_low(h, 0));
    for (int i = 0; i < h->used; i++)
        fs_text_add(text, "%s%" PRIu64, i ? ", " : "", h->counts[i]);
    fs_text_add(text, "]}");
}

fs_status fs_examples_write_json(const fs_examples_report *r, const char *path, fs_error *err) {
    fs_text text = {0};
    fs_text_add(&text, "{\n  \"format\": 1,\n  \"model\": ");
    fs_text_add_json(&text, r->model->name);
    fs_text_add(&text, ",\n  \"layer\": ");
    fs_text_add_json(&text, r->layer->name);
    fs_text_add(&text, ",\n  \"level\": ");
    fs_text_add_json(&text, fs_level_name(r->layer->level));
    fs_text_add(&text,
                ",\n  \"channel\": %d,\n  \"images\": %d,\n  \"skipped\": %d,\n  \"threshold\": %.9g,\n",
                r->channel, fs_examples_used(r->examples),
                fs_examples_done(r->examples) - fs_examples_used(r->examples), r->threshold);
    add_list(&text, r, FS_EXAMPLES_TOP, "top");
    add_list(&text, r, FS_EXAMPLES_BOTTOM, "bottom");
    add_list(&text, r, FS_EXAMPLES_THRESHOLD, "near_threshold");
    fs_text_add(&text, "  \"histograms\": {\n");
    add_histogram(&text, "greatest", fs_examples_greatest(r->examples, r->channel));
    fs_text_add(&text, ",\n");
    add_histogram(&text, "values", fs_examples_values(r->examples, r->channel));
    fs_text_add(&text, "\n  }\n}\n");
    fs_status status = fs_text_broken(&text) ? fs_fail_memory(err, "the numbers of the examples")
                                             : fs_file_write(path, text.bytes, text.length, err);
    fs_text_free(&text);
    return status;
}
