# Exploring: search, weights, the wall's zoom, the Gabor view's substitution, and whether texts fit.
fs_add_test(NAME test_search_view SOURCES test_search_view.c screen_test.c LIBRARIES fs_ui LABELS ui)
fs_add_test(NAME test_weights_view SOURCES test_weights_view.c screen_test.c LIBRARIES fs_ui LABELS ui)
fs_add_test(NAME test_substitute_view SOURCES test_substitute_view.c screen_test.c LIBRARIES fs_ui LABELS ui)
fs_add_test(NAME test_wall_view SOURCES test_wall_view.c screen_test.c LIBRARIES fs_ui LABELS ui)
fs_add_test(NAME test_text_fit SOURCES test_text_fit.c text_watch.c screen_test.c ../app/training_test.c
            ../engine/train/material.c ../base/helpers.c LIBRARIES fs_ui LABELS ui)
set(FS_EXPLORE_TESTS test_search_view test_substitute_view test_text_fit test_wall_view test_weights_view)
set_tests_properties(${FS_EXPLORE_TESTS} PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/lsan.supp")
