#include "engine/kernels/micro.h"

const fs_micro_set *fs_micro_set_for(fs_isa isa) {
#if defined(__x86_64__)
    if (isa == FS_ISA_AVX512)
        return &fs_micro_avx512;
    if (isa == FS_ISA_AVX2)
        return &fs_micro_avx2;
#endif
    return isa == FS_ISA_GENERIC ? &fs_micro_generic : NULL;
}
