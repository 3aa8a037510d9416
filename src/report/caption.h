/* The words that stand beside pictures: levels, layers, channels, numbers. Screen and sheets say them alike.
 *
 * Each writes into the caller's buffer and returns it. Any thread. */
#ifndef FS_REPORT_CAPTION_H
#define FS_REPORT_CAPTION_H

#include "engine/model.h"

enum { FS_CAPTION_SIZE = 256 };

/* "Edges", "Textures", ... : the chapter a layer belongs to. */
const char *fs_caption_level(fs_level level);
/* "Conv · 96 × 111 × 111" */
const char *fs_caption_shape(const fs_layer *layer, char text[FS_CAPTION_SIZE]);
/* "sees 7 × 7 pixels, a step of 2" or "sees the whole picture" */
const char *fs_caption_field(const fs_layer *layer, char text[FS_CAPTION_SIZE]);
/* "281", for the class scores of a model with labels "281 tabby", for a channel whose concept is known
 * "281 wheel, IoU 0.31" */
const char *fs_caption_channel(const fs_model *model, const fs_layer *layer, int channel,
                               char text[FS_CAPTION_SIZE]);
/* The same for where room is short: "281 wheel" */
const char *fs_caption_channel_short(const fs_model *model, const fs_layer *layer, int channel,
                                     char text[FS_CAPTION_SIZE]);
/* The class that the channel is the score of, in a model with labels; NULL: it is none. */
const char *fs_caption_label(const fs_model *model, const fs_layer *layer, int channel);
/* What a channel of the network's input is: "red", "grey" */
const char *fs_caption_colour(const fs_model *model, int channel);
/* 3 significant digits without an exponent where that is readable: "0.0123", "4.56", "1234" */
const char *fs_caption_number(double value, char text[FS_CAPTION_SIZE]);

#endif
