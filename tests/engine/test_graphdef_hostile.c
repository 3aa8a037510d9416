/* Damaged TensorFlow graphs: whatever the bytes, a model or a one-line error that begins with the file's
 * name. Run under the sanitizers these tests also watch every access and leak. */
#include "damage.h"

#include <stdlib.h>

#include "engine/model.h"

static const char *const damaged[] = {"conv_same", "conv_cut_apart", "batch_norms", "splits",
                                      "slices",    "pads",           "types",       "flatten_head",
                                      "leftovers", "bad_variable"};
enum { DAMAGED = sizeof damaged / sizeof *damaged };

/* A cut between two nodes leaves a smaller graph, which may be a model too. */
static void test_truncation(void **state) {
    (void)state;
    for (int i = 0; i < DAMAGED; i++) {
        model_bytes b = load_model_bytes("graphdef", damaged[i], "pb");
        size_t loaded = 0;
        for (size_t size = 0; size < b.size; size++)
            loaded += try_model("pb", b.data, size, damaged[i], (int)size);
        assert_true(loaded < b.size / 8);
        assert_int_equal(try_model("pb", b.data, b.size, damaged[i], (int)b.size),
                         strncmp(damaged[i], "bad_", 4) != 0);
        fs_free(b.data);
    }
}

static void test_random_damage(void **state) {
    (void)state;
    const uint64_t seed = 20240613;
    print_message("seed %llu\n", (unsigned long long)seed);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    for (int i = 0; i < DAMAGED; i++) {
        model_bytes b = load_model_bytes("graphdef", damaged[i], "pb");
        try_flipped("pb", &b, damaged[i], 300, &random);
        fs_free(b.data);
    }
}

/* Pieces cut out or doubled: lengths no longer fit what they enclose, nodes appear twice. */
static void test_random_splices(void **state) {
    (void)state;
    const uint64_t seed = 20240614;
    print_message("seed %llu\n", (unsigned long long)seed);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    model_bytes b = load_model_bytes("graphdef", "leftovers", "pb");
    try_spliced("pb", &b, 600, &random);
    fs_free(b.data);
}

/* A file that opens millions of nodes and one with a long chain: refused or read, in bounded memory and time.
 */
static void test_many_nodes(void **state) {
    (void)state;
    enum { COUNT = 3 << 20 };
    uint8_t *empty = malloc(2 * (size_t)COUNT);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(empty + 2 * i, "\x0a\x00", 2); /* a node without anything */
    assert_false(try_model("pb", empty, 2 * (size_t)COUNT, "empty nodes", 0));
    free(empty);

    enum { CHAIN = 20000, NODE = 64 };
    char *chain = malloc((size_t)CHAIN * NODE);
    size_t used = 0;
    for (int i = 0; i < CHAIN; i++) {
        char name[16], input[16], node[NODE];
        const int n = snprintf(name, sizeof name, "n%05d", i),
                  m = snprintf(input, sizeof input, "n%05d", i - 1);
        const char *op = i ? "Identity" : "Placeholder";
        int size = snprintf(node, sizeof node, "\x0a%c%s\x12%c%s", n, name, (int)strlen(op), op);
        if (i)
            size += snprintf(node + size, sizeof node - (size_t)size, "\x1a%c%s", m, input);
        chain[used++] = '\x0a';
        chain[used++] = (char)size;
        memcpy(chain + used, node, (size_t)size);
        used += (size_t)size;
    }
    try_model("pb", chain, used, "chain", 0);
    free(chain);
}

/* The other .pb that TensorFlow writes begins with its version; what is missing in it deserves a word. */
static void test_saved_model(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model = NULL;
    put_file(scratch_path("saved_model.pb"), "\x08\x01\x12\x02\x0a\x00", 6);
    assert_int_equal(fs_model_load(&model, scratch_path("saved_model.pb"), &err), FS_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "freeze its graph first"));
    put_file(scratch_path("other.pb"), "\x08\x01\x12\x02\x0a\x00", 6);
    assert_int_equal(fs_model_load(&model, scratch_path("other.pb"), &err), FS_ERROR_FORMAT);
}

static void test_memory_runs_out(void **state) {
    (void)state;
    static const char *const names[] = {"conv_same", "types", "leftovers", "slices"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        try_short_memory("graphdef", names[i], "pb");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_truncation, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_random_damage, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_random_splices, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_many_nodes, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_saved_model, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
