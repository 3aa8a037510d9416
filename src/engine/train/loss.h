/* Softmax cross-entropy of class scores, with label smoothing: the loss of classification.
 *
 *     L = - sum_k t_k log softmax(z)_k,    t_k = (1 - e) [k == label] + e / K
 *
 * (Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7; e = 0: the plain one.) The
 * gradient on the scores is softmax(z) - t. Sums are taken in double. Values only; any thread. */
#ifndef FS_ENGINE_TRAIN_LOSS_H
#define FS_ENGINE_TRAIN_LOSS_H

/* scores [classes]; gradient [classes] may be NULL. Returns the loss of one item. */
double fs_cross_entropy(const float *scores, int classes, int label, double smoothing, float *gradient);

/* probabilities [classes], which may be the scores themselves. */
void fs_softmax(const float *scores, int classes, float *probabilities);

/* How many classes have a higher score than the label's, those of the same score and a smaller number
 * included: 0 is a hit, below 5 a hit among the first five. */
int fs_label_rank(const float *scores, int classes, int label);

#endif
