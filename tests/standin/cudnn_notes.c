/* What a program sets of cuDNN's descriptors, kept beside: where a plan cannot be finalized, because its
 * engine would be compiled by a driver, nothing gives it back. */
#include "standin/cudnn_notes.h"

#include <stdlib.h>
#include <string.h>

typedef struct attribute {
    cudnnBackendAttributeName_t name;
    int64_t count;
    void *values; /* owned */
    struct attribute *next;
} attribute;

typedef struct noted {
    cudnnBackendDescriptor_t descriptor;
    cudnnBackendDescriptorType_t type;
    attribute *attributes; /* owned; the last one set comes first */
    struct noted *next;
} noted;

/* Under gd_standin_lock; the last one made comes first. */
static noted *all;

static noted *find(cudnnBackendDescriptor_t descriptor)
{
    noted *n = all;
    while (n && n->descriptor != descriptor)
        n = n->next;
    return n;
}

bool gd_cudnn_note_made(cudnnBackendDescriptor_t descriptor, cudnnBackendDescriptorType_t type)
{
    noted *n = calloc(1, sizeof *n);
    if (!n)
        return false;
    *n = (noted){descriptor, type, NULL, all};
    all = n;
    return true;
}

static size_t bytes_of(cudnnBackendAttributeType_t type)
{
    switch (type) {
    case CUDNN_TYPE_BOOLEAN:
    case CUDNN_TYPE_CHAR:
        return 1;
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_DOUBLE:
    case CUDNN_TYPE_VOID_PTR:
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_BACKEND_DESCRIPTOR:
        return 8;
    default:
        return 4; /* float, and every enum */
    }
}

bool gd_cudnn_note_set(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                       cudnnBackendAttributeType_t type, int64_t count, const void *values)
{
    noted *n = find(descriptor);
    attribute *a = n ? calloc(1, sizeof *a) : NULL;
    const size_t bytes = (size_t)count * bytes_of(type);
    if (!n)
        return true; /* a kind that nobody asks about */
    if (a)
        a->values = malloc(bytes + 1);
    if (!a || !a->values) {
        free(a);
        return false;
    }
    memcpy(a->values, values, bytes);
    a->name = name;
    a->count = count;
    a->next = n->attributes;
    n->attributes = a;
    return true;
}

void gd_cudnn_note_gone(cudnnBackendDescriptor_t descriptor)
{
    noted **at = &all;
    while (*at && (*at)->descriptor != descriptor)
        at = &(*at)->next;
    noted *gone = *at;
    if (!gone)
        return;
    *at = gone->next;
    for (attribute *a = gone->attributes, *next; a; a = next) {
        next = a->next;
        free(a->values);
        free(a);
    }
    free(gone);
}

bool gd_cudnn_note_is(cudnnBackendDescriptor_t descriptor, cudnnBackendDescriptorType_t type)
{
    const noted *n = find(descriptor);
    return n && n->type == type;
}

const void *gd_cudnn_note_get(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                              int64_t *count)
{
    const noted *n = find(descriptor);
    const attribute *a = n ? n->attributes : NULL;
    while (a && a->name != name)
        a = a->next;
    *count = a ? a->count : 0;
    return a ? a->values : NULL;
}
