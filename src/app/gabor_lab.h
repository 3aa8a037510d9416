/* The bench of the command `gabor`: kernels made from numbers, and kernels read from files. */
#ifndef FS_APP_GABOR_LAB_H
#define FS_APP_GABOR_LAB_H

#include "gabor/kernels.h"

enum { FS_GABOR_LAB_MAX_SIDE = 1024, FS_GABOR_LAB_MAX_BANK = 256 };

/* "LAMBDA,THETA,PSI,SIGMA,GAMMA" for each kernel -> a file: .npy [size,size], of several [n,1,size,size]; or
 * a grey .png, side by side, -1..1 as black to white. */
fs_status fs_gabor_lab_make(const char *const *specs, int count, int size, const char *path, fs_error *err);

/* .npy of rank 2 [h,w], 3 [c,h,w] or 4 [n,c,h,w] with c 1 or 3, or a picture in 0..1 (one channel where it is
 * grey). crop: "x,y,w,h" in pixels, "" for all of it. */
fs_status fs_gabor_lab_read(fs_kernels *out, const char *path, const char *crop, fs_error *err);

#endif
