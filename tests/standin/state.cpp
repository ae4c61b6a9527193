/* Settings, the lock, sentences, injected faults, and what must be gone at exit. */
#include "standin/runtime.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <mutex>
#include <unistd.h>

namespace standin
{

static std::recursive_mutex mutex;
static thread_local int depth;
static thread_local cudaError_t last_error;

void join(Clock &clock, const Clock &other)
{
    if (clock.size() < other.size())
        clock.resize(other.size());
    for (size_t i = 0; i < other.size(); i++)
        clock[i] = clock[i] > other[i] ? clock[i] : other[i];
}

bool knows(const Clock &clock, uint32_t lane, uint32_t sequence)
{
    return sequence == 0 || (lane < clock.size() && clock[lane] >= sequence);
}

static uint64_t bytes_of(const char *text)
{
    char *end;
    const double value = strtod(text, &end);
    const uint64_t unit = *end == 'G' ? 1ull << 30 : *end == 'M' ? 1ull << 20 : *end == 'K' ? 1ull << 10 : 1;
    return (uint64_t)(value * (double)unit);
}

/* "a:1,b:2": calls set(name, number) for each. */
static void each_pair(const char *text, const std::function<void(const std::string &, double)> &set)
{
    std::string rest = text ? text : "";
    while (!rest.empty()) {
        const size_t end = rest.find(','), colon = rest.substr(0, end).rfind(':');
        if (colon == std::string::npos) {
            fprintf(stderr, "standin: \"%s\" in the environment is not name:number\n", rest.c_str());
            _exit(86);
        }
        set(rest.substr(0, colon), atof(rest.c_str() + colon + 1));
        rest = end == std::string::npos ? "" : rest.substr(end + 1);
    }
}

static void read_devices(State &s)
{
    const char *devices = getenv("GD_STANDIN_DEVICES");
    if (devices && strcmp(devices, "none") == 0)
        s.driver = false;
    s.devices = !devices ? 1 : s.driver ? atoi(devices) : 0;
    s.devices = s.devices > max_devices ? max_devices : s.devices;
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    std::string rest = visible ? visible : "";
    if (!visible)
        for (int i = 0; i < s.devices; i++)
            s.visible.push_back(i);
    while (!rest.empty()) { /* the first that is not there ends the list, as it does in CUDA */
        char *end;
        const long device = strtol(rest.c_str(), &end, 10);
        if (end == rest.c_str() || device < 0 || device >= s.devices)
            break;
        s.visible.push_back((int)device);
        const size_t comma = rest.find(',');
        rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
    }
}

static void read_order(State &s)
{
    const char *order = getenv("GD_STANDIN_ORDER");
    if (order && strcmp(order, "eager") == 0)
        s.order = Order::eager;
    if (order && strncmp(order, "random", 6) == 0) {
        s.order = Order::random;
        s.random = order[6] == ':' ? strtoull(order + 7, nullptr, 10) * 2 + 1 : 1;
    }
}

static bool is_off(const char *name)
{
    const char *value = getenv(name);
    return value && strcmp(value, "off") == 0;
}

static State *new_state()
{
    State *s = new State;
    read_devices(*s);
    read_order(*s);
    if (getenv("GD_STANDIN_NAME"))
        s->device_name = getenv("GD_STANDIN_NAME");
    if (getenv("GD_STANDIN_CAPABILITY"))
        sscanf(getenv("GD_STANDIN_CAPABILITY"), "%d.%d", &s->major, &s->minor);
    if (getenv("GD_STANDIN_MEMORY"))
        s->memory = bytes_of(getenv("GD_STANDIN_MEMORY"));
    s->leaks = !is_off("GD_STANDIN_LEAKS");
    s->races = !is_off("GD_STANDIN_RACES");
    each_pair(getenv("GD_STANDIN_FAULT"),
              [&](const std::string &name, double n) { s->faults.emplace(name, (uint64_t)n); });
    each_pair(getenv("GD_STANDIN_SLOW"), [&](const std::string &name, double n) { s->slow[name] = n; });
    each_pair(getenv("GD_STANDIN_DURATION"),
              [&](const std::string &name, double n) { s->durations[name] = n; });
    s->used.resize(max_devices);
    s->peak.resize(max_devices);
    s->past.emplace_back();
    s->lanes_in_use.insert(&s->legacy);
    atexit(check_leaks);
    return s;
}

State &state()
{
    static State *const s = new_state(); /* never freed: it is needed while the process ends */
    return *s;
}

void let_others()
{
    const int held = depth;
    for (int i = 0; i < held; i++)
        gd_standin_unlock();
    usleep(50);
    for (int i = 0; i < held; i++)
        gd_standin_lock();
}

cudaError_t result(cudaError_t error)
{
    if (error != cudaSuccess)
        last_error = error;
    return error;
}

cudaError_t ready()
{
    const State &s = state();
    if (!s.driver)
        return result(cudaErrorInsufficientDriver);
    if (s.visible.empty())
        return result(cudaErrorNoDevice);
    return s.lost ? result(s.lost_error) : cudaSuccess;
}

cudaError_t lose(cudaError_t error)
{
    state().lost = true;
    state().lost_error = error;
    return error;
}

std::string place_of(const char *file, int line)
{
    if (!file)
        return "";
    const char *name = strrchr(file, '/');
    return std::string(" (") + (name ? name + 1 : file) + ":" + std::to_string(line) + ")";
}

std::string describe(const Past &past)
{
    return past.name + place_of(past.file, past.line) + " on stream " + std::to_string(past.lane);
}

std::string describe(const Work &work)
{
    return work.name + place_of(work.file, work.line);
}

double seconds_now()
{
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

uint64_t draw()
{
    uint64_t &x = state().random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

void check_leaks()
{
    State &s = state();
    std::string left;
    const auto add = [&](const std::string &what) { left += (left.empty() ? "" : ", ") + what; };
    for (const auto &entry : s.allocations)
        add(describe_address(entry.second->start));
    for (const Stream *stream : s.streams)
        add("stream " + std::to_string(stream->lane));
    if (!s.events.empty())
        add(std::to_string(s.events.size()) + " event(s)");
    for (const auto &resource : s.resources)
        if (resource.second > 0)
            add("a " + resource.first.first);
    if (s.leaks && !s.lost && !left.empty()) {
        fflush(stdout);
        gd_standin_fail("leaked at exit: %s", left.c_str());
    }
}

static std::string sentence(const char *format, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    std::vector<char> text((size_t)vsnprintf(nullptr, 0, format, copy) + 1);
    va_end(copy);
    vsnprintf(text.data(), text.size(), format, arguments);
    return text.data();
}

} /* namespace standin */

using namespace standin;

void gd_standin_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const std::string text = sentence(format, arguments);
    va_end(arguments);
    State &s = state();
    if (!s.expected.empty() && text.find(s.expected) != std::string::npos) {
        s.said = text;
        return;
    }
    const std::string rank = s.rank < 0 ? "" : "rank " + std::to_string(s.rank) + ": ";
    fprintf(stderr, "standin: %s%s\n", rank.c_str(), text.c_str());
    fflush(nullptr);
    _exit(86);
}

void gd_standin_expect(const char *text)
{
    const Locked lock;
    state().expected = text ? text : "";
    state().said.clear();
}

const char *gd_standin_said(void)
{
    return state().said.c_str();
}

void gd_standin_lock(void)
{
    mutex.lock();
    depth++;
}

void gd_standin_unlock(void)
{
    depth--;
    mutex.unlock();
}

void gd_standin_made(const char *kind, const void *resource)
{
    const Locked lock;
    state().resources[{kind, resource}]++;
}

void gd_standin_gone(const char *kind, const void *resource)
{
    const Locked lock;
    int &alive = state().resources[{kind, resource}];
    if (alive == 0)
        gd_standin_fail("a %s is destroyed that is not alive", kind);
    else
        alive--;
}

void gd_standin_set_rank(int rank)
{
    state().rank = rank;
}

uint64_t gd_standin_count(const char *name)
{
    const Locked lock;
    return ++state().counts[name];
}

bool gd_standin_injected(const char *what)
{
    const Locked lock;
    const uint64_t count = gd_standin_count(what);
    const auto named = state().faults.equal_range(what);
    for (auto fault = named.first; fault != named.second; ++fault)
        if (fault->second == count)
            return true;
    return false;
}

void gd_standin_inject(const char *what, uint64_t nth)
{
    const Locked lock;
    state().faults.emplace(what, nth);
    state().counts[what] = 0;
}

void gd_standin_slow(const char *text, double seconds)
{
    const Locked lock;
    state().slow[text] = seconds;
}

void gd_standin_duration(const char *text, double milliseconds)
{
    const Locked lock;
    state().durations[text] = milliseconds;
}

uint64_t gd_standin_ran(void)
{
    return state().ran;
}

uint64_t gd_standin_queued(void)
{
    const Locked lock;
    uint64_t queued = 0;
    for (const Stream *stream : state().lanes_in_use)
        queued += stream->queue.size();
    return queued;
}

uint64_t gd_standin_bytes(int device)
{
    return device < 0 || device >= max_devices ? 0 : state().used[(size_t)device];
}

uint64_t gd_standin_peak_bytes(int device)
{
    return device < 0 || device >= max_devices ? 0 : state().peak[(size_t)device];
}

cudaError_t cudaGetLastError(void)
{
    const cudaError_t error = state().lost ? state().lost_error : last_error;
    last_error = cudaSuccess;
    return error;
}

cudaError_t cudaPeekAtLastError(void)
{
    return state().lost ? state().lost_error : last_error;
}
