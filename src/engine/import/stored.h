/* The numbers of a tensor as model files store them, turned into what the engine computes with: float32 for
 * every floating type, int64 for integers and booleans. File data are little-endian. */
#ifndef FS_ENGINE_IMPORT_STORED_H
#define FS_ENGINE_IMPORT_STORED_H

#include "engine/element_type.h"
#include "engine/tensor.h"

/* All constants of one model together. */
#define FS_MAX_CONSTANT_BYTES ((int64_t)8 << 30)

size_t fs_stored_size(fs_element_type type); /* in the file; 0 for one that is not supported */
fs_dtype fs_stored_dtype(fs_element_type type);

/* The two short floating types, from their bits. */
float fs_float_of_half(uint16_t bits);
float fs_float_of_bfloat16(uint16_t bits);
/* Rounded to nearest, ties to even; infinity where it is too large. */
uint16_t fs_half_of_float(float value);

/* `count` elements in file form -> a new block (fs_free) in engine form. */
fs_status fs_stored_convert(void **out, fs_element_type type, const uint8_t *bytes, int64_t count,
                            fs_error *err);

#endif
