# fs_add_test(NAME test_npy SOURCES test_npy.c LIBRARIES fs_base LABELS unit [TIMEOUT 120])
# One cmocka executable, registered with ctest. FS_SHARED names the folder of real material beside the project, FS_SCRATCH
# the one in which a test makes a folder of its own.
set(FS_SCRATCH /tmp CACHE PATH "where tests write: thousands of small files, so best in memory")
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

function(fs_add_test)
  cmake_parse_arguments(TEST "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${TEST_NAME} ${TEST_SOURCES})
  target_include_directories(${TEST_NAME} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${TEST_NAME} PRIVATE ${TEST_LIBRARIES} fs_common PkgConfig::CMOCKA)
  target_compile_definitions(${TEST_NAME} PRIVATE FS_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
                                                  FS_SHARED="${CMAKE_SOURCE_DIR}/../shared"
                                                  FS_SCRATCH="${FS_SCRATCH}")
  add_test(NAME ${TEST_NAME} COMMAND ${TEST_NAME} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  set_tests_properties(${TEST_NAME} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT ${TEST_TIMEOUT})
endfunction()
