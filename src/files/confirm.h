/* A yes/no question to the user. */
#ifndef GD_FILES_CONFIRM_H
#define GD_FILES_CONFIRM_H

#include <stdbool.h>

/* `ask` shows the question unchanged and waits: true for yes. NULL: the user cannot be asked. */
typedef struct gd_confirm {
    bool (*ask)(void *context, const char *question);
    void *context;
} gd_confirm;

#endif
