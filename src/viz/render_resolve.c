#include <string.h>

#include "viz/planes.h"
#include "viz/render.h"
#include "viz/transform_list.h"

fs_status fs_render_resolve(fs_render_settings *settings, fs_error *err) {
    fs_transform_list list;
    char text[FS_OPTION_TEXT_SIZE];
    if (settings->param < 0 || settings->param >= FS_PARAM_KINDS)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no parametrisation %d", settings->param);
    const fs_planes_kind *kind = fs_planes_kinds[settings->param];
    settings->transforms[FS_OPTION_TEXT_SIZE - 1] = '\0';
    const char *chosen = strcmp(settings->transforms, "auto") == 0 ? kind->transforms : settings->transforms;
    fs_status status = fs_transform_parse(&list, chosen, err);
    if (status == FS_OK)
        status = fs_transform_format(&list, text, err);
    if (status != FS_OK)
        return status;
    memcpy(settings->transforms, text, strlen(text) + 1);
    if (settings->rate == 0)
        settings->rate = kind->rate;
    return FS_OK;
}
