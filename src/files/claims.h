/* Locks on the names of all files that a render writes, taken at the start. Each file is then checked for
 * write access and for what it would replace. */
#ifndef GD_FILES_CLAIMS_H
#define GD_FILES_CLAIMS_H

#include "base/lease/lease.h"
#include "base/status.h"
#include "base/target.h"
#include "files/confirm.h"
#include "files/file_names.h"
#include "options/options.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum gd_claim_role {
    GD_CLAIM_OUTPUT, /* of a sequence: one lock for all its frames */
    GD_CLAIM_INPUT_COPY,
    GD_CLAIM_CHECKPOINT,
    GD_CLAIM_RESUME, /* another checkpoint, which is resumed and kept */
    GD_CLAIM_LOG,
    GD_CLAIM_PREVIEW, /* of a pattern: one lock for all its files */
    GD_CLAIM_PROOF,   /* first of GD_PROOF_FILES */
    GD_CLAIM_COUNT = GD_CLAIM_PROOF + GD_PROOF_FILES
} gd_claim_role;

/* Rank 0 only. Initialize it with gd_claims_init. */
typedef struct gd_claims {
    gd_lease *lease;                   /* owned; NULL: no files are written */
    gd_target targets[GD_CLAIM_COUNT]; /* owned; the files to write */
    gd_target_seen *numbered;          /* owned; files that matched a pattern's names at the start */
    size_t numbered_count;
} gd_claims;

/* Initializes claims without any files. */
void gd_claims_init(gd_claims *claims);

/* Locks the names of the checkpoint and of `saved`, the checkpoint to resume, before it is read. Does nothing
 * for actions other than a render, here and below. GD_USAGE if another process holds a lock or a file cannot
 * be written. */
gd_status gd_claims_begin(gd_claims *claims, const gd_options *options, const gd_file_names *names,
                          const char *saved, gd_error *error) GD_CHECKED;

/* Locks all other names, once they are complete. GD_USAGE as above, and if a file exists that this program
 * did not write, unless --overwrite was given or the user confirms. With --resume, the files are listed. */
gd_status gd_claims_take(gd_claims *claims, const gd_options *options, const gd_file_names *names,
                         const gd_confirm *confirm, gd_error *error) GD_CHECKED;

/* Locks the name of a single picture that is written outside a render, checked as above. */
gd_status gd_claims_take_picture(gd_claims *claims, const gd_options *options, const char *path,
                                 const gd_confirm *confirm, gd_error *error) GD_CHECKED;

/* The target of a role; NULL on ranks without locks. */
gd_target *gd_claims_target(gd_claims *claims, int role);

/* Locks the target of one file of the pattern of a role until gd_claims_return. Fails if another render holds
 * the lock, or if a file appeared there since the start; without --overwrite, this includes files of this
 * program. */
gd_status gd_claims_borrow(gd_claims *claims, int role, const char *path, bool overwrite, gd_target *numbered,
                           gd_error *error) GD_CHECKED;

/* Releases a borrowed target. Also call it after a failure; GD_TARGET_NONE is allowed. */
void gd_claims_return(gd_target *numbered);

/* Releases all locks when a signal is about to end the process. Async-signal-safe. */
void gd_claims_release_in_signal(const gd_claims *claims);

/* Releases all locks. */
void gd_claims_release(gd_claims *claims);

#endif
