/* A pool of threads for parallel loops inside one computation.
 *
 *     static void rows(void *context, int first, int last, int thread) { ... }
 *     fs_pool_for(pool, height, 16, rows, &job);    // rows [first,last) in pieces of about 16
 *
 * The calling thread takes part. Pieces are handed out dynamically, so a body must write places that belong
 * to its own range; then results do not depend on who computed them. A NULL pool runs the loop in the
 * caller. One loop at a time per pool: a pool belongs to one computation. */
#ifndef FS_BASE_POOL_H
#define FS_BASE_POOL_H

#include "base/error.h"

typedef struct fs_pool fs_pool;
typedef void (*fs_pool_body)(void *context, int first, int last, int thread);

/* threads = 0 means one per online core. */
fs_status fs_pool_create(fs_pool **out, int threads, fs_error *err);
void fs_pool_destroy(fs_pool *pool);
int fs_pool_threads(const fs_pool *pool); /* 1 for NULL */

/* Calls body until [0,count) is covered by pieces of at most `grain` (>= 1); returns when all is done. */
void fs_pool_for(fs_pool *pool, int count, int grain, fs_pool_body body, void *context);

int fs_cpu_count(void); /* cores this process may run on */

#endif
