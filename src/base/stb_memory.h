/* Whether stb_image was refused memory on this thread since fs_stb_begin: its failure reason tells only of
 * some refusals, and a picture must not be called damaged for want of memory. For image_read.c alone. */
#ifndef FS_BASE_STB_MEMORY_H
#define FS_BASE_STB_MEMORY_H

#include <stdbool.h>

void fs_stb_begin(void);
bool fs_stb_was_short(void);

#endif
