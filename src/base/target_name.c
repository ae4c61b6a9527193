/* Derives the names of temporary files and locks from the name of the file that they belong to. */
#include "base/target_name.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), to tell long names apart. */
static uint64_t number_of(const char *name)
{
    uint64_t number = 14695981039346656037U;
    for (; *name; name++)
        number = (number ^ (unsigned char)*name) * 1099511628211U;
    return number;
}

void gd_target_derive(const char *name, const char *suffix, char derived[GD_TARGET_NAME])
{
    enum { WHOLE = 200, KEPT = 180 };
    if (strlen(name) <= WHOLE)
        snprintf(derived, GD_TARGET_NAME, ".%s.gigadream-%s", name, suffix);
    else
        snprintf(derived, GD_TARGET_NAME, ".%.*s-%016" PRIx64 ".gigadream-%s", KEPT, name, number_of(name),
                 suffix);
}

bool gd_target_random(char *text, int letters)
{
    for (int i = 0; i < letters; i++) {
        unsigned char byte;
        if (getrandom(&byte, 1, 0) != 1)
            return false;
        text[i] = "0123456789abcdef"[byte % 16];
    }
    text[letters] = '\0';
    return true;
}
