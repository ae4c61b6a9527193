/* Arrays of a kernel's test, on the device and on the host to compare with. */
#include "case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int case_open(void **state)
{
    cudaStream_t stream = NULL;
    check_cuda(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    *state = stream;
    return 0;
}

int case_close(void **state)
{
    check_cuda(cudaStreamSynchronize(*state));
    check_cuda(cudaStreamDestroy(*state));
    return 0;
}

void *case_memory(size_t bytes)
{
    void *memory = malloc(bytes > 0 ? bytes : 1);
    if (!memory)
        fail_msg("no memory for %zu bytes", bytes);
    return memory;
}

/* Copies go through pinned memory, whose order on a stream is certain. */
static void *make_staging(size_t bytes)
{
    void *staging = NULL;
    check_cuda(cudaHostAlloc(&staging, bytes, cudaHostAllocDefault));
    return staging;
}

void case_write(cudaStream_t stream, void *device, const void *host, size_t bytes)
{
    if (bytes == 0)
        return;
    void *staging = make_staging(bytes);
    memcpy(staging, host, bytes);
    check_cuda(cudaMemcpyAsync(device, staging, bytes, cudaMemcpyHostToDevice, stream));
    check_cuda(cudaStreamSynchronize(stream));
    check_cuda(cudaFreeHost(staging));
}

void *case_bring(cudaStream_t stream, const void *host, size_t bytes)
{
    void *device = NULL;
    check_cuda(cudaMalloc(&device, bytes > 0 ? bytes : 1));
    if (host)
        case_write(stream, device, host, bytes);
    return device;
}

void case_fetch(cudaStream_t stream, void *host, const void *device, size_t bytes)
{
    if (bytes == 0)
        return;
    void *staging = make_staging(bytes);
    check_cuda(cudaMemcpyAsync(staging, device, bytes, cudaMemcpyDeviceToHost, stream));
    check_cuda(cudaStreamSynchronize(stream));
    memcpy(host, staging, bytes);
    check_cuda(cudaFreeHost(staging));
}

void case_drop(void *device)
{
    check_cuda(cudaFree(device));
}

/* Steele, Lea and Flood 2014 (SplitMix64). */
uint32_t case_draw(case_random *random)
{
    uint64_t z = *random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(z >> 32);
}

float case_number(case_random *random)
{
    return ((float)(case_draw(random) % 255) - 127) / 128;
}

size_t case_bytes(gd_cuda_type type)
{
    return type == GD_CUDA_F32 ? 4 : 2;
}

double case_epsilon(gd_cuda_type type)
{
    return type == GD_CUDA_F32 ? 0x1p-24 : type == GD_CUDA_BF16 ? 0x1p-8 : 0x1p-11;
}

/* Formats of `digits` binary digits, the smallest normal number being 2^lowest. Ties to even. */
static double nearest(double value, int digits, int lowest)
{
    int exponent;
    if (value == 0 || !isfinite(value))
        return value;
    (void)frexp(value, &exponent);
    const int quantum = (exponent - 1 > lowest ? exponent - 1 : lowest) - digits + 1;
    return ldexp(nearbyint(ldexp(value, -quantum)), quantum);
}

float case_rounded(gd_cuda_type type, float value)
{
    if (type == GD_CUDA_F32)
        return value;
    if (type == GD_CUDA_BF16)
        return (float)nearest(value, 8, -126);
    const double rounded = nearest(value, 11, -14);
    return (float)(fabs(rounded) > 65504 ? copysign(INFINITY, rounded) : rounded);
}

/* A finite number of half precision, which `value` must be. */
static uint16_t half_bits(float value)
{
    int exponent = 0;
    const double fraction = frexp(fabs((double)value), &exponent); /* [0.5, 1) */
    const uint16_t sign = signbit(value) ? 0x8000 : 0;
    if (value == 0 || exponent - 1 < -14)
        return (uint16_t)(sign | (int)ldexp(fabs((double)value), 24));
    return (uint16_t)(sign | (exponent + 14) << 10 | ((int)ldexp(fraction, 11) & 0x3ff));
}

static float half_value(uint16_t bits)
{
    const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    double value = exponent == 0 ? ldexp(fraction, -24) : ldexp(fraction + 1024, exponent - 25);
    if (exponent == 31)
        value = fraction == 0 ? INFINITY : NAN;
    return (float)(bits & 0x8000 ? -value : value);
}

void case_put(gd_cuda_type type, void *values, int64_t i, float value)
{
    const float rounded = case_rounded(type, value);
    uint32_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    if (type == GD_CUDA_F32)
        ((float *)values)[i] = value;
    else if (type == GD_CUDA_BF16)
        ((uint16_t *)values)[i] = (uint16_t)(bits >> 16);
    else if (isfinite(rounded))
        ((uint16_t *)values)[i] = half_bits(rounded);
    else
        ((uint16_t *)values)[i] = (uint16_t)((bits >> 16 & 0x8000) | (isnan(rounded) ? 0x7e00 : 0x7c00));
}

float case_get(gd_cuda_type type, const void *values, int64_t i)
{
    float value;
    if (type == GD_CUDA_F32)
        return ((const float *)values)[i];
    const uint16_t word = ((const uint16_t *)values)[i];
    if (type == GD_CUDA_F16)
        return half_value(word);
    const uint32_t bits = (uint32_t)word << 16;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int64_t units_of(const case_tensor *t)
{
    return (int64_t)t->rows * t->cols * t->pitch;
}

case_tensor case_tensor_make(cudaStream_t stream, gd_cuda_type type, int32_t rows, int32_t cols,
                             int32_t channels, int32_t offset, int32_t pitch, case_random *random)
{
    case_tensor t = {type, rows, cols, channels, offset, pitch, NULL, NULL};
    const size_t bytes = (size_t)units_of(&t) * case_bytes(type);
    t.host = case_memory(bytes);
    for (int64_t i = 0; i < units_of(&t); i++)
        case_put(type, t.host, i, case_number(random));
    t.device = case_bring(stream, t.host, bytes);
    return t;
}

void case_tensor_free(case_tensor *tensor)
{
    free(tensor->host);
    case_drop(tensor->device);
}

gd_cuda_slice case_tensor_slice(const case_tensor *t)
{
    char *first = (char *)t->device + (size_t)t->offset * case_bytes(t->type);
    return (gd_cuda_slice){first, t->rows, t->cols, t->channels, t->pitch, t->cols};
}

float *case_tensor_floats(const case_tensor *t)
{
    const int64_t count = (int64_t)t->rows * t->cols * t->channels;
    float *floats = case_memory((size_t)count * sizeof *floats);
    for (int64_t i = 0; i < count; i++)
        floats[i] = case_get(t->type, t->host, i / t->channels * t->pitch + t->offset + i % t->channels);
    return floats;
}

static bool in_slice(const case_tensor *t, int64_t i)
{
    return i % t->pitch >= t->offset && i % t->pitch < t->offset + t->channels;
}

void case_tensor_spoil(cudaStream_t stream, const case_tensor *t)
{
    const size_t size = case_bytes(t->type), bytes = (size_t)units_of(t) * size;
    char *spoilt = case_memory(bytes);
    memcpy(spoilt, t->host, bytes);
    for (int64_t i = 0; i < units_of(t); i++)
        if (in_slice(t, i))
            memset(spoilt + (size_t)i * size, 0xff, size);
    case_write(stream, t->device, spoilt, bytes);
    free(spoilt);
}

static bool close_to(float got, float wanted, double tolerance)
{
    if (got == wanted || (isnan(got) && isnan(wanted)))
        return true;
    return fabs((double)got - wanted) <= tolerance * fmax(1, fabs((double)wanted));
}

void case_tensor_check(cudaStream_t stream, case_tensor *t, const float *wanted, double tolerance)
{
    const size_t bytes = (size_t)units_of(t) * case_bytes(t->type);
    void *got = case_memory(bytes);
    case_fetch(stream, got, t->device, bytes);
    for (int64_t i = 0; i < units_of(t); i++) {
        const float value = case_get(t->type, got, i), before = case_get(t->type, t->host, i);
        const int64_t pixel = i / t->pitch, channel = i % t->pitch - t->offset;
        if (!in_slice(t, i)) {
            if (value != before)
                fail_msg("pixel %lld, channel %lld beside the slice became %g", (long long)pixel,
                         (long long)channel, (double)value);
        } else if (!close_to(value, wanted[pixel * t->channels + channel], tolerance)) {
            fail_msg("type %d, %d x %d x %d: pixel %lld, channel %lld is %.9g, not %.9g", (int)t->type,
                     t->rows, t->cols, t->channels, (long long)pixel, (long long)channel, (double)value,
                     (double)wanted[pixel * t->channels + channel]);
        }
    }
    free(t->host);
    t->host = got;
}

static int64_t words_of(const case_mask *m)
{
    return (int64_t)m->rows * m->cols * m->pitch;
}

case_mask case_mask_make(cudaStream_t stream, int32_t rows, int32_t cols, int32_t channels, int32_t offset,
                         int32_t pitch, case_random *random)
{
    case_mask m = {rows, cols, channels, offset, pitch, NULL, NULL};
    const size_t bytes = (size_t)words_of(&m) * sizeof *m.host;
    m.host = case_memory(bytes);
    for (int64_t i = 0; i < words_of(&m); i++)
        m.host[i] = (uint16_t)case_draw(random);
    m.device = case_bring(stream, m.host, bytes);
    return m;
}

void case_mask_free(case_mask *mask)
{
    free(mask->host);
    case_drop(mask->device);
}

gd_cuda_mask case_mask_of(const case_mask *m)
{
    return (gd_cuda_mask){m->device + m->offset, m->pitch, m->cols};
}

bool case_mask_bit(const case_mask *m, int64_t pixel, int32_t channel)
{
    return m->host[pixel * m->pitch + m->offset + channel / 16] >> channel % 16 & 1;
}

void case_mask_check(cudaStream_t stream, case_mask *m, const float *values)
{
    for (int64_t i = 0; i < (int64_t)m->rows * m->cols * m->channels; i++) {
        const int64_t channel = i % m->channels, pixel = i / m->channels;
        uint16_t *word = m->host + pixel * m->pitch + m->offset + channel / 16;
        const uint16_t bit = (uint16_t)(1u << channel % 16);
        *word = (uint16_t)(values[i] > 0 ? *word | bit : *word & ~bit);
    }
    const size_t bytes = (size_t)words_of(m) * sizeof *m->host;
    uint16_t *got = case_memory(bytes);
    case_fetch(stream, got, m->device, bytes);
    for (int64_t i = 0; i < words_of(m); i++)
        if (got[i] != m->host[i])
            fail_msg("%d x %d x %d: word %lld of the masks is %04x, not %04x", m->rows, m->cols, m->channels,
                     (long long)i, got[i], m->host[i]);
    free(got);
}
