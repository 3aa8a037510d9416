/* Reads a frozen TensorFlow GraphDef (.pb; protobuf-c, our own minimal .proto) into a finished graph.
 *
 * * TensorFlow's operators become the engine's. Where one depends on the layout, its NHWC maps are turned to
 * NCHW before it; what it makes is NCHW and has the TensorFlow node's name, and is turned back for those that
 * read it
 * ("NAME:nhwc"). So is the graph's input, the image. All other values are laid out as in the file. A pass
 * over the graph can cancel the turning (engine/passes). Weights are turned while they are read. The outputs
 * are the nodes that carry the image and that nobody reads, the deepest last: classifiers on the side come
 * before the main one. Nodes they do not need (savers, summaries, losses) are left out.
 *
 * Nothing in the file is trusted: sizes are checked against the file and against limits before allocating,
 * and every error names the node. The graph owns copies of everything; the file is released on return. */
#ifndef FS_ENGINE_IMPORT_GRAPHDEF_H
#define FS_ENGINE_IMPORT_GRAPHDEF_H

#include "engine/graph.h"

#define FS_GRAPHDEF_MAX_FILE ((size_t)2 << 30)

fs_status fs_graphdef_read(fs_graph **out, const char *path, fs_error *err);

#endif
