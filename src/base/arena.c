#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum { ARENA_ALIGNMENT = 16, ARENA_FIRST_CHUNK = 4 * 1024, ARENA_LAST_CHUNK = 1024 * 1024 };

typedef struct arena_chunk {
    struct arena_chunk *next;
    size_t used, capacity; /* of the bytes after the header */
} arena_chunk;

struct fs_arena {
    arena_chunk *chunks; /* the newest first; only it is filled */
    size_t next_capacity;
};

enum { CHUNK_HEADER = (sizeof(arena_chunk) + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT };

fs_arena *fs_arena_create(void) {
    fs_arena *arena = fs_calloc(1, sizeof *arena);
    if (arena != NULL)
        arena->next_capacity = ARENA_FIRST_CHUNK;
    return arena;
}

void fs_arena_destroy(fs_arena *arena) {
    if (arena == NULL)
        return;
    for (arena_chunk *chunk = arena->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        fs_free(chunk);
    }
    fs_free(arena);
}

/* A block larger than a chunk gets one of its own behind the newest, which stays open for small blocks. */
static arena_chunk *add_chunk(fs_arena *arena, size_t bytes) {
    bool own = bytes > arena->next_capacity;
    size_t capacity = own ? bytes : arena->next_capacity;
    if (capacity > SIZE_MAX - CHUNK_HEADER)
        return NULL;
    arena_chunk *chunk = fs_alloc(CHUNK_HEADER + capacity);
    if (chunk == NULL)
        return NULL;
    *chunk = (arena_chunk){.capacity = capacity};
    if (own && arena->chunks != NULL) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        if (arena->next_capacity < ARENA_LAST_CHUNK)
            arena->next_capacity *= 2;
    }
    return chunk;
}

void *fs_arena_alloc(fs_arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ARENA_ALIGNMENT)
        return NULL;
    bytes = (bytes + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    if (bytes == 0)
        bytes = ARENA_ALIGNMENT;
    arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->capacity - chunk->used < bytes)
        chunk = add_chunk(arena, bytes);
    if (chunk == NULL)
        return NULL;
    char *block = (char *)chunk + CHUNK_HEADER + chunk->used;
    chunk->used += bytes;
    return memset(block, 0, bytes);
}

char *fs_arena_strdup(fs_arena *arena, const char *text) {
    return fs_arena_strndup(arena, text, strlen(text));
}

char *fs_arena_strndup(fs_arena *arena, const char *text, size_t length) {
    if (length == SIZE_MAX)
        return NULL;
    char *copy = fs_arena_alloc(arena, length + 1, 1);
    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}
