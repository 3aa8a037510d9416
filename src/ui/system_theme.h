/* Whether the desktop is set to light windows, as far as its settings files and variables say: GTK_THEME,
 * then gtk-4.0/settings.ini and gtk-3.0/settings.ini in the user's configuration. */
#ifndef FS_UI_SYSTEM_THEME_H
#define FS_UI_SYSTEM_THEME_H

#include <stdbool.h>

bool fs_system_theme_is_light(void); /* false where nothing is known */

#endif
