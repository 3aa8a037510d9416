foreach(name graphdef graphdef_hostile onnx onnx_hostile sidecar layers preprocess receptive_field)
  fs_add_test(NAME test_${name} SOURCES test_${name}.c ../base/helpers.c LIBRARIES fs_engine LABELS unit)
endforeach()
fs_add_test(NAME test_model_shared SOURCES test_model_shared.c LIBRARIES fs_engine LABELS conformance)
