/* Reads and probes the convolutions of a request in a file of any format, and answers what it holds. */
#include "net/weights_reader.h"

#include <stdlib.h>

/* Reads a convolution and answers its values. */
static gd_status send_values(const gd_weights_format *format, const void *file, const gd_conv_layer *conv,
                             gd_apart_answer *answer, gd_error *error)
{
    gd_conv_weights arrays;
    const size_t count = gd_conv_weights_place(conv, NULL, NULL);
    float *values = malloc(count * sizeof *values);
    if (!values)
        return gd_no_memory(error, "the weights of a convolution");
    (void)gd_conv_weights_place(conv, values, &arrays);
    const gd_status status = format->read(file, conv, &arrays, error);
    if (status == GD_OK)
        gd_apart_write(answer, values, count * sizeof *values);
    free(values);
    return status;
}

/* Answers whether the file has a convolution; if so, it must have the network's shape. */
static gd_status send_presence(const gd_weights_format *format, const void *file, const gd_conv_layer *conv,
                               gd_apart_answer *answer, gd_error *error)
{
    const bool held = format->has(file, conv);
    const gd_status status = held ? format->read(file, conv, &(gd_conv_weights){0}, error) : GD_OK;
    if (status == GD_OK)
        gd_apart_write(answer, &held, sizeof held);
    return status;
}

typedef gd_status send_conv(const gd_weights_format *format, const void *file, const gd_conv_layer *conv,
                            gd_apart_answer *answer, gd_error *error);

static gd_status send_all(send_conv *send, const gd_weights_format *format, const gd_weights_request *request,
                          int fd, gd_apart_answer *answer, gd_error *error)
{
    void *file = calloc(1, format->bytes);
    if (!file)
        return gd_no_memory(error, "reading %s", request->path);
    gd_status status = format->open(fd, request->path, file, error);
    for (int32_t i = 0; i < request->count && status == GD_OK; i++)
        status = send(format, file, &request->convs[i], answer, error);
    format->close(file);
    free(file);
    return status;
}

gd_status gd_weights_read_as(const gd_weights_format *format, const gd_weights_request *request, int fd,
                             gd_apart_answer *answer, gd_error *error)
{
    return send_all(send_values, format, request, fd, answer, error);
}

gd_status gd_weights_probe_as(const gd_weights_format *format, const gd_weights_request *request, int fd,
                              gd_apart_answer *answer, gd_error *error)
{
    return send_all(send_presence, format, request, fd, answer, error);
}
