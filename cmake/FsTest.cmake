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
  # ctest -j starts the costly ones first, so that none of them is left over for one processor at the end.
  set_tests_properties(${TEST_NAME} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT ${TEST_TIMEOUT} COST ${TEST_TIMEOUT})
endfunction()

# fs_force_isa(test_plan...): tests once more, with the kernels for lesser processors (the machine's own instructions are
# what everything else runs on). Conformance, for that is what runs on the optimised build.
function(fs_force_isa)
  foreach(name ${ARGN})
    foreach(isa avx2 generic)
      add_test(NAME ${name}_${isa} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
      set_tests_properties(${name}_${isa} PROPERTIES LABELS conformance ENVIRONMENT FILTERSCOPE_ISA=${isa} TIMEOUT 300)
    endforeach()
  endforeach()
endfunction()

# fs_need_architectures(test_architectures...): tests that read networks of every family. Where the means to export them are
# beside the project, ctest does that first (tools/export_references), and other tests meanwhile.
set(FS_EXPORT ${CMAKE_SOURCE_DIR}/../shared/tools/export_architectures.py)
function(fs_need_architectures)
  if(EXISTS ${FS_EXPORT})
    set_tests_properties(${ARGN} PROPERTIES FIXTURES_REQUIRED architectures
                                            ENVIRONMENT FS_ARCHITECTURES=${CMAKE_BINARY_DIR}/architectures)
  endif()
endfunction()
