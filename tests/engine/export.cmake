foreach(name export head)
  fs_add_test(NAME test_${name} SOURCES test_${name}.c ../base/helpers.c LIBRARIES fs_engine LABELS unit)
endforeach()
