/* "did you mean": the nearest of several words by the number of letters to insert, drop, change or swap
 * (optimal string alignment).
 *
 *     fs_spelling spelling = fs_spelling_of("chanel");
 *     fs_spelling_try(&spelling, "channel");  fs_spelling_try(&spelling, "neuron");
 *     if (spelling.best) ...                              // "channel"
 *
 * Words are borrowed. */
#ifndef FS_VIZ_SPELLING_H
#define FS_VIZ_SPELLING_H

typedef struct fs_spelling {
    const char *word;
    const char *best; /* NULL: nothing is near */
    int distance;     /* of best */
} fs_spelling;

fs_spelling fs_spelling_of(const char *word);
void fs_spelling_try(fs_spelling *spelling, const char *candidate);

#endif
