/* Reads a TensorFlow GraphDef (graph.proto) with its weights in it; private to net. */
#ifndef GD_NET_PROTOBUF_GRAPHDEF_H
#define GD_NET_PROTOBUF_GRAPHDEF_H

#include "net/protobuf/model.h"

/* Fills an empty model from the file's bytes. GD_USAGE if an operation that the network has is another one.
 */
gd_status gd_graphdef_read(gd_wire file, gd_model *model, gd_error *error) GD_CHECKED;

#endif
