/* Events. */
#include "standin/runtime.h"

namespace standin
{

Event *find_event(const char *who, cudaEvent_t event)
{
    Event *const found = (Event *)event;
    if (state().events.count(found))
        return found;
    gd_standin_fail("%s of an event that is not alive", who);
    return nullptr;
}

} /* namespace standin */

using namespace standin;

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Event *const made = new Event;
    made->device = current_device();
    made->timing = !(flags & cudaEventDisableTiming);
    state().events.insert(made);
    *event = (cudaEvent_t)made;
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    const Locked lock;
    Event *const found = find_event("cudaEventDestroy", event);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (found->mark && !state().lost &&
        !knows(state().host, found->mark->stream->lane, found->mark->sequence))
        gd_standin_fail("cudaEventDestroy of an event on stream %u that the host has not waited for",
                        found->mark->stream->lane);
    state().events.erase(found);
    /* The object stays, so that its address is not used again. */
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Event *const recorded = find_event("cudaEventRecord", event);
    Stream *const found = find_stream("cudaEventRecord", stream);
    if (!found || !recorded)
        return result(cudaErrorInvalidResourceHandle);
    if (recorded->device != found->device)
        gd_standin_fail("cudaEventRecord of an event of device %d on a stream of device %d", recorded->device,
                        found->device);
    if (found->capture)
        return result(capture_record(*found, *recorded));
    recorded->capture.reset();
    recorded->mark = add_record(*found);
    recorded->unreported = true;
    after_queueing();
    return cudaSuccess;
}

static cudaError_t captured_event(const Event &event)
{
    const std::shared_ptr<Capture> capture = event.capture.lock();
    if (!capture)
        return cudaSuccess;
    capture->invalid = true;
    return result(cudaErrorCapturedEvent);
}

cudaError_t cudaEventQuery(cudaEvent_t event)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Event *const found = find_event("cudaEventQuery", event);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (captured_event(*found) != cudaSuccess)
        return cudaErrorCapturedEvent;
    if (!found->mark)
        return cudaSuccess;
    if (!poll(*found->mark->stream, found->mark->sequence, found->unreported))
        return result(cudaErrorNotReady);
    host_knows(found->mark->clock);
    return ready();
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Event *const found = find_event("cudaEventSynchronize", event);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (captured_event(*found) != cudaSuccess)
        return cudaErrorCapturedEvent;
    if (!found->mark)
        return cudaSuccess;
    const std::shared_ptr<Mark> mark = found->mark;
    force(*mark->stream, mark->sequence);
    host_knows(mark->clock);
    return ready();
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t end)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    const Event *const from = find_event("cudaEventElapsedTime", start);
    const Event *const to = find_event("cudaEventElapsedTime", end);
    if (!from || !to || !from->timing || !to->timing || !from->mark || !to->mark)
        return result(cudaErrorInvalidResourceHandle);
    for (const Event *event : {from, to})
        if (!knows(state().host, event->mark->stream->lane, event->mark->sequence))
            return result(cudaErrorNotReady);
    *milliseconds = (float)(to->mark->time - from->mark->time);
    return cudaSuccess;
}
