/* Parses and checks the header of a safetensors file, and reads tensors as floats. */
#include "net/torch/tensors.h"

#include "base/file.h"
#include "base/minmax.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

enum { LENGTH_BYTES = 8 };
/* Of a header: that of Inception V3 has 70 KB; cJSON takes up to 40 bytes for each. */
static const int64_t header_max = 1 << 18;
static const double offset_max = 9007199254740992.0; /* 2^53: JSON's numbers are doubles */
static const int64_t dimension_max = INT32_MAX;

static gd_status refuse(const gd_tensors *file, const char *what, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "the weights file %s is a safetensors file that is damaged or cut short (%s); make or "
                   "fetch it again.",
                   file->path, what);
}

bool gd_tensors_begin(int fd)
{
    char head[LENGTH_BYTES + 2];
    return gd_file_read_at(fd, head, sizeof head, 0) && head[LENGTH_BYTES] == '{' &&
           strchr("\"} \t\r\n", head[LENGTH_BYTES + 1]) && head[LENGTH_BYTES + 1];
}

/* Parses the header's text, which is JSON and nothing else but spaces behind it. */
static gd_status parse(gd_tensors *file, const char *text, size_t length, gd_error *error)
{
    file->header = strlen(text) == length ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
    if (!cJSON_IsObject(file->header))
        return refuse(file, "its header is not JSON", error);
    return GD_OK;
}

static gd_status read_header(gd_tensors *file, int64_t *size, gd_error *error)
{
    struct stat about;
    uint8_t length[LENGTH_BYTES];
    uint64_t count = 0;
    if (fstat(file->fd, &about) != 0 || !gd_file_read_at(file->fd, length, sizeof length, 0))
        return refuse(file, "it has no header", error);
    for (int i = LENGTH_BYTES; i-- > 0;)
        count = count << 8 | length[i];
    *size = about.st_size - LENGTH_BYTES;
    if (count > (uint64_t)*size)
        return refuse(file, "its header would end beyond it", error);
    if (count > (uint64_t)header_max)
        return gd_fail(
            error, GD_USAGE,
            "the weights file %s has a header of %llu bytes, and no network that is read has more than %lld: "
            "it is the file of another network.",
            file->path, (unsigned long long)count, (long long)header_max);
    *size -= (int64_t)count;
    file->data = LENGTH_BYTES + (int64_t)count;
    char *text = malloc((size_t)count + 1);
    if (!text)
        return gd_no_memory(error, "the header of %s", file->path);
    text[count] = '\0';
    gd_status status = gd_file_read_at(file->fd, text, (int64_t)count, LENGTH_BYTES)
                           ? parse(file, text, (size_t)count, error)
                           : refuse(file, "its header cannot be read", error);
    free(text);
    return status;
}

/* A whole number from 0 to `most`; false: it is something else. */
static bool whole(const cJSON *item, double most, int64_t *value)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= most))
        return false;
    *value = (int64_t)item->valuedouble;
    return (double)*value == item->valuedouble;
}

static bool take_shape(const cJSON *shape, gd_tensor *tensor)
{
    const cJSON *item;
    if (!cJSON_IsArray(shape))
        return false;
    cJSON_ArrayForEach(item, shape)
    {
        int64_t extent;
        if (!whole(item, (double)dimension_max, &extent))
            return false;
        if (tensor->rank < GD_TENSOR_RANK_MAX)
            tensor->dims[tensor->rank] = extent;
        tensor->rank = gd_min_i32(tensor->rank + 1, GD_TENSOR_RANK_MAX + 1);
    }
    return true;
}

static bool take_offsets(const cJSON *offsets, gd_tensor *tensor)
{
    return cJSON_IsArray(offsets) && cJSON_GetArraySize(offsets) == 2 &&
           whole(cJSON_GetArrayItem(offsets, 0), offset_max, &tensor->begin) &&
           whole(cJSON_GetArrayItem(offsets, 1), offset_max, &tensor->end) && tensor->begin <= tensor->end;
}

static bool take_tensor(const cJSON *item, gd_tensor *tensor)
{
    *tensor = (gd_tensor){.name = item->string,
                          .type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "dtype"))};
    return cJSON_IsObject(item) && tensor->type &&
           take_shape(cJSON_GetObjectItemCaseSensitive(item, "shape"), tensor) &&
           take_offsets(cJSON_GetObjectItemCaseSensitive(item, "data_offsets"), tensor);
}

/* By their bytes; the empty ones among them by where they end. */
static int by_place(const void *a, const void *b)
{
    const gd_tensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gd_tensor *)a)->name, ((const gd_tensor *)b)->name);
}

/* Every name is there once, and every byte belongs to one tensor. */
static gd_status check_all(gd_tensors *file, int64_t size, gd_error *error)
{
    int64_t end = 0;
    qsort(file->items, (size_t)file->count, sizeof *file->items, by_name);
    for (int32_t i = 1; i < file->count; i++)
        if (by_name(&file->items[i - 1], &file->items[i]) == 0)
            return refuse(file, "it has two tensors of one name", error);
    qsort(file->items, (size_t)file->count, sizeof *file->items, by_place);
    for (int32_t i = 0; i < file->count; i++) {
        if (file->items[i].begin != end)
            return refuse(file, "its tensors overlap, or leave gaps", error);
        end = file->items[i].end;
    }
    if (end != size)
        return refuse(file, end > size ? "it ends within its tensors" : "it goes on behind its tensors",
                      error);
    return GD_OK;
}

gd_status gd_tensors_open(int fd, const char *path, gd_tensors *file, gd_error *error)
{
    int64_t size = 0;
    const cJSON *item;
    *file = (gd_tensors){.path = path, .fd = fd};
    const gd_status status = read_header(file, &size, error);
    if (status != GD_OK)
        return status;
    file->items = calloc((size_t)cJSON_GetArraySize(file->header) + 1, sizeof *file->items);
    if (!file->items)
        return gd_no_memory(error, "the tensors of %s", path);
    cJSON_ArrayForEach(item, file->header)
    {
        if (strcmp(item->string, "__metadata__") == 0)
            continue;
        if (!take_tensor(item, &file->items[file->count++]))
            return refuse(file, "its header does not describe tensors", error);
    }
    return check_all(file, size, error);
}

void gd_tensors_close(gd_tensors *file)
{
    free(file->items);
    cJSON_Delete(file->header);
    *file = (gd_tensors){.path = file->path, .fd = file->fd};
}

const gd_tensor *gd_tensors_find(const gd_tensors *file, const char *name)
{
    for (int32_t i = 0; i < file->count; i++)
        if (strcmp(file->items[i].name, name) == 0)
            return &file->items[i];
    return NULL;
}

const char *gd_tensors_note(const gd_tensors *file, const char *key)
{
    const cJSON *notes = cJSON_GetObjectItemCaseSensitive(file->header, "__metadata__");
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(notes, key));
}

/* A float of a type's bits. */
typedef float to_float(const uint8_t *bits);

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_f32(const uint8_t *bits)
{
    return from_bits((uint32_t)bits[0] | (uint32_t)bits[1] << 8 | (uint32_t)bits[2] << 16 |
                     (uint32_t)bits[3] << 24);
}

static float from_bf16(const uint8_t *bits)
{
    return from_bits((uint32_t)bits[0] << 16 | (uint32_t)bits[1] << 24);
}

/* IEEE 754's binary16. */
static float from_f16(const uint8_t *bits)
{
    const uint32_t half = (uint32_t)bits[0] | (uint32_t)bits[1] << 8;
    const uint32_t sign = (half & 0x8000) << 16, rest = half & 0x7FFF;
    if (rest >= 0x7C00) /* infinite, or no number */
        return from_bits(sign | 0x7F800000 | (rest & 0x3FF) << 13);
    const float value = from_bits(rest << 13) * 0x1p112F; /* the exponent's bias is 15, not 127 */
    return sign ? -value : value;
}

/* Types whose values a float has exactly. */
static const struct {
    char name[5];
    int32_t bytes;
    to_float *convert;
} types[] = {{"F32", 4, from_f32}, {"F16", 2, from_f16}, {"BF16", 2, from_bf16}};

static int32_t type_of(const gd_tensor *tensor)
{
    const int32_t count = sizeof types / sizeof *types;
    int32_t type = 0;
    while (type < count && strcmp(types[type].name, tensor->type) != 0)
        type++;
    return type < count ? type : -1;
}

/* Reads so many values in pieces. */
static bool read_values(const gd_tensors *file, const gd_tensor *tensor, int32_t type, int64_t count,
                        float *out)
{
    enum { PIECE = 4096 };
    uint8_t bits[PIECE * sizeof(float)];
    const int32_t bytes = types[type].bytes;
    for (int64_t done = 0; done < count; done += PIECE) {
        const int64_t piece = gd_min_i64(count - done, PIECE);
        if (!gd_file_read_at(file->fd, bits, piece * bytes, file->data + tensor->begin + done * bytes))
            return false;
        for (int64_t i = 0; i < piece; i++)
            out[done + i] = types[type].convert(bits + i * bytes);
    }
    return true;
}

gd_status gd_tensors_read(const gd_tensors *file, const gd_tensor *tensor, float *out, gd_error *error)
{
    const int32_t type = type_of(tensor);
    int64_t count = 1;
    for (int32_t i = 0; i < tensor->rank; i++)
        count *= tensor->dims[i];
    if (type < 0)
        return gd_fail(error, GD_USAGE,
                       "the weights file %s holds %.200s as %.20s; what is read is F32, F16 and BF16.",
                       file->path, tensor->name, tensor->type);
    if (tensor->end - tensor->begin != count * types[type].bytes)
        return refuse(file, "a tensor's bytes are not as many as its shape says", error);
    return read_values(file, tensor, type, count, out) ? GD_OK
                                                       : refuse(file, "a tensor cannot be read", error);
}
