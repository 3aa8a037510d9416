#include "helpers.h"

#include "base/arena.h"

static void blocks_are_aligned(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 63, 64, 65, 4096, (size_t)2 << 20, ((size_t)5 << 20) + 3};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *block = fs_alloc(sizes[i]);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % FS_ALIGNMENT, 0);
        memset(block, 1, sizes[i]);
        fs_free(block);
    }
    fs_free(NULL);
}

static void overflowing_sizes_are_refused(void **state) {
    (void)state;
    assert_null(fs_alloc(SIZE_MAX));
    assert_null(fs_alloc(SIZE_MAX - 63));
    assert_null(fs_calloc(SIZE_MAX / 2 + 1, 2));
    assert_null(fs_alloc_array(SIZE_MAX / 4 + 1, 4));
}

static void calloc_is_zeroed_and_realloc_keeps(void **state) {
    (void)state;
    unsigned char *block = fs_calloc(100, 3);
    for (int i = 0; i < 300; i++)
        assert_int_equal(block[i], 0);
    memset(block, 7, 300);
    block = fs_realloc(block, 300, 3000000);
    assert_non_null(block);
    assert_int_equal(block[299], 7);
    fail_from(0);
    assert_null(fs_realloc(block, 3000000, 10));
    assert_true(fail_stop());
    assert_int_equal(block[0], 7);
    block = fs_realloc(block, 3000000, 10);
    assert_int_equal(block[9], 7);
    fs_free(block);
    char *fresh = fs_realloc(NULL, 0, 8);
    assert_non_null(fresh);
    fs_free(fresh);
    char *copy = fs_strdup("text");
    assert_string_equal(copy, "text");
    fs_free(copy);
}

static void arena_blocks_are_zeroed_apart_and_aligned(void **state) {
    (void)state;
    fs_arena *arena = fs_arena_create();
    enum { BLOCKS = 3000 };
    static unsigned char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        size_t size = (size_t)i % 97 + (i % 500 == 3 ? 200000 : 0);
        blocks[i] = fs_arena_alloc(arena, size, 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t b = 0; b < size; b++)
            assert_int_equal(blocks[i][b], 0);
        memset(blocks[i], i & 255, size);
    }
    for (int i = 0; i < BLOCKS; i++)
        for (int b = 0; b < i % 97; b++)
            assert_int_equal(blocks[i][b], i & 255);
    assert_string_equal(fs_arena_strdup(arena, "name"), "name");
    assert_string_equal(fs_arena_strndup(arena, "name", 2), "na");
    assert_null(fs_arena_alloc(arena, SIZE_MAX / 2, 3));
    assert_null(fs_arena_alloc(arena, SIZE_MAX, 1));
    fs_arena_destroy(arena);
    fs_arena_destroy(NULL);
}

static void arena_survives_short_memory(void **state) {
    (void)state;
    fail_from(0);
    assert_null(fs_arena_create());
    fail_from(1);
    fs_arena *arena = fs_arena_create();
    assert_non_null(arena);
    assert_null(fs_arena_alloc(arena, 10, 10));
    assert_null(fs_arena_strdup(arena, "name"));
    assert_true(fail_stop());
    assert_non_null(fs_arena_alloc(arena, 10, 10));
    fs_arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned),
        cmocka_unit_test(overflowing_sizes_are_refused),
        cmocka_unit_test(calloc_is_zeroed_and_realloc_keeps),
        cmocka_unit_test(arena_blocks_are_zeroed_apart_and_aligned),
        cmocka_unit_test(arena_survives_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
