#include "helpers.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/file.h"
#include "base/image.h"

/* A picture with something to compress and something not to. */
static fs_image make_picture(int width, int height, int channels) {
    fs_image image = {0};
    assert_int_equal(fs_image_create(&image, width, height, channels, NULL), FS_OK);
    srand(3);
    for (int i = 0; i < width * height * channels; i++)
        image.pixels[i] = (uint8_t)(i % 5 == 0 ? rand() : i / 7);
    return image;
}

static void pixels_come_back(void **state) {
    (void)state;
    const int channels[] = {1, 3, 4};
    for (int i = 0; i < 3; i++) {
        int n = channels[i], colours = n == 4 ? 3 : n;
        fs_image image = make_picture(37, 21, n), back = {0};
        assert_int_equal(fs_image_write_png(&image, scratch_path("a.png"), NULL, 0, NULL), FS_OK);
        assert_int_equal(fs_image_read(&back, scratch_path("a.png"), NULL), FS_OK);
        assert_true(back.width == 37 && back.height == 21 && back.channels == 3);
        for (int p = 0; p < 37 * 21; p++)
            for (int c = 0; c < 3; c++)
                assert_int_equal(back.pixels[p * 3 + c], image.pixels[p * n + c % colours]);
        fs_image_free(&image);
        fs_image_free(&back);
    }
    assert_int_equal(scratch_count(), 1);
}

static const fs_image_text texts[] = {
    {"Title", "steps = 256\nrate = 0.05"},
    {"filterscope:name", "caf\xc3\xa9 \xe2\x82\xac"},
    {"empty", ""},
};

static void check_text(const char *path, const char *keyword, const char *expected) {
    char *text = NULL;
    fs_error err = {0};
    if (fs_image_read_png_text(&text, path, keyword, &err) != FS_OK)
        fail_msg("%s", err.message);
    assert_string_equal(text, expected);
    fs_free(text);
}

static void texts_come_back(void **state) {
    (void)state;
    fs_image image = make_picture(5, 5, 3);
    const char *path = scratch_path("a.png");
    char *text = NULL;
    assert_int_equal(fs_image_write_png(&image, path, texts, 3, NULL), FS_OK);
    for (int i = 0; i < 3; i++)
        check_text(path, texts[i].keyword, texts[i].text);
    assert_int_equal(fs_image_read_png_text(&text, path, "title", NULL), FS_ERROR_NOT_FOUND);
    assert_null(text);
    fs_image_free(&image);
}

static void same_picture_same_bytes(void **state) {
    (void)state;
    fs_image image = make_picture(50, 40, 3);
    uint8_t *a = NULL, *b = NULL;
    size_t a_size = 0, b_size = 0;
    assert_int_equal(fs_image_write_png(&image, scratch_path("a.png"), texts, 3, NULL), FS_OK);
    assert_int_equal(fs_image_write_png(&image, scratch_path("b.png"), texts, 3, NULL), FS_OK);
    assert_int_equal(fs_file_read(&a, &a_size, scratch_path("a.png"), 100000, NULL), FS_OK);
    assert_int_equal(fs_file_read(&b, &b_size, scratch_path("b.png"), 100000, NULL), FS_OK);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    for (size_t i = 0; i + 4 <= a_size; i++)
        assert_memory_not_equal(a + i, "tIME", 4);
    fs_free(a);
    fs_free(b);
    fs_image_free(&image);
}

static void bad_texts_and_pictures_are_refused(void **state) {
    (void)state;
    fs_image image = make_picture(5, 5, 3), none = {0};
    fs_error err = {0};
    char long_keyword[81];
    memset(long_keyword, 'k', 80);
    long_keyword[80] = '\0';
    const fs_image_text bad[] = {{"", "x"},     {" a", "x"},    {"a ", "x"},         {"a  b", "x"},
                                 {"a\nb", "x"}, {"a\x80", "x"}, {long_keyword, "x"}, {"a", "\xff"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(fs_image_write_png(&image, scratch_path("a.png"), &bad[i], 1, &err),
                         FS_ERROR_ARGUMENT);
    assert_int_equal(fs_image_write_png(&none, scratch_path("a.png"), NULL, 0, &err), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_image_write_png(&image, scratch_path("none/a.png"), NULL, 0, &err), FS_ERROR_IO);
    assert_int_equal(scratch_count(), 0);
    fs_image_free(&image);
}

static void full_disks_are_reported(void **state) {
    (void)state;
    fs_image image = make_picture(200, 200, 3);
    fs_error err = {0};
    if (fs_file_exists("/dev/full")) {
        assert_int_equal(fs_image_write_png(&image, "/dev/full", NULL, 0, &err), FS_ERROR_IO);
        assert_string_equal(err.message, "/dev/full: No space left on device");
    }
    fs_image_free(&image);
}

/* ---- files by other hands ---- */

typedef struct png_bytes {
    unsigned char at[32768];
    size_t size;
} png_bytes;

static void add_u32(png_bytes *png, unsigned long value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        png->at[png->size++] = (unsigned char)(value >> shift);
}

static void add_chunk(png_bytes *png, const char *type, const void *data, size_t size) {
    add_u32(png, size);
    unsigned char *start = png->at + png->size;
    memcpy(start, type, 4);
    if (size > 0)
        memcpy(start + 4, data, size);
    png->size += 4 + size;
    add_u32(png, crc32(0, start, (uInt)(4 + size)));
}

/* One grey pixel, with a text chunk of the given type before or after the pixel data. */
static const char *put_png(const char *type, const void *data, size_t size, bool after) {
    static png_bytes png;
    unsigned char pixels[64];
    uLongf length = sizeof pixels;
    png.size = 8;
    memcpy(png.at, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(&png, "IHDR", "\0\0\0\1\0\0\0\1\10\0\0\0\0", 13);
    if (!after)
        add_chunk(&png, type, data, size);
    assert_int_equal(compress(pixels, &length, (const Bytef *)"\0\200", 2), Z_OK);
    add_chunk(&png, "IDAT", pixels, length);
    if (after)
        add_chunk(&png, type, data, size);
    add_chunk(&png, "IEND", NULL, 0);
    put_file(scratch_path("other.png"), png.at, png.size);
    return scratch_path("other.png");
}

static size_t compressed(unsigned char *out, const char *head, size_t head_size, const char *text,
                         size_t size) {
    uLongf length = 19000;
    memcpy(out, head, head_size);
    assert_int_equal(compress(out + head_size, &length, (const Bytef *)text, size), Z_OK);
    return head_size + length;
}

static void all_text_chunks_are_read(void **state) {
    (void)state;
    unsigned char data[4000];
    for (int after = 0; after <= 1; after++) {
        check_text(put_png("tEXt", "key\0caf\xe9", 8, after), "key", "caf\xc3\xa9");
        check_text(put_png("tEXt", "key\0", 4, after), "key", "");
        size_t size = compressed(data, "key\0\0", 5, "caf\xe9", 4);
        check_text(put_png("zTXt", data, size, after), "key", "caf\xc3\xa9");
        check_text(put_png("iTXt", "key\0\0\0en\0Key\0caf\xc3\xa9", 18, after), "key", "caf\xc3\xa9");
        size = compressed(data, "key\0\1\0\0\0", 8, "caf\xc3\xa9", 5);
        check_text(put_png("iTXt", data, size, after), "key", "caf\xc3\xa9");
    }
}

/* Refuses and notes blocks over 8 MiB: no small file is worth one. */
static int watch_size(size_t size, void *context) {
    bool *seen = context;
    *seen = *seen || size > (size_t)8 << 20;
    return size <= (size_t)8 << 20;
}

static void bombs_are_refused(void **state) {
    (void)state;
    static char letters[3000000];
    unsigned char data[20000];
    char *text = NULL;
    bool large = false;
    memset(letters, 'a', sizeof letters - 1);
    size_t size = compressed(data, "key\0\0", 5, letters, sizeof letters - 1);
    const char *path = put_png("zTXt", data, size, false);
    check_text(path, "key", letters); /* long, but within the limit */
    static char more[9000000];
    memset(more, 'a', sizeof more - 1);
    size = compressed(data, "key\0\0", 5, more, sizeof more - 1);
    path = put_png("zTXt", data, size, false);
    fs_alloc_set_hook(watch_size, &large);
    assert_int_equal(fs_image_read_png_text(&text, path, "key", NULL), FS_ERROR_LIMIT);
    uint8_t *bytes = NULL;
    path = put_png("tEXt", "key\0value", 9, false);
    assert_int_equal(fs_file_read(&bytes, &size, path, 10000, NULL), FS_OK);
    bytes[33] = 0x7f; /* the length of the chunk after IHDR */
    put_file(path, bytes, size);
    fs_free(bytes);
    assert_int_equal(fs_image_read_png_text(&text, path, "key", NULL), FS_ERROR_LIMIT);
    assert_false(large);
    assert_null(text);
}

static void damage_is_survived(void **state) {
    (void)state;
    char *text = NULL;
    fs_error err = {0};
    bool large = false;
    const char *path = put_png("tEXt", "key\0value", 9, true);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(fs_file_read(&bytes, &size, path, 10000, NULL), FS_OK);
    srand(4);
    fs_alloc_set_hook(watch_size, &large);
    for (int i = 0; i < 1000; i++) {
        uint8_t damaged[1000];
        memcpy(damaged, bytes, size);
        damaged[rand() % (int)size] = (uint8_t)rand();
        put_file(path, damaged, i % 2 ? size : (size_t)i % size);
        text = NULL;
        fs_status status = fs_image_read_png_text(&text, path, "key", &err);
        assert_true((status == FS_OK) == (text != NULL));
        fs_free(text);
    }
    assert_false(large);
    fs_free(bytes);
    put_file(path, "not a png", 9);
    assert_int_equal(fs_image_read_png_text(&text, path, "key", &err), FS_ERROR_FORMAT);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    fs_image image = make_picture(20, 20, 3);
    char *text = NULL;
    int n = 0;
    for (bool refused = true; refused; n++) {
        fail_from(n);
        fs_status status = fs_image_write_png(&image, scratch_path("a.png"), texts, 3, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        assert_int_equal(scratch_count(), refused ? 0 : 1);
    }
    assert_true(n > 5);
    n = 0;
    for (bool refused = true; refused; n++) {
        fail_from(n);
        fs_status status = fs_image_read_png_text(&text, scratch_path("a.png"), "Title", NULL);
        refused = fail_stop();
        /* A later text that there was no memory for may be missing, but the one asked for is right or none.
         */
        assert_true(status == (text == NULL ? FS_ERROR_MEMORY : FS_OK));
        assert_true(refused || text != NULL);
        if (text != NULL)
            assert_string_equal(text, texts[0].text);
        fs_free(text);
        text = NULL;
    }
    assert_true(n > 3);
    fs_image_free(&image);
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(pixels_come_back),         SCRATCH_TEST(texts_come_back),
        SCRATCH_TEST(same_picture_same_bytes),  SCRATCH_TEST(bad_texts_and_pictures_are_refused),
        SCRATCH_TEST(full_disks_are_reported),  SCRATCH_TEST(all_text_chunks_are_read),
        SCRATCH_TEST(short_memory_is_an_error), SCRATCH_TEST(bombs_are_refused),
        SCRATCH_TEST(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
