fs_add_test(NAME test_arguments SOURCES test_arguments.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_classifier SOURCES test_classifier.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_commands SOURCES test_commands.c LIBRARIES fs_app LABELS unit TIMEOUT 600)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
target_link_libraries(test_commands PRIVATE PkgConfig::CJSON)
target_compile_definitions(test_commands PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>")
add_dependencies(test_commands filterscope)
# Sheets of an atlas are drawn with Pango, which keeps its fonts until the process ends.
set_tests_properties(test_commands PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/../ui/lsan.supp:print_suppressions=0")
fs_add_test(NAME test_squeezenet_conformance SOURCES test_squeezenet_conformance.c LIBRARIES fs_app
            LABELS conformance TIMEOUT 900)
fs_add_test(NAME test_layers_dot SOURCES test_layers_dot.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_manual SOURCES test_manual.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
fs_add_test(NAME test_load_memory SOURCES test_load_memory.c LIBRARIES fs_base LABELS conformance)
target_compile_definitions(test_load_memory PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>")
add_dependencies(test_load_memory filterscope)
fs_need_architectures(test_load_memory)

# The program's exported files under other tools: ONNX's own checker and OpenCV.
add_test(NAME export_conformance
         COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/export_conformance.py $<TARGET_FILE:filterscope>
                 ${CMAKE_SOURCE_DIR}/../shared ${CMAKE_SOURCE_DIR}/tests/data/onnx)
set_tests_properties(export_conformance PROPERTIES LABELS conformance TIMEOUT 900 COST 900 SKIP_RETURN_CODE 77)
fs_need_architectures(export_conformance)
fs_add_test(NAME test_gabor_substitute SOURCES test_gabor_substitute.c ../viz/tiny_model.c LIBRARIES fs_app LABELS unit)

# The substitution test against the same network in PyTorch.
add_test(NAME substitute_conformance
         COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/substitute_conformance.py $<TARGET_FILE:filterscope>
                 ${CMAKE_SOURCE_DIR}/../shared)
set_tests_properties(substitute_conformance PROPERTIES LABELS conformance TIMEOUT 900 COST 900 SKIP_RETURN_CODE 77)
fs_add_test(NAME test_finetune_command SOURCES test_finetune_command.c ../engine/train/material.c ../base/helpers.c
            LIBRARIES fs_app LABELS unit TIMEOUT 600)
target_link_libraries(test_finetune_command PRIVATE PkgConfig::CJSON)
target_compile_definitions(test_finetune_command PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>")
add_dependencies(test_finetune_command filterscope)
set_tests_properties(test_finetune_command PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/../ui/lsan.supp:print_suppressions=0")
fs_add_test(NAME test_world_source SOURCES test_world_source.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
# The network that is built in; conformance, for it needs the optimised build.
fs_add_test(NAME test_default_model SOURCES test_default_model.c ../base/helpers.c LIBRARIES fs_app LABELS conformance TIMEOUT 600)
target_compile_definitions(test_default_model PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>")
add_dependencies(test_default_model filterscope)
fs_add_test(NAME test_dissect_source SOURCES test_dissect_source.c ../base/helpers.c LIBRARIES fs_app LABELS unit)
target_compile_definitions(test_dissect_source PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>")
add_dependencies(test_dissect_source filterscope)
# What a full disk, signals and kill -9 leave; conformance, for they need the optimised build.
foreach(name full_disk signals_test)
  add_test(NAME ${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py $<TARGET_FILE:filterscope>
                                ${CMAKE_SOURCE_DIR}/tests/data/onnx)
endforeach()
add_test(NAME kill_test COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/kill_test.py $<TARGET_FILE:filterscope>
                                $<TARGET_FILE:pull_once> ${CMAKE_SOURCE_DIR}/tests/data/onnx)
set_tests_properties(full_disk signals_test kill_test PROPERTIES LABELS conformance TIMEOUT 900 COST 900)
fs_add_test(NAME test_short_memory SOURCES test_short_memory.c ../engine/train/material.c ../base/helpers.c ../base/kept.c
            LIBRARIES fs_app LABELS unit TIMEOUT 600)
set_tests_properties(test_short_memory PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/../ui/lsan.supp:print_suppressions=0")
fs_add_test(NAME test_series_command SOURCES test_series_command.c ../engine/train/material.c ../base/helpers.c
            LIBRARIES fs_app LABELS unit TIMEOUT 600)
target_link_libraries(test_series_command PRIVATE PkgConfig::CJSON)
target_compile_definitions(test_series_command PRIVATE FS_PROGRAM="$<TARGET_FILE:filterscope>")
add_dependencies(test_series_command filterscope)
set_tests_properties(test_series_command PROPERTIES
                     ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/../ui/lsan.supp:print_suppressions=0")
