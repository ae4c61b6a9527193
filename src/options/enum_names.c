/* Names of enumerators on the command line. */
#include "options/enum_names.h"

const gd_enum_name gd_architecture_names[] = {{.text = "inceptionV3", .value = GD_INCEPTION_V3},
                                              {.text = "inceptionResNet", .value = GD_INCEPTION_RESNET_V2},
                                              {.text = "inceptionV1", .value = GD_INCEPTION_V1},
                                              {0}};

const gd_enum_name gd_measure_names[] = {
    {.text = "mean", .value = GD_MEASURE_MEAN}, {.text = "l2", .value = GD_MEASURE_L2}, {0}};

const gd_enum_name gd_normalize_names[] = {{.text = "deviation", .value = GD_NORMALIZE_DEVIATION},
                                           {.text = "laplacian", .value = GD_NORMALIZE_LAPLACIAN},
                                           {0}};

const gd_enum_name gd_precision_names[] = {
    {.text = "auto", .value = GD_PRECISION_AUTO},
    {.text = "bf16", .value = GD_PRECISION_BF16},
    {.text = "fp16", .value = GD_PRECISION_FP16},
    {.text = "tf32", .value = GD_PRECISION_TF32},
    {.text = "fp32", .value = GD_PRECISION_FP32},
    {.text = "fp64", .value = GD_PRECISION_FP64, .use = GD_NAME_DERIVED},
    {0}};

const gd_enum_name gd_backend_names[] = {{.text = "auto", .value = GD_BACKEND_AUTO},
                                         {.text = "cuda", .value = GD_BACKEND_CUDA},
                                         {.text = "cpu", .value = GD_BACKEND_CPU},
                                         {.text = "reference", .value = GD_BACKEND_REFERENCE},
                                         {0}};

const gd_enum_name gd_transport_names[] = {{.text = "auto", .value = GD_TRANSPORT_AUTO},
                                           {.text = "mpi", .value = GD_TRANSPORT_MPI},
                                           {.text = "nccl", .value = GD_TRANSPORT_NCCL},
                                           {0}};

const gd_enum_name gd_compat_names[] = {{.text = "tensorflow", .value = GD_COMPAT_TENSORFLOW},
                                        {.text = "none", .value = GD_COMPAT_NONE, .use = GD_NAME_OFF},
                                        {0}};

const gd_enum_name gd_on_off_names[] = {{.text = "on", .value = true}, {.text = "off", .value = false}, {0}};
