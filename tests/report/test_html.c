/* Pages of HTML: what is written is text, and pictures come back out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "report/html.h"

static char folder[] = FS_SCRATCH "/filterscope-html-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *read_page(void) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(fs_file_read(&bytes, &size, in_folder("page.html"), 1 << 24, NULL), FS_OK);
    return (char *)bytes;
}

static void test_text_is_escaped(void **state) {
    static const char *const cells[] = {"<script>", "-1.5"};
    fs_html html = {0};
    (void)state;
    fs_html_begin(&html, "a < b & \"c\"");
    fs_html_paragraph(&html, "%s: %.1f", "<b>", 0.5);
    fs_html_table_begin(&html, cells, 2);
    fs_html_table_row(&html, cells, 2);
    fs_html_table_end(&html);
    assert_int_equal(fs_html_write(&html, in_folder("page.html"), NULL), FS_OK);
    char *page = read_page();
    assert_non_null(strstr(page, "<title>a &lt; b &amp; &quot;c&quot;</title>"));
    assert_non_null(strstr(page, "<p>&lt;b&gt;: 0.5</p>"));
    assert_non_null(strstr(page, "<td>&lt;script&gt;</td><td class=\"n\">-1.5</td>"));
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "http"));
    assert_non_null(strstr(page, "</html>"));
    fs_free(page);
    fs_html_free(&html);
}

static int digit(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(digits, c);
    assert_true(at != NULL && c != 0);
    return (int)(at - digits);
}

/* Sizes whose files end in every remainder of three bytes. */
static void test_pictures_come_back(void **state) {
    static const char mark[] = "data:image/png;base64,";
    (void)state;
    for (int width = 1; width < 12; width++) {
        fs_html html = {0};
        fs_image image = {0}, again = {0};
        assert_int_equal(fs_image_create(&image, width, 5, 3, NULL), FS_OK);
        for (int i = 0; i < width * 15; i++)
            image.pixels[i] = (uint8_t)(i * 37);
        fs_html_begin(&html, "picture");
        assert_int_equal(fs_html_image(&html, &image, "dots", NULL), FS_OK);
        assert_int_equal(fs_html_write(&html, in_folder("page.html"), NULL), FS_OK);
        char *page = read_page(), *code = strstr(page, mark) + strlen(mark);
        const size_t length = strcspn(code, "\"");
        uint8_t *png = malloc(length);
        size_t n = 0;
        assert_int_equal(length % 4, 0);
        for (size_t i = 0; i < length; i += 4) {
            unsigned bits = 0;
            for (int k = 0; k < 4; k++)
                bits = bits << 6 | (unsigned)(code[i + (size_t)k] == '=' ? 0 : digit(code[i + (size_t)k]));
            png[n++] = (uint8_t)(bits >> 16);
            if (code[i + 2] != '=')
                png[n++] = (uint8_t)(bits >> 8);
            if (code[i + 3] != '=')
                png[n++] = (uint8_t)bits;
        }
        assert_int_equal(fs_file_write(in_folder("again.png"), png, n, NULL), FS_OK);
        assert_int_equal(fs_image_read(&again, in_folder("again.png"), NULL), FS_OK);
        assert_int_equal(again.width, width);
        assert_memory_equal(again.pixels, image.pixels, (size_t)width * 15);
        fs_image_free(&image);
        fs_image_free(&again);
        fs_html_free(&html);
        fs_free(page);
        free(png);
    }
}

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    unlink(in_folder("page.html"));
    unlink(in_folder("again.png"));
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_pictures_come_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
