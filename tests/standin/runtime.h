/* The inside of the stand-in's runtime: what its source files share. */
#ifndef GD_STANDIN_RUNTIME_H
#define GD_STANDIN_RUNTIME_H

#include "standin/internal.h"
#include "standin/standin.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace standin
{

/* How far each lane has come, as one party knows it. A lane is a stream, a hidden stream of a graph, or (0)
 * what runs on the legacy default stream. */
using Clock = std::vector<uint32_t>;
void join(Clock &clock, const Clock &other);
bool knows(const Clock &clock, uint32_t lane, uint32_t sequence);

/* What an operation is; graphs share it between launches. */
struct Work {
    std::string name;
    const char *file = nullptr;
    int line = 0;
    gd_standin_step (*run)(void *) = nullptr;
    void (*release)(void *) = nullptr;
    void *state = nullptr;
    bool (*may_run)() = nullptr;
    bool not_in_graphs = false;
    std::vector<gd_standin_range> reads, writes;
    Work() = default;
    Work(const Work &) = delete;
    Work &operator=(const Work &) = delete;
    ~Work()
    {
        if (release)
            release(state);
    }
};

struct Stream;

/* A place in a stream that others can wait for: what an event holds once it is recorded. */
struct Mark {
    Stream *stream = nullptr;
    uint32_t sequence = 0;
    Clock clock;
    bool done = false;
    double time = 0; /* simulated, in milliseconds, when it is done */
};

/* One entry of a stream's queue: exactly one of the three is set. */
struct Operation {
    uint32_t id = 0, sequence = 0;
    Clock clock;
    std::shared_ptr<Work> work;
    std::shared_ptr<Mark> record, wait;
    bool started = false;
    double since = 0; /* wall clock of its first try, in seconds */
};

/* An entry of a capture, replayed at each launch. */
struct Captured {
    size_t lane = 0; /* 0: the stream of the launch */
    std::shared_ptr<Work> work;
    int record = -1, wait = -1; /* numbers of places within the graph */
};

struct Capture {
    Stream *origin = nullptr;
    cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
    unsigned long thread = 0;
    bool invalid = false;
    std::vector<Stream *> lanes;
    std::vector<Captured> entries;
    std::vector<Clock> marks; /* what each place comes after: how many of each lane's operations */
    std::vector<Clock> known; /* the same of each lane's end */
};

struct Stream {
    uint32_t lane = 0;
    int device = 0;
    bool blocking = false;
    int priority = 0;
    std::deque<std::unique_ptr<Operation>> queue;
    Clock clock; /* of its last operation */
    uint32_t sequence = 0;
    double time = 0;
    bool unreported = false; /* no query has said "not ready" since the last operation */
    std::shared_ptr<Capture> capture;
    size_t capture_lane = 0;
};

struct Event {
    int device = 0;
    bool timing = true, unreported = false;
    std::shared_ptr<Mark> mark;     /* of the last record, outside of captures */
    std::weak_ptr<Capture> capture; /* of the last record, inside */
    int place = -1;
};

struct Allocation {
    uintptr_t start = 0;
    size_t bytes = 0;
    int device = 0;
    bool pinned = false, alive = true;
    uint64_t number = 0; /* the how manieth of its kind */
};

/* Host accesses that must wait: [start, end) until the host knows the operation. */
struct Pin {
    uintptr_t start = 0, end = 0;
    bool written = false; /* by the operation: the host may not even read */
    uint32_t lane = 0, sequence = 0;
    std::shared_ptr<Work> work;
};

/* An operation that the host has not waited for, by the state of its work. */
struct Unwaited {
    const void *state;
    uint32_t id;
};

/* What stays of every operation, for sentences and for order. */
struct Past {
    uint32_t lane = 0, sequence = 0;
    std::string name;
    const char *file = nullptr;
    int line = 0;
};

enum class Order { late, eager, random };

struct State {
    /* settings */
    int devices = 1;
    bool driver = true, leaks = true, races = true;
    std::vector<int> visible;
    std::string device_name = "Stand-in H100";
    int major = 9, minor = 0;
    uint64_t memory = 80ull << 30;
    Order order = Order::late;
    uint64_t random = 1;
    std::multimap<std::string, uint64_t> faults;
    std::map<std::string, double> slow, durations;
    /* what is alive */
    std::set<Stream *> streams;
    std::set<Event *> events;
    std::set<Stream *> lanes_in_use; /* streams, and hidden streams of graphs */
    Stream legacy;
    uint32_t lanes = 1;
    Clock host;
    std::map<uintptr_t, std::unique_ptr<Allocation>> allocations;
    std::vector<uint64_t> used, peak;
    std::deque<Past> past;
    std::vector<Pin> pins;
    std::vector<Unwaited> unwaited;
    std::map<std::pair<std::string, const void *>, int> resources;
    std::map<std::string, uint64_t> counts;
    uint64_t ran = 0, made = 0;
    int rank = -1;
    bool lost = false; /* sticky launch failure */
    cudaError_t lost_error = cudaSuccess;
    Operation *running = nullptr;
    Stream *running_stream = nullptr;
    std::string expected, said;
    std::vector<std::shared_ptr<Capture>> captures;
};

State &state();

/* The lock, for the time of one call of CUDA. */
struct Locked {
    Locked()
    {
        gd_standin_lock();
    }
    ~Locked()
    {
        gd_standin_unlock();
    }
    Locked(const Locked &) = delete;
    Locked &operator=(const Locked &) = delete;
};

/* Lets other threads in for a moment, however often this one has the lock. */
void let_others();

/* Remembers the error for cudaGetLastError. */
cudaError_t result(cudaError_t error);

/* cudaSuccess, or why no call can work: no driver, a lost device. */
cudaError_t ready();
cudaError_t lose(cudaError_t error);

int current_device();
std::string place_of(const char *file, int line);
std::string describe(const Past &past);
std::string describe(const Work &work);
std::string describe_address(uintptr_t address);
double seconds_now();
uint64_t draw();

/* memory.cpp */
constexpr int max_devices = 8;
constexpr size_t span = 512ull << 30; /* addresses of each device, and of pinned memory */
constexpr size_t grain = 2ull << 20;  /* allocations start in grains of their own */
struct Ranges {
    uintptr_t base = 0;
    size_t total = 0;
    uint8_t *written = nullptr;   /* a byte each */
    uint32_t *writer = nullptr;   /* of four bytes each: the last operation that wrote them */
    uint32_t *readers = nullptr;  /* the set of operations that have read them since */
    Allocation **owner = nullptr; /* of each grain */
    uint8_t *touched = nullptr;   /* of each grain: writer or readers are not all 0 */
};
extern Ranges ranges;
void make_ranges();
Allocation *find_allocation(uintptr_t address); /* alive, and address inside; else nullptr */
inline size_t offset_of(uintptr_t address)
{
    return address - ranges.base;
}
void add_pin(const gd_standin_range &range, bool written, const Stream &stream,
             const std::shared_ptr<Work> &work);
void drop_pins(); /* those that the host knows by now */

/* shadow.cpp: order of operations on the same bytes. All of them are for the operation that runs. */
void begin_checks(Operation &operation, Stream &stream);
bool reads_in_order(uintptr_t start, size_t bytes);
bool writes_in_order(uintptr_t start, size_t bytes);
void note_written(uintptr_t start, size_t bytes, bool written);
bool check_range(const std::string &who, const gd_standin_range &range, bool write);
uint32_t unwaited_user(const Allocation &allocation); /* an operation the host has not waited for, or 0 */
void forget(const Allocation &allocation);

/* queue.cpp */
cudaError_t add_work(Stream &stream, std::shared_ptr<Work> work);
void add_wait(Stream &stream, const std::shared_ptr<Mark> &mark);
std::shared_ptr<Mark> add_record(Stream &stream);
bool advance(Stream &stream, uint32_t sequence, size_t &budget);
void force(Stream &stream, uint32_t sequence);
bool poll(Stream &stream, uint32_t sequence, bool &unreported); /* is it done? */
void host_knows(const Clock &clock);
bool run_anything(size_t budget);
void after_queueing(); /* what the order wants to run now runs */

/* streams.cpp, events.cpp */
Stream *find_stream(const char *who, cudaStream_t stream);
Stream *new_stream(int device);
cudaError_t unsafe_in_capture(); /* for calls that no capture stands */
Event *find_event(const char *who, cudaEvent_t event);

/* graphs.cpp */
void capture_work(Stream &stream, const std::shared_ptr<Work> &work);
cudaError_t capture_record(Stream &stream, Event &event);
cudaError_t capture_wait(Stream &stream, Event &event, const std::shared_ptr<Capture> &capture);

void check_leaks();

} /* namespace standin */

#endif
