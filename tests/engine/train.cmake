foreach(name dataset finetune optimiser plain_network trainer)
  fs_add_test(NAME test_${name} SOURCES train/test_${name}.c train/material.c ../base/helpers.c LIBRARIES fs_engine LABELS unit)
endforeach()
fs_add_test(NAME test_train_conformance SOURCES train/test_train_conformance.c train/material.c ../base/helpers.c
            LIBRARIES fs_engine LABELS conformance TIMEOUT 1800)
target_compile_definitions(test_train_conformance
                           PRIVATE FS_TORCH_REFERENCE="${CMAKE_CURRENT_SOURCE_DIR}/train/torch_reference.py")
fs_add_test(NAME test_together SOURCES train/test_together.c train/material.c ../cluster/threads.c ../base/helpers.c
            LIBRARIES fs_engine LABELS unit)
