# Exploring: search, weights, the wall's zoom, the Gabor view's substitution, and whether texts fit.
fs_add_test(NAME test_search_view SOURCES test_search_view.c screen_test.c LIBRARIES fs_ui LABELS ui)
fs_add_test(NAME test_weights_view SOURCES test_weights_view.c screen_test.c LIBRARIES fs_ui LABELS ui)
set(FS_EXPLORE_TESTS test_search_view test_weights_view)
set_tests_properties(${FS_EXPLORE_TESTS} PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/lsan.supp")
