/* Damaged TensorFlow graphs: whatever the bytes, a model or a one-line error that begins with the file's
 * name. Run under the sanitizers these tests also watch every access and leak. */
#include "base/helpers.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/random.h"
#include "engine/model.h"

#define FIXTURES FS_TEST_DATA "/graphdef/"

static const char *const damaged[] = {"conv_same", "conv_cut_apart", "batch_norms", "splits",
                                      "slices",    "pads",           "types",       "flatten_head",
                                      "leftovers", "bad_variable"};
enum { DAMAGED = sizeof damaged / sizeof *damaged };

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

static bytes load_fixture(const char *name) {
    bytes b = {0};
    char path[512];
    fs_error err = {0};
    snprintf(path, sizeof path, FIXTURES "%s.pb", name);
    if (fs_file_read(&b.data, &b.size, path, 1 << 20, &err) != FS_OK)
        fail_msg("%s", err.message);
    return b;
}

/* Loads the bytes as a model; true when that worked. Anything but a proper error fails the test. */
static bool try_model(const void *data, size_t size, const char *doing, int number) {
    fs_error err = {0};
    fs_model *model = NULL;
    const char *path = scratch_path("model.pb");
    put_file(path, data, size);
    const fs_status status = fs_model_load(&model, path, &err);
    if (status == FS_OK) {
        assert_true(model->n_layers > 0);
        (void)fs_model_logits(model);
        (void)fs_model_output_is_probability(model);
        (void)fs_model_layer(model, "conv", NULL);
        fs_model_destroy(model);
        return true;
    }
    if (model || err.code != status || strncmp(err.message, path, strlen(path)) != 0 ||
        strchr(err.message, '\n'))
        fail_msg("%s %d: %d, '%s'", doing, number, status, err.message);
    return false;
}

/* A cut between two nodes leaves a smaller graph, which may be a model too. */
static void test_truncation(void **state) {
    (void)state;
    for (int i = 0; i < DAMAGED; i++) {
        bytes b = load_fixture(damaged[i]);
        size_t loaded = 0;
        for (size_t size = 0; size < b.size; size++)
            loaded += try_model(b.data, size, damaged[i], (int)size);
        assert_true(loaded < b.size / 8);
        assert_int_equal(try_model(b.data, b.size, damaged[i], (int)b.size),
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
        bytes b = load_fixture(damaged[i]);
        uint8_t *copy = malloc(b.size);
        for (int round = 0; round < 300; round++) {
            memcpy(copy, b.data, b.size);
            for (int flips = 1 + fs_random_int(&random, 4); flips > 0; flips--) {
                const int at = fs_random_int(&random, (int)b.size);
                copy[at] = fs_random_int(&random, 2) ? (uint8_t)fs_random_u64(&random)
                                                     : (uint8_t)(copy[at] ^ 1 << fs_random_int(&random, 8));
            }
            try_model(copy, b.size, damaged[i], round);
        }
        free(copy);
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
    bytes b = load_fixture("leftovers");
    uint8_t *copy = malloc(2 * b.size);
    for (int round = 0; round < 600; round++) {
        const size_t from = (size_t)fs_random_int(&random, (int)b.size);
        const size_t length = (size_t)fs_random_int(&random, (int)(b.size - from)) + 1;
        const size_t to = (size_t)fs_random_int(&random, (int)b.size);
        memcpy(copy, b.data, to);
        memcpy(copy + to, b.data + from, length);
        const size_t rest = fs_random_int(&random, 2) ? to : to + length < b.size ? to + length : b.size;
        memcpy(copy + to + length, b.data + rest, b.size - rest);
        try_model(copy, to + length + b.size - rest, "splice", round);
    }
    free(copy);
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
    assert_false(try_model(empty, 2 * (size_t)COUNT, "empty nodes", 0));
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
    try_model(chain, used, "chain", 0);
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
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        bool refused = true;
        snprintf(path, sizeof path, FIXTURES "%s.pb", names[i]);
        for (int allocation = 0; refused; allocation++) {
            fs_model *model = NULL;
            fs_error err = {0};
            fail_from(allocation);
            const fs_status status = fs_model_load(&model, path, &err);
            refused = fail_stop();
            if (refused && status != FS_ERROR_MEMORY)
                fail_msg("%s, allocation %d: %d, '%s'", names[i], allocation, status, err.message);
            if (!refused)
                assert_int_equal(status, FS_OK);
            fs_model_destroy(model);
        }
    }
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
