/* What the execution of kernels and the check of their accesses share. */
#ifndef GD_STANDIN_KERNEL_H
#define GD_STANDIN_KERNEL_H

#include <cstddef>
#include <cstdint>

namespace standin
{

/* Tags number the threads of all launches, anew after each barrier: a tag tells whose access it was, and
 * whether a barrier lies between. The top bit marks atomic writes, and reads by several threads. */
struct Launch {
    uint32_t first;       /* tag of this launch; smaller ones are of earlier launches */
    uint32_t block_first; /* ... of this block */
    uint32_t phase_first; /* ... of this block since the last barrier */
    uint32_t tag;         /* of the thread that runs */
    uint32_t next;        /* not given out yet */
    uint32_t number;      /* of the launch */
    bool races;           /* are they looked for? */
    int device;
    uintptr_t stacks, stack_bytes; /* of the fibers, and the arguments */
};
constexpr uint32_t tag_flag = 1u << 31;

extern Launch launch;

/* Ends the launch, from inside a kernel: after a misuse that a test expects. Does not return. */
[[noreturn]] void leave_kernel();

/* Begins a launch of so many threads: new tags. */
void begin_launch(uint64_t threads);

/* From here on accesses of this thread of the host are those of a kernel, or no longer. */
void watch_accesses(bool watch);

} /* namespace standin */

#endif
