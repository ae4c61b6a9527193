/* Places within one large allocation, handed out first fit: arithmetic only, no memory is touched. The same
 * calls give the same places. */
#ifndef GD_BASE_ARENA_LIST_H
#define GD_BASE_ARENA_LIST_H

#include <stdbool.h>
#include <stddef.h>

enum { GD_ARENA_ALIGNMENT = 256 };

typedef struct gd_arena_list gd_arena_list;

/* NULL: no memory for the list itself. */
gd_arena_list *gd_arena_list_create(size_t bytes);
void gd_arena_list_free(gd_arena_list *list); /* NULL is fine */

/* A place for `bytes` (at least 1), a multiple of the alignment. false: no gap is large enough. */
bool gd_arena_list_take(gd_arena_list *list, size_t bytes, size_t *at);

/* Gives a place of `take` back. false: there is none that begins at `at`. */
bool gd_arena_list_give(gd_arena_list *list, size_t at);

size_t gd_arena_list_largest(const gd_arena_list *list); /* the most that `take` could have now */
size_t gd_arena_list_count(const gd_arena_list *list);   /* places that are taken */

#endif
