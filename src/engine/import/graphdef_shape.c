/* Operators that move numbers without changing them: joining, splitting, padding, slicing. Axes are those of
 * the file's layout. What they need to know (axes, amounts) must be constant there. */
#include "engine/import/graphdef_private.h"

/* Input 0 and the output: the frame of most operators here. */
static fs_status begin(fs_graphdef_op *op, fs_graphdef_reader *reader, const fs_graphdef_node *node, int data,
                       fs_error *err) {
    op->n_inputs = op->n_outputs = 1;
    fs_status status = fs_graphdef_input(&op->inputs[0], reader, node, data, err);
    return status == FS_OK ? fs_graphdef_output(&op->outputs[0], reader, node, 0, err) : status;
}

static fs_status add_ints(fs_graphdef_op *op, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                          const char *suffix, const int64_t *ints, int count, fs_error *err) {
    return fs_graphdef_local_ints(&op->inputs[op->n_inputs++], reader, node, suffix, ints, count, err);
}

/* ---- joining and splitting ---- */

static fs_status join(fs_graphdef_reader *reader, const fs_graphdef_node *node, int first, int axis_input,
                      fs_error *err) {
    fs_graphdef_op op = {.type = "Concat", .n_inputs = node->n_inputs - 1, .n_outputs = 1};
    int64_t axis;
    if (op.n_inputs > FS_GRAPHDEF_MAX_LIST)
        return fs_fail(err, FS_ERROR_LIMIT, "%d inputs, more than %d", op.n_inputs, FS_GRAPHDEF_MAX_LIST);
    fs_status status = fs_graphdef_known_int(&axis, reader, node, axis_input, "the axis", err);
    for (int i = 0; i < op.n_inputs && status == FS_OK; i++)
        status = fs_graphdef_input(&op.inputs[i], reader, node, first + i, err);
    if (status == FS_OK)
        status = fs_graphdef_output(&op.outputs[0], reader, node, 0, err);
    if (status != FS_OK)
        return status;
    fs_graphdef_set_int(&op, "axis", axis);
    return fs_graphdef_emit(reader, node, NULL, &op, err);
}

/* The axis comes first, in the later form last. */
fs_status fs_graphdef_convert_concat(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     fs_error *err) {
    return join(reader, node, 1, 0, err);
}

fs_status fs_graphdef_convert_concat_v2(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                        fs_error *err) {
    return join(reader, node, 0, node->n_inputs - 1, err);
}

/* Every input gets the new axis, then they are joined along it. */
fs_status fs_graphdef_convert_pack(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {.type = "Concat", .n_inputs = node->n_inputs, .n_outputs = 1};
    int64_t axis;
    int axes;
    if (op.n_inputs > FS_GRAPHDEF_MAX_LIST)
        return fs_fail(err, FS_ERROR_LIMIT, "%d inputs, more than %d", op.n_inputs, FS_GRAPHDEF_MAX_LIST);
    fs_status status = fs_graphdef_int(node, "axis", 0, &axis, err);
    if (status == FS_OK)
        status = fs_graphdef_local_ints(&axes, reader, node, "axes", &axis, 1, err);
    for (int i = 0; i < op.n_inputs && status == FS_OK; i++) {
        fs_graphdef_op column = {.type = "Unsqueeze", .n_inputs = 2, .n_outputs = 1};
        char suffix[] = {'p', 'a', 'r', 't', (char)('0' + i / 10), (char)('0' + i % 10), '\0'};
        column.inputs[1] = axes;
        status = fs_graphdef_input(&column.inputs[0], reader, node, i, err);
        if (status == FS_OK)
            status = fs_graphdef_local(&column.outputs[0], reader, node, suffix, err);
        if (status == FS_OK)
            status = fs_graphdef_emit(reader, node, suffix, &column, err);
        op.inputs[i] = column.outputs[0];
    }
    if (status == FS_OK)
        status = fs_graphdef_output(&op.outputs[0], reader, node, 0, err);
    if (status != FS_OK)
        return status;
    fs_graphdef_set_int(&op, "axis", axis);
    return fs_graphdef_emit(reader, node, NULL, &op, err);
}

static fs_status split(fs_graphdef_reader *reader, const fs_graphdef_node *node, int data, int axis_input,
                       int count, const fs_graphdef_list *sizes, fs_error *err) {
    fs_graphdef_op op = {.type = "Split"};
    int64_t axis;
    fs_status status = begin(&op, reader, node, data, err);
    if (status == FS_OK)
        status = fs_graphdef_known_int(&axis, reader, node, axis_input, "the axis", err);
    if (status == FS_OK && sizes)
        status = add_ints(&op, reader, node, "sizes", sizes->at, sizes->count, err);
    for (int o = 0; o < count && status == FS_OK; o++)
        status = fs_graphdef_output(&op.outputs[o], reader, node, o, err);
    if (status != FS_OK)
        return status;
    op.n_outputs = count;
    fs_graphdef_set_int(&op, "axis", axis);
    return fs_graphdef_emit(reader, node, NULL, &op, err);
}

fs_status fs_graphdef_convert_split(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    int64_t count;
    fs_status status = fs_graphdef_int(node, "num_split", 1, &count, err);
    if (status == FS_OK && (count < 1 || count > FS_GRAPHDEF_MAX_LIST))
        return fs_fail(err, FS_ERROR_LIMIT, "%lld parts are outside of 1..%d", (long long)count,
                       FS_GRAPHDEF_MAX_LIST);
    return status == FS_OK ? split(reader, node, 1, 0, (int)count, NULL, err) : status;
}

fs_status fs_graphdef_convert_split_v(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                      fs_error *err) {
    fs_graphdef_list sizes;
    fs_status status = fs_graphdef_known_ints(&sizes, reader, node, 1, "the list of sizes", err);
    for (int i = 0; status == FS_OK && i < sizes.count; i++)
        if (sizes.at[i] < 0)
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "a part of unknown size is not supported");
    return status == FS_OK ? split(reader, node, 0, 2, sizes.count, &sizes, err) : status;
}

/* ---- dimensions ---- */

/* No list: every dimension of one element. */
fs_status fs_graphdef_convert_squeeze(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                      fs_error *err) {
    fs_graphdef_op op = {.type = "Squeeze"};
    const int64_t *axes;
    int count;
    fs_status status = begin(&op, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_ints(node, "squeeze_dims", &axes, &count, err);
    if (status == FS_OK && count > 0)
        status = add_ints(&op, reader, node, "axes", axes, count, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, &op, err) : status;
}

fs_status fs_graphdef_convert_expand_dims(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                          fs_error *err) {
    fs_graphdef_op op = {.type = "Unsqueeze"};
    int64_t axis;
    fs_status status = begin(&op, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_known_int(&axis, reader, node, 1, "the axis", err);
    if (status == FS_OK)
        status = add_ints(&op, reader, node, "axes", &axis, 1, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, &op, err) : status;
}

fs_status fs_graphdef_convert_transpose(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                        fs_error *err) {
    fs_graphdef_list order;
    int in, out = FS_NO_VALUE;
    fs_status status = fs_graphdef_input(&in, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_output(&out, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&order, reader, node, 1, "the order", err);
    return status == FS_OK
               ? fs_graphdef_emit_transpose(reader, node, NULL, in, out, order.at, order.count, err)
               : status;
}

/* ---- padding ---- */

/* Pairs of before and after for every dimension -> all befores, then all afters. The mirror repeats the edge
 * itself in the mode SYMMETRIC, which the engine does not have. */
fs_status fs_graphdef_convert_pad(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {.type = "Pad"};
    fs_graphdef_list pairs;
    int64_t pads[FS_GRAPHDEF_MAX_LIST];
    char text[32];
    fs_status status = begin(&op, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&pairs, reader, node, 1, "the list of pads", err);
    if (status != FS_OK)
        return status;
    const int rank = pairs.count / 2;
    for (int i = 0; i < rank; i++) {
        pads[i] = pairs.at[2 * i];
        pads[rank + i] = pairs.at[2 * i + 1];
    }
    status = add_ints(&op, reader, node, "pads", pads, 2 * rank, err);
    if (status == FS_OK && node->n_inputs == 3)
        status = fs_graphdef_input(&op.inputs[op.n_inputs++], reader, node, 2, err);
    if (status == FS_OK && !fs_graphdef_says(node, "mode", "CONSTANT", "CONSTANT")) {
        if (!fs_graphdef_says(node, "mode", "", "REFLECT"))
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "mode '%s' is not supported",
                           fs_graphdef_text(node, "mode", text));
        fs_graphdef_set_text(&op, "mode", "reflect");
    }
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, &op, err) : status;
}

/* ---- slicing ---- */

/* A slice as ONNX has it, one entry for every axis that is cut; then axes to drop and axes to put in. */
typedef struct cut {
    int64_t start[FS_GRAPHDEF_MAX_LIST], end[FS_GRAPHDEF_MAX_LIST], axis[FS_GRAPHDEF_MAX_LIST],
        step[FS_GRAPHDEF_MAX_LIST];
    int64_t dropped[FS_GRAPHDEF_MAX_LIST], added[FS_GRAPHDEF_MAX_LIST];
    int count, n_dropped, n_added;
} cut;

/* One of the up to three steps: reads *value, writes the node's output when it is the last. */
static fs_status emit_step(fs_graphdef_reader *reader, const fs_graphdef_node *node, const char *type,
                           const char *suffix, fs_graphdef_op *op, int *value, bool last, fs_error *err) {
    op->type = type;
    op->inputs[0] = *value;
    op->n_outputs = 1;
    fs_status status = last ? fs_graphdef_output(&op->outputs[0], reader, node, 0, err)
                            : fs_graphdef_local(&op->outputs[0], reader, node, suffix, err);
    *value = op->outputs[0];
    return status == FS_OK ? fs_graphdef_emit(reader, node, last ? NULL : suffix, op, err) : status;
}

static fs_status emit_cut(fs_graphdef_reader *reader, const fs_graphdef_node *node, const cut *c,
                          fs_error *err) {
    fs_graphdef_op slice = {.n_inputs = 1}, drop = {.n_inputs = 1}, add = {.n_inputs = 1};
    int value;
    fs_status status = fs_graphdef_input(&value, reader, node, 0, err);
    if (status == FS_OK)
        status = add_ints(&slice, reader, node, "starts", c->start, c->count, err);
    if (status == FS_OK)
        status = add_ints(&slice, reader, node, "ends", c->end, c->count, err);
    if (status == FS_OK)
        status = add_ints(&slice, reader, node, "axes", c->axis, c->count, err);
    if (status == FS_OK)
        status = add_ints(&slice, reader, node, "steps", c->step, c->count, err);
    if (status == FS_OK)
        status = emit_step(reader, node, "Slice", "slice", &slice, &value, !c->n_dropped && !c->n_added, err);
    if (status == FS_OK && c->n_dropped) {
        status = add_ints(&drop, reader, node, "dropped", c->dropped, c->n_dropped, err);
        if (status == FS_OK)
            status = emit_step(reader, node, "Squeeze", "squeeze", &drop, &value, !c->n_added, err);
    }
    if (status == FS_OK && c->n_added) {
        status = add_ints(&add, reader, node, "added", c->added, c->n_added, err);
        if (status == FS_OK)
            status = emit_step(reader, node, "Unsqueeze", "unsqueeze", &add, &value, true, err);
    }
    return status;
}

/* begin and size for every axis; a size of -1 goes to the end. */
fs_status fs_graphdef_convert_slice(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_list first, size;
    fs_status status = fs_graphdef_known_ints(&first, reader, node, 1, "the begin of the slice", err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&size, reader, node, 2, "the size of the slice", err);
    if (status != FS_OK)
        return status;
    cut c = {.count = first.count};
    for (int i = 0; i < c.count; i++) {
        if (first.count != size.count || first.at[i] < 0 || size.at[i] < -1 ||
            first.at[i] > FS_MAX_ELEMENTS || size.at[i] > FS_MAX_ELEMENTS)
            return fs_fail(err, FS_ERROR_FORMAT, "begin and size of the slice do not fit each other");
        c.start[i] = first.at[i];
        c.end[i] = size.at[i] < 0 ? INT64_MAX : first.at[i] + size.at[i];
        c.axis[i] = i;
        c.step[i] = 1;
    }
    return emit_cut(reader, node, &c, err);
}

typedef struct strided {
    fs_graphdef_list first, last, step;
    int64_t begin_mask, end_mask, ellipsis_mask, new_mask, shrink_mask;
} strided;

static fs_status read_strided(strided *s, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                              fs_error *err) {
    static const char *const keys[] = {"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask",
                                       "shrink_axis_mask"};
    int64_t *masks[] = {&s->begin_mask, &s->end_mask, &s->ellipsis_mask, &s->new_mask, &s->shrink_mask};
    fs_status status = fs_graphdef_known_ints(&s->first, reader, node, 1, "the begin of the slice", err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&s->last, reader, node, 2, "the end of the slice", err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&s->step, reader, node, 3, "the step of the slice", err);
    for (int m = 0; m < 5 && status == FS_OK; m++)
        status = fs_graphdef_int(node, keys[m], 0, masks[m], err);
    if (status != FS_OK)
        return status;
    if (s->first.count != s->last.count || s->first.count != s->step.count ||
        s->first.count > 2 * FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_FORMAT, "begin, end and step of the slice do not fit each other");
    return FS_OK;
}

/* One axis that stays or is dropped. A dropped one takes the single element at its begin. */
static fs_status cut_axis(cut *c, const strided *s, int i, int64_t axis, fs_error *err) {
    const int64_t bit = (int64_t)1 << i, step = s->step.at[i], first = s->first.at[i];
    if (step == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "the step of the slice is 0");
    const int at = c->count++;
    c->axis[at] = axis;
    if (s->shrink_mask & bit) {
        c->start[at] = first;
        c->end[at] = first == -1 ? INT64_MAX : first + 1;
        c->step[at] = 1;
        c->dropped[c->n_dropped++] = axis;
        return FS_OK;
    }
    c->step[at] = step;
    c->start[at] = !(s->begin_mask & bit) ? first : step > 0 ? 0 : INT64_MAX;
    c->end[at] = !(s->end_mask & bit) ? s->last.at[i] : step > 0 ? INT64_MAX : -INT64_MAX;
    return FS_OK;
}

/* Entries of axes behind entry i. */
static int axes_behind(const strided *s, int i) {
    int count = 0;
    for (int k = i + 1; k < s->first.count; k++)
        count += !(s->new_mask >> k & 1);
    return count;
}

/* Entry by entry. Behind an ellipsis axes are counted from the end; there a new axis has no known place. */
fs_status fs_graphdef_convert_strided_slice(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                            fs_error *err) {
    strided s;
    cut c = {0};
    fs_status status = read_strided(&s, reader, node, err);
    bool behind = false;
    int axis = 0, place = 0;
    for (int i = 0; status == FS_OK && i < s.first.count; i++) {
        if (s.ellipsis_mask >> i & 1) {
            behind = true;
        } else if (s.new_mask >> i & 1) {
            if (behind)
                return fs_fail(err, FS_ERROR_UNSUPPORTED, "a new axis behind an ellipsis is not supported");
            c.added[c.n_added++] = place++;
        } else {
            place += !(s.shrink_mask >> i & 1);
            status = cut_axis(&c, &s, i, behind ? -1 - axes_behind(&s, i) : axis++, err);
        }
    }
    return status == FS_OK ? emit_cut(reader, node, &c, err) : status;
}

/* ---- filling and picking ---- */

fs_status fs_graphdef_convert_fill(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {.type = "Expand"};
    fs_status status = begin(&op, reader, node, 1, err);
    if (status == FS_OK)
        status = fs_graphdef_input(&op.inputs[op.n_inputs++], reader, node, 0, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, &op, err) : status;
}

fs_status fs_graphdef_convert_gather(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     fs_error *err) {
    fs_graphdef_op op = {.type = "Gather"};
    int64_t axis = 0, batch;
    fs_status status = begin(&op, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_input(&op.inputs[op.n_inputs++], reader, node, 1, err);
    if (status == FS_OK && node->n_inputs == 3)
        status = fs_graphdef_known_int(&axis, reader, node, 2, "the axis", err);
    if (status == FS_OK)
        status = fs_graphdef_int(node, "batch_dims", 0, &batch, err);
    if (status != FS_OK)
        return status;
    if (batch != 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "'batch_dims' of %lld is not supported", (long long)batch);
    fs_graphdef_set_int(&op, "axis", axis);
    return fs_graphdef_emit(reader, node, NULL, &op, err);
}
