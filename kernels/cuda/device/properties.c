/* Reads properties of GPUs that need not be present, from a built-in table or a file. */
#include "kernels/cuda/device/properties.h"

#include "base/file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 65536 };

/* A kind of GPU. Sources: resident blocks, threads and shared memory of a multiprocessor from the CUDA C++
 * Programming Guide, "Technical specifications per compute capability"; multiprocessors, clocks and caches
 * from NVIDIA's architecture papers (A100 2020, H100 2022, Ada 2022) and the data sheet of the DGX B200;
 * memory as cudaGetDeviceProperties reports it on such a board, which is less than its nominal size (B200:
 * estimated). */
typedef struct kind {
    const char *option, *name;
    int32_t version; /* 100 * major + 10 * minor */
    int32_t processors, clock_khz, memory_khz;
    int32_t blocks, threads; /* resident on a multiprocessor */
    int32_t shared_bytes;    /* of a block, at most */
    int32_t l2_bytes;
    uint64_t total_bytes;
    double slow_tflops, fast_tflops; /* docs/gpu-performance.md, "Windows, predicted": GFLOP of a window of
                                        2304 px in bf16 over its times; 0: no prediction is made */
} kind;

static const kind kinds[] = {
    {"a100", "NVIDIA A100-SXM4-80GB", 800, 108, 1410000, 1593000, 32, 2048, 163 << 10, 40 << 20, 85031714816,
     73, 120},
    {"rtx4090", "NVIDIA GeForce RTX 4090", 890, 128, 2520000, 10501000, 24, 1536, 99 << 10, 72 << 20,
     25393692672, 0, 0},
    {"h100", "NVIDIA H100 80GB HBM3", 900, 132, 1980000, 2619000, 32, 2048, 227 << 10, 50 << 20, 85028765696,
     165, 257},
    {"b200", "NVIDIA B200", 1000, 148, 1965000, 3996000, 32, 2048, 227 << 10, 253 << 19, 191500000000, 0, 0},
};

/* The fields that cuDNN 9.19 requires, under its names. Constants are the same on every GPU since compute
 * capability 8.0. */
static char *write_json(const kind *k)
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

/* Reads a whole file of at most FILE_BYTES_MAX bytes. */
static gd_status read_file(const char *path, char **text, gd_error *error)
{
    FILE *in = NULL;
    gd_error why;
    *text = NULL;
    if (gd_file_open_stream(path, "name one of these", &in, &why) != GD_OK)
        return gd_fail(
            error, GD_USAGE,
            "--device %.200s is neither h100, a100, b200 or rtx4090 nor a file that can be read: %s", path,
            why.message);
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
    const kind *known = NULL;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (!strcmp(device, kinds[k].option))
            known = &kinds[k];
    }
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
