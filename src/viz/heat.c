#include "viz/heat.h"

#include <math.h>

static const uint8_t sequential[][3] = {{0, 0, 4},      {31, 12, 72},   {85, 15, 109},
                                        {136, 34, 106}, {186, 54, 85},  {227, 89, 51},
                                        {249, 140, 10}, {249, 201, 50}, {252, 255, 164}};
static const uint8_t diverging[][3] = {
    {5, 48, 97}, {67, 147, 195}, {247, 247, 247}, {214, 96, 77}, {103, 0, 31}};

static void between(const uint8_t (*points)[3], int count, double share, uint8_t rgb[3]) {
    double at = fmax(0, fmin(share, 1)) * (count - 1); /* fmin takes NaN to 1 */
    int i = (int)fmin(floor(at), count - 2);
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lrint(points[i][c] + (at - i) * (points[i + 1][c] - points[i][c]));
}

void fs_heat_sequential(double share, uint8_t rgb[3]) {
    between(sequential, sizeof sequential / sizeof *sequential, share, rgb);
}

void fs_heat_diverging(double share, uint8_t rgb[3]) {
    between(diverging, sizeof diverging / sizeof *diverging, (share + 1) / 2, rgb);
}
