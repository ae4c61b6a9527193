/* Reads a Caffe NetParameter (caffe.proto), with layers of both kinds; private to net. */
#ifndef GD_NET_PROTOBUF_CAFFE_H
#define GD_NET_PROTOBUF_CAFFE_H

#include "net/protobuf/model.h"

/* Fills an empty model from the file's bytes. GD_USAGE if a layer that the network has is another one. */
gd_status gd_caffe_read(gd_wire file, gd_model *model, gd_error *error) GD_CHECKED;

#endif
