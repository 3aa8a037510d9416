/* Manual pages and completions: every command and option is in them, and nothing in a text is taken for
 * markup. */
#include "../base/helpers.h"

#include <ctype.h>
#include <stdlib.h>

#include "app/arguments.h"
#include "app/completion.h"
#include "app/help.h"
#include "app/manual.h"

enum { MAX_WORDS = 16, MAX_LINE = 4096 };

typedef struct settings {
    int order, count;
    char shown[FS_OPTION_TEXT_SIZE], where[FS_OPTION_TEXT_SIZE], layer[FS_OPTION_TEXT_SIZE];
    uint64_t seed;
} settings;

static const char *const orders[] = {"up-hill", "down", NULL};
/* Names and texts that markup would stumble over; --seed stands in the common table too. */
static const fs_option options[] = {
    FS_OPTION_CHOICE(settings, order, "order", orders, "down", "it's [one]: \\n of two"),
    FS_OPTION_INT(settings, count, "count", -1, 32, "-1", ".npy files, -1 for all"),
    FS_OPTION_TEXT(settings, shown, "shown-text", "", "'quoted' text"),
    FS_OPTION_FOLDER(settings, where, "where", "", "folder to look in"),
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer"),
    FS_OPTION_U64(settings, seed, "seed", "0", "seed of its own"),
    FS_OPTION_END};
static const fs_command strange = {.name = "",
                                   .arguments = "[MODEL] [options]",
                                   .summary = "opens something",
                                   .options = options,
                                   .settings_size = sizeof(settings),
                                   .max_positional = 1,
                                   .positional = FS_OPTION_MEANS_MODEL,
                                   .example = "--where a-folder"};

typedef struct text {
    char *bytes;
    size_t size;
    FILE *to;
} text;

static FILE *begin(text *t) {
    *t = (text){0};
    t->to = open_memstream(&t->bytes, &t->size);
    assert_non_null(t->to);
    return t->to;
}

static void expect(const text *t, const char *part) {
    if (!strstr(t->bytes, part))
        fail_msg("no '%s' in:\n%s", part, t->bytes);
}

static void options_come_once(void **state) {
    (void)state;
    int seeds = 0, n = 0;
    for (const fs_option *o = NULL; (o = fs_command_option(&strange, n)); n++)
        if (strcmp(o->name, "seed") == 0) {
            seeds++;
            assert_ptr_equal(o, fs_options_find(options, "seed"));
        }
    assert_int_equal(seeds, 1);
    assert_int_equal(n, 6 + 4); /* its own, and the common ones but seed */
    assert_null(fs_command_option(&strange, n));
}

static void pages_escape_text(void **state) {
    (void)state;
    text t;
    fs_manual_program(begin(&t), &strange, "2026-01-31");
    fclose(t.to);
    expect(&t, ".TH FILTERSCOPE 1 2026-01-31 \"filterscope " FS_VERSION "\"");
    expect(&t, "\\fB\\-\\-order\\fR \\fBup\\-hill\\fR|\\fBdown\\fR\n");
    expect(&t, "it\\(aqs [one]: \\en of two (default: \\fBdown\\fR)\n");
    expect(&t, "\n\\&.npy files, \\-1 for all (from \\-1 to 32; default: \\fB\\-1\\fR)\n");
    expect(&t, "\n\\&\\(aqquoted\\(aq text\n");
    expect(&t, "\\fB\\-\\-where\\fR \\fIDIR\\fR\n");
    expect(&t, "filterscope \\-\\-where a\\-folder\n");
    free(t.bytes);
}

/* Lines that begin with a dot are macros; only those that exist may come. */
static void check_macros(char *page) {
    static const char *const known[] = {".TH", ".nh", ".SH", ".TP", ".PP", ".B",
                                        ".BR", ".I",  ".nf", ".fi", ".RS", ".RE"};
    for (char *line = strtok(page, "\n"); line; line = strtok(NULL, "\n")) {
        bool good = *line != '.' && *line != '\'';
        for (size_t i = 0; i < sizeof known / sizeof *known && !good; i++)
            good = strncmp(line, known[i], strlen(known[i])) == 0 &&
                   !isalpha((unsigned char)line[strlen(known[i])]);
        if (!good)
            fail_msg("not a macro: %s", line);
    }
}

static void every_command_has_its_page(void **state) {
    (void)state;
    for (const fs_command *const *c = fs_commands; *c; c++) {
        text t;
        char usage[256];
        const fs_option *o = NULL;
        fs_manual_command(begin(&t), *c, "2026-01-31");
        fclose(t.to);
        int count = 0;
        for (const char *at = t.bytes; (at = strstr(at, "\n.TP\n")); at++)
            count++;
        int n = 0;
        for (; (o = fs_command_option(*c, n)); n++) {
            int length = snprintf(usage, sizeof usage, "\\fB\\-\\-");
            for (const char *name = o->name; *name; name++)
                length += snprintf(usage + length, sizeof usage - (size_t)length,
                                   *name == '-' ? "\\%c" : "%c", *name);
            snprintf(usage + length, sizeof usage - (size_t)length, "\\fR");
            expect(&t, usage);
        }
        assert_int_equal(count, n);
        check_macros(t.bytes);
        free(t.bytes);
    }
}

/* The words of an example read as main reads them. */
static void examples_are_calls(void **state) {
    (void)state;
    for (const fs_command *const *c = fs_commands; *c; c++) {
        char line[MAX_LINE], *words[MAX_WORDS], *positional[MAX_WORDS];
        int n = 0;
        assert_non_null((*c)->example);
        assert_true(strlen((*c)->example) < sizeof line);
        strcpy(line, (*c)->example);
        for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
            assert_true(n < MAX_WORDS);
            words[n++] = word;
        }
        assert_ptr_equal(fs_command_find(words[0]), *c);
        fs_call call = {.command = *c, .argc = n - 1, .argv = words + 1, .positional = positional};
        call.settings = calloc(1, (*c)->settings_size + 1);
        call.extra = calloc(1, (*c)->extra_size + 1);
        fs_error err = {0};
        if (fs_call_parse(&call, &err) != FS_OK)
            fail_msg("filterscope %s: %s", (*c)->example, err.message);
        free(call.settings);
        free(call.extra);
    }
}

static void bash_completes_by_meaning(void **state) {
    (void)state;
    text t;
    fs_completion_bash(begin(&t), &strange);
    fclose(t.to);
    expect(&t, "        --order) takes='up-hill down' ;;\n");
    expect(&t, "        --count) takes='nothing' ;;\n");
    expect(&t, "        --where) takes='folder' ;;\n");
    expect(&t, "        --layer) takes='layer' ;;\n");
    expect(&t, "        --output | -o) takes='file' ;;\n");
    expect(&t,
           "    *)\n        options='--order --count --shown-text --where --layer --seed --model --threads ");
    expect(&t, "    echo models pull layers");
    free(t.bytes);
}

static void zsh_and_fish_quote(void **state) {
    (void)state;
    text t;
    fs_completion_zsh(begin(&t), &strange);
    fclose(t.to);
    assert_memory_equal(t.bytes, "#compdef filterscope\n", 21);
    expect(&t, "'--order=[it'\\''s \\[one\\]\\: \\\\n of two]:word:(up-hill down)'");
    expect(&t, "'--where=[folder to look in]:folder:_files -/'");
    expect(&t, "'--quiet[no progress on the terminal]'");
    expect(&t, "'*:model:_filterscope_models'");
    free(t.bytes);
    fs_completion_fish(begin(&t), &strange);
    fclose(t.to);
    expect(&t, " -l order -x -a 'up-hill down' -d 'it\\'s [one]: \\\\n of two'\n");
    expect(&t, "'__fish_seen_subcommand_from render' -l output -s o -r -F -d ");
    expect(&t, "complete -c filterscope -n __fish_use_subcommand -a render -d ");
    free(t.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_come_once),          cmocka_unit_test(pages_escape_text),
        cmocka_unit_test(every_command_has_its_page), cmocka_unit_test(examples_are_calls),
        cmocka_unit_test(bash_completes_by_meaning),  cmocka_unit_test(zsh_and_fish_quote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
