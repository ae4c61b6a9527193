/* What is known of every byte: whether it was written, and by which operations it was written and read, so
 * that two operations that nothing orders are found whatever the order was in which they happened to run. */
#include "standin/runtime.h"

#include <cstring>
#include <sys/mman.h>
#include <unordered_map>

namespace standin
{

namespace
{
/* For the operation that runs. */
struct Checks {
    Operation *operation = nullptr;
    Stream *stream = nullptr;
    uint32_t last_writer = 0;                    /* known to come before */
    std::unordered_map<uint32_t, bool> before;   /* does this operation come before? */
    std::unordered_map<uint32_t, uint32_t> next; /* set of readers -> the same with this one */
    uint32_t last_set = 0, last_next = 0, last_cleared = 0;
    std::unordered_map<uint32_t, bool> sets_before;
};
} /* namespace */

static Checks checks;
static std::vector<std::vector<uint32_t>> sets(1); /* of readers; 0 is empty */

void begin_checks(Operation &operation, Stream &stream)
{
    checks = Checks();
    checks.operation = &operation;
    checks.stream = &stream;
    checks.last_set = UINT32_MAX;
}

static bool comes_before(uint32_t id)
{
    if (id == 0 || id == checks.operation->id)
        return true;
    const Past &past = state().past[id];
    return knows(checks.operation->clock, past.lane, past.sequence);
}

static void unordered(const char *what, uint32_t id, uintptr_t address)
{
    gd_standin_fail(
        "%s %s what %s %s: %s; no event and no wait of the host orders them",
        describe(state().past[checks.operation->id]).c_str(),
        strncmp(what, "read", 4) == 0 ? "reads" : "overwrites", describe(state().past[id]).c_str(),
        strcmp(what, "overwrite-read") == 0 ? "reads" : "writes", describe_address(address).c_str());
}

static bool check_writer(uint32_t writer, bool write, uintptr_t address)
{
    if (writer == checks.last_writer || writer == 0)
        return true;
    const auto known = checks.before.find(writer);
    const bool before = known != checks.before.end() ? known->second : comes_before(writer);
    checks.before[writer] = before;
    if (!before) {
        unordered(write ? "overwrite-written" : "read-written", writer, address);
        return false;
    }
    checks.last_writer = writer;
    return true;
}

/* The set of readers that are not known to come before, and this operation. */
static uint32_t with_this(uint32_t set)
{
    const auto known = checks.next.find(set);
    if (known != checks.next.end())
        return known->second;
    std::vector<uint32_t> readers;
    for (const uint32_t reader : sets[set])
        if (!comes_before(reader))
            readers.push_back(reader);
    readers.push_back(checks.operation->id);
    uint32_t next = 0;
    for (const auto &made : checks.next) /* the same set may come from several */
        if (sets[made.second] == readers)
            next = made.second;
    if (next == 0) {
        sets.push_back(readers);
        next = (uint32_t)(sets.size() - 1);
    }
    checks.next[set] = next;
    checks.next[next] = next;
    return next;
}

static bool check_readers(uint32_t set, uintptr_t address)
{
    if (set == 0 || set == checks.last_cleared)
        return true;
    const auto known = checks.sets_before.find(set);
    if (known != checks.sets_before.end()) {
        if (known->second)
            checks.last_cleared = set;
        return known->second;
    }
    for (const uint32_t reader : sets[set])
        if (!comes_before(reader)) {
            unordered("overwrite-read", reader, address);
            return checks.sets_before[set] = false;
        }
    return checks.sets_before[set] = true;
}

static void touch(size_t first, size_t last)
{
    for (size_t at = 4 * first / grain; at <= 4 * last / grain; at++)
        ranges.touched[at] = 1;
}

bool reads_in_order(uintptr_t start, size_t bytes)
{
    const size_t first = offset_of(start) / 4, last = (offset_of(start) + bytes - 1) / 4;
    for (size_t i = first; i <= last; i++) {
        if (!check_writer(ranges.writer[i], false, ranges.base + 4 * i))
            return false;
        const uint32_t set = ranges.readers[i];
        if (set != checks.last_set) {
            checks.last_next = with_this(set);
            checks.last_set = set;
        }
        if (set != checks.last_next)
            ranges.readers[i] = checks.last_next;
    }
    touch(first, last);
    return true;
}

bool writes_in_order(uintptr_t start, size_t bytes)
{
    const size_t first = offset_of(start) / 4, last = (offset_of(start) + bytes - 1) / 4;
    for (size_t i = first; i <= last; i++) {
        if (!check_writer(ranges.writer[i], true, ranges.base + 4 * i) ||
            !check_readers(ranges.readers[i], ranges.base + 4 * i))
            return false;
        ranges.writer[i] = checks.operation->id;
        ranges.readers[i] = 0;
    }
    touch(first, last);
    return true;
}

void note_written(uintptr_t start, size_t bytes, bool written)
{
    memset(ranges.written + offset_of(start), written, bytes);
}

static bool range_inside(const std::string &who, const gd_standin_range &range)
{
    const uintptr_t start = (uintptr_t)range.start;
    const size_t bytes = range.rows > 1 ? (range.rows - 1) * range.pitch + range.bytes : range.bytes;
    if (range.bytes == 0 || range.rows == 0)
        return true;
    const Allocation *const allocation = ranges.base ? find_allocation(start) : nullptr;
    if (!allocation) {
        gd_standin_fail("%s uses %s", who.c_str(), describe_address(start).c_str());
        return false;
    }
    if (start + bytes > allocation->start + allocation->bytes) {
        gd_standin_fail("%s runs over the end of %s by %zu bytes", who.c_str(),
                        describe_address(start).c_str(),
                        start + bytes - allocation->start - allocation->bytes);
        return false;
    }
    return true;
}

static bool range_written(const std::string &who, const gd_standin_range &range)
{
    const Allocation *const allocation = find_allocation((uintptr_t)range.start);
    if (!allocation || allocation->pinned) /* what the host writes is not seen */
        return true;
    for (size_t row = 0; row < range.rows; row++) {
        const uintptr_t start = (uintptr_t)range.start + row * range.pitch;
        const void *const unwritten = memchr(ranges.written + offset_of(start), 0, range.bytes);
        if (unwritten) {
            const size_t at = (size_t)((const uint8_t *)unwritten - ranges.written);
            gd_standin_fail("%s reads what was never written: %s", who.c_str(),
                            describe_address(ranges.base + at).c_str());
            return false;
        }
    }
    return true;
}

bool check_range(const std::string &who, const gd_standin_range &range, bool write)
{
    if (!range_inside(who, range) || (!write && !range_written(who, range)))
        return false;
    const Allocation *const allocation = find_allocation((uintptr_t)range.start);
    if (allocation && !allocation->pinned && allocation->device != checks.stream->device) {
        gd_standin_fail("%s on device %d uses memory of device %d", who.c_str(), checks.stream->device,
                        allocation->device);
        return false;
    }
    for (size_t row = 0; row < range.rows && range.bytes > 0; row++) {
        const uintptr_t start = (uintptr_t)range.start + row * range.pitch;
        if (!(write ? writes_in_order(start, range.bytes) : reads_in_order(start, range.bytes)))
            return false;
    }
    return true;
}

static bool host_waited(uint32_t id)
{
    return id == 0 || knows(state().host, state().past[id].lane, state().past[id].sequence);
}

uint32_t unwaited_user(const Allocation &allocation)
{
    const size_t start = offset_of(allocation.start), end = start + allocation.bytes;
    uint32_t writer = 0, set = 0;
    for (size_t at = start / grain; at <= (end - 1) / grain; at++) {
        const size_t low = at * grain > start ? at * grain : start;
        const size_t high = (at + 1) * grain < end ? (at + 1) * grain : end;
        for (size_t i = low / 4; ranges.touched[at] && i < (high + 3) / 4; i++) {
            if (ranges.writer[i] != writer && !host_waited(writer = ranges.writer[i]))
                return writer;
            if (ranges.readers[i] == set)
                continue;
            set = ranges.readers[i];
            for (const uint32_t reader : sets[set])
                if (!host_waited(reader))
                    return reader;
        }
    }
    return 0;
}

/* Drops the pages that hold the shadow of [start, end), but for those shared with others: allocations have
 * grains of their own. */
static void drop(void *shadow, size_t start, size_t end)
{
    madvise((char *)shadow + start / grain * grain, (end + grain - 1) / grain * grain - start / grain * grain,
            MADV_DONTNEED);
}

void forget(const Allocation &allocation)
{
    const size_t start = offset_of(allocation.start), end = start + allocation.bytes;
    drop(ranges.written, start, end);
    drop(ranges.writer, start, end);
    drop(ranges.readers, start, end);
    for (size_t at = start / grain; at <= (end - 1) / grain; at++)
        ranges.touched[at] = 0;
}

} /* namespace standin */

using namespace standin;

bool gd_standin_inside(const char *who, const gd_standin_range *range)
{
    const Locked lock;
    return range_inside(who, *range);
}

bool gd_standin_written(const char *who, const gd_standin_range *range)
{
    const Locked lock;
    return range_inside(who, *range) && range_written(who, *range);
}

void gd_standin_mark(const gd_standin_range *range, bool written)
{
    const Locked lock;
    for (size_t row = 0; row < range->rows && range->bytes > 0; row++)
        note_written((uintptr_t)range->start + row * range->pitch, range->bytes, written);
}
