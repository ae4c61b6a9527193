/* A question that a person answers with yes or no. */
#ifndef GD_FILES_CONFIRM_H
#define GD_FILES_CONFIRM_H

#include <stdbool.h>

/* `ask` shows the question as it is and waits: true for a yes. NULL: nobody can be asked. */
typedef struct gd_confirm {
    bool (*ask)(void *context, const char *question);
    void *context;
} gd_confirm;

#endif
