/* What tests ask of the stand-in device beyond CUDA: expecting misuses, injecting faults, setting durations.
 *
 * The environment, read at the first call of CUDA:
 *   GD_STANDIN_DEVICES=n      devices of this node (1); 0: none; "none": no driver
 * (cudaErrorInsufficientDriver) GD_STANDIN_NAME=text      their name ("Stand-in H100")
 *   GD_STANDIN_CAPABILITY=9.0 their compute capability
 *   GD_STANDIN_MEMORY=bytes   of each device; suffixes K, M, G (80G)
 *   GD_STANDIN_ORDER=late | eager | random:SEED   when queued work runs (late)
 *   GD_STANDIN_LEAKS=off      no check of leaks at exit
 *   GD_STANDIN_RACES=off      no check of races between the threads of a launch: faster, and less memory
 *   GD_STANDIN_FAULT=what:n,...   the n-th `what` of the process fails: malloc (out of memory), hostalloc,
 * launch (cudaErrorLaunchOutOfResources), run (the n-th operation that runs loses the device:
 *                             cudaErrorLaunchFailure, from now on), and names of the other parts
 * ("ncclSend:1") GD_STANDIN_SLOW=text:seconds,...   operations whose name contains text take that long (1e9:
 * for ever) GD_STANDIN_DURATION=text:milliseconds,...   what events measure of operations whose name contains
 * text; 0.001 for all others. Nothing waits for it. CUDA_VISIBLE_DEVICES (ordinals) is honoured. */
#ifndef GD_STANDIN_STANDIN_H
#define GD_STANDIN_STANDIN_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The next misuse whose sentence contains `text` does not end the process; the call that finds it returns an
 * error or goes on. NULL: expects nothing any more. */
void gd_standin_expect(const char *text);

/* The last expected sentence that came, "" if none has; forgotten by the next gd_standin_expect. */
const char *gd_standin_said(void);

/* Adds to what GD_STANDIN_FAULT, GD_STANDIN_SLOW and GD_STANDIN_DURATION say; counting starts anew for
 * `what`. */
void gd_standin_inject(const char *what, uint64_t nth);
void gd_standin_slow(const char *text, double seconds);
void gd_standin_duration(const char *text, double milliseconds);

/* Operations that have run so far, and those that are queued, on all streams. */
uint64_t gd_standin_ran(void);
uint64_t gd_standin_queued(void);

/* Device memory in use by all allocations of a device, and the most there has been. */
uint64_t gd_standin_bytes(int device);
uint64_t gd_standin_peak_bytes(int device);

#ifdef __cplusplus
}
#endif

#endif
