/* Every access that a kernel makes to memory: the compiler calls these functions before it
 * (-fsanitize=thread), and here they check it. */
#include "standin/device.h"
#include "standin/kernel.h"
#include "standin/runtime.h"

#undef memcpy
#undef memset
#include <sys/mman.h>

/* Where the program's own variables lie: __shared__ ones are among them. */
extern "C" char __data_start, _end, __executable_start;

namespace standin
{

Launch launch;

namespace
{
constexpr size_t page = 4096;
constexpr unsigned word = 4;
/* Of each word of a page, in the first quarter; once something smaller than a word is touched, of each byte.
 */
struct Tags {
    uint32_t writer[page], reader[page];
};
struct Entry {
    uint32_t launch;          /* that the page was last used in */
    uint32_t tags : 31;       /* the number of its tags among the pool's */
    uint32_t bytes_apart : 1; /* a tag for each byte */
};
enum class Access { read, write, atomic };
} /* namespace */

static thread_local bool watched __attribute__((tls_model("initial-exec")));
static Entry *entries; /* of each page of device and pinned memory */
static Tags *pool;     /* used anew by each launch */
static uint32_t pool_used;
static constexpr size_t pool_pages = 1 << 22;
static uint32_t *shared_writer, *shared_reader; /* of the program's variables */

static void *reserve(size_t bytes)
{
    void *const start =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        gd_standin_fail("no addresses for the tags of accesses");
    madvise(start, bytes, MADV_DONTDUMP);
    return start;
}

static size_t data_bytes()
{
    return (size_t)(&_end - &__data_start);
}

static void make_tags()
{
    entries = (Entry *)reserve(ranges.total / page * sizeof(Entry));
    pool = (Tags *)reserve(pool_pages * sizeof(Tags));
    shared_writer = (uint32_t *)reserve(data_bytes() * sizeof(uint32_t));
    shared_reader = (uint32_t *)reserve(data_bytes() * sizeof(uint32_t));
    launch.next = 1;
}

void begin_launch(uint64_t threads)
{
    if (!entries)
        make_tags();
    if (pool_used > 1 << 15) /* a gigabyte */
        madvise(pool, pool_used * sizeof(Tags), MADV_DONTNEED);
    /* Half of the tags are kept for what begins after barriers. */
    if (launch.next + 2 * threads > tag_flag / 2) {
        madvise(pool, pool_pages * sizeof(Tags), MADV_DONTNEED);
        madvise(shared_writer, data_bytes() * sizeof(uint32_t), MADV_DONTNEED);
        madvise(shared_reader, data_bytes() * sizeof(uint32_t), MADV_DONTNEED);
        launch.next = 1;
    }
    pool_used = 0;
    launch.number++;
    launch.first = launch.next;
}

void watch_accesses(bool watch)
{
    watched = watch;
}

static std::string who()
{
    const uint3 b = gd_standin_current.block, t = gd_standin_current.thread;
    const Operation *const operation = state().running;
    return describe(*operation->work) + ", block (" + std::to_string(b.x) + ", " + std::to_string(b.y) +
           ", " + std::to_string(b.z) + ") thread (" + std::to_string(t.x) + ", " + std::to_string(t.y) +
           ", " + std::to_string(t.z) + ")";
}

/* Tells what is wrong; ends the launch where a test expected it. */
static void wrong(const char *what, uintptr_t address)
{
    watched = false;
    const std::string where = offset_of(address) < ranges.total ? describe_address(address) : "";
    gd_standin_fail("%s %s%s", who().c_str(), what, where.c_str());
    leave_kernel();
}

/* May the thread that runs meet what `tag` did without a race? Tags below `first` are of the past. */
static inline bool apart(uint32_t tag, uint32_t first)
{
    tag &= ~tag_flag;
    return tag < first || tag == launch.tag || (tag >= launch.block_first && tag < launch.phase_first);
}

static inline void note_read(uint32_t &reader, uint32_t first)
{
    if (reader == launch.tag)
        return;
    const uint32_t tag = reader & ~tag_flag;
    const bool old = tag < first || (tag >= launch.block_first && tag < launch.phase_first);
    if (old)
        reader = launch.tag;
    else
        reader |= tag_flag;
}

/* What `count` tags tell about an access, and how they change; false: a race. */
static bool race_free_one_by_one(uint32_t *writer, uint32_t *reader, unsigned count, Access access,
                                 uint32_t first)
{
    bool free = true;
    for (unsigned i = 0; i < count; i++) {
        const bool both_atomic = access == Access::atomic && (writer[i] & tag_flag);
        free = free && (both_atomic || apart(writer[i], first));
        if (access == Access::read) {
            note_read(reader[i], first);
        } else {
            const bool others = (reader[i] & tag_flag) && (reader[i] & ~tag_flag) == launch.tag;
            free = free && apart(reader[i], first) && !others;
            writer[i] = access == Access::atomic ? launch.tag | tag_flag : launch.tag;
        }
    }
    return free;
}

/* The same, quickly for what is met most: nobody else has been there in this launch, or all have only read.
 */
static inline bool race_free(uint32_t *writer, uint32_t *reader, unsigned count, Access access,
                             uint32_t first)
{
    const uint32_t tag = launch.tag;
    bool plain = access != Access::atomic, fresh = true, noted = true;
    for (unsigned i = 0; i < count; i++) {
        plain = plain && (writer[i] < first || writer[i] == tag);
        fresh = fresh && (reader[i] < first || reader[i] == tag);
        noted = noted && (reader[i] & tag_flag) && (reader[i] & ~tag_flag) >= first;
    }
    noted = noted && launch.phase_first == launch.block_first; /* no reader is of before a barrier */
    if (!plain || !(fresh || (noted && access == Access::read)))
        return race_free_one_by_one(writer, reader, count, access, first);
    uint32_t *const changed = access == Access::read ? reader : writer;
    for (unsigned i = 0; fresh && i < count; i++)
        changed[i] = tag;
    return true;
}

static void spread(uint32_t *tags)
{
    for (size_t i = page; i-- > 0;)
        tags[i] = tags[i / word];
}

static Tags &tags_of(Entry &entry)
{
    if (entry.launch != launch.number) {
        if (pool_used == pool_pages)
            wrong("touches more memory than races can be looked for in (GD_STANDIN_RACES=off)", 0);
        entry.launch = launch.number;
        entry.tags = pool_used++;
        entry.bytes_apart = 0;
    }
    return pool[entry.tags];
}

static void look_for_race(size_t at, unsigned size, Access access)
{
    const size_t in_page = at % page;
    const unsigned here = in_page + size <= page ? size : (unsigned)(page - in_page);
    Entry &entry = entries[at / page];
    Tags &tags = tags_of(entry);
    if (!entry.bytes_apart && (in_page % word || here % word)) {
        entry.bytes_apart = 1;
        spread(tags.writer);
        spread(tags.reader);
    }
    const unsigned unit = entry.bytes_apart ? 1 : word;
    if (!race_free(tags.writer + in_page / unit, tags.reader + in_page / unit, here / unit, access,
                   launch.first))
        wrong("races with another thread of its launch for ", ranges.base + at);
    if (here < size)
        look_for_race(at + here, size - here, access);
}

static void device_access(uintptr_t address, unsigned size, Access access)
{
    const size_t at = offset_of(address);
    const Allocation *const allocation = ranges.owner[at / grain];
    if (!allocation || !allocation->alive || address < allocation->start ||
        address + size > allocation->start + allocation->bytes)
        wrong(access == Access::read ? "reads outside of memory that is alive: "
                                     : "writes outside of memory that is alive: ",
              address);
    if (!allocation->pinned && allocation->device != launch.device)
        wrong("uses memory of another device: ", address);
    uint8_t *const written = ranges.written + at;
    if (access != Access::write && !allocation->pinned)
        if (const void *const gap = memchr(written, 0, size))
            wrong("reads what was never written: ", address + (size_t)((const uint8_t *)gap - written));
    const bool ordered =
        access == Access::read ? reads_in_order(address, size) : writes_in_order(address, size);
    if (!ordered) {
        watched = false;
        leave_kernel();
    }
    if (access != Access::read)
        memset(written, 1, size);
    if (launch.races)
        look_for_race(at, size, access);
}

static void shared_access(uintptr_t address, unsigned size, Access access)
{
    const size_t at = address - (uintptr_t)&__data_start;
    if (access != Access::write)
        for (unsigned i = 0; i < size; i++)
            if ((shared_writer[at + i] & ~tag_flag) < launch.block_first)
                wrong("reads shared memory that its block has not written", address);
    if (!race_free(shared_writer + at, shared_reader + at, size, access, launch.block_first))
        wrong("races with another thread of its block for shared memory", address);
}

/* Counts how often lines are executed lie between shared variables: where there are such
 * (scripts/coverage.py), neither is checked. */
#ifdef GD_STANDIN_COUNTED
static const bool counted = true;
#else
static const bool counted = false;
#endif

static void other_access(uintptr_t address, unsigned size, Access access)
{
    if (address - (uintptr_t)&__data_start < data_bytes()) {
        if (!counted)
            shared_access(address, size, access);
    } else if (address - (uintptr_t)&__executable_start < (uintptr_t)(&__data_start - &__executable_start)) {
        if (access != Access::read)
            wrong("writes to constants", address);
    } else
        wrong("uses pageable host memory", address);
}

static inline void check(void *pointer, unsigned size, Access access, bool aligned)
{
    if (!watched)
        return;
    const uintptr_t address = (uintptr_t)pointer;
    if (address - launch.stacks < launch.stack_bytes ||
        address - (uintptr_t)&gd_standin_current < sizeof gd_standin_current)
        return;
    if (aligned && (address & (size - 1)))
        wrong("makes an access that is not aligned to its size: ", address);
    if (offset_of(address) < ranges.total)
        device_access(address, size, access);
    else
        other_access(address, size, access);
}

static void check_long(void *pointer, size_t bytes, Access access)
{
    for (size_t done = 0; done < bytes; done += 1024)
        check((char *)pointer + done, (unsigned)(bytes - done < 1024 ? bytes - done : 1024), access, false);
}

} /* namespace standin */

using namespace standin;

extern "C" {
#define ACCESSES(size)                                                                                       \
    void __tsan_read##size(void *address);                                                                   \
    void __tsan_write##size(void *address);                                                                  \
    void __tsan_read##size(void *address)                                                                    \
    {                                                                                                        \
        check(address, size, Access::read, true);                                                            \
    }                                                                                                        \
    void __tsan_write##size(void *address)                                                                   \
    {                                                                                                        \
        check(address, size, Access::write, true);                                                           \
    }
#define UNALIGNED(size)                                                                                      \
    void __tsan_unaligned_read##size(void *address);                                                         \
    void __tsan_unaligned_write##size(void *address);                                                        \
    void __tsan_unaligned_read##size(void *address)                                                          \
    {                                                                                                        \
        check(address, size, Access::read, false);                                                           \
    }                                                                                                        \
    void __tsan_unaligned_write##size(void *address)                                                         \
    {                                                                                                        \
        check(address, size, Access::write, false);                                                          \
    }
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
UNALIGNED(2)
UNALIGNED(4)
UNALIGNED(8)
UNALIGNED(16)

void __tsan_init(void);
void __tsan_func_entry(void *);
void __tsan_func_exit(void *);
void __tsan_read_range(void *, size_t);
void __tsan_write_range(void *, size_t);

void __tsan_init(void) {}

void __tsan_func_entry(void *) {}

void __tsan_func_exit(void *) {}

void __tsan_read_range(void *address, size_t bytes)
{
    check_long(address, bytes, Access::read);
}

void __tsan_write_range(void *address, size_t bytes)
{
    check_long(address, bytes, Access::write);
}

/* The compiler puts these in place of atomic operations; gd_standin_atomic has looked at them before. */
#define ATOMICS(bits, type)                                                                                  \
    type __tsan_atomic##bits##_exchange(volatile type *at, type value, int);                                 \
    type __tsan_atomic##bits##_fetch_or(volatile type *at, type value, int);                                 \
    type __tsan_atomic##bits##_fetch_add(volatile type *at, type value, int);                                \
    type __tsan_atomic##bits##_exchange(volatile type *at, type value, int)                                  \
    {                                                                                                        \
        return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                                             \
    }                                                                                                        \
    type __tsan_atomic##bits##_fetch_or(volatile type *at, type value, int)                                  \
    {                                                                                                        \
        return __atomic_fetch_or(at, value, __ATOMIC_SEQ_CST);                                               \
    }                                                                                                        \
    type __tsan_atomic##bits##_fetch_add(volatile type *at, type value, int)                                 \
    {                                                                                                        \
        return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);                                              \
    }
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
}

void gd_standin_atomic(void *address, size_t bytes)
{
    check(address, (unsigned)bytes, Access::atomic, true);
}

void *gd_standin_memcpy(void *to, const void *from, size_t bytes)
{
    check_long((void *)from, bytes, Access::read);
    check_long(to, bytes, Access::write);
    return memcpy(to, from, bytes);
}

void *gd_standin_memset(void *to, int value, size_t bytes)
{
    check_long(to, bytes, Access::write);
    return memset(to, value, bytes);
}
