# Readers of model files, the model they fill, and what is derived from it. Paths are relative to src/engine.
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
find_program(PROTOC_C protoc-c REQUIRED)

# The parsers are generated into the build folder; they are the generator's work and keep its warnings.
set(FS_PROTO_FOLDER ${CMAKE_CURRENT_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${FS_PROTO_FOLDER})
set(FS_PROTO_SOURCES)
foreach(proto onnx graphdef)
  add_custom_command(
    OUTPUT ${FS_PROTO_FOLDER}/${proto}.pb-c.c ${FS_PROTO_FOLDER}/${proto}.pb-c.h
    COMMAND ${PROTOC_C} --c_out=${FS_PROTO_FOLDER} --proto_path=${CMAKE_CURRENT_LIST_DIR} ${proto}.proto
    DEPENDS ${CMAKE_CURRENT_LIST_DIR}/${proto}.proto
    VERBATIM)
  list(APPEND FS_PROTO_SOURCES ${FS_PROTO_FOLDER}/${proto}.pb-c.c)
endforeach()
set_source_files_properties(${FS_PROTO_SOURCES} PROPERTIES COMPILE_OPTIONS "-w")

set(FS_IMPORT_SOURCES
    import/concepts.c
    import/stored.c
    import/graphdef.c
    import/graphdef_attributes.c
    import/graphdef_conv.c
    import/graphdef_emit.c
    import/graphdef_maps.c
    import/graphdef_math.c
    import/graphdef_reach.c
    import/graphdef_rules.c
    import/graphdef_shape.c
    import/graphdef_tensor.c
    import/onnx.c
    import/onnx_attributes.c
    import/onnx_external.c
    import/onnx_interface.c
    import/onnx_tensor.c
    import/onnx_unpack.c
    import/onnx_wire.c
    import/relative_path.c
    import/sidecar.c
    import/sidecar_labels.c
    import/unpack.c
    channel_axis.c
    default_size.c
    layer_lookup.c
    layer_names.c
    layer_parents.c
    layers.c
    levels.c
    model.c
    name_map.c
    preprocess.c
    receptive_field.c
    ${FS_PROTO_SOURCES})
set(FS_IMPORT_LIBRARIES PkgConfig::PROTOBUF_C PkgConfig::CJSON)
set(FS_IMPORT_INCLUDES ${FS_PROTO_FOLDER})
