/* The queues of the streams. What is queued runs late: when something forces it, and then only what that
 * needs. */
#include "standin/runtime.h"

#include <algorithm>

namespace standin
{

/* What every entry of a queue has: it comes after the entries before it, and after all that the host knows.
 */
static Operation &add_entry(Stream &stream)
{
    auto operation = std::make_unique<Operation>();
    operation->sequence = ++stream.sequence;
    join(stream.clock, state().host);
    if (stream.clock.size() <= stream.lane)
        stream.clock.resize(stream.lane + 1);
    stream.clock[stream.lane] = stream.sequence;
    stream.unreported = true;
    stream.queue.push_back(std::move(operation));
    return *stream.queue.back();
}

cudaError_t add_work(Stream &stream, std::shared_ptr<Work> work)
{
    Operation &operation = add_entry(stream);
    operation.clock = stream.clock;
    operation.id = (uint32_t)state().past.size();
    state().past.push_back({stream.lane, operation.sequence, work->name, work->file, work->line});
    for (const gd_standin_range &range : work->reads)
        add_pin(range, false, stream, work);
    for (const gd_standin_range &range : work->writes)
        add_pin(range, true, stream, work);
    state().unwaited.push_back({work->state, operation.id});
    operation.work = std::move(work);
    return cudaSuccess;
}

void add_wait(Stream &stream, const std::shared_ptr<Mark> &mark)
{
    join(stream.clock, mark->clock);
    add_entry(stream).wait = mark;
}

std::shared_ptr<Mark> add_record(Stream &stream)
{
    Operation &operation = add_entry(stream);
    operation.record = std::make_shared<Mark>();
    operation.record->stream = &stream;
    operation.record->sequence = operation.sequence;
    operation.record->clock = stream.clock;
    return operation.record;
}

namespace
{
/* Device memory stays open from the first work that runs until the outermost of these ends: opening and
 * closing takes its time. */
struct Session {
    static int depth;
    static bool open;
    Session()
    {
        depth++;
    }
    ~Session()
    {
        if (--depth == 0 && open) {
            open = false;
            gd_standin_close();
        }
    }
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;
};
int Session::depth;
bool Session::open;
} /* namespace */

static double setting_for(const std::map<std::string, double> &settings, const std::string &name,
                          double otherwise)
{
    for (const auto &setting : settings)
        if (name.find(setting.first) != std::string::npos)
            return setting.second;
    return otherwise;
}

static bool begin_work(Operation &operation, Stream &stream)
{
    Work &work = *operation.work;
    begin_checks(operation, stream);
    bool fine = true;
    for (const gd_standin_range &range : work.reads)
        fine = check_range(describe(work), range, false) && fine;
    for (const gd_standin_range &range : work.writes)
        fine = check_range(describe(work), range, true) && fine;
    return fine;
}

static void end_work(const Work &work)
{
    for (const gd_standin_range &range : work.writes)
        gd_standin_mark(&range, true);
}

/* Tries to run the work at the head of a queue. */
static gd_standin_step try_work(Operation &operation, Stream &stream)
{
    State &s = state();
    Work &work = *operation.work;
    if (work.may_run && !work.may_run())
        return GD_STANDIN_AGAIN;
    if (operation.since == 0)
        operation.since = seconds_now();
    if (seconds_now() - operation.since < setting_for(s.slow, work.name, 0))
        return GD_STANDIN_AGAIN;
    if (!Session::open)
        gd_standin_open();
    Session::open = true;
    s.running = &operation;
    s.running_stream = &stream;
    gd_standin_step step = GD_STANDIN_DONE;
    if (operation.started || begin_work(operation, stream)) {
        operation.started = true;
        step = work.run(work.state);
    }
    if (step == GD_STANDIN_DONE)
        end_work(work);
    s.running = nullptr;
    s.running_stream = nullptr;
    if (step == GD_STANDIN_DONE) {
        s.ran++;
        stream.time += setting_for(s.durations, work.name, 0.001);
        if (gd_standin_injected("run"))
            step = GD_STANDIN_BROKEN;
    }
    return step;
}

/* Everything queued is gone with the device; what waits for it is let go. */
static void abandon()
{
    lose(cudaErrorLaunchFailure);
    drop_pins();
    for (Stream *stream : state().lanes_in_use) {
        for (const auto &operation : stream->queue)
            if (operation->record)
                operation->record->done = true;
        stream->queue.clear();
    }
}

/* true: the head of the queue is done with. */
static bool run_head(Stream &stream)
{
    Operation &operation = *stream.queue.front();
    if (operation.wait) {
        if (!operation.wait->done)
            return false;
        stream.time = operation.wait->time > stream.time ? operation.wait->time : stream.time;
    } else if (operation.record) {
        operation.record->done = true;
        operation.record->time = stream.time;
    } else {
        const gd_standin_step step = try_work(operation, stream);
        if (step == GD_STANDIN_AGAIN)
            return false;
        if (step == GD_STANDIN_BROKEN) {
            abandon();
            return true;
        }
    }
    stream.queue.pop_front();
    return true;
}

/* Runs at most `budget` entries of what the stream needs up to `sequence`; true: something ran. */
bool advance(Stream &stream, uint32_t sequence, size_t &budget)
{
    const Session session;
    bool progress = false;
    if (state().running)
        return false;
    while (!stream.queue.empty() && stream.queue.front()->sequence <= sequence && budget > 0) {
        const std::shared_ptr<Mark> wait = stream.queue.front()->wait;
        if (wait && !wait->done) {
            progress = advance(*wait->stream, wait->sequence, budget) || progress;
            if (!wait->done || budget == 0)
                return progress;
        }
        if (!run_head(stream))
            return progress;
        budget--;
        progress = true;
    }
    return progress;
}

bool run_anything(size_t budget)
{
    const Session session;
    bool progress = false, again = !state().running;
    while (again && budget > 0) {
        again = false;
        const std::vector<Stream *> lanes(state().lanes_in_use.begin(), state().lanes_in_use.end());
        for (Stream *stream : lanes)
            while (!stream->queue.empty() && budget > 0 && run_head(*stream)) {
                again = progress = true;
                budget--;
            }
    }
    return progress;
}

void force(Stream &stream, uint32_t sequence)
{
    for (int rounds = 0; !stream.queue.empty() && stream.queue.front()->sequence <= sequence; rounds++) {
        size_t budget = SIZE_MAX;
        if (advance(stream, sequence, budget)) {
            rounds = 0;
            continue;
        }
        if (rounds > 20) /* a device goes on with the other streams too: another rank may wait for them */
            run_anything(1);
        let_others();
    }
}

/* What was just queued may run at once, or something else may, as the order wants it. */
void after_queueing()
{
    const State &s = state();
    if (s.order == Order::eager)
        run_anything(SIZE_MAX);
    else if (s.order == Order::random && !s.lanes_in_use.empty() && draw() % 4 == 0) {
        auto stream = s.lanes_in_use.begin();
        std::advance(stream, draw() % s.lanes_in_use.size());
        size_t budget = 1 + draw() % 8;
        advance(**stream, UINT32_MAX, budget);
    }
}

void host_knows(const Clock &clock)
{
    State &s = state();
    join(s.host, clock);
    drop_pins();
    const auto waited = [&](const Unwaited &user) {
        return knows(s.host, s.past[user.id].lane, s.past[user.id].sequence);
    };
    s.unwaited.erase(std::remove_if(s.unwaited.begin(), s.unwaited.end(), waited), s.unwaited.end());
}

/* A few entries more at each call but the first. */
bool poll(Stream &stream, uint32_t sequence, bool &unreported)
{
    if (unreported) {
        unreported = false;
        return false;
    }
    size_t budget = 8;
    if (!stream.queue.empty() && stream.queue.front()->sequence <= sequence &&
        !advance(stream, sequence, budget))
        run_anything(1);
    return stream.queue.empty() || stream.queue.front()->sequence > sequence;
}

} /* namespace standin */

using namespace standin;

cudaError_t gd_standin_queue(cudaStream_t stream, const gd_standin_work *from)
{
    const Locked lock;
    auto work = std::make_shared<Work>();
    work->name = from->name;
    work->file = from->file;
    work->line = from->line;
    work->run = from->run;
    work->release = from->release;
    work->state = from->state;
    work->may_run = from->may_run;
    work->not_in_graphs = from->not_in_graphs;
    work->reads.assign(from->reads, from->reads + from->read_count);
    work->writes.assign(from->writes, from->writes + from->write_count);
    if (ready() != cudaSuccess)
        return ready();
    Stream *const found = find_stream(work->name.c_str(), stream);
    if (!found)
        return result(cudaErrorInvalidResourceHandle);
    if (found->capture) {
        if (work->not_in_graphs)
            gd_standin_fail("%s in a capture: it cannot be part of a graph", describe(*work).c_str());
        if (found->capture->invalid)
            return result(cudaErrorStreamCaptureInvalidated);
        capture_work(*found, work);
        return cudaSuccess;
    }
    add_work(*found, std::move(work));
    after_queueing();
    return state().lost ? ready() : cudaSuccess;
}

bool gd_standin_progress(void)
{
    const Locked lock;
    return run_anything(SIZE_MAX);
}
