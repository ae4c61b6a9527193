/* Device and pinned memory: one range of addresses, closed to the host but for the time in which the stand-in
 * works in it. */
#include "standin/runtime.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace standin
{

Ranges ranges;
static int opened;
static uint64_t allocated[2];
static size_t next_grain[max_devices + 1];
static struct sigaction before;

static void *reserve(size_t bytes, int protection)
{
    void *const start = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        fprintf(stderr, "standin: %zu bytes of addresses cannot be reserved (ulimit -v?)\n", bytes);
        _exit(86);
    }
    madvise(start, bytes, MADV_DONTDUMP);
    return start;
}

static uintptr_t page_down(uintptr_t address)
{
    return address & ~(uintptr_t)4095;
}

static void protect(uintptr_t start, uintptr_t end, int protection)
{
    start = page_down(start);
    if (mprotect((void *)start, page_down(end + 4095) - start, protection)) {
        fprintf(stderr, "standin: memory cannot be protected (vm.max_map_count?)\n");
        _exit(86);
    }
}

static void protect_pins()
{
    for (const bool written : {false, true}) /* what is written is closed more tightly */
        for (const Pin &pin : state().pins)
            if (pin.written == written)
                protect(pin.start, pin.end, written ? PROT_NONE : PROT_READ);
}

/* The sentence for a host access, or "" where it is none of ours. */
static std::string host_access(uintptr_t address)
{
    if (offset_of(address) >= ranges.total)
        return "";
    for (const Pin &pin : state().pins)
        if (address >= pin.start && address < pin.end)
            return std::string("host access to pinned memory that ") +
                   (pin.written ? "is written" : "is read") + " by " + describe(*pin.work) +
                   ", which the host has not waited for: " + describe_address(address);
    const Allocation *allocation = find_allocation(address);
    if (allocation && allocation->pinned)
        return "";
    return "host access to device memory: " + describe_address(address);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    const uintptr_t address = (uintptr_t)info->si_addr;
    const std::string sentence = host_access(address);
    if (!sentence.empty())
        gd_standin_fail("%s", sentence.c_str());
    const Allocation *allocation = offset_of(address) < ranges.total ? find_allocation(address) : nullptr;
    if (allocation) { /* expected, or a neighbour on the page of what is pinned */
        protect(address, address + 1, PROT_READ | PROT_WRITE);
        return;
    }
    if (offset_of(address) < ranges.total)
        gd_standin_fail("access to %s", describe_address(address).c_str());
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(number, info, context);
    else
        sigaction(SIGSEGV, &before, nullptr); /* the access is made again, and ends the process */
}

/* Other libraries may have put a handler of their own in its place. */
static void watch_faults()
{
    struct sigaction now;
    if (sigaction(SIGSEGV, nullptr, &now) || ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == on_fault))
        return;
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    before = now;
    sigaction(SIGSEGV, &action, nullptr);
}

void make_ranges()
{
    if (ranges.base)
        return;
    ranges.total = (max_devices + 1) * span;
    const uintptr_t start = (uintptr_t)reserve(ranges.total + grain, PROT_NONE);
    ranges.base = (start + grain - 1) & ~(uintptr_t)(grain - 1);
    const int open = PROT_READ | PROT_WRITE;
    ranges.written = (uint8_t *)reserve(ranges.total, open);
    ranges.writer = (uint32_t *)reserve(ranges.total, open);
    ranges.readers = (uint32_t *)reserve(ranges.total, open);
    ranges.owner = (Allocation **)reserve(ranges.total / grain * sizeof(Allocation *), open);
    ranges.touched = (uint8_t *)reserve(ranges.total / grain, open);
    watch_faults();
}

Allocation *find_allocation(uintptr_t address)
{
    if (offset_of(address) >= ranges.total)
        return nullptr;
    Allocation *const allocation = ranges.owner[offset_of(address) / grain];
    const bool inside = allocation && allocation->alive && address >= allocation->start &&
                        address < allocation->start + allocation->bytes;
    return inside ? allocation : nullptr;
}

std::string describe_address(uintptr_t address)
{
    const size_t at = offset_of(address);
    if (at >= ranges.total)
        return "pageable host memory";
    const Allocation *allocation = ranges.owner[at / grain];
    for (size_t back = 1; !allocation && back < 4 && at / grain >= back; back++)
        allocation = ranges.owner[at / grain - back];
    if (!allocation)
        return "an address of device memory that was never allocated";
    const std::string name = std::string(allocation->alive ? "" : "freed ") +
                             (allocation->pinned ? "pinned" : "device") + " allocation " +
                             std::to_string(allocation->number) + " (" + std::to_string(allocation->bytes) +
                             " bytes)";
    if (address < allocation->start)
        return std::to_string(allocation->start - address) + " bytes before " + name;
    return "byte " + std::to_string(address - allocation->start) + " of " + name;
}

static bool take_grains(size_t area, size_t count, size_t &grain_number)
{
    const size_t first = area * (span / grain), last = first + span / grain;
    if (next_grain[area] == 0)
        next_grain[area] = first + 1;
    if (next_grain[area] + count + 1 >= last) { /* round: where nothing is alive any more */
        next_grain[area] = first + 1;
    }
    for (size_t tries = 0; tries < span / grain; tries++) {
        size_t free = 0;
        while (free <= count && next_grain[area] + free < last &&
               !(ranges.owner[next_grain[area] + free] && ranges.owner[next_grain[area] + free]->alive))
            free++;
        if (free > count) {
            grain_number = next_grain[area];
            next_grain[area] += count + 1; /* one grain of red zone */
            return true;
        }
        next_grain[area] += free + 1;
        if (next_grain[area] + count + 1 >= last)
            next_grain[area] = first + 1;
    }
    return false;
}

static void *allocate(size_t bytes, int device, bool pinned)
{
    make_ranges();
    const size_t lead = 512; /* no more aligned than CUDA promises, nearly */
    const size_t count = (lead + bytes + grain - 1) / grain;
    size_t first = 0;
    if (!take_grains(pinned ? (size_t)max_devices : (size_t)device, count, first))
        return nullptr;
    auto allocation = std::make_unique<Allocation>();
    allocation->start = ranges.base + first * grain + (pinned ? 0 : lead);
    allocation->bytes = bytes;
    allocation->device = device;
    allocation->pinned = pinned;
    allocation->number = ++allocated[pinned];
    for (size_t i = 0; i < count; i++)
        ranges.owner[first + i] = allocation.get();
    if (pinned || opened > 0)
        protect(allocation->start, allocation->start + bytes, PROT_READ | PROT_WRITE);
    void *const start = (void *)allocation->start;
    state().allocations[allocation->start] = std::move(allocation);
    return start;
}

/* Work that has not run yet, and says that it uses the allocation. */
static const Work *queued_user(const Allocation &allocation)
{
    for (const Stream *stream : state().lanes_in_use)
        for (const auto &operation : stream->queue) {
            if (!operation->work)
                continue;
            for (const auto *used : {&operation->work->reads, &operation->work->writes})
                for (const gd_standin_range &range : *used)
                    if ((uintptr_t)range.start - allocation.start < allocation.bytes)
                        return operation->work.get();
        }
    return nullptr;
}

/* Frees what starts there; the sentences of misuse begin with `who`. */
static cudaError_t release(const char *who, void *pointer, bool pinned)
{
    State &s = state();
    const auto found = s.allocations.find((uintptr_t)pointer);
    if (found == s.allocations.end() || found->second->pinned != pinned) {
        const bool ours = ranges.base && offset_of((uintptr_t)pointer) < ranges.total;
        gd_standin_fail("%s of what is not an allocation: %s", who,
                        ours ? describe_address((uintptr_t)pointer).c_str() : "pageable host memory");
        return result(cudaErrorInvalidValue);
    }
    Allocation &allocation = *found->second;
    run_anything(SIZE_MAX); /* what is queued shows what it uses */
    if (const uint32_t user = unwaited_user(allocation))
        gd_standin_fail("%s of %s, which %s uses; the host has not waited for it", who,
                        describe_address(allocation.start).c_str(), describe(s.past[user]).c_str());
    if (const Work *const user = queued_user(allocation))
        gd_standin_fail("%s of %s, which %s is going to use", who, describe_address(allocation.start).c_str(),
                        describe(*user).c_str());
    forget(allocation);
    protect(allocation.start, allocation.start + allocation.bytes, PROT_NONE);
    madvise((void *)page_down(allocation.start), allocation.bytes, MADV_DONTNEED);
    allocation.alive = false;
    if (!pinned)
        s.used[(size_t)allocation.device] -= allocation.bytes;
    (void)found->second.release(); /* stays for sentences about freed memory */
    s.allocations.erase(found);
    return cudaSuccess;
}

void add_pin(const gd_standin_range &range, bool written, const Stream &stream,
             const std::shared_ptr<Work> &work)
{
    const Allocation *const allocation = find_allocation((uintptr_t)range.start);
    if (!allocation || !allocation->pinned || range.bytes == 0)
        return;
    for (size_t row = 0; row < range.rows; row++) {
        Pin pin;
        pin.start = (uintptr_t)range.start + row * range.pitch;
        pin.end = pin.start + range.bytes;
        pin.written = written;
        pin.lane = stream.lane;
        pin.sequence = stream.sequence;
        pin.work = work;
        state().pins.push_back(pin);
    }
    if (opened == 0)
        protect_pins();
}

void drop_pins()
{
    State &s = state();
    std::vector<Pin> left;
    for (Pin &pin : s.pins) {
        if (!s.lost && !knows(s.host, pin.lane, pin.sequence))
            left.push_back(pin);
        else if (opened == 0)
            protect(pin.start, pin.end, PROT_READ | PROT_WRITE);
    }
    const bool changed = left.size() != s.pins.size();
    s.pins.swap(left);
    if (changed && opened == 0)
        protect_pins();
}

} /* namespace standin */

using namespace standin;

void gd_standin_open(void)
{
    const Locked lock;
    if (opened++ > 0)
        return;
    for (const auto &entry : state().allocations)
        if (!entry.second->pinned)
            protect(entry.first, entry.first + entry.second->bytes, PROT_READ | PROT_WRITE);
    for (const Pin &pin : state().pins)
        protect(pin.start, pin.end, PROT_READ | PROT_WRITE);
}

void gd_standin_close(void)
{
    const Locked lock;
    if (--opened > 0)
        return;
    for (const auto &entry : state().allocations)
        if (!entry.second->pinned)
            protect(entry.first, entry.first + entry.second->bytes, PROT_NONE);
    protect_pins();
    watch_faults();
}

gd_standin_kind gd_standin_where(const void *start, int *device, const void **allocation, size_t *bytes)
{
    const Locked lock;
    if (!ranges.base || offset_of((uintptr_t)start) >= ranges.total)
        return GD_STANDIN_PAGEABLE;
    const Allocation *const found = find_allocation((uintptr_t)start);
    if (!found)
        return GD_STANDIN_WILD;
    if (device)
        *device = found->device;
    if (allocation)
        *allocation = (const void *)found->start;
    if (bytes)
        *bytes = found->bytes;
    return found->pinned ? GD_STANDIN_PINNED : GD_STANDIN_DEVICE;
}

cudaError_t cudaMalloc(void **pointer, size_t bytes)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (unsafe_in_capture() != cudaSuccess)
        return result(cudaErrorStreamCaptureUnsupported);
    State &s = state();
    const int device = current_device();
    *pointer = nullptr;
    if (bytes == 0)
        return cudaSuccess;
    const bool full = s.used[(size_t)device] + bytes > s.memory;
    if (gd_standin_injected("malloc") || full)
        return result(cudaErrorMemoryAllocation);
    *pointer = allocate(bytes, device, false);
    if (!*pointer)
        return result(cudaErrorMemoryAllocation);
    uint64_t &used = s.used[(size_t)device];
    used += bytes;
    s.peak[(size_t)device] = used > s.peak[(size_t)device] ? used : s.peak[(size_t)device];
    return cudaSuccess;
}

cudaError_t cudaFree(void *pointer)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (unsafe_in_capture() != cudaSuccess)
        return result(cudaErrorStreamCaptureUnsupported);
    return pointer ? release("cudaFree", pointer, false) : cudaSuccess;
}

cudaError_t cudaHostAlloc(void **pointer, size_t bytes, unsigned flags)
{
    const Locked lock;
    (void)flags;
    if (ready() != cudaSuccess)
        return ready();
    if (unsafe_in_capture() != cudaSuccess)
        return result(cudaErrorStreamCaptureUnsupported);
    *pointer = nullptr;
    if (bytes == 0)
        return cudaSuccess;
    if (gd_standin_injected("hostalloc"))
        return result(cudaErrorMemoryAllocation);
    *pointer = allocate(bytes, current_device(), true);
    if (*pointer)
        memset(*pointer, 0xff, bytes); /* no program may rely on zeros, nor on what lay there before */
    return *pointer ? cudaSuccess : result(cudaErrorMemoryAllocation);
}

cudaError_t cudaFreeHost(void *pointer)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    if (unsafe_in_capture() != cudaSuccess)
        return result(cudaErrorStreamCaptureUnsupported);
    return pointer ? release("cudaFreeHost", pointer, true) : cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *left, size_t *total)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    *total = state().memory;
    *left = state().memory - state().used[(size_t)current_device()];
    return cudaSuccess;
}
