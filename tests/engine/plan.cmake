fs_add_test(NAME test_graph SOURCES test_graph.c LIBRARIES fs_engine LABELS unit)
fs_add_test(NAME test_plan SOURCES test_plan.c LIBRARIES fs_engine LABELS unit)
fs_add_test(NAME test_plan_relu SOURCES test_plan_relu.c LIBRARIES fs_engine LABELS unit)
fs_add_test(NAME test_architectures SOURCES test_architectures.c LIBRARIES fs_engine LABELS conformance TIMEOUT 900)
