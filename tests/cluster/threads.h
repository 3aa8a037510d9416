/* A cluster whose processes are threads of the test, so that what several processes do together can be tested
 * under the sanitizers and without MPI. */
#ifndef FS_TESTS_CLUSTER_THREADS_H
#define FS_TESTS_CLUSTER_THREADS_H

#include "cluster/cluster.h"

/* Runs body on `size` threads, each with a cluster of its own of that size. Bodies must not use cmocka's
 * checks: they leave what they found in context. */
void threads_run(int size, void (*body)(fs_cluster *cluster, void *context), void *context);

#endif
