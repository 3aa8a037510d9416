/* FS_CLONES before a function builds it for several vector widths; the loader picks one for the CPU at hand.
 *
 * The library is compiled with -ffp-contract=off, so all versions give the same bits. Sanitizers run before
 * the loader's choice is possible, hence one plain version there. */
#ifndef FS_VIZ_CLONES_H
#define FS_VIZ_CLONES_H

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&                 \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FS_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FS_CLONES
#endif
#define FS_INLINE static inline __attribute__((always_inline))

#endif
