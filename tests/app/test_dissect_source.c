/* What the masks of a dissection's pictures call by name. */
#include "base/helpers.h"

#include <stdlib.h>

#include "app/dissect_source.h"

static int count_of(const fs_dissection_source *source, int kind, const char *name) {
    int n = 0;
    for (int label = 0; label < source->labels[kind]; label++)
        n += source->names[kind][label] != NULL && strcmp(source->names[kind][label], name) == 0;
    return n;
}

static void check_names(const fs_dissect_source *made) {
    const fs_dissection_source *source = fs_dissect_source_get(made);
    int objects = 0;
    for (int label = 0; label < source->labels[FS_CONCEPT_OBJECT]; label++) {
        const char *name = source->names[FS_CONCEPT_OBJECT][label];
        objects += name != NULL;
        if (name != NULL && count_of(source, FS_CONCEPT_TEXTURE, name) > 0)
            fail_msg("%s is a texture and an object", name);
    }
    assert_int_equal(objects, 24 + 6); /* of both sets, without the sixteen swatches */
    assert_int_equal(count_of(source, FS_CONCEPT_OBJECT, "car"), 1);
    assert_int_equal(count_of(source, FS_CONCEPT_OBJECT, "clutter"), 0);
    assert_int_equal(count_of(source, FS_CONCEPT_OBJECT, "checks"), 0);
    assert_int_equal(count_of(source, FS_CONCEPT_TEXTURE, "checks"), 1);
    assert_int_equal(count_of(source, FS_CONCEPT_PART, "wheel"), 1);
}

static void test_drawn(void **state) {
    (void)state;
    fs_dissect_source *source = NULL;
    assert_int_equal(fs_dissect_source_world(&source, FS_WORLD_A, 1, 64, 10, NULL), FS_OK);
    check_names(source);
    fs_dissect_source_destroy(source);
}

static void test_folder(void **state) {
    (void)state;
    fs_dissect_source *source = NULL;
    fs_error err = {0};
    char command[1024];
    snprintf(command, sizeof command, "'%s' world --n 40 --size 32 --split 0.8 --quiet -o '%s'", FS_PROGRAM,
             scratch_path("truth"));
    assert_int_equal(system(command), 0);
    if (fs_dissect_source_folder(&source, scratch_path("truth"), 40, &err) != FS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(fs_dissect_source_get(source)->n_pictures, 40);
    check_names(source);
    fs_dissect_source_destroy(source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn),
        cmocka_unit_test_setup_teardown(test_folder, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
