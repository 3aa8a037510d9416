/* The numbers of a tensor as model files store them, turned into what the engine computes with: float32 for
 * every floating type, int64 for integers and booleans. File data are little-endian. */
#ifndef FS_ENGINE_IMPORT_ELEMENTS_H
#define FS_ENGINE_IMPORT_ELEMENTS_H

#include "engine/tensor.h"

typedef enum fs_element {
    FS_ELEMENT_OTHER, /* a type that is not supported */
    FS_ELEMENT_FLOAT,
    FS_ELEMENT_DOUBLE,
    FS_ELEMENT_HALF,
    FS_ELEMENT_BFLOAT16,
    FS_ELEMENT_INT32,
    FS_ELEMENT_INT64,
    FS_ELEMENT_UINT8,
    FS_ELEMENT_BOOL
} fs_element;

/* All constants of one model together. */
#define FS_MAX_CONSTANT_BYTES ((int64_t)8 << 30)

size_t fs_element_size(fs_element type); /* in the file; 0 for OTHER */
fs_dtype fs_element_dtype(fs_element type);

/* The two short floating types, from their bits. */
float fs_float_of_half(uint16_t bits);
float fs_float_of_bfloat16(uint16_t bits);

/* `count` elements in file form -> a new block (fs_free) in engine form. */
fs_status fs_elements_convert(void **out, fs_element type, const uint8_t *bytes, int64_t count,
                              fs_error *err);

#endif
