/* The command line that makes a picture again, to be copied into a shell.
 *
 *     fs_render_command(&text, &call);
 *     ... text.bytes: filterscope render --model a.onnx --layer conv1 --channel 3 -o conv1-3.png ...
 *     fs_text_free(&text);
 *
 * Of fs_render_options those that differ from their defaults are written, quoted where a shell needs it. */
#ifndef FS_APP_RENDER_COMMAND_H
#define FS_APP_RENDER_COMMAND_H

#include "base/text.h"
#include "viz/render.h"

typedef struct fs_render_call {
    const char *model, *output; /* paths; model NULL: none */
    const fs_render_settings *settings;
    int threads; /* 0: as many as there are */
} fs_render_call;

/* Adds to the text; fs_text_broken when memory is short. */
void fs_render_command(fs_text *text, const fs_render_call *call);

#endif
