/* What is taken from a published file of Inception V1; private to net. Arrays stay in the file's bytes. */
#ifndef GD_NET_PROTOBUF_MODEL_H
#define GD_NET_PROTOBUF_MODEL_H

#include "base/status.h"
#include "net/protobuf/wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_MODEL_CONVS = 57, GD_MODEL_LRNS = 2, GD_MODEL_NAME_MAX = 48, GD_MODEL_CHANNELS_MAX = 1024 };

/* An array as it lies in a Caffe BlobProto or a TensorFlow TensorProto. */
typedef struct gd_model_array {
    gd_wire message; /* at NULL: the file has none */
    int64_t dims[4];
    int32_t rank; /* above 4: more dimensions */
} gd_model_array;

typedef struct gd_model_lrn {
    double size, scale, power, bias;
} gd_model_lrn;

typedef struct gd_model {
    const char *path; /* borrowed; for messages */
    bool tensorflow;  /* kernels are HWIO, the picture is RGB, padding is "SAME"; else Caffe's: OIHW, BGR */
    gd_model_array kernels[GD_MODEL_CONVS], biases[GD_MODEL_CONVS];
    gd_model_lrn lrns[GD_MODEL_LRNS];
    int32_t lrn_count;  /* in the file, in their order */
    double mean[3];     /* of red, green, blue, of 255; stated by Caffe's data layer */
    int32_t mean_count; /* values of it that were stated */
    int64_t classes;    /* of the classifier; 0: unknown */
} gd_model;

/* The names of convolution `index` in the order of the table: Caffe's layer, or what begins those of
 * TensorFlow's arrays. */
void gd_model_caffe_name(int32_t index, char name[GD_MODEL_NAME_MAX]);
void gd_model_tensorflow_name(int32_t index, char name[GD_MODEL_NAME_MAX]);

/* Side of a convolution's kernel, and its stride. */
int32_t gd_model_kernel(int32_t index);
int32_t gd_model_stride(int32_t index);

/* GD_USAGE: the file is damaged, or of another network, as `what` says. */
gd_status gd_model_refuse(const gd_model *model, gd_error *error, const char *format, ...) GD_PRINTF(3, 4);

#endif
