# The fast convolution; paths relative to src/engine.
set(FS_KERNEL_SOURCES
    kernels/conv_direct.c
    kernels/flat.c
    kernels/flat_pack.c
    kernels/flat_panel.c
    kernels/flat_split.c
    kernels/isa.c
    kernels/max_pool_generic.c
    kernels/max_pool_ops.c
    kernels/micro.c
    kernels/micro_generic.c
    kernels/wgrad.c
    kernels/wgrad_generic.c
    kernels/wgrad_ops.c
    kernels/wgrad_wino.c
    kernels/wino.c
    kernels/wino_cost.c
    kernels/wino_generic.c
    kernels/wino_ops.c
    kernels/wino_pack.c)
if(FS_FUZZ) # they read no files, and instrumented they would take clang many minutes to compile
  set(FS_FASTEST -O1 -fno-sanitize=all)
endif()
set_source_files_properties(kernels/micro_generic.c kernels/wino_generic.c kernels/wgrad_generic.c
                            kernels/max_pool_generic.c kernels/flat_panel.c kernels/wino_pack.c
                            PROPERTIES COMPILE_OPTIONS "${FS_FASTEST}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
  list(APPEND FS_KERNEL_SOURCES kernels/micro_avx2.c kernels/wgrad_avx2.c kernels/wino_avx2.c kernels/max_pool_avx2.c
       kernels/micro_avx512.c kernels/wgrad_avx512.c kernels/wino_avx512.c kernels/max_pool_avx512.c)
  set_source_files_properties(kernels/micro_avx2.c kernels/wgrad_avx2.c kernels/wino_avx2.c kernels/max_pool_avx2.c
                              PROPERTIES COMPILE_OPTIONS "${FS_FASTEST};-mavx2;-mfma")
  set_source_files_properties(
    kernels/micro_avx512.c kernels/wgrad_avx512.c kernels/wino_avx512.c kernels/max_pool_avx512.c
    PROPERTIES COMPILE_OPTIONS "${FS_FASTEST};-mavx512f;-mavx512vl;-mavx512dq;-mavx512bw;-mfma;-mprefer-vector-width=512")
endif()
