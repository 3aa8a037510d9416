#include "engine/kernels/max_pool_ops.h"

bool fs_max_pool_shape_of(const fs_window_at *at, fs_max_pool_shape *out) {
    const int taps = at->kernel[0], stride = at->stride[0];
    for (int axis = 0; axis < 2; axis++)
        if (at->kernel[axis] != taps || at->stride[axis] != stride || at->dilation[axis] != 1 ||
            at->pad[axis] >= taps || at->in[axis] < 1 || at->out[axis] < 1 ||
            (int64_t)(at->out[axis] - 1) * stride - at->pad[axis] >= at->in[axis])
            return false;
    if (taps == 3 && stride == 1)
        *out = FS_MAX_POOL_3_1;
    else if (taps == 3 && stride == 2)
        *out = FS_MAX_POOL_3_2;
    else if (taps == 2 && stride == 2)
        *out = FS_MAX_POOL_2_2;
    else
        return false;
    return true;
}

const fs_max_pool_ops *fs_max_pool_ops_for(fs_isa isa) {
#if defined(__x86_64__)
    if (isa == FS_ISA_AVX512)
        return &fs_max_pool_avx512;
    if (isa == FS_ISA_AVX2)
        return &fs_max_pool_avx2;
#endif
    return isa == FS_ISA_GENERIC ? &fs_max_pool_generic : NULL;
}
