/* Recognizes placeholders for numbers. */
#include "text/placeholder.h"

enum { WIDTH_MAX = 9 };

size_t gd_placeholder(const char *text, int *width)
{
    *width = 0;
    if (text[0] != '%')
        return 0;
    if (text[1] == 'd')
        return 2;
    if (text[1] != '0' || text[2] < '1' || text[2] > '0' + WIDTH_MAX || text[3] != 'd')
        return 0;
    *width = text[2] - '0';
    return 4;
}
