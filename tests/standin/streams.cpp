/* Streams, as CUDA shows them. */
#include "standin/runtime.h"

#include <pthread.h>

namespace standin
{

static std::set<const Stream *> dead_streams;
constexpr int highest_priority = -5; /* as an H100 says */

Stream *find_stream(const char *who, cudaStream_t stream)
{
    Stream *const found = (Stream *)stream;
    if (state().streams.count(found))
        return found;
    if (!stream || stream == cudaStreamLegacy || stream == cudaStreamPerThread)
        gd_standin_fail("%s on the default stream: every operation names its stream", who);
    else
        gd_standin_fail("%s on a stream that %s", who,
                        dead_streams.count(found) ? "was destroyed" : "was never made");
    return nullptr;
}

Stream *new_stream(int device)
{
    Stream *const stream = new Stream;
    stream->lane = state().lanes++;
    stream->device = device;
    state().lanes_in_use.insert(stream);
    return stream;
}

cudaError_t unsafe_in_capture()
{
    cudaError_t error = cudaSuccess;
    for (const auto &capture : state().captures)
        if (capture->mode == cudaStreamCaptureModeGlobal ||
            (capture->mode == cudaStreamCaptureModeThreadLocal && capture->thread == pthread_self())) {
            capture->invalid = true;
            error = cudaErrorStreamCaptureUnsupported;
        }
    return error;
}

static cudaError_t make_stream(cudaStream_t *stream, unsigned flags)
{
    if (ready() != cudaSuccess)
        return ready();
    if (flags & ~(unsigned)cudaStreamNonBlocking)
        return result(cudaErrorInvalidValue);
    make_ranges();
    Stream *const made = new_stream(current_device());
    made->blocking = !(flags & cudaStreamNonBlocking);
    state().streams.insert(made);
    *stream = (cudaStream_t)made;
    return cudaSuccess;
}

} /* namespace standin */

using namespace standin;

int gd_standin_device_of(const char *who, cudaStream_t stream)
{
    const Locked lock;
    const Stream *const found = find_stream(who, stream);
    return found ? found->device : -1;
}

bool gd_standin_capturing(cudaStream_t stream)
{
    const Locked lock;
    return state().streams.count((Stream *)stream) && ((Stream *)stream)->capture;
}

static const char *keep(const std::string &text)
{
    static std::string kept;
    kept = text;
    return kept.c_str();
}

const char *gd_standin_unwaited(cudaStream_t stream)
{
    const Locked lock;
    const Stream *const found = (Stream *)stream;
    if (!state().streams.count((Stream *)stream) || knows(state().host, found->lane, found->sequence))
        return nullptr;
    std::string name = "work";
    for (const Past &past : state().past)
        if (past.lane == found->lane)
            name = describe(past);
    return keep(name);
}

const char *gd_standin_unwaited_state(const void *wanted)
{
    const Locked lock;
    for (const Unwaited &user : state().unwaited)
        if (user.state == wanted)
            return keep(describe(state().past[user.id]));
    return nullptr;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags)
{
    const Locked lock;
    return make_stream(stream, flags);
}

cudaError_t cudaDeviceGetStreamPriorityRange(int *lowest, int *highest)
{
    const Locked lock;
    *lowest = 0;
    *highest = highest_priority;
    return ready();
}

/* A device takes a priority out of range for the nearest one, without a word. */
cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned flags, int priority)
{
    const Locked lock;
    if (priority < highest_priority || priority > 0)
        gd_standin_fail("cudaStreamCreateWithPriority: priority %d is not in %d ... 0", priority,
                        highest_priority);
    const cudaError_t made = make_stream(stream, flags);
    if (made == cudaSuccess)
        ((Stream *)*stream)->priority = priority;
    return made;
}

cudaError_t cudaStreamGetPriority(cudaStream_t stream, int *priority)
{
    const Locked lock;
    const Stream *const found = find_stream("cudaStreamGetPriority", stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    *priority = found->priority;
    return ready();
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    const Locked lock;
    Stream *const found = find_stream("cudaStreamDestroy", stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (found->capture)
        gd_standin_fail("cudaStreamDestroy of stream %u, which is capturing", found->lane);
    if (!state().lost && !knows(state().host, found->lane, found->sequence))
        gd_standin_fail("cudaStreamDestroy of stream %u, whose work the host has not waited for (%s)",
                        found->lane, gd_standin_unwaited(stream));
    state().streams.erase(found);
    state().lanes_in_use.erase(found);
    dead_streams.insert(found); /* the object stays, so that its address is not used again */
    return cudaSuccess;
}

/* A call that waits for a stream, or asks it, while it captures: the capture is lost, as in CUDA. */
static bool spoils_capture(const Stream &stream)
{
    if (stream.capture)
        stream.capture->invalid = true;
    return stream.capture != nullptr;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Stream *const found = find_stream("cudaStreamSynchronize", stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (spoils_capture(*found))
        return result(cudaErrorStreamCaptureUnsupported);
    force(*found, found->sequence);
    host_knows(found->clock);
    return ready();
}

cudaError_t cudaStreamQuery(cudaStream_t stream)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Stream *const found = find_stream("cudaStreamQuery", stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (spoils_capture(*found))
        return result(cudaErrorStreamCaptureUnsupported);
    if (!poll(*found, found->sequence, found->unreported))
        return result(cudaErrorNotReady);
    host_knows(found->clock);
    return ready();
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Stream *const found = find_stream("cudaStreamWaitEvent", stream);
    Event *const waited = find_event("cudaStreamWaitEvent", event);
    if (!found || !waited || flags)
        return result(cudaErrorInvalidResourceHandle);
    const std::shared_ptr<Capture> capture = waited->capture.lock();
    if (capture || found->capture)
        return result(capture_wait(*found, *waited, capture));
    if (waited->mark)
        add_wait(*found, waited->mark);
    else
        gd_standin_fail("cudaStreamWaitEvent for an event that was never recorded: it orders nothing");
    after_queueing();
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (unsafe_in_capture() != cudaSuccess)
        return result(cudaErrorStreamCaptureUnsupported);
    const std::set<Stream *> lanes = state().lanes_in_use;
    for (Stream *stream : lanes) {
        if (stream != &state().legacy && stream->device != current_device())
            continue;
        force(*stream, stream->sequence);
        host_knows(stream->clock);
    }
    return ready();
}
