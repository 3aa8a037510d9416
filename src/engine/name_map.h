/* Names to numbers: open addressing, for lists that an untrusted file may make very long.
 *
 *     fs_name_map map = {0};
 *     fs_name_map_set(&map, "features.3", 10, 12);    // false when memory is short
 *     int64_t layer = fs_name_map_get(&map, "features.3", 10, -1);
 *     fs_name_map_free(&map);
 *
 * A key is `length` bytes at `name`, often the beginning of a longer name; it is borrowed and must outlive
 * the map. Not thread safe. */
#ifndef FS_ENGINE_NAME_MAP_H
#define FS_ENGINE_NAME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fs_name_entry {
    const char *name;
    size_t length;
    int64_t number;
} fs_name_entry;

typedef struct fs_name_map {
    fs_name_entry *slots;
    int capacity, count;
} fs_name_map;

bool fs_name_map_set(fs_name_map *map, const char *name, size_t length, int64_t number);
int64_t fs_name_map_get(const fs_name_map *map, const char *name, size_t length, int64_t fallback);
void fs_name_map_free(fs_name_map *map);

#endif
