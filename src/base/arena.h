/* A bump allocator for the many small blocks that live and die together: names, nodes, attributes.
 *
 * fs_arena_alloc gives zeroed memory that fs_arena_destroy releases all at once. Not thread safe. */
#ifndef FS_BASE_ARENA_H
#define FS_BASE_ARENA_H

#include <stddef.h>

typedef struct fs_arena fs_arena;

fs_arena *fs_arena_create(void); /* NULL when memory is short */
void fs_arena_destroy(fs_arena *arena);
void *fs_arena_alloc(fs_arena *arena, size_t count, size_t size); /* zeroed; NULL when short or overflowing */
char *fs_arena_strdup(fs_arena *arena, const char *text);
char *fs_arena_strndup(fs_arena *arena, const char *text, size_t length);

#endif
