/* What the registry writes beside a model is what the engine's reader understands. */
#include "base/helpers.h"

#include "engine/import/sidecar.h"
#include "registry/sidecar_write.h"

static void read_back(fs_sidecar *out, const fs_registry_entry *entry, fs_arena *arena) {
    char *text = NULL;
    fs_error err = {0};
    const char *labels = entry->labels_member ? "x.labels.txt" : NULL;
    assert_int_equal(fs_registry_sidecar_text(&text, entry, labels, NULL), FS_OK);
    put_file(scratch_path("x.json"), text, strlen(text));
    put_file(scratch_path("x.labels.txt"), "dummy\nkit fox\n", 14);
    fs_free(text);
    if (fs_sidecar_read(out, scratch_path("x.json"), arena, &err) != FS_OK)
        fail_msg("%s: %s", entry->name, err.message);
}

static void check_levels(const fs_sidecar *sidecar, const fs_registry_entry *entry) {
    for (int level = 0; level < FS_REGISTRY_LEVELS; level++) {
        int count = 0;
        for (; entry->levels[level] && entry->levels[level][count]; count++)
            assert_string_equal(sidecar->levels.names[level][count], entry->levels[level][count]);
        assert_int_equal(sidecar->levels.count[level], count);
    }
}

static void every_sidecar_is_readable(void **state) {
    (void)state;
    assert_int_equal(FS_REGISTRY_LEVELS, FS_LEVEL_COUNT);
    for (int i = 0; i < fs_registry_count; i++) {
        const fs_registry_entry *entry = &fs_registry_catalogue[i];
        fs_arena *arena = fs_arena_create();
        fs_sidecar sidecar = {0};
        read_back(&sidecar, entry, arena);
        assert_string_equal(sidecar.name, entry->title);
        assert_string_equal(sidecar.source, entry->source);
        assert_int_equal(sidecar.height, entry->height);
        assert_int_equal(sidecar.width, entry->width);
        assert_true(sidecar.has_order && sidecar.has_range && sidecar.has_mean && sidecar.has_std);
        assert_int_equal(sidecar.order, entry->channels[0] == 'R' ? FS_CHANNELS_RGB : FS_CHANNELS_BGR);
        assert_true(sidecar.range == (float)entry->range);
        for (int c = 0; c < 3; c++)
            assert_true(sidecar.mean[c] == (float)entry->mean[c] && sidecar.std[c] == (float)entry->std[c]);
        assert_int_equal(sidecar.n_labels, entry->labels_member ? 2 : 0);
        check_levels(&sidecar, entry);
        fs_arena_destroy(arena);
    }
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    char *text = NULL;
    fail_from(0);
    assert_int_equal(fs_registry_sidecar_text(&text, &fs_registry_catalogue[0], NULL, NULL), FS_ERROR_MEMORY);
    assert_true(fail_stop());
    assert_null(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_sidecar_is_readable, scratch_setup, scratch_teardown),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
