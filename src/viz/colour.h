/* Colours: three decorrelated planes -> RGB in 0..1, and the gradient back.
 *
 *     fs_colour_forward(&fs_colour_decorrelated, planes, width, pixels);
 *     fs_colour_backward(&fs_colour_decorrelated, pixels, pixel_grad, width, plane_grads);
 *
 * RGB = sigmoid(M t). M's columns are the principal axes of natural images' colours, scaled by their spread,
 * so that a step of equal length along each changes a picture about as much as pictures vary. Pure functions.
 */
#ifndef FS_VIZ_COLOUR_H
#define FS_VIZ_COLOUR_H

typedef struct fs_colour_matrix {
    float m[3][3]; /* rows R, G, B; columns the planes */
} fs_colour_matrix;

/* Square root of the colour covariance of ImageNet's pixels over its largest column norm, as in Lucid
 * (Olah, Mordvintsev, Schubert, Distill 2017, doi:10.23915/distill.00007). */
extern const fs_colour_matrix fs_colour_decorrelated;
extern const fs_colour_matrix fs_colour_identity;

/* count pixels: planes[k][i] -> pixels[4 i + c] (canvas.h), the fourth float of a pixel is set to zero. */
void fs_colour_forward(const fs_colour_matrix *matrix, const float *const planes[3], int count,
                       float *pixels);

/* pixels: what forward gave; pixel_grad[4 i + c] -> plane_grad[k][i], overwritten. */
void fs_colour_backward(const fs_colour_matrix *matrix, const float *pixels, const float *pixel_grad,
                        int count, float *const plane_grad[3]);

/* R = G = B = sigmoid(t): one plane, for networks that see no colours. */
void fs_grey_forward(const float *plane, int count, float *pixels);
void fs_grey_backward(const float *pixels, const float *pixel_grad, int count, float *plane_grad);

#endif
