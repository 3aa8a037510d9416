#include "ui/system_theme.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

typedef enum shade { UNKNOWN, LIGHT, DARK } shade;

/* "Adwaita-dark", "Adwaita:dark" */
static shade shade_of_name(const char *name) {
    if (name == NULL || *name == '\0')
        return UNKNOWN;
    char *lower = g_ascii_strdown(name, -1);
    shade found = strstr(lower, "dark") != NULL ? DARK : LIGHT;
    g_free(lower);
    return found;
}

static shade shade_of_file(const char *folder) {
    static const char group[] = "Settings";
    char *path = g_build_filename(g_get_user_config_dir(), folder, "settings.ini", NULL);
    GKeyFile *file = g_key_file_new();
    shade found = UNKNOWN;
    if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL)) {
        char *name = g_key_file_get_string(file, group, "gtk-theme-name", NULL);
        found = shade_of_name(name);
        g_free(name);
        if (g_key_file_has_key(file, group, "gtk-application-prefer-dark-theme", NULL))
            found = g_key_file_get_boolean(file, group, "gtk-application-prefer-dark-theme", NULL) ? DARK
                    : found == DARK                                                                ? DARK
                                                                                                   : LIGHT;
    }
    g_key_file_free(file);
    g_free(path);
    return found;
}

bool fs_system_theme_is_light(void) {
    shade found = shade_of_name(getenv("GTK_THEME"));
    if (found == UNKNOWN)
        found = shade_of_file("gtk-4.0");
    if (found == UNKNOWN)
        found = shade_of_file("gtk-3.0");
    return found == LIGHT;
}
