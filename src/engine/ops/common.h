/* What the operators share: checked access to attributes and inputs, output shapes, parallel spans,
 * gradients.
 *
 *     static fs_status infer(const fs_op_shapes *s, fs_error *err) {
 *         if (fs_op_need_f32(s, 0, err) != FS_OK)
 *             return err_code...
 *         return fs_op_output(s, 0, &s->in[0].shape, FS_F32, err);
 *     }
 *
 * Everything is borrowed; nothing here allocates except from the graph's arena. */
#ifndef FS_ENGINE_OPS_COMMON_H
#define FS_ENGINE_OPS_COMMON_H

#include "engine/operator.h"

/* Hot loops are compiled for several instruction sets and chosen when the program starts. Sanitized builds do
 * without: their runtime is not ready when the choice is made. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define FS_SIMD __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FS_SIMD
#endif
#define FS_INLINE static inline __attribute__((always_inline))

/* ---- parse ---- */

/* A zeroed parameter block of the graph's arena. */
fs_status fs_op_params(const fs_graph *graph, size_t size, void **out, fs_error *err);
/* A list attribute; *count is -1 when the node has none of that name. */
fs_status fs_op_int_list(const fs_node *node, const char *name, const int64_t **ints, int *count,
                         fs_error *err);
/* A single integer within [low, high]. */
fs_status fs_op_int(const fs_node *node, const char *name, int64_t fallback, int64_t low, int64_t high,
                    int64_t *out, fs_error *err);

/* TensorProto.DataType of the ONNX format, as a number (or, in opsets 1 to 5, a name), to the type it has
 * here: every floating point type is float32, integers and booleans are int64. */
enum { FS_ONNX_BOOL = 9 };
fs_status fs_op_dtype(int64_t number, fs_dtype *out, fs_error *err);
fs_status fs_op_type_number(const char *name, int64_t *out, fs_error *err);

/* ---- infer ---- */

static inline bool fs_op_has(const fs_op_shapes *s, int index) {
    return index < s->n_in && s->present[index];
}
fs_status fs_op_need(const fs_op_shapes *s, int index, fs_error *err); /* present */
fs_status fs_op_need_f32(const fs_op_shapes *s, int index, fs_error *err);
fs_status fs_op_need_rank(const fs_op_shapes *s, int index, int low, int high, fs_error *err);
/* The numbers of an integer input that must be known while planning; *count is -1 when the input is absent.
 * `what` names it in errors: "the target shape". */
fs_status fs_op_known_ints(const fs_op_shapes *s, int index, const char *what, const int64_t **ints,
                           int *count, fs_error *err);
/* The input is there, of any shape, and made of integers that are known while planning. */
fs_status fs_op_need_known_ints(const fs_op_shapes *s, int index, const char *what, fs_error *err);
/* An optional input that holds one known integer; `out` stays as it is when absent. */
fs_status fs_op_known_int(const fs_op_shapes *s, int index, const char *what, int64_t *out, fs_error *err);
/* Sets an output's shape and type after checking its size; an output the node does not have is ignored. */
fs_status fs_op_output(const fs_op_shapes *s, int index, const fs_shape *shape, fs_dtype dtype,
                       fs_error *err);
/* Output 0 is like input 0, any type. */
fs_status fs_op_infer_same(const fs_op_shapes *s, fs_error *err);
/* The same, float only. */
fs_status fs_op_infer_same_f32(const fs_op_shapes *s, fs_error *err);
fs_status fs_op_axis(int64_t axis, int rank, int *out, fs_error *err);

/* ---- lines along an axis ---- */

/* A tensor as [outer, length, inner]: `count` lines of `length` numbers that lie `inner` apart. */
typedef struct fs_lines {
    int64_t count, length, inner;
} fs_lines;
fs_lines fs_lines_along(const fs_shape *shape, int64_t axis); /* the axis exists: infer has checked */
static inline int64_t fs_line_start(const fs_lines *lines, int64_t line) {
    return line / lines->inner * lines->length * lines->inner + line % lines->inner;
}

/* ---- prepare ---- */

bool fs_op_wants_gradient(const fs_op_setup *setup);
/* Bit i of a keep mask. */
static inline uint64_t fs_op_bit(int index) {
    return (uint64_t)1 << index;
}

/* ---- run ---- */

enum { FS_SPAN_GRAIN = 32768 };
typedef void (*fs_span_body)(void *context, int64_t first, int64_t last, int thread);
/* [0, count) in pieces of about `grain`; in the caller alone when there are not two pieces. */
void fs_span_for(fs_pool *pool, int64_t count, int64_t grain, fs_span_body body, void *context);

/* out = in, or out += in. */
void fs_copy_f32(fs_pool *pool, float *out, const float *in, int64_t count, bool add);
/* x *= by */
void fs_scale_f32(fs_pool *pool, float *x, int64_t count, float by);
void fs_copy_bytes(fs_pool *pool, void *out, const void *in, size_t size);
/* Zeroes a gradient that is not to be added to. */
void fs_grad_clear(float *grad, int64_t count, bool accumulate);
/* For a backward whose output gradients are all NULL: clears what is wanted, true when there is nothing to
 * do. */
bool fs_grad_nothing(const fs_op_run *run);

/* Inputs from `first` on that only steer the operator (axes, limits, shapes): their gradient is zero. */
void fs_grad_clear_rest(const fs_op_run *run, int first);

/* The backward of operators that are flat almost everywhere: steps, comparisons, indices. */
void fs_backward_flat(const fs_op_run *run);

double fs_sum_f32(const float *x, int64_t count);
double fs_dot_f32(const float *x, const float *y, int64_t count);

/* Kernels of operators whose output is the input's bytes under another shape. */
extern const fs_kernel fs_copy_kernel;
extern const fs_kernel *const fs_copy_kernels[];

#endif
