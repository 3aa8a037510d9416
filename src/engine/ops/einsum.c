/* Einsum of one operand (transpose and sum) or two (a product of matrices).
 *
 * With two operands every letter is one of
 *     batch  in A, B and the output      k  in A and B only
 *     m      in A and the output         n  in B and the output
 * or stands in one operand alone and is summed over beforehand. A is seen as [batch, m, k] or [batch, k, m],
 * B as [batch, k, n] or [batch, n, k], the output as [batch, m, n]; what does not lie in memory like that is
 * brought into the first form in the workspace. Diagonals, ellipses and more operands are refused. */
#include <stdio.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/sgemm.h"
#include "engine/ops/walk.h"

enum { OPERANDS = 2, LETTERS = FS_MAX_RANK + 1 };

typedef struct params {
    int operands;
    char term[OPERANDS][LETTERS]; /* the letters of the dimensions, zero terminated */
    char out[LETTERS];
} params;

/* ---- the equation ---- */

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A term up to `end`; blanks are skipped. */
static fs_status read_term(const char *text, const char *end, char term[LETTERS], fs_error *err) {
    int n = 0;
    for (; text < end; text++) {
        if (*text == ' ')
            continue;
        if (*text == '.')
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "an equation with '...' is not supported");
        if (!is_letter(*text))
            return fs_fail(err, FS_ERROR_FORMAT, "the equation holds '%c'", *text);
        if (memchr(term, *text, (size_t)n))
            return fs_fail(err, FS_ERROR_UNSUPPORTED,
                           "an equation with '%c' twice in a term is not supported", *text);
        if (n == FS_MAX_RANK)
            return fs_fail(err, FS_ERROR_LIMIT, "more than %d dimensions are not supported", FS_MAX_RANK);
        term[n++] = *text;
    }
    term[n] = 0;
    return FS_OK;
}

/* Without "->" the output has the letters that stand in one term only, in alphabetical order. */
static fs_status imply_output(params *p, fs_error *err) {
    int n = 0;
    for (int c = 'A'; c <= 'z'; c++) {
        int found = 0;
        for (int i = 0; i < p->operands; i++)
            found += strchr(p->term[i], c) != NULL;
        if (found != 1)
            continue;
        if (n == FS_MAX_RANK)
            return fs_fail(err, FS_ERROR_LIMIT, "more than %d dimensions are not supported", FS_MAX_RANK);
        p->out[n++] = (char)c;
    }
    p->out[n] = 0;
    return FS_OK;
}

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    const char *text = fs_node_string(node, "equation", NULL);
    if (!text)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute 'equation' is missing");
    const char *arrow = strstr(text, "->"), *end = arrow ? arrow : text + strlen(text);
    for (const char *from = text; from <= end;) {
        const char *comma = memchr(from, ',', (size_t)(end - from)), *to = comma ? comma : end;
        if (p->operands == OPERANDS)
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "an equation of more than %d operands is not supported",
                           OPERANDS);
        if ((status = read_term(from, to, p->term[p->operands++], err)) != FS_OK)
            return status;
        from = to + 1;
    }
    status = arrow ? read_term(arrow + 2, text + strlen(text), p->out, err) : imply_output(p, err);
    for (const char *c = p->out; *c && status == FS_OK; c++)
        if (!strchr(p->term[0], *c) && !strchr(p->term[1], *c))
            status = fs_fail(err, FS_ERROR_FORMAT, "'%c' of the output stands in no operand", *c);
    *out = p;
    return status;
}

/* ---- shapes ---- */

/* The size of a letter; 0 where no operand has it. */
static int64_t size_of(const params *p, const fs_tensor *in, char letter) {
    for (int i = 0; i < p->operands; i++) {
        const char *at = strchr(p->term[i], letter);
        if (at)
            return in[i].shape.dim[at - p->term[i]];
    }
    return 0;
}

static int64_t product_of(const params *p, const fs_tensor *in, const char *letters) {
    int64_t product = 1;
    for (; *letters; letters++)
        product *= size_of(p, in, *letters);
    return product;
}

/* An operand, or the output, as a batch of matrices. */
typedef struct side {
    bool direct;                 /* lies in memory like that; otherwise it has a place in the workspace */
    bool transposed;             /* the matrices; only when direct */
    int64_t count;               /* of numbers in that form */
    int64_t stride[FS_MAX_RANK]; /* of its dimensions in that form; 0: summed over */
} side;

typedef struct contraction {
    int64_t batch, m, n, k;
    side a, b, c;
} contraction;

/* Letters of `from` that are (or are not) in x and in y. */
static void choose(const char *from, const char *x, bool in_x, const char *y, bool in_y, char out[LETTERS]) {
    int n = 0;
    for (; *from; from++)
        if ((strchr(x, *from) != NULL) == in_x && (strchr(y, *from) != NULL) == in_y)
            out[n++] = *from;
    out[n] = 0;
}

static side side_of(const params *p, const fs_tensor *in, const char *term, const char *batch,
                    const char *rows, const char *columns) {
    char straight[3 * LETTERS], crossed[3 * LETTERS];
    snprintf(straight, sizeof straight, "%s%s%s", batch, rows, columns);
    snprintf(crossed, sizeof crossed, "%s%s%s", batch, columns, rows);
    side s = {.count = product_of(p, in, straight)};
    s.transposed = strcmp(term, straight) != 0 && strcmp(term, crossed) == 0;
    s.direct = s.transposed || strcmp(term, straight) == 0;
    for (int i = 0; term[i]; i++) {
        const char *at = strchr(straight, term[i]);
        s.stride[i] = at ? product_of(p, in, at + 1) : 0;
    }
    return s;
}

static contraction contraction_of(const params *p, const fs_tensor *in) {
    char batch[LETTERS], m[LETTERS], n[LETTERS], k[LETTERS];
    choose(p->out, p->term[0], true, p->term[1], true, batch);
    choose(p->out, p->term[0], true, p->term[1], false, m);
    choose(p->out, p->term[0], false, p->term[1], true, n);
    choose(p->term[0], p->term[1], true, p->out, false, k);
    contraction c = {.batch = product_of(p, in, batch),
                     .m = product_of(p, in, m),
                     .n = product_of(p, in, n),
                     .k = product_of(p, in, k),
                     .a = side_of(p, in, p->term[0], batch, m, k),
                     .b = side_of(p, in, p->term[1], batch, k, n),
                     .c = side_of(p, in, p->out, batch, m, n)};
    if (c.c.transposed) /* products are written row by row */
        c.c.direct = c.c.transposed = false;
    return c;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status;
    if (s->n_in != p->operands)
        return fs_fail(err, FS_ERROR_FORMAT, "an equation of %d operands has %d inputs", p->operands,
                       s->n_in);
    for (int i = 0; i < s->n_in; i++) {
        const int rank = (int)strlen(p->term[i]);
        if ((status = fs_op_need_f32(s, i, err)) != FS_OK ||
            (status = fs_op_need_rank(s, i, rank, rank, err)) != FS_OK)
            return status;
        for (int d = 0; d < rank; d++) {
            const int64_t size = s->in[i].shape.dim[d], first = size_of(p, s->in, p->term[i][d]);
            if (size != first || size < 1)
                return fs_fail(err, FS_ERROR_ARGUMENT, "'%c' stands for dimensions of %lld and %lld",
                               p->term[i][d], (long long)first, (long long)size);
        }
    }
    fs_shape y = {.rank = (int)strlen(p->out)};
    for (int d = 0; d < y.rank; d++)
        y.dim[d] = size_of(p, s->in, p->out[d]);
    if ((status = fs_op_output(s, 0, &y, FS_F32, err)) != FS_OK || p->operands == 1)
        return status;
    const contraction c = contraction_of(p, s->in);
    if (c.m > INT32_MAX || c.n > INT32_MAX || c.k > INT32_MAX)
        return fs_fail(err, FS_ERROR_LIMIT, "a product of %lldx%lld by %lldx%lld is not supported",
                       (long long)c.m, (long long)c.k, (long long)c.k, (long long)c.n);
    return FS_OK;
}

/* ---- running ---- */

static fs_walk walk_of(const fs_shape *shape, const int64_t stride[FS_MAX_RANK]) {
    fs_walk walk;
    fs_walk_begin(&walk, shape, 1);
    memcpy(walk.stride[0], stride, sizeof walk.stride[0]);
    return walk;
}

/* Brings an operand's numbers into the form of its side. */
static void gather(const fs_op_run *run, const side *s, const fs_shape *shape, const float *from, float *to) {
    const fs_walk walk = walk_of(shape, s->stride);
    memset(to, 0, (size_t)s->count * sizeof *to);
    fs_walk_push(&walk, run->pool, to, from);
}

/* The same in `room`, or where they are if they have that form. */
static const float *gathered(const fs_op_run *run, const side *s, const fs_shape *shape, const float *from,
                             float *room) {
    if (!s->direct)
        gather(run, s, shape, from, room);
    return s->direct ? from : room;
}

static void multiply(const fs_op_run *run, const contraction *c, const fs_sgemm *product, int64_t a_step,
                     int64_t b_step) {
    fs_sgemm_batch p = {.product = *product, .batch = {1, {c->batch}}};
    p.product.alpha = 1;
    p.a_step[0] = a_step;
    p.b_step[0] = b_step;
    p.c_step[0] = product->m * product->n;
    fs_sgemm_batch_run(run->pool, &p);
}

/* Rows of memory of a side whose matrices are [rows, columns] when not transposed. */
static int64_t leading(const side *s, int64_t rows, int64_t columns) {
    return s->transposed ? rows : columns;
}

/* Where in the workspace each of them goes, in floats. */
typedef struct rooms {
    int64_t a, b, c, gradient;
} rooms;

static rooms rooms_of(const contraction *c) {
    rooms r = {0};
    r.b = r.a + (c->a.direct ? 0 : c->a.count);
    r.c = r.b + (c->b.direct ? 0 : c->b.count);
    r.gradient = r.c + (c->c.direct ? 0 : c->c.count);
    return r;
}

static void forward_two(const fs_op_run *run) {
    const params *p = run->node->params;
    const contraction c = contraction_of(p, run->in);
    const rooms r = rooms_of(&c);
    float *room = run->workspace;
    float *y = c.c.direct ? fs_f32(&run->out[0]) : room + r.c;
    const fs_sgemm product = {
        .ta = c.a.transposed,
        .tb = c.b.transposed,
        .m = c.m,
        .n = c.n,
        .k = c.k,
        .a = gathered(run, &c.a, &run->in[0].shape, fs_f32(&run->in[0]), room + r.a),
        .lda = leading(&c.a, c.m, c.k),
        .b = gathered(run, &c.b, &run->in[1].shape, fs_f32(&run->in[1]), room + r.b),
        .ldb = leading(&c.b, c.k, c.n),
        .c = y,
        .ldc = c.n,
    };
    multiply(run, &c, &product, c.m * c.k, c.k * c.n);
    if (!c.c.direct) {
        const fs_walk walk = walk_of(&run->out[0].shape, c.c.stride);
        fs_walk_copy(&walk, run->pool, run->out[0].data, y, sizeof *y);
    }
}

/* dA = G B^T, or when A is stored transposed dA^T = B G^T. */
static fs_sgemm gradient_of_a(const contraction *c, const float *b, const float *g) {
    const int64_t ldb = leading(&c->b, c->k, c->n);
    if (c->a.transposed)
        return (fs_sgemm){.ta = c->b.transposed,
                          .tb = true,
                          .m = c->k,
                          .n = c->m,
                          .k = c->n,
                          .a = b,
                          .lda = ldb,
                          .b = g,
                          .ldb = c->n,
                          .ldc = c->m};
    return (fs_sgemm){.tb = !c->b.transposed,
                      .m = c->m,
                      .n = c->k,
                      .k = c->n,
                      .a = g,
                      .lda = c->n,
                      .b = b,
                      .ldb = ldb,
                      .ldc = c->k};
}

/* dB = A^T G, or when B is stored transposed dB^T = G^T A. */
static fs_sgemm gradient_of_b(const contraction *c, const float *a, const float *g) {
    const int64_t lda = leading(&c->a, c->m, c->k);
    if (c->b.transposed)
        return (fs_sgemm){.ta = true,
                          .tb = c->a.transposed,
                          .m = c->n,
                          .n = c->k,
                          .k = c->m,
                          .a = g,
                          .lda = c->n,
                          .b = a,
                          .ldb = lda,
                          .ldc = c->k};
    return (fs_sgemm){.ta = !c->a.transposed,
                      .m = c->k,
                      .n = c->n,
                      .k = c->m,
                      .a = a,
                      .lda = lda,
                      .b = g,
                      .ldb = c->n,
                      .ldc = c->n};
}

static void backward_two(const fs_op_run *run) {
    const params *p = run->node->params;
    const contraction c = contraction_of(p, run->in);
    const rooms r = rooms_of(&c);
    float *room = run->workspace;
    const float *g = gathered(run, &c.c, &run->out[0].shape, run->out_grad[0], room + r.c);
    for (int i = 0; i < OPERANDS; i++) {
        if (!run->in_grad[i])
            continue;
        const side *own = i ? &c.b : &c.a, *other = i ? &c.a : &c.b;
        const float *kept =
            gathered(run, other, &run->in[!i].shape, fs_f32(&run->in[!i]), room + (i ? r.a : r.b));
        fs_sgemm product = i ? gradient_of_b(&c, kept, g) : gradient_of_a(&c, kept, g);
        product.c = own->direct ? run->in_grad[i] : room + r.gradient;
        product.beta = own->direct && run->accumulate[i] ? 1 : 0;
        multiply(run, &c, &product, product.m * product.k, product.k * product.n);
        if (own->direct)
            continue;
        const fs_walk walk = walk_of(&run->in[i].shape, own->stride);
        fs_walk_pull(&walk, run->pool, run->in_grad[i], room + r.gradient, run->accumulate[i]);
    }
}

static void forward(const fs_op_run *run) {
    const params *p = run->node->params;
    if (p->operands == OPERANDS) {
        forward_two(run);
        return;
    }
    const side s = side_of(p, run->in, p->term[0], p->out, "", "");
    gather(run, &s, &run->in[0].shape, fs_f32(&run->in[0]), fs_f32(&run->out[0]));
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    const params *p = run->node->params;
    if (p->operands == OPERANDS) {
        backward_two(run);
        return;
    }
    const side s = side_of(p, run->in, p->term[0], p->out, "", "");
    const fs_walk walk = walk_of(&run->in[0].shape, s.stride);
    if (run->in_grad[0])
        fs_walk_pull(&walk, run->pool, run->in_grad[0], run->out_grad[0], run->accumulate[0]);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    const params *p = setup->node->params;
    if (p->operands < OPERANDS)
        return FS_OK;
    const contraction c = contraction_of(p, setup->in);
    int64_t largest = 0;
    for (int i = 0; i < OPERANDS; i++) {
        const side *own = i ? &c.b : &c.a;
        if (!setup->want_grad[i])
            continue;
        setup->keep_in |= fs_op_bit(!i);
        if (!own->direct && own->count > largest)
            largest = own->count;
    }
    const rooms r = rooms_of(&c);
    setup->workspace_bytes = (size_t)(r.gradient + largest) * sizeof(float);
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "blas",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_einsum = {
    .type = "Einsum",
    .min_inputs = 1,
    .max_inputs = -1,
    .parse = parse,
    .infer = infer,
    .limits = "two operands at most; no `...`, no letter twice in a term",
    .kernels = kernels,
};
