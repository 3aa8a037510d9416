/* Contact sheets of folders of flat tiles: how many pages, where the tiles are, even gutters, room for text.
 */
#include "viz/viz_test.h"

#include <unistd.h>

#include "base/file.h"
#include "report/atlas_page.h"
#include "report/atlas_sheet.h"
#include "viz/tiny_model.h"

enum { SIDE = 16, MANY = 75 };

static tiny_model tiny;
static char folder[] = FS_SCRATCH "/filterscope-sheet-XXXXXX";

static const char *in_folder(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *in_folder(const char *format, ...) {
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    int n = snprintf(path, sizeof paths[0], "%s/", folder);
    va_list args;
    va_start(args, format);
    vsnprintf(path + n, sizeof paths[0] - (size_t)n, format, args);
    va_end(args);
    return path;
}

/* Whatever lies in the folder is a tile of the job. */
static fs_status read_any(void *context, fs_render_settings *settings, double *objective, const char *path,
                          fs_error *err) {
    const fs_atlas_request *request = context;
    const char *name = fs_path_base(path);
    (void)err;
    *settings = request->render;
    snprintf(settings->layer, sizeof settings->layer, "%.*s", 3, name - 4);
    settings->channel = (int)strtol(name, NULL, 10);
    *objective = settings->channel * 10.5;
    return FS_OK;
}

static void write_flat(const char *path, uint8_t r, uint8_t g, uint8_t b) {
    fs_image image;
    assert_int_equal(fs_image_create(&image, SIDE, SIDE, 3, NULL), FS_OK);
    for (int i = 0; i < SIDE * SIDE; i++) {
        image.pixels[3 * i] = r;
        image.pixels[3 * i + 1] = g;
        image.pixels[3 * i + 2] = b;
    }
    assert_int_equal(fs_image_write_png(&image, path, NULL, 0, NULL), FS_OK);
    fs_image_free(&image);
}

static void write_tiles(const char *layer, int n) {
    assert_int_equal(fs_make_folder(in_folder("%s", layer), NULL), FS_OK);
    for (int c = 0; c < n; c++)
        write_flat(in_folder("%s/%04d.png", layer, c), 200, 0, 0);
}

/* An atlas of layers "one" and "two" with `n` tiles each, drawn. */
static fs_atlas *open_atlas(fs_atlas_request *request, int n) {
    fs_atlas *atlas = NULL;
    fs_error err = {0};
    *request = (fs_atlas_request){.folder = folder, .fingerprint = "f00d"};
    request->store = (fs_atlas_store){.context = request, .read = read_any};
    fs_options_defaults(fs_render_options, &request->render);
    request->render.size = SIDE;
    assert_int_equal(fs_render_resolve(&request->render, NULL), FS_OK);
    assert_int_equal(fs_atlas_create(&atlas, &tiny.model, request, NULL), FS_OK);
    for (int l = 0; l < 2; l++) {
        write_tiles(tiny.layers[l].name, n);
        tiny.layers[l].channels = n;
        assert_int_equal(fs_atlas_add(atlas, &tiny.layers[l], NULL, 0, &err), FS_OK);
    }
    if (fs_atlas_resume(atlas, &err) != FS_OK)
        fail_msg("%s", err.message);
    return atlas;
}

static fs_image read_page(const char *path) {
    fs_image image;
    fs_error err = {0};
    if (fs_image_read(&image, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return image;
}

static bool is_red(const fs_image *image, int x, int y) {
    const uint8_t *p = image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
    return p[0] == 200 && p[1] == 0 && p[2] == 0;
}

/* Runs of the tiles' colour along a line: starts and lengths; returns how many. */
static int runs(const fs_image *image, bool down, int at, int start[32], int length[32]) {
    int n = 0, size = down ? image->height : image->width;
    bool inside = false;
    for (int i = 0; i < size; i++) {
        bool red = down ? is_red(image, at, i) : is_red(image, i, at);
        if (red && !inside && n < 32) {
            start[n] = i;
            length[n++] = 0;
        }
        length[n > 0 ? n - 1 : 0] += red;
        inside = red;
    }
    return n;
}

static void expect_even(const int start[32], const int length[32], int n) {
    for (int i = 1; i < n; i++) {
        assert_int_equal(length[i], length[0]);
        assert_int_equal(start[i] - start[i - 1], start[1] - start[0]);
    }
}

static int pdf_pages(const char *path) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    int n = 0;
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 26, NULL), FS_OK);
    assert_memory_equal(bytes, "%PDF", 4);
    for (size_t i = 0; i + 11 < size; i++)
        n += memcmp(bytes + i, "/Type /Page", 11) == 0 && bytes[i + 11] != 's';
    fs_free(bytes);
    return n;
}

static void test_pages_are_whole_and_even(void **state) {
    fs_atlas_request request;
    const fs_atlas_layer *layers;
    fs_error err = {0};
    int start[32], length[32];
    (void)state;
    fs_atlas *atlas = open_atlas(&request, MANY);
    fs_atlas_layers(atlas, &layers);
    if (fs_atlas_sheets(atlas, &layers[0], NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_sheet_measures m = fs_sheet_measure(SIDE);
    fs_image first = read_page(in_folder("one/sheet-001.png"));
    int n = runs(&first, false, m.margin + m.head + m.tile / 2, start, length);
    assert_int_equal(n, FS_SHEET_COLUMNS);
    expect_even(start, length, n);
    assert_int_equal(length[0], m.tile);
    assert_int_equal(start[0], m.margin);
    assert_int_equal(first.width - start[n - 1] - length[n - 1], m.margin);
    int rows = runs(&first, true, m.margin + m.tile / 2, start, length);
    expect_even(start, length, rows);
    assert_true(first.height <= m.height);
    int pages = (MANY + rows * FS_SHEET_COLUMNS - 1) / (rows * FS_SHEET_COLUMNS);
    assert_true(pages > 1);
    assert_int_equal(pdf_pages(in_folder("one.pdf")), pages);
    fs_image last = read_page(in_folder("one/sheet-%03d.png", pages));
    assert_false(fs_file_exists(in_folder("one/sheet-%03d.png", pages + 1)));
    int left = MANY - (pages - 1) * rows * FS_SHEET_COLUMNS, full = left / FS_SHEET_COLUMNS;
    assert_int_equal(runs(&last, true, m.margin + m.tile / 2, start, length), full + (left % 8 > 0));
    assert_true(last.height < first.height);
    fs_image_free(&first);
    fs_image_free(&last);
    fs_atlas_destroy(atlas);
}

/* Between a tile and the one below there is text, and it stays in its column. */
static void test_captions_have_ink_in_their_column(void **state) {
    fs_atlas_request request;
    const fs_atlas_layer *layers;
    (void)state;
    fs_atlas *atlas = open_atlas(&request, MANY);
    fs_atlas_layers(atlas, &layers);
    assert_int_equal(fs_atlas_sheets(atlas, &layers[1], NULL, NULL), FS_OK);
    fs_sheet_measures m = fs_sheet_measure(SIDE);
    fs_image page = read_page(in_folder("two/sheet-001.png"));
    int top = m.margin + m.head + m.tile, inked[FS_SHEET_COLUMNS] = {0};
    for (int y = top; y < top + m.caption; y++)
        for (int x = 0; x < page.width; x++) {
            int column = (x - m.margin) / (m.tile + m.gutter);
            bool in_tile = x >= m.margin && (x - m.margin) % (m.tile + m.gutter) < m.tile;
            bool ink = page.pixels[3 * ((size_t)y * (size_t)page.width + (size_t)x)] < 128;
            assert_true(!ink || in_tile);
            if (ink)
                inked[column]++;
        }
    for (int i = 0; i < FS_SHEET_COLUMNS; i++)
        assert_true(inked[i] > 20);
    fs_image_free(&page);
    fs_atlas_destroy(atlas);
}

static void test_overview_has_a_row_for_each_layer(void **state) {
    fs_atlas_request request;
    int start[32], length[32];
    (void)state;
    tiny.layers[1].level = FS_LEVEL_OBJECT;
    fs_atlas *atlas = open_atlas(&request, MANY);
    assert_int_equal(fs_atlas_overview(atlas, NULL, NULL), FS_OK);
    assert_int_equal(pdf_pages(in_folder("overview.pdf")), 1);
    fs_image page = read_page(in_folder("overview-001.png"));
    fs_sheet_measures m = fs_sheet_measure(SIDE);
    int x = page.width - m.margin - m.tile / 4;
    int rows = runs(&page, true, x, start, length);
    assert_int_equal(rows, 2);
    assert_int_equal(length[0], length[1]);
    int n = runs(&page, false, start[1] + length[1] / 2, start, length);
    assert_int_equal(n, 12);
    expect_even(start, length, n);
    fs_image_free(&page);
    fs_atlas_destroy(atlas);
}

static void test_diverged_tile_has_a_placeholder(void **state) {
    static const char index[] =
        "{\"format\": 1, \"model\": \"tiny\", \"model_sha256\": \"f00d\", \"parameters\": {\"size\": 16}, "
        "\"layers\": [{\"layer\": \"one\", \"channels\": [{\"channel\": 1, \"file\": null, \"objective\": "
        "null}]}]}";
    fs_atlas_request request;
    const fs_atlas_layer *layers;
    int start[32], length[32];
    (void)state;
    assert_int_equal(fs_file_write(in_folder("index.json"), index, strlen(index), NULL), FS_OK);
    fs_atlas *atlas = open_atlas(&request, 3);
    fs_atlas_layers(atlas, &layers);
    assert_int_equal(layers[0].tiles[1].state, FS_ATLAS_DIVERGED);
    assert_int_equal(fs_atlas_sheets(atlas, &layers[0], NULL, NULL), FS_OK);
    fs_sheet_measures m = fs_sheet_measure(SIDE);
    fs_image page = read_page(in_folder("one/sheet-001.png"));
    int y = m.margin + m.head + m.tile / 2;
    assert_int_equal(runs(&page, false, y, start, length), 2); /* 0 and 2; between them it says why */
    int dark = 0, x0 = m.margin + m.tile + m.gutter;
    for (int x = x0; x < x0 + m.tile; x++)
        dark += page.pixels[3 * ((size_t)y * (size_t)page.width + (size_t)x)] < 160;
    assert_true(dark > 5);
    fs_image_free(&page);
    fs_atlas_destroy(atlas);
    assert_int_equal(unlink(in_folder("index.json")), 0);
}

static void test_tiles_of_every_size_fill_the_width(void **state) {
    static const int sizes[] = {8, 24, 31, 64, 128, 224, 256, 257, 4096};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fs_sheet_measures m = fs_sheet_measure(sizes[i]);
        assert_true(m.tile >= 128 && m.tile <= 256);
        assert_true(sizes[i] > 256 || m.tile % sizes[i] == 0);
        assert_true(m.width > 1200 && m.width < 3000 && m.gutter >= m.tile / 10);
    }
}

static void test_missing_tile_is_an_error_and_leaves_no_pdf(void **state) {
    fs_atlas_request request;
    const fs_atlas_layer *layers;
    fs_error err = {0};
    (void)state;
    fs_atlas *atlas = open_atlas(&request, 4);
    fs_atlas_layers(atlas, &layers);
    unlink(in_folder("two.pdf"));
    assert_int_equal(unlink(in_folder("two/0002.png")), 0);
    assert_int_not_equal(fs_atlas_sheets(atlas, &layers[1], NULL, &err), FS_OK);
    assert_non_null(strstr(err.message, "two/0002.png"));
    assert_false(fs_file_exists(in_folder("two.pdf")));
    fs_atlas_destroy(atlas);
}

static int group_setup(void **state) {
    (void)state;
    tiny_model_create(&tiny, -0.2F);
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int group_teardown(void **state) {
    char command[128];
    (void)state;
    tiny_model_destroy(&tiny);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_are_whole_and_even),
        cmocka_unit_test(test_captions_have_ink_in_their_column),
        cmocka_unit_test(test_overview_has_a_row_for_each_layer),
        cmocka_unit_test(test_diverged_tile_has_a_placeholder),
        cmocka_unit_test(test_tiles_of_every_size_fill_the_width),
        cmocka_unit_test(test_missing_tile_is_an_error_and_leaves_no_pdf),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
