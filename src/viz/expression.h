/* The text of an objective as a tree: sums, differences and products of numbers and calls.
 *
 *     fs_expression_parse(&e, "channel(mixed4a, 97) - 0.5*channel(mixed4a, 20)", functions, &err);
 *     for (int i = 0; i < e->n_nodes; i++) ...         // children come before their parents
 *     fs_expression_destroy(e);
 *
 *     sum     = product { ("+" | "-") product }
 *     product = sign { ("*" | "/") sign }               (divided by numbers alone)
 *     sign    = { "+" | "-" } ( number | call | "(" sum ")" )
 *     call    = name "(" [ argument { "," argument } ] ")"
 *     argument = [ parameter "=" ] value
 *
 * What an argument may be, its parameter says. A text (the name of a layer or a file) is written as it is up
 * to the next comma, bracket or space, or in "double quotes" with \" and \\ inside. Errors say at which
 * column, counted in bytes from 1. Any bytes give a tree or an error: length, depth and the number of nodes
 * and calls are limited.
 *
 * The tree owns its texts and borrows the table of functions. Read only after parsing. */
#ifndef FS_VIZ_EXPRESSION_H
#define FS_VIZ_EXPRESSION_H

#include <stdbool.h>

#include "base/error.h"
#include "base/option.h"

enum {
    FS_EXPRESSION_SIZE = FS_OPTION_TEXT_SIZE, /* bytes of text with the NUL */
    FS_EXPRESSION_DEPTH = 32,
    FS_EXPRESSION_NODES = 256,
    FS_EXPRESSION_CALLS = 32,
    FS_PARAMETERS = 7 /* of a function, with the empty one that ends the list */
};

typedef enum fs_parameter_type {
    FS_PARAMETER_TEXT,
    FS_PARAMETER_WHOLE,
    FS_PARAMETER_NUMBER,
    FS_PARAMETER_EXPRESSION
} fs_parameter_type;

typedef struct fs_parameter {
    const char *name; /* NULL ends the list */
    fs_parameter_type type;
    bool needed;
    double low, high, initial; /* of numbers; initial where it is not needed and not given */
} fs_parameter;

/* What the parser has to know of a function; the tables of viz/term.h begin with one. */
typedef struct fs_function {
    const char *name;
    fs_parameter parameters[FS_PARAMETERS];
} fs_function;

typedef struct fs_argument {
    bool given;
    int column;
    double number;    /* of WHOLE and NUMBER */
    const char *text; /* of TEXT; "" when not given */
    int node;         /* of EXPRESSION; -1 when not given */
} fs_argument;

typedef struct fs_call_node {
    const fs_function *function;
    int column;                           /* of the name; 0 when no text was parsed */
    fs_argument arguments[FS_PARAMETERS]; /* in the order of the function's parameters */
} fs_call_node;

typedef enum fs_node_kind {
    FS_NODE_NUMBER,
    FS_NODE_CALL,
    FS_NODE_ADD,
    FS_NODE_SUBTRACT,
    FS_NODE_MULTIPLY,
    FS_NODE_NEGATE /* left alone */
} fs_node_kind;

typedef struct fs_expression_node {
    fs_node_kind kind;
    double number;
    int call;        /* into calls */
    int left, right; /* into nodes */
} fs_expression_node;

typedef struct fs_expression {
    fs_expression_node nodes[FS_EXPRESSION_NODES]; /* the last one is the whole */
    int n_nodes;
    fs_call_node calls[FS_EXPRESSION_CALLS];
    int n_calls;
    char texts[FS_EXPRESSION_SIZE + FS_EXPRESSION_CALLS * FS_PARAMETERS];
} fs_expression;

/* functions: ended by a NULL. */
fs_status fs_expression_parse(fs_expression **out, const char *text, const fs_function *const *functions,
                              fs_error *err);

/* One call with its defaults and no text: the caller sets what it has to. */
fs_status fs_expression_of_call(fs_expression **out, const fs_function *function, fs_error *err);
fs_argument *fs_call_argument(fs_call_node *call, const char *parameter); /* NULL: there is none */

void fs_expression_destroy(fs_expression *expression);

#endif
