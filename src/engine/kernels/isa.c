#include "engine/kernels/isa.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[FS_ISA_COUNT] = {"generic", "avx2", "avx512"};

static fs_isa best_supported(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return FS_ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return FS_ISA_AVX2;
#endif
    return FS_ISA_GENERIC;
}

fs_isa fs_cpu_isa(void) {
    fs_isa best = best_supported();
    const char *wish = getenv("FILTERSCOPE_ISA");
    if (wish == NULL)
        return best;
    for (int i = 0; i < (int)best; i++)
        if (strcmp(wish, names[i]) == 0)
            return (fs_isa)i;
    return best;
}

const char *fs_isa_name(fs_isa isa) {
    return names[isa];
}
