#include "engine/kernels/wino_ops.h"

const fs_wino_ops *fs_wino_ops_for(fs_isa isa) {
#if defined(__x86_64__)
    if (isa == FS_ISA_AVX512)
        return &fs_wino_avx512;
    if (isa == FS_ISA_AVX2)
        return &fs_wino_avx2;
#endif
    return isa == FS_ISA_GENERIC ? &fs_wino_generic : NULL;
}
