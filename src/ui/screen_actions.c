/* What the menu offers: actions with their keys, then the models and folders that were opened lately. */
#include <string.h>

#include "ui/screen_private.h"

static bool has_model(const fs_screen *screen) {
    return screen->model != NULL;
}

static bool has_picture(const fs_screen *screen) {
    return screen->view.open && screen->view.picture != NULL;
}

static void teach(fs_screen *screen) {
    fs_screen_enter_lesson(screen, 0);
}

static void restore(fs_screen *screen) {
    (void)fs_screen_open_session(screen, screen->session_path);
}

static void show_help(fs_screen *screen) {
    screen->help = true;
}

static void enlarge(fs_screen *screen) {
    fs_screen_enlarge(screen, 1);
}

static void reduce(fs_screen *screen) {
    fs_screen_enlarge(screen, -1);
}

static void usual_size(fs_screen *screen) {
    fs_screen_enlarge(screen, 0);
}

static void quit(fs_screen *screen) {
    screen->quit = true;
}

const fs_action fs_actions[] = {
    {"Search", "/", has_model, fs_screen_open_search},
    {"Export this picture", "E", has_picture, fs_screen_export},
    {"Copy this picture", "Ctrl Shift C", has_picture, fs_screen_copy_picture},
    {"Export atlas of this layer", "Ctrl L", fs_screen_can_fill_folder, fs_screen_export_atlas},
    {"Export atlas of the network", "Ctrl N", fs_screen_can_fill_folder, fs_screen_export_network},
    {"Export Gabor report", "Ctrl G", fs_screen_can_fill_folder, fs_screen_export_gabor},
    {"Gabor functions", "G", has_model, fs_screen_open_gabor},
    {"Fine-tuning", "F", has_model, fs_screen_open_finetune},
    {"A picture of your own", "I", has_model, fs_screen_open_picture},
    {"Class mode", "F5", has_model, teach},
    {"Save the session", "Ctrl S", has_model, fs_screen_save_session},
    {"Restore the session", "Ctrl O", NULL, restore},
    {"Light or dark", "Ctrl T", NULL, fs_screen_switch_theme},
    {"Larger", "Ctrl +", NULL, enlarge},
    {"Smaller", "Ctrl \u2212", NULL, reduce},
    {"Usual size", "Ctrl 0", NULL, usual_size},
    {"Keys", "?", NULL, show_help},
    {"Quit", "Q", NULL, quit},
    {NULL, NULL, NULL, NULL}};
enum { N_ACTIONS = sizeof fs_actions / sizeof *fs_actions - 1 };

int fs_menu_rows(const fs_screen *screen) {
    return N_ACTIONS + screen->preferences.models.n + screen->preferences.folders.n;
}

void fs_menu_run(fs_screen *screen, int row) {
    const fs_recent *models = &screen->preferences.models, *folders = &screen->preferences.folders;
    char path[FS_OPTION_TEXT_SIZE]; /* opening reorders the lists */
    if (row >= 0 && row < N_ACTIONS) {
        const fs_action *action = &fs_actions[row];
        if (action->possible != NULL && !action->possible(screen))
            return;
        screen->menu.open = false;
        action->run(screen);
    } else if (row >= N_ACTIONS && row < fs_menu_rows(screen)) {
        row -= N_ACTIONS;
        const char *chosen = row < models->n ? models->paths[row] : folders->paths[row - models->n];
        memcpy(path, chosen, sizeof path);
        screen->menu.open = false;
        if (row < models->n)
            fs_screen_open(screen, path);
        else
            fs_screen_drop(screen, path);
    }
}

void fs_menu_toggle(fs_screen *screen) {
    screen->help = false;
    screen->menu.open = !screen->menu.open;
    screen->menu.selected = -1;
}

void fs_menu_key(fs_screen *screen, fs_key key) {
    const int n = fs_menu_rows(screen), at = screen->menu.selected;
    if (key == FS_KEY_ESCAPE)
        screen->menu.open = false;
    else if (key == FS_KEY_DOWN || key == FS_KEY_TAB)
        screen->menu.selected = (at + 1) % n;
    else if (key == FS_KEY_UP || key == FS_KEY_BACK_TAB)
        screen->menu.selected = at > 0 ? at - 1 : n - 1;
    else if (key == FS_KEY_HOME)
        screen->menu.selected = 0;
    else if (key == FS_KEY_END)
        screen->menu.selected = n - 1;
    else if (key == FS_KEY_RIGHT && n > N_ACTIONS && at < N_ACTIONS)
        screen->menu.selected = N_ACTIONS;
    else if (key == FS_KEY_LEFT)
        screen->menu.selected = 0;
    else if (key == FS_KEY_ENTER)
        fs_menu_run(screen, at);
}
