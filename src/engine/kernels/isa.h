/* Which instruction set the kernels of this folder use: the best one the processor has and this build
 * contains, or a lesser one named by the environment variable FILTERSCOPE_ISA (avx512, avx2 or generic), for
 * tests.
 *
 *     const fs_micro_set *micro = fs_micro_set_for(fs_cpu_isa());
 *
 * Reads the environment at each call; thread safe as long as nobody changes it meanwhile. */
#ifndef FS_ENGINE_KERNELS_ISA_H
#define FS_ENGINE_KERNELS_ISA_H

typedef enum fs_isa { FS_ISA_GENERIC, FS_ISA_AVX2, FS_ISA_AVX512, FS_ISA_COUNT } fs_isa;

fs_isa fs_cpu_isa(void);
const char *fs_isa_name(fs_isa isa); /* "avx2" */

#endif
