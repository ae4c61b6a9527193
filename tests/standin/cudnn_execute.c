/* cudnnBackendExecute: the plan's convolution becomes one operation on the handle's stream. */
#include "standin/cudnn_internal.h"
#include "standin/ranges.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORKSPACE_ALIGNMENT = 256 };

typedef struct job {
    gd_convolve convolve;
    gd_convolve_data data;
    void *workspace;
    int64_t workspace_bytes;
} job;

/* The workspace holds nothing that anyone may rely on, neither before nor after. */
static gd_standin_step run(void *state)
{
    const job *j = state;
    if (j->workspace_bytes)
        memset(j->workspace, 0xff, (size_t)j->workspace_bytes);
    return gd_convolve_fast(&j->convolve, j->data) ? GD_STANDIN_DONE : GD_STANDIN_BROKEN;
}

/* The pointer of a tensor, or NULL with a sentence. */
static void *pointer(const char *who, const gd_cudnn_pack *pack, const gd_plan_tensor *tensor)
{
    for (int64_t i = 0; i < pack->uid_count; i++) {
        if (pack->uids[i] != tensor->uid)
            continue;
        void *found = pack->pointers[i];
        if (gd_standin_where(found, NULL, NULL, NULL) == GD_STANDIN_PAGEABLE) {
            gd_standin_fail("%s: tensor %lld is at %p, which is not device memory", who,
                            (long long)tensor->uid, found);
            return NULL;
        }
        if ((uintptr_t)found % (uintptr_t)tensor->alignment) {
            gd_standin_fail(
                "%s: tensor %lld is at %p, not aligned to the %lld bytes that the plan was made for", who,
                (long long)tensor->uid, found, (long long)tensor->alignment);
            return NULL;
        }
        return found;
    }
    gd_standin_fail("%s: the variant pack has no pointer for tensor %lld", who, (long long)tensor->uid);
    return NULL;
}

static bool pack_fits(const char *who, const gd_cudnn_pack *pack, const gd_plan *plan)
{
    const gd_convolve *c = &plan->convolve;
    int64_t wanted = 3 + c->bias + c->sum + (c->mask != GD_NO_MASK) + (c->mask == GD_WRITES_MASK);
    if (!pack || !pack->finalized)
        gd_standin_fail("%s: the variant pack is not finalized", who);
    else if (pack->uid_count != pack->pointer_count)
        gd_standin_fail("%s: the variant pack has %lld tensors and %lld pointers", who,
                        (long long)pack->uid_count, (long long)pack->pointer_count);
    else if (pack->uid_count > wanted)
        gd_standin_fail("%s: the variant pack has %lld tensors, the plan %lld", who,
                        (long long)pack->uid_count, (long long)wanted);
    else
        return true;
    return false;
}

static bool workspace_fits(const char *who, const job *j)
{
    gd_standin_range range = {j->workspace, (size_t)j->workspace_bytes, 1, 0};
    if (!j->workspace_bytes)
        return true;
    if (!j->workspace)
        gd_standin_fail("%s: the plan wants %lld bytes of workspace and gets none", who,
                        (long long)j->workspace_bytes);
    else if ((uintptr_t)j->workspace % WORKSPACE_ALIGNMENT)
        gd_standin_fail("%s: the workspace is at %p, not aligned to %d bytes", who, j->workspace,
                        WORKSPACE_ALIGNMENT);
    else
        return gd_standin_inside(who, &range);
    return false;
}

/* What a mask is compared with is a value of the host's. */
static bool has_zero(const char *who, const gd_cudnn_pack *pack, const gd_plan *plan)
{
    for (int64_t i = 0; i < pack->uid_count; i++) {
        float value;
        if (pack->uids[i] != plan->zero)
            continue;
        if (gd_standin_where(pack->pointers[i], NULL, NULL, NULL) != GD_STANDIN_PAGEABLE) {
            gd_standin_fail("%s: tensor %lld is passed by value, and is not in plain host memory", who,
                            (long long)plan->zero);
            return false;
        }
        memcpy(&value, pack->pointers[i], sizeof value);
        if (value == 0)
            return true;
        gd_standin_fail("%s: the mask is compared with %g; the stand-in knows 0", who, (double)value);
        return false;
    }
    gd_standin_fail("%s: the variant pack has no pointer for tensor %lld", who, (long long)plan->zero);
    return false;
}

static bool point(const char *who, const gd_cudnn_pack *pack, const gd_plan *plan, job *j)
{
    j->data.x = pointer(who, pack, &plan->x);
    j->data.w = j->data.x ? pointer(who, pack, &plan->w) : NULL;
    j->data.y = j->data.w ? pointer(who, pack, &plan->y) : NULL;
    if (j->data.y && plan->convolve.bias)
        j->data.b = pointer(who, pack, &plan->b);
    if (j->data.y && plan->convolve.sum)
        j->data.z = pointer(who, pack, &plan->z);
    if (j->data.y && plan->convolve.mask != GD_NO_MASK)
        j->data.m = pointer(who, pack, &plan->m);
    return j->data.y && (!plan->convolve.bias || j->data.b) && (!plan->convolve.sum || j->data.z) &&
           (plan->convolve.mask == GD_NO_MASK || j->data.m) &&
           (plan->convolve.mask != GD_WRITES_MASK || has_zero(who, pack, plan));
}

/* With one pixel a sum looks like a bias: the one that lies on the result is the sum. */
static void name_the_sum(job *j)
{
    gd_convolve *c = &j->convolve;
    if (!c->bias || j->data.b != j->data.y || c->y.dim[2] != 1 || c->y.dim[3] != 1)
        return;
    gd_strided shape = c->z;
    const void *values = j->data.z;
    c->z = c->b;
    j->data.z = j->data.b;
    c->b = shape;
    j->data.b = values;
    c->bias = c->sum;
    c->sum = true;
}

/* What is added may lie where the result goes, value by value; in no other way may it overlap it. */
static bool in_place(const job *j)
{
    const gd_convolve *c = &j->convolve;
    const gd_strided *to = c->backward ? &c->x : &c->y;
    bool same = j->data.z == (c->backward ? j->data.x : j->data.y) && c->z.type == to->type;
    for (int i = 0; i < 4; i++)
        same = same && (to->dim[i] == 1 || c->z.stride[i] == to->stride[i]);
    return same;
}

/* The bytes of the mask. */
static bool add_mask(gd_ranges *ranges, const job *j)
{
    const gd_strided *m = &j->convolve.m;
    bool ok = true;
    for (int64_t row = 0; ok && row < m->dim[2]; row++)
        ok = gd_ranges_add_rows(ranges, (char *)j->data.m + row * m->stride[2] / 8, (size_t)m->dim[1] / 8,
                                (size_t)m->dim[3], (size_t)m->stride[3] / 8);
    return ok;
}

/* Queues the job with what it reads and writes; takes the job. */
static cudnnStatus_t queue(const char *who, cudaStream_t stream, job *j)
{
    const gd_convolve *c = &j->convolve;
    gd_ranges reads = {0}, writes = {0};
    bool ok = gd_ranges_add(&reads, c->backward ? &c->y : &c->x, c->backward ? j->data.y : j->data.x) &&
              gd_ranges_add(&reads, &c->w, j->data.w) &&
              (!c->bias || gd_ranges_add(&reads, &c->b, j->data.b)) &&
              (!c->sum || in_place(j) || gd_ranges_add(&reads, &c->z, j->data.z)) &&
              (c->mask == GD_NO_MASK || add_mask(c->mask == GD_WRITES_MASK ? &writes : &reads, j)) &&
              gd_ranges_add(&writes, c->backward ? &c->x : &c->y, c->backward ? j->data.x : j->data.y) &&
              (!j->workspace_bytes || gd_ranges_add_bytes(&writes, j->workspace, (size_t)j->workspace_bytes));
    cudnnStatus_t status = ok ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_ALLOC_FAILED;
    if (ok && (gd_ranges_overlap(&reads, &writes) || gd_ranges_overlap_each_other(&writes))) {
        gd_standin_fail("%s: what it writes overlaps what it reads, or its workspace", who);
        status = CUDNN_STATUS_BAD_PARAM;
    }
    if (status == CUDNN_STATUS_SUCCESS && c->sum && in_place(j) && !gd_ranges_add(&reads, &c->z, j->data.z))
        status = CUDNN_STATUS_ALLOC_FAILED;
    if (status == CUDNN_STATUS_SUCCESS) {
        gd_standin_work work = {.name = who, .run = run, .release = free, .state = j};
        work.reads = reads.list;
        work.read_count = reads.count;
        work.writes = writes.list;
        work.write_count = writes.count;
        if (gd_standin_queue(stream, &work) != cudaSuccess)
            status = CUDNN_STATUS_EXECUTION_FAILED;
    } else {
        free(j);
    }
    free(reads.list);
    free(writes.list);
    return status;
}

static cudnnStatus_t execute(const gd_cudnn_handle *handle, const gd_plan *plan, int64_t workspace,
                             const gd_cudnn_pack *pack)
{
    char who[100];
    snprintf(who, sizeof who, "%s engine %lld %s", plan->compiled ? "compiled cuDNN" : "cuDNN",
             (long long)plan->engine, plan->convolve.backward ? "backward" : "forward");
    job *j = calloc(1, sizeof *j);
    if (!j)
        return CUDNN_STATUS_ALLOC_FAILED;
    j->convolve = plan->convolve;
    j->workspace_bytes = workspace;
    if (!pack_fits(who, pack, plan) || !point(who, pack, plan, j)) {
        free(j);
        return CUDNN_STATUS_BAD_PARAM;
    }
    name_the_sum(j);
    j->workspace = pack->workspace;
    if (!workspace_fits(who, j)) {
        free(j);
        return CUDNN_STATUS_BAD_PARAM;
    }
    return queue(who, handle->stream, j);
}

cudnnStatus_t __wrap_cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                         cudnnBackendDescriptor_t pack)
{
    if (gd_standin_injected("cudnnBackendExecute"))
        return CUDNN_STATUS_EXECUTION_FAILED;
    const gd_cudnn_handle *found = gd_cudnn_handle_of("cudnnBackendExecute", handle);
    if (!found)
        return CUDNN_STATUS_BAD_PARAM;
    gd_standin_lock();
    int64_t workspace = 0;
    const gd_plan *read = gd_cudnn_plan_of(plan, &workspace);
    cudnnStatus_t status =
        read ? execute(found, read, workspace, gd_cudnn_pack_of(pack)) : CUDNN_STATUS_BAD_PARAM;
    gd_standin_unlock();
    return status;
}
