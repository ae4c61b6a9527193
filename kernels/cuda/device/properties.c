/* Reads properties of GPUs that need not be present, from a built-in table or a file. */
#include "kernels/cuda/device/properties.h"

#include "base/file.h"
#include "kernels/cuda/device/kinds.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 65536, NAMES_BYTES_MAX = 16 * GD_GPU_KINDS };

/* The fields that cuDNN 9.19 requires, under its names. Constants are the same on every GPU since compute
 * capability 8.0. */
static char *write_json(const gd_gpu_kind *k)
{
    char text[2048];
    const int length = snprintf(
        text, sizeof text,
        "{\"maxGridSize\":[2147483647,65535,65535],\"maxBlockSize\":[1024,1024,64],\"regsPerBlock\":65536,"
        "\"multiProcessorCount\":%" PRId32 ",\"warpSize\":32,\"maxSharedMemoryPerBlock\":49152,"
        "\"maxSharedMemoryPerBlockOptin\":%" PRId32 ",\"reservedSharedMemoryPerBlock\":1024,"
        "\"maxRegistersPerSM\":65536,\"maxCtasPerSM\":%" PRId32 ",\"maxThreadsPerBlock\":1024,"
        "\"maxThreadsPerSM\":%" PRId32 ",\"pciDeviceId\":0,\"isTccDriver\":0,\"supportCoopLaunch\":1,"
        "\"totalGlobalMem\":%" PRIu64 ",\"smClockRateKHz\":%" PRId32 ",\"memClockRateKHz\":%" PRId32 ","
        "\"l2CacheSize\":%" PRId32 ",\"cudaDeviceId\":0,\"deviceVer\":%" PRId32 ",\"driverVer\":13000,"
        "\"deviceName\":\"%s\"}",
        k->processors, k->shared_bytes, k->blocks, k->threads, k->total_bytes, k->clock_khz, k->memory_khz,
        k->l2_bytes, k->version, k->name);
    return length > 0 && (size_t)length < sizeof text ? strdup(text) : NULL;
}

/* "h100, a100 or rtx4090" */
static const char *list_kinds(char names[NAMES_BYTES_MAX])
{
    size_t length = 0;
    for (int k = 0; k < GD_GPU_KINDS; k++) {
        const char *before = k == 0 ? "" : k + 1 < GD_GPU_KINDS ? ", " : " or ";
        length += (size_t)snprintf(names + length, NAMES_BYTES_MAX - length, "%s%s", before,
                                   gd_gpu_kinds[k].option);
    }
    return names;
}

/* Reads a whole file of at most FILE_BYTES_MAX bytes. */
static gd_status read_file(const char *path, char **text, gd_error *error)
{
    FILE *in = NULL;
    gd_error why;
    char known[NAMES_BYTES_MAX];
    *text = NULL;
    if (gd_file_open_stream(path, "name one of these", &in, &why) != GD_OK)
        return gd_fail(error, GD_USAGE, "--device %.200s is neither %s nor a file that can be read: %s", path,
                       list_kinds(known), why.message);
    char *held = calloc(FILE_BYTES_MAX + 1, 1);
    const size_t bytes = held ? fread(held, 1, FILE_BYTES_MAX, in) : 0;
    const bool whole = held && fgetc(in) == EOF && !ferror(in);
    fclose(in);
    if (whole && memchr(held, '\0', bytes) == NULL) {
        *text = held;
        return GD_OK;
    }
    free(held);
    if (!held)
        return gd_no_memory(error, "reading %s", path);
    return gd_fail(error, GD_USAGE,
                   "%s is not a description of a device: it must be a text of at most %d bytes that can be "
                   "read completely",
                   path, FILE_BYTES_MAX);
}

/* A number in [1, most] from the object, or 0. */
static double number_of(const cJSON *object, const char *field, double most)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, field);
    const bool fits = cJSON_IsNumber(item) && item->valuedouble >= 1 && item->valuedouble <= most;
    return fits ? item->valuedouble : 0;
}

/* Reads the fields that this program uses. Returns the first field that is missing or invalid, else NULL. */
static const char *take_fields(const cJSON *object, gd_properties *p)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "deviceName");
    if (!cJSON_IsString(name) || !name->valuestring[0] || strlen(name->valuestring) >= sizeof p->name)
        return "deviceName";
    memcpy(p->name, name->valuestring, strlen(name->valuestring) + 1);
    p->total_bytes = (uint64_t)number_of(object, "totalGlobalMem", 1e15);
    if (!p->total_bytes)
        return "totalGlobalMem";
    const int32_t version = (int32_t)number_of(object, "deviceVer", 99990);
    if (version < 100)
        return "deviceVer";
    p->major = version / 100;
    p->minor = version / 10 % 10;
    p->processors = (int32_t)number_of(object, "multiProcessorCount", 1e6);
    if (!p->processors)
        return "multiProcessorCount";
    p->clock_khz = (int64_t)number_of(object, "smClockRateKHz", 1e9);
    p->memory_khz = (int64_t)number_of(object, "memClockRateKHz", 1e9);
    return NULL;
}

static gd_status check_text(const char *device, gd_properties *p, gd_error *error)
{
    cJSON *object = cJSON_ParseWithOpts(p->json, NULL, true);
    const char *missing = cJSON_IsObject(object) ? take_fields(object, p) : NULL;
    gd_status status = GD_OK;
    if (!cJSON_IsObject(object))
        status =
            gd_fail(error, GD_USAGE, "%s is not a description of a device: it is not a JSON object", device);
    else if (missing)
        status =
            gd_fail(error, GD_USAGE,
                    "the description of a device %s has no valid \"%s\": add it, as cudaGetDeviceProperties "
                    "reports it",
                    device, missing);
    cJSON_Delete(object);
    return status;
}

gd_status gd_properties_read(const char *device, gd_properties *properties, gd_error *error)
{
    *properties = (gd_properties){0};
    gd_status status = GD_OK;
    const gd_gpu_kind *known = gd_gpu_kind_find(device);
    if (known) {
        properties->json = write_json(known);
        if (!properties->json)
            return gd_no_memory(error, "the properties of %s", device);
    } else {
        status = read_file(device, &properties->json, error);
    }
    if (status == GD_OK)
        status = check_text(device, properties, error);
    if (known) {
        properties->slow_tflops = known->slow_tflops;
        properties->fast_tflops = known->fast_tflops;
    }
    if (status != GD_OK)
        gd_properties_free(properties);
    return status;
}

void gd_properties_free(gd_properties *properties)
{
    free(properties->json);
    *properties = (gd_properties){0};
}
