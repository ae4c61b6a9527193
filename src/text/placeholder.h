/* Placeholders for numbers in the names of files. */
#ifndef GD_TEXT_PLACEHOLDER_H
#define GD_TEXT_PLACEHOLDER_H

#include <stddef.h>

/* The length of a placeholder such as "%d" or "%04d" at `text`, and its number of digits (*width); 0 for
 * other text. */
size_t gd_placeholder(const char *text, int *width);

#endif
