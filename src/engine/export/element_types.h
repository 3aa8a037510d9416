/* The element types of all values of a graph, as a file has to tell them: the engine computes every integer
 * and boolean as int64, ONNX insists on the kind.
 *
 *     fs_element_type *types;
 *     fs_element_types(&types, graph, &err);      // one for each value, fs_free
 *
 * Constants have the type their file gave them; where no file did, the one that their first user needs. The
 * types of computed values follow from the operators. Floating point is always FS_ELEMENT_FLOAT. */
#ifndef FS_ENGINE_EXPORT_ELEMENT_TYPES_H
#define FS_ENGINE_EXPORT_ELEMENT_TYPES_H

#include "engine/graph.h"

fs_status fs_element_types(fs_element_type **out, const fs_graph *graph, fs_error *err);

/* What is written for a type: the floating ones become FS_ELEMENT_FLOAT, others stay. */
fs_element_type fs_element_type_written(int64_t type);

#endif
