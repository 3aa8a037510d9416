/* Names of what is in the masks. */
#include <assert.h>

#include "world/object.h"
#include "world/world.h"

int fs_world_classes(fs_world_set set) {
    return set == FS_WORLD_A ? FS_OBJECT_COUNT_A : FS_OBJECT_COUNT_B;
}

int fs_world_class_label(fs_world_set set, int class_index) {
    assert(class_index >= 0 && class_index < fs_world_classes(set));
    return 1 + class_index + (set == FS_WORLD_A ? 0 : FS_OBJECT_COUNT_A);
}

const char *fs_world_class_name(fs_world_set set, int class_index) {
    return fs_object_kinds[fs_world_class_label(set, class_index) - 1].name;
}

int fs_world_clutter_label(void) {
    return FS_OBJECT_COUNT + 1;
}

int fs_world_labels(fs_world_mask mask) {
    return mask == FS_WORLD_CLASSES ? FS_OBJECT_COUNT + 2
           : mask == FS_WORLD_PARTS ? FS_PART_COUNT
                                    : FS_TEXTURE_COUNT;
}

const char *fs_world_label_name(fs_world_mask mask, int label) {
    assert(label >= 0 && label < fs_world_labels(mask));
    if (mask == FS_WORLD_PARTS)
        return fs_part_kinds[label].name;
    if (mask == FS_WORLD_TEXTURES)
        return fs_texture_kinds[label].name;
    return label == 0                          ? "none"
           : label == fs_world_clutter_label() ? "clutter"
                                               : fs_object_kinds[label - 1].name;
}
