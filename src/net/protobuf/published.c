/* Reads the bytes of a published file, and tells Caffe's files from TensorFlow's. */
#include "net/protobuf/published.h"

#include "base/file.h"
#include "net/protobuf/caffe.h"
#include "net/protobuf/graphdef.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t bytes_max = INT64_C(1) << 28;

static gd_status read_file(int fd, gd_published *p, int64_t *size, gd_error *error)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return gd_model_refuse(&p->model, error, "cannot be read (%s)", strerror(errno));
    if (about.st_size > bytes_max)
        return gd_model_refuse(&p->model, error,
                               "has %lld bytes, and no published Inception V1 has more than %lld",
                               (long long)about.st_size, (long long)bytes_max);
    p->bytes = malloc((size_t)about.st_size + 1);
    if (!p->bytes)
        return gd_no_memory(error, "the %lld bytes of %s", (long long)about.st_size, p->model.path);
    *size = about.st_size;
    return gd_file_read_at(fd, p->bytes, *size, 0)
               ? GD_OK
               : gd_model_refuse(&p->model, error, "cannot be read (%s)",
                                 errno ? strerror(errno) : "it became shorter");
}

/* A GraphDef is its nodes (field 1); a NetParameter has one name there, and layers in fields 2 or 100. */
static bool is_tensorflow(gd_wire file)
{
    gd_wire_field field;
    int32_t nodes = 0, layers = 0;
    while (gd_wire_next(&file, &field)) {
        nodes += field.number == 1;
        layers += field.number == 2 || field.number == 100;
        if (nodes > 1 || layers > 1)
            break;
    }
    return nodes > 1;
}

static int32_t convolutions_in(const gd_model *model)
{
    int32_t count = 0;
    for (int32_t i = 0; i < GD_MODEL_CONVS; i++)
        count += model->kernels[i].message.at && model->biases[i].message.at;
    return count;
}

gd_status gd_published_open(int fd, const char *path, gd_published *published, gd_error *error)
{
    int64_t size = 0;
    *published = (gd_published){.model.path = path};
    gd_status status = read_file(fd, published, &size, error);
    if (status != GD_OK)
        return status;
    const gd_wire file = {published->bytes, published->bytes + size, &published->damaged};
    status = is_tensorflow(file) ? gd_graphdef_read(file, &published->model, error)
                                 : gd_caffe_read(file, &published->model, error);
    if (status != GD_OK)
        return status;
    if (convolutions_in(&published->model) == 0)
        return gd_model_refuse(
            &published->model, error,
            "holds no layer of Inception V1 that is known: give a .caffemodel of GoogLeNet, or "
            "TensorFlow's graph of Inception5h (.pb); weights/fetch.sh gets them");
    return published->damaged
               ? gd_model_refuse(&published->model, error, "is damaged or cut short; fetch it again")
               : GD_OK;
}

void gd_published_close(gd_published *published)
{
    free(published->bytes);
    published->bytes = NULL;
}

gd_status gd_published_read(const gd_published *published, const gd_model_array *array, const char *name,
                            int64_t count, float *out, gd_error *error)
{
    const bool tensorflow = published->model.tensorflow;
    const int64_t found = gd_wire_floats(array->message, 5, tensorflow ? 4 : 0, out, count);
    if (found == count)
        return GD_OK;
    return gd_model_refuse(&published->model, error, "holds %lld values of %s, and its shape asks for %lld",
                           (long long)found, name, (long long)count);
}
