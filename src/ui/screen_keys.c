/* The keyboard. */
#include <string.h>

#include "ui/screen_private.h"

enum { LIST_PAGE = 10 };

static void key_in_list(fs_screen *screen, fs_key key) {
    switch (key) {
    case FS_KEY_UP:
        fs_screen_move_layer(screen, -1);
        break;
    case FS_KEY_DOWN:
        fs_screen_move_layer(screen, 1);
        break;
    case FS_KEY_PAGE_UP:
        fs_screen_move_layer(screen, -LIST_PAGE);
        break;
    case FS_KEY_PAGE_DOWN:
        fs_screen_move_layer(screen, LIST_PAGE);
        break;
    case FS_KEY_HOME:
        fs_screen_move_layer(screen, -screen->n_rows);
        break;
    case FS_KEY_END:
        fs_screen_move_layer(screen, screen->n_rows);
        break;
    case FS_KEY_ENTER:
    case FS_KEY_RIGHT:
    case FS_KEY_TAB:
        screen->focus = FS_FOCUS_WALL;
        fs_screen_select_channel(screen, screen->channel);
        break;
    case FS_KEY_ESCAPE:
        screen->message.shown = false;
        break;
    default:
        break;
    }
}

static void key_in_wall(fs_screen *screen, fs_key key) {
    fs_layout layout = fs_screen_layout(screen);
    int n = fs_screen_layer(screen)->channels, channel = screen->channel;
    fs_wall_grid grid = fs_screen_grid(screen);
    int page = (int)(layout.body.h / (grid.tile + grid.caption + grid.gap));
    page = grid.columns * (page > 1 ? page : 1);
    switch (key) {
    case FS_KEY_LEFT:
        channel -= 1;
        break;
    case FS_KEY_RIGHT:
        channel += 1;
        break;
    case FS_KEY_UP:
        channel -= channel >= grid.columns ? grid.columns : 0;
        break;
    case FS_KEY_DOWN:
        channel += channel / grid.columns < (n - 1) / grid.columns ? grid.columns : 0;
        break;
    case FS_KEY_PAGE_UP:
        channel -= page;
        break;
    case FS_KEY_PAGE_DOWN:
        channel += page;
        break;
    case FS_KEY_HOME:
        channel = 0;
        break;
    case FS_KEY_END:
        channel = n - 1;
        break;
    case FS_KEY_ENTER:
        fs_screen_open_channel(screen, channel);
        return;
    case FS_KEY_TAB:
    case FS_KEY_ESCAPE:
        screen->focus = FS_FOCUS_LAYERS;
        return;
    default:
        return;
    }
    fs_screen_select_channel(screen, channel);
}

static void key_in_channel(fs_screen *screen, fs_key key) {
    int n = fs_screen_layer(screen)->channels, channel = screen->channel;
    if (key == FS_KEY_ESCAPE)
        fs_screen_leave_channel(screen);
    else if (key == FS_KEY_UNDO)
        fs_screen_undo(screen);
    else if (key == FS_KEY_COPY)
        fs_screen_copy_command(screen);
    else if (key == FS_KEY_COPY_PICTURE)
        fs_screen_copy_picture(screen);
    else if (key == FS_KEY_LEFT || key == FS_KEY_UP)
        channel -= channel > 0;
    else if (key == FS_KEY_RIGHT || key == FS_KEY_DOWN)
        channel += channel < n - 1;
    else if (key == FS_KEY_HOME)
        channel = 0;
    else if (key == FS_KEY_END)
        channel = n - 1;
    if (screen->view.open && channel != screen->channel)
        fs_screen_open_channel(screen, channel);
}

static void key_in_gabor(fs_screen *screen, fs_key key) {
    const fs_gabor_view *view = &screen->gabor;
    if (key == FS_KEY_ESCAPE)
        fs_screen_close_gabor(screen);
    else if (key == FS_KEY_UNDO)
        fs_screen_undo_gabor(screen);
    else if (key == FS_KEY_LEFT || key == FS_KEY_UP)
        fs_screen_select_kernel(screen, view->list.selected - 1);
    else if (key == FS_KEY_RIGHT || key == FS_KEY_DOWN)
        fs_screen_select_kernel(screen, view->list.selected + 1);
    else if (key == FS_KEY_HOME)
        fs_screen_select_kernel(screen, 0);
    else if (key == FS_KEY_END && view->study != NULL)
        fs_screen_select_kernel(screen, view->study->kernels.count - 1);
}

static void key_in_finetune(fs_screen *screen, fs_key key) {
    if (key == FS_KEY_ESCAPE)
        fs_screen_close_finetune(screen);
    else if (key == FS_KEY_UNDO)
        fs_screen_undo_training(screen);
}

/* What no widget has taken; the layers' list takes its arrows when it has the keyboard. */
static void key_in_picture(fs_screen *screen, fs_key key) {
    if (key == FS_KEY_ESCAPE && screen->message.shown)
        screen->message.shown = false;
    else if (key == FS_KEY_ESCAPE)
        fs_screen_close_picture(screen);
    else if (key == FS_KEY_UNDO)
        fs_screen_undo_stroke(screen);
    else if (key == FS_KEY_DELETE)
        fs_screen_clear_strokes(screen);
    else if (key == FS_KEY_PASTE)
        fs_screen_paste_picture(screen);
    else if (key == FS_KEY_UP || key == FS_KEY_DOWN)
        fs_screen_move_layer(screen, key == FS_KEY_UP ? -1 : 1);
}

static void typed_in_picture(fs_screen *screen, char letter) {
    fs_picture_view *view = &screen->picture;
    if (letter == '/')
        fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_PATH));
    else if (letter == 'u')
        fs_screen_undo_stroke(screen);
    else if (letter == 'c')
        fs_screen_clear_strokes(screen);
    else if (letter == '+' || letter == '-')
        fs_screen_size_brush(screen, letter == '+' ? 1.25 : 0.8);
    else if (letter == 'o')
        view->overlay = (view->overlay + 1) % (FS_ATTRIBUTION_GRADCAM + 2);
    else if (letter == 'l')
        view->class_index = view->class_index < 0 ? fs_screen_explained_class(screen) : -1;
    else if (letter == 'n' || letter == 'p')
        fs_screen_move_layer(screen, letter == 'n' ? 1 : -1);
    else if (letter >= '1' && letter < '1' + FS_PICTURE_TAB_COUNT)
        view->tab = letter - '1';
    else if (letter == 'i')
        fs_screen_close_picture(screen);
    else if (letter == 'g')
        fs_screen_open_gabor(screen);
    else if (letter == 'f')
        fs_screen_open_finetune(screen);
}

static void typed_in_finetune(fs_screen *screen, char letter) {
    if (letter == ' ')
        fs_screen_run_training(screen);
    else if (letter == 'n')
        fs_screen_step_training(screen);
    else if (letter == 'x')
        fs_screen_stop_training(screen);
    else if (letter == 'u')
        fs_screen_undo_training(screen);
    else if (letter == 's')
        fs_screen_save_training(screen);
    else if (letter == '/')
        fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_DATA));
    else if (letter >= '1' && letter <= '1' + FS_FINETUNE_KERNELS)
        screen->finetune.tab = letter - '1';
    else if (letter == 'f')
        fs_screen_close_finetune(screen);
    else if (letter == 'i')
        fs_screen_open_picture(screen);
}

static void typed_in_gabor(fs_screen *screen, char letter) {
    if (letter == '/')
        fs_screen_open_search(screen);
    else if (letter == 's')
        fs_screen_snap_gabor(screen);
    else if (letter == 'u')
        fs_screen_toggle_substitute(screen);
    else if (letter == 'a' && screen->gabor.substitute.open)
        screen->gabor.substitute.all = !screen->gabor.substitute.all;
    else if (letter == ',' || letter == '.')
        fs_screen_step_substitute(screen, letter == ',' ? -1 : 1);
    else if (letter == 'g')
        fs_screen_close_gabor(screen);
    else if (letter == 'f')
        fs_screen_open_finetune(screen);
    else if (letter == 'i')
        fs_screen_open_picture(screen);
}

/* Letters that mean something while a channel is open. */
static void typed_in_channel(fs_screen *screen, char letter) {
    if (letter == ' ')
        fs_screen_pause(screen);
    else if (letter == 'r')
        fs_screen_restart(screen);
    else if (letter == '/')
        fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_OBJECTIVE, 0));
    else if (letter >= '1' && letter < '1' + FS_TAB_COUNT)
        screen->feature.tab = letter - '1';
    else if (letter == 'g')
        fs_screen_open_gabor(screen);
    else if (letter == 'f')
        fs_screen_open_finetune(screen);
    else if (letter == 'i')
        fs_screen_open_picture(screen);
}

void fs_screen_typed(fs_screen *screen, const char *text) {
    static const struct {
        char letter;
        fs_key key;
    } everywhere[] = {{'?', FS_KEY_HELP}, {'e', FS_KEY_EXPORT}, {'m', FS_KEY_MENU}, {'q', FS_KEY_QUIT}};
    for (size_t i = 0;
         !screen->lesson.on && !screen->search.open && i < sizeof everywhere / sizeof *everywhere; i++)
        if (text[0] == everywhere[i].letter && text[1] == '\0')
            fs_screen_key(screen, everywhere[i].key);
    if (screen->lesson.on) {
        if (text[1] == '\0')
            fs_screen_typed_in_lesson(screen, text[0]);
        return;
    }
    if (text[1] != '\0' || screen->help || screen->menu.open || screen->search.open || screen->model == NULL)
        return;
    if (screen->view.open)
        typed_in_channel(screen, text[0]);
    else if (screen->gabor.open)
        typed_in_gabor(screen, text[0]);
    else if (screen->finetune.open)
        typed_in_finetune(screen, text[0]);
    else if (screen->picture.open)
        typed_in_picture(screen, text[0]);
    else if (text[0] == '/')
        fs_screen_open_search(screen);
    else if (strchr("+=-0", text[0]) != NULL)
        fs_screen_zoom_wall(screen, text[0] == '0' ? 0 : text[0] == '-' ? -1 : 1, screen->channel);
    else if (text[0] == 'g')
        fs_screen_open_gabor(screen);
    else if (text[0] == 'f')
        fs_screen_open_finetune(screen);
    else if (text[0] == 'i')
        fs_screen_open_picture(screen);
}

/* Keys that mean the same wherever one is. */
static bool take_anywhere(fs_screen *screen, fs_key key) {
    if (key == FS_KEY_QUIT)
        screen->quit = true;
    else if (key == FS_KEY_MENU)
        fs_menu_toggle(screen);
    else if (key == FS_KEY_THEME)
        fs_screen_switch_theme(screen);
    else if (key == FS_KEY_LARGER || key == FS_KEY_SMALLER || key == FS_KEY_USUAL_SIZE)
        fs_screen_enlarge(screen, key == FS_KEY_LARGER ? 1 : key == FS_KEY_SMALLER ? -1 : 0);
    else if (key == FS_KEY_ATLAS_LAYER)
        fs_screen_export_atlas(screen);
    else if (key == FS_KEY_ATLAS_NETWORK)
        fs_screen_export_network(screen);
    else if (key == FS_KEY_GABOR_REPORT)
        fs_screen_export_gabor(screen);
    else
        return false;
    return true;
}

void fs_screen_key(fs_screen *screen, fs_key key) {
    if (key == FS_KEY_SAVE)
        fs_screen_save_session(screen);
    else if (key == FS_KEY_OPEN)
        (void)fs_screen_open_session(screen, screen->session_path);
    else if (screen->lesson.on && key != FS_KEY_QUIT && key != FS_KEY_THEME)
        fs_screen_key_in_lesson(screen, key);
    else if (take_anywhere(screen, key))
        return;
    else if (screen->menu.open)
        fs_menu_key(screen, key);
    else if (key == FS_KEY_CLASS)
        fs_screen_enter_lesson(screen, 0);
    else if (key == FS_KEY_HELP || (screen->help && key == FS_KEY_ESCAPE))
        screen->help = !screen->help;
    else if (screen->help || screen->model == NULL)
        screen->message.shown = screen->message.shown && key != FS_KEY_ESCAPE;
    else if (key == FS_KEY_FIND)
        fs_screen_open_search(screen);
    else if (screen->search.open)
        screen->search.open = key != FS_KEY_ESCAPE;
    else if (key == FS_KEY_BACKSPACE && !screen->finetune.open)
        fs_screen_go_back(screen);
    else if (key == FS_KEY_EXPORT)
        fs_screen_export(screen);
    else if (screen->view.open)
        key_in_channel(screen, key);
    else if (screen->gabor.open)
        key_in_gabor(screen, key);
    else if (screen->finetune.open)
        key_in_finetune(screen, key);
    else if (screen->picture.open)
        key_in_picture(screen, key);
    else if (screen->focus == FS_FOCUS_LAYERS)
        key_in_list(screen, key);
    else
        key_in_wall(screen, key);
}
