foreach(name dataset optimiser)
  fs_add_test(NAME test_${name} SOURCES train/test_${name}.c train/material.c ../base/helpers.c LIBRARIES fs_engine LABELS unit)
endforeach()
