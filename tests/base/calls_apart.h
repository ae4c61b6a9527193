/* Calls of work that is done apart, for its tests. */
#ifndef GD_TESTS_CALLS_APART_H
#define GD_TESTS_CALLS_APART_H

#include "base/apart/apart.h"

#include <stddef.h>
#include <stdint.h>

/* What a call gets. */
typedef struct call_request {
    int number;
    size_t bytes;
} call_request;

/* What it answers. */
extern long call_answered[4];

/* Answers its number, whether the file is open, and the processes of the call and of the server. */
gd_apart_work call_succeed;

/* Waits for ever. */
gd_apart_work call_hang;

/* Takes and fills all memory that it gets, in pieces of `bytes`. Answers what it had at the most, in KiB. */
gd_apart_work call_take_all;

/* Answers whether the file is open, whether descriptor `number` is, how many are, and 1 after signals of a
 * job that ends. */
gd_apart_work call_look;

gd_status call_within(gd_apart_work *work, const call_request *request, int fd, uint64_t memory,
                      double seconds, gd_error *error);

/* With stderr as its file, 256 MiB and 0.5 s. */
gd_status call(gd_apart_work *work, int number, gd_error *error);

#endif
