#include "engine/ops/window.h"

#include <string.h>

#include "engine/ops/common.h"

/* No kernel, stride, dilation or padding of a real network comes near this. */
enum { WINDOW_LIMIT = 65535 };

static fs_status read_list(const fs_node *node, const char *name, int expected, int64_t low, int *out,
                           fs_error *err) {
    const int64_t *ints;
    int count;
    fs_status status = fs_op_int_list(node, name, &ints, &count, err);
    if (status != FS_OK || count <= 0)
        return status;
    if (count != expected)
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "attribute '%s' has %d numbers; two-dimensional windows need %d", name, count,
                       expected);
    for (int i = 0; i < count; i++) {
        if (ints[i] < low || ints[i] > WINDOW_LIMIT)
            return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' holds %lld, outside %lld..%d", name,
                           (long long)ints[i], (long long)low, WINDOW_LIMIT);
        out[i] = (int)ints[i];
    }
    return FS_OK;
}

static fs_status read_auto_pad(const fs_node *node, fs_auto_pad *out, fs_error *err) {
    static const struct {
        const char *name;
        fs_auto_pad value;
    } table[] = {{"NOTSET", FS_PAD_EXPLICIT},
                 {"", FS_PAD_EXPLICIT},
                 {"SAME_UPPER", FS_PAD_SAME_UPPER},
                 {"SAME_LOWER", FS_PAD_SAME_LOWER},
                 {"VALID", FS_PAD_VALID}};
    const char *text = fs_node_string(node, "auto_pad", "NOTSET");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(text, table[i].name) == 0) {
            *out = table[i].value;
            return FS_OK;
        }
    }
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "auto_pad '%s' is not supported", text);
}

/* An integer, but a float in opset 1. */
static fs_status read_power(const fs_node *node, float *out, fs_error *err) {
    const fs_attribute *p = fs_node_attribute(node, "p");
    *out = !p ? 2 : p->kind == FS_ATTRIBUTE_INT ? (float)p->i : p->kind == FS_ATTRIBUTE_FLOAT ? p->f : 0;
    if (*out >= 1 && *out <= 64)
        return FS_OK;
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "p %g is not supported", (double)*out);
}

static fs_status read_numbers(const fs_node *node, fs_window *w, fs_error *err) {
    int64_t ceil_mode, include, group;
    fs_status status = fs_op_int(node, "ceil_mode", 0, 0, 1, &ceil_mode, err);
    if (status == FS_OK)
        status = fs_op_int(node, "count_include_pad", 0, 0, 1, &include, err);
    if (status == FS_OK)
        status = fs_op_int(node, "group", 1, 1, INT32_MAX, &group, err);
    if (status == FS_OK)
        status = read_power(node, &w->p, err);
    if (status != FS_OK)
        return status;
    w->ceil_mode = ceil_mode != 0;
    w->count_include_pad = include != 0;
    w->group = (int)group;
    return FS_OK;
}

fs_status fs_window_parse(const fs_graph *graph, const fs_node *node, const void **params, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(fs_window), &block, err);
    if (status != FS_OK)
        return status;
    fs_window *w = block;
    *w = (fs_window){.stride = {1, 1}, .dilation = {1, 1}};
    if ((status = read_list(node, "kernel_shape", 2, 1, w->kernel, err)) != FS_OK ||
        (status = read_list(node, "strides", 2, 1, w->stride, err)) != FS_OK ||
        (status = read_list(node, "dilations", 2, 1, w->dilation, err)) != FS_OK ||
        (status = read_list(node, "pads", 4, 0, w->pad, err)) != FS_OK ||
        (status = read_auto_pad(node, &w->auto_pad, err)) != FS_OK ||
        (status = read_numbers(node, w, err)) != FS_OK)
        return status;
    *params = w;
    return FS_OK;
}

/* One axis; reach is the extent of the dilated kernel. Returns the output size, 0 when the kernel does not
 * fit. */
static int64_t resolve_axis(const fs_window *w, int axis, int64_t in, int64_t reach, int pad[2]) {
    const int64_t stride = w->stride[axis];
    if (w->auto_pad == FS_PAD_SAME_UPPER || w->auto_pad == FS_PAD_SAME_LOWER) {
        const int64_t out = (in + stride - 1) / stride;
        const int64_t need = (out - 1) * stride + reach - in;
        const int total = need > 0 ? (int)need : 0;
        pad[0] = w->auto_pad == FS_PAD_SAME_UPPER ? total / 2 : total - total / 2;
        pad[1] = total - pad[0];
        return out;
    }
    const bool valid = w->auto_pad == FS_PAD_VALID;
    pad[0] = valid ? 0 : w->pad[axis];
    pad[1] = valid ? 0 : w->pad[axis + 2];
    const int64_t room = in + pad[0] + pad[1] - reach;
    if (room < 0)
        return 0;
    int64_t out = room / stride + 1;
    if (w->ceil_mode && !valid && room % stride != 0 && out * stride < in + pad[0])
        out++;
    return out;
}

fs_status fs_window_resolve(const fs_window *window, const int kernel[2], int64_t in_h, int64_t in_w,
                            fs_window_at *out, fs_error *err) {
    const int64_t in[2] = {in_h, in_w};
    fs_window_at at = {0};
    for (int axis = 0; axis < 2; axis++) {
        at.kernel[axis] = window->kernel[axis] ? window->kernel[axis] : kernel ? kernel[axis] : 0;
        at.stride[axis] = window->stride[axis];
        at.dilation[axis] = window->dilation[axis];
        if (at.kernel[axis] < 1)
            return fs_fail(err, FS_ERROR_FORMAT, "the window has no kernel_shape");
        if (in[axis] < 1 || in[axis] > INT32_MAX / 2)
            return fs_fail(err, FS_ERROR_LIMIT, "an input of %lldx%lld cannot be windowed", (long long)in_h,
                           (long long)in_w);
    }
    bool fits = true;
    for (int axis = 0; axis < 2; axis++) {
        int pad[2];
        const int64_t reach = (int64_t)(at.kernel[axis] - 1) * at.dilation[axis] + 1;
        if (reach > INT32_MAX / 2)
            return fs_fail(err, FS_ERROR_LIMIT, "the dilated kernel is %lld pixels long", (long long)reach);
        const int64_t size = resolve_axis(window, axis, in[axis], reach, pad);
        fits = fits && size > 0;
        at.in[axis] = (int)in[axis];
        at.out[axis] = (int)size;
        at.pad[axis] = pad[0];
        at.pad[axis + 2] = pad[1];
    }
    if (!fits)
        return fs_fail(err, FS_ERROR_ARGUMENT, "kernel %dx%d does not fit the %lldx%lld input", at.kernel[0],
                       at.kernel[1], (long long)in_h, (long long)in_w);
    *out = at;
    return FS_OK;
}
