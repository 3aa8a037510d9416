#include "engine/name_map.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

static uint64_t hash_of(const char *name, size_t length) {
    const uint64_t hash = fs_hash_bytes(FS_HASH_START, name, length);
    return hash ^ hash >> 32;
}

/* The slot that holds the name, or the empty one where it belongs. */
static fs_name_entry *slot_of(const fs_name_map *map, const char *name, size_t length) {
    const uint64_t mask = (uint64_t)map->capacity - 1;
    uint64_t i = hash_of(name, length) & mask;
    for (;; i = (i + 1) & mask) {
        fs_name_entry *slot = &map->slots[i];
        if (!slot->name || (slot->length == length && memcmp(slot->name, name, length) == 0))
            return slot;
    }
}

static bool grow(fs_name_map *map) {
    fs_name_map larger = {.capacity = map->capacity ? map->capacity * 2 : 64, .count = map->count};
    larger.slots = fs_calloc((size_t)larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (int i = 0; i < map->capacity; i++)
        if (map->slots[i].name)
            *slot_of(&larger, map->slots[i].name, map->slots[i].length) = map->slots[i];
    fs_free(map->slots);
    *map = larger;
    return true;
}

bool fs_name_map_set(fs_name_map *map, const char *name, size_t length, int64_t number) {
    if (map->count >= map->capacity / 2 && !grow(map))
        return false;
    fs_name_entry *slot = slot_of(map, name, length);
    if (!slot->name) {
        *slot = (fs_name_entry){name, length, 0};
        map->count++;
    }
    slot->number = number;
    return true;
}

int64_t fs_name_map_get(const fs_name_map *map, const char *name, size_t length, int64_t fallback) {
    if (!map->capacity)
        return fallback;
    const fs_name_entry *slot = slot_of(map, name, length);
    return slot->name ? slot->number : fallback;
}

void fs_name_map_free(fs_name_map *map) {
    fs_free(map->slots);
    *map = (fs_name_map){0};
}
