/* Descriptors are the real cuDNN's; where one is told of a handle or a device, it is told of the stand-in's.
 * What cuDNN does not give back, a variant pack's pointers, is kept beside. */
#include "standin/cudnn_compiled.h"
#include "standin/cudnn_internal.h"
#include "standin/cudnn_notes.h"

#include <stdio.h>
#include <stdlib.h>

static const char kind[] = "cuDNN descriptor";

typedef struct record {
    cudnnBackendDescriptor_t descriptor;
    gd_cudnn_pack pack;
    bool is_pack, is_plan; /* a plan's contents are read */
    bool needs_compiler;   /* an engine's configuration that the real cuDNN would finalize with a driver, or a
                            * plan of one */
    bool waits; /* an engine, or heuristics, that was not told a device yet: it takes the current one */
    cudnnBackendAttributeName_t told; /* the attribute that tells it */
    gd_plan plan;
    int64_t workspace;
    struct record *next;
} record;

/* Under gd_standin_lock. */
static record *records;

static record *find(cudnnBackendDescriptor_t descriptor)
{
    record *r = records;
    while (r && r->descriptor != descriptor)
        r = r->next;
    return r;
}

static record *find_or_make(cudnnBackendDescriptor_t descriptor)
{
    record *r = find(descriptor);
    if (r || !(r = calloc(1, sizeof *r)))
        return r;
    r->descriptor = descriptor;
    r->next = records;
    records = r;
    return r;
}

static void forget(cudnnBackendDescriptor_t descriptor)
{
    for (record **r = &records; *r; r = &(*r)->next)
        if ((*r)->descriptor == descriptor) {
            record *found = *r;
            *r = found->next;
            free(found);
            return;
        }
}

/* The attribute by which an engine, or heuristics, is told a device. */
static bool takes_device(cudnnBackendDescriptorType_t type, cudnnBackendAttributeName_t *name)
{
    *name = type == CUDNN_BACKEND_ENGINE_DESCRIPTOR ? CUDNN_ATTR_ENGINE_DEVICEPROP
                                                    : CUDNN_ATTR_ENGINEHEUR_DEVICEPROP;
    return type == CUDNN_BACKEND_ENGINE_DESCRIPTOR || type == CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR;
}

cudnnStatus_t __wrap_cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                                  cudnnBackendDescriptor_t *made)
{
    cudnnStatus_t status = __real_cudnnBackendCreateDescriptor(type, made);
    cudnnBackendAttributeName_t name;
    if (status != CUDNN_STATUS_SUCCESS)
        return status;
    gd_standin_made(kind, *made);
    gd_standin_lock();
    if (type != CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR && !gd_cudnn_note_made(*made, type))
        status = CUDNN_STATUS_ALLOC_FAILED;
    gd_standin_unlock();
    if (!takes_device(type, &name))
        return status;
    gd_standin_lock();
    record *r = find_or_make(*made);
    if (r) {
        r->waits = true;
        r->told = name;
    }
    gd_standin_unlock();
    return status;
}

cudnnStatus_t __wrap_cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)
{
    gd_standin_gone(kind, descriptor);
    gd_standin_lock();
    forget(descriptor);
    gd_cudnn_note_gone(descriptor);
    gd_standin_unlock();
    return __real_cudnnBackendDestroyDescriptor(descriptor);
}

static bool keep(gd_cudnn_pack *pack, cudnnBackendAttributeName_t name, int64_t count, const void *values)
{
    if (pack->finalized) {
        gd_standin_fail("cudnnBackendSetAttribute: the variant pack is finalized already");
        return false;
    }
    if (count < 1 || count > GD_PACK_MAX) {
        gd_standin_fail("cudnnBackendSetAttribute: a variant pack with %lld entries; the stand-in takes %d",
                        (long long)count, GD_PACK_MAX);
        return false;
    }
    if (name == CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS) {
        pack->uid_count = count;
        memcpy(pack->uids, values, (size_t)count * sizeof *pack->uids);
    } else if (name == CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS) {
        pack->pointer_count = count;
        memcpy(pack->pointers, values, (size_t)count * sizeof *pack->pointers);
    } else {
        memcpy(&pack->workspace, values, sizeof pack->workspace);
    }
    return true;
}

static bool keep_pack(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name, int64_t count,
                      const void *values)
{
    gd_standin_lock();
    record *r = find_or_make(descriptor);
    bool ok = r && keep(&r->pack, name, count, values);
    if (r)
        r->is_pack = true;
    gd_standin_unlock();
    return ok;
}

/* A descriptor of the stand-in's device goes where a handle was given. */
static cudnnStatus_t set_device(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name)
{
    cudnnBackendDescriptor_t device = NULL;
    cudnnStatus_t status = __real_cudnnBackendCreateDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &device);
    const char *json = gd_cudnn_device_json();
    if (status == CUDNN_STATUS_SUCCESS)
        status = json ? __real_cudnnBackendSetAttribute(device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION,
                                                        CUDNN_TYPE_CHAR, (int64_t)strlen(json) + 1, json)
                      : CUDNN_STATUS_NOT_INITIALIZED;
    if (status == CUDNN_STATUS_SUCCESS)
        status = __real_cudnnBackendFinalize(device);
    if (status == CUDNN_STATUS_SUCCESS)
        status = __real_cudnnBackendSetAttribute(descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device);
    if (device)
        (void)__real_cudnnBackendDestroyDescriptor(device);
    return status;
}

/* Whether the descriptor still waits for a device; it does not any more. */
static bool take_wait(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t *name)
{
    gd_standin_lock();
    record *r = find(descriptor);
    const bool waits = r && r->waits;
    if (waits) {
        r->waits = false;
        *name = r->told;
    }
    gd_standin_unlock();
    return waits;
}

static bool needs_compiler(cudnnBackendDescriptor_t descriptor)
{
    gd_standin_lock();
    const record *r = find(descriptor);
    const bool needs = r && r->needs_compiler;
    gd_standin_unlock();
    return needs;
}

static cudnnStatus_t put_off(cudnnBackendDescriptor_t descriptor)
{
    gd_standin_lock();
    record *r = find_or_make(descriptor);
    if (r)
        r->needs_compiler = true;
    gd_standin_unlock();
    return r ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_ALLOC_FAILED;
}

static cudnnStatus_t compile(cudnnBackendDescriptor_t plan)
{
    char words[GD_PLAN_WORDS];
    if (gd_standin_injected("cudnnCompile"))
        return CUDNN_STATUS_NOT_SUPPORTED;
    gd_standin_lock();
    record *r = find(plan);
    r->is_plan = gd_cudnn_compile(plan, &r->plan, &r->workspace, words);
    if (!r->is_plan)
        gd_standin_fail("cudnnBackendFinalize: %s", words);
    const cudnnStatus_t status = r->is_plan ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
    gd_standin_unlock();
    return status;
}

/* What lacks a driver alone is put off until its plan is finalized. */
static cudnnStatus_t finalize(cudnnBackendDescriptor_t descriptor)
{
    if (needs_compiler(descriptor))
        return compile(descriptor);
    const cudnnStatus_t status = __real_cudnnBackendFinalize(descriptor);
    return status == CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING ? put_off(descriptor) : status;
}

cudnnStatus_t __wrap_cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor,
                                              cudnnBackendAttributeName_t name,
                                              cudnnBackendAttributeType_t type, int64_t room, int64_t *count,
                                              void *values)
{
    gd_standin_lock();
    const record *r = find(descriptor);
    const bool compiled = r && r->is_plan && r->plan.compiled;
    const int64_t workspace = compiled ? r->workspace : 0;
    gd_standin_unlock();
    if (!compiled)
        return __real_cudnnBackendGetAttribute(descriptor, name, type, room, count, values);
    if (name != CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE || type != CUDNN_TYPE_INT64 || room < 1)
        return CUDNN_STATUS_NOT_SUPPORTED;
    *count = 1;
    memcpy(values, &workspace, sizeof workspace);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t __wrap_cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)
{
    cudnnBackendAttributeName_t name;
    cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
    if (take_wait(descriptor, &name))
        status = set_device(descriptor, name);
    if (status == CUDNN_STATUS_SUCCESS)
        status = finalize(descriptor);
    gd_standin_lock();
    record *r = find(descriptor);
    if (r && status == CUDNN_STATUS_SUCCESS)
        r->pack.finalized = true;
    gd_standin_unlock();
    return status;
}

static bool handle_given(const void *values)
{
    cudnnHandle_t handle;
    memcpy(&handle, values, sizeof handle);
    return gd_cudnn_handle_of("cudnnBackendSetAttribute", handle) != NULL;
}

cudnnStatus_t __wrap_cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                              cudnnBackendAttributeName_t name,
                                              cudnnBackendAttributeType_t type, int64_t count,
                                              const void *values)
{
    if (type == CUDNN_TYPE_HANDLE && !handle_given(values))
        return CUDNN_STATUS_BAD_PARAM;
    gd_standin_lock();
    const bool noted = gd_cudnn_note_set(descriptor, name, type, count, values);
    gd_standin_unlock();
    if (!noted)
        return CUDNN_STATUS_ALLOC_FAILED;
    if (name == CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG &&
        needs_compiler(*(const cudnnBackendDescriptor_t *)values))
        return put_off(descriptor);
    if (name == CUDNN_ATTR_DEVICEPROP_HANDLE || name == CUDNN_ATTR_DEVICEPROP_DEVICE_ID) {
        const char *json = gd_cudnn_device_json();
        return json ? __real_cudnnBackendSetAttribute(descriptor, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION,
                                                      CUDNN_TYPE_CHAR, (int64_t)strlen(json) + 1, json)
                    : CUDNN_STATUS_NOT_INITIALIZED;
    }
    if (type == CUDNN_TYPE_HANDLE && name == CUDNN_ATTR_EXECUTION_PLAN_HANDLE)
        return set_device(descriptor, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP);
    if (type == CUDNN_TYPE_HANDLE) {
        gd_standin_fail("cudnnBackendSetAttribute: attribute %d wants a device; give it a device descriptor",
                        name);
        return CUDNN_STATUS_NOT_SUPPORTED;
    }
    if (name == CUDNN_ATTR_ENGINE_DEVICEPROP || name == CUDNN_ATTR_ENGINEHEUR_DEVICEPROP)
        (void)take_wait(descriptor, &(cudnnBackendAttributeName_t){0});
    bool of_pack =
        name >= CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS && name <= CUDNN_ATTR_VARIANT_PACK_OVERRIDE_STRIDES;
    if (of_pack && !keep_pack(descriptor, name, count, values))
        return CUDNN_STATUS_BAD_PARAM;
    return __real_cudnnBackendSetAttribute(descriptor, name, type, count, values);
}

const gd_cudnn_pack *gd_cudnn_pack_of(cudnnBackendDescriptor_t pack)
{
    record *r = find(pack);
    return r && r->is_pack ? &r->pack : NULL;
}

/* What the engine of a plan says of its arithmetic. */
static bool read_notes(cudnnBackendDescriptor_t plan, bool notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT])
{
    cudnnBackendDescriptor_t config = NULL, engine = NULL;
    cudnnBackendNumericalNote_t found[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    int64_t count = 0;
    bool ok =
        __real_cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &config) ==
            CUDNN_STATUS_SUCCESS &&
        __real_cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine) ==
            CUDNN_STATUS_SUCCESS &&
        __real_cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                        CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count,
                                        &config) == CUDNN_STATUS_SUCCESS &&
        __real_cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                                        &count, &engine) == CUDNN_STATUS_SUCCESS &&
        __real_cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                        CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count,
                                        found) == CUDNN_STATUS_SUCCESS;
    for (int64_t i = 0; ok && i < count; i++)
        notes[found[i]] = true;
    if (engine)
        (void)__real_cudnnBackendDestroyDescriptor(engine);
    if (config)
        (void)__real_cudnnBackendDestroyDescriptor(config);
    return ok;
}

static char *read_json(cudnnBackendDescriptor_t plan, int64_t *bytes)
{
    enum { ROOM = 1 << 16 };
    char *json = malloc(ROOM);
    if (json &&
        __real_cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                                        ROOM, bytes, json) == CUDNN_STATUS_SUCCESS &&
        *bytes < ROOM)
        return json;
    free(json);
    return NULL;
}

static bool read_plan(cudnnBackendDescriptor_t descriptor, record *r)
{
    bool notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT] = {false};
    int64_t bytes = 0, count = 0;
    char words[GD_PLAN_WORDS];
    char *json = read_json(descriptor, &bytes);
    bool parsed = json && gd_plan_parse(json, (size_t)bytes, &r->plan, words);
    if (!parsed)
        gd_standin_fail("cudnnBackendExecute: %s", json ? words : "that is not a finalized plan");
    free(json);
    if (!parsed)
        return false;
    if (!read_notes(descriptor, notes) ||
        __real_cudnnBackendGetAttribute(descriptor, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                        CUDNN_TYPE_INT64, 1, &count, &r->workspace) != CUDNN_STATUS_SUCCESS) {
        gd_standin_fail("cudnnBackendExecute: the plan does not tell its engine's notes and workspace");
        return false;
    }
    if (notes[CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC]) {
        gd_standin_fail("cudnnBackendExecute: engine %lld gives different bits each time",
                        (long long)r->plan.engine);
        return false;
    }
    r->plan.convolve.tf32 =
        r->plan.convolve.x.type == GD_VALUE_F32 &&
        (notes[CUDNN_NUMERICAL_NOTE_TENSOR_CORE] || notes[CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS]);
    r->is_plan = true;
    return true;
}

const gd_plan *gd_cudnn_plan_of(cudnnBackendDescriptor_t plan, int64_t *workspace)
{
    record *r = find_or_make(plan);
    if (!r || (!r->is_plan && !read_plan(plan, r)))
        return NULL;
    *workspace = r->workspace;
    return &r->plan;
}
