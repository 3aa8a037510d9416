#include "engine/train/loss.h"

#include <math.h>

/* log sum exp of the scores, without overflow */
static double log_sum_exp(const float *scores, int classes) {
    double top = (double)scores[0];
    for (int k = 1; k < classes; k++)
        top = fmax(top, (double)scores[k]);
    double sum = exp((double)scores[0] - top);
    for (int k = 1; k < classes; k++)
        sum += exp((double)scores[k] - top);
    return top + log(sum);
}

double fs_cross_entropy(const float *scores, int classes, int label, double smoothing, float *gradient) {
    const double whole = log_sum_exp(scores, classes), rest = smoothing / classes;
    double loss = 0;
    for (int k = 0; k < classes; k++) {
        const double target = rest + (k == label ? 1 - smoothing : 0);
        const double log_probability = (double)scores[k] - whole;
        if (target > 0)
            loss -= target * log_probability;
        if (gradient)
            gradient[k] = (float)(exp(log_probability) - target);
    }
    return loss;
}

void fs_softmax(const float *scores, int classes, float *probabilities) {
    const double whole = log_sum_exp(scores, classes);
    for (int k = 0; k < classes; k++)
        probabilities[k] = (float)exp((double)scores[k] - whole);
}

int fs_label_rank(const float *scores, int classes, int label) {
    int rank = 0;
    for (int k = 0; k < classes; k++)
        rank += scores[k] > scores[label] || (k < label && scores[k] == scores[label]);
    return rank;
}
