/* Words of the command line for enumeration values. */
#include "options/enum_names.h"

const gd_word gd_architecture_words[] = {{.text = "inceptionV3", .value = GD_INCEPTION_V3},
                                         {.text = "inceptionResNet", .value = GD_INCEPTION_RESNET_V2},
                                         {0}};

const gd_word gd_precision_words[] = {{.text = "auto", .value = GD_PRECISION_AUTO},
                                      {.text = "bf16", .value = GD_PRECISION_BF16},
                                      {.text = "fp16", .value = GD_PRECISION_FP16},
                                      {.text = "tf32", .value = GD_PRECISION_TF32},
                                      {.text = "fp32", .value = GD_PRECISION_FP32},
                                      {.text = "fp64", .value = GD_PRECISION_FP64, .use = GD_WORD_DERIVED},
                                      {0}};

const gd_word gd_backend_words[] = {{.text = "auto", .value = GD_BACKEND_AUTO},
                                    {.text = "cuda", .value = GD_BACKEND_CUDA},
                                    {.text = "cpu", .value = GD_BACKEND_CPU},
                                    {.text = "reference", .value = GD_BACKEND_REFERENCE},
                                    {0}};

const gd_word gd_transport_words[] = {{.text = "auto", .value = GD_TRANSPORT_AUTO},
                                      {.text = "mpi", .value = GD_TRANSPORT_MPI},
                                      {.text = "nccl", .value = GD_TRANSPORT_NCCL},
                                      {0}};

const gd_word gd_compat_words[] = {{.text = "tensorflow", .value = GD_COMPAT_TENSORFLOW},
                                   {.text = "none", .value = GD_COMPAT_NONE, .use = GD_WORD_UNSAID},
                                   {0}};

const gd_word gd_on_off_words[] = {{.text = "on", .value = true}, {.text = "off", .value = false}, {0}};
