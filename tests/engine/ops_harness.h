/* Runs one operator by itself, as a plan would: parse, infer, prepare, pack, forward, backward.
 *
 *     op_case c;
 *     op_case_begin(&c, "Conv", 13);
 *     op_attribute_ints(&c, "strides", 2, (int64_t[]){2, 2});
 *     op_input_random(&c, fs_shape_of(4, 1, 3, 8, 8), 1);
 *     op_input_random(&c, fs_shape_of(4, 4, 3, 3, 3), 2);
 *     assert_int_equal(op_infer(&c, &err), FS_OK);
 *     op_check(&c, 1e-3);
 *     op_case_end(&c);
 *
 * Buffers have exactly the sizes asked for and start filled with rubbish, so that sanitizers and the checks
 * see what a kernel reads or leaves. Failures are cmocka failures. */
#ifndef FS_TESTS_ENGINE_OPS_HARNESS_H
#define FS_TESTS_ENGINE_OPS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "engine/operator.h"

enum { OP_CASE_INPUTS = 8, OP_CASE_OUTPUTS = 8, OP_CASE_ATTRIBUTES = 12 };

typedef struct op_case {
    const char *title; /* for failures */
    fs_graph graph;
    fs_node node;
    fs_attribute attributes[OP_CASE_ATTRIBUTES];
    int n_attributes;
    fs_tensor in[OP_CASE_INPUTS]; /* data owned by the case */
    bool present[OP_CASE_INPUTS];
    bool constant[OP_CASE_INPUTS]; /* known while planning; no gradient */
    int n_in;
    fs_tensor out[OP_CASE_OUTPUTS]; /* after op_infer: shapes */
    int n_out;                      /* 1 unless set before op_infer */
} op_case;

/* One run of one kernel: outputs and gradients, owned. */
typedef struct op_result {
    fs_tensor out[OP_CASE_OUTPUTS];
    float *grad[OP_CASE_INPUTS];
} op_result;

/* How to run. */
typedef struct op_setting {
    const fs_kernel *kernel;
    fs_pool *pool;
    bool want[OP_CASE_INPUTS];
    const float *const *out_grad; /* NULL: forward only */
    const float *const *start;    /* gradients to add to; NULL: overwrite */
    bool fuse_relu;
    fs_relu_rule rule;
} op_setting;

void op_case_begin(op_case *c, const char *type, int opset);
void op_case_end(op_case *c);

void op_attribute_int(op_case *c, const char *name, int64_t value);
void op_attribute_float(op_case *c, const char *name, float value);
void op_attribute_string(op_case *c, const char *name, const char *value);
void op_attribute_ints(op_case *c, const char *name, int count, const int64_t *values);
void op_attribute_floats(op_case *c, const char *name, int count, const float *values);
void op_attribute_tensor(op_case *c, const char *name, const fs_tensor *value);

void op_input(op_case *c, const fs_tensor *value, bool constant); /* copied */
void op_input_random(op_case *c, fs_shape shape, uint64_t seed);  /* normal, sigma 1 */
void op_input_ints(op_case *c, int count, const int64_t *values); /* a constant list */
void op_input_absent(op_case *c);

/* parse and infer. */
fs_status op_infer(op_case *c, fs_error *err);
/* Fails the test unless op_infer fails with a message that contains `part`. */
void op_expect_error(op_case *c, const char *part);

/* For files that claim nonsense. Mostly small numbers, now and then an absurd one. */
int64_t op_odd_number(fs_random *random);
/* After op_infer: small enough to run. What a plan would refuse for want of memory is not run in tests
 * either.
 */
bool op_is_modest(const op_case *c);

void op_run(const op_case *c, const op_setting *setting, op_result *result);
void op_result_free(op_result *result);
const fs_kernel *op_reference(const op_case *c);

/* Everything that holds for any operator: every kernel agrees with the reference, alone and with threads;
 * fused ReLU where offered; every subset of gradients, overwriting and adding; the reference's gradient
 * against central differences. `tolerance` is relative to the largest number of the tensor compared. */
void op_check(op_case *c, double tolerance);
/* The parts. */
void op_check_kernels(op_case *c, double tolerance);
void op_check_gradient(op_case *c, double tolerance);

void op_assert_close(const char *title, const float *got, const float *expected, int64_t count,
                     double tolerance);

#endif
