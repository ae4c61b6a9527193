/* Whether a lowered tape is consistent. */
#ifndef GD_TESTS_NET_TAPE_BOOK_H
#define GD_TESTS_NET_TAPE_BOOK_H

#include "net/tape.h"

/* Fails the test unless every operation reads what was written, nothing is written twice, shapes fit, and no
 * tensor is idle or lives longer than it must. */
void tape_book_check(const gd_tape *tape);

#endif
