/* Copies and fills. */
#include "standin/runtime.h"

#include <cstring>

namespace standin
{

namespace
{
struct Copy {
    void *to;
    const void *from; /* NULL: fill with value */
    int value;
    size_t bytes;
};
} /* namespace */

static gd_standin_step run_copy(void *state)
{
    const Copy &copy = *(const Copy *)state;
    if (copy.from)
        memmove(copy.to, copy.from, copy.bytes);
    else
        memset(copy.to, copy.value, copy.bytes);
    return GD_STANDIN_DONE;
}

static void release_copy(void *state)
{
    delete (Copy *)state;
}

static bool on_device(gd_standin_kind kind)
{
    return kind == GD_STANDIN_DEVICE || kind == GD_STANDIN_WILD;
}

/* Do the addresses fit what the caller says about them? */
static bool fits(const char *who, const void *to, const void *from, cudaMemcpyKind kind)
{
    const bool to_device = on_device(gd_standin_where(to, nullptr, nullptr, nullptr));
    const bool from_device = on_device(gd_standin_where(from, nullptr, nullptr, nullptr));
    const bool wants_to = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool wants_from = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if (kind == cudaMemcpyDefault || (to_device == wants_to && from_device == wants_from))
        return true;
    gd_standin_fail("%s: the direction does not fit the addresses (to %s, from %s)", who,
                    describe_address((uintptr_t)to).c_str(), describe_address((uintptr_t)from).c_str());
    return false;
}

static const char *name_of(cudaMemcpyKind kind)
{
    return kind == cudaMemcpyHostToDevice     ? "copy to the device"
           : kind == cudaMemcpyDeviceToHost   ? "copy to the host"
           : kind == cudaMemcpyDeviceToDevice ? "copy on the device"
                                              : "copy";
}

static gd_standin_work describe_copy(Copy *copy, const char *name, const gd_standin_range *from,
                                     const gd_standin_range *to, bool check_from, bool check_to)
{
    gd_standin_work work = {};
    work.name = name;
    work.run = run_copy;
    work.release = release_copy;
    work.state = copy;
    work.reads = from;
    work.read_count = check_from;
    work.writes = to;
    work.write_count = check_to;
    return work;
}

/* Runs at once, after everything that the host knows and the blocking streams have. */
static cudaError_t copy_now(const gd_standin_work &from)
{
    State &s = state();
    Stream &legacy = s.legacy;
    for (Stream *stream : std::set<Stream *>(s.streams))
        if (stream->blocking && !stream->capture) {
            force(*stream, stream->sequence);
            join(legacy.clock, stream->clock);
        }
    auto work = std::make_shared<Work>();
    work->name = from.name;
    work->run = from.run;
    work->release = from.release;
    work->state = from.state;
    work->reads.assign(from.reads, from.reads + from.read_count);
    work->writes.assign(from.writes, from.writes + from.write_count);
    legacy.device = current_device();
    add_work(legacy, work);
    force(legacy, legacy.sequence);
    host_knows(legacy.clock);
    return ready();
}

} /* namespace standin */

using namespace standin;

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (unsafe_in_capture() != cudaSuccess)
        return result(cudaErrorStreamCaptureUnsupported);
    if (bytes == 0)
        return cudaSuccess;
    if (!fits("cudaMemcpy", to, from, kind))
        return result(cudaErrorInvalidValue);
    const gd_standin_range reads = {from, bytes, 1, 0}, writes = {to, bytes, 1, 0};
    const bool check_from = gd_standin_where(from, nullptr, nullptr, nullptr) != GD_STANDIN_PAGEABLE;
    const bool check_to = gd_standin_where(to, nullptr, nullptr, nullptr) != GD_STANDIN_PAGEABLE;
    return copy_now(
        describe_copy(new Copy{to, from, 0, bytes}, "cudaMemcpy", &reads, &writes, check_from, check_to));
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (!fits("cudaMemcpyAsync", to, from, kind))
        return result(cudaErrorInvalidValue);
    for (const void *address : {(const void *)to, from})
        if (gd_standin_where(address, nullptr, nullptr, nullptr) == GD_STANDIN_PAGEABLE) {
            gd_standin_fail("cudaMemcpyAsync %s pageable host memory: allocate it with cudaHostAlloc",
                            address == to ? "to" : "from");
            return result(cudaErrorInvalidValue);
        }
    const gd_standin_range reads = {from, bytes, 1, 0}, writes = {to, bytes, 1, 0};
    const gd_standin_work work =
        describe_copy(new Copy{to, from, 0, bytes}, name_of(kind), &reads, &writes, bytes > 0, bytes > 0);
    return gd_standin_queue(stream, &work);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    const gd_standin_range writes = {to, bytes, 1, 0};
    const gd_standin_work work =
        describe_copy(new Copy{to, nullptr, value, bytes}, "fill", nullptr, &writes, false, bytes > 0);
    return gd_standin_queue(stream, &work);
}
