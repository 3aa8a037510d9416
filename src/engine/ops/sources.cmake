# The operators; paths relative to src/engine.
set(FS_OPS_SOURCES
    ops/arg_reduce.c
    ops/batch_norm.c
    ops/binary.c
    ops/cast.c
    ops/clip.c
    ops/common.c
    ops/concat.c
    ops/constant.c
    ops/conv.c
    ops/conv_depthwise.c
    ops/conv_gemm.c
    ops/conv_reference.c
    ops/conv_transpose.c
    ops/cumsum.c
    ops/depth_space.c
    ops/einsum.c
    ops/gather.c
    ops/gemm.c
    ops/identity.c
    ops/integer_unary.c
    ops/lp_norm.c
    ops/lrn.c
    ops/matmul.c
    ops/nary.c
    ops/normalise.c
    ops/pad.c
    ops/pick.c
    ops/pool_average.c
    ops/pool_global.c
    ops/pool_lp.c
    ops/pool_max.c
    ops/pool_max_strips.c
    ops/reduce.c
    ops/registry.c
    ops/relu.c
    ops/reshape.c
    ops/resize.c
    ops/sgemm.c
    ops/slice.c
    ops/softmax.c
    ops/split.c
    ops/tile.c
    ops/transpose.c
    ops/triangle.c
    ops/unary.c
    ops/walk.c
    ops/where.c
    ops/window.c)
set_source_files_properties(${FS_OPS_SOURCES} PROPERTIES COMPILE_OPTIONS "${FS_FASTEST}")

pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET GLOBAL openblas)
set(FS_OPS_LIBRARIES PkgConfig::OPENBLAS)
