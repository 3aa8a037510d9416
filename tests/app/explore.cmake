# What the window's exploring is made of.
fs_add_test(NAME test_search SOURCES test_search.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker_weights SOURCES test_worker_weights.c worker_test.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_worker_substitute SOURCES test_worker_substitute.c worker_test.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_thumb_cache SOURCES test_thumb_cache.c worker_test.c LIBRARIES fs_app LABELS unit)
set_tests_properties(test_worker_substitute PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/../ui/lsan.supp:print_suppressions=0")
