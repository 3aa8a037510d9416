#include "viz/expression.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "viz/spelling.h"

typedef struct parser {
    const char *text, *at;
    const fs_function *const *functions;
    fs_expression *out;
    size_t texts_used;
    int depth;
    fs_error *err;
} parser;

static int column(const parser *p) {
    return (int)(p->at - p->text) + 1;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_spaces(parser *p) {
    while (is_space(*p->at))
        p->at++;
}

static bool take(parser *p, char c) {
    skip_spaces(p);
    if (*p->at != c)
        return false;
    p->at++;
    return true;
}

static fs_status fail_expected(parser *p, const char *what) {
    skip_spaces(p);
    if (*p->at == '\0')
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: %s expected, but the text ends", column(p),
                       what);
    if ((unsigned char)*p->at >= 0x80) /* a part of a character of UTF-8 */
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: %s expected", column(p), what);
    return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: %s expected, not '%c'", column(p), what, *p->at);
}

static fs_status expect(parser *p, char c) {
    const char what[] = {'\'', c, '\'', '\0'};
    return take(p, c) ? FS_OK : fail_expected(p, what);
}

/* ---- building ---- */

static fs_status add_node(parser *p, fs_expression_node node, int *out) {
    if (p->out->n_nodes == FS_EXPRESSION_NODES)
        return fs_fail(p->err, FS_ERROR_LIMIT, "column %d: more than %d numbers and operators", column(p),
                       FS_EXPRESSION_NODES);
    *out = p->out->n_nodes;
    p->out->nodes[p->out->n_nodes++] = node;
    return FS_OK;
}

static void start_call(fs_call_node *call, const fs_function *function, int at) {
    *call = (fs_call_node){.function = function, .column = at};
    for (int i = 0; function->parameters[i].name; i++)
        call->arguments[i] =
            (fs_argument){.column = at, .number = function->parameters[i].initial, .text = "", .node = -1};
}

/* ---- values ---- */

static fs_status parse_number(parser *p, double *out) {
    char digits[64];
    size_t length = 0;
    skip_spaces(p);
    const char *at = p->at;
    if (*at == '-' || *at == '+')
        at++;
    if (!is_digit(*at) && !(*at == '.' && is_digit(at[1])))
        return fail_expected(p, "a number");
    while (is_digit(*at) || *at == '.' || ((*at == 'e' || *at == 'E') && at > p->at) ||
           ((*at == '-' || *at == '+') && (at[-1] == 'e' || at[-1] == 'E')))
        at++;
    length = (size_t)(at - p->at);
    if (*p->at == '+') /* the C locale's reader takes a sign, but one way of writing is enough to test */
        length--;
    if (length >= sizeof digits)
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: a number of %zu digits", column(p), length);
    memcpy(digits, at - length, length);
    digits[length] = '\0';
    char *end = NULL;
    double number = fs_c_strtod(digits, &end);
    if (*end != '\0' || !isfinite(number) || is_letter(*at))
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: '%s' is not a number", column(p), digits);
    p->at = at;
    *out = number;
    return FS_OK;
}

static bool ends_text(char c) {
    return c == '\0' || c == ',' || c == '(' || c == ')' || c == '"' || is_space(c);
}

static fs_status parse_quoted(parser *p, char *to, size_t *length) {
    int opened = column(p);
    for (p->at++; *p->at != '"'; p->at++) {
        if (*p->at == '\\' && (p->at[1] == '"' || p->at[1] == '\\'))
            p->at++;
        if (*p->at == '\0')
            return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: this quotation mark is never closed",
                           opened);
        to[(*length)++] = *p->at;
    }
    p->at++;
    return FS_OK;
}

static fs_status parse_text(parser *p, const char *what, const char **out) {
    char *to = p->out->texts + p->texts_used; /* no longer than what is left of the text, plus its NUL */
    size_t length = 0;
    fs_status status = FS_OK;
    int from = column(p);
    if (*p->at == '"')
        status = parse_quoted(p, to, &length);
    else
        while (!ends_text(*p->at))
            to[length++] = *p->at++;
    if (status == FS_OK && length == 0)
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: '%s' is empty", from, what);
    if (status != FS_OK)
        return status;
    to[length] = '\0';
    p->texts_used += length + 1;
    *out = to;
    return FS_OK;
}

/* ---- calls ---- */

static fs_status parse_sum(parser *p, int *out);

static fs_status parse_value(parser *p, const fs_parameter *parameter, fs_argument *argument) {
    skip_spaces(p);
    argument->given = true;
    argument->column = column(p);
    if (parameter->type == FS_PARAMETER_TEXT)
        return parse_text(p, parameter->name, &argument->text);
    if (parameter->type == FS_PARAMETER_EXPRESSION)
        return parse_sum(p, &argument->node);
    fs_status status = parse_number(p, &argument->number);
    double number = argument->number;
    if (status != FS_OK)
        return status;
    bool whole = parameter->type == FS_PARAMETER_WHOLE;
    if (!(number >= parameter->low && number <= parameter->high) || (whole && number != floor(number))) {
        char range[96];
        fs_c_snprintf(range, sizeof range, "%.10g is not a %snumber in %.10g..%.10g", number,
                      whole ? "whole " : "", parameter->low, parameter->high);
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: '%s': %s", argument->column, parameter->name,
                       range);
    }
    return FS_OK;
}

/* "power=" before a value; -1 where there is no such thing. */
static fs_status parse_keyword(parser *p, const fs_call_node *call, int *index) {
    const char *end = p->at;
    while (is_letter(*end) || (end > p->at && is_digit(*end)))
        end++;
    size_t length = (size_t)(end - p->at);
    while (is_space(*end))
        end++;
    *index = -1;
    if (length == 0 || *end != '=')
        return FS_OK;
    const fs_parameter *parameters = call->function->parameters;
    for (int i = 0; parameters[i].name; i++)
        if (strlen(parameters[i].name) == length && strncmp(parameters[i].name, p->at, length) == 0)
            *index = i;
    if (*index < 0)
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: '%s' has no parameter '%.*s'", column(p),
                       call->function->name, (int)(length < 40 ? length : 40), p->at);
    if (call->arguments[*index].given)
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: '%s' is given twice", column(p),
                       parameters[*index].name);
    p->at = end + 1;
    return FS_OK;
}

static fs_status parse_argument(parser *p, fs_call_node *call, int *next) {
    const fs_parameter *parameters = call->function->parameters;
    int index = -1;
    skip_spaces(p);
    fs_status status = parse_keyword(p, call, &index);
    if (status != FS_OK)
        return status;
    if (index >= 0)
        *next = -1; /* after a keyword there is no position to count from */
    else if (*next < 0)
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: a value without a name after one with a name",
                       column(p));
    else if (!parameters[*next].name)
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: '%s' takes no more than %d value%s", column(p),
                       call->function->name, *next, *next == 1 ? "" : "s");
    else
        index = (*next)++;
    return parse_value(p, &parameters[index], &call->arguments[index]);
}

static fs_status check_needed(parser *p, const fs_call_node *call) {
    const fs_parameter *parameters = call->function->parameters;
    for (int i = 0; parameters[i].name; i++)
        if (parameters[i].needed && !call->arguments[i].given)
            return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: '%s' needs '%s'", call->column,
                           call->function->name, parameters[i].name);
    return FS_OK;
}

static fs_status find_function(parser *p, const char *name, size_t length, const fs_function **out) {
    char word[48];
    size_t kept = length < sizeof word ? length : sizeof word - 1;
    memcpy(word, name, kept);
    word[kept] = '\0';
    for (int i = 0; p->functions[i]; i++)
        if (length == kept && strcmp(p->functions[i]->name, word) == 0) {
            *out = p->functions[i];
            return FS_OK;
        }
    fs_spelling spelling = fs_spelling_of(word);
    for (int i = 0; p->functions[i]; i++)
        fs_spelling_try(&spelling, p->functions[i]->name);
    int at = (int)(name - p->text) + 1;
    if (spelling.best)
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: no objective '%s'; did you mean '%s'?", at,
                       word, spelling.best);
    return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: no objective '%s'", at, word);
}

static fs_status parse_call(parser *p, int *out) {
    const char *name = p->at;
    const fs_function *function = NULL;
    while (is_letter(*p->at) || is_digit(*p->at))
        p->at++;
    fs_status status = find_function(p, name, (size_t)(p->at - name), &function);
    if (status == FS_OK)
        status = expect(p, '(');
    if (status != FS_OK)
        return status;
    if (p->out->n_calls == FS_EXPRESSION_CALLS)
        return fs_fail(p->err, FS_ERROR_LIMIT, "column %d: more than %d objectives",
                       (int)(name - p->text) + 1, FS_EXPRESSION_CALLS);
    int index = p->out->n_calls++, next = 0;
    fs_call_node *call = &p->out->calls[index];
    start_call(call, function, (int)(name - p->text) + 1);
    if (!take(p, ')')) {
        do
            status = parse_argument(p, call, &next);
        while (status == FS_OK && take(p, ','));
        if (status == FS_OK)
            status = take(p, ')') ? FS_OK : fail_expected(p, "',' or ')'");
    }
    if (status == FS_OK)
        status = check_needed(p, call);
    if (status != FS_OK)
        return status;
    return add_node(p, (fs_expression_node){.kind = FS_NODE_CALL, .call = index}, out);
}

/* ---- operators ---- */

static fs_status parse_primary(parser *p, int *out) {
    if (is_letter(*p->at))
        return parse_call(p, out);
    if (*p->at == '(') {
        p->at++;
        fs_status status = parse_sum(p, out);
        return status == FS_OK ? expect(p, ')') : status;
    }
    if (!is_digit(*p->at) && *p->at != '.')
        return fail_expected(p, "an objective or a number");
    fs_expression_node node = {.kind = FS_NODE_NUMBER};
    fs_status status = parse_number(p, &node.number);
    return status == FS_OK ? add_node(p, node, out) : status;
}

static fs_status parse_sign(parser *p, int *out) {
    bool negative = false;
    skip_spaces(p);
    for (; *p->at == '-' || *p->at == '+'; skip_spaces(p))
        negative ^= *p->at++ == '-';
    fs_status status = parse_primary(p, out);
    if (status != FS_OK || !negative)
        return status;
    return add_node(p, (fs_expression_node){.kind = FS_NODE_NEGATE, .left = *out}, out);
}

static fs_status parse_division(parser *p, fs_expression_node *node) {
    double divisor = 0;
    skip_spaces(p);
    int from = column(p);
    fs_status status = parse_number(p, &divisor);
    if (status != FS_OK)
        return status;
    if (!isfinite(1 / divisor))
        return fs_fail(p->err, FS_ERROR_ARGUMENT, "column %d: division by %g", from, divisor);
    node->kind = FS_NODE_MULTIPLY;
    return add_node(p, (fs_expression_node){.kind = FS_NODE_NUMBER, .number = 1 / divisor}, &node->right);
}

static fs_status parse_product(parser *p, int *out) {
    fs_status status = parse_sign(p, out);
    while (status == FS_OK) {
        fs_expression_node node = {.kind = FS_NODE_MULTIPLY, .left = *out};
        if (take(p, '*'))
            status = parse_sign(p, &node.right);
        else if (take(p, '/'))
            status = parse_division(p, &node);
        else
            break;
        if (status == FS_OK)
            status = add_node(p, node, out);
    }
    return status;
}

static fs_status parse_sum(parser *p, int *out) {
    if (p->depth == FS_EXPRESSION_DEPTH)
        return fs_fail(p->err, FS_ERROR_LIMIT, "column %d: brackets nest deeper than %d", column(p),
                       FS_EXPRESSION_DEPTH);
    p->depth++;
    fs_status status = parse_product(p, out);
    while (status == FS_OK) {
        fs_expression_node node = {.kind = FS_NODE_ADD, .left = *out};
        if (take(p, '-'))
            node.kind = FS_NODE_SUBTRACT;
        else if (!take(p, '+'))
            break;
        status = parse_product(p, &node.right);
        if (status == FS_OK)
            status = add_node(p, node, out);
    }
    p->depth--;
    return status;
}

fs_status fs_expression_parse(fs_expression **out, const char *text, const fs_function *const *functions,
                              fs_error *err) {
    if (strnlen(text, FS_EXPRESSION_SIZE) >= FS_EXPRESSION_SIZE)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d bytes", FS_EXPRESSION_SIZE - 1);
    fs_expression *e = fs_calloc(1, sizeof *e);
    if (!e)
        return fs_fail_memory(err, "an objective");
    parser p = {.text = text, .at = text, .functions = functions, .out = e, .err = err};
    int whole = 0;
    fs_status status = parse_sum(&p, &whole);
    skip_spaces(&p);
    if (status == FS_OK && *p.at != '\0')
        status = fail_expected(&p, "an operator");
    if (status == FS_OK)
        *out = e;
    else
        fs_expression_destroy(e);
    return status;
}

fs_status fs_expression_of_call(fs_expression **out, const fs_function *function, fs_error *err) {
    fs_expression *e = fs_calloc(1, sizeof *e);
    if (!e)
        return fs_fail_memory(err, "an objective");
    start_call(&e->calls[0], function, 0);
    e->nodes[0].kind = FS_NODE_CALL;
    e->n_nodes = e->n_calls = 1;
    *out = e;
    return FS_OK;
}

fs_argument *fs_call_argument(fs_call_node *call, const char *parameter) {
    for (int i = 0; call->function->parameters[i].name; i++)
        if (strcmp(call->function->parameters[i].name, parameter) == 0)
            return &call->arguments[i];
    return NULL;
}

void fs_expression_destroy(fs_expression *expression) {
    fs_free(expression);
}
