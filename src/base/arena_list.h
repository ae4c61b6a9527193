/* First-fit allocation of offsets in one large buffer. Arithmetic only, no memory is accessed; the same calls
 * give the same offsets. */
#ifndef GD_BASE_ARENA_LIST_H
#define GD_BASE_ARENA_LIST_H

#include <stdbool.h>
#include <stddef.h>

enum { GD_ARENA_ALIGNMENT = 256 };

typedef struct gd_arena_list gd_arena_list;

/* A list for a buffer of `bytes`. NULL: out of memory for the list itself. */
gd_arena_list *gd_arena_list_create(size_t bytes);
void gd_arena_list_free(gd_arena_list *list); /* NULL is fine */

/* Allocates `bytes` (at least 1); *at: the offset, a multiple of the alignment. False: no gap is large
 * enough. */
bool gd_arena_list_take(gd_arena_list *list, size_t bytes, size_t *at);

/* Frees the range at offset `at`. False: no range begins there. */
bool gd_arena_list_give(gd_arena_list *list, size_t at);

size_t gd_arena_list_largest(const gd_arena_list *list); /* the largest size that `take` can allocate now */
size_t gd_arena_list_count(const gd_arena_list *list);   /* number of used ranges */

#endif
