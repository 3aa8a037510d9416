#include "helpers.h"

#include <math.h>
#include <stdlib.h>

#include "base/npy.h"

/* A file of format `major`.0 with the given header text and data; the header is not padded. */
static const char *put_npy(int major, const char *header, const void *data, size_t size) {
    static unsigned char bytes[8192];
    size_t length = strlen(header), at = major == 1 ? 10 : 12;
    memset(bytes, 0, at);
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)major;
    bytes[8] = (unsigned char)(length & 255);
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + at, header, length);
    if (size > 0)
        memcpy(bytes + at + length, data, size);
    const char *path = scratch_path("x.npy");
    put_file(path, bytes, at + length + size);
    return path;
}

static void check_values(const char *descr, const void *data, size_t size, const float *expected, int count) {
    char header[200];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }\n", descr,
             count);
    for (int major = 1; major <= 3; major++) {
        fs_npy npy = {0};
        fs_error err = {0};
        if (fs_npy_read(&npy, put_npy(major, header, data, size), &err) != FS_OK)
            fail_msg("%s", err.message);
        assert_int_equal(npy.rank, 1);
        assert_int_equal(npy.dim[0], count);
        for (int i = 0; i < count; i++)
            if (!(npy.data[i] == expected[i] || (isnan(npy.data[i]) && isnan(expected[i]))))
                fail_msg("%s[%d] is %g, not %g", descr, i, npy.data[i], expected[i]);
        fs_npy_free(&npy);
        assert_null(npy.data);
    }
}

static void float_types_are_converted(void **state) {
    (void)state;
    const float f4[] = {0, -1.5f, 3e38f, INFINITY, NAN};
    const double f8[] = {0, -1.5, 1e-3, -INFINITY};
    const float f8_as_f4[] = {0, -1.5f, 1e-3f, -INFINITY};
    /* 1, -2, 65504, the smallest subnormal, the largest subnormal, the smallest normal, inf, nan, 1/3 rounded
     */
    const uint16_t f2[] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x7c00, 0x7e01, 0x3555, 0x8001};
    const float f2_as_f4[] = {1,        -2,       65504, 0x1p-24f,       0x1.ff8p-15f,
                              0x1p-14f, INFINITY, NAN,   0.333251953125, -0x1p-24f};
    check_values("<f4", f4, sizeof f4, f4, 5);
    check_values("<f8", f8, sizeof f8, f8_as_f4, 4);
    check_values("<f2", f2, sizeof f2, f2_as_f4, 10);
}

static void integer_types_are_converted(void **state) {
    (void)state;
    const int8_t i1[] = {-128, 127};
    const uint8_t u1[] = {0, 255}, b1[] = {0, 1};
    const int16_t i2[] = {-32768, 5};
    const uint16_t u2[] = {65535, 5};
    const int32_t i4[] = {-16777216, 5};
    const uint32_t u4[] = {4294967295u, 5};
    const int64_t i8[] = {-5, INT64_C(1) << 40};
    const uint64_t u8[] = {UINT64_MAX, 5};
    check_values("|i1", i1, sizeof i1, (const float[]){-128, 127}, 2);
    check_values("|u1", u1, sizeof u1, (const float[]){0, 255}, 2);
    check_values("|b1", b1, sizeof b1, (const float[]){0, 1}, 2);
    check_values("<i2", i2, sizeof i2, (const float[]){-32768, 5}, 2);
    check_values("<u2", u2, sizeof u2, (const float[]){65535, 5}, 2);
    check_values("<i4", i4, sizeof i4, (const float[]){-16777216, 5}, 2);
    check_values("<u4", u4, sizeof u4, (const float[]){0x1p32f, 5}, 2);
    check_values("<i8", i8, sizeof i8, (const float[]){-5, 0x1p40f}, 2);
    check_values("<u8", u8, sizeof u8, (const float[]){0x1p64f, 5}, 2);
}

static void big_endian_is_swapped(void **state) {
    (void)state;
    const uint8_t f4[] = {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0};
    const uint8_t i2[] = {0x01, 0x02, 0xff, 0xfe};
    check_values(">f4", f4, sizeof f4, (const float[]){1, -2}, 2);
    check_values(">i2", i2, sizeof i2, (const float[]){258, -2}, 2);
}

static void fortran_order_is_transposed(void **state) {
    (void)state;
    float data[24], expected[24];
    int at = 0;
    for (int k = 0; k < 4; k++)
        for (int j = 0; j < 3; j++)
            for (int i = 0; i < 2; i++, at++) {
                data[at] = (float)at;
                expected[(i * 3 + j) * 4 + k] = (float)at;
            }
    fs_npy npy = {0};
    const char *path =
        put_npy(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 4), }\n", data, sizeof data);
    assert_int_equal(fs_npy_read(&npy, path, NULL), FS_OK);
    assert_int_equal(npy.rank, 3);
    assert_memory_equal(npy.data, expected, sizeof expected);
    fs_npy_free(&npy);
}

static void unusual_headers_are_read(void **state) {
    (void)state;
    const float one = 42;
    static const struct {
        const char *header;
        int rank;
    } cases[] = {
        {"{\"shape\":(),\"fortran_order\":False,\"descr\":\"<f4\"}", 0},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (1L,), }      \n", 1},
        {" { 'shape' : ( 1 , 1 ) , 'descr' : '<f4' , 'fortran_order' : False } ", 2},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1), }", 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fs_npy npy = {0};
        fs_error err = {0};
        if (fs_npy_read(&npy, put_npy(1, cases[i].header, &one, sizeof one), &err) != FS_OK)
            fail_msg("%s: %s", cases[i].header, err.message);
        assert_int_equal(npy.rank, cases[i].rank);
        assert_true(npy.data[0] == 42);
        fs_npy_free(&npy);
    }
}

static void empty_arrays_are_arrays(void **state) {
    (void)state;
    fs_npy npy = {0};
    const char *path = put_npy(
        1,
        "{'descr': '<f4', 'fortran_order': True, 'shape': (9223372036854775807, 0, 9223372036854775807), }",
        NULL, 0);
    assert_int_equal(fs_npy_read(&npy, path, NULL), FS_OK);
    assert_int_equal(npy.rank, 3);
    assert_non_null(npy.data);
    fs_npy_free(&npy);
}

static void bad_headers_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *header;
        fs_status status;
    } cases[] = {
        {"", FS_ERROR_FORMAT},
        {"{}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (,)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", FS_ERROR_LIMIT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", FS_ERROR_LIMIT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}", FS_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", FS_ERROR_FORMAT},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", FS_ERROR_UNSUPPORTED},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", FS_ERROR_UNSUPPORTED},
        {"{'descr': '|f4', 'fortran_order': False, 'shape': (1,)}", FS_ERROR_UNSUPPORTED},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", FS_ERROR_UNSUPPORTED},
        {"{'descr': '', 'fortran_order': False, 'shape': (1,)}", FS_ERROR_UNSUPPORTED},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", FS_ERROR_UNSUPPORTED},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", FS_ERROR_UNSUPPORTED},
    };
    const float one = 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fs_npy npy = {0};
        fs_error err = {0};
        fs_status status = fs_npy_read(&npy, put_npy(1, cases[i].header, &one, sizeof one), &err);
        if (status != cases[i].status)
            fail_msg("%s: %d %s", cases[i].header, status, err.message);
        assert_non_null(strstr(err.message, "x.npy: "));
        assert_null(npy.data);
    }
}

static void write_sample(const char *path) {
    const int64_t dim[] = {2, 3};
    const float data[] = {1, 2, 3, 4, 5, 6};
    assert_int_equal(fs_npy_write(path, 2, dim, data, NULL), FS_OK);
}

static size_t get_file(const char *path, unsigned char *bytes, size_t limit) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, limit, file);
    fclose(file);
    return size;
}

static void written_bytes_are_numpys(void **state) {
    (void)state;
    unsigned char bytes[1000];
    const char *path = scratch_path("w.npy");
    write_sample(path);
    const char header[] = "\x93NUMPY\x01\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    assert_int_equal(get_file(path, bytes, sizeof bytes), 128 + 24);
    assert_memory_equal(bytes, header, sizeof header - 1);
    for (size_t i = sizeof header - 1; i < 127; i++)
        assert_int_equal(bytes[i], ' ');
    assert_int_equal(bytes[127], '\n');
    float data[6];
    memcpy(data, bytes + 128, sizeof data);
    for (int i = 0; i < 6; i++)
        assert_true(data[i] == (float)(i + 1));
}

static void every_rank_comes_back(void **state) {
    (void)state;
    const int64_t dim[] = {1, 2, 1, 3, 1, 2, 1, 1};
    float data[12];
    for (int i = 0; i < 12; i++)
        data[i] = (float)i / 7;
    for (int rank = 0; rank <= FS_NPY_MAX_RANK; rank++) {
        fs_npy npy = {0};
        size_t count = 1;
        for (int i = 0; i < rank; i++)
            count *= (size_t)dim[i];
        assert_int_equal(fs_npy_write(scratch_path("w.npy"), rank, dim, data, NULL), FS_OK);
        assert_int_equal(fs_npy_read(&npy, scratch_path("w.npy"), NULL), FS_OK);
        assert_int_equal(npy.rank, rank);
        assert_memory_equal(npy.dim, dim, (size_t)rank * sizeof dim[0]);
        assert_memory_equal(npy.data, data, count * sizeof data[0]);
        fs_npy_free(&npy);
    }
    const int64_t bad[] = {-1};
    assert_int_equal(fs_npy_write(scratch_path("b.npy"), 9, dim, data, NULL), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_npy_write(scratch_path("b.npy"), 1, bad, data, NULL), FS_ERROR_ARGUMENT);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    unsigned char bytes[1000];
    const char *path = scratch_path("w.npy");
    write_sample(path);
    size_t size = get_file(path, bytes, sizeof bytes);
    for (size_t n = 0; n < size; n++) {
        fs_npy npy = {0};
        put_file(path, bytes, n);
        assert_int_equal(fs_npy_read(&npy, path, NULL), FS_ERROR_FORMAT);
    }
}

/* Any change gives an array or an error; the sanitizers watch. */
static void damaged_files_are_survived(void **state) {
    (void)state;
    unsigned char bytes[1000], damaged[1000];
    const char *path = scratch_path("w.npy");
    write_sample(path);
    size_t size = get_file(path, bytes, sizeof bytes);
    srand(1);
    for (int i = 0; i < 3000; i++) {
        fs_npy npy = {0};
        memcpy(damaged, bytes, size);
        for (int changes = 1 + rand() % 3; changes > 0; changes--)
            damaged[rand() % 80] = (unsigned char)("{}(),:'\"<>0123456789 L\n"[rand() % 24]);
        put_file(path, damaged, size);
        if (fs_npy_read(&npy, path, NULL) == FS_OK) {
            assert_in_range(npy.rank, 0, FS_NPY_MAX_RANK);
            fs_npy_free(&npy);
        }
        assert_null(npy.data);
    }
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    const char *fortran = "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }\n";
    const float data[] = {1, 2};
    const int64_t dim[] = {2};
    const char *path = put_npy(1, fortran, data, sizeof data);
    int n = 0;
    for (bool refused = true; refused; n++) {
        fs_npy npy = {0};
        fail_from(n);
        fs_status status = fs_npy_read(&npy, path, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        fs_npy_free(&npy);
    }
    assert_int_equal(n, 4); /* the file, two arrays, and the run that passed */
    for (bool refused = true; refused;) {
        static int m;
        fail_from(m++);
        fs_status status = fs_npy_write(scratch_path("new.npy"), 1, dim, data, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        assert_int_equal(scratch_count(), refused ? 1 : 2);
    }
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(float_types_are_converted),  SCRATCH_TEST(integer_types_are_converted),
        SCRATCH_TEST(big_endian_is_swapped),      SCRATCH_TEST(fortran_order_is_transposed),
        SCRATCH_TEST(unusual_headers_are_read),   SCRATCH_TEST(empty_arrays_are_arrays),
        SCRATCH_TEST(bad_headers_are_refused),    SCRATCH_TEST(written_bytes_are_numpys),
        SCRATCH_TEST(every_rank_comes_back),      SCRATCH_TEST(every_truncation_is_refused),
        SCRATCH_TEST(damaged_files_are_survived), SCRATCH_TEST(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
