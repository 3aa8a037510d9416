/* The catalogue is consistent, and names are found or near ones named. */
#include "base/helpers.h"

#include "registry/entry.h"

static void check_entry(const fs_registry_entry *e) {
    const char *extension = fs_registry_extension(e);
    assert_true(e->name[0] && strspn(e->name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(e->name));
    assert_true(e->name[0] != '.' && e->name[0] != '-' && strlen(e->name) <= 40);
    assert_true(e->title[0] && e->source[0]);
    assert_int_equal(strncmp(e->url, "https://", 8), 0);
    assert_true(strcmp(extension, ".onnx") == 0 || strcmp(extension, ".pb") == 0);
    assert_int_equal(strlen(e->digest), fs_digest_length(e->digest_kind));
    assert_int_equal(strspn(e->digest, "0123456789abcdef"), strlen(e->digest));
    assert_true(e->bytes > 1000000 && e->bytes < 1000000000);
    assert_true(!e->is_estimate || (e->member && e->bytes <= FS_REGISTRY_MAX_ARCHIVE));
    assert_true(!e->labels_member || e->member);
    assert_true(strcmp(e->channels, "RGB") == 0 || strcmp(e->channels, "BGR") == 0);
    assert_true(e->range == 1 || e->range == 255);
    for (int c = 0; c < 3; c++)
        assert_true(e->std[c] > 0 && e->mean[c] > 0 && e->mean[c] < e->range);
    assert_true(e->height >= 32 && e->height == e->width);
}

static void entries_are_consistent(void **state) {
    (void)state;
    assert_true(fs_registry_count >= 11);
    for (int i = 0; i < fs_registry_count; i++) {
        const fs_registry_entry *e = &fs_registry_catalogue[i];
        check_entry(e);
        assert_ptr_equal(fs_registry_find(e->name), e); /* so that no name is there twice */
        for (int other = 0; other < i; other++)
            assert_string_not_equal(fs_registry_catalogue[other].digest, e->digest);
    }
}

static void levels_name_no_layer_twice(void **state) {
    (void)state;
    const fs_registry_entry *e = fs_registry_find("inceptionv1");
    const char *seen[100];
    int count = 0;
    for (int level = 0; level < FS_REGISTRY_LEVELS; level++) {
        assert_non_null(e->levels[level]);
        for (int i = 0; e->levels[level][i]; i++) {
            for (int before = 0; before < count; before++)
                assert_string_not_equal(seen[before], e->levels[level][i]);
            seen[count++] = e->levels[level][i];
        }
    }
    assert_int_equal(count, 12);
}

static void check_unknown(const char *name, const char *part) {
    fs_error err = {0};
    assert_null(fs_registry_find(name));
    assert_int_equal(fs_registry_fail_unknown(name, &err), FS_ERROR_NOT_FOUND);
    if (strstr(err.message, part) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, part);
}

static void unknown_names_get_suggestions(void **state) {
    (void)state;
    char long_name[1000];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    check_unknown("squeezenet", "squeezenet1.1, squeezenet1.0");
    check_unknown("ResNet34", "resnet18, resnet50");
    check_unknown("nothing", "`filterscope models`");
    check_unknown("", "`filterscope models`");
    check_unknown("../vgg16", "`filterscope models`"); /* a name is never a path */
    check_unknown("vgg16/../../x", "near it: vgg16");
    check_unknown("/etc/passwd", "`filterscope models`");
    check_unknown(long_name, "`filterscope models`");
    check_unknown("../etc/passwd", "`filterscope models`");
}

static void sizes_are_readable(void **state) {
    (void)state;
    char text[FS_REGISTRY_SIZE_TEXT];
    assert_string_equal(fs_registry_size_text(fs_registry_find("squeezenet1.0"), text), "5.0 MB");
    assert_string_equal(fs_registry_size_text(fs_registry_find("vgg16"), text), "553 MB");
    assert_string_equal(fs_registry_size_text(fs_registry_find("inceptionv1"), text), "about 50 MB");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_consistent),
        cmocka_unit_test(levels_name_no_layer_twice),
        cmocka_unit_test(unknown_names_get_suggestions),
        cmocka_unit_test(sizes_are_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
