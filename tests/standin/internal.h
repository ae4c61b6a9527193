/* What the parts of the stand-in device ask of its runtime: NCCL over MPI, the execution of cuDNN plans, and
 * the shim that kernels are compiled with. All functions may be called from any thread; one recursive lock
 * guards everything, and is held while work runs. */
#ifndef GD_STANDIN_INTERNAL_H
#define GD_STANDIN_INTERNAL_H

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `rows` pieces of `bytes` bytes, `pitch` bytes from start to start (a channel slice, a rectangle). rows ==
 * 1: one piece, pitch is not looked at. */
typedef struct gd_standin_range {
    const void *start;
    size_t bytes, rows, pitch;
} gd_standin_range;

typedef enum gd_standin_step {
    GD_STANDIN_DONE,
    GD_STANDIN_AGAIN, /* not yet: ask again later (a receive whose message has not come) */
    GD_STANDIN_BROKEN /* the device is lost: cudaErrorLaunchFailure from now on */
} gd_standin_step;

/* One operation for a stream. It is queued, and runs when something forces it; in a capture it is recorded,
 * and runs at each launch of the graph. */
typedef struct gd_standin_work {
    const char *name; /* copied; shown in sentences, and matched by GD_STANDIN_SLOW and gd_standin_duration */
    const char *file; /* static storage, or NULL */
    int line;
    gd_standin_step (*run)(void *state); /* called with the lock held and device memory open to the host */
    void (*release)(void *state);        /* once, when it will never run again; NULL: nothing to release */
    void *state;
    /* What it reads and writes, in device or pinned memory; copied. Checked before the first call of run:
     * inside one allocation, not freed, written before it is read, and ordered after every other operation on
     * the same bytes. What it writes counts as written once it is done. */
    const gd_standin_range *reads, *writes;
    size_t read_count, write_count;
    bool (*may_run)(void); /* may this thread run it now (does it own MPI?); NULL: every thread may */
    bool not_in_graphs;    /* a misuse in a capture */
} gd_standin_work;

/* Queues work on a stream (or records it, when the stream is capturing). The error is the stream's: capture
 * invalidated, sticky launch failure, injected failures. On error, release has been called. */
cudaError_t gd_standin_queue(cudaStream_t stream, const gd_standin_work *work);

/* Fails the test with one sentence, "standin: ..." on stderr: ends the process with exit code 86, unless a
 * test expects the sentence (standin.h): then it returns. */
void gd_standin_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Runs everything queued that can run, on all streams, without blocking: to be called where the program waits
 * outside of CUDA while the device would have gone on (inside MPI_Wait, MPI_Barrier, ...). Does nothing in a
 * thread that is running work already. true: something ran. */
bool gd_standin_progress(void);

/* The recursive lock. */
void gd_standin_lock(void);
void gd_standin_unlock(void);

/* Device memory may be touched by the host between open and close (calls nest). While work runs it is open.
 */
void gd_standin_open(void);
void gd_standin_close(void);

/* What an address is. */
typedef enum gd_standin_kind {
    GD_STANDIN_PAGEABLE, /* plain host memory, also memory of the program itself */
    GD_STANDIN_PINNED,
    GD_STANDIN_DEVICE,
    GD_STANDIN_WILD /* of the stand-in's ranges, but of no allocation: freed, never made, or a red zone */
} gd_standin_kind;

/* start: any address. *device, *allocation, *bytes (each may be NULL): where it lies, for pinned and device
 * memory that is alive. */
gd_standin_kind gd_standin_where(const void *start, int *device, const void **allocation, size_t *bytes);

/* Is the range inside one allocation (device memory, or pinned)? Fails with a sentence that starts with
 * `who`. */
bool gd_standin_inside(const char *who, const gd_standin_range *range);

/* Has every byte been written? Fails with a sentence that names the first that was not. */
bool gd_standin_written(const char *who, const gd_standin_range *range);

/* Marks bytes as written, or as never written (what a plan leaves undefined, say). For use inside of run. */
void gd_standin_mark(const gd_standin_range *range, bool written);

/* The device of a stream, or -1 (with a sentence) when it is not a living stream. */
int gd_standin_device_of(const char *who, cudaStream_t stream);

/* Is the stream capturing? */
bool gd_standin_capturing(cudaStream_t stream);

/* Work queued on this stream that the host has not waited for, if any: its name, else NULL. To refuse the
 * destroying of handles, communicators and plans that are in use. */
const char *gd_standin_unwaited(cudaStream_t stream);

/* Work whose state is `state` and that the host has not waited for, on any stream: its name, else NULL. */
const char *gd_standin_unwaited_state(const void *state);

/* Resources that must be gone at exit, by kind ("NCCL communicator", "cuDNN handle"). gone fails with a
 * sentence
 * ("... destroyed twice") when the resource is not alive. */
void gd_standin_made(const char *kind, const void *resource);
void gd_standin_gone(const char *kind, const void *resource);

/* The rank for sentences (-1: none yet), told by whoever knows MPI. */
void gd_standin_set_rank(int rank);

/* A counter that does not go back: the `n`-th call with this name in the process (1, 2, ...). For faults that
 * are injected at the n-th call. */
uint64_t gd_standin_count(const char *name);

/* Should this call fail? `what` counts up; true when GD_STANDIN_FAULT (or gd_standin_inject) names `what` and
 * this number: "malloc:3,launch:7,ncclSend:1". */
bool gd_standin_injected(const char *what);

/* How the shim queues a kernel; device.h alone calls it. `arguments` is copied. */
typedef struct gd_standin_kernel {
    const char *name, *file;
    int line;
    dim3 grid, block;
    void (*call)(const void *arguments); /* runs the kernel once, for the thread that is current */
    const void *arguments;
    size_t bytes;
} gd_standin_kernel;
cudaError_t gd_standin_launch(cudaStream_t stream, const gd_standin_kernel *kernel);

#ifdef __cplusplus
}
#endif

#endif
