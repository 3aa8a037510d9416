#include "engine/kernels/wgrad_ops.h"

const fs_wgrad_ops *fs_wgrad_ops_for(fs_isa isa) {
#if defined(__x86_64__)
    if (isa == FS_ISA_AVX512)
        return &fs_wgrad_avx512;
    if (isa == FS_ISA_AVX2)
        return &fs_wgrad_avx2;
#endif
    return isa == FS_ISA_GENERIC ? &fs_wgrad_generic : NULL;
}
