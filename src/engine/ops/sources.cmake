# The operators; paths relative to src/engine.
set(FS_OPS_SOURCES
    ops/common.c
    ops/concat.c
    ops/conv.c
    ops/conv_gemm.c
    ops/conv_reference.c
    ops/gemm.c
    ops/identity.c
    ops/pool_average.c
    ops/pool_global.c
    ops/pool_max.c
    ops/registry.c
    ops/relu.c
    ops/reshape.c
    ops/sgemm.c
    ops/softmax.c
    ops/window.c)
set_source_files_properties(${FS_OPS_SOURCES} PROPERTIES COMPILE_OPTIONS -O3)

pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET GLOBAL openblas)
set(FS_OPS_LIBRARIES PkgConfig::OPENBLAS)
