#include "app/clipboard.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/subprocess.h"

enum { LONGEST_COMMAND = 8 };

/* In the order they are tried. The NULL among the arguments of pasting is the type that is wanted. */
typedef struct clipboard_tool {
    const char *display; /* variable of the environment without which it cannot work */
    const char *paste[LONGEST_COMMAND], *copy[LONGEST_COMMAND];
    int type; /* where the type is, of pasting */
} clipboard_tool;

static const clipboard_tool tools[] = {
    {"WAYLAND_DISPLAY", {"wl-paste", "--type", NULL}, {"wl-copy", "--type", "image/png"}, 2},
    {"DISPLAY",
     {"xclip", "-selection", "clipboard", "-o", "-t", NULL},
     {"xclip", "-selection", "clipboard", "-i", "-t", "image/png"},
     5},
};
enum { N_TOOLS = sizeof tools / sizeof *tools };

static const char *const types[] = {"image/png", "image/jpeg", "image/bmp"};
static const double patience = 3; /* seconds */

static bool can_work(const clipboard_tool *tool) {
    const char *display = getenv(tool->display);
    return display != NULL && *display != '\0';
}

static fs_status no_tool(fs_error *err) {
    return fs_fail(err, FS_ERROR_NOT_FOUND,
                   "Pictures of the clipboard need xclip (X11) or wl-clipboard (Wayland) to be installed");
}

/* The first type that the clipboard has. */
static fs_status paste_with(const clipboard_tool *tool, uint8_t **out, size_t *size,
                            const atomic_bool *cancel, fs_error *err) {
    fs_status status = FS_ERROR_NOT_FOUND;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const char *arguments[LONGEST_COMMAND + 1] = {NULL};
        for (int k = 0; k < LONGEST_COMMAND; k++)
            arguments[k] = k == tool->type ? types[i] : tool->paste[k];
        const fs_subprocess call = {.arguments = arguments,
                                    .output_limit = FS_CLIPBOARD_MAX_BYTES,
                                    .seconds = patience,
                                    .cancel = cancel};
        status = fs_subprocess_run(&call, out, size, err);
        if (status == FS_OK && *size > 0)
            return FS_OK;
        if (status == FS_OK)
            fs_free(*out);
        if (status != FS_OK && status != FS_ERROR_IO) /* failing is how they say that there is none */
            return status;
    }
    return fs_fail(err, FS_ERROR_IO, "The clipboard has no picture and no path of one");
}

fs_status fs_clipboard_paste(uint8_t **out, size_t *size, const atomic_bool *cancel, fs_error *err) {
    fs_status status = FS_ERROR_NOT_FOUND;
    for (int i = 0; i < N_TOOLS && status == FS_ERROR_NOT_FOUND; i++)
        if (can_work(&tools[i]))
            status = paste_with(&tools[i], out, size, cancel, err);
    return status == FS_ERROR_NOT_FOUND ? no_tool(err) : status;
}

fs_status fs_clipboard_copy(const char *png, const atomic_bool *cancel, fs_error *err) {
    fs_status status = FS_ERROR_NOT_FOUND;
    for (int i = 0; i < N_TOOLS && status == FS_ERROR_NOT_FOUND; i++) {
        const fs_subprocess call = {
            .arguments = tools[i].copy, .input = png, .seconds = patience, .cancel = cancel};
        if (can_work(&tools[i]))
            status = fs_subprocess_run(&call, NULL, NULL, err);
    }
    return status == FS_ERROR_NOT_FOUND ? no_tool(err) : status;
}
