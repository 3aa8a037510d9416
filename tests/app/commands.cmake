fs_add_test(NAME test_arguments SOURCES test_arguments.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_classifier SOURCES test_classifier.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_commands SOURCES test_commands.c LIBRARIES fs_app LABELS unit TIMEOUT 600)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
target_link_libraries(test_commands PRIVATE PkgConfig::CJSON)
target_compile_definitions(test_commands PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>")
add_dependencies(test_commands filterscope)
fs_add_test(NAME test_squeezenet_conformance SOURCES test_squeezenet_conformance.c LIBRARIES fs_app
            LABELS conformance TIMEOUT 900)
