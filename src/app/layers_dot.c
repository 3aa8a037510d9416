#include "app/layers_dot.h"

#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "engine/name_map.h"
#include "engine/operator.h"

/* Pale enough for black text on paper, each a little darker than the one before; the lines are the window's
 * colours of the levels on a light ground. */
static const struct {
    const char *fill, *line;
} colours[] = {{"#e1eef7", "#1f6fa8"},
               {"#d4ebe1", "#1b7d5c"},
               {"#eae7bd", "#7c7600"},
               {"#f5d9c2", "#a8561a"},
               {"#e9c9de", "#97427a"}};
enum { N_LEVELS = sizeof colours / sizeof *colours, MAX_DEPTH = 16, NO_LAYER = -1, IMAGE = -2 };

typedef struct drawing {
    fs_text *out;
    const fs_model *model;
    int *layer_of;       /* of each value: a layer, IMAGE, or NO_LAYER */
    fs_name_map modules; /* how many layers each beginning of a path holds */
    size_t open[MAX_DEPTH];
    int n_open; /* boxes that are open, by the length of their part of open_path */
    const char *open_path;
} drawing;

/* ---- text ---- */

/* Inside a quoted label or, with XML's escapes alone, inside an HTML-like one. A backslash begins an escape
 * in the former ("\N" is the node's name), an ampersand an entity in both. */
static void add_escaped(fs_text *out, const char *text, size_t length, bool quoted) {
    for (size_t i = 0; i < length;) {
        const int step = fs_utf8_length(text + i, length - i);
        const char c = text[i];
        if (step == 0 || (unsigned char)c < ' ' || c == 0x7f)
            fs_text_add(out, "?");
        else if (c == '&' || c == '<' || c == '>')
            fs_text_add(out, "%s", c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;");
        else if (c == '"' || c == '\\')
            fs_text_add(out, quoted ? "\\%c" : c == '"' ? "&quot;" : "%c", c);
        else
            fs_text_add_bytes(out, text + i, (size_t)step);
        i += step ? (size_t)step : 1;
    }
}

static void add_name(fs_text *out, const char *name) {
    add_escaped(out, name, strlen(name), true);
}

/* ---- boxes around modules ---- */

/* The next shorter beginning of a dotted path; 0 when there is none. */
static size_t parent(const char *path, size_t length) {
    while (length > 0 && path[length - 1] != '.')
        length--;
    return length ? length - 1 : 0;
}

static bool count_modules(drawing *d) {
    for (int l = 0; l < d->model->n_layers; l++) {
        const char *path = d->model->layers[l].path;
        for (size_t n = parent(path, strlen(path)); n > 0; n = parent(path, n))
            if (!fs_name_map_set(&d->modules, path, n, fs_name_map_get(&d->modules, path, n, 0) + 1))
                return false;
    }
    return true;
}

/* A convolution and its activation need no box, nor does a module that holds most of the network. */
static bool has_box(const drawing *d, const char *path, size_t length) {
    const int64_t count = fs_name_map_get(&d->modules, path, length, 0);
    return count > 2 && 2 * count <= d->model->n_layers;
}

/* The boxes of a layer, the outermost first; returns how many. */
static int boxes_of(const drawing *d, const fs_layer *layer, size_t boxes[MAX_DEPTH]) {
    int count = 0;
    for (size_t n = parent(layer->path, strlen(layer->path)); n > 0; n = parent(layer->path, n)) {
        if (!has_box(d, layer->path, n) || count == MAX_DEPTH)
            continue;
        memmove(boxes + 1, boxes, (size_t)count++ * sizeof *boxes);
        boxes[0] = n;
    }
    return count;
}

static void close_boxes(drawing *d, int down_to) {
    while (d->n_open > down_to)
        fs_text_add(d->out, "%*s}\n", 2 * d->n_open--, "");
}

/* Opens and closes boxes so that the layer's are the open ones. One that was open before goes on: Graphviz
 * puts boxes of one name together. */
static void enter_boxes(drawing *d, const fs_layer *layer) {
    size_t boxes[MAX_DEPTH];
    const int count = boxes_of(d, layer, boxes);
    int same = 0;
    while (same < count && same < d->n_open && boxes[same] == d->open[same] &&
           memcmp(layer->path, d->open_path, boxes[same]) == 0)
        same++;
    close_boxes(d, same);
    for (int i = same; i < count; i++) {
        d->open[d->n_open++] = boxes[i];
        fs_text_add(d->out, "%*ssubgraph \"cluster_", 2 * d->n_open, "");
        add_escaped(d->out, layer->path, boxes[i], true);
        fs_text_add(d->out, "\" {\n%*slabel=\"", 2 * d->n_open + 2, "");
        add_escaped(d->out, layer->path, boxes[i], true);
        fs_text_add(d->out, "\"; labeljust=l;\n");
    }
    d->open_path = layer->path;
}

/* ---- nodes ---- */

static bool is_output(const fs_graph *graph, int value) {
    for (int o = 0; o < graph->n_outputs; o++)
        if (graph->outputs[o] == value)
            return true;
    return false;
}

static void add_layer(drawing *d, int index) {
    const fs_layer *layer = &d->model->layers[index];
    char shape[FS_SHAPE_TEXT];
    enter_boxes(d, layer);
    fs_text_add(d->out, "%*sn%d [label=\"", 2 * d->n_open + 2, "", index);
    add_name(d->out, layer->name);
    fs_text_add(d->out, "\\n%s  %s\", fillcolor=\"%s\", color=\"%s\"%s];\n", layer->operator_type,
                fs_shape_text(&layer->shape, shape), colours[layer->level].fill, colours[layer->level].line,
                is_output(d->model->graph, layer->value) ? ", peripheries=2" : "");
}

static void add_image(drawing *d) {
    const fs_preprocess *p = &d->model->preprocess;
    fs_text_add(d->out, "  image [label=\"");
    add_name(d->out, d->model->graph->values[d->model->graph->input].name);
    fs_text_add(d->out, "\\n1x%dx%dx%d\", fillcolor=\"white\"];\n", fs_preprocess_channels(p), p->height,
                p->width);
}

/* ---- edges ---- */

/* Layers by their values. A value that is no layer (after dropout, or of another rank) stands for the layer
 * it is made of, the first if there are several: edges go past it. Nodes are in order, so that what a node
 * reads is settled before it. */
static void find_layers(drawing *d) {
    const fs_graph *graph = d->model->graph;
    for (int v = 0; v < graph->n_values; v++)
        d->layer_of[v] = v == graph->input ? IMAGE : NO_LAYER;
    for (int l = 0; l < d->model->n_layers; l++)
        d->layer_of[d->model->layers[l].value] = l;
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        int from = NO_LAYER;
        for (int i = 0; i < node->n_inputs && from == NO_LAYER && !node->op->shape_only; i++)
            from = node->inputs[i] == FS_NO_VALUE ? NO_LAYER : d->layer_of[node->inputs[i]];
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE && d->layer_of[node->outputs[o]] == NO_LAYER)
                d->layer_of[node->outputs[o]] = from;
    }
}

static void add_edges(drawing *d, int index) {
    const fs_graph *graph = d->model->graph;
    const fs_node *node = &graph->nodes[graph->values[d->model->layers[index].value].producer];
    for (int i = 0; i < node->n_inputs; i++) {
        const int from = node->inputs[i] == FS_NO_VALUE ? NO_LAYER : d->layer_of[node->inputs[i]];
        bool again = false;
        for (int k = 0; k < i && !again; k++)
            again = node->inputs[k] != FS_NO_VALUE && d->layer_of[node->inputs[k]] == from;
        if (from == NO_LAYER || from == index || again)
            continue;
        if (from == IMAGE)
            fs_text_add(d->out, "  image -> n%d;\n", index);
        else
            fs_text_add(d->out, "  n%d -> n%d;\n", from, index);
    }
}

/* ---- the whole ---- */

/* Title and legend are one HTML-like label above the graph. */
static void add_header(drawing *d) {
    fs_text_add(d->out,
                "digraph model {\n"
                "  graph [fontname=\"Helvetica\", fontsize=11, labelloc=t, ranksep=0.3, nodesep=0.25,\n"
                "         style=rounded, color=\"#999999\", fontcolor=\"#555555\"];\n"
                "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", fontsize=10,\n"
                "        margin=\"0.12,0.05\", height=0.35];\n"
                "  edge [color=\"#555555\", arrowsize=0.6];\n"
                "  label=<<table border=\"0\"><tr><td>"
                "<font point-size=\"16\" color=\"black\">");
    add_escaped(d->out, d->model->name, strlen(d->model->name), false);
    fs_text_add(d->out,
                "</font></td></tr><tr><td><table border=\"0\" cellspacing=\"4\" cellpadding=\"4\"><tr>");
    for (int level = 0; level < N_LEVELS; level++)
        fs_text_add(d->out,
                    "<td border=\"1\" bgcolor=\"%s\" color=\"%s\"><font color=\"black\">%s</font></td>",
                    colours[level].fill, colours[level].line, fs_level_name((fs_level)level));
    fs_text_add(d->out, "</tr></table></td></tr></table>>;\n");
}

fs_status fs_layers_dot(fs_text *out, const fs_model *model, fs_error *err) {
    drawing d = {.out = out, .model = model, .open_path = ""};
    d.layer_of = fs_alloc_array((size_t)model->graph->n_values, sizeof *d.layer_of);
    const bool fine = d.layer_of && count_modules(&d);
    if (fine) {
        find_layers(&d);
        add_header(&d);
        add_image(&d);
        for (int l = 0; l < model->n_layers; l++)
            add_layer(&d, l);
        close_boxes(&d, 0);
        for (int l = 0; l < model->n_layers; l++)
            add_edges(&d, l);
        fs_text_add(out, "}\n");
    }
    fs_free(d.layer_of);
    fs_name_map_free(&d.modules);
    return fine && !fs_text_broken(out) ? FS_OK : fs_fail_memory(err, "the graph");
}
