#include "viz/spelling.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 31, FAR = 1000 };

static int least(int a, int b) {
    return a < b ? a : b;
}

static int distance(const char *a, const char *b) {
    int rows[LONGEST + 1][LONGEST + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST)
        return FAR;
    for (size_t i = 0; i <= n; i++)
        for (size_t k = 0; k <= m; k++) {
            if (i == 0 || k == 0) {
                rows[i][k] = (int)(i + k);
                continue;
            }
            int changed = rows[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
            rows[i][k] = least(changed, 1 + least(rows[i - 1][k], rows[i][k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                rows[i][k] = least(rows[i][k], rows[i - 2][k - 2] + 1);
        }
    return rows[n][m];
}

fs_spelling fs_spelling_of(const char *word) {
    size_t length = strlen(word);
    return (fs_spelling){.word = word,
                         .distance = length > 6   ? 4
                                     : length > 3 ? 3
                                                  : 2}; /* nearer than that */
}

void fs_spelling_try(fs_spelling *spelling, const char *candidate) {
    int d = distance(spelling->word, candidate);
    if (d >= spelling->distance)
        return;
    spelling->distance = d;
    spelling->best = candidate;
}
