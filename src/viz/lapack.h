/* The routines of LAPACK that are used, as OpenBLAS has them: Fortran's, so every argument is a pointer and
 * matrices are stored column by column (a row-major matrix is its own transpose to them). */
#ifndef FS_VIZ_LAPACK_H
#define FS_VIZ_LAPACK_H

/* A [m,n] = U diag(s) Vt by divide and conquer; jobz "S": the first min(m,n) columns of U and rows of Vt. */
void sgesdd_(const char *jobz, const int *m, const int *n, float *a, const int *lda, float *s, float *u,
             const int *ldu, float *vt, const int *ldvt, float *work, const int *lwork, int *iwork,
             int *info);

/* The same in double precision; jobz "N": singular values alone. */
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
             const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork,
             int *info);
/* A = QR, R in the upper triangle. */
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
             const int *lwork, int *info);
/* BLAS: C = alpha op(A) op(B) + beta C. */
void dgemm_(const char *transa, const char *transb, const int *m, const int *n, const int *k,
            const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
            const double *beta, double *c, const int *ldc);

/* Solves A X = B for a symmetric positive definite A [n,n]; X takes the place of B [n,nrhs]. */
void sposv_(const char *uplo, const int *n, const int *nrhs, float *a, const int *lda, float *b,
            const int *ldb, int *info);

#endif
