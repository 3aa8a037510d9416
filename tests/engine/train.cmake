foreach(name optimiser)
  fs_add_test(NAME test_${name} SOURCES train/test_${name}.c ../base/helpers.c LIBRARIES fs_engine LABELS unit)
endforeach()
