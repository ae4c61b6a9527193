/* The message of an encoder that cannot write. */
#include "image/encoder.h"

#include <errno.h>
#include <string.h>

gd_status gd_encoder_failed(const gd_encoder *encoder, gd_error *error)
{
    const char *remedy =
        encoder->system_error == ENOSPC || encoder->system_error == EDQUOT || encoder->system_error == EFBIG
            ? "; make room, or write to another disk"
            : "";
    const char *cause = encoder->system_error ? strerror(encoder->system_error) : encoder->cause;
    const bool tiled = encoder->tiled_rows > 0;
    return gd_fail(error, GD_IO, "%s: cannot be written beyond row %lld of %lld: %s%s", encoder->path,
                   (long long)(tiled ? encoder->tiled_next : encoder->next),
                   (long long)(tiled ? encoder->tiled_rows : encoder->rows), cause, remedy);
}
