/* Execution of kernels: one block after the other; its threads are fibers, which change only where they wait
 * for each other. */
#include "standin/kernel.h"
#include "standin/device.h"
#include "standin/runtime.h"

#undef memcpy
#undef memset
#include <sys/mman.h>
#include <unistd.h>

gd_standin_thread gd_standin_current;

/* Saves what a call preserves on this stack, keeps its pointer in *from, and goes on where `to` was left. */
extern "C" void gd_standin_switch(void **from, void *to);

#if defined(__x86_64__)
asm(".text\n"
    ".globl gd_standin_switch\n"
    ".type gd_standin_switch, @function\n"
    "gd_standin_switch:\n"
    "pushq %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
    "movq %rsp, (%rdi)\n"
    "movq %rsi, %rsp\n"
    "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n"
    "ret\n"
    ".size gd_standin_switch, .-gd_standin_switch\n");
constexpr size_t frame_words = 8, entry_word = 6; /* six registers, the entry, and a word that aligns */
#elif defined(__aarch64__)
asm(".text\n"
    ".globl gd_standin_switch\n"
    ".type gd_standin_switch, %function\n"
    "gd_standin_switch:\n"
    "sub sp, sp, #160\n"
    "stp x19, x20, [sp]\n stp x21, x22, [sp, #16]\n stp x23, x24, [sp, #32]\n stp x25, x26, [sp, #48]\n"
    "stp x27, x28, [sp, #64]\n stp x29, x30, [sp, #80]\n"
    "stp d8, d9, [sp, #96]\n stp d10, d11, [sp, #112]\n stp d12, d13, [sp, #128]\n stp d14, d15, [sp, #144]\n"
    "mov x9, sp\n str x9, [x0]\n mov sp, x1\n"
    "ldp x19, x20, [sp]\n ldp x21, x22, [sp, #16]\n ldp x23, x24, [sp, #32]\n ldp x25, x26, [sp, #48]\n"
    "ldp x27, x28, [sp, #64]\n ldp x29, x30, [sp, #80]\n"
    "ldp d8, d9, [sp, #96]\n ldp d10, d11, [sp, #112]\n ldp d12, d13, [sp, #128]\n ldp d14, d15, [sp, #144]\n"
    "add sp, sp, #160\n"
    "ret\n"
    ".size gd_standin_switch, .-gd_standin_switch\n");
constexpr size_t frame_words = 20, entry_word = 11;
#else
#error "the stand-in device knows x86-64 and aarch64"
#endif

namespace standin
{

namespace
{
constexpr uint32_t most_threads = 1024;
constexpr size_t stack_bytes = 64 << 10;

enum class At { nowhere, barrier, shuffle, end };

struct Kernel {
    std::string name;
    gd_standin_kernel launch;
    void *arguments;
};

struct Fibers {
    char *stacks = nullptr;
    void *saved[most_threads];    /* of each fiber: where it was left */
    uint32_t fiber[most_threads]; /* of each thread that waits */
    At at[most_threads];
    double value[most_threads]; /* of a shuffle */
    unsigned delta[most_threads];
    void *scheduler;
    uint32_t current_fiber, current_thread;
    uint32_t started, threads; /* of the block */
    const Kernel *kernel;
    bool left;
};
} /* namespace */

static Fibers fibers;

static void make_stacks()
{
    fibers.stacks = (char *)mmap(nullptr, (most_threads + 1) * stack_bytes, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fibers.stacks == MAP_FAILED)
        gd_standin_fail("no memory for the stacks of a block");
    for (uint32_t i = 0; i < most_threads; i++) /* a kernel that needs more stack meets a closed page */
        mprotect(fibers.stacks + i * stack_bytes, 4096, PROT_NONE);
}

/* Beside the stacks, where threads may read and write. */
static void *arguments_place()
{
    return fibers.stacks + most_threads * stack_bytes;
}

static void set_thread(uint32_t thread)
{
    const dim3 size = gd_standin_current.block_size;
    gd_standin_current.thread = {thread % size.x, thread / size.x % size.y, thread / size.x / size.y};
    fibers.current_thread = thread;
    launch.tag = launch.phase_first + thread;
}

/* Each fiber runs threads that have not begun, one after the other, until one of them waits. */
static void run_threads()
{
    while (fibers.started < fibers.threads) {
        set_thread(fibers.started++);
        fibers.kernel->launch.call(arguments_place());
        fibers.at[fibers.current_thread] = At::end;
    }
    void *nowhere;
    gd_standin_switch(&nowhere, fibers.scheduler);
    __builtin_trap();
}

static void start_fiber(uint32_t fiber)
{
    void **const frame = (void **)(fibers.stacks + (fiber + 1) * stack_bytes) - frame_words;
    for (size_t i = 0; i < frame_words; i++)
        frame[i] = nullptr;
    frame[entry_word] = (void *)run_threads;
    fibers.current_fiber = fiber;
    gd_standin_switch(&fibers.scheduler, frame);
}

static void resume(uint32_t thread)
{
    set_thread(thread);
    fibers.at[thread] = At::nowhere;
    fibers.current_fiber = fibers.fiber[thread];
    gd_standin_switch(&fibers.scheduler, fibers.saved[fibers.current_fiber]);
}

/* The thread that runs waits; goes on when the scheduler resumes it. */
static void wait_at(At at)
{
    const uint32_t fiber = fibers.current_fiber, thread = fibers.current_thread;
    fibers.at[thread] = at;
    fibers.fiber[thread] = fiber;
    gd_standin_switch(&fibers.saved[fiber], fibers.scheduler);
}

static uint32_t count(At at, uint32_t first, uint32_t last)
{
    uint32_t sum = 0;
    for (uint32_t i = first; i < last; i++)
        sum += fibers.at[i] == at;
    return sum;
}

static void misuse(const char *what)
{
    const uint3 block = gd_standin_current.block;
    gd_standin_fail("%s%s, block (%u, %u, %u): %s", fibers.kernel->name.c_str(),
                    place_of(fibers.kernel->launch.file, fibers.kernel->launch.line).c_str(), block.x,
                    block.y, block.z, what);
    fibers.left = true;
}

/* All warps of which a lane is at a shuffle go on, each whole. */
static bool shuffle_warps()
{
    bool any = false;
    for (uint32_t first = 0; first < fibers.threads && !fibers.left; first += 32) {
        const uint32_t last = first + 32 < fibers.threads ? first + 32 : fibers.threads;
        const uint32_t waiting = count(At::shuffle, first, last);
        if (waiting == 0)
            continue;
        any = true;
        if (waiting < 32) {
            misuse(("only " + std::to_string(waiting) + " of the 32 lanes of a warp reach gd_shuffle_down")
                       .c_str());
            return true;
        }
        double moved[32];
        for (uint32_t lane = 0; lane < 32; lane++) {
            const uint32_t from = lane + fibers.delta[first + lane];
            moved[lane] = fibers.value[first + (from < 32 ? from : lane)];
        }
        for (uint32_t lane = 0; lane < 32; lane++)
            fibers.value[first + lane] = moved[lane];
        for (uint32_t lane = 0; lane < 32 && !fibers.left; lane++)
            resume(first + lane);
    }
    return any;
}

/* All threads are at a barrier: they go on, and what they do from here on comes after what all did before. */
static void pass_barrier()
{
    launch.phase_first = launch.next;
    launch.next += fibers.threads;
    for (uint32_t thread = 0; thread < fibers.threads && !fibers.left; thread++)
        resume(thread);
}

static void run_block()
{
    fibers.started = 0;
    launch.block_first = launch.phase_first = launch.next;
    launch.next += fibers.threads;
    for (uint32_t fiber = 0; fibers.started < fibers.threads && !fibers.left; fiber++)
        start_fiber(fiber);
    while (!fibers.left) {
        if (shuffle_warps())
            continue;
        const uint32_t waiting = count(At::barrier, 0, fibers.threads);
        if (waiting == 0)
            return;
        if (waiting < fibers.threads)
            misuse(("only " + std::to_string(waiting) + " of " + std::to_string(fibers.threads) +
                    " threads reach gd_barrier")
                       .c_str());
        else
            pass_barrier();
    }
}

/* Blocks come in no promised order. */
static uint64_t block_at(uint64_t i, uint64_t blocks, uint64_t turn)
{
    switch (state().order) {
    case Order::eager:
        return i;
    case Order::late:
        return blocks - 1 - i;
    default:
        return (i + turn) % blocks;
    }
}

static gd_standin_step run_kernel(void *state_)
{
    Kernel &kernel = *(Kernel *)state_;
    const dim3 grid = kernel.launch.grid, block = kernel.launch.block;
    const uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z, turn = draw();
    if (!fibers.stacks)
        make_stacks();
    fibers.kernel = &kernel;
    fibers.threads = block.x * block.y * block.z;
    fibers.left = false;
    gd_standin_current.block_size = block;
    gd_standin_current.grid_size = grid;
    begin_launch(blocks * fibers.threads);
    launch.races = state().races;
    launch.device = state().running_stream->device;
    launch.stacks = (uintptr_t)fibers.stacks;
    launch.stack_bytes = (most_threads + 1) * stack_bytes;
    memcpy(arguments_place(), kernel.arguments, kernel.launch.bytes);
    watch_accesses(true);
    for (uint64_t i = 0; i < blocks && !fibers.left; i++) {
        const uint64_t at = block_at(i, blocks, turn);
        gd_standin_current.block = {(unsigned)(at % grid.x), (unsigned)(at / grid.x % grid.y),
                                    (unsigned)(at / grid.x / grid.y)};
        run_block();
    }
    watch_accesses(false);
    return fibers.left ? GD_STANDIN_BROKEN : GD_STANDIN_DONE;
}

static void release_kernel(void *state_)
{
    Kernel *const kernel = (Kernel *)state_;
    free(kernel->arguments);
    delete kernel;
}

void leave_kernel()
{
    fibers.left = true;
    void *nowhere;
    gd_standin_switch(&nowhere, fibers.scheduler);
    __builtin_trap();
}

/* The limits of every device since compute capability 3.0. */
static bool launch_fits(const gd_standin_kernel &kernel)
{
    const dim3 grid = kernel.grid, block = kernel.block;
    const bool some = (uint64_t)grid.x * grid.y * grid.z > 0 && (uint64_t)block.x * block.y * block.z > 0;
    const bool few = grid.x <= INT32_MAX && grid.y <= 65535 && grid.z <= 65535 && block.x <= 1024 &&
                     block.y <= 1024 && block.z <= 64 &&
                     (uint64_t)block.x * block.y * block.z <= most_threads && kernel.bytes <= 4096;
    return some && few;
}

} /* namespace standin */

using namespace standin;

void gd_barrier(void)
{
    wait_at(At::barrier);
}

double gd_shuffle_down(double value, unsigned delta)
{
    const uint32_t thread = fibers.current_thread;
    fibers.value[thread] = value;
    fibers.delta[thread] = delta;
    wait_at(At::shuffle);
    return fibers.value[thread];
}

cudaError_t gd_standin_launch(cudaStream_t stream, const gd_standin_kernel *launched)
{
    const Locked lock;
    if (ready() != cudaSuccess)
        return ready();
    const dim3 grid = launched->grid, block = launched->block;
    if (!launch_fits(*launched)) {
        gd_standin_fail("%s%s: a grid of (%u, %u, %u) blocks of (%u, %u, %u) threads cannot be launched",
                        launched->name, place_of(launched->file, launched->line).c_str(), grid.x, grid.y,
                        grid.z, block.x, block.y, block.z);
        return result(cudaErrorInvalidConfiguration);
    }
    if (gd_standin_injected("launch"))
        return result(cudaErrorLaunchOutOfResources);
    const int device = gd_standin_device_of(launched->name, stream);
    if (device >= 0 && device != current_device())
        gd_standin_fail("%s%s is launched on a stream of device %d while device %d is current",
                        launched->name, place_of(launched->file, launched->line).c_str(), device,
                        current_device());
    Kernel *const kernel =
        new Kernel{launched->name, *launched, aligned_alloc(64, (launched->bytes + 63) / 64 * 64)};
    memcpy(kernel->arguments, launched->arguments, launched->bytes);
    gd_standin_work work = {};
    work.name = launched->name;
    work.file = launched->file;
    work.line = launched->line;
    work.run = run_kernel;
    work.release = release_kernel;
    work.state = kernel;
    gd_standin_queue(stream, &work);
    return cudaGetLastError(); /* as the launch of nvcc: with what was not asked for before */
}
