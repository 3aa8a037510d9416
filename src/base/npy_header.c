#include "base/npy_header.h"

#include <string.h>

typedef struct cursor {
    const char *at, *end;
} cursor;

enum { HAS_DESCR = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

static void skip_space(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
        c->at++;
}

/* Takes one punctuation character, if it is next. */
static bool take(cursor *c, char wanted) {
    skip_space(c);
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool take_word(cursor *c, const char *word) {
    size_t length = strlen(word);
    skip_space(c);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
        return false;
    c->at += length;
    return true;
}

/* A quoted string without escapes, at most size-1 bytes long. */
static bool take_string(cursor *c, char *out, size_t size) {
    skip_space(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"'))
        return false;
    const char *first = c->at + 1;
    const char *last = memchr(first, *c->at, (size_t)(c->end - first));
    if (last == NULL || (size_t)(last - first) >= size || memchr(first, '\\', (size_t)(last - first)) != NULL)
        return false;
    memcpy(out, first, (size_t)(last - first));
    out[last - first] = '\0';
    c->at = last + 1;
    return true;
}

static bool take_dim(cursor *c, int64_t *out) {
    skip_space(c);
    int64_t value = 0;
    const char *first = c->at;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *c->at - '0', &value))
            return false;
    if (c->at == first)
        return false;
    if (c->at < c->end && *c->at == 'L') /* Python 2 wrote long integers so */
        c->at++;
    *out = value;
    return true;
}

static fs_status parse_shape(fs_npy_header *out, cursor *c, fs_error *err) {
    if (!take(c, '('))
        return fs_fail(err, FS_ERROR_FORMAT, "the header's shape is not a tuple");
    out->rank = 0;
    while (!take(c, ')')) {
        if (out->rank == FS_NPY_MAX_RANK)
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "more than %d dimensions", FS_NPY_MAX_RANK);
        if (!take_dim(c, &out->dim[out->rank]))
            return fs_fail(err, FS_ERROR_FORMAT, "the header's shape is malformed");
        out->rank++;
        skip_space(c);
        if (!take(c, ',') && (c->at == c->end || *c->at != ')'))
            return fs_fail(err, FS_ERROR_FORMAT, "the header's shape is malformed");
    }
    return FS_OK;
}

static fs_status parse_descr(fs_npy_header *out, cursor *c, fs_error *err) {
    static const char *const known[] = {"f2", "f4", "f8", "i1", "i2", "i4",
                                        "i8", "u1", "u2", "u4", "u8", "b1"};
    char descr[32];
    if (take(c, '['))
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "arrays of records are not supported");
    if (!take_string(c, descr, sizeof descr))
        return fs_fail(err, FS_ERROR_FORMAT, "the header's descr is malformed");
    if (strchr("<>|", descr[0]) != NULL && descr[0] != '\0') {
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            bool one_byte = known[i][1] == '1';
            if (strcmp(descr + 1, known[i]) == 0 && (descr[0] != '|' || one_byte)) {
                out->order = descr[0];
                out->kind = descr[1];
                out->item_size = descr[2] - '0';
                return FS_OK;
            }
        }
    }
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "element type '%s' is not supported", descr);
}

static fs_status parse_order(fs_npy_header *out, cursor *c, fs_error *err) {
    out->fortran = take_word(c, "True");
    if (!out->fortran && !take_word(c, "False"))
        return fs_fail(err, FS_ERROR_FORMAT, "the header's fortran_order is malformed");
    return FS_OK;
}

static fs_status parse_entry(fs_npy_header *out, cursor *c, int *seen, fs_error *err) {
    char key[32];
    if (!take_string(c, key, sizeof key) || !take(c, ':'))
        return fs_fail(err, FS_ERROR_FORMAT, "the header is malformed");
    int which = strcmp(key, "descr") == 0           ? HAS_DESCR
                : strcmp(key, "fortran_order") == 0 ? HAS_ORDER
                : strcmp(key, "shape") == 0         ? HAS_SHAPE
                                                    : 0;
    if (which == 0 || (*seen & which) != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "the header has an unexpected key '%s'", key);
    *seen |= which;
    if (which == HAS_DESCR)
        return parse_descr(out, c, err);
    return which == HAS_ORDER ? parse_order(out, c, err) : parse_shape(out, c, err);
}

static fs_status count_elements(fs_npy_header *out, fs_error *err) {
    size_t count = 1;
    for (int i = 0; i < out->rank; i++)
        if (out->dim[i] == 0)
            count = 0;
    for (int i = 0; i < out->rank && count != 0; i++)
        if (__builtin_mul_overflow(count, (size_t)out->dim[i], &count) || count > PTRDIFF_MAX / 8)
            return fs_fail(err, FS_ERROR_LIMIT, "too many elements");
    out->count = count;
    return FS_OK;
}

fs_status fs_npy_header_parse(fs_npy_header *out, const char *text, size_t length, fs_error *err) {
    cursor c = {text, text + length};
    fs_npy_header header = {0};
    int seen = 0;
    if (!take(&c, '{'))
        return fs_fail(err, FS_ERROR_FORMAT, "the header is not a dictionary");
    while (!take(&c, '}')) {
        fs_status status = parse_entry(&header, &c, &seen, err);
        if (status != FS_OK)
            return status;
        skip_space(&c);
        if (!take(&c, ',') && (c.at == c.end || *c.at != '}'))
            return fs_fail(err, FS_ERROR_FORMAT, "the header is malformed");
    }
    skip_space(&c);
    if (c.at != c.end || seen != HAS_ALL)
        return fs_fail(err, FS_ERROR_FORMAT, "the header is malformed");
    fs_status status = count_elements(&header, err);
    if (status == FS_OK)
        *out = header;
    return status;
}
