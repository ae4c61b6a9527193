/* Counts the memory that reading inputs takes from the budget. */
#include "base/allowance.h"

#include "base/size.h"

bool gd_allowance_take(gd_allowance *allowance, uint64_t bytes)
{
    if (!allowance)
        return true;
    if (bytes > allowance->left) {
        allowance->refused = allowance->refused ? allowance->refused : bytes;
        return false;
    }
    allowance->left -= bytes;
    return true;
}

void gd_allowance_give(gd_allowance *allowance, uint64_t bytes)
{
    if (allowance)
        allowance->left += bytes;
}

gd_status gd_allowance_refuse(const gd_allowance *allowance, const char *what, gd_error *error)
{
    char wanted[GD_AMOUNT_BYTES], left[GD_AMOUNT_BYTES];
    return gd_fail(
        error, GD_USAGE,
        "%.600s: reading it takes %s more, and the memory budget has %s left for it; give a larger "
        "%s, or another file",
        what, gd_amount_text((double)allowance->refused, wanted),
        gd_amount_text((double)allowance->left, left), allowance->limit ? allowance->limit : "--memory");
}
