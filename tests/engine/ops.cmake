foreach(name cases conv hostile large relu)
  fs_add_test(NAME test_ops_${name} SOURCES test_ops_${name}.c ops_harness.c LIBRARIES fs_engine LABELS unit)
endforeach()
