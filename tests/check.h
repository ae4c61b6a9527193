/* cmocka with the headers that it wants before it, and a check of statuses that prints the sentence. */
#ifndef GD_TESTS_CHECK_H
#define GD_TESTS_CHECK_H

#include "base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Fails the test with the sentence in `error` unless `call` gives GD_OK. */
#define check_ok(call, error)                                                                                \
    do {                                                                                                     \
        if ((call) != GD_OK)                                                                                 \
            fail_msg("%s: %s", #call, (error).message);                                                      \
    } while (0)

#endif
