/* The files that a render writes: it owns their names from the start, and finds out then whether each can be
 * written and what it would replace. */
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
    GD_CLAIM_OUTPUT,
    GD_CLAIM_INPUT_COPY,
    GD_CLAIM_CHECKPOINT,
    GD_CLAIM_RESUME, /* another checkpoint, which is resumed and stays */
    GD_CLAIM_LOG,
    GD_CLAIM_PREVIEW, /* of a pattern: what its files have in common */
    GD_CLAIM_PROOF,   /* and those of the other crops */
    GD_CLAIM_COUNT = GD_CLAIM_PROOF + GD_PROOF_FILES
} gd_claim_role;

/* Rank 0's; begins with gd_claims_clear. */
typedef struct gd_claims {
    gd_lease *lease;                   /* owned; NULL: nothing is written */
    gd_target targets[GD_CLAIM_COUNT]; /* owned; those that are written */
    gd_target_seen *previews;          /* owned; what stood under a pattern's names at the start */
    size_t preview_count;
} gd_claims;

void gd_claims_clear(gd_claims *claims);

/* Owns the checkpoint's name, and that of `saved`, the one that would be resumed, before it is read. Nothing
 * happens for what does not render, here and below. GD_USAGE when another process owns one, or it cannot be
 * written. */
gd_status gd_claims_begin(gd_claims *claims, const gd_options *options, const gd_file_names *names,
                          const char *saved, gd_error *error) GD_CHECKED;

/* Owns all other names, once they are complete. GD_USAGE as above, and when a file stands there that this
 * program did not write, unless --overwrite was given or a user confirms. With --resume the files are listed.
 */
gd_status gd_claims_take(gd_claims *claims, const gd_options *options, const gd_file_names *names,
                         const gd_confirm *confirm, gd_error *error) GD_CHECKED;

/* The target of a role; NULL on ranks that own none. */
gd_target *gd_claims_target(gd_claims *claims, int role);

/* A target for one preview of a pattern, owned until gd_claims_return. A failure, with a sentence, when
 * another render owns the name, or a file came there since the start; without --overwrite one of ours, too.
 */
gd_status gd_claims_borrow(gd_claims *claims, const char *path, bool overwrite, gd_target *numbered,
                           gd_error *error) GD_CHECKED;

/* Gives it back; also after a failure, and GD_TARGET_NONE. */
void gd_claims_return(gd_target *numbered);

/* Gives all names back when a signal is about to end the process: may be called in its handler. */
void gd_claims_drop(const gd_claims *claims);

/* Gives all names back. */
void gd_claims_release(gd_claims *claims);

#endif
