/* Between the files of the GraphDef reader.
 *
 *     graphdef.c             the order of things: index, reach, convert
 *     graphdef_reach.c       what carries the image, what the outputs are, what they need
 *     graphdef_rules.c       one line for every known operator
 *     graphdef_conv.c, graphdef_maps.c, graphdef_math.c, graphdef_shape.c     what the rules do
 *     graphdef_emit.c        values, constants and nodes of the graph being made
 *     graphdef_attributes.c, graphdef_tensor.c                                what a node says
 *
 * A rule turns one TensorFlow node into nodes of the graph. Its errors need not name the node: the caller
 * does. One thread reads one file; nothing is shared. */
#ifndef FS_ENGINE_IMPORT_GRAPHDEF_PRIVATE_H
#define FS_ENGINE_IMPORT_GRAPHDEF_PRIVATE_H

#include "engine/graph.h"
#include "engine/import/stored.h"
#include "engine/import/unpack.h"
#include "engine/name_map.h"
#include "graphdef.pb-c.h"

/* Bytes in a name of a node; axes and sizes in a list. */
enum { FS_GRAPHDEF_MAX_NAME = 1024, FS_GRAPHDEF_MAX_LIST = 64 };

typedef FsGraphdef__Node fs_graphdef_def;
typedef FsGraphdef__Tensor fs_graphdef_tensor;
typedef struct fs_graphdef_reader fs_graphdef_reader;
typedef struct fs_graphdef_node fs_graphdef_node;

/* What is special about an operator. */
typedef enum fs_graphdef_kind {
    FS_GRAPHDEF_PLAIN,
    FS_GRAPHDEF_MAP, /* needs to know which dimension the channels are: NCHW here, whatever it is in the file
                      */
    FS_GRAPHDEF_CONSTANT,
    FS_GRAPHDEF_IMAGE,    /* Placeholder */
    FS_GRAPHDEF_PASS,     /* the output is the first input */
    FS_GRAPHDEF_END,      /* the image is not followed through it: shapes, decisions, losses, summaries */
    FS_GRAPHDEF_VARIABLE, /* of a graph that was not frozen */
    FS_GRAPHDEF_CONTROL   /* loops and branches */
} fs_graphdef_kind;

typedef struct fs_graphdef_rule {
    const char *op; /* TensorFlow's name */
    fs_graphdef_kind kind;
    int min_inputs, max_inputs; /* data inputs; -1: any number */
    /* NULL: not converted; the kinds above say why, for PLAIN and END it is unsupported */
    fs_status (*convert)(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err);
    const char *type; /* the engine's operator, for rules that are shared by several */
} fs_graphdef_rule;

/* NULL for an unknown operator. */
const fs_graphdef_rule *fs_graphdef_rule_find(const char *op);

/* A data input: output `port` of node `node`. */
typedef struct fs_graphdef_edge {
    int node; /* -1: no node of that name is in the file */
    int port;
    const char *text; /* as the file has it */
} fs_graphdef_edge;

struct fs_graphdef_node {
    const fs_graphdef_def *def;
    const char *name;
    const fs_graphdef_rule *rule;  /* NULL: unknown */
    const fs_graphdef_edge *input; /* control inputs are left out */
    int n_inputs;
    int users, user; /* how many inputs of needed nodes read it; the last such node */
    bool from_image, needed, requested, converted;
};

struct fs_graphdef_reader {
    fs_graph *graph;
    fs_graphdef_node *nodes;
    int n_nodes;
    fs_graphdef_edge *edges;
    fs_name_map names;
    int image;       /* the node that is the image */
    bool image_nchw; /* the placeholder is laid out as the engine has it */
    int *pending;    /* nodes that constants are computed by, still to be converted */
    int n_pending;
    int64_t constant_bytes, spread; /* made so far; numbers repeated because a tensor gave fewer */
};

static inline const fs_graphdef_node *fs_graphdef_from(const fs_graphdef_reader *reader,
                                                       const fs_graphdef_node *node, int input) {
    const int from = node->input[input].node;
    return from < 0 ? NULL : &reader->nodes[from];
}

/* ---- graphdef_reach.c ---- */

/* Finds the image, the outputs (added to the graph) and the nodes they need; counts users. */
fs_status fs_graphdef_reach(fs_graphdef_reader *reader, fs_error *err);

/* ---- graphdef_attributes.c: what a node says, checked; the fallback where it says nothing ---- */

fs_status fs_graphdef_int(const fs_graphdef_node *node, const char *key, int64_t fallback, int64_t *out,
                          fs_error *err);
fs_status fs_graphdef_float(const fs_graphdef_node *node, const char *key, float fallback, float *out,
                            fs_error *err);
fs_status fs_graphdef_bool(const fs_graphdef_node *node, const char *key, bool fallback, bool *out,
                           fs_error *err);
/* A type by TensorFlow's number; 0 where the node says nothing. */
fs_status fs_graphdef_type(const fs_graphdef_node *node, const char *key, int *out, fs_error *err);
/* Whether a text attribute is `text`; the fallback stands in for an absent one. */
bool fs_graphdef_says(const fs_graphdef_node *node, const char *key, const char *fallback, const char *text);
/* A text for errors: "SAME", shortened. */
const char *fs_graphdef_text(const fs_graphdef_node *node, const char *key, char out[32]);
/* *count is -1 when there is no such list. Borrowed from the message. */
fs_status fs_graphdef_ints(const fs_graphdef_node *node, const char *key, const int64_t **out, int *count,
                           fs_error *err);
/* NULL when the node has no such tensor or shape. */
const fs_graphdef_tensor *fs_graphdef_tensor_of(const fs_graphdef_node *node, const char *key);
const FsGraphdef__Shape *fs_graphdef_shape_of(const fs_graphdef_node *node, const char *key);

/* ---- graphdef_tensor.c ---- */

/* The value of a Const node in a new block (fs_free). */
fs_status fs_graphdef_decode(fs_tensor *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                             fs_error *err);
/* Its shape alone. */
fs_status fs_graphdef_constant_shape(fs_shape *out, const fs_graphdef_node *node, fs_error *err);
bool fs_graphdef_type_is_floating(int type);
bool fs_graphdef_type_is_bool(int type);
bool fs_graphdef_type_is_integer(int type);

/* ---- graphdef_emit.c ---- */

/* The Const behind an input, seen through identities; NULL when it is not constant. */
const fs_graphdef_node *fs_graphdef_constant(const fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                             int input);
/* The same where it must be: `what` names it in the error ("the axis"). */
fs_status fs_graphdef_need_constant(const fs_graphdef_node **out, const fs_graphdef_reader *reader,
                                    const fs_graphdef_node *node, int input, const char *what, fs_error *err);
/* The integers of a constant input, at most FS_GRAPHDEF_MAX_LIST. */
typedef struct fs_graphdef_list {
    int count;
    int64_t at[FS_GRAPHDEF_MAX_LIST];
} fs_graphdef_list;
fs_status fs_graphdef_known_ints(fs_graphdef_list *out, fs_graphdef_reader *reader,
                                 const fs_graphdef_node *node, int input, const char *what, fs_error *err);
fs_status fs_graphdef_known_int(int64_t *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                int input, const char *what, fs_error *err);

/* The value an input reads, laid out as TensorFlow has it; makes sure that somebody will make it. */
fs_status fs_graphdef_input(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node, int input,
                            fs_error *err);
/* The value of an output: the node's name, and ":1" and so on for those after the first. Of a MAP it is NCHW.
 */
fs_status fs_graphdef_output(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node, int port,
                             fs_error *err);
/* A value inside: "NAME:suffix", which is no name TensorFlow could give. */
fs_status fs_graphdef_local(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                            const char *suffix, fs_error *err);
/* Small constants under such names. */
fs_status fs_graphdef_local_ints(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                 const char *suffix, const int64_t *ints, int count, fs_error *err);
fs_status fs_graphdef_local_float(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                  const char *suffix, float number, fs_error *err);

/* A node of the graph being put together. Names of attributes and texts must outlive the graph (literals). */
typedef struct fs_graphdef_op {
    const char *type;
    int inputs[FS_GRAPHDEF_MAX_LIST], outputs[FS_GRAPHDEF_MAX_LIST];
    int n_inputs, n_outputs;
    fs_attribute attributes[8];
    int n_attributes;
} fs_graphdef_op;
void fs_graphdef_set_int(fs_graphdef_op *op, const char *name, int64_t number);
void fs_graphdef_set_float(fs_graphdef_op *op, const char *name, float number);
void fs_graphdef_set_text(fs_graphdef_op *op, const char *name, const char *text);
fs_status fs_graphdef_set_ints(fs_graphdef_op *op, fs_graphdef_reader *reader, const char *name,
                               const int64_t *ints, int count, fs_error *err);

/* Adds it under the node's name, or "NAME:suffix" (as part of what makes the node, no layer of its own). */
fs_status fs_graphdef_emit(fs_graphdef_reader *reader, const fs_graphdef_node *node, const char *suffix,
                           const fs_graphdef_op *op, fs_error *err);
/* An operator with one input and one output, the usual step inside a rule. */
fs_status fs_graphdef_emit_unary(fs_graphdef_reader *reader, const fs_graphdef_node *node, const char *suffix,
                                 const char *type, int from, int to, fs_error *err);
fs_status fs_graphdef_emit_transpose(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     const char *suffix, int from, int to, const int64_t *order, int rank,
                                     fs_error *err);
/* An operator of the kind MAP, under the name of `node`: input 0 is laid out as the file has it and is turned
 * where that is not NCHW; the output is turned back. */
fs_status fs_graphdef_emit_map(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_graphdef_op *op,
                               bool nchw, fs_error *err);

/* ---- rules ---- */

/* data_format: NHWC where it is not said. */
fs_status fs_graphdef_layout(const fs_graphdef_node *node, bool *nchw, fs_error *err);
/* The two spatial numbers of a list of four in the node's layout; the others must be 1. */
fs_status fs_graphdef_spatial(const fs_graphdef_node *node, const char *key, bool nchw, int64_t out[2],
                              fs_error *err);
/* strides and padding, into attributes. */
fs_status fs_graphdef_window(fs_graphdef_op *op, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                             bool nchw, fs_error *err);
/* The BiasAdd (or addition of one number a channel) that alone reads this convolution or product and is made
 * part of it; NULL when there is none. */
const fs_graphdef_node *fs_graphdef_bias_of(const fs_graphdef_reader *reader, const fs_graphdef_node *node);
/* Whether this addition is part of what it reads. */
bool fs_graphdef_is_absorbed(const fs_graphdef_reader *reader, const fs_graphdef_node *node);
/* Whether the node's value is NCHW where the file means NHWC. */
bool fs_graphdef_is_turned(const fs_graphdef_reader *reader, const fs_graphdef_node *node);

#define FS_GRAPHDEF_RULE(name)                                                                               \
    fs_status fs_graphdef_##name(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err)
FS_GRAPHDEF_RULE(convert_conv);
FS_GRAPHDEF_RULE(convert_bias_add);
FS_GRAPHDEF_RULE(convert_space_to_batch);
FS_GRAPHDEF_RULE(convert_batch_to_space);
FS_GRAPHDEF_RULE(convert_pool);
FS_GRAPHDEF_RULE(convert_lrn);
FS_GRAPHDEF_RULE(convert_batch_norm);
FS_GRAPHDEF_RULE(convert_old_batch_norm);
FS_GRAPHDEF_RULE(convert_resize);
FS_GRAPHDEF_RULE(convert_same);
FS_GRAPHDEF_RULE(convert_add);
FS_GRAPHDEF_RULE(convert_relu6);
FS_GRAPHDEF_RULE(convert_leaky_relu);
FS_GRAPHDEF_RULE(convert_square);
FS_GRAPHDEF_RULE(convert_squared_difference);
FS_GRAPHDEF_RULE(convert_rsqrt);
FS_GRAPHDEF_RULE(convert_matmul);
FS_GRAPHDEF_RULE(convert_batch_matmul);
FS_GRAPHDEF_RULE(convert_reduce);
FS_GRAPHDEF_RULE(convert_cast);
FS_GRAPHDEF_RULE(convert_concat);
FS_GRAPHDEF_RULE(convert_concat_v2);
FS_GRAPHDEF_RULE(convert_split);
FS_GRAPHDEF_RULE(convert_split_v);
FS_GRAPHDEF_RULE(convert_squeeze);
FS_GRAPHDEF_RULE(convert_expand_dims);
FS_GRAPHDEF_RULE(convert_transpose);
FS_GRAPHDEF_RULE(convert_pad);
FS_GRAPHDEF_RULE(convert_slice);
FS_GRAPHDEF_RULE(convert_strided_slice);
FS_GRAPHDEF_RULE(convert_pack);
FS_GRAPHDEF_RULE(convert_fill);
FS_GRAPHDEF_RULE(convert_gather);

#endif
