/* The routines of LAPACK that are used, in Fortran's calling convention: matrices are column-major. */
#ifndef FS_GABOR_LAPACK_H
#define FS_GABOR_LAPACK_H

/* Singular values of a = u diag(s) vt; job 'S': the thin factors, 'N': none. */
void dgesvd_(const char *job_u, const char *job_vt, const int *m, const int *n, double *a, const int *lda,
             double *s, double *u, const int *ldu, double *vt, const int *ldvt, double *work,
             const int *lwork, int *info);
/* a = QR, R in the upper triangle. */
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
             const int *lwork, int *info);
/* The inverse of a triangular matrix; info > 0: singular. */
void dtrtri_(const char *uplo, const char *diag, const int *n, double *a, const int *lda, int *info);

#endif
