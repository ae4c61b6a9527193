/* An owner of a file by a lease, for the tests of leases. */
#ifndef GD_TESTS_BASE_OWNER_H
#define GD_TESTS_BASE_OWNER_H

#include "base/lease/lease.h"
#include "base/target.h"

#include <stdbool.h>

/* Short times, so that the tests are short. */
gd_lease_terms quick_terms(void);

/* As if it ran on another host. */
gd_lease_terms foreign_terms(void);

/* Fails the test where it cannot be resolved; for gd_target_release. */
gd_target resolved(const char *path);

/* An owner of its file, or NULL with the sentence. */
typedef struct owner {
    gd_lease *lease;
    gd_target target;
    gd_error error;
} owner;

/* What taking the lease says; *o is for disown in any case. */
gd_status own(owner *o, const gd_lease_terms *terms, const char *path);
void disown(owner *o);

/* Writes the file with that text, under its temporary name (`named`) or without one, and commits it. */
gd_status write_text(owner *o, const char *text, bool named);

/* A test in an empty folder of its own. */
#define in_folder(test) cmocka_unit_test_setup_teardown(test, folder_enter, folder_leave)

#endif
