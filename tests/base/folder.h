/* A folder of a test's own. */
#ifndef GD_TESTS_BASE_FOLDER_H
#define GD_TESTS_BASE_FOLDER_H

#include <stdbool.h>

/* A cmocka set-up that makes an empty folder and goes there, and its end, which removes all of it. */
int folder_enter(void **state);
int folder_leave(void **state);

void put_text(const char *path, const char *text);
bool has_text(const char *path, const char *text);
int file_count(const char *folder); /* hidden ones too */

#endif
