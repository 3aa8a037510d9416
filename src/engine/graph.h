/* The network as its file describes it: values (tensors with a name) and the nodes that make them.
 *
 * Values are numbered; a node names its inputs and outputs by those numbers. A graph has one image input, any
 * number of outputs, and constants (weights) that carry their data. Nodes are in topological order after
 * fs_graph_finish. A graph does not change while plans are made from it, except for the numbers inside its
 * constants; everything is owned by the graph and released by fs_graph_destroy.
 *
 * Not thread safe while it is being built; plans may read it from several threads. */
#ifndef FS_ENGINE_GRAPH_H
#define FS_ENGINE_GRAPH_H

#include "base/arena.h"
#include "engine/element_type.h"
#include "engine/tensor.h"

struct fs_operator;

enum { FS_MAX_NODES = 100000, FS_MAX_VALUES = 400000, FS_NO_VALUE = -1 };

typedef enum fs_attribute_kind {
    FS_ATTRIBUTE_INT,
    FS_ATTRIBUTE_FLOAT,
    FS_ATTRIBUTE_STRING,
    FS_ATTRIBUTE_INTS,
    FS_ATTRIBUTE_FLOATS,
    FS_ATTRIBUTE_TENSOR
} fs_attribute_kind;

/* An attribute as ONNX has it. Arrays and tensors live in the graph's arena. */
typedef struct fs_attribute {
    const char *name;
    fs_attribute_kind kind;
    int64_t i;
    float f;
    const char *s;
    const int64_t *ints;
    const float *floats;
    int count; /* of ints or floats */
    fs_tensor tensor;
    fs_element_type element_type; /* of the tensor in the file */
} fs_attribute;

typedef struct fs_node {
    const char *name; /* never NULL; the importer makes one up ("Conv_12") where the file has none */
    const struct fs_operator *op;
    const fs_attribute *attributes;
    int n_attributes;
    const int *inputs; /* value numbers, FS_NO_VALUE for an absent optional input */
    int n_inputs;
    const int *outputs;
    int n_outputs;
    const void *params; /* what op->parse made of the attributes */
    bool auxiliary;     /* not of the file: turns a value into another layout; no layer of its own */
} fs_node;

typedef struct fs_value {
    const char *name;
    int producer;                 /* node number, or -1 for the input and constants */
    fs_tensor constant;           /* data != NULL for a constant; owned by the graph */
    fs_element_type element_type; /* of a constant in its file, where the importer knows */
} fs_value;

typedef struct fs_graph {
    fs_arena *arena;
    const char *name; /* as the file has it; "" when it has none */
    int opset;        /* of the default ONNX domain; 13 when the file was not ONNX */
    int ir_version;   /* of the ONNX format; 7 when the file was not ONNX */
    fs_value *values;
    int n_values;
    fs_node *nodes;
    int n_nodes;
    int input;                      /* value number of the image */
    fs_shape input_shape;           /* as declared: -1 where the file leaves a dimension open, rank 4 */
    const char *dimension_names[4]; /* of the open ones; NULL where the file gives none */
    int *outputs;
    int n_outputs;
} fs_graph;

fs_status fs_graph_create(fs_graph **out, fs_error *err);
void fs_graph_destroy(fs_graph *graph);

/* Finds a value by name or makes it. Returns its number, or FS_NO_VALUE when memory or FS_MAX_VALUES is hit.
 */
int fs_graph_value(fs_graph *graph, const char *name);
/* FS_NO_VALUE when there is none of that name. */
int fs_graph_find(const fs_graph *graph, const char *name);

/* Gives a value its constant data, a copy unless `owned` (a block of fs_alloc that the graph takes over). */
fs_status fs_graph_set_constant(fs_graph *graph, int value, const fs_tensor *tensor, bool owned,
                                fs_error *err);

/* Appends a node; arrays and strings are copied into the graph's arena (attribute contents must already live
 * there). `op_type` must be a known operator: the error names node and operator otherwise. */
typedef struct fs_node_spec {
    const char *name, *op_type;
    const int *inputs, *outputs;
    int n_inputs, n_outputs;
    const fs_attribute *attributes;
    int n_attributes;
    bool auxiliary;
} fs_node_spec;
fs_status fs_graph_add_node(fs_graph *graph, const fs_node_spec *spec, fs_error *err);
fs_status fs_graph_add_output(fs_graph *graph, int value, fs_error *err);

/* For passes that rewrite a graph: its nodes leave it (fs_free the array; what they point to stays the
 * graph's), values and outputs remain, and nodes are added anew before fs_graph_finish is called again. */
fs_node *fs_graph_take_nodes(fs_graph *graph, int *count);

/* Checks the whole and sorts the nodes: every value made once, every input made by somebody (error names the
 * node and the missing tensor), no cycles (error names a node on one), an input and an output present;
 * then lets every operator parse its attributes. */
fs_status fs_graph_finish(fs_graph *graph, fs_error *err);

/* Marks the values that the outputs depend on, and the nodes that make them, in zeroed arrays of n_values and
 * n_nodes. */
void fs_graph_mark_needed(const fs_graph *graph, bool *value_needed, bool *node_needed);
/* Drops the nodes that no output depends on and the constants that nobody reads. Value numbers stay. */
fs_status fs_graph_prune(fs_graph *graph, fs_error *err);

/* Whether a value depends on the image through affine operators alone, no ReLU or maximum in between: the
 * first convolution, seen before its ReLU. */
fs_status fs_graph_is_affine(bool *out, const fs_graph *graph, int value, fs_error *err);

/* Attribute access for op->parse: the default when absent. */
const fs_attribute *fs_node_attribute(const fs_node *node, const char *name);
int64_t fs_node_int(const fs_node *node, const char *name, int64_t fallback);
float fs_node_float(const fs_node *node, const char *name, float fallback);
const char *fs_node_string(const fs_node *node, const char *name, const char *fallback);

#endif
