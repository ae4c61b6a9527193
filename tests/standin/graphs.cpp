/* Capture of streams into graphs, and their launch: what was captured is queued anew, on hidden streams where
 * the capture had more than one, so that nothing is ordered that the capture did not order. */
#include "standin/runtime.h"

#include <algorithm>
#include <pthread.h>

namespace standin
{

namespace
{
struct Graph {
    std::vector<Captured> entries;
    size_t lanes = 0, places = 0;
};

struct Executable {
    Graph graph;
    std::vector<Stream *> hidden;    /* of lanes 1 ... */
    uint32_t lane = 0, sequence = 0; /* the end of the last launch */
};
} /* namespace */

static uint32_t &count_of(Clock &clock, size_t lane)
{
    if (clock.size() <= lane)
        clock.resize(lane + 1);
    return clock[lane];
}

void capture_work(Stream &stream, const std::shared_ptr<Work> &work)
{
    Capture &capture = *stream.capture;
    Captured entry;
    entry.lane = stream.capture_lane;
    entry.work = work;
    capture.entries.push_back(entry);
    count_of(capture.known[entry.lane], entry.lane)++;
}

cudaError_t capture_record(Stream &stream, Event &event)
{
    Capture &capture = *stream.capture;
    Captured entry;
    entry.lane = stream.capture_lane;
    entry.record = (int)capture.marks.size();
    capture.marks.push_back(capture.known[entry.lane]);
    capture.entries.push_back(entry);
    event.mark.reset();
    event.capture = stream.capture;
    event.place = entry.record;
    return cudaSuccess;
}

static void add_lane(const std::shared_ptr<Capture> &capture, Stream &stream)
{
    stream.capture = capture;
    stream.capture_lane = capture->lanes.size();
    capture->lanes.push_back(&stream);
    capture->known.emplace_back();
}

cudaError_t capture_wait(Stream &stream, Event &event, const std::shared_ptr<Capture> &capture)
{
    if (stream.capture && !capture && !event.mark)
        return event.place < 0 ? cudaSuccess : cudaErrorCapturedEvent;
    if (stream.capture && stream.capture != capture) {
        stream.capture->invalid = true;
        return cudaErrorStreamCaptureIsolation;
    }
    if (!stream.capture)
        add_lane(capture, stream);
    Captured entry;
    entry.lane = stream.capture_lane;
    entry.wait = event.place;
    capture->entries.push_back(entry);
    join(capture->known[entry.lane], capture->marks[(size_t)event.place]);
    return cudaSuccess;
}

/* Does the end of the first lane come after everything on all lanes? */
static bool is_joined(Capture &capture)
{
    for (size_t lane = 0; lane < capture.lanes.size(); lane++)
        if (count_of(capture.known[lane], lane) > count_of(capture.known[0], lane))
            return false;
    return true;
}

static std::shared_ptr<Capture> leave_capture(const Stream &stream)
{
    const std::shared_ptr<Capture> capture = stream.capture;
    for (Stream *lane : capture->lanes)
        lane->capture.reset();
    std::vector<std::shared_ptr<Capture>> &captures = state().captures;
    captures.erase(std::find(captures.begin(), captures.end(), capture));
    return capture;
}

static void replay(Executable &executable, Stream &stream)
{
    for (size_t lane = executable.hidden.size() + 1; lane < executable.graph.lanes; lane++)
        executable.hidden.push_back(new_stream(stream.device));
    std::vector<std::shared_ptr<Mark>> marks(executable.graph.places);
    for (const Captured &entry : executable.graph.entries) {
        Stream &on = entry.lane == 0 ? stream : *executable.hidden[entry.lane - 1];
        if (entry.work)
            add_work(on, entry.work);
        else if (entry.record >= 0)
            marks[(size_t)entry.record] = add_record(on);
        else
            add_wait(on, marks[(size_t)entry.wait]);
    }
    add_record(stream); /* so that it ends with something of its own */
    executable.lane = stream.lane;
    executable.sequence = stream.sequence;
}

static bool alive(const char *kind, const void *resource)
{
    const auto found = state().resources.find({kind, resource});
    if (found != state().resources.end() && found->second > 0)
        return true;
    gd_standin_fail("use of a %s that is not alive", kind);
    return false;
}

} /* namespace standin */

using namespace standin;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Stream *const found = find_stream("cudaStreamBeginCapture", stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (found->capture)
        return result(cudaErrorIllegalState);
    const auto capture = std::make_shared<Capture>();
    capture->origin = found;
    capture->mode = mode;
    capture->thread = pthread_self();
    add_lane(capture, *found);
    state().captures.push_back(capture);
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    const Locked lock;
    *graph = nullptr;
    if (ready() != cudaSuccess)
        return ready();
    Stream *const found = find_stream("cudaStreamEndCapture", stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (!found->capture)
        return result(cudaErrorIllegalState);
    if (found->capture->origin != found) {
        found->capture->invalid = true;
        return result(cudaErrorStreamCaptureUnmatched);
    }
    const std::shared_ptr<Capture> capture = leave_capture(*found);
    if (capture->invalid)
        return result(cudaErrorStreamCaptureInvalidated);
    if (!is_joined(*capture))
        return result(cudaErrorStreamCaptureUnjoined);
    Graph *const made = new Graph;
    made->entries = capture->entries;
    made->lanes = capture->lanes.size();
    made->places = capture->marks.size();
    gd_standin_made("graph", made);
    *graph = (cudaGraph_t)made;
    return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus *status)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    const Stream *const found = find_stream("cudaStreamIsCapturing", stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    *status = !found->capture           ? cudaStreamCaptureStatusNone
              : found->capture->invalid ? cudaStreamCaptureStatusInvalidated
                                        : cudaStreamCaptureStatusActive;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *executable, cudaGraph_t graph, unsigned long long flags)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (flags || !alive("graph", graph))
        return result(cudaErrorInvalidValue);
    Executable *const made = new Executable;
    made->graph = *(const Graph *)graph;
    gd_standin_made("executable graph", made);
    *executable = (cudaGraphExec_t)made;
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    Stream *const found = find_stream("cudaGraphLaunch", stream);
    if (!found || !alive("executable graph", executable))
        return result(cudaErrorInvalidResourceHandle);
    if (found->capture)
        gd_standin_fail("cudaGraphLaunch on stream %u, which is capturing", found->lane);
    if (gd_standin_injected("launch"))
        return result(cudaErrorLaunchOutOfResources);
    replay(*(Executable *)executable, *found);
    after_queueing();
    return ready();
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    const Locked lock;
    if (!alive("graph", graph))
        return result(cudaErrorInvalidValue);
    gd_standin_gone("graph", graph);
    ((Graph *)graph)->entries.clear(); /* the object stays, so that its address is not used again */
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable)
{
    const Locked lock;
    if (!alive("executable graph", executable))
        return result(cudaErrorInvalidValue);
    Executable *const found = (Executable *)executable;
    if (!state().lost && !knows(state().host, found->lane, found->sequence))
        gd_standin_fail(
            "cudaGraphExecDestroy of a graph launched on stream %u, for which the host has not waited",
            found->lane);
    gd_standin_gone("executable graph", executable);
    for (Stream *stream : found->hidden)
        state().lanes_in_use.erase(stream);
    found->graph.entries.clear();
    return cudaSuccess;
}
