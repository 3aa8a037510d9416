/* Every chunk is checked by its sum, and every frame is taken out as a PNG of its own and read back. */
#include "helpers.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/apng.h"
#include "base/file.h"

enum { WIDTH = 31, HEIGHT = 17, FRAMES = 3 };

static fs_image make_picture(int channels, int seed) {
    fs_image image = {0};
    assert_int_equal(fs_image_create(&image, WIDTH, HEIGHT, channels, NULL), FS_OK);
    srand((unsigned)seed);
    for (int i = 0; i < WIDTH * HEIGHT * channels; i++)
        image.pixels[i] = (uint8_t)(i % 4 == 0 ? rand() : i / 9 + seed);
    return image;
}

static uint32_t u32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void append(uint8_t *file, size_t *size, const char *name, const uint8_t *data, size_t length) {
    uint8_t *p = file + *size;
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(length >> (24 - 8 * i));
    memcpy(p + 4, name, 4);
    if (length > 0)
        memcpy(p + 8, data, length);
    const uint32_t crc = (uint32_t)crc32(0, p + 4, (uInt)length + 4);
    for (int i = 0; i < 4; i++)
        p[8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
    *size += length + 12;
}

/* A still PNG of one frame's data must be the picture that went in. */
static void check_frame(const uint8_t *header, const uint8_t *data, size_t length, const fs_image *wanted) {
    uint8_t *file = malloc(length + 200);
    size_t size = 8;
    fs_image back = {0};
    fs_error err = {0};
    assert_non_null(file);
    memcpy(file, "\x89PNG\r\n\x1a\n", 8);
    append(file, &size, "IHDR", header, 13);
    append(file, &size, "IDAT", data, length);
    append(file, &size, "IEND", NULL, 0);
    put_file(scratch_path("still.png"), file, size);
    if (fs_image_read(&back, scratch_path("still.png"), &err) != FS_OK)
        fail_msg("%s", err.message);
    for (int p = 0; p < WIDTH * HEIGHT; p++)
        for (int c = 0; c < 3; c++)
            assert_int_equal(back.pixels[3 * p + c],
                             wanted->pixels[wanted->channels * p + (wanted->channels > 1 ? c : 0)]);
    fs_image_free(&back);
    free(file);
}

typedef struct seen {
    int frames, data;
    uint32_t sequence;
    const uint8_t *header;
} seen;

static void check_chunk(seen *s, const uint8_t *chunk, size_t length, const fs_image *images) {
    const char *name = (const char *)chunk + 4;
    const uint8_t *data = chunk + 8;
    assert_int_equal(u32(data + length), crc32(0, chunk + 4, (uInt)length + 4));
    if (memcmp(name, "IHDR", 4) == 0) {
        s->header = data;
    } else if (memcmp(name, "acTL", 4) == 0) {
        assert_int_equal(u32(data), FRAMES);
        assert_int_equal(u32(data + 4), 5);
        assert_int_equal(s->frames + s->data, 0);
    } else if (memcmp(name, "fcTL", 4) == 0) {
        assert_int_equal(length, 26);
        assert_int_equal(u32(data), s->sequence++);
        assert_true(u32(data + 4) == WIDTH && u32(data + 8) == HEIGHT);
        assert_int_equal(data[20] << 8 | data[21], 300 * (s->frames + 1));
        assert_int_equal(data[22] << 8 | data[23], 1000);
        s->frames++;
    } else if (memcmp(name, "IDAT", 4) == 0) {
        assert_int_equal(s->frames, 1);
        check_frame(s->header, data, length, &images[s->data++]);
    } else if (memcmp(name, "fdAT", 4) == 0) {
        assert_int_equal(u32(data), s->sequence++);
        assert_int_equal(s->frames, s->data + 1);
        check_frame(s->header, data + 4, length - 4, &images[s->data++]);
    } else {
        assert_memory_equal(name, "IEND", 4);
    }
}

static void frames_come_back(void **state) {
    (void)state;
    static const int channels[] = {1, 3, 4};
    for (int i = 0; i < 3; i++) {
        fs_image images[FRAMES];
        fs_apng_frame frames[FRAMES];
        uint8_t *bytes = NULL;
        size_t size = 0, at = 8;
        seen s = {0};
        for (int f = 0; f < FRAMES; f++) {
            images[f] = make_picture(channels[i], 7 * f);
            frames[f] = (fs_apng_frame){&images[f], 300 * (f + 1)};
        }
        assert_int_equal(fs_apng_write(scratch_path("a.png"), frames, FRAMES, 5, NULL), FS_OK);
        assert_int_equal(fs_file_read(&bytes, &size, scratch_path("a.png"), 1 << 20, NULL), FS_OK);
        for (; at < size; at += u32(bytes + at) + 12)
            check_chunk(&s, bytes + at, u32(bytes + at), images);
        assert_int_equal(at, size);
        assert_memory_equal(bytes + size - 8, "IEND", 4);
        assert_true(s.frames == FRAMES && s.data == FRAMES);
        fs_free(bytes);
        fs_image still = {0}; /* programs without animation see the first */
        assert_int_equal(fs_image_read(&still, scratch_path("a.png"), NULL), FS_OK);
        assert_int_equal(still.pixels[0], images[0].pixels[0]);
        fs_image_free(&still);
        for (int f = 0; f < FRAMES; f++)
            fs_image_free(&images[f]);
    }
}

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    fs_image a = make_picture(3, 1), b = make_picture(1, 1);
    const fs_apng_frame mixed[] = {{&a, 10}, {&b, 10}}, slow[] = {{&a, 65536}};
    fs_error err = {0};
    assert_int_equal(fs_apng_write(scratch_path("a.png"), mixed, 2, 0, &err), FS_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "a.png"));
    assert_int_equal(fs_apng_write(scratch_path("a.png"), slow, 1, 0, NULL), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_apng_write(scratch_path("a.png"), mixed, 0, 0, NULL), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_apng_write(scratch_path("nowhere/a.png"), mixed, 1, 0, NULL), FS_ERROR_IO);
    assert_int_equal(scratch_count(), 0);
    fs_image_free(&a);
    fs_image_free(&b);
}

static void survives_lack_of_memory(void **state) {
    (void)state;
    fs_image image = make_picture(3, 1);
    const fs_apng_frame frames[] = {{&image, 10}};
    for (int allocation = 0, refused = 1; refused; allocation++) {
        fail_from(allocation);
        fs_status status = fs_apng_write(scratch_path("a.png"), frames, 1, 0, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        assert_int_equal(scratch_count(), refused ? 0 : 1);
    }
    fs_image_free(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_come_back, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(refuses_what_does_not_fit, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(survives_lack_of_memory, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
