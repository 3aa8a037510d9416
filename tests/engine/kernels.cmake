fs_add_test(NAME test_conv_direct SOURCES test_conv_direct.c LIBRARIES fs_engine LABELS unit)
fs_add_test(NAME test_wgrad SOURCES test_wgrad.c LIBRARIES fs_engine LABELS unit)
