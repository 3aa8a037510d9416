fs_add_test(NAME test_model_path SOURCES test_model_path.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_models SOURCES test_models.c ../registry/web.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
target_link_libraries(test_models PRIVATE PkgConfig::CJSON)
target_compile_definitions(test_models PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>"
                                               FS_SERVER="${CMAKE_CURRENT_SOURCE_DIR}/../registry/server.py")
add_dependencies(test_models filterscope)
