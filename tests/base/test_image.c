#include "helpers.h"

#include <stdlib.h>

#include "base/image.h"

static const char *data_path(const char *name) {
    static char paths[2][512];
    static int next;
    char *path = paths[next++ % 2];
    snprintf(path, sizeof paths[0], FS_TEST_DATA "/images/%s", name);
    return path;
}

static fs_image read_data(const char *name) {
    fs_image image = {0};
    fs_error err = {0};
    if (fs_image_read(&image, data_path(name), &err) != FS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(image.channels, 3);
    return image;
}

static size_t get_data(const char *name, unsigned char *bytes, size_t limit) {
    FILE *file = fopen(data_path(name), "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, limit, file);
    fclose(file);
    assert_true(size < limit);
    return size;
}

static void pictures_are_created_within_limits(void **state) {
    (void)state;
    fs_image image = {0};
    fs_error err = {0};
    assert_int_equal(fs_image_create(&image, 3, 2, 4, &err), FS_OK);
    for (int i = 0; i < 24; i++)
        assert_int_equal(image.pixels[i], 0);
    fs_image_free(&image);
    assert_null(image.pixels);
    fs_image_free(NULL);
    assert_int_equal(fs_image_create(&image, 0, 2, 3, &err), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_image_create(&image, 2, -1, 3, &err), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_image_create(&image, 2, 2, 2, &err), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_image_create(&image, FS_IMAGE_MAX_SIDE + 1, 1, 1, &err), FS_ERROR_LIMIT);
    assert_int_equal(fs_image_create(&image, FS_IMAGE_MAX_SIDE, FS_IMAGE_MAX_SIDE, 3, &err), FS_ERROR_LIMIT);
    assert_int_equal(fs_image_create(&image, INT32_MAX, INT32_MAX, 4, &err), FS_ERROR_LIMIT);
    fail_from(0);
    assert_int_equal(fs_image_create(&image, 2, 2, 3, &err), FS_ERROR_MEMORY);
    fail_stop();
    assert_null(image.pixels);
}

/* Four patches of 16 x 16; `tolerance` is for lossy files. */
static void check_patches(const char *name, const uint8_t colours[4][3], int tolerance) {
    fs_image image = read_data(name);
    assert_int_equal(image.width, 64);
    assert_int_equal(image.height, 16);
    for (int p = 0; p < 4; p++)
        for (int c = 0; c < 3; c++) {
            int got = image.pixels[(8 * 64 + 16 * p + 8) * 3 + c];
            if (abs(got - colours[p][c]) > tolerance)
                fail_msg("%s: patch %d channel %d is %d, not %d", name, p, c, got, colours[p][c]);
        }
    fs_image_free(&image);
}

static void every_format_and_mode_becomes_rgb(void **state) {
    (void)state;
    const uint8_t colours[4][3] = {{255, 0, 0}, {0, 255, 0}, {128, 128, 128}, {0, 0, 96}};
    const uint8_t greys[4][3] = {{76, 76, 76}, {150, 150, 150}, {128, 128, 128}, {11, 11, 11}};
    check_patches("patches.bmp", colours, 0);
    check_patches("patches_palette.png", colours, 0);
    check_patches("patches_alpha.png", colours, 0);
    check_patches("patches.jpg", colours, 4);
    check_patches("patches_progressive.jpg", colours, 4);
    check_patches("patches_cmyk.jpg", colours, 4);
    check_patches("patches_grey.jpg", greys, 2);
    check_patches("patches_grey16.png", greys, 0);
    check_patches("patches_grey_alpha.png", greys, 0);
}

static void reading_reports_errors(void **state) {
    (void)state;
    fs_image image = {0};
    fs_error err = {0};
    unsigned char bytes[4000];
    size_t size = get_data("rgb.png", bytes, sizeof bytes);
    assert_int_equal(fs_image_read(&image, scratch_path("none.png"), &err), FS_ERROR_IO);
    put_file(scratch_path("a.png"), "", 0);
    assert_int_equal(fs_image_read(&image, scratch_path("a.png"), &err), FS_ERROR_FORMAT);
    put_file(scratch_path("a.png"), "GIF89a..........", 16);
    assert_int_equal(fs_image_read(&image, scratch_path("a.png"), &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "a.png: not a JPEG, PNG or BMP picture"));
    bytes[16 + 2] = 0x40; /* the width becomes 16407 */
    put_file(scratch_path("a.png"), bytes, size);
    assert_int_equal(fs_image_read(&image, scratch_path("a.png"), &err), FS_ERROR_LIMIT);
    bytes[16 + 2] = 0x3f; /* 16151 x 16145 x 3 is over the limit of bytes */
    bytes[20 + 2] = 0x3f;
    put_file(scratch_path("a.png"), bytes, size);
    assert_int_equal(fs_image_read(&image, scratch_path("a.png"), &err), FS_ERROR_LIMIT);
    assert_null(image.pixels);
}

/* A progressive JPEG with its last scan repeated: each would cost a walk over the whole picture. */
static void endless_scans_are_refused(void **state) {
    (void)state;
    static unsigned char bytes[20000];
    fs_image image = {0};
    fs_error err = {0};
    size_t size = get_data("patches_progressive.jpg", bytes, 4000), scan = size;
    while (!(bytes[scan] == 0xff && bytes[scan + 1] == 0xda))
        scan--;
    size_t length = size - 2 - scan; /* without the end marker */
    for (int i = 0; i < 120; i++, size += length)
        memcpy(bytes + size - 2, bytes + scan, length);
    put_file(scratch_path("a.jpg"), bytes, size);
    assert_int_equal(fs_image_read(&image, scratch_path("a.jpg"), &err), FS_ERROR_LIMIT);
    assert_null(image.pixels);
}

/* A Huffman table that claims more symbols than a byte can number. */
static void oversized_huffman_tables_are_refused(void **state) {
    (void)state;
    static unsigned char bytes[8000];
    fs_image image = {0};
    fs_error err = {0};
    size_t size = 2 + 2 + 2 + 17 + 16 * 255;
    memcpy(bytes, "\xff\xd8\xff\xc4", 4);
    bytes[4] = (unsigned char)((size - 4) >> 8);
    bytes[5] = (unsigned char)((size - 4) & 255);
    bytes[6] = 0x13; /* the last of the tables */
    memset(bytes + 7, 255, 16);
    put_file(scratch_path("a.jpg"), bytes, size);
    assert_int_equal(fs_image_read(&image, scratch_path("a.jpg"), &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "a.jpg: the picture cannot be decoded: bad Huffman table"));
    put_file(scratch_path("a.jpg"), bytes, 30); /* the counts are there, the symbols are not */
    assert_int_equal(fs_image_read(&image, scratch_path("a.jpg"), &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "bad Huffman table"));
    memmove(bytes + 20, bytes, 10);
    memset(bytes, 255, 21); /* any number of fill bytes may stand before a marker */
    put_file(scratch_path("a.jpg"), bytes, 60);
    assert_int_equal(fs_image_read(&image, scratch_path("a.jpg"), &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "bad Huffman table"));
}

/* Cuts and random changes give a picture or an error; the sanitizers watch. */
static void damaged_files_are_survived(void **state) {
    (void)state;
    const char *names[] = {"patches.jpg", "patches_progressive.jpg", "patches_cmyk.jpg",  "patches.bmp",
                           "rgb.png",     "patches_palette.png",     "patches_grey16.png"};
    static unsigned char bytes[4000], damaged[4000];
    srand(2);
    for (size_t f = 0; f < sizeof names / sizeof names[0]; f++) {
        size_t size = get_data(names[f], bytes, sizeof bytes);
        for (int i = 0; i < 250; i++) {
            fs_image image = {0};
            memcpy(damaged, bytes, size);
            for (int changes = rand() % 8; changes > 0; changes--)
                damaged[(size_t)rand() % size] = (unsigned char)rand();
            put_file(scratch_path("a"), damaged, rand() % 2 ? size : (size_t)rand() % size);
            if (fs_image_read(&image, scratch_path("a"), NULL) == FS_OK)
                assert_in_range(image.width, 1, FS_IMAGE_MAX_SIDE);
            fs_image_free(&image);
        }
    }
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    const char *names[] = {"patches.jpg", "rgb.png", "patches.bmp", "patches_progressive.jpg"};
    for (size_t f = 0; f < sizeof names / sizeof names[0]; f++) {
        int n = 0;
        for (bool refused = true; refused; n++) {
            fs_image image = {0};
            fail_from(n);
            fs_status status = fs_image_read(&image, data_path(names[f]), NULL);
            refused = fail_stop();
            assert_true((status == FS_OK) == !refused);
            assert_true((image.pixels != NULL) == !refused);
            fs_image_free(&image);
        }
        assert_true(n > 2);
    }
}

static void crops_are_the_right_pixels(void **state) {
    (void)state;
    fs_image image = read_data("rgb.png"), crop = {0};
    assert_int_equal(fs_image_crop(&crop, &image, 5, 3, 7, 4, NULL), FS_OK);
    assert_true(crop.width == 7 && crop.height == 4 && crop.channels == 3);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 7 * 3; x++)
            assert_int_equal(crop.pixels[y * 21 + x], image.pixels[(3 + y) * 69 + 15 + x]);
    fs_image_free(&crop);
    const int bad[][4] = {{-1, 0, 2, 2},        {0, -1, 2, 2}, {17, 0, 7, 2},
                          {0, 16, 2, 2},        {0, 0, 0, 2},  {0, 0, 2, -2},
                          {INT32_MAX, 0, 2, 2}, {0, 0, 24, 2}, {2, 2, INT32_MAX, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(fs_image_crop(&crop, &image, bad[i][0], bad[i][1], bad[i][2], bad[i][3], NULL),
                         FS_ERROR_ARGUMENT);
    fs_image_free(&image);
}

/* A grey file is read as RGB with equal channels; this takes one of them. */
static void to_grey(fs_image *image) {
    for (int i = 0; i < image->width * image->height; i++)
        image->pixels[i] = image->pixels[3 * i];
    image->channels = 1;
}

static void check_resize(const char *name, bool grey, int width, int height) {
    char file[64];
    snprintf(file, sizeof file, "%s.png", name);
    fs_image image = read_data(file), resized = {0};
    snprintf(file, sizeof file, "%s_%dx%d.png", name, width, height);
    fs_image expected = read_data(file);
    if (grey) {
        to_grey(&image);
        to_grey(&expected);
    }
    assert_int_equal(fs_image_resize(&resized, &image, width, height, NULL), FS_OK);
    assert_true(resized.width == width && resized.height == height && resized.channels == image.channels);
    for (int i = 0; i < width * height * image.channels; i++)
        if (abs(resized.pixels[i] - expected.pixels[i]) > 1)
            fail_msg("%s: sample %d is %d, not %d", file, i, resized.pixels[i], expected.pixels[i]);
    fs_image_free(&image);
    fs_image_free(&resized);
    fs_image_free(&expected);
}

static void resizing_matches_pillow(void **state) {
    (void)state;
    const int sizes[][2] = {{7, 5}, {40, 31}, {23, 5}, {5, 17}, {1, 1}, {11, 34}, {22, 16}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_resize("rgb", false, sizes[i][0], sizes[i][1]);
        check_resize("grey", true, sizes[i][0], sizes[i][1]);
    }
}

static void resizing_keeps_what_it_should(void **state) {
    (void)state;
    fs_image image = read_data("rgb.png"), same = {0}, flat = {0}, resized = {0};
    assert_int_equal(fs_image_resize(&same, &image, image.width, image.height, NULL), FS_OK);
    assert_memory_equal(same.pixels, image.pixels, (size_t)(23 * 17 * 3));
    fs_image_free(&same);
    fs_image_free(&image);
    assert_int_equal(fs_image_create(&flat, 31, 13, 4, NULL), FS_OK);
    memset(flat.pixels, 255, 31 * 13 * 4);
    assert_int_equal(fs_image_resize(&resized, &flat, 900, 3, NULL), FS_OK);
    for (int i = 0; i < 900 * 3 * 4; i++)
        assert_int_equal(resized.pixels[i], 255);
    fs_image_free(&resized);
    assert_int_equal(fs_image_resize(&resized, &flat, 0, 3, NULL), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_image_resize(&resized, &flat, 3, FS_IMAGE_MAX_SIDE + 1, NULL), FS_ERROR_LIMIT);
    int n = 0;
    for (bool refused = true; refused; n++) {
        fail_from(n);
        fs_status status = fs_image_resize(&resized, &flat, 5, 5, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
    }
    assert_int_equal(n, 10);
    fs_image_free(&resized);
    fs_image_free(&flat);
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_created_within_limits),
        cmocka_unit_test(every_format_and_mode_becomes_rgb),
        SCRATCH_TEST(reading_reports_errors),
        SCRATCH_TEST(endless_scans_are_refused),
        SCRATCH_TEST(oversized_huffman_tables_are_refused),
        SCRATCH_TEST(damaged_files_are_survived),
        cmocka_unit_test(short_memory_is_an_error),
        cmocka_unit_test(crops_are_the_right_pixels),
        cmocka_unit_test(resizing_matches_pillow),
        cmocka_unit_test(resizing_keeps_what_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
