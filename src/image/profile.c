/* Frees and measures the colour profile that goes with a picture. */
#include "image/profile.h"

#include <stdlib.h>

void gd_profile_free(gd_profile *profile)
{
    free(profile->icc);
    *profile = (gd_profile){0};
}

size_t gd_profile_bytes(const gd_profile *profile)
{
    return profile ? profile->icc_bytes : 0;
}
