/* The types of elements that files tell apart and the engine does not: every floating point type is computed
 * as float32, every integer and boolean as int64. Constants and tensor attributes remember theirs for the
 * export.
 *
 * The numbers are the public ones of ONNX (TensorProto.DataType). */
#ifndef FS_ENGINE_ELEMENT_TYPE_H
#define FS_ENGINE_ELEMENT_TYPE_H

typedef enum fs_element_type {
    FS_ELEMENT_UNKNOWN = 0,
    FS_ELEMENT_FLOAT = 1,
    FS_ELEMENT_UINT8 = 2,
    FS_ELEMENT_INT32 = 6,
    FS_ELEMENT_INT64 = 7,
    FS_ELEMENT_BOOL = 9,
    FS_ELEMENT_FLOAT16 = 10,
    FS_ELEMENT_DOUBLE = 11,
    FS_ELEMENT_BFLOAT16 = 16
} fs_element_type;

#endif
