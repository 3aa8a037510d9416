/* Damaged models: whatever the bytes, a model or a one-line error that begins with the file's name. Run under
 * the sanitizers these tests also watch every access and leak. */
#include "damage.h"

#include <stdlib.h>

#include "engine/model.h"

static void test_truncation(void **state) {
    (void)state;
    static const char *const names[] = {"squeeze", "caffe", "types"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        model_bytes b = load_model_bytes("onnx", names[i], "onnx");
        int loaded = 0;
        for (size_t size = 0; size < b.size; size++)
            loaded += try_model("onnx", b.data, size, names[i], (int)size);
        /* A cut between two top-level fields leaves a well-formed message: only the operator set may be lost.
         */
        assert_in_range(loaded, 0, 1);
        assert_true(try_model("onnx", b.data, b.size, names[i], (int)b.size));
        fs_free(b.data);
    }
}

static void test_random_damage(void **state) {
    (void)state;
    static const char *const names[] = {"squeeze", "residual", "caffe", "types", "geometry", "bad_subgraph"};
    const uint64_t seed = 20240611;
    print_message("seed %llu\n", (unsigned long long)seed);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        model_bytes b = load_model_bytes("onnx", names[i], "onnx");
        try_flipped("onnx", &b, names[i], 400, &random);
        fs_free(b.data);
    }
}

/* Pieces cut out or doubled: lengths no longer fit what they enclose. */
static void test_random_splices(void **state) {
    (void)state;
    const uint64_t seed = 20240612;
    print_message("seed %llu\n", (unsigned long long)seed);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    model_bytes b = load_model_bytes("onnx", "numbered", "onnx");
    try_spliced("onnx", &b, 600, &random);
    fs_free(b.data);
}

static void test_memory_runs_out(void **state) {
    (void)state;
    static const char *const names[] = {"squeeze", "types", "external", "caffe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        try_short_memory("onnx", names[i], "onnx");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_truncation, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_random_damage, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_random_splices, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
